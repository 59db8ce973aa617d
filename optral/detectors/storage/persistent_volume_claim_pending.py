"""PersistentVolumeClaimPending: a claim gets no volume.

Pending is the normal first state, so there must be another sign: a failure to provision or bind (FailedBinding is an Event of type
*Normal*, which filters on Warning miss), or a pod that waits for a class that binds at once. A class with WaitForFirstConsumer waits until
that pod has a node (G8), unless the scheduler reports that it finds no node *because* no volume fits. An external provisioner that is
provisioning gets five minutes. The claims of one StatefulSet template are one issue.
"""

from collections.abc import Iterator
from datetime import datetime

from optral.detectors import gates, wording
from optral.detectors.detector import Effect, Stage, of_volume
from optral.detectors.finding import Finding, Suspect
from optral.kube import owners, quantities, times
from optral.kube.objects import Event, PersistentVolume, PersistentVolumeClaim, Pod, StatefulSet, StorageClass, condition
from optral.kube.reports import pods, scheduler
from optral.kube.reports.scheduler import Blocker
from optral.kube.reports.volumes import BINDING_FAILURES
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity
from optral.terms.template import Title

PATIENCE_S = 60
PROVISIONER_PATIENCE_S = 300
_PROVISIONING = "ExternalProvisioning"


def detect(claim: PersistentVolumeClaim, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    if claim.status.phase != "Pending" or gates.is_deleting(claim):
        return
    failures = gates.fresh_events(view, claim.uid, BINDING_FAILURES, now=now)
    waiting = [pod for pod in view.pods_with_claim(claim.metadata.namespace, claim.name) if _waits(pod)]
    if not failures and (not waiting or (gates.waits_for_consumer(claim, view) and not any(_lacks_volume(pod) for pod in waiting))):
        return
    subject = _subject(claim, view)
    user = view.workload_of(waiting[0]) if waiting else None
    yield Finding(
        subject=subject,
        user=user,
        title=_title(claim, failures, view),
        since=claim.created_at,
        opens_at=_opens_at(claim, failures, view, now=now),
        expires_at=None if waiting else times.after(failures[0].last_seen, gates.FRESH_S),
        facts=_facts(claim, failures, view) | {"waitingPods": len(waiting), "usedBy": str(user) if user is not None else None},
        suspects=_suspects(claim, view),
    )


def _waits(pod: Pod) -> bool:
    return pod.status.phase in ("Pending", "") and not gates.is_deleting(pod)


def _lacks_volume(pod: Pod) -> bool:
    """Whether its only claim keeps the pod from every node; with several claims it is not known which one does."""
    scheduled = condition(pod.status.conditions, pods.SCHEDULED)
    if scheduled is None or scheduled.status != "False" or len(pod.claims) != 1:
        return False
    return any(clause.blocker is Blocker.VOLUME_MISSING for clause in scheduler.clauses(scheduled.message))


def _suspects(claim: PersistentVolumeClaim, view: ClusterView) -> tuple[Suspect, ...]:
    """The StorageClass that it names, and the volume that it names."""
    wanted = [Suspect(ObjectRef(StorageClass.kind, None, claim.storage_class), "asks for")] if claim.storage_class else []
    wanted += [Suspect(owners.ref(volume), "waits for") for volume in view.volumes_of(claim.metadata.namespace, claim.name)[:5]]
    return tuple(wanted)


def _subject(claim: PersistentVolumeClaim, view: ClusterView) -> ObjectRef:
    """The StatefulSet whose template created the claim (`data-db-0` of template `data` and set `db`), otherwise the claim itself."""
    body, _, ordinal = claim.name.rpartition("-")
    if ordinal.isdigit():
        for workload in view.workloads_in(claim.metadata.namespace, StatefulSet.kind):
            templates = workload.spec.volume_claim_templates if isinstance(workload, StatefulSet) else ()
            if any(body == f"{template.metadata.name}-{workload.name}" for template in templates):
                return owners.ref(workload)
    return owners.ref(claim)


def _opens_at(claim: PersistentVolumeClaim, failures: list[Event], view: ClusterView, *, now: datetime) -> datetime:
    is_provisioning = not failures and bool(gates.fresh_events(view, claim.uid, (_PROVISIONING,), now=now))
    return times.after(claim.created_at, PROVISIONER_PATIENCE_S if is_provisioning else PATIENCE_S)


def _title(claim: PersistentVolumeClaim, failures: list[Event], view: ClusterView) -> Title:
    texts, label, name = titles.PersistentVolumeClaimPending, wording.label(owners.ref(claim)), claim.storage_class
    if name and view.count("StorageClass.storage.k8s.io") and view.storage_class(name) is None and not claim.spec.volume_name:
        template = texts.no_volume if _is_created_by_hand(name, view) else texts.class_missing
        return template(object=label, storage_class=name)
    if not failures:
        return texts.unbound(object=label)
    return texts.reported(object=label, message=wording.clip(failures[0].message, wording.MAX_DETAIL))


def _is_created_by_hand(name: str, view: ClusterView) -> bool:
    """Whether there are volumes of the class: then people create them, and the class itself need not exist."""
    return any(
        isinstance(volume, PersistentVolume) and volume.spec.storage_class_name == name for volume in view.all(PersistentVolume.kind)
    )


def _facts(claim: PersistentVolumeClaim, failures: list[Event], view: ClusterView) -> dict[str, object]:
    name = claim.storage_class
    return {
        "claim": claim.name,
        "storageClass": name,
        "storageClassExists": view.storage_class(name) is not None if name else None,
        "requestBytes": quantities.bytes_or_none(claim.spec.resources.requests, "storage"),
        "accessModes": list(claim.spec.access_modes[:5]),
        "volumeName": claim.spec.volume_name or None,
        "reason": failures[0].reason if failures else None,
        "message": wording.clip(failures[0].message) if failures else None,
    }


DETECTOR = of_volume(
    type="PersistentVolumeClaimPending",
    title=titles.PersistentVolumeClaimPending.what,
    severity=Severity.HIGH,
    gates=("G1", "G7", "G8"),
    effect=Effect.CLAIM_UNBOUND,
    stage=Stage.CLAIM_PENDING,
    looks_at=frozenset({PersistentVolumeClaim.kind}),
    detect=detect,
    event_reasons=BINDING_FAILURES | {_PROVISIONING},
    open_after_s=PATIENCE_S,
)
