"""Snapshot: what a cluster showed at one moment, as far as one question needs it. Pure memory, built from JSON, never changed.

The detectors' view keeps only the fields that detection reads, and belongs to the writer's thread. An explanation asks about anything
(tolerations, environment, affinity, mounts) and must quote the place it read, so it works on whole manifests: the subject's namespace, the
system's namespace, and everything without a namespace. Of pods elsewhere only their reservations are kept, which decide where a pod fits.

What is not here may exist: in a namespace that was not read, or of a kind that nobody lists. Only `missing` and `listed` tell that
something does not exist, and they answer only where everything was loaded (`holds`).
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple, cast

import msgspec

from optral.kube import lenient, owners, placement, requests, rollouts, selectors
from optral.kube.kinds import KINDS
from optral.kube.objects import Event, KubeObject, Namespace, NetworkPolicy, OwnerReference, ReplicaSet, convert
from optral.kube.objects.base import EPOCH, Part
from optral.kube.objects.pods import TERMINAL_PHASES
from optral.kube.objects.scheduling import SchedulingSpec
from optral.kube.times import moment as moment
from optral.terms.probes import ProbeResult
from optral.terms.refs import ObjectRef
from optral.terms.verbs import Probe

SYSTEM_NAMESPACE = "kube-system"
CLUSTER_WIDE = frozenset(kind.id for kind in KINDS if not kind.namespaced)
_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


@lru_cache(maxsize=4096)
def steps(path: str) -> tuple[str | int, ...]:
    """The member names and list indexes of a path."""
    return tuple(name or int(index) for name, index in _STEP.findall(path))


def dig(value: Any, path: str) -> Any:
    """The value at `spec.containers[0].image`; None where there is nothing."""
    return dig_steps(value, steps(path))


def dig_steps(value: Any, path: Sequence[str | int]) -> Any:
    """The same, with the path as member names and list indexes."""
    for step in path:
        if isinstance(step, int):
            if not isinstance(value, list) or step >= len(value):
                return None
            value = value[step]
        elif isinstance(value, dict):
            value = value.get(step)
        else:
            return None
    return value


def dicts(value: Any) -> list[dict[str, Any]]:
    """The dictionaries of a list; none of anything else."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def words(value: Any) -> list[str]:
    """The members of a list as text; none of anything else."""
    return [str(one) for one in value] if isinstance(value, list) else []


class _Owned(Part, frozen=True):
    owner_references: tuple[OwnerReference, ...] = ()


class SnapshotObject:
    """One object: its name, and its manifest read leniently, since a cluster may hold anything."""

    __slots__ = ("_raw", "_scheduling", "_typed", "kind", "name", "namespace", "uid")

    def __init__(self, kind: str, raw: Mapping[str, Any], *, ref: ObjectRef | None = None) -> None:
        """`ref` names an object whose manifest is not read yet; otherwise the manifest tells."""
        self.kind, self._raw = kind, raw
        self._typed: KubeObject | None = None
        self._scheduling: SchedulingSpec | None = None
        self.name = ref.name if ref is not None else self.text("metadata.name")
        self.namespace = ref.namespace if ref is not None else self.text("metadata.namespace") or None
        self.uid = (ref.uid or "") if ref is not None else self.text("metadata.uid")

    @property
    def raw(self) -> Mapping[str, Any]:
        return self._raw

    @property
    def ref(self) -> ObjectRef:
        return ObjectRef(self.kind, self.namespace, self.name, self.uid)

    @property
    def typed(self) -> KubeObject:
        """The object as `kube/` knows it: for questions about what it means. Evidence is quoted by path from the manifest."""
        if self._typed is None:
            self._typed = convert(self.kind, self.raw)
        return self._typed

    @property
    def scheduling(self) -> SchedulingSpec:
        """The spec of a pod as the scheduler reads it."""
        if self._scheduling is None:
            self._scheduling = placement.scheduling(self.map("spec"))
        return self._scheduling

    @property
    def short_kind(self) -> str:
        return self.kind.partition(".")[0]

    @property
    def labels(self) -> dict[str, str]:
        return self.strings("metadata.labels")

    @property
    def created_at(self) -> datetime | None:
        return moment(self.get("metadata.creationTimestamp"))

    @property
    def is_deleting(self) -> bool:
        return self.get("metadata.deletionTimestamp") is not None

    def get(self, path: str) -> Any:
        return dig(self.raw, path)

    def text(self, path: str) -> str:
        value = self.get(path)
        return value if isinstance(value, str) else ""

    def number(self, path: str, default: int = 0) -> int:
        value = self.get(path)
        return value if isinstance(value, int) and not isinstance(value, bool) else default

    def map(self, path: str) -> dict[str, Any]:
        value = self.get(path)
        return value if isinstance(value, dict) else {}

    def strings(self, path: str) -> dict[str, str]:
        """The members of a map that are strings, as labels and selectors have them."""
        return {key: value for key, value in self.map(path).items() if isinstance(value, str)}

    def many(self, path: str) -> list[dict[str, Any]]:
        """The dictionaries of a list."""
        return dicts(self.get(path))

    def indexed(self, path: str) -> Iterator[tuple[int, dict[str, Any]]]:
        """The dictionaries of a list, each with its place in it."""
        value = self.get(path)
        for index, one in enumerate(value if isinstance(value, list) else ()):
            if isinstance(one, dict):
                yield index, one

    def condition(self, type_: str, path: str = "status.conditions") -> tuple[str, dict[str, Any]]:
        """(path, condition) of this type; ("", {}) without one."""
        for index, one in self.indexed(path):
            if one.get("type") == type_:
                return f"{path}[{index}]", one
        return "", {}

    def owner(self) -> ObjectRef | None:
        """Its controller, or the first of its owners where none is marked (see `kube/owners.py`)."""
        owner = owners.controlling(lenient.convert(_Owned, self.map("metadata")).owner_references)
        return None if owner is None else owners.owner_ref(owner, self.namespace)


