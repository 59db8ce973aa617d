"""PersistentVolumeReleased: a volume whose claim was deleted still exists with its data, and has not been used for a week.

`Retain` asks for this, so it is a risk and never an alarm: the volume costs money, and no new claim can use it before its `claimRef` is
removed.
"""

from collections.abc import Iterator
from datetime import datetime

from optral.detectors import gates
from optral.detectors.detector import Tier, of_volume
from optral.detectors.finding import Finding
from optral.detectors.wording import label
from optral.kube import owners, quantities
from optral.kube.objects import PersistentVolume
from optral.kube.reports.volumes import RELEASED
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.severity import Severity


def detect(volume: PersistentVolume, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    if volume.status.phase != RELEASED or volume.spec.reclaim_policy != "Retain" or gates.is_deleting(volume):
        return
    subject = owners.ref(volume)
    since = volume.status.last_phase_transition_time or volume.created_at
    claim = volume.spec.claim_ref
    yield Finding(
        subject=subject,
        title=titles.PersistentVolumeReleased.released(object=label(subject)),
        since=since,
        facts={
            "claim": f"{claim.namespace}/{claim.name}" if claim is not None else None,
            "capacityBytes": quantities.bytes_or_none(volume.spec.capacity, "storage"),
            "storageClass": volume.spec.storage_class_name or None,
        },
    )


DETECTOR = of_volume(
    type="PersistentVolumeReleased",
    title=titles.PersistentVolumeReleased.what,
    category="risk",
    severity=Severity.LOW,
    gates=("G1",),
    looks_at=frozenset({PersistentVolume.kind}),
    detect=detect,
    open_after_s=7 * 86400,
    tier=Tier.RISK,
)
