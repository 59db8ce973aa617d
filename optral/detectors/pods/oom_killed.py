"""OOMKilled: the kernel stopped a container for memory.

A restarted container shows the kill only in `lastState`, and keeps showing it until its next exit, however healthy it is by then; so one
kill is one occurrence, told apart by the container's id, and the finding fades ten minutes after the kill unless the container is still
down. A limit too small to start gives no OOMKilled anywhere, only the runtime's "init was OOM-killed" in a message. Exit 137 alone is not
memory: probes, evictions and forced deletions end the same way. Gates: G1, G2, G5, G7, G10.
"""

from collections.abc import Iterator
from datetime import datetime

from optral.detectors import containers, gates, severity, wording
from optral.detectors.containers import Seen
from optral.detectors.detector import Detector
from optral.detectors.finding import Finding
from optral.kube import owners, quantities, times
from optral.kube.objects import Event, Pod, Terminated
from optral.kube.view import ClusterView
from optral.terms.severity import Severity

TYPE = "OOMKilled"
CATEGORY = "memory"
SHOWN_FOR_S = 600  # the kubelet forgets its back-off after ten minutes of running; so do we
_TOO_SMALL = "init was OOM-killed"
_START_FAILURES = frozenset({"FailedCreatePodSandBox", "Failed"})


def detect(pod: Pod, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    named = False
    for seen in containers.of(pod):
        killed = _kill(seen, now=now)
        if killed is not None:
            named = True
            yield _finding(pod, seen, view, killed=killed)
        elif _TOO_SMALL in seen.waiting_message or _TOO_SMALL in _last_message(seen):
            named = True
            yield _too_small(
                pod, seen, view, message=seen.waiting_message or _last_message(seen), since=containers.waiting_since(pod, seen)
            )
    if not named and pod.status.phase == "Pending":
        yield from _killed_before_start(pod, view, now=now)


def _kill(seen: Seen, *, now: datetime) -> Terminated | None:
    """The kill to report: the present end, or the one before while it is recent or the container is still down for it."""
    present, before = seen.status.state.terminated, seen.status.last_state.terminated
    if present is not None and present.reason == TYPE:
        return present
    if before is None or before.reason != TYPE:
        return None
    return before if _is_down(seen) or gates.is_fresh(before.finished_at, now=now, window_s=SHOWN_FOR_S) else None


def _is_down(seen: Seen) -> bool:
    """Whether it has not come back since its last kill: only then does time not make the kill history."""
    present = seen.status.state.terminated
    return (present is not None and present.reason == TYPE) or not gates.is_normal_wait(seen.waiting_reason)


def _finding(pod: Pod, seen: Seen, view: ClusterView, *, killed: Terminated) -> Finding:
    subject = view.workload_of(pod)
    since = killed.finished_at or pod.status.start_time or pod.created_at
    limit = seen.memory_limit
    limited = f"limit {quantities.human_bytes(limit)}" if limit is not None else "it has no limit: its node ran out"
    return Finding(
        type=TYPE,
        subject=subject,
        part=seen.name,
        shown_by=owners.ref(pod),
        severity=severity.judge(Severity.CRITICAL, subject=subject, view=view, pod=pod),
        title=f"{wording.of_container(seen.name, subject)} was killed for memory ({limited})",
        category=CATEGORY,
        since=since,
        opens_at=since,
        expires_at=None if _is_down(seen) else times.after(since, SHOWN_FOR_S),
        occurrence=containers.occurrence(killed),
        facts=_memory(seen) | containers.exit_facts(killed) | {"isReadyAgain": seen.status.ready, "node": pod.spec.node_name},
    )


def _killed_before_start(pod: Pod, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    for event in gates.fresh_events(view, pod.uid, _START_FAILURES, now=now):
        if _TOO_SMALL in event.message and (seen := _suspect(pod, event)) is not None:
            yield _too_small(
                pod, seen, view, message=event.message, since=event.first_seen, until=times.after(event.last_seen, gates.FRESH_S)
            )
            return


def _suspect(pod: Pod, event: Event) -> Seen | None:
    """The container that was starting: the one the event names, else the one with the smallest limit."""
    waiting = [seen for seen in containers.of(pod) if not seen.is_running]
    for seen in waiting:
        if seen.name == event.container:
            return seen
    return min(waiting, key=lambda seen: seen.memory_limit if seen.memory_limit is not None else 2**63, default=None)


def _too_small(pod: Pod, seen: Seen, view: ClusterView, *, message: str, since: datetime, until: datetime | None = None) -> Finding:
    subject = view.workload_of(pod)
    limit = seen.memory_limit
    limited = "" if limit is None else f" of {quantities.human_bytes(limit)}"
    return Finding(
        type=TYPE,
        subject=subject,
        part=seen.name,
        shown_by=owners.ref(pod),
        severity=severity.judge(Severity.CRITICAL, subject=subject, view=view, pod=pod),
        title=f"{wording.of_container(seen.name, subject)} cannot start: its memory limit{limited} is too low",
        category=CATEGORY,
        since=since,
        opens_at=since,
        expires_at=until,
        facts=_memory(seen) | {"isKilledAtStart": True, "message": wording.clip(message), "node": pod.spec.node_name},
    )


def _last_message(seen: Seen) -> str:
    return seen.last_exit.message if seen.last_exit is not None and not seen.is_running else ""


def _memory(seen: Seen) -> dict[str, object]:
    request = quantities.bytes_or_none(seen.spec.resources.requests, "memory")
    return {"limitBytes": seen.memory_limit, "requestBytes": request} | seen.facts


DETECTOR = Detector(type=TYPE, category=CATEGORY, looks_at=frozenset({Pod.kind}), detect=detect, event_reasons=_START_FAILURES)
