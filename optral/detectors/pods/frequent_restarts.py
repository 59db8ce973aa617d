"""FrequentRestarts: a container runs for a while, exits and is restarted, repeatedly, without ever being in back-off.

Runs shorter than ten minutes are CrashLoopBackOff; here each run is long enough for the kubelet to reset its back-off. Three restarts in an
hour or five in a day must be *proven*, because the restart count alone proves nothing: either by Events "Started", or by a rate that both
the whole life of the pod and its last run show (for a pod younger than the period, its count shows it). A node that rebooted restarts every
container, which is not a failure of the container. `gates.is_quiet` skips pods with fewer than `gates.OFTEN` restarts, so no threshold may
be lower.
"""

from collections.abc import Iterator
from datetime import datetime

from optral.detectors import candidate_causes, containers, gates, wording
from optral.detectors.containers import ContainerView
from optral.detectors.detector import Stage, Tier, of_container
from optral.detectors.finding import Finding
from optral.detectors.thresholds import Limits, Threshold
from optral.kube import times
from optral.kube.objects import Event, Pod, Terminated
from optral.kube.reports import probes
from optral.kube.reports.containers import NEVER_RAN
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.severity import Severity

THRESHOLDS = {
    "restartsPerHour": Threshold(
        default=gates.OFTEN, min=gates.OFTEN, max=100, unit="restarts", doc="This many restarts within an hour are too many"
    ),
    "restartsPerDay": Threshold(default=5, min=gates.OFTEN, max=1000, unit="restarts", doc="This many restarts within a day are too many"),
    "longRunSeconds": Threshold(
        default=600, min=600, max=43_200, unit="s", doc="A restart counts if the run before it lasted at least this long"
    ),
}
"""Runs shorter than ten minutes are CrashLoopBackOff's: nothing less can be set."""
_SPANS = (("restartsPerHour", gates.OFTEN_WITHIN_S, "an hour"), ("restartsPerDay", 86400, "a day"))
_EVENTS = frozenset({"Started"})
_NOT_OURS = frozenset({"OOMKilled", *NEVER_RAN, "Unknown", "ContainerStatusUnknown"})


def detect(pod: Pod, view: ClusterView, *, now: datetime, limits: Limits) -> Iterator[Finding]:
    if pod.status.phase != "Running":
        return
    long_run_s = limits["longRunSeconds"]
    last_runs = ((seen, _last_long_run(seen, long_run_s=long_run_s, now=now)) for seen in containers.of(pod))
    restarted = [(seen, ended) for seen, ended in last_runs if ended is not None]
    if not restarted or gates.was_rebooted(pod, view, now=now, window_s=gates.OFTEN_WITHIN_S):
        return
    events = view.events_of(pod.uid)
    for seen, ended in restarted:
        rate = _rate(pod, seen, events, limits=limits, run_s=_ran_s(ended), now=now)
        if rate is not None and not _is_killed_by_probe(seen, events, now=now):
            yield _finding(pod, seen, view, ended=ended, rate=rate, long_run_s=long_run_s)


def _last_long_run(seen: ContainerView, *, long_run_s: float, now: datetime) -> Terminated | None:
    """The last exit, if this type is about it: within the hour, after a long run, and the container runs again."""
    ended = seen.status.last_state.terminated
    if ended is None or not seen.is_running or seen.is_init or seen.status.restart_count < gates.OFTEN or ended.reason in _NOT_OURS:
        return None
    if not gates.is_fresh(ended.finished_at, now=now, window_s=gates.OFTEN_WITHIN_S):
        return None
    return ended if long_run_s <= _ran_s(ended) < float("inf") else None


def _ran_s(ended: Terminated) -> float:
    """How long it ran; infinite if that is not known."""
    if ended.started_at is None or ended.finished_at is None:
        return float("inf")
    return (ended.finished_at - ended.started_at).total_seconds()


def _rate(pod: Pod, seen: ContainerView, events: list[Event], *, limits: Limits, run_s: float, now: datetime) -> str | None:
    """The text for the first rate that is proven."""
    age_s = containers.seconds_since(pod.status.start_time or pod.created_at, now=now)
    for name, window_s, span in _SPANS:
        at_least = limits[name]
        is_usual = seen.status.restart_count >= at_least * max(1.0, age_s / window_s)
        if is_usual and (age_s <= window_s or run_s <= window_s / at_least):
            return f"{at_least} in {span}"
        if min(_starts(seen, events, now=now, window_s=window_s), seen.status.restart_count) >= at_least:
            return f"{at_least} in {span}"
    return None


def _starts(seen: ContainerView, events: list[Event], *, now: datetime, window_s: float) -> int:
    """How many starts Events report, counting only Events whose first occurrence lies inside the window."""
    return sum(
        event.times
        for event in events
        if event.reason in _EVENTS and event.container == seen.name and gates.is_fresh(event.first_seen, now=now, window_s=window_s)
    )


def _is_killed_by_probe(seen: ContainerView, events: list[Event], *, now: datetime) -> bool:
    return any(
        event.reason == probes.KILLING
        and event.container in (seen.name, None)
        and probes.killed_by(event.message) is not None
        and gates.is_fresh(event.last_seen, now=now, window_s=gates.OFTEN_WITHIN_S)
        for event in events
    )


def _finding(pod: Pod, seen: ContainerView, view: ClusterView, *, ended: Terminated, rate: str, long_run_s: float) -> Finding:
    subject = view.workload_of(pod)
    since = ended.finished_at or pod.created_at
    return Finding(
        subject=subject,
        part=seen.name,
        title=titles.FrequentRestarts.often(object=wording.label(subject), container=seen.name),
        since=since,
        expires_at=times.after(since, gates.OFTEN_WITHIN_S),
        occurrence=containers.occurrence(ended),
        facts=seen.facts
        | {"atLeast": rate, "longRunSeconds": long_run_s, "message": wording.clip(ended.message)}
        | containers.exit_facts(ended),
        suspects=candidate_causes.node_of(pod, view),
    )


DETECTOR = of_container(
    type="FrequentRestarts",
    title=titles.FrequentRestarts.what,
    category="crash",
    severity=Severity.MEDIUM,
    gates=("G1", "G2", "G4", "G5", "G7", "G10"),
    rank=150,
    stage=Stage.RESTARTS,
    is_dated_by_exit=True,
    follows_dependencies=True,
    detect=detect,
    event_reasons=_EVENTS,
    tier=Tier.EXTENDED,
    needs=frozenset({"events"}),
    thresholds=THRESHOLDS,
)
