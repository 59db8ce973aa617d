#!/bin/bash
# Start a Kubernetes cluster inside a network namespace of its own and print its KUBECONFIG; progress goes to stderr. See README.md.
#   up.sh [--no-node | --bare] [--nodes N] [--kwok N]
set -eu
. "$(dirname "$0")/common.sh"
nodes=1 fake=0 controllers=1
while [ $# -gt 0 ]; do
  case $1 in
    --no-node) nodes=0 ;;
    --bare) nodes=0 controllers=0 ;;
    --nodes) nodes=$2; shift ;;
    --kwok) fake=$2; shift ;;
    *) die "unknown option $1" ;;
  esac
  shift
done
[ "$(id -u)" = 0 ] || die "needs root"
[ ! -e "$RUN/control.init.pid" ] || die "$RUN exists: run make cluster-down first"
for b in kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy kubectl images/busybox.tar images/pause.tar; do
  [ -e "$ASSETS/$b" ] || die "$ASSETS/$b is missing: make cluster-up builds it"
done
[ "$fake" = 0 ] || [ -e "$ASSETS/kwok" ] || die "$ASSETS/kwok is missing: run python -m tests.setup kwok"
KUBECTL=$ASSETS/kubectl
PYTHON=$(command -v "${PYTHON:-python3}")
cni_bin=/usr/lib/cni; [ -x $cni_bin/ptp ] || cni_bin=/opt/cni/bin
trap '[ $? = 0 ] || { tail -n 3 "$RUN"/log/*.log >&2; "$HERE/down.sh" --keep-logs >&2; }' EXIT   # an attempt that fails leaves only its logs
mkdir -p "$RUN/log" "$RUN/pki"
cd "$RUN"

# --- network: one namespace, one bridge that carries the node addresses, no way out ---
ip netns add "$NETNS"
nsx() { nsenter --net="/run/netns/$NETNS" "$@"; }
nsx ip link set lo up
nsx ip link add node0 type bridge
nsx ip link set node0 up
for i in $(seq 0 "$nodes"); do nsx ip addr add "$NET.$((10 + i))/24" dev node0; done
nsx ip route add 10.96.0.0/16 dev node0
nsx sysctl -qw net.ipv4.ip_forward=1
holder control

# --- keys ---
key() { openssl ecparam -name prime256v1 -genkey -noout -out "pki/$1.key"; }
cert() { # NAME SUBJECT [EXTENSIONS]
  key "$1"
  openssl req -new -key "pki/$1.key" -subj "$2" -out "pki/$1.csr"
  openssl x509 -req -in "pki/$1.csr" -CA pki/ca.crt -CAkey pki/ca.key -CAcreateserial -days 365 -out "pki/$1.crt" ${3:+-extfile "$3"} 2>/dev/null
}
kubeconfig() {
  cat >"$1.kubeconfig" <<E
apiVersion: v1
kind: Config
clusters: [{name: optral-cluster, cluster: {server: "https://127.0.0.1:$PORT", certificate-authority: "$RUN/pki/ca.crt"}}]
users: [{name: $1, user: {client-certificate: "$RUN/pki/$1.crt", client-key: "$RUN/pki/$1.key"}}]
contexts: [{name: optral-cluster, context: {cluster: optral-cluster, user: $1}}]
current-context: optral-cluster
E
}
key ca; openssl req -x509 -new -key pki/ca.key -subj /CN=optral-cluster -days 365 -out pki/ca.crt
echo "subjectAltName=DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:localhost,IP:127.0.0.1,IP:10.96.0.1,IP:$CONTROL_IP" >pki/apiserver.ext
cert apiserver /CN=kube-apiserver pki/apiserver.ext
cert admin /O=system:masters/CN=admin
cert controllers /CN=system:kube-controller-manager
cert scheduler /CN=system:kube-scheduler
cert proxy /CN=system:kube-proxy
openssl ecparam -name prime256v1 -genkey -noout -out pki/sa.key
for c in admin controllers scheduler proxy; do kubeconfig $c; done

# --- control plane ---
etcd=$(command -v etcd || echo "$ASSETS/etcd")
start control etcd "$etcd" --data-dir "$RUN/etcd" --unsafe-no-fsync --listen-client-urls http://127.0.0.1:12379 --advertise-client-urls http://127.0.0.1:12379 \
  --listen-peer-urls http://127.0.0.1:12380 --initial-advertise-peer-urls http://127.0.0.1:12380 --initial-cluster default=http://127.0.0.1:12380
