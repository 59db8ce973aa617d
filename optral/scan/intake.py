"""The intake of a scan: every object passes it, whether it comes from a cluster or a dump.

Secrets are dropped unread, and kinds that Optral does not watch are ignored. Everything else passes the redactor of the agent and is
decoded for the detectors. Of the most frequent kinds (`BULK`) only the part that detectors read is checked for secrets, and redacted if
there may be one; the whole manifest is redacted when an explanation reads it. Pods are decoded at once, and checked many at a time.
"""

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

import msgspec

from optral.analysis.reading.snapshot import LogKey, moment
from optral.kube import objects
from optral.kube.kinds import BY_ID, EVENT, Kind, is_custom, is_metadata_only
from optral.kube.objects import EPOCH, Event, KubeObject, Pod, kind_id_of
from optral.kube.redact import Redactor, Unredactable
from optral.kube.redact_templates import WORKLOADS, redact_workload
from optral.kube.redact_typed import CHECKED, PlainCheck
from optral.kube.view import EVENT_LIFE, ClusterView
from optral.scan import heads
from optral.scan.series import Series

SECRET_KINDS = frozenset({"Secret", "SecretList"})
BULK = frozenset({"Pod", *(cls.kind for cls in (*CHECKED, *WORKLOADS))})
"""Kinds of which only the part that detectors read is redacted at first. No detector reads what the redactor adds to them."""
POD = BY_ID[Pod.kind]
PODS_AT_ONCE = 128  # are checked for secrets together
Item = bytes | msgspec.Raw
MAX_AHEAD = timedelta(days=1)  # later times in a dump are ignored: they come from a wrong clock


class Gap(NamedTuple):
    """A list, file or object that was requested and is missing from the scan, and why."""

    what: str
    why: str


class _Kept(NamedTuple):
    """One unredacted manifest, kept for explanations; it is read only through the redactor."""

    kind: Kind
    namespace: str
    raw: msgspec.Raw


