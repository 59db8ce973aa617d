"""FailedMount: a volume of a pod cannot be mounted, so its containers wait.

Only Events show it. It takes two of them about this pod, the last less than ten minutes ago, while a container still waits to be created.
One failed mount when a pod starts (the token of its service account, the CA bundle) is normal.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime

from optral.detectors import candidate_causes, containers, gates, volumes, wording
from optral.detectors.detector import Stage, of_pod
from optral.detectors.finding import Finding
from optral.detectors.pods import failed_attach_volume
from optral.kube import times
from optral.kube.objects import DaemonSet, Deployment, Event, PersistentVolumeClaim, Pod, StatefulSet
from optral.kube.reports import mounts
from optral.kube.reports.containers import NOT_MOUNTED
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity
from optral.terms.template import Title

MINNOT_MOUNTED = 2


def detect(pod: Pod, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    if not containers.is_being_created(pod):
        return
    events = gates.fresh_events(view, pod.uid, NOT_MOUNTED, now=now)
    relevant = [event for event in events if not _is_boot_noise(event)]
    for volume, failures in _by_volume(pod, relevant, view).items():
        if sum(event.times for event in failures) >= MINNOT_MOUNTED and not _waits_for_attaching(pod, failures, view, now=now):
            yield _finding(pod, volume, failures, view)


def _is_boot_noise(event: Event) -> bool:
    names = mounts.volumes_named_in(event.message)
    missing = mounts.missing_reference(event.message).get("missingName", "")
    return bool(names) and all(gates.is_kept_by_kubelet(name) for name in [*names, *([missing] if missing else [])])


def _by_volume(pod: Pod, events: list[Event], view: ClusterView) -> Mapping[str | None, list[Event]]:
    """The Events, newest first, by the name of their volume in the pod; None for Events that name no volume.

    "Timed out waiting" lists every volume that is not mounted yet, so it counts only if no other Event names a volume.
    """
    specific: dict[str | None, list[Event]] = {}
    general: dict[str | None, list[Event]] = {}
    for event in events:
        names = mounts.volumes_named_in(event.message)
        where = general if mounts.is_summary(event.message) else specific
        for name in names or (None,):
            volume = volumes.volume_of(pod, name, view) if name is not None else None
            where.setdefault(volume.name if volume is not None else name, []).append(event)
    return specific or general


def _waits_for_attaching(pod: Pod, failures: list[Event], view: ClusterView, *, now: datetime) -> bool:
    """Whether the Events only report a timeout whose reason is a FailedAttachVolume."""
    return all(mounts.is_summary(event.message) for event in failures) and bool(failed_attach_volume.standing_failures(pod, view, now=now))


def _finding(pod: Pod, volume: str | None, failures: list[Event], view: ClusterView) -> Finding:
    subject = view.workload_of(pod)
    since = max(min(event.first_seen for event in failures), pod.created_at)
    message = next((event.message for event in failures if _missing(event.message)), failures[0].message)
    missing = _missing(message) | _config_map(subject, volume, message, view)
    return Finding(
        subject=subject,
        part=volume,
        title=_title(subject, volume, message, missing),
        since=since,
        expires_at=times.after(failures[0].last_seen, gates.FRESH_S),
        facts={"volume": volume, "message": wording.clip(message), "node": pod.spec.node_name} | missing,
        suspects=candidate_causes.claims_of(pod, view) + candidate_causes.node_of(pod, view),
    )


def _missing(message: str) -> dict[str, str]:
    """The kind, name and key that the message reports as missing; some messages name only the key."""
    if (item := mounts.missing_item(message)) is not None:
        return {"missingKind": item[0], "missingKey": item[1]}
    return mounts.missing_reference(message)


def _config_map(subject: ObjectRef, volume: str | None, message: str, view: ClusterView) -> dict[str, str]:
    """The name of the ConfigMap whose key is missing: the message does not have it, the template of the workload does."""
    workload = view.object_at(subject)
    if mounts.missing_item(message) is None or not isinstance(workload, (Deployment, StatefulSet, DaemonSet)):
        return {}
    mounted = (one.config_map for one in workload.spec.template.spec.volumes if one.name == volume and one.config_map is not None)
    return {"missingName": found.name} if (found := next(mounted, None)) is not None else {}


def _title(subject: ObjectRef, volume: str | None, message: str, missing: dict[str, str]) -> Title:
    label, mounted = wording.label(subject), titles.SOME_VOLUME if volume is None else titles.VOLUME(name=volume)
    kind, name, key = (missing.get(part, "") for part in ("missingKind", "missingName", "missingKey"))
    if key and name:
        return titles.FailedMount.key_missing(object=label, volume=mounted, kind=kind, name=name, key=key)
    if key:
        return titles.FailedMount.key_missing_unnamed(object=label, volume=mounted, kind=kind, key=key)
    if missing:
        return titles.FailedMount.missing(object=label, volume=mounted, kind=kind, name=name)
    if volume is None and message:
        return titles.FailedMount.reported(object=label, message=wording.clip(message, 120))
    return titles.FailedMount.failed(object=label, volume=mounted)


DETECTOR = of_pod(
    type="FailedMount",
    title=titles.FailedMount.what,
    category="storage",
    severity=Severity.HIGH,
    gates=("G1", "G2", "G5", "G7", "G10", "G11"),
    stage=Stage.MOUNT,
    detect=detect,
    event_reasons=NOT_MOUNTED,
    open_after_s=60,
    reached_from={PersistentVolumeClaim.kind: volumes.waiting_users},
    needs=frozenset({"events"}),
)
