"""Groups of issue types, as their detectors declare them (`Detector.effect`, `rank`)."""

from optral.detectors import CATALOG
from optral.detectors.detector import Effect

CONTAINER = frozenset(CATALOG.ranks)
POD_DOWN = CATALOG.with_effect(Effect.POD_DOWN)
NO_PODS = CATALOG.with_effect(Effect.NO_PODS)
CLAIM_UNBOUND = CATALOG.with_effect(Effect.CLAIM_UNBOUND)
REPLICAS_MISSING = CATALOG.with_effect(Effect.REPLICAS_MISSING)
WORKLOAD = POD_DOWN | NO_PODS | REPLICAS_MISSING | CLAIM_UNBOUND
SERVICE_DOWN = CATALOG.with_effect(Effect.SERVICE_DOWN)
NODE_DOWN = CATALOG.with_effect(Effect.NODE_DOWN)
NODE_PRESSURE = CATALOG.with_effect(Effect.NODE_PRESSURE)
DNS, SANDBOX = "ClusterDNSUnavailable", "FailedCreatePodSandBox"
