"""OOMKilled: the kernel stopped a container that ran out of memory.

A restarted container shows the kill only in `lastState`, and shows it until its next exit, however healthy it is by then. So one kill is
one occurrence, identified by the id of the container, and the finding ends ten minutes after the kill unless the container is still down. A
limit that is too low to start never appears as OOMKilled, only as "init was OOM-killed" in a message of the runtime. Exit code 137 alone
does not mean memory: probes, evictions and forced deletions end with it too.

A node that runs out of memory is a different failure from a limit that is too low. Its Event (SystemOOM, or the kernel message that the
node problem detector reports) is an issue of the node; containers that were killed at that time, or that have no limit at all, name the
node as a candidate cause and keep their own fingerprint.
"""

import re
from collections.abc import Iterator
from datetime import datetime

from optral.detectors import candidate_causes, containers, failed_pods, gates, wording
from optral.detectors.containers import ContainerView
from optral.detectors.detector import Stage, of_container
from optral.detectors.finding import Finding, Suspect
from optral.kube import owners, quantities, times
from optral.kube.objects import Event, Job, KubeObject, Node, Pod, Terminated
from optral.kube.reports.nodes import SYSTEM_OOM
from optral.kube.reports.runtime import is_init_killed
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity
from optral.terms.template import Title

TYPE = "OOMKilled"
MAX_VICTIMS = 10
SHOWN_FOR_S = 600  # the kubelet resets its back-off after a run of ten minutes
_START_FAILURES = frozenset({"FailedCreatePodSandBox", "Failed"})
_OF_NODE = frozenset({SYSTEM_OOM, "OOMKilling"})
_KERNEL_SAYS = "Out of memory"  # a kill because of a limit begins with "Memory cgroup out of memory"
_SAME_MOMENT_S = 60
_VICTIM = re.compile(r"victim process: ([^\s,]{1,64})|Killed process \d{1,10} \(([^)]{1,64})\)")


