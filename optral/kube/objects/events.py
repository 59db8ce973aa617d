"""Kubernetes Events, in both of their forms."""

from datetime import datetime
from typing import ClassVar, TypeVar

from optral.kube.objects.base import Int, KubeObject, Part, Time


class Involved(Part, frozen=True):
    kind: str = ""
    api_version: str = ""
    namespace: str = ""
    name: str = ""
    uid: str = ""
    field_path: str = ""


class EventSeries(Part, frozen=True):
    count: Int = 0
    last_observed_time: Time | None = None


class EventSource(Part, frozen=True):
    component: str = ""
    host: str = ""


Moment = TypeVar("Moment", datetime, str)


def last_seen(*, observed: Moment | None, last: Moment | None, at: Moment | None) -> Moment | None:
    """When an Event happened last: by its `series.lastObservedTime`, `lastTimestamp` and `eventTime`, as far as it has them."""
    latest = last or at
    return max(latest, observed) if latest is not None and observed is not None else latest or observed


class Event(KubeObject, frozen=True):
    """A Kubernetes Event, old form (count, firstTimestamp) or new (series, eventTime): read it by the properties."""

    kind: ClassVar[str] = "Event"
    involved_object: Involved = Involved()
    reason: str = ""
    message: str = ""
    type: str = ""
    count: Int | None = None
    first_timestamp: Time | None = None
    last_timestamp: Time | None = None
    event_time: Time | None = None
    series: EventSeries | None = None
    source: EventSource = EventSource()
    reporting_component: str = ""

    @property
    def times(self) -> int:
        """How often it happened, at least 1."""
        return max(1, self.count or 0, self.series.count if self.series is not None else 0)

    @property
    def first_seen(self) -> datetime:
        return self.first_timestamp or self.event_time or self.created_at

    @property
    def last_seen(self) -> datetime:
        observed = self.series.last_observed_time if self.series is not None else None
        return last_seen(observed=observed, last=self.last_timestamp, at=self.event_time) or self.created_at

    @property
    def reporter(self) -> str:
        return self.reporting_component or self.source.component

    @property
    def container(self) -> str | None:
        """The container its field path names: `spec.containers{api}` gives `api`."""
        head, brace, rest = self.involved_object.field_path.partition("{")
        return rest.rstrip("}") if brace and head.startswith("spec.") else None