def is_distinct(name: str) -> bool:
    """Whether a name of an object is unlikely to be a plain word of a sentence."""
    return len(name) > 2 and not name.isalpha()


@dataclass(frozen=True, slots=True)
class LogKey:
    namespace: str
    pod: str
    container: str
    previous: bool


@dataclass(frozen=True, slots=True)
class SignKey:
    """The line of a log that the agent reported: the pod of the `LogSigns`, the container, and the path of the line in the report."""

    namespace: str
    pod: str
    container: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """A change of what somebody wants, as the inventory recorded it: `diff` entries are {path, op, from, to}. `at` is cluster time."""

    ref: ObjectRef
    at: datetime
    manager: str | None
    diff: Sequence[Mapping[str, Any]]
    action: str = "changed"
    """Or `created` or `deleted`, then without a diff."""


@dataclass(frozen=True, slots=True)
class Missing:
    """An object that does not exist. Only a snapshot creates it."""

    kind: str
    namespace: str | None
    name: str

    @property
    def looked_at(self) -> str:
        return f"looked up by name{_inside(self.namespace)}"


@dataclass(frozen=True, slots=True)
class Listing:
    """Every object of a kind in a namespace, or in the cluster: what is not among them does not exist. Only a snapshot creates it."""

    kind: str
    namespace: str | None
    objects: Sequence[SnapshotObject]

    @property
    def names(self) -> list[str]:
        return [obj.name for obj in self.objects]

    @property
    def looked_at(self) -> str:
        count, kind = len(self.objects), self.kind.partition(".")[0]
        return f"{count} {kind} object{'s' if count != 1 else ''}{_inside(self.namespace)} checked"


def _inside(namespace: str | None) -> str:
    return f" in namespace {namespace}" if namespace else ""


class _Phase(msgspec.Struct, gc=False, frozen=True):
    phase: str = ""


class _Pod(msgspec.Struct, gc=False, frozen=True):
    spec: SchedulingSpec = SchedulingSpec()
    status: _Phase = _Phase()


class Reservation(NamedTuple):
    """What a pod of another namespace takes from its node: see `kube/requests.py` for units."""

    node: str
    requests: dict[str, int]
    host_ports: frozenset[int]


_pod = msgspec.json.Decoder(_Pod)
_anything = msgspec.json.Decoder()


def decoded(raw: bytes | msgspec.Raw) -> Any:
    """The value of JSON bytes; None where they are unreadable, which nothing is concluded from."""
    try:
        return _anything.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


def reservation(raw: bytes) -> Reservation | None:
    """What this pod takes; None for one that is unreadable, has finished, or has no node."""
    try:
        pod = _pod.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        pod = lenient.build(_Pod, raw)
    if not pod.spec.node_name or pod.status.phase in TERMINAL_PHASES:
        return None
    return Reservation(pod.spec.node_name, requests.of(pod.spec), placement.host_ports(pod.spec))


