"""PersistentVolumeClaims and PersistentVolumes."""

from optral.detectors.detector import Detector
from optral.detectors.storage import (
    persistent_volume_claim_lost,
    persistent_volume_claim_not_found,
    persistent_volume_claim_pending,
    persistent_volume_failed,
    persistent_volume_released,
    volume_filling_up,
    volume_resize_failed,
)

DETECTORS: tuple[Detector, ...] = (
    persistent_volume_claim_pending.DETECTOR,
    persistent_volume_claim_not_found.DETECTOR,
    persistent_volume_claim_lost.DETECTOR,
    persistent_volume_failed.DETECTOR,
    persistent_volume_released.DETECTOR,
    volume_resize_failed.DETECTOR,
    volume_filling_up.DETECTOR,
)
