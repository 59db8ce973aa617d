"""Services, Ingresses, Gateways and routes, certificates, network policies."""

from optral.detectors.detector import Detector
from optral.detectors.network import (
    certificate_expiring,
    gateway_not_programmed,
    ingress_backend_missing,
    ingress_class_missing,
    load_balancer_pending,
    mesh_route_invalid,
    network_policy_blocks,
    route_not_accepted,
    service_endpoints_stale,
    service_missing,
    service_name_unresolvable,
    service_no_endpoints,
    service_selector_too_broad,
    service_target_port_mismatch,
    tls_secret_missing,
)

DETECTORS: tuple[Detector, ...] = (
    service_no_endpoints.DETECTOR,
    service_endpoints_stale.DETECTOR,
    service_target_port_mismatch.DETECTOR,
    service_selector_too_broad.DETECTOR,
    service_missing.DETECTOR,
    service_name_unresolvable.DETECTOR,
    load_balancer_pending.DETECTOR,
    ingress_backend_missing.DETECTOR,
    ingress_class_missing.DETECTOR,
    tls_secret_missing.DETECTOR,
    certificate_expiring.DETECTOR,
    gateway_not_programmed.DETECTOR,
    route_not_accepted.DETECTOR,
    mesh_route_invalid.DETECTOR,
    network_policy_blocks.DETECTOR,
)
