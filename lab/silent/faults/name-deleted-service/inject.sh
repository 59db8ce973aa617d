sleep 10; kubectl -n $NS delete service tax-rates
