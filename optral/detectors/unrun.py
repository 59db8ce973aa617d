"""Probes that cannot be run: their program is not there, or the kubelet cannot make the call at all.

The kubelet takes that for no answer and not for a failure: a liveness probe never kills then, a startup or readiness probe never passes.
It says "errored and resulted in unknown state" each time, at first ten seconds apart and later five minutes, in an Event of its own each
time where the runtime's message carries the number of the try.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from optral.detectors import gates
from optral.detectors.containers import Seen
from optral.kube import times
from optral.kube.objects import Event

MIN_TRIES = 3
PATIENCE_S = 240  # a runtime that is busy or restarts is back by then
SHOWN_FOR_S = 900  # at its slowest the kubelet tells every five minutes
REASON = "Unhealthy"


class Unrun(NamedTuple):
    """Since when it cannot be run, until when that counts, and what the kubelet said last."""

    since: datetime
    until: datetime
    message: str


def told(events: Iterable[Event], which: str, seen: Seen, *, now: datetime) -> Unrun | None:
    """What these Events of one pod tell of this probe ("Liveness", "Readiness", "Startup"), if that has lasted and still goes on."""
    words = f"{which} probe errored"
    ours = [
        event for event in events if event.reason == REASON and event.message.startswith(words) and event.container in (seen.name, None)
    ]
    ours = [event for event in ours if seen.started_at is None or event.last_seen >= seen.started_at]
    if sum(event.times for event in ours) < MIN_TRIES:
        return None
    newest = max(ours, key=lambda event: event.last_seen)
    since = min(event.first_seen for event in ours)
    if (newest.last_seen - since).total_seconds() < PATIENCE_S or not gates.is_fresh(newest.last_seen, now=now, window_s=SHOWN_FOR_S):
        return None
    return Unrun(since, times.after(newest.last_seen, SHOWN_FOR_S), newest.message)
