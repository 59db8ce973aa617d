"""Schedules that skip runs silently."""

from datetime import datetime

from optral.detectors.detector import About
from optral.detectors.risk.common import check
from optral.kube import owners, schedules
from optral.kube.objects import CronJob
from optral.kube.view import ClusterView
from optral.terms.en import titles


def _without_deadline(cron_job: CronJob, view: ClusterView, now: datetime) -> list[str]:
    return [] if cron_job.spec.suspend or cron_job.spec.starting_deadline_seconds is not None else ["no startingDeadlineSeconds"]


def _overlapping(cron_job: CronJob, view: ClusterView, now: datetime) -> list[str]:
    """Runs that lasted until the next one was due: the Job records when it started and finished."""
    if cron_job.spec.suspend or cron_job.spec.concurrency_policy != "Forbid":
        return []
    try:
        schedule = schedules.parse(cron_job.spec.schedule)
    except schedules.BadSchedule:
        return []
    late = []
    for run in view.jobs_of(owners.ref(cron_job)):
        began = run.status.start_time
        due = schedule.after(began) if began is not None else None
        if due is not None and (run.status.completion_time or now) > due and (run.status.active or run.status.completion_time):
            late.append(run.name)
    return sorted(late)


NO_DEADLINE = check(
    titles.CronJobNoDeadline,
    _without_deadline,
    about=About.JOB,
    module=__name__,
    looks_at=(CronJob.kind,),
)
FORBID = check(
    titles.ConcurrencyForbidLongJobs,
    _overlapping,
    about=About.JOB,
    module=__name__,
    looks_at=(CronJob.kind,),
    reached_from={"Job.batch": lambda view, job: [owner] if (owner := view.object_at(view.workload_of(job))) is not None else []},
)
