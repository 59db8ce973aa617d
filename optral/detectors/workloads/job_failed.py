"""JobFailed: a Job has failed and makes no further attempts.

Only its condition counts: failed pods of a Job that still retries are normal. The Job object outlives the failure, so the issue resolves
when a later run of the same CronJob or a rerun succeeds, or the Job is deleted. One run is one occurrence.
"""

from collections.abc import Iterator
from datetime import datetime

from optral.detectors import containers, gates, wording
from optral.detectors.detector import Effect, of_job
from optral.detectors.finding import Finding
from optral.kube import owners, schedules, times
from optral.kube.objects import Condition, CronJob, Job, condition
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity
from optral.terms.template import Title


def detect(job: Job, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    failure = condition(job.status.conditions, "Failed")
    if failure is None or failure.status != "True" or gates.is_deleting(job) or gates.has_succeeded_since(job, view):
        return
    subject = view.workload_of(job)
    since = failure.last_transition_time or job.status.start_time or job.created_at
    yield Finding(
        subject=subject,
        base=_base(job, subject, view),
        title=_title(subject, failure.reason),
        since=since,
        occurrence=job.uid,
        facts=_facts(job, failure, view),
    )


def _title(subject: ObjectRef, reason: str) -> Title:
    known = titles.JOB_FAILURES.get(reason)
    why = reason if known is None else known()
    return (titles.JobFailed.failed if subject.kind == Job.kind else titles.JobFailed.run_failed)(object=wording.label(subject), why=why)


def _base(job: Job, subject: ObjectRef, view: ClusterView) -> Severity:
    """high for a Job without a CronJob or two failed runs in a row: nothing repeats it, or repeating does not help."""
    if subject.kind == Job.kind:
        return Severity.HIGH
    return Severity.HIGH if _has_failed_before(job, subject, view) else Severity.MEDIUM


def _has_failed_before(job: Job, subject: ObjectRef, view: ClusterView) -> bool:
    """Whether the previous run failed too; if that Job is already deleted, the schedule and last success of the CronJob show it."""
    earlier = [run for run in view.jobs_of(subject) if run.created_at < job.created_at]
    before = max(earlier, key=lambda run: run.created_at, default=None)
    cron_job = view.object_at(subject)
    if before is None and isinstance(cron_job, CronJob):
        return _is_second_run(job, cron_job)
    failed = condition(before.status.conditions, "Failed") if before is not None else None
    return failed is not None and failed.status == "True"


def _is_second_run(job: Job, cron_job: CronJob) -> bool:
    """Whether at least two runs were due since the last successful one, including this one."""
    if (read := schedules.in_zone(cron_job.spec.schedule, cron_job.spec.time_zone)) is None:
        return False
    schedule, zone = read
    began = times.latest(cron_job.status.last_successful_time, cron_job.metadata.changed_at, cron_job.created_at)
    first = schedule.after(began, zone) if began is not None else None
    return first is not None and (second := schedule.after(first, zone)) is not None and second <= job.created_at


def _facts(job: Job, failure: Condition, view: ClusterView) -> dict[str, object]:
    facts: dict[str, object] = {
        "reason": failure.reason,
        "message": wording.clip(failure.message),
        "job": job.name,
        "failedPods": job.status.failed,
        "succeededPods": job.status.succeeded,
        "backoffLimit": job.spec.backoff_limit,
        "deadlineSeconds": job.spec.active_deadline_seconds,
    }
    pods = sorted(view.pods_of(owners.ref(job)), key=lambda pod: pod.created_at)
    for pod in reversed(pods):  # record it now: ttlSecondsAfterFinished may delete the pods
        for seen in containers.of(pod):
            if seen.last_exit is not None and seen.last_exit.exit_code != 0:
                return facts | {"lastPod": pod.name, "container": seen.name} | containers.exit_facts(seen.last_exit)
    return facts


DETECTOR = of_job(
    type="JobFailed",
    title=titles.JobFailed.what,
    severity=Severity.HIGH,
    gates=("G1", "G2"),
    effect=Effect.REPLICAS_MISSING,
    looks_at=frozenset({Job.kind}),
    detect=detect,
)
