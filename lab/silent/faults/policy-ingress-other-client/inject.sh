sleep 10; kubectl -n $NS rollout restart deployment campaigns