@dataclass(slots=True)
class Intake:
    """Everything that one scan has read. `keep` also keeps the manifests, for explanations. Fill it, then call `settle`."""

    keep: bool = False
    redactor: Redactor = field(default_factory=lambda: Redactor(secrets.token_bytes(32)))
    view: ClusterView = field(default_factory=ClusterView)
    logs: dict[LogKey, bytes] = field(default_factory=dict)
    log_errors: dict[LogKey, str] = field(default_factory=dict)
    are_logs_sampled: bool = False
    """Whether the logs of running containers were looked at for signs."""
    gaps: list[Gap] = field(default_factory=list)
    listed_kinds: set[str] = field(default_factory=set)
    namespaces: frozenset[str] | None = None
    """Outside of these, objects may exist that were not listed; None if everything was listed."""
    is_cut: bool = False
    """Whether a dump is truncated, or holds only the first page of a list: any object may be missing from it."""
    object_count: int = 0
    secrets_dropped: int = 0
    kinds_ignored: dict[str, int] = field(default_factory=dict)
    now: datetime | None = None
    series: Series = field(default_factory=Series)
    _newest: str = ""
    _newest_of_pods: datetime = EPOCH
    _kept: dict[tuple[str, str], _Kept] = field(default_factory=dict)
    _objects: dict[str, dict[str, KubeObject]] = field(default_factory=dict)
    _unchecked: list[Pod] = field(default_factory=list)
    _plain: PlainCheck = field(init=False)
    _latest: datetime = field(default_factory=lambda: datetime.now(UTC) + MAX_AHEAD)

    def __post_init__(self) -> None:
        self._plain = PlainCheck(self.redactor)

    def take(self, item: Item, *, api_version: str = "", kind: str = "") -> None:
        """Add one object as JSON. `api_version` and `kind` come from its list, for items without their own. Never raises; adds a gap."""
        raw = bytes(item)
        if (heads.is_pod(raw) or (kind == "Pod" and api_version == "v1")) and (times := self._take_pod(item, raw)) is not None:
            self._newest_of_pods = heads.newest_of_pod(times, after=self._newest_of_pods, before=self._latest)
            return
        head = heads.head_of(raw)
        if head is None:
            self.gap("an object", "not a readable Kubernetes object")
            return
        name = head.kind or kind
        if not name:
            self.gap("an object", "has no kind")
            return
        if name in SECRET_KINDS:
            self.secrets_dropped += 1
            return
        known = _kind(head.apiVersion or api_version, name)
        if known is None:
            self.kinds_ignored[name] = self.kinds_ignored.get(name, 0) + 1
            return
        self._newest = head.newest(self._newest, self._latest.isoformat())
        self._take(known, item, raw, head.metadata)

    def take_known(self, kind: Kind, item: Item) -> None:
        """Add an object of a list of this kind. Never raises; adds a gap."""
        raw = bytes(item)
        if kind.id == Pod.kind and self._take_pod(item, raw) is not None:
            return
        identity = heads.identity_of(raw)
        if identity is None:
            self.gap(kind.plural, "one of the objects cannot be read")
        else:
            self._take(kind, item, raw, identity)

    def _take_pod(self, item: Item, raw: bytes) -> heads.PodTimes | None:
        """Add a pod that is checked for secrets later; None if it is not a pod of which every field has its type."""
        found = heads.pod_of(raw)
        if found is None:
            return None
        pod, times = found
        self._put(POD, pod)
        if self.keep:
            self._kept[(Pod.kind, pod.uid)] = _Kept(POD, pod.metadata.namespace, msgspec.Raw(item))
        self._unchecked.append(pod)
        if len(self._unchecked) >= PODS_AT_ONCE:
            self._check_pods()
        return times

    def _check_pods(self) -> None:
        pods, self._unchecked = self._unchecked, []
        if self._plain.are_plain(pods):
            return
        of_kind = self._objects[Pod.kind]
        for pod in pods:
            if of_kind.get(pod.uid) is not pod:
                continue  # a later one has replaced it
            try:
                of_kind[pod.uid] = self._redacted_part(POD, pod)
            except Unredactable as error:
                del of_kind[pod.uid]
                self.gap(f"Pod {pod.name}", f"its metadata is invalid: {error}")

    def _take(self, kind: Kind, item: Item, raw: bytes, identity: heads.Identity) -> None:
        if kind.only_in and identity.namespace not in kind.only_in:
            return
        uid = identity.uid or f"{kind.id}/{identity.namespace}/{identity.name}"
        try:
            self._put(kind, self._decode(kind, raw, uid=uid, namespace=identity.namespace, name=identity.name))
        except Unredactable as error:
            self.gap(f"{kind.name} {identity.name}", f"its metadata is invalid: {error}")
            return
        if self.keep:
            self._kept[(kind.id, uid)] = _Kept(kind, identity.namespace, msgspec.Raw(item))

    def _decode(self, kind: Kind, raw: bytes, *, uid: str, namespace: str, name: str) -> KubeObject:
        """The redacted object for the detectors. Raises `Unredactable`."""
        if kind.id in BULK:
            obj = objects.decode(kind.id, raw, uid=uid, namespace=namespace, name=name)
            if not isinstance(obj, WORKLOADS):
                return self._redacted_part(kind, obj)
            if (workload := redact_workload(self.redactor, obj)) is not None:
                return workload
        return objects.decode(kind.id, self.redactor.redact(kind, raw), uid=uid, namespace=namespace, name=name)

    def _redacted_part(self, kind: Kind, obj: KubeObject) -> KubeObject:
        """The object as it is after the redaction of what was decoded of it. Raises `Unredactable`."""
        if self._plain.is_plain(obj):
            return obj
        read = msgspec.json.encode(obj)
        redacted = self.redactor.redact(kind, read)
        if redacted.endswith(read[1:]):  # nothing was masked: the redactor only prepends the kind
            return obj
        return objects.decode(kind.id, redacted, uid=obj.uid, namespace=obj.metadata.namespace, name=obj.name)

    def _put(self, kind: Kind, obj: KubeObject) -> None:
        """Keep the object for `settle`. A duplicate, such as from two files of one dump, replaces the first."""
        of_kind = self._objects.get(kind.id)
        if of_kind is None:
            of_kind = self._objects[kind.id] = {}
            self.listed_kinds.add(kind.id)
        self.object_count += obj.uid not in of_kind
        of_kind[obj.uid] = obj

    def manifests(self, *kinds: str) -> Iterator[tuple[str, str, Callable[[], bytes | None]]]:
        """(kind id, namespace, reader) of the kept manifests, of all or of some kinds. A manifest that cannot be redacted reads as None."""
        for (kind_id, _), kept in self._kept.items():
            if not kinds or kind_id in kinds:
                yield kind_id, kept.namespace, partial(self._redacted, kept)

    def _redacted(self, kept: _Kept) -> bytes | None:
        try:
            return self.redactor.redact(kept.kind, bytes(kept.raw))
        except Unredactable:
            return None

    def pods(self, namespaces: frozenset[str]) -> list[Pod]:
        """The pods taken so far; those of these namespaces if there are any."""
        found = self._objects.get(Pod.kind, {}).values()
        return [pod for pod in found if isinstance(pod, Pod) and (not namespaces or pod.namespace in namespaces)]

    def take_log(self, key: str, text: str) -> None:
        """Add a log by its name in a bundle; an invalid name is a gap."""
        if (container := log_key(key)) is None:
            self.gap(f"log {key[:200]}", "the name is not namespace/pod/container")
        else:
            self.logs[container] = text.encode("utf-8", "replace")

    def gap(self, what: str, why: str) -> None:
        """Record that something is missing; duplicates are dropped."""
        gap = Gap(what, why)
        if gap not in self.gaps:
            self.gaps.append(gap)

    def settle(self, now: datetime) -> None:
        """Finish the intake: this is the state at `now`. Events older than an hour are dropped, as on a server."""
        self.now = now
        self._check_pods()
        events = self._objects.pop(EVENT.id, {}).values()
        fresh = [event for event in events if isinstance(event, Event) and event.last_seen >= now - EVENT_LIFE]
        fresh.sort(key=lambda event: event.last_seen)
        self.view.load((kind, obj) for kind, of_kind in self._objects.items() for obj in of_kind.values())
        self.view.load((EVENT.id, event) for event in fresh)
        self._objects.clear()
        for report in self.series.reports(self.view, at=now):
            self.take(report)
        self.view.load((kind, obj) for kind, of_kind in self._objects.items() for obj in of_kind.values())
        self._objects.clear()

    def limit_to_seen(self) -> None:
        """Of a dump: nothing is known about namespaces of which it has no object."""
        self.namespaces = frozenset(kept.namespace for kept in self._kept.values() if kept.namespace)

    @property
    def newest(self) -> datetime | None:
        """The newest timestamp of any object, or None without one."""
        times = [time for time in (moment(self._newest), self._newest_of_pods) if time is not None and time != EPOCH]
        return max(times, default=None)