@dataclass(slots=True)
class Snapshot:
    """See the module. `now` is cluster time. `history` may lack what happened before the inventory began. A log was read at the time in
    `logs_at`, without one now.

    `visible`: the kinds that are listed; `namespaces`: those whose objects are here, None for all; `anywhere`: kinds that are here of every
    namespace.
    """

    now: datetime
    visible: frozenset[str] = frozenset()
    namespaces: frozenset[str] | None = None
    anywhere: frozenset[str] = frozenset()
    logs: Mapping[LogKey, str] = field(default_factory=dict)
    logs_at: Mapping[LogKey, datetime] = field(default_factory=dict)
    log_errors: Mapping[LogKey, str] = field(default_factory=dict)
    history: Sequence[Revision] = ()
    reservations: Sequence[Reservation] = ()
    probes: Mapping[Probe, ProbeResult] = field(default_factory=dict)
    _named: dict[str, dict[tuple[str | None, str], SnapshotObject]] = field(default_factory=dict)
    _by_uid: dict[str, SnapshotObject] = field(default_factory=dict)
    _owned: dict[str, list[SnapshotObject]] = field(default_factory=dict)
    _events: dict[str, list[SnapshotObject]] = field(default_factory=dict)
    _names: set[str] | None = None
    _by_label: dict[str | None, dict[tuple[str, str], list[SnapshotObject]]] = field(default_factory=dict)

    def load(self, rows: Iterable[tuple[str, bytes | Mapping[str, Any]]]) -> "Snapshot":
        """Take in objects as (kind id, manifest), JSON bytes or decoded; what is not an object is left out."""
        for kind, raw in rows:
            manifest = decoded(raw) if isinstance(raw, bytes) else raw
            if isinstance(manifest, Mapping):
                self._take(SnapshotObject(kind, manifest))
        for told in self._events.values():
            told.sort(key=_last_seen, reverse=True)
        self._by_label.clear()
        return self

    def _take(self, obj: SnapshotObject) -> None:
        if obj.kind == "Event":
            self._events.setdefault(obj.text("involvedObject.uid"), []).append(obj)
            return
        self._named.setdefault(obj.kind, {})[(obj.namespace, obj.name)] = obj
        if obj.uid:
            self._by_uid[obj.uid] = obj
        self._index_owners(obj)

    def _index_owners(self, obj: SnapshotObject) -> None:
        for owner in obj.many("metadata.ownerReferences"):
            self._owned.setdefault(str(owner.get("uid") or ""), []).append(obj)

    def _add_events(self, uid: str, added: Iterable[SnapshotObject]) -> None:
        """Put Events about the object with this uid beside those that are here; of two versions of one Event the added one stays."""
        events = {event.uid: event for event in (*self._events.get(uid, ()), *added)}
        self._events[uid] = sorted(events.values(), key=_last_seen, reverse=True)

    # --- asking

    def kinds(self) -> Iterator[str]:
        """The kinds of which there is anything."""
        yield from self._named

    def names_among(self, words: Collection[str]) -> set[str]:
        """The words that are names of objects here; only names that are unlikely to be plain words count (see `is_distinct`)."""
        if self._names is None:
            self._names = {name for named in self._named.values() for _, name in named if is_distinct(name)}
        return self._names.intersection(words)

    def refs(self) -> Iterator[ObjectRef]:
        """The names of all objects here."""
        for kind, named in self._named.items():
            yield from (ObjectRef(kind, namespace, name) for namespace, name in named)

    def sees(self, kind: str) -> bool:
        """Whether objects of this kind are listed at all."""
        return kind in self.visible

    def holds(self, kind: str, namespace: str | None = None) -> bool:
        """Whether an object of this kind that is not here does not exist in the namespace; without one, in the whole cluster."""
        if kind not in self.visible:
            return False
        if self.namespaces is None or kind in CLUSTER_WIDE:
            return True
        return namespace is not None and (namespace in self.namespaces or kind in self.anywhere)

    def missing(self, kind: str, namespace: str | None, name: str) -> Missing | None:
        """That the object does not exist; None if there is one, or if it cannot be known."""
        return Missing(kind, namespace, name) if self.holds(kind, namespace) and self.find(kind, namespace, name) is None else None

    def listed(self, kind: str, namespace: str | None = None) -> Listing | None:
        """Every object of a kind in a namespace, or in the cluster; None if some may not be here."""
        return Listing(kind, namespace, list(self.all(kind, namespace))) if self.holds(kind, namespace) else None

    def find(self, kind: str, namespace: str | None, name: str) -> SnapshotObject | None:
        return self._named.get(kind, {}).get((namespace, name))

    def at(self, ref: ObjectRef) -> SnapshotObject | None:
        """The object a reference means: by uid where that is known, else by name."""
        found = self._by_uid.get(ref.uid) if ref.uid else None
        return found or self.find(ref.kind, ref.namespace, ref.name)

    def all(self, kind: str, namespace: str | None = None) -> Iterator[SnapshotObject]:
        """Every object of a kind here; of one namespace when it is given."""
        for (place, _), obj in self._named.get(kind, {}).items():
            if namespace is None or place == namespace:
                yield obj

    def owned(self, owner: SnapshotObject, kind: str) -> list[SnapshotObject]:
        return [obj for obj in self._owned.get(owner.uid, ()) if obj.kind == kind] if owner.uid else []

    def events(self, obj: SnapshotObject, *reasons: str) -> list[SnapshotObject]:
        """The Events about this very object, newest first."""
        return [one for one in self._events.get(obj.uid, ()) if not reasons or one.text("reason") in reasons] if obj.uid else []

    def pods_of(self, workload: SnapshotObject) -> list[SnapshotObject]:
        """Every pod under a workload, newest first. A pod whose owner is not here stands for its owner."""
        if workload.kind == "Pod" and (owner := workload.owner()) is not None:
            workload = SnapshotObject(owner.kind, {}, ref=owner)
        found = list(self.owned(workload, "Pod"))
        for kind in owners.STEPPING_STONES:
            for between in self.owned(workload, kind):
                found += self.owned(between, "Pod")
        return sorted(found, key=lambda pod: (pod.text("metadata.creationTimestamp"), pod.name), reverse=True)

    def workload_of(self, obj: SnapshotObject) -> SnapshotObject:
        """The workload people know, as `ClusterView.workload_of` has it; the highest owner that is here where it is not."""
        owner = obj.owner()
        above = self.at(owner) if owner is not None else None
        if above is None or above.kind not in owners.STEPPING_STONES:
            return above or obj
        highest = above.owner()
        return (self.at(highest) if highest is not None else None) or above

    def selected(self, selector: Mapping[str, str], namespace: str | None) -> list[SnapshotObject]:
        """The pods of a namespace that have every label of a selector, in the order of `all`; none for an empty selector."""
        if namespace not in self._by_label:
            by_label: dict[tuple[str, str], list[SnapshotObject]] = {}
            for pod in self.all("Pod", namespace):
                for label in pod.labels.items():
                    by_label.setdefault(label, []).append(pod)
            self._by_label[namespace] = by_label
        candidates = [self._by_label[namespace].get(label, ()) for label in selector.items()]
        return [pod for pod in min(candidates, key=len, default=()) if selectors.matches(selector, pod.labels)]

    @property
    def cluster(self) -> "SnapshotCluster":
        """The same objects for the functions of `optral/kube/`."""
        return SnapshotCluster(self)

    def replica_sets(self, deployment: SnapshotObject) -> list[SnapshotObject]:
        """Its ReplicaSets, newest revision first."""
        return sorted(self.owned(deployment, "ReplicaSet.apps"), key=_revision_order, reverse=True)


