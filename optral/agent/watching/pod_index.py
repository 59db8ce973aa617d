"""The pods that the agent knows, with the workloads that they belong to and the containers that run: what a series of Prometheus is proven
by, and whose logs are sampled.

Fed with what the watches of pods, ReplicaSets and Services see. An object that went while a watch was interrupted is dropped with the
next inventory.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

import msgspec

from optral.kube.kinds import Kind
from optral.kube.objects.pods import TERMINAL_PHASES
from optral.kubeapi.reflector import RawObject

POD, REPLICA_SET, SERVICE, NAMESPACE = "Pod", "ReplicaSet.apps", "Service", "Namespace"
FOLLOWED = frozenset({POD, REPLICA_SET, SERVICE, NAMESPACE})
MAX_PODS = 20_000  # about 1 KB each
OWN = "optral.io/"
"""The prefix of the annotations that are kept."""
SERVES = frozenset({"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Rollout"})
"""Kinds whose pods serve; those of a Job end, and how long they take is no latency."""


class Workload(NamedTuple):
    """The controller that people know: of a ReplicaSet its Deployment."""

    api_version: str
    kind: str
    namespace: str
    name: str
    uid: str


class Run(NamedTuple):
    """A container that runs now, since then (seconds since 1970)."""

    container: str
    started_at: float


@dataclass(frozen=True, slots=True)
class Pod:
    """`started_at` in seconds since 1970; 0 while it has not started. `is_generated`: its name has a random part, which no other has.

    `annotations` are Optral's; `runs` are its containers that run now, init containers included.
    """

    uid: str
    namespace: str
    name: str
    node: str = ""
    started_at: float = 0
    revision: str = ""
    is_generated: bool = False
    has_finished: bool = False
    owner: "Owner | None" = None
    labels: dict[str, str] = field(default_factory=dict)
    annotations: dict[str, str] = field(default_factory=dict)
    runs: tuple[Run, ...] = ()


class Owner(msgspec.Struct, frozen=True):
    apiVersion: str = ""
    kind: str = ""
    name: str = ""
    uid: str = ""
    controller: bool = False


class _Meta(msgspec.Struct, frozen=True):
    generateName: str = ""
    ownerReferences: list[Owner] | None = None
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None


class _Spec(msgspec.Struct, frozen=True):
    nodeName: str | None = None
    selector: dict[str, object] | None = None


class _Running(msgspec.Struct, frozen=True):
    startedAt: datetime | None = None


class _State(msgspec.Struct, frozen=True):
    running: _Running | None = None


class _Container(msgspec.Struct, frozen=True):
    name: str = ""
    state: _State = _State()


class _Status(msgspec.Struct, frozen=True):
    startTime: datetime | None = None
    phase: str = ""
    containerStatuses: list[_Container] | None = None
    initContainerStatuses: list[_Container] | None = None


class _Object(msgspec.Struct, frozen=True):
    metadata: _Meta = _Meta()
    spec: _Spec = _Spec()
    status: _Status = _Status()


_object = msgspec.json.Decoder(_Object)
_REVISION = ("pod-template-hash", "controller-revision-hash")


class PodIndex:
    def __init__(self) -> None:
        self._pods: dict[str, Pod] = {}
        self._uids: dict[tuple[str, str], str] = {}
        self._owners: dict[str, Owner] = {}  # of ReplicaSets
        self._selectors: dict[tuple[str, str], dict[str, object]] = {}
        self._namespaces: dict[str, dict[str, str]] = {}  # annotations
        self._listed: dict[str, set[str]] = {}

    # --- fed by the watches

    def begin(self, kind: Kind) -> None:
        """An inventory follows."""
        if kind.id in FOLLOWED:
            self._listed[kind.id] = set()

    def end(self, kind: Kind) -> None:
        """What the inventory did not name does not exist."""
        if (listed := self._listed.pop(kind.id, None)) is None:
            return
        if kind.id == POD:
            for uid in [uid for uid in self._pods if uid not in listed]:
                self._drop_pod(uid)
        elif kind.id == REPLICA_SET:
            self._owners = {uid: owner for uid, owner in self._owners.items() if uid in listed}
        elif kind.id == NAMESPACE:
            self._namespaces = {name: one for name, one in self._namespaces.items() if name in listed}
        else:
            self._selectors = {key: one for key, one in self._selectors.items() if f"{key[0]}/{key[1]}" in listed}

    def upsert(self, kind: Kind, seen: RawObject) -> None:
        if kind.id not in FOLLOWED:
            return
        try:
            one = _object.decode(seen.raw)
        except (msgspec.MsgspecError, UnicodeError):
            return
        if (listed := self._listed.get(kind.id)) is not None:
            listed.add(_listed_as(kind, seen))
        owner = next((owner for owner in one.metadata.ownerReferences or () if owner.controller), None)
        if kind.id == POD:
            self._take_pod(seen, one, owner)
        elif kind.id == REPLICA_SET and owner is not None and len(self._owners) < 2 * MAX_PODS:
            self._owners[seen.uid] = owner
        elif kind.id == NAMESPACE:
            self._namespaces[seen.name] = _own(one.metadata.annotations)
        elif kind.id == SERVICE and one.spec.selector and len(self._selectors) < MAX_PODS:
            self._selectors[seen.namespace, seen.name] = one.spec.selector

    def delete(self, kind: Kind, seen: RawObject) -> None:
        if kind.id == POD:
            self._drop_pod(seen.uid)
        elif kind.id == REPLICA_SET:
            self._owners.pop(seen.uid, None)
        elif kind.id == NAMESPACE:
            self._namespaces.pop(seen.name, None)
        elif kind.id == SERVICE:
            self._selectors.pop((seen.namespace, seen.name), None)

    def _take_pod(self, seen: RawObject, one: _Object, owner: Owner | None) -> None:
        if seen.uid not in self._pods and len(self._pods) >= MAX_PODS:
            return
        labels = one.metadata.labels or {}
        self._pods[seen.uid] = Pod(
            uid=seen.uid,
            namespace=seen.namespace,
            name=seen.name,
            node=one.spec.nodeName or "",
            started_at=0 if one.status.startTime is None else one.status.startTime.timestamp(),
            revision=next((labels[label] for label in _REVISION if label in labels), ""),
            is_generated=bool(one.metadata.generateName) and owner is not None and owner.kind != "StatefulSet",
            has_finished=one.status.phase in TERMINAL_PHASES,
            owner=owner,
            labels=labels,
            annotations=_own(one.metadata.annotations),
            runs=tuple(_runs(one.status)),
        )
        self._uids[seen.namespace, seen.name] = seen.uid

    def _drop_pod(self, uid: str) -> None:
        pod = self._pods.pop(uid, None)
        if pod is not None and self._uids.get((pod.namespace, pod.name)) == uid:
            del self._uids[pod.namespace, pod.name]

    # --- asked by the readings

    def by_uid(self, uid: str) -> Pod | None:
        return self._pods.get(uid)

    def named(self, namespace: str, name: str) -> Pod | None:
        return self._pods.get(self._uids.get((namespace, name), ""))

    def annotation(self, pod: Pod, key: str) -> str:
        """Optral's annotation of the pod, or else of its namespace; "" if neither has it."""
        return pod.annotations.get(key) or self._namespaces.get(pod.namespace, {}).get(key, "")

    def running(self) -> Iterator[Pod]:
        return (pod for pod in self._pods.values() if pod.started_at and not pod.has_finished)

    def controller_of(self, pod: Pod) -> Owner | None:
        """The controller that people know: of a ReplicaSet its Deployment. None for a pod without one."""
        if (owner := pod.owner) is None:
            return None
        return self._owners.get(owner.uid, owner) if owner.kind == "ReplicaSet" else owner

    def workload_of(self, pod: Pod) -> Workload | None:
        """None for a pod that nobody keeps running, and for one whose work ends."""
        owner = self.controller_of(pod)
        if owner is None or owner.kind not in SERVES:
            return None
        return Workload(owner.apiVersion, owner.kind, pod.namespace, owner.name, owner.uid)

    def pods_of(self, uid: str) -> list[Pod]:
        """The running pods of the workload with this uid."""
        return [pod for pod in self.running() if (one := self.workload_of(pod)) is not None and one.uid == uid]

    def behind(self, namespace: str, service: str) -> Workload | None:
        """The workload whose pods this Service selects; None where there are several, or none."""
        selector = self._selectors.get((namespace, service))
        if not selector:
            return None
        chosen = (pod for pod in self.running() if pod.namespace == namespace and _fits(selector, pod.labels))
        return _only(workload for pod in chosen if (workload := self.workload_of(pod)) is not None)


def _listed_as(kind: Kind, seen: RawObject) -> str:
    if kind.id == SERVICE:
        return f"{seen.namespace}/{seen.name}"
    return seen.name if kind.id == NAMESPACE else seen.uid


def _own(annotations: dict[str, str] | None) -> dict[str, str]:
    return {key: value for key, value in (annotations or {}).items() if key.startswith(OWN)}


def _runs(status: _Status) -> Iterator[Run]:
    for container in (*(status.containerStatuses or ()), *(status.initContainerStatuses or ())):
        running = container.state.running
        if running is not None and running.startedAt is not None:
            yield Run(container.name, running.startedAt.timestamp())


def _fits(selector: dict[str, object], labels: dict[str, str]) -> bool:
    return all(labels.get(key) == value for key, value in selector.items())


def _only(found: Iterable[Workload]) -> Workload | None:
    different = set(found)
    return different.pop() if len(different) == 1 else None