start control apiserver "$ASSETS/kube-apiserver" --etcd-servers=http://127.0.0.1:12379 --secure-port="$PORT" --bind-address=0.0.0.0 --advertise-address=$CONTROL_IP \
  --cert-dir="$RUN/pki" --tls-cert-file=pki/apiserver.crt --tls-private-key-file=pki/apiserver.key --client-ca-file=pki/ca.crt \
  --service-account-issuer=https://kubernetes.default.svc --service-account-key-file=pki/sa.key --service-account-signing-key-file=pki/sa.key \
  --service-cluster-ip-range=10.96.0.0/16 --authorization-mode=Node,RBAC --enable-admission-plugins=NodeRestriction --allow-privileged \
  --kubelet-client-certificate=pki/admin.crt --kubelet-client-key=pki/admin.key --kubelet-preferred-address-types=InternalIP
# from the host: 127.0.0.1:PORT <-> unix socket <-> the same port inside
start control bridge socat "UNIX-LISTEN:$RUN/api.sock,fork,unlink-early" "TCP:127.0.0.1:$PORT"
( exec setsid socat "TCP-LISTEN:$PORT,bind=127.0.0.1,fork,reuseaddr" "UNIX-CONNECT:$RUN/api.sock" ) >log/forward.log 2>&1 </dev/null &
echo $! >forward.outer.pid
curl_api() { curl -sf --cacert pki/ca.crt --cert pki/admin.crt --key pki/admin.key "https://127.0.0.1:$PORT$1"; }
ready_node() { curl_api "/api/v1/nodes/$1" | "$PYTHON" -c 'import json, sys; sys.exit(not any(c["type"] == "Ready" and c["status"] == "True" for c in json.load(sys.stdin)["status"].get("conditions", [])))'; }
wait_for 60 "the API server" curl_api /readyz
say "API server answers"
if [ $controllers = 1 ]; then
  start control controllers "$ASSETS/kube-controller-manager" --kubeconfig=controllers.kubeconfig --service-account-private-key-file=pki/sa.key --root-ca-file=pki/ca.crt \
    --use-service-account-credentials=true --leader-elect=false --bind-address=127.0.0.1 --node-monitor-grace-period=20s --kube-api-qps=200 --kube-api-burst=400
  start control scheduler "$ASSETS/kube-scheduler" --kubeconfig=scheduler.kubeconfig --leader-elect=false --bind-address=127.0.0.1 --kube-api-qps=200 --kube-api-burst=400
fi

