"""How often an Event happened lately. One that is merged over hours tells only its number and its two ends, so its rate is taken."""

from collections.abc import Iterable
from datetime import datetime

from optral.kube import times
from optral.kube.objects import Event


def within(events: Iterable[Event], window_s: float, *, until: datetime) -> int:
    """At least how many times these happened in the window that ends at `until`, if those that began before it came evenly."""
    return sum(_times(event, window_s, until=until) for event in events)


def _times(event: Event, window_s: float, *, until: datetime) -> int:
    silent_s = times.age_s(event.last_seen, now=until)
    if silent_s > window_s:
        return 0
    lasted_s = times.age_s(event.first_seen, now=event.last_seen)
    if lasted_s <= 1:
        return 1  # said several times in one breath, as a kubelet does when it starts
    if lasted_s + silent_s <= window_s:
        return event.times
    return max(1, int((event.times - 1) * (window_s - silent_s) / lasted_s))
