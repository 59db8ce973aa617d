"""Risks of a whole cluster: its default StorageClass, its version, the sum of its quotas, deprecated storage versions."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import cast

from optral.detectors.candidate_causes import CLUSTER
from optral.detectors.detector import About
from optral.detectors.risk.common import check
from optral.detectors.thresholds import Limits, Threshold
from optral.kube.objects import CustomResourceDefinition, KubeObject, Namespace, Node, ResourceQuota, StorageClass
from optral.kube.quantities import milli_or_none
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.severity import Severity

_OVERCOMMIT = {
    "mostPromised": Threshold(
        default=1.5, min=1.0, max=100.0, unit="times", doc="Quotas may add up to this many times the resources of the nodes"
    ),
}
_CARRIER = "default"  # the namespace that every cluster has: shows findings that have no object of their own
_ENDS = {  # the last day with patches, by minor version. Source: Kubernetes release calendar
    24: (2023, 7, 28), 25: (2023, 10, 27), 26: (2024, 2, 28), 27: (2024, 6, 28), 28: (2024, 10, 28), 29: (2025, 2, 28),
    30: (2025, 6, 28), 31: (2025, 10, 28), 32: (2026, 2, 28), 33: (2026, 6, 28), 34: (2026, 10, 27), 35: (2027, 2, 28),
}  # fmt: skip


def _defaults(storage_class: StorageClass, view: ClusterView, now: datetime) -> list[str]:
    default = sorted(cls.name for cls in cast(Iterable[StorageClass], view.all(StorageClass.kind)) if cls.is_default)
    if len(default) == 1:
        return []
    return default or ["no class is the default"]


def _overcommitted(namespace: Namespace, view: ClusterView, now: datetime, limits: Limits) -> list[str]:
    if namespace.name != _CARRIER:
        return []
    quotas = list(cast(Iterable[ResourceQuota], view.all(ResourceQuota.kind)))
    nodes = list(cast(Iterable[Node], view.all(Node.kind)))
    found = []
    for resource in ("cpu", "memory"):
        hard = sum(
            milli_or_none(quota.spec.hard, f"requests.{resource}") or milli_or_none(quota.spec.hard, resource) or 0 for quota in quotas
        )
        capacity = sum(milli_or_none(node.status.allocatable, resource) or 0 for node in nodes)
        if capacity and hard > capacity * limits["mostPromised"]:
            found.append(resource)
    return found


def _outdated(node: Node, view: ClusterView, now: datetime) -> list[str]:
    major, _, rest = node.status.node_info.kubelet_version.removeprefix("v").partition(".")
    minor = rest.partition(".")[0]
    if major != "1" or not (minor.isascii() and minor.isdigit()) or len(minor) > 3:
        return []
    number = int(minor)
    end = _ENDS.get(number)
    is_out_of_support = number < min(_ENDS) or (end is not None and now > datetime(*end, tzinfo=UTC))
    return [f"Kubernetes 1.{minor}"] if is_out_of_support else []


def _deprecated(definition: CustomResourceDefinition, view: ClusterView, now: datetime) -> list[str]:
    return [version.name for version in definition.spec.versions if version.storage and version.deprecated]


def _classes(view: ClusterView, obj: KubeObject) -> Iterable[KubeObject]:
    return view.all(StorageClass.kind)


def _carrier(view: ClusterView, obj: KubeObject) -> Iterable[KubeObject]:
    namespace = view.namespace(_CARRIER)
    return () if namespace is None else (namespace,)


DEFAULT_CLASS = check(
    titles.DefaultStorageClass,
    _defaults,
    about=About.CLUSTER,
    module=__name__,
    looks_at=(StorageClass.kind,),
    reached_from={StorageClass.kind: _classes},
    subject=CLUSTER,
)
OVERCOMMIT = check(
    titles.QuotaOvercommit,
    _overcommitted,
    about=About.CLUSTER,
    module=__name__,
    looks_at=(Namespace.kind,),
    reached_from={ResourceQuota.kind: _carrier, Node.kind: _carrier},
    subject=CLUSTER,
    thresholds=_OVERCOMMIT,
)
END_OF_LIFE = check(
    titles.EOLVersion,
    _outdated,
    about=About.CLUSTER,
    module=__name__,
    severity=Severity.MEDIUM,
    looks_at=(Node.kind,),
    subject=CLUSTER,
)
DEPRECATED = check(
    titles.DeprecatedAPI,
    _deprecated,
    about=About.OBJECT,
    module=__name__,
    looks_at=(CustomResourceDefinition.kind,),
)