# --- nodes: containerd and kubelet, each pair in a holder of its own, so that a node can be switched off alone ---
node() {
  local i=$1 n=node-$1 ip=$NET.$((10 + $1)) d=$RUN/node-$1
  mkdir -p "$d/cni" "$d/containerd" "$d/kubelet" "$d/logs" "$d/certs.d/docker.io" "$d/certs.d/registry.shop.test"
  holder "$n"
  cert "$n" "/O=system:nodes/CN=system:node:$n"
  kubeconfig "$n"
  printf 'server = "http://127.0.0.1:5000"\n[host."http://127.0.0.1:5000"]\n  capabilities = ["pull", "resolve"]\n' | tee "$d/certs.d/docker.io/hosts.toml" >"$d/certs.d/registry.shop.test/hosts.toml"
  echo "nameserver $CONTROL_IP" >"$d/resolv.conf"
  printf 'hosts: files dns\n' >"$d/nsswitch.conf"
  # Places with fixed names that the runtime writes to: keep them out of the host's directories.
  for p in /var/log/containers /var/log/pods /var/lib/cni /var/lib/kubelet /run/containerd; do mkdir -p $p; inside "$n" mount -t tmpfs -o mode=755 optral-cluster $p; done
  for p in resolv.conf nsswitch.conf; do [ ! -e /etc/$p ] || inside "$n" mount --bind "$d/$p" "$(readlink -f /etc/$p)"; done
  cat >"$d/cni/10-pods.conflist" <<E
{"cniVersion":"0.4.0","name":"pods-$i","plugins":[{"type":"ptp","ipMasq":false,"ipam":{"type":"host-local","dataDir":"$d/ipam","ranges":[[{"subnet":"10.88.$i.0/24"}]],"routes":[{"dst":"0.0.0.0/0"}]}},{"type":"portmap","capabilities":{"portMappings":true}}]}
E
  cat >"$d/containerd.toml" <<E
version = 2
root = "$d/containerd/root"
state = "$d/containerd/state"
[grpc]
  address = "$d/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "optral.test/pause:1"
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "$cni_bin"
    conf_dir = "$d/cni"
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "$d/certs.d"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "${SNAPSHOTTER:-overlayfs}"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
E
  start "$n" "$n.containerd" containerd -c "$d/containerd.toml"
  wait_for 30 "containerd of $n" inside "$n" ctr -a "$d/containerd.sock" version
  for image in "$ASSETS"/images/*.tar; do inside "$n" ctr -a "$d/containerd.sock" -n k8s.io images import "$image" >>log/images.log 2>&1; done
  cgroup_make "$NETNS/$n"
  cat >"$d/kubelet.yaml" <<E
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
address: $ip
healthzBindAddress: $ip
readOnlyPort: 0
containerRuntimeEndpoint: unix://$d/containerd.sock
cgroupDriver: cgroupfs
cgroupRoot: /$NETNS/$n
failCgroupV1: false
failSwapOn: false
authentication: {anonymous: {enabled: false}, webhook: {enabled: true}, x509: {clientCAFile: $RUN/pki/ca.crt}}
authorization: {mode: Webhook}
clusterDomain: cluster.local
clusterDNS: [$CONTROL_IP]
resolvConf: $d/resolv.conf
podLogsDir: $d/logs
nodeStatusUpdateFrequency: 4s
nodeLeaseDurationSeconds: 20
syncFrequency: 10s
maxPods: 200
evictionHard: {memory.available: 100Mi, nodefs.available: 1%, imagefs.available: 1%}
imageGCHighThresholdPercent: 100  # never: with a full disk it would delete the pause image, which no registry has
imageGCLowThresholdPercent: 99
E
  start "$n" "$n.kubelet" "$ASSETS/kubelet" --config="$d/kubelet.yaml" --kubeconfig="$n.kubeconfig" --root-dir="$d/kubelet" --cert-dir="$d/kubelet/pki" \
    --hostname-override="$n" --node-ip="$ip" --v=1
}
if [ "$nodes" -gt 0 ]; then
  start control registry "$PYTHON" "$HERE/registry.py" 5000
  start control names "$PYTHON" "$HERE/names.py" $CONTROL_IP "$RUN" "https://127.0.0.1:$PORT"
  for i in $(seq "$nodes"); do node "$i"; done
  cat >proxy.yaml <<E
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: iptables
clientConnection: {kubeconfig: $RUN/proxy.kubeconfig}
clusterCIDR: 10.88.0.0/16
hostnameOverride: node-1
bindAddress: $NET.11
healthzBindAddress: 127.0.0.1:10256
metricsBindAddress: 127.0.0.1:10249
conntrack: {maxPerCore: 0, min: 0}
E
  # kube-proxy looks for its node once at the start
  wait_for 60 "node-1 to register" curl_api /api/v1/nodes/node-1
  start control kube-proxy "$ASSETS/kube-proxy" --config=proxy.yaml
  for i in $(seq "$nodes"); do
    wait_for 60 "node-$i to be Ready" ready_node "node-$i"
    say "node-$i is Ready"
  done
fi

# --- fake nodes, run by kwok: their pods become Running or Succeeded without any process ---
if [ "$fake" -gt 0 ]; then
  start control kwok "$ASSETS/kwok" --kubeconfig=admin.kubeconfig --config="$ASSETS/kwok-stages.yaml" --manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake --cidr=10.120.0.0/16 --node-lease-duration-seconds=40 --v=WARN
  "$PYTHON" - "$fake" <<'PY' >fake-nodes.json
import json, sys
size = {"cpu": "64", "memory": "256Gi", "pods": "1000", "ephemeral-storage": "1Ti"}
print(json.dumps({"apiVersion": "v1", "kind": "List", "items": [{
    "apiVersion": "v1", "kind": "Node",
    "metadata": {"name": f"fake-{i}", "annotations": {"kwok.x-k8s.io/node": "fake", "node.alpha.kubernetes.io/ttl": "0"},
                 "labels": {"kubernetes.io/hostname": f"fake-{i}", "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64", "type": "kwok"}},
    "spec": {"taints": [{"key": "kwok.x-k8s.io/node", "value": "fake", "effect": "NoSchedule"}]},
    "status": {"capacity": size, "allocatable": size}} for i in range(1, int(sys.argv[1]) + 1)]}))
PY
  "$KUBECTL" --kubeconfig admin.kubeconfig create -f fake-nodes.json >>log/kwok-nodes.log
  wait_for 60 "the last fake node" ready_node "fake-$fake"
  say "$fake fake nodes"
fi
say "up"
echo "export KUBECONFIG=$RUN/admin.kubeconfig"
