kubectl -n $NS patch configmap price-list --type merge -p '{"data": {"prices.json": "{\"currency\": \"USD\", \"items\": []}"}}'
