"""What the inventory keeps of an object, and the rules of keeping it: digests, what counts as a change of intent, and its summary.

Only `resourceVersion` equality is ever looked at; resource versions are never ordered. Object times stay the cluster's until the
service turns them into server time.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from optral.kit.search_keys import Criterion
from optral.kube import health, lenient, objects, owners, statuses
from optral.kube.changes import ObjectChange
from optral.kube.health import State as Health
from optral.kube.kinds import EVENT, KINDS, WORKLOADS, is_custom
from optral.kube.objects import CustomResource, KubeObject, OwnerReference, Pod
from optral.kube.statuses import State
from optral.kube.times import moment
from optral.terms.reach import Areas

SPACE = 1 << 128  # digests are sums modulo this

HISTORY_KINDS = frozenset(
    {
        *WORKLOADS,
        "Service",
        "Ingress.networking.k8s.io",
        "ConfigMap",
        "HorizontalPodAutoscaler.autoscaling",
        "PodDisruptionBudget.policy",
        "ResourceQuota",
        "LimitRange",
        "NetworkPolicy.networking.k8s.io",
        "PersistentVolumeClaim",
        "StorageClass.storage.k8s.io",
        "MutatingWebhookConfiguration.admissionregistration.k8s.io",
        "ValidatingWebhookConfiguration.admissionregistration.k8s.io",
        "Node",
    }
)
"""Kinds whose intent is worth a history. Never pods and ReplicaSets: their owners say the same once. Never Leases: they have none."""

MAX_REVISIONS = 20

MASS_DELETE_MIN = 20  # kinds with fewer rows may be deleted by one message
MASS_DELETE_SHARE = 0.5

EVENT_KIND = EVENT.id

SORTS = frozenset({"name", "kind", "namespace", "updatedAt", "createdAt", "status"})

_KIND_IDS: dict[str, frozenset[str]] = {}
for _kind in KINDS:
    _KIND_IDS[_kind.name] = _KIND_IDS.get(_kind.name, frozenset()) | {_kind.id}


def kind_ids(names: Iterable[str], *, groups: Iterable[str] = (), known: Iterable[str] = ()) -> frozenset[str]:
    """The kind ids that short names (`Pod`), kind ids (`Deployment.apps`) and API groups (all of their kinds) stand for.

    `known` holds the ids of the kinds that clusters have: the short names of custom kinds and the kinds of a group are found among them.
    Other names stay as they are and match nothing.
    """
    every = frozenset(known) | frozenset(kind.id for kind in KINDS)
    found = frozenset(kind_id for name in names for kind_id in _named(name, every))
    wanted = frozenset(groups)
    if not wanted:
        return found
    of_groups = frozenset(kind_id for kind_id in every if kind_id.partition(".")[2] in wanted)
    return (of_groups & found if found else of_groups) or frozenset({_NO_KIND})


def is_short(name: str) -> bool:
    """Whether this is the name of a kind without its group, which several groups may have."""
    return "." not in name


_NO_KIND = "-"


def _named(name: str, every: frozenset[str]) -> frozenset[str]:
    if not is_short(name):
        return frozenset({name})
    custom = frozenset(kind_id for kind_id in every if kind_id.startswith(f"{name}.") and is_custom(kind_id))
    return (_KIND_IDS.get(name, frozenset()) | custom) or frozenset({name})


class Pods(NamedTuple):
    """The pods of a workload, how many of them fail, and how many wait."""

    total: int
    failing: int
    pending: int

    @property
    def worst(self) -> State:
        return State.FAILING if self.failing else State.PENDING if self.pending else State.HEALTHY


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One live object. `kind` is the kind's id, `namespace` is None for cluster-scoped objects; times are the server's.

    `stale`: its kind is not followed now, or a new list of the kind has not brought it yet; `stale_since` is when it was last known to
    be so. Whether the cluster's agent is connected is the cluster's matter (`clusters.standing`). `pods`: only in a list of workloads,
    whose `state` is the worst of them and their pods.
    """

    id: str
    cluster_id: str
    kind: str
    uid: str
    namespace: str | None
    name: str
    resource_version: str
    generation: int | None
    owner_kind: str | None
    owner_name: str | None
    owner_uid: str | None
    labels: Mapping[str, str]
    status: str | None
    state: State
    created_at: datetime | None
    updated_at: datetime
    stale: bool
    stale_since: datetime | None
    pods: Pods | None = None

    @property
    def short_kind(self) -> str:
        return self.kind.partition(".")[0]

    @property
    def group(self) -> str:
        return self.kind.partition(".")[2]

    @property
    def health(self) -> Health | None:
        """What a custom resource reports about itself; None for other kinds, and for a resource that reports nothing."""
        return _HEALTH_OF.get((self.status or "").partition(" ")[0]) if is_custom(self.kind) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceFilter:
    """Empty sets and None do not filter. `kinds` takes short names and ids; `q` is looked for in names, without regard to case.

    `statuses` are compared as they are stored: `CrashLoopBackOff`, `2/3`.
    """

    clusters: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    namespaces: frozenset[str] = frozenset()
    name: str | None = None
    q: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    owner_uid: str | None = None
    statuses: frozenset[str] = frozenset()
    states: frozenset[State] = frozenset()
    ids: frozenset[str] | None = None
    workloads: bool = False
    """Only workloads that no other workload owns. `states` and the order by state then go by the worst of a workload and its pods."""
    terms: tuple[Criterion, ...] = ()
    """Terms of the search language that no other field has."""
    areas: Areas = None
    """What the actor may see where it is more than clusters and namespaces can say; the package sets it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KindCount:
    cluster_id: str
    kind: str
    namespace: str | None
    count: int
    stale: bool
    stale_since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One change of what somebody wants: `action` created, changed or deleted; `diff` lists {path, op, from, to} (bounded)."""

    resource_id: str
    cluster_id: str
    revision: int
    action: str
    kind: str
    namespace: str | None
    name: str
    at: datetime
    generation: int | None
    manager: str | None
    operation: str | None
    diff: Sequence[Mapping[str, Any]]
    truncated: bool

    @property
    def short_kind(self) -> str:
        return self.kind.partition(".")[0]


