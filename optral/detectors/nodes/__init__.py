"""Nodes, the control plane and what the cluster itself lives on."""

from optral.detectors.detector import Detector
from optral.detectors.nodes import (
    node_not_ready,
)

DETECTORS: tuple[Detector, ...] = (node_not_ready.DETECTOR,)
