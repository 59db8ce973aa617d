"""LivenessProbeFailed: the kubelet kills a container repeatedly because its liveness probe fails.

Two kills open the issue; one may be a coincidence. Only the Event "Killing" says what killed the container; exit codes do not (137, 143 and
2 all occur). The count of that Event reaches back to the first kill, so kills that are far apart are not a series (G7). Without Killing
Events, failed probes above the threshold together with restarts are the evidence. A kill counts for ten minutes, or until the next is due.

A probe that cannot run kills nothing (`probe_errors.py`): the container appears healthy, and nothing would restart it if it hung. That is
reported with severity medium if nothing else is wrong with the pod.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from optral.detectors import candidate_causes, containers, gates, probe_errors, wording
from optral.detectors.containers import ContainerView
from optral.detectors.detector import Stage, of_container
from optral.detectors.finding import Finding
from optral.kube import times
from optral.kube.objects import Event, Pod, Probe
from optral.kube.reports import probes
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.severity import Severity

MIN_KILLS = 2
SHOWN_FOR_S = 600
MAX_SHOWN_S = 3600  # kills that are further apart than an hour on average are not a series
_EVENTS = frozenset({probes.KILLING, probes.UNHEALTHY})


class Kills(NamedTuple):
    """How often the probe killed, the first and last known kill, until when that counts, and the last message of the probe."""

    times: int
    first: datetime
    last: datetime
    until: datetime
    message: str


def detect(pod: Pod, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    if pod.status.phase == "Failed":
        return
    if all(spec.liveness_probe is None for spec in (*pod.spec.containers, *pod.spec.init_containers)):
        return
    events = gates.fresh_events(view, pod.uid, _EVENTS, now=now, window_s=MAX_SHOWN_S)
    if not events:
        return
    is_well = gates.is_quiet(pod, now=now)
    for seen in containers.of(pod):
        if seen.spec.liveness_probe is None:
            continue
        kills = _kills(seen, [event for event in events if _is_about(event, seen)], now=now) if seen.status.restart_count >= 1 else None
        if kills is not None:
            yield _finding(pod, seen, view, kills=kills, now=now)
        elif is_well and seen.is_running and (error := probe_errors.find(events, "liveness", seen, now=now)) is not None:
            yield _unprotected(pod, seen, view, error)


def shown_for_s(probe: Probe | None) -> float:
    """How many seconds a kill counts: ten minutes plus the time that the probe takes to kill again; at most an hour."""
    return float(max(SHOWN_FOR_S, min(SHOWN_FOR_S + containers.probe_patience_s(probe), MAX_SHOWN_S)))


def _is_about(event: Event, seen: ContainerView) -> bool:
    if event.container is not None:
        return event.container == seen.name
    return probes.killed_by(event.message) == (seen.name, "liveness")


def _kills(seen: ContainerView, events: list[Event], *, now: datetime) -> Kills | None:
    """The kills of a series that still continues; None for fewer than two."""
    killing = [event for event in events if event.reason == probes.KILLING and probes.killed_by(event.message) == (seen.name, "liveness")]
    failing = [event for event in events if event.reason == probes.UNHEALTHY and probes.is_about(event.message, "liveness")]
    message = failing[0].message if failing else ""
    shown_s = shown_for_s(seen.spec.liveness_probe)
    if killing:
        return _series(killing, sum(event.times for event in killing), max_gap_s=MAX_SHOWN_S, shown_s=shown_s, message=message, now=now)
    return _series(failing, _likely_kills(seen, failing), max_gap_s=shown_s, shown_s=shown_s, message=message, now=now)


def _likely_kills(seen: ContainerView, failing: list[Event]) -> int:
    """Without Killing Events: as many kills as the failed probes explain, at most one for each restart."""
    probe = seen.spec.liveness_probe
    threshold = max(1, probe.failure_threshold) if probe is not None else 1
    return min(sum(event.times for event in failing) // threshold, seen.status.restart_count)


def _series(events: list[Event], count: int, *, max_gap_s: float, shown_s: float, message: str, now: datetime) -> Kills | None:
    """The kills that these Events report, unless they are fewer than two, further apart than `max_gap_s` on average, or too old."""
    if count < MIN_KILLS:
        return None
    first, last = min(event.first_seen for event in events), max(event.last_seen for event in events)
    gap_s = (last - first).total_seconds() / (count - 1)
    until = times.after(last, max(shown_s, min(1.5 * gap_s, MAX_SHOWN_S)))
    return Kills(count, first, last, until, message) if gap_s <= max_gap_s and until > now else None


def _finding(pod: Pod, seen: ContainerView, view: ClusterView, *, kills: Kills, now: datetime) -> Finding:
    subject = view.workload_of(pod)
    ended = seen.last_exit
    return Finding(
        subject=subject,
        part=seen.name,
        title=titles.LivenessProbeFailed.killed(object=wording.label(subject), container=seen.name),
        since=kills.first,
        expires_at=kills.until,
        occurrence=containers.occurrence(ended) if ended is not None else None,
        facts=seen.facts
        | {"kills": kills.times, "probe": containers.probe_facts(seen.spec.liveness_probe), "message": wording.clip(kills.message)}
        | (containers.exit_facts(ended) if ended is not None else {})
        | {"ports": [port.container_port for port in seen.spec.ports[:20]]},
        suspects=candidate_causes.node_of(pod, view),
    )


def _unprotected(pod: Pod, seen: ContainerView, view: ClusterView, error: probe_errors.ProbeError) -> Finding:
    subject = view.workload_of(pod)
    return Finding(
        subject=subject,
        part=seen.name,
        base=Severity.MEDIUM,
        title=titles.LivenessProbeFailed.cannot_run(object=wording.label(subject), container=seen.name),
        since=error.since,
        opens_at=times.after(error.since, probe_errors.PATIENCE_S),
        expires_at=error.until,
        facts=seen.facts
        | {"kills": 0, "probe": containers.probe_facts(seen.spec.liveness_probe), "message": wording.clip(error.message)}
        | {"ports": [port.container_port for port in seen.spec.ports[:20]]},
    )


DETECTOR = of_container(
    type="LivenessProbeFailed",
    title=titles.LivenessProbeFailed.what,
    category="health",
    severity=Severity.HIGH,
    gates=("G1", "G2", "G5", "G7", "G10"),
    rank=100,
    stage=Stage.PROBE,
    is_dated_by_exit=True,
    follows_dependencies=True,
    detect=detect,
    event_reasons=_EVENTS,
    needs=frozenset({"events"}),
    examines_healthy=True,
)
