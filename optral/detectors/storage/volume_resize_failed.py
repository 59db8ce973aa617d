"""VolumeResizeFailed: a claim requests more capacity or other attributes, and does not get them.

The resizer records failures as conditions of the claim, newer versions also as a status per resource (`…Infeasible`: it has given up). A
filesystem that waits to grow (`FileSystemResizePending`) is normal while no pod mounts the claim: it grows when one does. If it is mounted
and still waits after ten minutes, the pod has to be restarted.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from optral.detectors import gates, wording
from optral.detectors.detector import Tier, of_volume
from optral.detectors.finding import Finding
from optral.kube import owners, quantities, times
from optral.kube.objects import PersistentVolumeClaim, Pod, condition
from optral.kube.reports import volumes
from optral.kube.reports.volumes import Change
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity
from optral.terms.template import Title


class _Sign(NamedTuple):
    """A sign of the failure: its name, since when, its message, and until when it counts."""

    name: str
    since: datetime
    message: str
    until: datetime | None = None


def detect(claim: PersistentVolumeClaim, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    if claim.status.phase != "Bound" or gates.is_deleting(claim):
        return
    sign = _sign(claim, view, now=now)
    if sign is None:
        return
    subject = owners.ref(claim)
    yield Finding(
        subject=subject,
        title=_title(subject, sign),
        since=sign.since,
        expires_at=sign.until,
        facts={
            "sign": sign.name,
            "message": wording.clip(sign.message) or None,
            "requestBytes": quantities.bytes_or_none(claim.spec.resources.requests, "storage"),
            "capacityBytes": quantities.bytes_or_none(claim.status.capacity, "storage"),
            "storageClass": claim.storage_class,
            "needsRestart": sign.name == volumes.WAITS_FOR_POD,
        },
    )


def _sign(claim: PersistentVolumeClaim, view: ClusterView, *, now: datetime) -> _Sign | None:
    """The clearest sign that the change fails; None if there is none."""
    for kind in volumes.ERRORS:
        reported = condition(claim.status.conditions, kind)
        if reported is not None and reported.status == "True":
            return _Sign(kind, reported.last_transition_time or claim.created_at, reported.message)
    infeasible = _infeasible(claim)
    if infeasible is not None:
        return _Sign(infeasible, _resizing_since(claim), "")
    waits = condition(claim.status.conditions, volumes.WAITS_FOR_POD)
    if waits is not None and waits.status == "True" and _is_mounted(claim, view):
        return _Sign(volumes.WAITS_FOR_POD, waits.last_transition_time or claim.created_at, waits.message)
    failures = [
        event for event in gates.fresh_events(view, claim.uid, volumes.EVENTS, now=now) if _is_pending(claim, volumes.EVENTS[event.reason])
    ]
    if failures:
        since = min(event.first_seen for event in failures)
        return _Sign(failures[0].reason, since, failures[0].message, times.after(failures[0].last_seen, gates.FRESH_S))
    return None


def _infeasible(claim: PersistentVolumeClaim) -> str | None:
    if claim.status.modify_volume_status is not None and volumes.is_infeasible(claim.status.modify_volume_status.status):
        return "ModifyVolumeInfeasible"
    return next((status for status in claim.status.allocated_resource_statuses.values() if volumes.is_infeasible(status)), None)


def _resizing_since(claim: PersistentVolumeClaim) -> datetime:
    reported = [condition(claim.status.conditions, kind) for kind in ("Resizing", "ModifyingVolume")]
    return times.latest(*(reported_.last_transition_time for reported_ in reported if reported_ is not None)) or claim.created_at


def _is_mounted(claim: PersistentVolumeClaim, view: ClusterView) -> bool:
    return any(pod.status.phase == "Running" for pod in view.pods_with_claim(claim.metadata.namespace, claim.name))


def _is_pending(claim: PersistentVolumeClaim, change: Change) -> bool:
    """Whether it still waits for the change: its volume is too small, or other attributes are requested."""
    if change is Change.ATTRIBUTES and claim.status.modify_volume_status is not None:
        return True
    requested = quantities.bytes_or_none(claim.spec.resources.requests, "storage")
    capacity = quantities.bytes_or_none(claim.status.capacity, "storage")
    return requested is not None and capacity is not None and capacity < requested


def _title(subject: ObjectRef, sign: _Sign) -> Title:
    if sign.name == volumes.WAITS_FOR_POD:
        return titles.VolumeResizeFailed.waits(object=wording.label(subject))
    return titles.VolumeResizeFailed.reported(
        object=wording.label(subject), message=wording.clip(sign.message or sign.name, wording.MAX_DETAIL)
    )


def _claims_of(view: ClusterView, pod: Pod) -> Iterator[PersistentVolumeClaim]:
    """The claims of a pod that started or stopped running."""
    after, before = view.get(Pod.kind, pod.uid), view.previous(Pod.kind, pod.uid)
    if isinstance(after, Pod) and isinstance(before, Pod) and after.status.phase == before.status.phase:
        return
    for name in pod.claims:
        if isinstance(claim := view.by_name(PersistentVolumeClaim.kind, pod.namespace, name), PersistentVolumeClaim):
            yield claim


DETECTOR = of_volume(
    type="VolumeResizeFailed",
    title=titles.VolumeResizeFailed.what,
    severity=Severity.MEDIUM,
    gates=("G1", "G7"),
    looks_at=frozenset({PersistentVolumeClaim.kind}),
    detect=detect,
    event_reasons=frozenset(volumes.EVENTS),
    open_after_s=600,
    tier=Tier.EXTENDED,
    reached_from={Pod.kind: _claims_of},
)
