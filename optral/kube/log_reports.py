"""Reports of what the logs of a pod's running containers keep showing: how they are written, and read out of a view of the cluster.

A report is about one uid: an earlier pod of the same name does not count.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol

from optral.kit.times import rfc3339
from optral.kube import log_tally
from optral.kube.access_logs import ERRORS
from optral.kube.cluster import Cluster
from optral.kube.kinds import LOG_SIGNS
from optral.kube.log_table import DEPENDENCY
from optral.kube.log_tally import LogTally, Occurrences, Tally
from optral.kube.objects import ContainerLog, KubeObject, LogSign, LogSigns, Pod
from optral.kube.view import ClusterView

SIGNS_OF: dict[str, frozenset[str]] = {
    "ContainerMisconfigured": frozenset({"command", "config", "file", "library", "setting", "write"}),
    "KubernetesAccessDenied": frozenset({"crd", "rights"}),
    "CertificateRejected": frozenset({"certificate"}),
    "CredentialsRejected": frozenset({"authentication", "credentials", "license"}),
    "SchemaMissing": frozenset({"migration", "mismatch", "schema", "topic", "version"}),
    "DependencyOverloaded": frozenset({"frozen", "full", "memory", "quorum", "rate", "starting"}),
    "DependencyUnreachable": frozenset({DEPENDENCY, "loop", "protocol"}),
    "ContainerExhausted": frozenset({"alarm", "descriptors", "disk", "heap", "kernel", "killed", "workers"}),
    "DependencyFailing": frozenset({"response"}),
    "RequestsFailing": frozenset({ERRORS, "timeout"}),
}
"""The types of issues about containers that run and keep logging a failure, each with the signs that show it."""

MIN_COUNT = 2
"""A sign that came once is not reported: what happens once is no lasting failure, unless it holds (`log_tally.HELD`)."""
MAX_SIGNS = 8
"""Of one container, the newest first."""


class ContainerTally(NamedTuple):
    """The signs of one run of a container, which began at that time (seconds since 1970)."""

    container: str
    started_at: float
    tally: LogTally

    @property
    def reported(self) -> list[Tally]:
        newest = sorted(self.tally.signs.values(), key=lambda tally: -tally.last_at)
        return [tally for tally in newest if tally.count >= MIN_COUNT or tally.sign in log_tally.HELD][:MAX_SIGNS]


def manifest(namespace: str, pod: str, pod_uid: str, containers: Iterable[ContainerTally]) -> dict[str, Any] | None:
    """The `LogSigns` of a pod; None if nothing in its logs is reported."""
    shown = [one for one in sorted(containers, key=lambda one: one.container) if one.reported]
    if not shown:
        return None
    at = max(tally.last_at for one in shown for tally in one.reported)
    version = f"{int(at)}-{sum(tally.count for one in shown for tally in one.reported)}"
    owner = {"apiVersion": "v1", "kind": "Pod", "name": pod, "uid": pod_uid}
    metadata = {"name": pod, "namespace": namespace, "uid": f"{pod_uid}-logs", "resourceVersion": version, "ownerReferences": [owner]}
    return {
        "apiVersion": LOG_SIGNS.api_version,
        "kind": LOG_SIGNS.name,
        "metadata": metadata,
        "status": {"observedAt": _time(at), "containers": [_container(one) for one in shown]},
    }


def _container(one: ContainerTally) -> dict[str, Any]:
    return {"name": one.container, "startedAt": _time(one.started_at), "signs": [_sign(tally) for tally in one.reported]}


def _sign(tally: Tally) -> dict[str, Any]:
    return {
        "sign": tally.sign,
        "count": tally.count,
        "firstAt": _time(tally.first_at),
        "lastAt": _time(tally.last_at),
        "message": tally.example,
        "names": tally.slots,
    }


def _time(at: float) -> str:
    return rfc3339(datetime.fromtimestamp(at, UTC))


class Named(Protocol):
    """A pod, typed or as a snapshot has it."""

    @property
    def namespace(self) -> str | None: ...
    @property
    def name(self) -> str: ...
    @property
    def uid(self) -> str: ...


def of_pod(pod: Named, cluster: Cluster) -> LogSigns | None:
    """None while nothing keeps coming in the logs of the pod, or nobody reads them."""
    found = cluster.by_name(LogSigns.kind, pod.namespace, pod.name)
    if not isinstance(found, LogSigns) or not any(owner.uid == pod.uid for owner in found.metadata.owner_references):
        return None
    return found


def pod_of(view: ClusterView, report: LogSigns) -> Iterator[KubeObject]:
    """The pod that a report is about (a step of `detectors/reach.py`)."""
    if (found := view.by_name(Pod.kind, report.namespace, report.name)) is not None:
        yield found


def lasting(container: ContainerLog, *, now: datetime) -> list[LogSign]:
    """The signs of a container that last (`log_tally.lasts`)."""
    started_at = _seconds(container.started_at)
    return [sign for sign in container.signs if log_tally.lasts(sign.sign, occurrences(sign), now=now.timestamp(), started_at=started_at)]


def occurrences(sign: LogSign) -> Occurrences:
    return Occurrences(sign.count, _seconds(sign.first_at), _seconds(sign.last_at))


def over_at(sign: LogSign) -> datetime:
    """When the sign ends, unless it comes again."""
    return datetime.fromtimestamp(log_tally.over_at(sign.sign, occurrences(sign)), UTC)


def _seconds(at: datetime | None) -> float:
    return 0.0 if at is None else at.timestamp()