def _kind(api_version: str, name: str) -> Kind | None:
    """The watched or custom kind, in the API version of the object; None for a kind that is left out."""
    kind_id = kind_id_of(api_version, name)
    known = BY_ID.get(kind_id)
    if known is None and is_custom(kind_id):
        group, _, version = api_version.rpartition("/")
        plural = f"{name.lower()}s"  # for messages alone: nothing is requested of an API server
        return Kind(group, version, name, plural, True, optional=True, custom=True, metadata_only=is_metadata_only(kind_id))
    if known is None or known.api_version == api_version:
        return known
    return known._replace(version=api_version.rpartition("/")[2])


def log_key(text: str) -> LogKey | None:
    """Parse `namespace/pod/container`, with the suffix `.previous` or `#previous` for the previous run; None if invalid."""
    for suffix in (".previous", "#previous"):
        if text.endswith(suffix):
            text, previous = text.removesuffix(suffix), True
            break
    else:
        previous = False
    parts = text.split("/")
    return LogKey(parts[0], parts[1], parts[2], previous) if len(parts) == 3 and all(parts) else None


def take_logs(intake: Intake, logs: Mapping[str, Any], errors: Mapping[str, Any]) -> None:
    """Add the logs of a bundle, and the errors of logs that could not be fetched."""
    for key, text in logs.items():
        if isinstance(text, str):
            intake.take_log(key, text)
    for key, why in errors.items():
        if isinstance(why, str) and (container := log_key(key)) is not None:
            intake.log_errors[container] = why[:500]


def take_all(intake: Intake, items: Iterable[Item], *, api_version: str = "", kind: str = "") -> None:
    """Add the items of one list. `kind` is the kind of the list, such as `PodList`, for items without a kind."""
    of_items = kind.removesuffix("List") if kind != "List" else ""
    for raw in items:
        intake.take(raw, api_version=api_version, kind=of_items)
