"""CronJobMissedSchedule: two runs in a row did not start when they should; of rare ones, one has been missing for an hour.

The next run follows from the last one by the schedule in its time zone. A schedule without a zone uses the local time of the controller,
which is not known: one missed run counts only if the last one started when this reading of the schedule expects it, two always count. A run
that waits for the previous one (`Forbid`) is not missed. A changed or resumed schedule counts from the change.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from optral.detectors import candidate_causes, gates, wording
from optral.detectors.detector import of_job
from optral.detectors.finding import Finding, Suspect, Watch
from optral.kube import owners, schedules, times
from optral.kube.objects import CronJob, Job, KubeObject
from optral.kube.reports import cron_jobs
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.severity import Severity

GRACE_S = 120  # the controller needs seconds, after its own restart a minute
ONE_MISS_S = 3600


@dataclass(frozen=True, slots=True)
class _Due:
    """The first run that should have started by now or will, and when its absence counts."""

    at: datetime
    missed_at: datetime


def detect(cron_job: CronJob, view: ClusterView, *, now: datetime) -> Iterator[Finding | Watch]:
    if cron_job.spec.suspend or gates.is_deleting(cron_job) or (due := _due(cron_job)) is None:
        return
    if _waits_for_a_run(cron_job, view):
        return
    if due.missed_at > now:
        yield Watch(due.missed_at)
        return
    subject = owners.ref(cron_job)
    events = gates.fresh_events(view, cron_job.uid, cron_jobs.MISSED, now=now, window_s=3600)
    last = cron_job.status.last_schedule_time
    yield Finding(
        subject=subject,
        title=titles.CronJobMissedSchedule.missed(object=wording.label(subject)),
        since=due.at,
        opens_at=due.missed_at,
        facts={
            "schedule": cron_job.spec.schedule,
            "timeZone": cron_job.spec.time_zone,
            "lastScheduleTime": None if last is None else last.isoformat(),
            "missedSince": due.at.isoformat(),
            "concurrencyPolicy": cron_job.spec.concurrency_policy,
            "startingDeadlineSeconds": cron_job.spec.starting_deadline_seconds,
            "message": wording.clip(events[0].message) if events else None,
        },
        suspects=(Suspect(candidate_causes.CLUSTER, "is started by", frozenset({"ControlPlaneUnhealthy"})),),
    )


def _due(cron_job: CronJob) -> _Due | None:
    """None for a schedule that is invalid (see CronJobInvalidSchedule) or never occurs."""
    if (read := schedules.in_zone(cron_job.spec.schedule, cron_job.spec.time_zone)) is None:
        return None
    schedule, zone = read
    last = cron_job.status.last_schedule_time
    base = times.latest(last, cron_job.metadata.changed_at, cron_job.created_at) or cron_job.created_at
    first = schedule.after(base, zone)
    second = schedule.after(first, zone) if first is not None else None
    if first is None or second is None:
        return None
    missed_at = times.after(second, GRACE_S)
    if cron_job.spec.time_zone or schedule.zone or (last is not None and _fits(schedule, last, zone)):
        allowed_s = max(ONE_MISS_S, cron_job.spec.starting_deadline_seconds or 0)
        missed_at = min(missed_at, times.after(first, allowed_s))
    return _Due(first, missed_at)


def _fits(schedule: schedules.Schedule, last: datetime, zone: tzinfo) -> bool:
    """Whether the last run started exactly when this reading of the schedule expects it."""
    return last.timestamp() > 1 and schedule.after(last - timedelta(seconds=1), zone) == last


def _waits_for_a_run(cron_job: CronJob, view: ClusterView) -> bool:
    if cron_job.spec.concurrency_policy != "Forbid":
        return False
    return any(job.status.active > 0 and not gates.is_deleting(job) for job in view.jobs_of(owners.ref(cron_job)))


def _cron_job_of(view: ClusterView, obj: KubeObject) -> Iterator[KubeObject]:
    above = view.object_at(view.workload_of(obj))
    if isinstance(above, CronJob):
        yield above


DETECTOR = of_job(
    type="CronJobMissedSchedule",
    title=titles.CronJobMissedSchedule.what,
    severity=Severity.MEDIUM,
    gates=("G1", "G6", "G13"),
    looks_at=frozenset({CronJob.kind}),
    detect=detect,
    event_reasons=cron_jobs.MISSED,
    open_after_s=ONE_MISS_S,
    reached_from={Job.kind: _cron_job_of},
)
