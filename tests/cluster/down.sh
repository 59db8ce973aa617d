#!/bin/bash
# Stop the cluster and remove everything it left. Safe to run at any time, also twice. --keep-logs leaves the log directory.
set -u
. "$(dirname "$0")/common.sh"
if [ -d "$RUN" ]; then
  # A holder is the init of its processes and mounts: when it dies, the kernel ends all of them.
  for f in "$RUN"/*.holder.pid; do
    [ -e "$f" ] || continue
    p=$(cat "$f"); init=$(cat "${f%.holder.pid}.init.pid" 2>/dev/null)
    # A recorded number may belong to somebody else after a reboot: only a process of this cluster is stopped.
    if alive "$p" && grep -qa "$RUN" "/proc/$p/cmdline"; then kill -9 "$p" 2>/dev/null; fi
    if alive "$init" && grep -qa "$RUN" "/proc/$init/cmdline"; then kill -9 "$init" 2>/dev/null; fi
  done
  for f in "$RUN"/*.outer.pid; do
    [ -e "$f" ] || continue
    p=$(cat "$f"); if alive "$p" && grep -qa "$RUN" "/proc/$p/cmdline"; then kill -- "-$p" 2>/dev/null || kill "$p"; fi
  done
  for f in "$RUN"/*.init.pid "$RUN"/*.outer.pid; do
    [ -e "$f" ] || continue
    p=$(cat "$f"); for _ in $(seq 100); do alive "$p" && grep -qa "$RUN" "/proc/$p/cmdline" || break; sleep 0.1; done
  done
fi
# Mounts live in the holders' namespaces and are gone with them; this is for a run that was cut off half way.
grep " $RUN/" /proc/self/mounts | awk '{print $2}' | sort -r | while read -r m; do umount -l "$m"; done
ip netns list 2>/dev/null | grep -q "^$NETNS\b" && ip netns del "$NETNS"
for _ in $(seq 20); do
  cgroup_remove "$NETNS"
  left=0; for root in $(cgroup_roots); do [ ! -d "$root/$NETNS" ] || left=1; done
  [ $left = 1 ] || break; sleep 0.2
done
if [ "${1:-}" = --keep-logs ]; then find "$RUN" -mindepth 1 -maxdepth 1 ! -name log -exec rm -rf {} + 2>/dev/null; else rm -rf --one-file-system "$RUN"; fi
say down