class Readiness(NamedTuple):
    """The nodes and pods of a cluster. Not ready are nodes that report so, and pods that neither run nor have completed."""

    nodes: int
    nodes_not_ready: int
    pods: int
    pods_not_ready: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KubernetesEvent:
    """A Kubernetes Event about an object; `count` says how often it was reported between `first_at` and `last_at` (server time)."""

    kind: str
    namespace: str
    name: str
    type: str
    reason: str
    message: str
    source: str
    count: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """An object among its own: `owners` from the nearest up, `children` (of all depths, bounded), `truncated` when there are more."""

    root: Resource
    owners: Sequence[Resource]
    children: Sequence[Resource]
    truncated: bool


@dataclass(frozen=True, slots=True)
class KindState:
    """How the copy of one kind stands. `phase`: empty (nothing yet), snapshot (one is coming in or awaited), live, forbidden, gone.

    `generation` names the snapshot the copy grew from, `incoming` the one coming in, `removed` its objects that were deleted again
    meanwhile, `confirm` the shape of a mass deletion that waits for confirmation.
    """

    kind: str
    phase: str = ""
    generation: str = ""
    incoming: str = ""
    removed: int = 0
    confirm: str = ""
    count: int = 0
    sum: int = 0

    @property
    def stamp(self) -> str:
        """What rows written now are stamped with."""
        return self.incoming or self.generation


def fingerprint(uid: str, resource_version: str) -> int:
    """One object's part of the digest: blake2b-128 of `uid|resourceVersion` as a big-endian number."""
    return int.from_bytes(hashlib.blake2b(f"{uid}|{resource_version}".encode(), digest_size=16).digest(), "big")


def is_mass_deletion(*, rows: int, doomed: int) -> bool:
    """Tell whether a snapshot would remove so much that it must be said twice (an empty list from a broken proxy looks the same)."""
    return rows > MASS_DELETE_MIN and doomed > rows * MASS_DELETE_SHARE


class _Meta(msgspec.Struct, frozen=True):
    labels: dict[str, str] | None = None
    ownerReferences: list[OwnerReference] | None = None
    creationTimestamp: str | None = None
    generation: int | None = None


class _Head(msgspec.Struct, frozen=True):
    metadata: _Meta = _Meta()


class _HeadAndStatus(msgspec.Struct, frozen=True):
    metadata: _Meta = _Meta()
    spec: msgspec.Raw = msgspec.Raw()
    status: statuses.Status | None = None


