"""Workload controllers: rollouts, replicas, jobs and schedules."""

from optral.detectors.detector import Detector
from optral.detectors.workloads import (
    deployment_progress_deadline_exceeded,
    failed_create,
    job_failed,
)

DETECTORS: tuple[Detector, ...] = (
    deployment_progress_deadline_exceeded.DETECTOR,
    failed_create.DETECTOR,
    job_failed.DETECTOR,
)
