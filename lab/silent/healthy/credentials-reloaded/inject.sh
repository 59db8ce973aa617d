kubectl -n $NS patch secret database --type merge -p '{"stringData": {"password": "amber-window-40"}}'
for i in $(seq 60); do kubectl -n $NS exec deploy/orders -- grep -q amber /credentials/password && break; sleep 2; done
sleep 0; kubectl -n $NS exec deploy/postgres -- psql -q -U postgres -d shop -c "ALTER ROLE shop PASSWORD 'amber-window-40'"
