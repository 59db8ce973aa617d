"""FailedAttachVolume: a volume cannot be attached to the node of its pod.

Usually it is still attached to another node: the previous pod has not released it, or its node is down. Kubernetes detaches such a volume
by force after six minutes, so that case gets eight minutes; any other gets two. The claim is the subject: every pod that mounts it has the
same failure. A later Event that the volume was attached resolves the issue.
"""

from collections.abc import Iterator
from datetime import datetime

from optral.detectors import candidate_causes, containers, gates, volumes, wording
from optral.detectors.detector import Stage, of_pod
from optral.detectors.finding import Finding, Suspect
from optral.kube import owners, times
from optral.kube.objects import Event, Node, PersistentVolumeClaim, Pod, condition
from optral.kube.reports import mounts
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity
from optral.terms.template import Title

TYPE = "FailedAttachVolume"
PATIENCE_S = 120
TORN_AWAY_S = 360  # after which the attach controller detaches by force
MAX_HOLDERS = 20
_DONE = "SuccessfulAttachVolume"
_EVENTS = frozenset({TYPE, _DONE})


def detect(pod: Pod, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    if not containers.is_being_created(pod):
        return
    by_claim: dict[ObjectRef, list[Event]] = {}
    for event in standing_failures(pod, view, now=now):
        by_claim.setdefault(_subject(pod, event, view), []).append(event)
    for subject, events in by_claim.items():
        yield _finding(pod, subject, events, view, now=now)


def standing_failures(pod: Pod, view: ClusterView, *, now: datetime) -> list[Event]:
    """Recent failures to attach, newest first, without those of volumes that have been attached since."""
    events = gates.fresh_events(view, pod.uid, _EVENTS, now=now)
    attached = {
        name: event.last_seen for event in reversed(events) if event.reason == _DONE for name in mounts.volumes_named_in(event.message)
    }
    return [event for event in events if event.reason == TYPE and not _is_attached(event, attached)]


def _is_attached(event: Event, attached: dict[str, datetime]) -> bool:
    return any(name in attached and attached[name] >= event.last_seen for name in mounts.volumes_named_in(event.message))


def _subject(pod: Pod, event: Event, view: ClusterView) -> ObjectRef:
    """The claim whose volume the Event names; otherwise the workload of the pod."""
    for name in mounts.volumes_named_in(event.message):
        volume = volumes.volume_of(pod, name, view)
        claim = volumes.claim_of(pod, volume, view) if volume is not None else None
        if claim is not None:
            return owners.ref(claim)
    return view.workload_of(pod)


def _finding(pod: Pod, subject: ObjectRef, events: list[Event], view: ClusterView, *, now: datetime) -> Finding:
    user = view.workload_of(pod)
    since = max(min(event.first_seen for event in events), pod.created_at)
    is_elsewhere = mounts.is_attached_elsewhere(events[0].message)
    holders = _holders(pod, subject, view)
    return Finding(
        subject=subject,
        user=user,
        title=_title(subject, user, is_elsewhere=is_elsewhere),
        since=since,
        opens_at=times.after(since, PATIENCE_S + (TORN_AWAY_S if is_elsewhere and _will_be_detached(holders, view) else 0)),
        expires_at=times.after(events[0].last_seen, gates.FRESH_S),
        facts={
            "cause": "attachedElsewhere" if is_elsewhere else "attachFailed",
            "message": wording.clip(events[0].message),
            "node": pod.spec.node_name,
            "heldOn": sorted({holder.spec.node_name for holder in holders}),
            "usedBy": str(user),
        },
        suspects=_suspects(pod, holders, view),
    )


def _holders(pod: Pod, subject: ObjectRef, view: ClusterView) -> list[Pod]:
    """The pods on other nodes that mount the claim, including those that are being deleted."""
    if subject.kind != "PersistentVolumeClaim":
        return []
    users = view.pods_with_claim(pod.metadata.namespace, subject.name)[:MAX_HOLDERS]
    return [user for user in users if user.spec.node_name not in ("", pod.spec.node_name) and not gates.has_finished(user)]


def _will_be_detached(holders: list[Pod], view: ClusterView) -> bool:
    return any(gates.is_deleting(holder) or _is_down(view.node(holder.spec.node_name)) for holder in holders)


def _is_down(node: Node | None) -> bool:
    ready = condition(node.status.conditions, "Ready") if node is not None else None
    return ready is None or ready.status != "True"


def _suspects(pod: Pod, holders: list[Pod], view: ClusterView) -> tuple[Suspect, ...]:
    found = list(candidate_causes.node_of(pod, view))
    for holder in holders:
        found.append(Suspect(candidate_causes.node_ref(holder.spec.node_name, view), "is held on", candidate_causes.NODE_DOWN))
        found.append(Suspect(view.workload_of(holder), "is held by a pod of", frozenset({"PodStuckTerminating"})))
    return tuple(dict.fromkeys(found))


def _title(subject: ObjectRef, user: ObjectRef, *, is_elsewhere: bool) -> Title:
    texts = titles.FailedAttachVolume
    if subject == user:
        return (texts.volume_elsewhere if is_elsewhere else texts.volume)(object=wording.label(subject))
    return (texts.claim_elsewhere if is_elsewhere else texts.claim)(object=wording.label(subject))


DETECTOR = of_pod(
    type=TYPE,
    title=titles.FailedAttachVolume.what,
    category="storage",
    severity=Severity.HIGH,
    gates=("G1", "G2", "G5", "G7", "G10"),
    stage=Stage.ATTACH,
    detect=detect,
    event_reasons=_EVENTS,
    open_after_s=PATIENCE_S,
    reached_from={PersistentVolumeClaim.kind: volumes.waiting_users},
    needs=frozenset({"events"}),
)
