"""CrashLoopBackOff: a container exits again and again, and the kubelet waits longer each time before it restarts it.

The waiting reason is not always visible: between two back-offs the container is running, or terminated for a moment. The finding is
therefore also true if the last run was shorter than ten minutes (after which the kubelet resets its back-off), ended less than ten minutes
ago and was not the only one. The restart count does not prove that: a node that rebooted thirty times in a year leaves thirty. The count of
a young pod does, and so do a recent Event "BackOff" and two recent exits. A container that keeps exiting with 0 fails in the same way, but
one that ran for a while and then exited with 0 may have been stopped on purpose: it has to do so once more.

A container that is ready and has run for much longer than the run that failed has recovered, as one that exits until its server is up.
"""

from collections.abc import Iterator
from datetime import datetime

from optral.detectors import candidate_causes, containers, gates, wording
from optral.detectors.containers import ContainerView
from optral.detectors.detector import Stage, of_container
from optral.detectors.finding import Finding
from optral.kube import times
from optral.kube.objects import Pod, Terminated
from optral.kube.reports.containers import COMPLETED, NEVER_RAN
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity
from optral.terms.template import Title

TYPE = "CrashLoopBackOff"
MIN_RESTARTS = 2
MIN_GOOD_ENDS = 3
GOOD_RUN_S = 60
SHOWN_FOR_S = 600
RECOVERED_S, RECOVERED_TIMES = 180, 10  # ready for so long, and for so many times the run that failed
KILLED = 137  # left by a node that ran out of memory, if the runtime did not notice the reason
SHORT_RUN_S = 600  # the kubelet resets its back-off after a run of ten minutes
YOUNG_POD_S = 3600  # all restarts of a pod that young are recent
_EVENTS = frozenset({"BackOff"})


def detect(pod: Pod, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    if pod.status.phase == "Failed":
        return  # nothing restarts it; see JobFailed
    for seen in containers.of(pod):
        if seen.status.restart_count < MIN_RESTARTS:
            continue
        ended = seen.last_exit
        if ended is not None and _ended_well(ended) and seen.status.restart_count < MIN_GOOD_ENDS:
            continue
        if seen.waiting_reason == TYPE:
            yield _finding(pod, seen, view, ended=ended, until=None, now=now)
        elif ended is not None and _is_between_starts(pod, seen, ended, now=now) and _is_not_the_only_one(pod, seen, view, now=now):
            until = _shown_until(seen, ended, now=now)
            if until > now:
                yield _finding(pod, seen, view, ended=ended, until=until, now=now)


def _shown_until(seen: ContainerView, ended: Terminated, *, now: datetime) -> datetime:
    """Ten minutes after the last exit, or earlier if the container has recovered by then."""
    until = times.after(ended.finished_at or now, SHOWN_FOR_S)
    if seen.started_at is None or not seen.status.ready or ended.started_at is None or ended.finished_at is None:
        return until
    ran_s = (ended.finished_at - ended.started_at).total_seconds()
    return min(until, times.after(max(seen.started_at, ended.finished_at), max(RECOVERED_S, RECOVERED_TIMES * ran_s)))


def _ended_well(ended: Terminated) -> bool:
    if ended.exit_code != 0 or ended.started_at is None or ended.finished_at is None:
        return False
    return (ended.finished_at - ended.started_at).total_seconds() >= GOOD_RUN_S


def _is_between_starts(pod: Pod, seen: ContainerView, ended: Terminated, *, now: datetime) -> bool:
    if not (seen.is_running or seen.status.state.terminated is not None):
        return False  # waiting for something else: another type
    if ended.finished_at is None or not gates.is_fresh(ended.finished_at, now=now, window_s=SHOWN_FOR_S):
        return False
    if ended.started_at is None or (ended.finished_at - ended.started_at).total_seconds() >= SHORT_RUN_S:
        return False
    if ended.reason in NEVER_RAN:
        return False  # it runs now, so an earlier failure to start no longer matters
    if ended.exit_code == 0 or ended.reason == COMPLETED:
        return not seen.is_init and (pod.spec.restart_policy == "Always" or seen.is_sidecar)
    return True


def _is_not_the_only_one(pod: Pod, seen: ContainerView, view: ClusterView, *, now: datetime) -> bool:
    """G7: whether earlier restarts are recent too."""
    if containers.seconds_since(pod.status.start_time or pod.created_at, now=now) <= YOUNG_POD_S:
        return True
    ends = (seen.status.state.terminated, seen.status.last_state.terminated)
    if all(end is not None and gates.is_fresh(end.finished_at, now=now, window_s=SHOWN_FOR_S) for end in ends):
        return True
    return any(
        event.container in (seen.name, None) and "restarting failed" in event.message
        for event in gates.fresh_events(view, pod.uid, _EVENTS, now=now, window_s=SHOWN_FOR_S)
    )


def _finding(
    pod: Pod, seen: ContainerView, view: ClusterView, *, ended: Terminated | None, until: datetime | None, now: datetime
) -> Finding:
    subject = view.workload_of(pod)
    since = (ended.finished_at if ended is not None else None) or containers.waiting_since(pod, seen)
    return Finding(
        subject=subject,
        part=seen.name,
        title=_title(seen, subject, ended),
        since=since,
        expires_at=until,
        facts=_facts(seen, ended),
        suspects=candidate_causes.memory_of_node(pod, view) if ended is not None and ended.exit_code == KILLED else (),
    )


def _facts(seen: ContainerView, ended: Terminated | None) -> dict[str, object]:
    facts = seen.facts | {"message": wording.clip(seen.waiting_message or (ended.message if ended is not None else ""))}
    return facts if ended is None else facts | containers.exit_facts(ended)


def _title(seen: ContainerView, subject: ObjectRef, ended: Terminated | None) -> Title:
    if ended is None:
        return titles.CrashLoopBackOff.keeps_exiting(object=wording.label(subject), container=seen.name)
    return titles.CrashLoopBackOff.exits(object=wording.label(subject), container=seen.name, code=ended.exit_code)


DETECTOR = of_container(
    type=TYPE,
    title=titles.CrashLoopBackOff.what,
    category="crash",
    severity=Severity.HIGH,
    gates=("G1", "G2", "G4", "G5", "G7", "G10"),
    rank=120,
    stage=Stage.CRASH,
    is_dated_by_exit=True,
    follows_dependencies=True,
    detect=detect,
    event_reasons=_EVENTS,
)
