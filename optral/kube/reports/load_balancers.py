"""Events of the controllers that provide load balancers for Services.

Sources: kubernetes/cloud-provider (controllers/service), MetalLB (controller/service.go), AWS Load Balancer Controller (pkg/k8s/events.go).
"""

from enum import StrEnum


class Failure(StrEnum):
    """Why a Service of type LoadBalancer gets no external address."""

    NOT_CREATED = "notCreated"
    """The cloud does not create it, for example because of a quota, missing permissions, subnets or annotations."""
    NO_ADDRESS = "noAddress"
    """No address pool of the cluster has a free address that the Service may use."""


FAILURES = {
    "SyncLoadBalancerFailed": Failure.NOT_CREATED,
    "CreatingLoadBalancerFailed": Failure.NOT_CREATED,  # of older clusters
    "FailedBuildModel": Failure.NOT_CREATED,  # AWS
    "FailedDeployModel": Failure.NOT_CREATED,
    "AllocationFailed": Failure.NO_ADDRESS,  # MetalLB
    "LoadBalancerFailed": Failure.NO_ADDRESS,
}
"""Reason of an Event about a Service → what it reports."""