class Described(msgspec.Struct, frozen=True):
    """What the inventory's columns say about an object; `created` is the cluster's time. `pod`: the object itself, if it is one."""

    labels: dict[str, str]
    owner_kind: str | None
    owner_name: str | None
    owner_uid: str | None
    created: datetime | None
    generation: int | None
    status: str | None
    state: State = State.HEALTHY
    pod: Pod | None = None


_REPLACED = "\ufffd"
_head = msgspec.json.Decoder(_Head)
_spec = msgspec.json.Decoder(statuses.Spec)
_head_and_status = msgspec.json.Decoder(_HeadAndStatus)
_NOTHING = Described({}, None, None, None, None, None, None)


def describe(change: ObjectChange, obj: KubeObject | None = None) -> Described:
    """Read the columns out of an object; an object that is not as expected is kept with its name alone, never refused.

    A pod that is decoded already is not read a second time.
    """
    if obj is None and change.kind == "Pod":
        obj = objects.decode("Pod", change.raw)
    if type(obj) is Pod and (described := _described_pod(obj)) is not None:
        return described
    if (whole := _head_of(change.raw)) is None:
        return _NOTHING
    meta, owner = whole.metadata, owners.controlling(whole.metadata.ownerReferences or ())
    summary = _summary(change, obj, whole)
    found = Described(
        labels=meta.labels or {},
        owner_kind=owner.kind_id[:128] if owner else None,
        owner_name=owner.name[:253] if owner else None,
        owner_uid=owner.uid[:128] if owner else None,
        created=moment(meta.creationTimestamp),
        generation=meta.generation if meta.generation is None or abs(meta.generation) < 2**63 else None,
        status=summary,
        state=statuses.state_of(change.kind, summary),
    )
    return _without_nul(found) if b"\\u0000" in change.raw else found


def _head_of(raw: bytes) -> _HeadAndStatus | None:
    """Metadata, spec and status; metadata alone where the status is not as expected."""
    try:
        return _head_and_status.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        pass
    try:
        return _HeadAndStatus(_head.decode(raw).metadata)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _summary(change: ObjectChange, obj: KubeObject | None, whole: _HeadAndStatus) -> str | None:
    word = _health_word(change, obj) if is_custom(change.kind) else None
    if not word and whole.status:
        word = statuses.word(change.kind, whole.status, lambda: _replicas(whole.spec))
    return (word or "")[:128] or None


def _described_pod(pod: Pod) -> Described | None:
    """None for a pod whose texts held NUL, which decoding replaced: its manifest is read instead."""
    meta, owner, status = pod.metadata, owners.controller(pod), statuses.word_of_pod(pod)[:128] or None
    found = Described(
        labels=meta.labels,
        owner_kind=owner.kind_id[:128] if owner else None,
        owner_name=owner.name[:253] if owner else None,
        owner_uid=owner.uid[:128] if owner else None,
        created=meta.creation_timestamp,
        generation=meta.generation or None,
        status=status,
        state=statuses.of_pod(pod, status),
        pod=pod,
    )
    texts = (*meta.labels, *meta.labels.values(), found.owner_kind or "", found.owner_name or "", found.owner_uid or "", found.status or "")
    return None if _REPLACED in "".join(texts) else found


def _without_nul(found: Described) -> Described:
    """PostgreSQL keeps no NUL in text: an object that carries one (none real does) loses it in the columns, not in its manifest."""
    text = {
        name: value.replace("\x00", "")
        for name in ("owner_kind", "owner_name", "owner_uid", "status")
        if (value := getattr(found, name)) is not None
    }
    labels = {key.replace("\x00", ""): value.replace("\x00", "") for key, value in found.labels.items()}
    return msgspec.structs.replace(found, labels=labels, **text)


def _replicas(spec: msgspec.Raw) -> int | None:
    try:
        return _spec.decode(spec).replicas if bytes(spec) else None
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _health_word(change: ObjectChange, obj: KubeObject | None) -> str | None:
    return statuses.word_of_health(obj.health if isinstance(obj, CustomResource) else health.assess(change.kind, lenient.read(change.raw)))


_HEALTH_OF = {state.value.capitalize(): state for state in Health if state is not Health.UNKNOWN}
