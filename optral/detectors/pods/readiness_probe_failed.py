"""ReadinessProbeFailed: a container runs, but its readiness probe fails, so that it gets no traffic.

The probe may fail while the program starts, so the startup budget of the container passes first (G13), then two more minutes. An Event
"Unhealthy" of the last ten minutes must report it: a container that is not ready for another reason is not this type.
"""

from collections.abc import Iterator
from datetime import datetime

from optral.detectors import candidate_causes, containers, gates, wording
from optral.detectors.containers import ContainerView
from optral.detectors.detector import Stage, of_container
from optral.detectors.finding import Finding
from optral.kube import times
from optral.kube.objects import Event, Pod, condition
from optral.kube.reports import probes
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.severity import Severity

PATIENCE_S = 120
_EVENTS = frozenset({probes.UNHEALTHY})


def detect(pod: Pod, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    if pod.status.phase != "Running":
        return
    unready = [seen for seen in containers.of(pod) if _is_held_back(seen)]
    if not unready:
        return
    events = gates.fresh_events(view, pod.uid, _EVENTS, now=now)
    for seen in unready:
        newest = next((event for event in events if _is_about(event, seen)), None)
        if newest is not None:
            yield _finding(pod, seen, view, event=newest)


def _is_held_back(seen: ContainerView) -> bool:
    status = seen.status
    return (
        seen.is_running and not seen.is_init and not status.ready and status.started is not False and seen.spec.readiness_probe is not None
    )


def _is_about(event: Event, seen: ContainerView) -> bool:
    return probes.is_about(event.message, "readiness") and event.container in (seen.name, None)


def _finding(pod: Pod, seen: ContainerView, view: ClusterView, *, event: Event) -> Finding:
    subject = view.workload_of(pod)
    unready = condition(pod.status.conditions, "ContainersReady") or condition(pod.status.conditions, "Ready")
    started = seen.started_at or pod.status.start_time or pod.created_at
    went_unready = unready.last_transition_time if unready is not None and unready.status == "False" else None
    since = max(started, went_unready or started)
    past_startup = times.after(started, gates.startup_budget_s(seen.spec))
    return Finding(
        subject=subject,
        part=seen.name,
        title=titles.ReadinessProbeFailed.failed(object=wording.label(subject), container=seen.name),
        since=since,
        opens_at=times.after(max(since, past_startup), PATIENCE_S),
        expires_at=times.after(event.last_seen, gates.FRESH_S),
        facts=seen.facts
        | {"probe": containers.probe_facts(seen.spec.readiness_probe), "message": wording.clip(event.message)}
        | {"ports": [port.container_port for port in seen.spec.ports[:20]]},
        suspects=candidate_causes.node_of(pod, view),
    )


DETECTOR = of_container(
    type="ReadinessProbeFailed",
    title=titles.ReadinessProbeFailed.what,
    category="health",
    severity=Severity.HIGH,
    gates=("G1", "G2", "G5", "G7", "G10", "G13"),
    rank=140,
    stage=Stage.READINESS,
    follows_dependencies=True,
    detect=detect,
    event_reasons=_EVENTS,
    open_after_s=PATIENCE_S,
    needs=frozenset({"events"}),
)
