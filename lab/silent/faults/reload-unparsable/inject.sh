kubectl -n $NS patch configmap price-list --type merge -p '{"data": {"prices.json": "{\"currency\": \"EUR\", \"items\": [{\"id\": 1,, \"price\": 990}]}"}}'
