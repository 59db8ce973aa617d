"""Nodes, the control plane and the basic services of a cluster.

An offline cluster is not a finding: only the server knows whether its agent is connected.
"""

from optral.detectors.detector import Detector
from optral.detectors.nodes import (
    api_service_unavailable,
    cluster_dns_unavailable,
    control_plane_unhealthy,
    node_cordoned,
    node_network_unavailable,
    node_not_ready,
    node_pressure,
    node_problem,
    node_readiness_flapping,
    node_runtime_fault,
    node_saturated,
    room,
    version_skew,
)

DETECTORS: tuple[Detector, ...] = (
    node_not_ready.DETECTOR,
    *node_pressure.DETECTORS,
    node_network_unavailable.DETECTOR,
    node_runtime_fault.DETECTOR,
    node_problem.DETECTOR,
    node_readiness_flapping.DETECTOR,
    node_saturated.DETECTOR,
    node_cordoned.DETECTOR,
    control_plane_unhealthy.DETECTOR,
    cluster_dns_unavailable.DETECTOR,
    api_service_unavailable.DETECTOR,
    *room.DETECTORS,
    version_skew.DETECTOR,
)
