kubectl -n $NS patch secret database -p '{"stringData":{"password":"amber-window-40"}}'
for i in $(seq 60); do kubectl -n $NS exec deploy/orders -- cat /credentials/password | grep -q amber && break; sleep 2; done
sleep 0; kubectl -n $NS exec deploy/postgres -- psql -q -U postgres -d shop -c "ALTER ROLE shop PASSWORD 'amber-window-40'"
