#!/bin/bash
# load.sh ARCHIVE...: bring container images onto every node of the running cluster, as a node without a registry gets them.
set -eu
. "$(dirname "$0")/common.sh"
[ -e "$RUN/control.init.pid" ] || die "the cluster is not up"
for d in "$RUN"/node-*/; do
  n=$(basename "$d")
  for archive in "$@"; do
    inside "$n" ctr -a "$d/containerd.sock" -n k8s.io images import "$(realpath "$archive")" >>"$RUN/log/images.log" 2>&1 || die "$archive does not load on $n (log: $RUN/log/images.log)"
  done
done
