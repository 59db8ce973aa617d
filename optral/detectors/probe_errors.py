"""Probes that cannot run: their program is missing, or the kubelet cannot make the call at all.

The kubelet treats that as no result and not as a failure: a liveness probe then never kills, a startup or readiness probe never passes.
It reports "errored and resulted in unknown state" each time, first every ten seconds and later every five minutes, in a new Event each time
if the message of the runtime contains the number of the attempt.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from optral.detectors import gates
from optral.detectors.containers import ContainerView
from optral.kube import times
from optral.kube.objects import Event
from optral.kube.reports import probes

MIN_ATTEMPTS = 3
PATIENCE_S = 240  # a busy or restarting runtime has recovered by then
SHOWN_FOR_S = 900  # the kubelet reports at least every five minutes


class ProbeError(NamedTuple):
    """Since when the probe cannot run, until when that counts, and the last message of the kubelet."""

    since: datetime
    until: datetime
    message: str


def find(events: Iterable[Event], which: str, seen: ContainerView, *, now: datetime) -> ProbeError | None:
    """The error of this probe (liveness, readiness or startup) in the Events of one pod, if it has lasted and continues."""
    ours = [
        event
        for event in events
        if event.reason == probes.UNHEALTHY and probes.could_not_run(event.message, which) and event.container in (seen.name, None)
    ]
    ours = [event for event in ours if seen.started_at is None or event.last_seen >= seen.started_at]
    if sum(event.times for event in ours) < MIN_ATTEMPTS:
        return None
    newest = max(ours, key=lambda event: event.last_seen)
    since = min(event.first_seen for event in ours)
    if (newest.last_seen - since).total_seconds() < PATIENCE_S or not gates.is_fresh(newest.last_seen, now=now, window_s=SHOWN_FOR_S):
        return None
    return ProbeError(since, times.after(newest.last_seen, SHOWN_FOR_S), newest.message)
