"""PersistentVolumeClaimLost: the volume of a bound claim no longer exists, and its data may be lost.

Kubernetes binds a lost claim again only if a person creates the volume again under its name. The phase does not show when the volume was
lost; the Event does while it exists.
"""

from collections.abc import Iterator
from datetime import datetime

from optral.detectors import gates, wording
from optral.detectors.detector import Effect, Stage, of_volume
from optral.detectors.finding import Finding, Suspect
from optral.kube import owners
from optral.kube.objects import Event, PersistentVolume, PersistentVolumeClaim
from optral.kube.reports.volumes import LOST
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity

_EVENTS = frozenset({"ClaimLost"})
_VOLUME_TYPES = frozenset({"PersistentVolumeFailed"})


def detect(claim: PersistentVolumeClaim, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    if claim.status.phase != LOST or gates.is_deleting(claim):
        return
    subject = owners.ref(claim)
    event = _loss(claim, view)
    since = event.first_seen if event is not None else claim.created_at
    volume = claim.spec.volume_name
    yield Finding(
        subject=subject,
        title=titles.PersistentVolumeClaimLost.lost_named(object=wording.label(subject), volume=volume)
        if volume
        else titles.PersistentVolumeClaimLost.lost(object=wording.label(subject)),
        since=since,
        facts={
            "claim": claim.name,
            "volumeName": volume or None,
            "storageClass": claim.storage_class,
            "usedBy": sorted({str(view.workload_of(pod)) for pod in view.pods_with_claim(claim.metadata.namespace, claim.name)})[:20],
            "message": wording.clip(event.message) if event is not None else None,
        },
        suspects=(Suspect(ObjectRef(PersistentVolume.kind, None, volume), "was bound to", _VOLUME_TYPES),) if volume else (),
    )


def _loss(claim: PersistentVolumeClaim, view: ClusterView) -> Event | None:
    events = [event for event in view.events_of(claim.uid) if event.reason in _EVENTS]
    return min(events, key=lambda event: event.first_seen, default=None)


DETECTOR = of_volume(
    type="PersistentVolumeClaimLost",
    title=titles.PersistentVolumeClaimLost.what,
    severity=Severity.CRITICAL,
    gates=("G1",),
    effect=Effect.CLAIM_UNBOUND,
    stage=Stage.CLAIM_LOST,
    looks_at=frozenset({PersistentVolumeClaim.kind}),
    detect=detect,
    event_reasons=_EVENTS,
)
