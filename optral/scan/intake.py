"""Intake: the one door by which objects come into a look, whatever they were read from.

Secrets are dropped before anything looks at them, and so is every kind that Optral does not watch. The rest goes through the redactor of
the agent, then it is decoded for the detectors. Of the bulk of a cluster (pods, their revisions, Events) only the part that detectors read
is redacted at once, which is a tenth of the work; what an explanation wants beside that is redacted when it is read, and only then.
"""

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

import msgspec

from optral.analysis.snapshot import LogKey, moment
from optral.kube import objects
from optral.kube.kinds import BY_ID, EVENT, Kind
from optral.kube.objects import Event, KubeObject, kind_id_of
from optral.kube.redact import Redactor, Unredactable
from optral.kube.view import EVENT_LIFE, ClusterView

NEVER = frozenset({"Secret", "SecretList"})
BULK = frozenset({"Pod", "ReplicaSet.apps", "Event", "EndpointSlice.discovery.k8s.io", "Job.batch"})
"""Kinds of which only what the detectors read is redacted at first. No detector reads what the redactor alone writes into them."""
Item = bytes | msgspec.Raw
NOT_LATER_THAN = timedelta(days=1)  # a dump cannot come from the day after tomorrow, whatever one of its objects says


class _Managed(msgspec.Struct, gc=False, frozen=True):
    time: str = ""


class _Meta(msgspec.Struct, gc=False, frozen=True):
    name: str = ""
    namespace: str = ""
    uid: str = ""
    creationTimestamp: str | None = None
    managedFields: list[_Managed] | None = None


class _Condition(msgspec.Struct, gc=False, frozen=True):
    lastHeartbeatTime: str | None = None
    lastTransitionTime: str | None = None


class _Moment(msgspec.Struct, gc=False, frozen=True):
    startedAt: str | None = None
    finishedAt: str | None = None


class _State(msgspec.Struct, gc=False, frozen=True):
    running: _Moment | None = None
    terminated: _Moment | None = None


class _Container(msgspec.Struct, gc=False, frozen=True):
    state: _State = _State()


class _Status(msgspec.Struct, gc=False, frozen=True):
    conditions: list[_Condition] | None = None
    containerStatuses: list[_Container] | None = None


class _Spec(msgspec.Struct, gc=False, frozen=True):
    renewTime: str | None = None


class _Head(msgspec.Struct, gc=False, frozen=True):
    """What an object is called, and when something last happened to it."""

    apiVersion: str = ""
    kind: str = ""
    metadata: _Meta = _Meta()
    lastTimestamp: str | None = None
    eventTime: str | None = None
    spec: _Spec | None = None
    status: _Status | None = None

    def times(self) -> Iterator[str | None]:
        """Every time at which something happened, as it is written."""
        yield from (self.metadata.creationTimestamp, self.lastTimestamp, self.eventTime)
        yield from (one.time for one in self.metadata.managedFields or ())
        if self.spec is not None:
            yield self.spec.renewTime
        if self.status is None:
            return
        for condition in self.status.conditions or ():
            yield condition.lastHeartbeatTime
            yield condition.lastTransitionTime
        for container in self.status.containerStatuses or ():
            for happened in (container.state.running, container.state.terminated):
                if happened is not None:
                    yield happened.startedAt
                    yield happened.finishedAt


class _PlainMeta(msgspec.Struct, gc=False, frozen=True):
    name: str = ""
    namespace: str = ""
    uid: str = ""


class _PlainHead(msgspec.Struct, gc=False, frozen=True):
    apiVersion: str = ""
    kind: str = ""
    metadata: _PlainMeta = _PlainMeta()


_HEAD = msgspec.json.Decoder(_Head)
_PLAIN_HEAD = msgspec.json.Decoder(_PlainHead)


class Gap(NamedTuple):
    """Something that was asked for and is not in the look: a list or file, and why."""

    what: str
    why: str


class _Kept(NamedTuple):
    """One object as it came, for an explanation; nobody reads it but through the redactor."""

    kind: Kind
    namespace: str
    raw: msgspec.Raw


