sleep 10; kubectl -n $NS exec deploy/redis -- redis-cli client kill type normal
