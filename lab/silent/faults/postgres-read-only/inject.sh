sleep 0; kubectl -n $NS exec deploy/postgres -- psql -q -U postgres -d shop -c "ALTER SYSTEM SET default_transaction_read_only = on"
sleep 0; kubectl -n $NS exec deploy/postgres -- psql -q -U postgres -d shop -c "SELECT pg_reload_conf()"
