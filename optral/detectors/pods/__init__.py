"""Pods and containers: what starts, crashes, waits or is taken away."""

from optral.detectors.detector import Detector
from optral.detectors.pods import (
    crash_loop_back_off,
    create_container_config_error,
    create_container_error,
    failed_attach_volume,
    failed_create_pod_sandbox,
    failed_mount,
    failed_scheduling,
    frequent_restarts,
    image_pull_back_off,
    image_unusable,
    init_container_stuck,
    lifecycle_hook_failed,
    liveness_probe_failed,
    oom_killed,
    readiness_probe_failed,
    startup_probe_failed,
)

DETECTORS: tuple[Detector, ...] = (
    oom_killed.DETECTOR,
    create_container_config_error.DETECTOR,
    create_container_error.CREATE,
    create_container_error.RUN,
    lifecycle_hook_failed.DETECTOR,
    image_unusable.INVALID_NAME,
    image_unusable.NEVER_PULL,
    image_unusable.INSPECT,
    image_pull_back_off.DETECTOR,
    liveness_probe_failed.DETECTOR,
    startup_probe_failed.DETECTOR,
    crash_loop_back_off.DETECTOR,
    init_container_stuck.DETECTOR,
    readiness_probe_failed.DETECTOR,
    frequent_restarts.DETECTOR,
    failed_scheduling.DETECTOR,
    failed_attach_volume.DETECTOR,
    failed_mount.DETECTOR,
    failed_create_pod_sandbox.DETECTOR,
)
