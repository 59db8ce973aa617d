"""What a pod or a node uses, as its agent reported it last (`optral/agent/metrics/report.py`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from optral.kube import requests
from optral.kube.kinds import USAGE_OF
from optral.kube.objects import NodeUsage, PodUsage
from optral.kube.objects.base import EPOCH, Part as Piece
from optral.kube.objects.pods import TERMINAL_PHASES
from optral.kube.objects.scheduling import SchedulingSpec
from optral.kube.objects.usage import (
    ContainerUse,
    CpuUse,
    FilledVolume,
    MemoryUse,
    NodeUsageStatus,
    PodUsageStatus,
    Throttling,
    uid_of_report,
)
from optral.resources import lookup
from optral.resources.model import Resource
from optral.store.transaction import Transaction
from optral.terms import ids

MIB = 1024 * 1024
CURRENT = timedelta(minutes=15)
"""An older report is not what an object uses now: a list shows none, the page of the object shows it with its age."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    at: datetime
    cpu_millis: int
    memory_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A container, or a whole node (`name` empty). Limits are those of the container or the capacity of the node; 0 for none or unknown.

    `throttled_share`: of the periods of the last minutes in which the container was stopped at its CPU limit.
    """

    name: str
    cpu_millis: int
    cpu_p95_millis: int
    cpu_limit_millis: int
    memory_bytes: int
    memory_p95_bytes: int
    memory_limit_bytes: int
    throttled_share: float | None
    samples: Sequence[Sample]


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """A volume, or the file system of a node (`name` empty). `full_in_s` None: it does not grow steadily."""

    name: str
    claim: str
    used_bytes: int
    capacity_bytes: int
    full_in_s: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    observed_at: datetime
    parts: Sequence[Part]
    volumes: Sequence[Volume]


class Amounts(NamedTuple):
    """CPU in thousandths of a core, memory in bytes; None: none, or not known."""

    cpu_millis: int | None
    memory_bytes: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PodUse:
    """A pod that has not ended. `used` and `observed_at` are None without a report about it."""

    pod: Resource
    requested: Amounts
    limit: Amounts
    used: Amounts | None = None
    observed_at: datetime | None = None


class Now(NamedTuple):
    """What an object uses, and when that was measured."""

    used: Amounts
    observed_at: datetime


class _PodPhase(Piece, frozen=True):
    phase: str = ""


class _PlannedPod(Piece, frozen=True):
    spec: SchedulingSpec = SchedulingSpec()
    status: _PodPhase = _PodPhase()


class _Series(Piece, frozen=True):
    """A report's last readings, which judgment does not need."""

    ends_at: datetime = EPOCH
    seconds_before: tuple[int, ...] = ()
    cpu_millis: tuple[int, ...] = ()
    memory_mib: tuple[int, ...] = msgspec.field(default=(), name="memoryMiB")


class _Container(ContainerUse, frozen=True):
    series: _Series = _Series()


class _PodStatus(PodUsageStatus, frozen=True):
    containers: tuple[_Container, ...] = ()


class _NodeStatus(NodeUsageStatus, frozen=True):
    series: _Series = _Series()


class _PodReport(PodUsage, frozen=True):
    status: _PodStatus = _PodStatus()


class _NodeReport(NodeUsage, frozen=True):
    status: _NodeStatus = _NodeStatus()


_pod = msgspec.json.Decoder(_PodReport)
_node = msgspec.json.Decoder(_NodeReport)
_planned = msgspec.json.Decoder(_PlannedPod)


def of_pods(tx: Transaction, pods: Sequence[Resource]) -> list[PodUse]:
    """What these pods of one cluster request, may use and, where a report says it, use; without the pods that have ended."""
    if not pods:
        return []
    namespaces = {pod.namespace or "" for pod in pods}
    reports = {(one.namespace, one.name): one for one in lookup.every(tx, pods[0].cluster_id, USAGE_OF["Pod"].id, namespaces)}
    manifests = dict(lookup.manifests(tx, [pod.id for pod in pods]))
    found = []
    for pod in pods:
        planned = _planned_pod(manifests.get(pod.id, b"{}"))
        if planned.status.phase in TERMINAL_PHASES:
            continue
        used, observed_at = _used(pod, reports.get((pod.namespace or "", pod.name)))
        found.append(
            PodUse(
                pod=pod,
                requested=_requested(planned.spec),
                limit=_limit(planned.spec),
                used=used,
                observed_at=observed_at,
            )
        )
    return found


