sleep 5; kubectl -n $NS rollout restart deployment catalog
