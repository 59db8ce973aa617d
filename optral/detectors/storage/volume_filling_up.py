"""VolumeFillingUp: a volume is full, or will be within a day.

Two signs. The kubelet reports how full the volumes of claims are (kube/usage.py): the finding is about the claim, and a volume that lies
on the node's own disk is left to NodeDiskPressure. Where that is not known, a container that mounts a claim failed, and its termination
message says that there is no space left; the message does not name the volume, so the finding is about the workload if that mounts more
than one claim. A node that is low on disk causes the same message.
"""

from collections.abc import Iterator
from datetime import datetime

from optral.detectors import containers, gates, wording
from optral.detectors.containers import ContainerView
from optral.detectors.detector import Tier, of_volume
from optral.detectors.finding import Finding
from optral.detectors.thresholds import Limits, Threshold
from optral.kube import owners, times, usage
from optral.kube.objects import FilledVolume, Node, NodeUsage, PersistentVolumeClaim, Pod, PodUsage, Terminated
from optral.kube.reports.nodes import DISK_PRESSURE
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity

MAX_NAME = 253  # characters of any claim
USED_RESOLVES_AFTER_S = 1800  # usage moves around a threshold
GROWS_FROM = 0.5  # of the capacity: a young volume grows fast and means nothing
HOUR_S = 3600
THRESHOLDS = {
    "usedShare": Threshold(default=0.95, min=0.5, max=0.99, unit="share", doc="A volume is full from this share of its bytes or inodes"),
    "hoursLeft": Threshold(
        default=24, min=1, max=168, unit="hours", doc="A half-full volume is reported if it will be full within this time"
    ),
}
_FULL = ("no space left on device", "enospc", "disk quota exceeded")


def detect(pod: Pod, view: ClusterView, *, now: datetime, limits: Limits) -> Iterator[Finding]:
    claims = pod.claims
    if not claims:
        return
    measured = list(_measured(pod, view, now=now, limits=limits))
    yield from measured
    if measured or _is_disk_short(pod, view):
        return
    for seen in containers.of(pod):
        ended = seen.last_exit
        if ended is None or ended.exit_code == 0 or ended.finished_at is None or not _says_full(ended):
            continue
        if gates.is_fresh(ended.finished_at, now=now):
            yield _finding(pod, claims, seen, ended, view)
            return


# --- from the usage that the kubelet reports


def _measured(pod: Pod, view: ClusterView, *, now: datetime, limits: Limits) -> Iterator[Finding]:
    report = usage.of_pod(pod, view, now=now)
    if report is None or report.status.observed_at is None:
        return
    for volume in report.status.volumes:
        if not volume.claim or _is_on_disk_of_node(volume, pod, view, now):
            continue
        what = _full_of(volume, limits["usedShare"])
        if what is None and not _fills_within(volume, limits["hoursLeft"] * HOUR_S):
            continue
        subject, workload = _claim(volume.claim, pod, view), view.workload_of(pod)
        texts = titles.VolumeFillingUp
        template = texts.soon if what is None else texts.no_space if what == "space" else texts.no_inodes
        yield Finding(
            subject=subject,
            base=Severity.MEDIUM if what is None else Severity.HIGH,
            title=template(object=wording.label(subject)),
            since=report.status.observed_at,
            is_onset_unknown=True,
            facts={
                "claims": [volume.claim],
                "volume": volume.name,
                "capacityBytes": volume.capacity_bytes,
                "usedBy": str(workload),
                "isFull": what is not None,
            },
            resolve_after_s=USED_RESOLVES_AFTER_S,
        )


def _full_of(volume: FilledVolume, share: float) -> str | None:
    """What it has run out of: space or inodes."""
    if volume.capacity_bytes > 0 and volume.used_bytes >= share * volume.capacity_bytes:
        return "space"
    return "inodes" if volume.inodes > 0 and volume.inodes_used >= share * volume.inodes else None


def _fills_within(volume: FilledVolume, within_s: float) -> bool:
    signs = (
        (volume.full_in_seconds, volume.used_bytes, volume.capacity_bytes),
        (volume.inodes_full_in_seconds, volume.inodes_used, volume.inodes),
    )
    return any(left_s is not None and left_s <= within_s and used >= GROWS_FROM * capacity > 0 for left_s, used, capacity in signs)


def _is_on_disk_of_node(volume: FilledVolume, pod: Pod, view: ClusterView, now: datetime) -> bool:
    node = view.node(pod.spec.node_name)
    report = None if node is None else usage.of_node(node, view, now=now)
    disk = None if report is None else report.status.filesystem
    return disk is not None and disk.capacity_bytes == volume.capacity_bytes


# --- from the termination message


def _finding(pod: Pod, claims: tuple[str, ...], seen: ContainerView, ended: Terminated, view: ClusterView) -> Finding:
    workload = view.workload_of(pod)
    subject = _claim(claims[0], pod, view) if len(claims) == 1 else workload
    since = ended.finished_at or pod.created_at
    return Finding(
        subject=subject,
        title=titles.VolumeFillingUp.full(object=wording.label(workload)),
        since=since,
        expires_at=times.after(since, gates.FRESH_S),
        occurrence=since.isoformat(),
        facts={"claims": sorted(claims)[:20], "saidBy": seen.name, "message": wording.clip(ended.message), "usedBy": str(workload)},
    )


def _says_full(ended: Terminated) -> bool:
    message = ended.message.lower()
    return any(words in message for words in _FULL)


def _is_disk_short(pod: Pod, view: ClusterView) -> bool:
    node: Node | None = view.node(pod.spec.node_name)
    return node is not None and any(c.type == DISK_PRESSURE and c.status == "True" for c in node.status.conditions)


def _claim(name: str, pod: Pod, view: ClusterView) -> ObjectRef:
    seen = view.by_name(PersistentVolumeClaim.kind, pod.namespace, name)
    return owners.ref(seen) if seen is not None else ObjectRef(PersistentVolumeClaim.kind, pod.namespace, name[:MAX_NAME])


def _pods_on(view: ClusterView, node: Node) -> list[Pod]:
    return [pod for pod in view.pods_on(node.name) if not pod.is_ready and pod.claims and not gates.has_finished(pod)]


DETECTOR = of_volume(
    type="VolumeFillingUp",
    title=titles.VolumeFillingUp.what,
    severity=Severity.HIGH,
    gates=("G1", "G2", "G5", "G7", "G10"),
    looks_at=frozenset({Pod.kind}),
    detect=detect,
    tier=Tier.EXTENDED,
    reached_from={Node.kind: _pods_on, PodUsage.kind: usage.pod_of},
    rests_on=frozenset({PodUsage.kind, NodeUsage.kind}),
    covers=usage.covers_volumes,
    needs=frozenset({"metrics"}),
    examines_healthy=True,
    thresholds=THRESHOLDS,
)
