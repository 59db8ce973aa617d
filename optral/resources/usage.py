"""What a pod or a node uses, as its agent reported it last (`optral/agent/metrics/report.py`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from optral.kube.kinds import NODE_USAGE, POD_USAGE
from optral.resources import lookup
from optral.resources.model import Resource
from optral.store.transaction import Transaction

KIND_OF_REPORT = {"Pod": POD_USAGE.id, "Node": NODE_USAGE.id}
"""Kinds whose usage is reported, and the kind of the report."""
MIB = 1024 * 1024


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


class _Read(msgspec.Struct, rename="camel"):
    pass


class _Cpu(_Read):
    now_millis: int = 0
    p95_millis: int = 0
    limit_millis: int = 0
    capacity_millis: int = 0


class _Memory(_Read):
    now_bytes: int = 0
    p95_bytes: int = 0
    limit_bytes: int = 0
    capacity_bytes: int = 0


class _Series(_Read):
    ends_at: datetime
    seconds_before: list[int] = []
    cpu_millis: list[int] = []
    memory_mi_b: list[int] = msgspec.field(default_factory=list, name="memoryMiB")


class _Throttling(_Read):
    share: float = 0.0


class _Volume(_Read):
    name: str = ""
    claim: str = ""
    used_bytes: int = 0
    capacity_bytes: int = 0
    full_in_seconds: int | None = None


class _Container(_Read):
    name: str = ""
    cpu: _Cpu = msgspec.field(default_factory=_Cpu)
    memory: _Memory = msgspec.field(default_factory=_Memory)
    throttling: _Throttling | None = None
    series: _Series | None = None


class _Status(_Container):
    """Of a pod or of a node, which has the members of one container itself."""

    observed_at: datetime | None = None
    containers: list[_Container] = []
    volumes: list[_Volume] = []
    filesystem: _Volume | None = None


class _Owner(_Read):
    uid: str = ""


class _Metadata(_Read):
    owner_references: list[_Owner] = []


class _Report(_Read):
    metadata: _Metadata
    status: _Status


_report = msgspec.json.Decoder(_Report)


def of(tx: Transaction, resource: Resource) -> Usage | None:
    """The last report about this pod or node; None without one. A report about an earlier pod of the same name does not count."""
    kind = KIND_OF_REPORT[resource.kind]
    found = lookup.named(tx, resource.cluster_id, kind, resource.namespace or "", resource.name)
    if found is None:
        return None
    report = _report.decode(found.read())
    status = report.status
    if status.observed_at is None or all(owner.uid != resource.uid for owner in report.metadata.owner_references):
        return None
    parts = status.containers if kind == POD_USAGE.id else [status]
    volumes = status.volumes if status.filesystem is None else [status.filesystem]
    return Usage(observed_at=status.observed_at, parts=[_part(one) for one in parts], volumes=[_volume(one) for one in volumes])


def _part(one: _Container) -> Part:
    return Part(
        name=one.name,
        cpu_millis=one.cpu.now_millis,
        cpu_p95_millis=one.cpu.p95_millis,
        cpu_limit_millis=one.cpu.limit_millis or one.cpu.capacity_millis,
        memory_bytes=one.memory.now_bytes,
        memory_p95_bytes=one.memory.p95_bytes,
        memory_limit_bytes=one.memory.limit_bytes or one.memory.capacity_bytes,
        throttled_share=None if one.throttling is None else one.throttling.share,
        samples=[] if one.series is None else _samples(one.series),
    )


def _samples(series: _Series) -> list[Sample]:
    points = zip(series.seconds_before, series.cpu_millis, series.memory_mi_b, strict=False)
    return [
        Sample(at=series.ends_at - timedelta(seconds=before), cpu_millis=millis, memory_bytes=mib * MIB) for before, millis, mib in points
    ]


def _volume(one: _Volume) -> Volume:
    return Volume(
        name=one.name, claim=one.claim, used_bytes=one.used_bytes, capacity_bytes=one.capacity_bytes, full_in_s=one.full_in_seconds
    )