class SnapshotCluster:
    """A snapshot as `kube/cluster.Cluster`."""

    def __init__(self, snap: Snapshot) -> None:
        self._snap = snap
        self.sees = snap.holds

    def by_name(self, kind: str, namespace: str | None, name: str) -> KubeObject | None:
        found = self._snap.find(kind, namespace, name)
        return None if found is None else found.typed

    def all(self, kind: str) -> Iterator[KubeObject]:
        return (found.typed for found in self._snap.all(kind))

    def all_in(self, namespace: str, kind: str) -> Iterator[KubeObject]:
        return (found.typed for found in self._snap.all(kind, namespace))

    def policies_in(self, namespace: str) -> list[NetworkPolicy]:
        return cast(list[NetworkPolicy], list(self.all_in(namespace, NetworkPolicy.kind)))

    def namespace(self, name: str) -> Namespace | None:
        return cast(Namespace | None, self.by_name(Namespace.kind, None, name))


def _revision_order(replica_set: SnapshotObject) -> tuple[int, datetime, str]:
    return rollouts.order(cast(ReplicaSet, replica_set.typed))


def last_seen(event: SnapshotObject) -> datetime | None:
    """When an Event happened last; None where it does not say."""
    at = cast(Event, event.typed).last_seen
    return None if at == EPOCH else at


def _last_seen(event: SnapshotObject) -> float:
    at = last_seen(event)
    return at.timestamp() if at is not None else 0.0
