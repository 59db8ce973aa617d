"""LivenessProbeFailed: the kubelet kills a container again and again because its liveness probe fails.

Two kills make it an issue, one may be a bad moment. The Event "Killing" says who killed; exit codes do not (137, 143 and 2 all occur).
When the Killing Events are gone, failed probes past the threshold together with restarts say the same. Gates: G1, G2, G5, G7, G10.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from optral.detectors import containers, gates, severity, wording
from optral.detectors.containers import Seen
from optral.detectors.detector import Detector
from optral.detectors.finding import Finding
from optral.kube import owners, times
from optral.kube.objects import Event, Pod
from optral.kube.view import ClusterView
from optral.terms.severity import Severity

TYPE = "LivenessProbeFailed"
CATEGORY = "health"
MIN_KILLS = 2
SHOWN_FOR_S = 600
_EVENTS = frozenset({"Killing", "Unhealthy"})
_KILLED = re.compile(r"^Container (\S{1,253}) failed liveness probe")


class Kills(NamedTuple):
    """How often the probe killed, the first and the last time we know of, and what the probe said last."""

    times: int
    first: datetime
    last: datetime
    message: str


def detect(pod: Pod, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    if pod.status.phase == "Failed":
        return
    probed = [seen for seen in containers.of(pod) if seen.spec.liveness_probe is not None and seen.status.restart_count >= 1]
    if not probed:
        return
    events = gates.fresh_events(view, pod.uid, _EVENTS, now=now, window_s=SHOWN_FOR_S)
    for seen in probed:
        kills = _kills(seen, [event for event in events if _is_about(event, seen)])
        if kills is not None:
            yield _finding(pod, seen, view, kills=kills)


def _is_about(event: Event, seen: Seen) -> bool:
    if event.container is not None:
        return event.container == seen.name
    match = _KILLED.match(event.message)
    return match is not None and match.group(1) == seen.name


def _kills(seen: Seen, events: list[Event]) -> Kills | None:
    killing = [event for event in events if event.reason == "Killing" and "failed liveness probe" in event.message]
    failing = [event for event in events if event.reason == "Unhealthy" and event.message.startswith("Liveness probe")]
    message = failing[0].message if failing else ""
    if killing:
        count, told = sum(event.times for event in killing), killing
    else:
        threshold = max(1, seen.spec.liveness_probe.failure_threshold if seen.spec.liveness_probe is not None else 1)
        count, told = min(sum(event.times for event in failing) // threshold, seen.status.restart_count), failing
    if count < MIN_KILLS:
        return None
    return Kills(count, min(event.first_seen for event in told), max(event.last_seen for event in told), message)


def _finding(pod: Pod, seen: Seen, view: ClusterView, *, kills: Kills) -> Finding:
    subject = view.workload_of(pod)
    ended = seen.last_exit
    return Finding(
        type=TYPE,
        subject=subject,
        part=seen.name,
        shown_by=owners.ref(pod),
        severity=severity.judge(Severity.HIGH, subject=subject, view=view, pod=pod),
        title=f"{wording.of_container(seen.name, subject)} is restarted because its liveness probe fails",
        category=CATEGORY,
        since=kills.first,
        opens_at=kills.first,
        expires_at=times.after(kills.last, SHOWN_FOR_S),
        occurrence=containers.occurrence(ended) if ended is not None else None,
        facts=seen.facts
        | {"kills": kills.times, "probe": containers.probe_facts(seen.spec.liveness_probe), "message": wording.clip(kills.message)}
        | (containers.exit_facts(ended) if ended is not None else {})
        | {"ports": [port.container_port for port in seen.spec.ports[:20]]},
    )


DETECTOR = Detector(type=TYPE, category=CATEGORY, looks_at=frozenset({Pod.kind}), detect=detect, event_reasons=_EVENTS)