def detect(obj: KubeObject, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    if isinstance(obj, Pod):
        yield from _of_pod(obj, view, now=now)
    elif isinstance(obj, Node):
        yield from _of_node(obj, view, now=now)


def _of_pod(pod: Pod, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    named = False
    for seen in containers.of(pod):
        killed = _kill(seen, now=now)
        if killed is not None:
            named = True
            finding = _finding(pod, seen, view, killed=killed, now=now)
            if finding is not None:
                yield finding
        elif is_init_killed(seen.waiting_message) or is_init_killed(_last_message(seen)):
            named = True
            yield _too_small(
                pod, seen, view, message=seen.waiting_message or _last_message(seen), since=containers.waiting_since(pod, seen)
            )
    if not named and pod.status.phase == "Pending":
        yield from _killed_before_start(pod, view, now=now)


def _kill(seen: ContainerView, *, now: datetime) -> Terminated | None:
    """The kill to report: the current exit, or the previous one while it is recent or the container is still down because of it."""
    present, before = seen.status.state.terminated, seen.status.last_state.terminated
    if present is not None and present.reason == TYPE:
        return present
    if before is None or before.reason != TYPE:
        return None
    return before if _is_down(seen) or gates.is_fresh(before.finished_at, now=now, window_s=SHOWN_FOR_S) else None


def _is_down(seen: ContainerView) -> bool:
    """Whether it has not started again since its last kill: only then the kill does not expire."""
    present = seen.status.state.terminated
    return (present is not None and present.reason == TYPE) or seen.waiting_reason == "CrashLoopBackOff"


def _finding(pod: Pod, seen: ContainerView, view: ClusterView, *, killed: Terminated, now: datetime) -> Finding | None:
    subject = view.workload_of(pod)
    since = killed.finished_at or pod.status.start_time or pod.created_at
    until = _until(pod, seen, view, since=since, now=now)
    if until is not None and until <= now:
        return None
    limit = _limit(pod, seen)
    is_of_node = limit is None or _node_ran_out(pod, view, at=since, now=now)
    return Finding(
        subject=subject,
        part=seen.name,
        title=_title(seen, subject, limit, is_of_node=is_of_node),
        since=since,
        expires_at=until,
        occurrence=containers.occurrence(killed),
        facts=_memory(pod, seen)
        | containers.exit_facts(killed)
        | {"isReadyAgain": seen.status.ready, "isNodeOutOfMemory": is_of_node, "node": pod.spec.node_name},
        suspects=candidate_causes.memory_of_node(pod, view) if is_of_node else (),
    )


def _title(seen: ContainerView, subject: ObjectRef, limit: int | None, *, is_of_node: bool) -> Title:
    label, limited = wording.label(subject), "" if limit is None else quantities.human_bytes(limit)
    if not limited:
        return titles.OOMKilled.of_node_unlimited(object=label, container=seen.name)
    return (titles.OOMKilled.of_node if is_of_node else titles.OOMKilled.at_limit)(object=label, container=seen.name, limit=limited)


def _until(pod: Pod, seen: ContainerView, view: ClusterView, *, since: datetime, now: datetime) -> datetime | None:
    """When the kill expires: never while the container is down, unless its pod failed permanently and has been replaced."""
    if not _is_down(seen):
        return times.after(since, SHOWN_FOR_S)
    controller = owners.controller(pod)
    if pod.status.phase != "Failed" or (controller is not None and controller.kind_id == Job.kind):
        return None
    return failed_pods.standing(pod, view, now=now).until


def _limit(pod: Pod, seen: ContainerView) -> int | None:
    """The limit of the container, otherwise that of its pod."""
    own = seen.memory_limit
    return own if own is not None else quantities.bytes_or_none(pod.spec.resources.limits, "memory")


def _node_ran_out(pod: Pod, view: ClusterView, *, at: datetime, now: datetime) -> bool:
    return any(
        abs((moment - at).total_seconds()) <= _SAME_MOMENT_S
        for event in _node_kills(view, pod.spec.node_name, now=now)
        for moment in (event.first_seen, event.last_seen)
    )


def _node_kills(view: ClusterView, node: str, *, now: datetime) -> list[Event]:
    """Recent Events which report that the node itself ran out of memory, not a limit on it; newest first."""
    events = gates.node_events(view, node, _OF_NODE, now=now, window_s=SHOWN_FOR_S) if node else []
    return [event for event in events if event.reason == SYSTEM_OOM or _KERNEL_SAYS in event.message]


def _of_node(node: Node, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    kills = _node_kills(view, node.name, now=now)
    if not kills or gates.is_deleting(node) or gates.is_leaving(node):
        return
    subject = owners.ref(node)
    first = min(event.first_seen for event in kills)
    since = first if gates.is_fresh(first, now=now, window_s=SHOWN_FOR_S) else kills[0].last_seen
    victims = sorted({named for event in kills if (named := _victim(event.message))})[:MAX_VICTIMS]
    yield Finding(
        subject=subject,
        title=titles.OOMKilled.node_victims(object=wording.label(subject), processes=", ".join(victims[:3]))
        if victims
        else titles.OOMKilled.node(object=wording.label(subject)),
        since=since,
        expires_at=times.after(kills[0].last_seen, SHOWN_FOR_S),
        occurrence=kills[0].last_seen.isoformat(),
        facts={"isNodeOutOfMemory": True, "processes": victims, "message": wording.clip(kills[0].message), "node": node.name},
        suspects=(Suspect(subject, "is short of memory", frozenset({"NodeMemoryPressure"})),),
    )


def _victim(message: str) -> str:
    match = _VICTIM.search(message)
    return (match.group(1) or match.group(2)) if match is not None else ""


def _killed_before_start(pod: Pod, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    for event in gates.fresh_events(view, pod.uid, _START_FAILURES, now=now):
        if is_init_killed(event.message) and (seen := _suspect(pod, event)) is not None:
            yield _too_small(
                pod, seen, view, message=event.message, since=event.first_seen, until=times.after(event.last_seen, gates.FRESH_S)
            )
            return


def _suspect(pod: Pod, event: Event) -> ContainerView | None:
    """The container that was starting: the one that the event names, otherwise the one with the lowest limit."""
    waiting = [seen for seen in containers.of(pod) if not seen.is_running]
    for seen in waiting:
        if seen.name == event.container:
            return seen
    return min(waiting, key=lambda seen: seen.memory_limit if seen.memory_limit is not None else 2**63, default=None)


def _too_small(
    pod: Pod, seen: ContainerView, view: ClusterView, *, message: str, since: datetime, until: datetime | None = None
) -> Finding:
    subject = view.workload_of(pod)
    limit = _limit(pod, seen)
    return Finding(
        subject=subject,
        part=seen.name,
        title=titles.OOMKilled.too_low_unknown(object=wording.label(subject), container=seen.name)
        if limit is None
        else titles.OOMKilled.too_low(object=wording.label(subject), container=seen.name, limit=quantities.human_bytes(limit)),
        since=since,
        expires_at=until,
        facts=_memory(pod, seen) | {"isKilledAtStart": True, "message": wording.clip(message), "node": pod.spec.node_name},
    )


def _last_message(seen: ContainerView) -> str:
    return seen.last_exit.message if seen.last_exit is not None and not seen.is_running else ""


def _memory(pod: Pod, seen: ContainerView) -> dict[str, object]:
    request = quantities.bytes_or_none(seen.spec.resources.requests, "memory")
    return {"limitBytes": _limit(pod, seen), "requestBytes": request} | seen.facts


DETECTOR = of_container(
    type=TYPE,
    title=titles.OOMKilled.what,
    category="memory",
    severity=Severity.HIGH,
    gates=("G1", "G2", "G5", "G7", "G10"),
    rank=10,
    stage=Stage.MEMORY,
    is_dated_by_exit=True,
    looks_at=frozenset({Pod.kind, Node.kind}),
    detect=detect,
    event_reasons=_START_FAILURES | _OF_NODE,
    needs=frozenset({"events"}),
)
