"""LifecycleHookFailed: the postStart or preStop hook of a container fails.

A failed postStart hook kills the container; after a failed preStop hook the container stops without its cleanup. Only Events show it: two
of them within half an hour. While a pod is being deleted, its preStop hook no longer matters (G1).
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from optral.detectors import containers, gates, wording
from optral.detectors.containers import ContainerView
from optral.detectors.detector import Tier, of_container
from optral.detectors.finding import Finding
from optral.kube import times
from optral.kube.objects import Event, Pod
from optral.kube.reports.containers import HOOKS
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.severity import Severity

MIN_EVENTS = 2
_EVENTS = frozenset(HOOKS)


def detect(pod: Pod, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    if pod.status.phase == "Failed":
        return
    events = gates.fresh_events(view, pod.uid, _EVENTS, now=now, window_s=gates.HOOKS_COUNT_FOR_S)
    if not events:
        return
    by_container: defaultdict[str | None, list[Event]] = defaultdict(list)
    for event in events:
        by_container[event.container].append(event)
    everyone = list(containers.of(pod))
    for seen in everyone:
        failures = by_container[seen.name] or (by_container[None] if len(everyone) == 1 else [])
        if sum(event.times for event in failures) >= MIN_EVENTS:
            yield _finding(pod, seen, view, failures=failures, now=now)


def _finding(pod: Pod, seen: ContainerView, view: ClusterView, *, failures: list[Event], now: datetime) -> Finding:
    subject = view.workload_of(pod)
    since = min(event.first_seen for event in failures)
    hook = HOOKS[failures[0].reason]
    return Finding(
        subject=subject,
        part=seen.name,
        title=titles.LifecycleHookFailed.failed(object=wording.label(subject), container=seen.name, hook=hook),
        since=since,
        expires_at=times.after(failures[0].last_seen, gates.HOOKS_COUNT_FOR_S),
        facts=seen.facts | {"hook": hook, "message": wording.clip(failures[0].message)},
    )


DETECTOR = of_container(
    type="LifecycleHookFailed",
    title=titles.LifecycleHookFailed.what,
    category="configuration",
    severity=Severity.MEDIUM,
    gates=("G1", "G2", "G5", "G7", "G10"),
    rank=40,
    detect=detect,
    event_reasons=_EVENTS,
    tier=Tier.EXTENDED,
    needs=frozenset({"events"}),
)