@dataclass(slots=True)
class Intake:
    """Everything one look knows. `keep`: also keep what came, for explanations. Fill it, then `settle`."""

    keep: bool = False
    redactor: Redactor = field(default_factory=lambda: Redactor(secrets.token_bytes(32)))
    view: ClusterView = field(default_factory=ClusterView)
    logs: dict[LogKey, bytes] = field(default_factory=dict)
    log_errors: dict[LogKey, str] = field(default_factory=dict)
    gaps: list[Gap] = field(default_factory=list)
    seen_kinds: set[str] = field(default_factory=set)
    taken: int = 0
    secrets_dropped: int = 0
    kinds_ignored: dict[str, int] = field(default_factory=dict)
    now: datetime | None = None
    _newest: str = ""
    _kept: dict[tuple[str, str], _Kept] = field(default_factory=dict)
    _events: dict[str, Event] = field(default_factory=dict)
    _latest: str = field(default_factory=lambda: (datetime.now(UTC) + NOT_LATER_THAN).isoformat())

    def take(self, item: Item, *, api_version: str = "", kind: str = "") -> None:
        """Take in one object as JSON; `api_version` and `kind` are of its list, for items that do not name their own. Never raises."""
        raw = bytes(item)
        head = _head(raw)
        if head is None:
            self.gap("an object", "not a readable Kubernetes object")
            return
        name = head.kind or kind
        if not name:
            self.gap("an object", "has no kind")
            return
        if name in NEVER:
            self.secrets_dropped += 1
            return
        known = _kind(head.apiVersion or api_version, name)
        if known is None:
            self.kinds_ignored[name] = self.kinds_ignored.get(name, 0) + 1
            return
        self._note_times(head)
        self._take(known, item, raw, head.metadata)

    def take_known(self, kind: Kind, item: Item) -> None:
        """Take in an object of a list that was asked for. Never raises."""
        raw = bytes(item)
        try:
            meta = _PLAIN_HEAD.decode(raw).metadata
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            self.gap(kind.plural, "one of the objects cannot be read")
            return
        self._take(kind, item, raw, meta)

    def _take(self, kind: Kind, item: Item, raw: bytes, meta: "_Meta | _PlainMeta") -> None:
        if kind.only_in and meta.namespace not in kind.only_in:
            return
        uid = meta.uid or f"{kind.id}/{meta.namespace}/{meta.name}"
        try:
            self._put(kind, self._judged(kind, raw, uid=uid, namespace=meta.namespace, name=meta.name))
        except Unredactable as error:
            self.gap(f"{kind.name} {meta.name}", f"its metadata is invalid: {error}")
            return
        if self.keep:
            self._kept[(kind.id, uid)] = _Kept(kind, meta.namespace, msgspec.Raw(item))

    def _judged(self, kind: Kind, raw: bytes, *, uid: str, namespace: str, name: str) -> KubeObject:
        """The object as detectors get it, redacted. Raises `Unredactable`."""
        if kind.id not in BULK:
            return objects.decode(kind.id, self.redactor.redact(kind, raw), uid=uid, namespace=namespace, name=name)
        thing = objects.decode(kind.id, raw, uid=uid, namespace=namespace, name=name)
        read = msgspec.json.encode(thing)
        redacted = self.redactor.redact(kind, read)
        if redacted.endswith(read[1:]):  # nothing was masked: the redactor only puts the kind in front
            return thing
        return objects.decode(kind.id, redacted, uid=uid, namespace=namespace, name=name)

    def _put(self, kind: Kind, thing: KubeObject) -> None:
        """The same object again, as from two files of one dump, takes the place of the first."""
        self.seen_kinds.add(kind.id)
        if isinstance(thing, Event):
            self.taken += thing.uid not in self._events
            self._events[thing.uid] = thing
        else:
            self.taken += self.view.get(kind.id, thing.uid) is None
            self.view.load(((kind.id, thing),))

    def manifests(self, *kinds: str) -> Iterator[tuple[str, str, Callable[[], bytes | None]]]:
        """(kind id, namespace, how to read it) of all that was kept, or of some kinds. What is not safe to look at reads as None."""
        for (kind_id, _), kept in self._kept.items():
            if not kinds or kind_id in kinds:
                yield kind_id, kept.namespace, partial(self._redacted, kept)

    def _redacted(self, kept: _Kept) -> bytes | None:
        try:
            return self.redactor.redact(kept.kind, bytes(kept.raw))
        except Unredactable:
            return None

    def take_log(self, key: str, text: str) -> None:
        """A log under its name in a bundle; a name that means nothing is a gap."""
        if (place := log_key(key)) is None:
            self.gap(f"log {key[:200]}", "the name is not namespace/pod/container")
        else:
            self.logs[place] = text.encode("utf-8", "replace")

    def gap(self, what: str, why: str) -> None:
        """Say that something is missing; the same is said once."""
        gap = Gap(what, why)
        if gap not in self.gaps:
            self.gaps.append(gap)

    def settle(self, now: datetime) -> None:
        """Everything is in: it was so at `now`. Events older than an hour are no part of it, as in a cluster that is watched."""
        self.now = now
        fresh = [event for event in self._events.values() if event.last_seen >= now - EVENT_LIFE]
        fresh.sort(key=lambda event: event.last_seen)
        self.view.load((EVENT.id, event) for event in fresh)
        self._events.clear()

    @property
    def newest(self) -> datetime | None:
        """The newest time that any object carries; None when none does."""
        return moment(self._newest)

    def _note_times(self, head: _Head) -> None:
        for text in head.times():
            if text is not None and self._newest < text < self._latest and moment(text) is not None:
                self._newest = text


def _head(raw: bytes) -> _Head | None:
    try:
        return _HEAD.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        pass
    try:  # a strange time must not cost the object
        plain = _PLAIN_HEAD.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    meta = _Meta(plain.metadata.name, plain.metadata.namespace, plain.metadata.uid)
    return _Head(plain.apiVersion, plain.kind, meta)


def _kind(api_version: str, name: str) -> Kind | None:
    """The watched kind that this is, in the version it was written in."""
    known = BY_ID.get(kind_id_of(api_version, name))
    if known is None or known.api_version == api_version:
        return known
    return known._replace(version=api_version.rpartition("/")[2])


def log_key(text: str) -> LogKey | None:
    """`ns/pod/container`, with `.previous` or `#previous` for the run before."""
    for mark in (".previous", "#previous"):
        if text.endswith(mark):
            text, previous = text.removesuffix(mark), True
            break
    else:
        previous = False
    parts = text.split("/")
    return LogKey(parts[0], parts[1], parts[2], previous) if len(parts) == 3 and all(parts) else None


def take_logs(intake: Intake, logs: Mapping[str, Any], errors: Mapping[str, Any]) -> None:
    """The logs of a bundle, and why there are none of other containers."""
    for key, text in logs.items():
        if isinstance(text, str):
            intake.take_log(key, text)
    for key, why in errors.items():
        if isinstance(why, str) and (place := log_key(key)) is not None:
            intake.log_errors[place] = why[:500]


def take_all(intake: Intake, items: Iterable[Item], *, api_version: str = "", kind: str = "") -> None:
    """The items of one list; `kind` is the list's own (`PodList`), which names its items where they do not."""
    of_items = kind.removesuffix("List") if kind != "List" else ""
    for raw in items:
        intake.take(raw, api_version=api_version, kind=of_items)
