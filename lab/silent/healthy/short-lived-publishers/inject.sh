sleep 5; kubectl -n $NS delete pod -l app=consumer --grace-period=0 --force
