"""What the Job controller reports in the conditions of a Job.

Source: pkg/controller/job/job_controller.go.
"""

COMPLETE = "Complete"
DEADLINE_EXCEEDED, POD_FAILURE_POLICY = "DeadlineExceeded", "PodFailurePolicy"
"""Reasons of the condition `Failed` that have a cause of their own; otherwise every attempt failed."""