def _planned_pod(raw: bytes) -> _PlannedPod:
    try:
        return _planned.decode(raw)
    except msgspec.DecodeError:  # one odd object does not hide the others
        return _PlannedPod()


def _requested(spec: SchedulingSpec) -> Amounts:
    wanted = requests.of(spec)
    return Amounts(wanted.get("cpu") or None, wanted.get("memory") or None)


def _limit(spec: SchedulingSpec) -> Amounts:
    return Amounts(requests.limit(spec, "cpu"), requests.limit(spec, "memory"))


def _used(pod: Resource, found: lookup.FoundObject | None) -> tuple[Amounts | None, datetime | None]:
    """A report about an earlier pod of the same name does not count."""
    if found is None:
        return None, None
    report = _pod.decode(found.read())
    if report.status.observed_at is None or all(owner.uid != pod.uid for owner in report.metadata.owner_references):
        return None, None
    return _total(report.status.containers), report.status.observed_at


def now(tx: Transaction, found: Sequence[Resource]) -> dict[str, Now]:
    """What those of these pods and nodes use of which there is a report of the last 15 minutes, by id."""
    reports = {_report_id(one): one for one in found if one.kind in USAGE_OF}
    current = {}
    for id_, raw in lookup.manifests(tx, list(reports)):
        one = reports[id_]
        try:
            reported = _reported_pod(raw) if one.kind == "Pod" else _reported_node(raw)
        except msgspec.DecodeError:  # one odd report does not hide the list
            continue
        if reported is not None and tx.now - reported.observed_at <= CURRENT:
            current[one.id] = reported
    return current


def _report_id(resource: Resource) -> str:
    return ids.derive("res", resource.cluster_id, USAGE_OF[resource.kind].id, uid_of_report(resource.uid))


def _reported_pod(raw: bytes) -> Now | None:
    report = _pod.decode(raw)
    return None if report.status.observed_at is None else Now(_total(report.status.containers), report.status.observed_at)


def _reported_node(raw: bytes) -> Now | None:
    status = _node.decode(raw).status
    return None if status.observed_at is None else Now(Amounts(status.cpu.now_millis, status.memory.now_bytes), status.observed_at)


def _total(containers: Sequence[_Container]) -> Amounts:
    return Amounts(sum(container.cpu.now_millis for container in containers), sum(container.memory.now_bytes for container in containers))


def of(tx: Transaction, resource: Resource) -> Usage | None:
    """The last report about this pod or node; None without one. A report about an earlier pod of the same name does not count."""
    found = lookup.named(tx, resource.cluster_id, USAGE_OF[resource.kind].id, resource.namespace or "", resource.name)
    if found is None:
        return None
    report = _pod.decode(found.read()) if resource.kind == "Pod" else _node.decode(found.read())
    observed_at = report.status.observed_at
    if observed_at is None or all(owner.uid != resource.uid for owner in report.metadata.owner_references):
        return None
    if isinstance(report, _PodReport):
        parts = [
            _part(container.name, container.cpu, container.memory, container.series, throttling=container.throttling)
            for container in report.status.containers
        ]
        return Usage(observed_at=observed_at, parts=parts, volumes=[_volume(volume) for volume in report.status.volumes])
    status = report.status
    volumes = [] if status.filesystem is None else [_volume(status.filesystem)]
    return Usage(observed_at=observed_at, parts=[_part("", status.cpu, status.memory, status.series)], volumes=volumes)


def _part(name: str, cpu: CpuUse, memory: MemoryUse, series: _Series, *, throttling: Throttling | None = None) -> Part:
    return Part(
        name=name,
        cpu_millis=cpu.now_millis,
        cpu_p95_millis=cpu.p95_millis,
        cpu_limit_millis=cpu.limit_millis or cpu.capacity_millis,
        memory_bytes=memory.now_bytes,
        memory_p95_bytes=memory.p95_bytes,
        memory_limit_bytes=memory.limit_bytes or memory.capacity_bytes,
        throttled_share=None if throttling is None else throttling.share,
        samples=_samples(series),
    )


def _samples(series: _Series) -> list[Sample]:
    points = zip(series.seconds_before, series.cpu_millis, series.memory_mib, strict=False)
    return [
        Sample(at=series.ends_at - timedelta(seconds=before), cpu_millis=millis, memory_bytes=mib * MIB) for before, millis, mib in points
    ]


def _volume(one: FilledVolume) -> Volume:
    return Volume(
        name=one.name, claim=one.claim, used_bytes=one.used_bytes, capacity_bytes=one.capacity_bytes, full_in_s=one.full_in_seconds
    )
