sleep 5; kubectl -n $NS exec deploy/consumer -- sh -c 'kill -9 1' ; kubectl -n $NS delete pod -l app=consumer --grace-period=0 --force
