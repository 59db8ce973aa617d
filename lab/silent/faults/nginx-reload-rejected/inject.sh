kubectl -n $NS get configmap cdn-config -o yaml | sed 's|location / {|proxy_cache_pth /tmp; location / {|' | kubectl -n $NS replace -f -
