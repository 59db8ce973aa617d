"""Pods and containers: what starts, crashes, waits or is taken away."""

from optral.detectors.detector import Detector
from optral.detectors.pods import (
    crash_loop_back_off,
    create_container_config_error,
    create_container_error,
    failed_mount,
    failed_scheduling,
    image_pull_back_off,
    liveness_probe_failed,
    oom_killed,
    readiness_probe_failed,
)

DETECTORS: tuple[Detector, ...] = (
    oom_killed.DETECTOR,
    create_container_config_error.DETECTOR,
    create_container_error.CREATE,
    create_container_error.RUN,
    image_pull_back_off.DETECTOR,
    liveness_probe_failed.DETECTOR,
    crash_loop_back_off.DETECTOR,
    readiness_probe_failed.DETECTOR,
    failed_scheduling.DETECTOR,
    failed_mount.DETECTOR,
)
