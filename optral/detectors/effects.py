"""What failures do to others."""

from enum import StrEnum


class Effect(StrEnum):
    """What a failure does to others; grouping derives from it what the failure can explain.

    `podDown` keeps single pods from starting, running or being ready; `noPods` keeps pods from being created; `claimUnbound` keeps a claim
    from being used; `replicasMissing` is how missing pods look at their workload; `serviceDown` cuts callers off from a Service;
    `requestsFail` answers callers with errors; `nodeDown` and `nodePressure` affect every pod of a node.
    """

    POD_DOWN = "podDown"
    NO_PODS = "noPods"
    CLAIM_UNBOUND = "claimUnbound"
    REPLICAS_MISSING = "replicasMissing"
    SERVICE_DOWN = "serviceDown"
    REQUESTS_FAIL = "requestsFail"
    NODE_DOWN = "nodeDown"
    NODE_PRESSURE = "nodePressure"
