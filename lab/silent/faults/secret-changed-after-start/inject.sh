sleep 10
kubectl -n $NS patch secret database --type merge -p '{"stringData": {"password": "amber-window-40"}}'
sleep 0; kubectl -n $NS exec deploy/postgres -- psql -q -U postgres -d shop -c "ALTER ROLE shop PASSWORD 'amber-window-40'"
