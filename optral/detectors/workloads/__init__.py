"""Workload controllers: rollouts, replicas, Jobs and schedules."""

from optral.detectors.detector import Detector
from optral.detectors.workloads import (
    cron_job_invalid_schedule,
    cron_job_missed_schedule,
    cron_job_suspended,
    daemon_set,
    deployment_paused,
    deployment_progress_deadline_exceeded,
    failed_create,
    generation_mismatch,
    job_failed,
    job_not_completed,
    replicas_unavailable,
    scaled_to_zero,
    stateful_set_update_stuck,
    workload_slow,
)

DETECTORS: tuple[Detector, ...] = (
    deployment_progress_deadline_exceeded.DETECTOR,
    replicas_unavailable.DEPLOYMENT,
    failed_create.DETECTOR,
    replicas_unavailable.STATEFUL_SET,
    stateful_set_update_stuck.DETECTOR,
    *daemon_set.DETECTORS,
    generation_mismatch.DETECTOR,
    scaled_to_zero.DETECTOR,
    deployment_paused.DETECTOR,
    job_failed.DETECTOR,
    job_not_completed.DETECTOR,
    cron_job_missed_schedule.DETECTOR,
    cron_job_invalid_schedule.DETECTOR,
    cron_job_suspended.DETECTOR,
    workload_slow.DETECTOR,
)
