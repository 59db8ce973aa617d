"""Claims and volumes."""

from optral.detectors.detector import Detector
from optral.detectors.storage import (
    persistent_volume_claim_pending,
)

DETECTORS: tuple[Detector, ...] = (persistent_volume_claim_pending.DETECTOR,)
