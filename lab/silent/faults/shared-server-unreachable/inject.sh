sleep 10
kubectl -n $NS patch service postgres --type merge -p '{"spec": {"selector": {"app": "postgresql"}}}'
