"""VersionSkew: the kubelet of a node has been more than one minor version behind that of another node for a day.

A risk; during an upgrade it is normal for a while.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from itertools import islice

from optral.detectors import gates
from optral.detectors.detector import About, Detector, Tier
from optral.detectors.finding import Finding
from optral.detectors.thresholds import Limits, Threshold
from optral.detectors.wording import label
from optral.kube import owners
from optral.kube.objects import Node
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.severity import Severity

MAX_COMPARED = 200
THRESHOLDS = {
    "maxBehind": Threshold(
        default=1, min=0, max=10, unit="versions", doc="A kubelet may be this many minor versions older than that of another node"
    ),
}
_VERSION = re.compile(r"^v?(\d{1,4})\.(\d{1,4})")


def detect(node: Node, view: ClusterView, *, now: datetime, limits: Limits) -> Iterator[Finding]:
    own = minor(node.status.node_info.kubelet_version)
    if own is None or gates.is_deleting(node):
        return
    others = (other for other in view.all(Node.kind) if isinstance(other, Node))
    newest = max((other.status.node_info.kubelet_version for other in islice(others, MAX_COMPARED)), key=lambda v: minor(v) or (0, 0))
    ahead = minor(newest)
    if ahead is None or (ahead[0] == own[0] and ahead[1] - own[1] <= limits["maxBehind"]) or ahead < own:
        return
    subject = owners.ref(node)
    yield Finding(
        subject=subject,
        title=titles.VersionSkew.behind(object=label(subject), version=node.status.node_info.kubelet_version[:40], newest=newest[:40]),
        since=now,
        is_onset_unknown=True,
        facts={
            "kubeletVersion": node.status.node_info.kubelet_version[:40],
            "newest": newest[:40],
            "maxBehind": limits["maxBehind"],
        },
    )


@lru_cache(maxsize=256)
def minor(version: str) -> tuple[int, int] | None:
    """`v1.31.4+k3s1` gives (1, 31); None if it is not a version."""
    match = _VERSION.match(version)
    return (int(match.group(1)), int(match.group(2))) if match is not None else None


DETECTOR = Detector(
    type="VersionSkew",
    title=titles.VersionSkew.what,
    category="risk",
    about=About.CLUSTER,
    severity=Severity.LOW,
    gates=("G1",),
    looks_at=frozenset({Node.kind}),
    detect=detect,
    open_after_s=86_400,
    tier=Tier.RISK,
    thresholds=THRESHOLDS,
)
