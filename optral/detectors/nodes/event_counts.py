"""How often an Event happened recently. An Event that is merged over hours has only a count and two times, so its average rate is used."""

from collections.abc import Iterable
from datetime import datetime

from optral.kube import times
from optral.kube.objects import Event


def within(events: Iterable[Event], window_s: float, *, until: datetime) -> int:
    """At least how often these Events happened in the window that ends at `until`, assuming an even rate for those that began earlier."""
    return sum(_times(event, window_s, until=until) for event in events)


def _times(event: Event, window_s: float, *, until: datetime) -> int:
    silent_s = times.age_s(event.last_seen, now=until)
    if silent_s > window_s:
        return 0
    lasted_s = times.age_s(event.first_seen, now=event.last_seen)
    if lasted_s <= 1:
        return 1  # repeated within a second, as a kubelet does when it starts
    if lasted_s + silent_s <= window_s:
        return event.times
    return max(1, int((event.times - 1) * (window_s - silent_s) / lasted_s))
