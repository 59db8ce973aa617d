"""Candidate causes of a failure: for every type, the objects it is related to and the types on them that can explain it.

Detectors name candidates themselves (`Finding.suspects`); here is what follows from the type alone. A new relation is one row of `_RULES`
and a small function in `rules/`. A candidate is not yet a cause: grouping still asks whether the order in time fits.
"""

from collections.abc import Iterator

from optral.grouping import callers
from optral.grouping.failure_index import Candidate, FailureIndex
from optral.grouping.model import AffectedObject, Failure
from optral.grouping.rules import cluster, common, custom_resources, groups, pods, services, traffic, workloads
from optral.grouping.rules.common import Rule
from optral.kube.objects import Node

_TOO_MANY_SUSPECTS = frozenset({"GenerationMismatch", "CronJobMissedSchedule", "ServiceTargetPortMismatch"})
"""Types whose detectors name more objects than can cause them: any control plane component, or pods that crash behind a wrong port."""

_RULES: dict[str, tuple[Rule, ...]] = {
    **dict.fromkeys(groups.REPLICAS_MISSING, (workloads.pods_of_workload, services.dns_itself)),
    **dict.fromkeys(callers.TYPES, (callers.candidates, pods.full_volume)),
    traffic.SLOW: (traffic.slow,),
    "FailedScheduling": (pods.failed_scheduling,),
    "FailedMount": (pods.claims, custom_resources.maker),
    "CreateContainerConfigError": (custom_resources.maker,),
    "FailedAttachVolume": (pods.claims,),
    "FailedCreatePodSandBox": (pods.network_plugin,),
    "PodNotReady": (pods.claims, pods.unscheduled),
    "FailedCreate": (workloads.refusal,),
    "MissingReference": (workloads.failing_pods, workloads.quota_on_services),
    "ServiceAccountMissing": (workloads.failing_pods,),
    "ServiceMissing": (workloads.quota_on_services,),
    "PersistentVolumeClaimNotFound": (workloads.claim_not_created,),
    "PersistentVolumeClaimLost": (workloads.bound_volume,),
    "CronJobMissedSchedule": (workloads.schedule, cluster.by_component("controller-manager")),
    "GenerationMismatch": (cluster.by_component("controller-manager"),),
    "SchedulerUnavailable": (cluster.by_component("scheduler"),),
    "ControlPlaneUnhealthy": (cluster.component,),
    "NodeNotReady": (pods.node_network,),
    "NodeNetworkUnavailable": (pods.node_network,),
    "ServiceNoEndpoints": (services.endpoints,),
    groups.DNS: (services.cluster_dns,),
    **dict.fromkeys(("HPAScalingInactive", "HPAUnableToScale", "HPAReplicasMismatch"), (workloads.autoscaler,)),
    "PDBInsufficientHealthyPods": (workloads.budget,),
    "WebhookUnavailable": (services.webhook,),
    "APIServiceUnavailable": (services.api_service,),
    "IngressBackendMissing": (services.backend,),
    "RouteNotAccepted": (services.route,),
    "TLSSecretMissing": (services.certificate,),
    custom_resources.CERTIFICATE: (services.certificate, custom_resources.chain),
    custom_resources.CUSTOM: (custom_resources.chain,),
    "NamespaceTerminating": (cluster.namespace_contents,),
    "StuckFinalizer": (cluster.finalizer,),
}


def find(index: FailureIndex, failure: Failure, affected: AffectedObject) -> Iterator[Candidate]:
    """All candidate causes of what one object shows of a failure; the failure itself may be among them."""
    if failure.type not in _TOO_MANY_SUSPECTS:
        for one in affected.suspects:
            if failure.type == "FailedScheduling" and one.ref.kind == Node.kind:
                continue  # `pods.failed_scheduling` asks whether the pod would run there
            yield from common.on_object(index, one.ref, one.types, one.relation)
    yield from pods.same_container(index, failure, affected)
    yield from pods.node(index, failure, affected)
    for rule in _RULES.get(failure.type, ()):
        yield from rule(index, failure, affected)
