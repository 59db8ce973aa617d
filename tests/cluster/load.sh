#!/bin/bash
# load.sh ARCHIVE...: bring container images onto every node of the running cluster, as a node without a registry gets them.
set -eu
. "$(dirname "$0")/common.sh"
[ -e "$RUN/control.init.pid" ] || die "the cluster is not up"
import_into() { # NODE-DIRECTORY ARCHIVE...
  local d=$1 n; n=$(basename "$1"); shift
  for archive in "$@"; do
    inside "$n" ctr -a "$d/containerd.sock" -n k8s.io images import "$(realpath "$archive")" >>"$RUN/log/images.log" 2>&1 || die "$archive does not load on $n (log: $RUN/log/images.log)"
  done
}
nodes=()
for d in "$RUN"/node-*/; do import_into "$d" "$@" & nodes+=($!); done # at once: a node unpacks for ten seconds
for pid in "${nodes[@]}"; do wait "$pid" || exit 1; done
