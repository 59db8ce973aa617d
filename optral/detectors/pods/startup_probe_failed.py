"""StartupProbeFailed: the kubelet kills a container before it has started, because its startup probe fails for too long.

One kill is enough: the probe has then failed for its whole budget. Failures before that are a normal slow start. Once the Event "Killing"
is gone, failed probes above the threshold together with a restart are the evidence. A probe that cannot run never kills and never passes
(`probe_errors.py`): the container keeps running and never becomes started.
"""

from collections.abc import Iterator
from datetime import datetime

from optral.detectors import candidate_causes, containers, gates, probe_errors, wording
from optral.detectors.containers import ContainerView
from optral.detectors.detector import Stage, Tier, of_container
from optral.detectors.finding import Finding
from optral.kube import times
from optral.kube.objects import Event, Pod, Terminated
from optral.kube.reports import probes
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.severity import Severity
from optral.terms.template import Template

SHOWN_FOR_S = 600
MAX_SHOWN_S = 3600
_EVENTS = frozenset({probes.KILLING, probes.UNHEALTHY})


def detect(pod: Pod, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    if pod.status.phase == "Failed":
        return
    starting = [seen for seen in containers.of(pod) if seen.spec.startup_probe is not None and seen.status.started is not True]
    if not starting:
        return
    events = gates.fresh_events(view, pod.uid, _EVENTS, now=now, window_s=MAX_SHOWN_S)
    for seen in starting:
        yield from _of_container(pod, seen, view, events, now=now)


def _of_container(pod: Pod, seen: ContainerView, view: ClusterView, events: list[Event], *, now: datetime) -> Iterator[Finding]:
    near = [event for event in events if gates.is_fresh(event.last_seen, now=now, window_s=_shown_for_s(seen))]
    failing = [event for event in near if _is_failure(event, seen)]
    killing = [event for event in near if _is_kill(event, seen)]
    if killing or (failing and seen.status.restart_count >= 1 and _is_past_threshold(seen, failing)):
        yield _killed(pod, seen, view, events=killing or failing, message=failing[0].message if failing else "")
    elif seen.is_running and (error := probe_errors.find(events, "startup", seen, now=now)) is not None:
        yield _not_started(pod, seen, view, error)


def _shown_for_s(seen: ContainerView) -> float:
    """How many seconds a kill counts: ten minutes plus the time that the probe takes to kill again; at most an hour."""
    return float(max(SHOWN_FOR_S, min(SHOWN_FOR_S + containers.probe_patience_s(seen.spec.startup_probe), MAX_SHOWN_S)))


def _is_kill(event: Event, seen: ContainerView) -> bool:
    return event.reason == probes.KILLING and probes.killed_by(event.message) == (seen.name, "startup")


def _is_failure(event: Event, seen: ContainerView) -> bool:
    return event.reason == probes.UNHEALTHY and probes.is_about(event.message, "startup") and event.container in (seen.name, None)


def _is_past_threshold(seen: ContainerView, failing: list[Event]) -> bool:
    threshold = seen.spec.startup_probe.failure_threshold if seen.spec.startup_probe is not None else 1
    return sum(event.times for event in failing) >= max(1, threshold)


def _killed(pod: Pod, seen: ContainerView, view: ClusterView, *, events: list[Event], message: str) -> Finding:
    since = min(event.first_seen for event in events)
    until = times.after(max(event.last_seen for event in events), _shown_for_s(seen))
    template, ended = titles.StartupProbeFailed.killed, seen.last_exit
    return _finding(pod, seen, view, template=template, since=since, opens_at=since, expires_at=until, message=message, ended=ended)


def _not_started(pod: Pod, seen: ContainerView, view: ClusterView, error: probe_errors.ProbeError) -> Finding:
    template, opens_at = titles.StartupProbeFailed.cannot_run, times.after(error.since, probe_errors.PATIENCE_S)
    return _finding(pod, seen, view, template=template, since=error.since, opens_at=opens_at, expires_at=error.until, message=error.message)


def _finding(
    pod: Pod,
    seen: ContainerView,
    view: ClusterView,
    *,
    template: Template,
    since: datetime,
    opens_at: datetime,
    expires_at: datetime,
    message: str,
    ended: Terminated | None = None,
) -> Finding:
    subject = view.workload_of(pod)
    return Finding(
        subject=subject,
        part=seen.name,
        title=template(object=wording.label(subject), container=seen.name),
        since=since,
        opens_at=opens_at,
        expires_at=expires_at,
        occurrence=containers.occurrence(ended) if ended is not None else None,
        facts=seen.facts
        | {"probe": containers.probe_facts(seen.spec.startup_probe), "message": wording.clip(message)}
        | (containers.exit_facts(ended) if ended is not None else {})
        | {"ports": [port.container_port for port in seen.spec.ports[:20]]},
        suspects=candidate_causes.node_of(pod, view),
    )


DETECTOR = of_container(
    type="StartupProbeFailed",
    title=titles.StartupProbeFailed.what,
    category="health",
    severity=Severity.HIGH,
    gates=("G1", "G2", "G5", "G7", "G10", "G13"),
    rank=110,
    stage=Stage.PROBE,
    is_dated_by_exit=True,
    follows_dependencies=True,
    detect=detect,
    event_reasons=_EVENTS,
    tier=Tier.EXTENDED,
    needs=frozenset({"events"}),
)
