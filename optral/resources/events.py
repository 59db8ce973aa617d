"""Kubernetes Events as the inventory keeps them, and how many of them it takes."""

from datetime import datetime

import msgspec

from optral.kube.objects.events import last_seen
from optral.kube.times import moment

MAX_MESSAGE = 2000
PER_S = 50
BURST = 1000  # the list at the start of a session


class _InvolvedObject(msgspec.Struct, gc=False, frozen=True):
    kind: str = ""
    apiVersion: str = ""
    namespace: str = ""
    name: str = ""
    uid: str = ""


class _Source(msgspec.Struct, gc=False, frozen=True):
    component: str = ""


class _Series(msgspec.Struct, gc=False, frozen=True):
    count: int = 0
    lastObservedTime: str | None = None


class _Body(msgspec.Struct, frozen=True):
    involvedObject: _InvolvedObject = _InvolvedObject()
    type: str | None = None
    reason: str | None = None
    message: str | None = None
    source: _Source | None = None
    reportingComponent: str | None = None
    count: int | None = None
    firstTimestamp: str | None = None
    lastTimestamp: str | None = None
    eventTime: str | None = None
    series: _Series | None = None


class Facts(msgspec.Struct, frozen=True):
    """What is kept of a Kubernetes Event; times are the cluster's."""

    kind: str
    namespace: str
    name: str
    object_uid: str
    type: str
    reason: str
    message: str
    source: str
    count: int
    first: datetime | None
    last: datetime | None


_body = msgspec.json.Decoder(_Body)


def facts_of(raw: bytes) -> Facts | None:
    """Read a core/v1 Event; None when it is none."""
    try:
        body = _body.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    about, series = body.involvedObject, body.series
    group, slash, _ = about.apiVersion.partition("/")
    first, last = _times(body)
    return Facts(
        kind=f"{about.kind}.{group}" if slash else about.kind,
        namespace=about.namespace,
        name=about.name,
        object_uid=about.uid,
        type=body.type or "Normal",
        reason=body.reason or "",
        message=(body.message or "")[:MAX_MESSAGE].replace("\x00", ""),
        source=(body.source.component if body.source else "") or body.reportingComponent or "",
        count=(series.count if series else 0) or body.count or 1,
        first=first,
        last=last,
    )


def _times(body: _Body) -> tuple[datetime | None, datetime | None]:
    """The first and the last time; each stands for the other where it is missing."""
    first, at, observed = moment(body.firstTimestamp), moment(body.eventTime), moment(body.series.lastObservedTime) if body.series else None
    last = last_seen(observed=observed, last=moment(body.lastTimestamp), at=at)
    return first or at or last, last or first


class Budget:
    """At most 50 Kubernetes Events a second of one cluster, after a burst; what finds no room is dropped and counted."""

    def __init__(self, now_s: float) -> None:
        self._tokens: float = BURST
        self._at_s = now_s
        self.dropped = 0

    def admits(self, now_s: float) -> bool:
        self._tokens = min(BURST, self._tokens + (now_s - self._at_s) * PER_S)
        self._at_s = now_s
        if self._tokens < 1:
            self.dropped += 1
            return False
        self._tokens -= 1
        return True
