sleep 10; kubectl -n $NS patch service postgres -p '{"spec":{"selector":{"app":"postgresql"}}}'
