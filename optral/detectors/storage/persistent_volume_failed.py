"""PersistentVolumeFailed: a volume cannot be provisioned or cannot be deleted.

The phase `Failed` shows it. With a CSI driver the volume stays `Released`, with an Event for each failed deletion; so a released volume
that is to be deleted and has such an Event counts too. A volume that is `Released` and retained on purpose does not count. A volume whose
deletion fails is reported although it is being deleted (G1).
"""

from collections.abc import Iterator
from datetime import datetime

from optral.detectors import gates, wording
from optral.detectors.detector import of_volume
from optral.detectors.finding import Finding
from optral.kube import owners, times
from optral.kube.objects import Event, PersistentVolume
from optral.kube.reports.volumes import RELEASED
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.severity import Severity

_NOT_DELETED = frozenset({"VolumeFailedDelete", "VolumeFailedRecycle"})


def detect(volume: PersistentVolume, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    phase = volume.status.phase
    failures = gates.fresh_events(view, volume.uid, _NOT_DELETED, now=now)
    cannot_go = phase == RELEASED and volume.spec.reclaim_policy in ("Delete", "Recycle") and bool(failures)
    if not cannot_go and (phase not in ("Failed", "Pending") or gates.is_deleting(volume)):
        return
    subject = owners.ref(volume)
    since = _since(volume, failures, cannot_go=cannot_go)
    texts = titles.PersistentVolumeFailed
    template = texts.undeletable if cannot_go or failures else texts.failed if phase == "Failed" else texts.unavailable
    message = failures[0].message if failures else volume.status.message
    yield Finding(
        subject=subject,
        title=template(object=wording.label(subject), detail=wording.detail(message)),
        since=since,
        expires_at=times.after(failures[0].last_seen, gates.FRESH_S) if cannot_go else None,
        facts=_facts(volume, message) | {"reason": failures[0].reason if failures else volume.status.reason or None},
    )


def _since(volume: PersistentVolume, failures: list[Event], *, cannot_go: bool) -> datetime:
    if cannot_go:
        return min(event.first_seen for event in failures)
    return volume.status.last_phase_transition_time or volume.created_at


def _facts(volume: PersistentVolume, message: str) -> dict[str, object]:
    claim = volume.spec.claim_ref
    return {
        "phase": volume.status.phase,
        "message": wording.clip(message) or None,
        "reclaimPolicy": volume.spec.reclaim_policy or None,
        "storageClass": volume.spec.storage_class_name or None,
        "claim": f"{claim.namespace}/{claim.name}" if claim is not None else None,
    }


DETECTOR = of_volume(
    type="PersistentVolumeFailed",
    title=titles.PersistentVolumeFailed.what,
    severity=Severity.HIGH,
    gates=("G1", "G7"),
    looks_at=frozenset({PersistentVolume.kind}),
    detect=detect,
    event_reasons=_NOT_DELETED,
    open_after_s=300,
)
