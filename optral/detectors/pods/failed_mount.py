"""FailedMount: a volume of the pod cannot be mounted, so its containers wait.

Only Events tell it, so they count with care: two of them, about this very pod, the last less than ten minutes ago, while a container still
waits to be created. One failed mount at boot (the service account's token, the CA bundle) is normal. Gates: G1, G2, G5, G7, G10, G11.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from optral.detectors import containers, gates, severity, wording
from optral.detectors.detector import Detector
from optral.detectors.finding import Finding
from optral.detectors.pods.create_container_config_error import missing_reference
from optral.kube import owners, times
from optral.kube.objects import Event, Pod, condition
from optral.kube.view import ClusterView
from optral.terms.severity import Severity

TYPE = "FailedMount"
CATEGORY = "storage"
PATIENCE_S = 60
MIN_EVENTS = 2
_EVENTS = frozenset({"FailedMount", "FailedMapVolume"})
_WAITS = frozenset({"ContainerCreating", "PodInitializing"})
_VOLUME = re.compile(r'for volume "([^"]{1,253})"')
_UNMOUNTED = re.compile(r"unmounted volumes=\[([^\]]{1,1000})\]")


def detect(pod: Pod, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    if not _still_waits(pod):
        return
    events = gates.fresh_events(view, pod.uid, _EVENTS, now=now)
    events = [event for event in events if not _is_boot_noise(event)]
    if sum(event.times for event in events) < MIN_EVENTS:
        return
    subject = view.workload_of(pod)
    since = max(min(event.first_seen for event in events), pod.created_at)
    facts = _facts(events)
    yield Finding(
        type=TYPE,
        subject=subject,
        shown_by=owners.ref(pod),
        severity=severity.judge(Severity.HIGH, subject=subject, view=view, pod=pod),
        title=f"Pods of {wording.label(subject)} wait for a volume: {_why(facts)}",
        category=CATEGORY,
        since=since,
        opens_at=times.after(since, PATIENCE_S),
        expires_at=times.after(events[0].last_seen, gates.FRESH_S),
        facts=facts | {"node": pod.spec.node_name},
    )


def _still_waits(pod: Pod) -> bool:
    ready = condition(pod.status.conditions, "PodReadyToStartContainers")
    if pod.status.phase != "Pending" or (ready is not None and ready.status == "True"):
        return False
    return any(seen.waiting_reason in _WAITS for seen in containers.of(pod))


def _is_boot_noise(event: Event) -> bool:
    volumes = _volumes([event])
    missing = missing_reference(event.message).get("missingName", "")
    return bool(volumes) and all(gates.is_kubelet_made(name) for name in [*volumes, *([missing] if missing else [])])


def _volumes(events: list[Event]) -> list[str]:
    names: dict[str, None] = {}
    for event in events:
        if (match := _VOLUME.search(event.message)) is not None:
            names[match.group(1)] = None
        elif (unmounted := _UNMOUNTED.search(event.message)) is not None:
            names.update(dict.fromkeys(re.split(r"[,\s]+", unmounted.group(1).strip())))
    return list(names)


def _facts(events: list[Event]) -> dict[str, Any]:
    telling = next((event for event in events if missing_reference(event.message)), events[0])
    return {
        "volumes": _volumes(events)[:20],
        "message": wording.clip(telling.message),
    } | missing_reference(telling.message)


def _why(facts: dict[str, Any]) -> str:
    if "missingName" in facts:
        return f"{facts['missingKind']} {facts['missingName']} does not exist"
    return f"{', '.join(facts['volumes'][:3])} cannot be mounted" if facts["volumes"] else wording.clip(facts["message"], 120)


DETECTOR = Detector(type=TYPE, category=CATEGORY, looks_at=frozenset({Pod.kind}), detect=detect, event_reasons=_EVENTS)
