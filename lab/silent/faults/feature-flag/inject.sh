kubectl -n $NS patch configmap flags --type merge -p '{"data": {"flags.json": "{\"new-tax-engine\": true}"}}'
