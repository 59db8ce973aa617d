"""VolumeFillingUp: a volume is full.

The usage of a volume is in the metrics of the kubelet, which Optral does not read. It cannot see a volume fill up, only that one is full: a
container that mounts a claim failed, and its termination message says so. The message does not name the volume, so the finding is about the
workload if that mounts more than one claim. A node that is low on disk causes the same message: see NodeDiskPressure.
"""

from collections.abc import Iterator
from datetime import datetime

from optral.detectors import containers, gates, severity, wording
from optral.detectors.containers import Seen
from optral.detectors.detector import About, Detector, Tier
from optral.detectors.finding import Finding
from optral.kube import owners, times
from optral.kube.objects import Node, PersistentVolumeClaim, Pod, Terminated
from optral.kube.view import ClusterView
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity

TYPE = "VolumeFillingUp"
CATEGORY = "storage"
MAX_NAME = 253  # characters of any claim
_FULL = ("no space left on device", "enospc", "disk quota exceeded")


def detect(pod: Pod, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    claims = pod.claims
    if not claims or _is_disk_short(pod, view):
        return
    for seen in containers.of(pod):
        ended = seen.last_exit
        if ended is None or ended.exit_code == 0 or ended.finished_at is None or not _says_full(ended):
            continue
        if gates.is_fresh(ended.finished_at, now=now):
            yield _finding(pod, claims, seen, ended, view)
            return


def _finding(pod: Pod, claims: tuple[str, ...], seen: Seen, ended: Terminated, view: ClusterView) -> Finding:
    workload = view.workload_of(pod)
    subject = _claim(claims[0], pod, view) if len(claims) == 1 else workload
    since = ended.finished_at or pod.created_at
    return Finding(
        type=TYPE,
        subject=subject,
        shown_by=owners.ref(pod),
        severity=severity.adjust(Severity.HIGH, subject=workload, view=view, pod=pod),
        title=wording.clip(f"A volume of {wording.label(workload)} is full", wording.MAX_TITLE),
        category=CATEGORY,
        since=since,
        opens_at=since,
        expires_at=times.after(since, gates.FRESH_S),
        occurrence=since.isoformat(),
        facts={"claims": sorted(claims)[:20], "saidBy": seen.name, "message": wording.clip(ended.message), "usedBy": str(workload)},
    )


def _says_full(ended: Terminated) -> bool:
    message = ended.message.lower()
    return any(words in message for words in _FULL)


def _is_disk_short(pod: Pod, view: ClusterView) -> bool:
    node: Node | None = view.node(pod.spec.node_name)
    return node is not None and any(c.type == "DiskPressure" and c.status == "True" for c in node.status.conditions)


def _claim(name: str, pod: Pod, view: ClusterView) -> ObjectRef:
    seen = view.by_name(PersistentVolumeClaim.kind, pod.namespace, name)
    return owners.ref(seen) if seen is not None else ObjectRef(PersistentVolumeClaim.kind, pod.namespace, name[:MAX_NAME])


def _pods_on(view: ClusterView, node: Node) -> list[Pod]:
    return [pod for pod in view.pods_on(node.name) if not pod.is_ready and pod.claims and not gates.has_finished(pod)]


DETECTOR = Detector(
    type=TYPE,
    title="A volume or node filesystem is full",
    category=CATEGORY,
    about=About.VOLUME,
    severity=Severity.HIGH,
    gates=("G1", "G2", "G5", "G7", "G10"),
    looks_at=frozenset({Pod.kind}),
    detect=detect,
    tier=Tier.EXTENDED,
    reached_from={Node.kind: _pods_on},
    needs=frozenset({"metrics"}),
)
