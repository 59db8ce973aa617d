kubectl -n $NS get configmap gateway-config -o yaml | sed 's|catalog:8080|catalog:8081|' | kubectl -n $NS replace -f -
kubectl -n $NS rollout restart deployment gateway
kubectl -n $NS rollout status deployment gateway --timeout 90s
