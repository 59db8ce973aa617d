# Names, places and small helpers of the scripts beside this file. Sourced, not run.
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ASSETS=${KUBE_ASSETS:-$HOME/.cache/optral/kube-$(cat "$HERE/KUBE_VERSION")}
NETNS=${CLUSTER_NETNS:-optral-cluster}
RUN=${CLUSTER_DIR:-/run/$NETNS}
PORT=${CLUSTER_PORT:-16443}          # the API server, the same number inside the network namespace and on the host's loopback
NET=10.99.0                          # node network: .10 is the control plane, .10+i is node i
CONTROL_IP=$NET.10

say() { printf '%4ds  %s\n' "$SECONDS" "$*" >&2; }
die() { echo "error: $*" >&2; exit 1; }
alive() { [ -n "${1:-}" ] && [ -r "/proc/$1/stat" ] && ! grep -q ') Z ' "/proc/$1/stat"; }
child_of() { ps -o pid= --ppid "$1" 2>/dev/null | head -1 | tr -d ' '; }

# wait_for SECONDS WHAT COMMAND...: repeat the command five times a second until it succeeds
wait_for() {
  local until=$(( $(date +%s) + $1 )) what=$2; shift 2
  until "$@" >/dev/null 2>&1; do
    [ "$(date +%s)" -lt "$until" ] || die "gave up waiting for $what (logs: $RUN/log)"
    sleep 0.2
  done
}

# holder NAME: a private mount and process namespace inside the network namespace, kept open by its own init.
# Everything started in it dies with it and takes its mounts along, so nothing can leak.
holder() {
  setsid nsenter --net="/run/netns/$NETNS" unshare --mount --propagation private --pid --fork --kill-child=KILL --mount-proc \
    bash -c 'mount --make-rshared / && touch "$1/$2.up"; trap : CHLD; while :; do sleep 86400 & wait $!; done' holder "$RUN" "$1" \
    >"$RUN/log/holder-$1.log" 2>&1 </dev/null &
  echo $! >"$RUN/$1.holder.pid"
  wait_for 10 "namespaces of $1" test -e "$RUN/$1.up"
  child_of "$(cat "$RUN/$1.holder.pid")" >"$RUN/$1.init.pid"
}
inside() { local h=$1; shift; nsenter -t "$(cat "$RUN/$h.init.pid")" --mount --net --pid -- "$@"; }

# start HOLDER NAME COMMAND...: run in the background inside a holder, record the process id, the log and how to start it again
start() {
  local h=$1 n=$2; shift 2
  printf '%q ' start "$h" "$n" "$@" >"$RUN/$n.cmd"
  setsid nsenter -t "$(cat "$RUN/$h.init.pid")" --mount --net --pid -- sh -c 'cd "$0" && exec "$@"' "$RUN" "$@" >>"$RUN/log/$n.log" 2>&1 </dev/null &
  local outer=$!
  for _ in $(seq 50); do [ -n "$(child_of $outer)" ] && break; sleep 0.1; done
  child_of $outer >"$RUN/$n.pid"
}

# Both generations of control groups, so that pods of this cluster stay below one directory.
CGROUP=/sys/fs/cgroup
cgroup_roots() { if [ -f $CGROUP/cgroup.controllers ]; then echo $CGROUP; else for d in $CGROUP/*/; do [ -L "${d%/}" ] || [ ! -f "$d/cgroup.procs" ] || echo "${d%/}"; done; fi; }
cgroup_make() { # PATH below the root, such as optral-cluster/node-1
  local root dir part c
  for root in $(cgroup_roots); do
    dir=$root
    for part in ${1//\// }; do
      if [ -f "$dir/cgroup.controllers" ] && [ -f $CGROUP/cgroup.controllers ]; then
        for c in $(cat "$dir/cgroup.controllers"); do echo "+$c" >"$dir/cgroup.subtree_control" 2>/dev/null || true; done
      fi
      mkdir -p "$dir/$part"
      if [ -f "$dir/$part/cpuset.mems" ] && [ ! -f $CGROUP/cgroup.controllers ]; then
        [ -n "$(cat "$dir/$part/cpuset.cpus")" ] || cat "$dir/cpuset.cpus" >"$dir/$part/cpuset.cpus"
        [ -n "$(cat "$dir/$part/cpuset.mems")" ] || cat "$dir/cpuset.mems" >"$dir/$part/cpuset.mems"
      fi
      dir=$dir/$part
    done
  done
}
cgroup_remove() { local root; for root in $(cgroup_roots); do [ ! -d "$root/$1" ] || find "$root/$1" -depth -type d -exec rmdir {} + 2>/dev/null || true; done; }
