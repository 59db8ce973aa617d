"""Services, Ingresses and routes."""

from optral.detectors.detector import Detector
from optral.detectors.network import (
    service_no_endpoints,
)

DETECTORS: tuple[Detector, ...] = (service_no_endpoints.DETECTOR,)
