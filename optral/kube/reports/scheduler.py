"""Why the scheduler finds no node for a pod, by the message of its condition PodScheduled.

The message counts nodes by reason ("0/4 nodes are available: 3 Insufficient cpu, 1 node(s) had untolerated taint {…}"). What follows
"preemption:" names no causes. Sources: pkg/scheduler/framework (types.go and the plugins).
"""

import re
from enum import StrEnum
from typing import NamedTuple

UNSCHEDULABLE = frozenset({"Unschedulable", "SchedulerError"})
"""Reasons of a condition PodScheduled that is false because the scheduler found no node."""
MAX_MESSAGE = 4000


class Blocker(StrEnum):
    """What excludes nodes. The values are facts of issues."""

    INSUFFICIENT = "insufficient"
    TOO_MANY_PODS = "tooManyPods"
    TAINT = "taint"
    NODE_SELECTOR = "nodeSelector"
    ANTI_AFFINITY = "antiAffinity"
    POD_AFFINITY = "podAffinity"
    TOPOLOGY_SPREAD = "topologySpread"
    CORDONED = "cordoned"
    VOLUME_NODE_AFFINITY = "volumeNodeAffinity"
    CLAIM_NOT_FOUND = "claimNotFound"
    CLAIM_UNBOUND = "claimUnbound"
    VOLUME_MISSING = "volumeMissing"
    VOLUME_COUNT = "volumeCount"
    HOST_PORT = "hostPort"
    NO_NODES = "noNodes"
    NODE_GONE = "nodeGone"
    OTHER = "other"


class Clause(NamedTuple):
    """One reason: what it names (a resource, a taint, a claim), and how many nodes it excludes."""

    blocker: Blocker
    what: str
    nodes: int | None
    text: str

    @property
    def key(self) -> str:
        """Identifies the clause without its count, for grouping: `insufficient:cpu`."""
        return f"{self.blocker}:{self.what}" if self.what else self.blocker


_HEAD = re.compile(r"^(\d{1,6})/(\d{1,6}) nodes are available:\s*")
_COUNTED = re.compile(r"^(\d{1,6}) (.+)$", re.DOTALL)
_OUTSIDE_BRACES = re.compile(r",\s+(?![^{]*\})")  # the value of a taint may contain a comma
_PATTERNS = tuple(
    (blocker, re.compile(pattern, re.IGNORECASE))
    for blocker, pattern in (
        (Blocker.INSUFFICIENT, r"^Insufficient (\S+)"),
        (Blocker.TOO_MANY_PODS, r"too many pods"),
        (Blocker.TAINT, r"untolerated taint(?:\(s\))?(?: \{([^}]*)\})?"),
        (Blocker.NODE_SELECTOR, r"node affinity/selector|node selector|node affinity$"),
        (Blocker.ANTI_AFFINITY, r"anti-affinity"),
        (Blocker.POD_AFFINITY, r"pod affinity"),
        (Blocker.TOPOLOGY_SPREAD, r"topology spread"),
        (Blocker.CORDONED, r"unschedulable"),
        (Blocker.VOLUME_NODE_AFFINITY, r"volume node affinity conflict"),
        (Blocker.CLAIM_NOT_FOUND, r'persistentvolumeclaims? "([^"]{0,253})" not found'),
        (Blocker.CLAIM_UNBOUND, r"unbound immediate persistentvolumeclaims"),
        (Blocker.VOLUME_MISSING, r"available persistent volumes to bind"),
        (Blocker.VOLUME_COUNT, r"max volume count"),
        (Blocker.HOST_PORT, r"free ports"),
        (Blocker.NO_NODES, r"no nodes available"),
        (Blocker.NODE_GONE, r"node\(s\) (?:not found|were not ready)"),
    )
)
"""The first match counts."""


def clauses(message: str) -> tuple[Clause, ...]:
    """The reasons that a message names, in its order."""
    body = message.partition("preemption:")[0].strip()
    head = _HEAD.match(body)
    body = body[head.end() :] if head is not None else body
    body = body.partition(". ")[0].rstrip(". ")
    return tuple(_clause(text.strip()) for text in _OUTSIDE_BRACES.split(body[:MAX_MESSAGE]) if text.strip())


def node_count(message: str) -> int | None:
    """How many nodes the scheduler has looked at."""
    head = _HEAD.match(message)
    return None if head is None else int(head.group(2))


def _clause(text: str) -> Clause:
    counted = _COUNTED.match(text)
    nodes, rest = (int(counted.group(1)), counted.group(2)) if counted is not None else (None, text)
    for blocker, pattern in _PATTERNS:
        if (match := pattern.search(rest)) is not None:
            what = match.group(1) if pattern.groups else ""
            return Clause(blocker, (what or "").strip(), nodes, rest)
    return Clause(Blocker.OTHER, "", nodes, rest)
