"""CronJobInvalidSchedule: no run will ever start: the schedule is invalid, its date never occurs, or its time zone is unknown.

The schedule is parsed by the rules of the controller. A time zone that Optral does not know may be newer than its table, so an Event of the
controller must confirm it.
"""

from collections.abc import Iterator
from datetime import datetime

from optral.detectors import gates, wording
from optral.detectors.detector import Tier, of_job
from optral.detectors.finding import Finding
from optral.kube import owners
from optral.kube.objects import CronJob
from optral.kube.reports import cron_jobs
from optral.kube.reports.cron_jobs import Fault
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.severity import Severity

WINDOW_S = 3600


def detect(cron_job: CronJob, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    if not cron_job.spec.schedule or cron_job.spec.suspend or gates.is_deleting(cron_job):
        return
    why = _why(cron_job, view, now=now)
    if why is None:
        return
    subject = owners.ref(cron_job)
    since = cron_job.metadata.changed_at or cron_job.created_at
    yield Finding(
        subject=subject,
        title=titles.CronJobInvalidSchedule.never(object=wording.label(subject), why=why),
        since=since,
        facts={"schedule": wording.clip(cron_job.spec.schedule), "timeZone": cron_job.spec.time_zone, "why": why},
    )


def _why(cron_job: CronJob, view: ClusterView, *, now: datetime) -> str | None:
    found = cron_jobs.never_runs(cron_job.spec.schedule, cron_job.spec.time_zone, now=now)
    if found is None:
        return None
    if found.fault is Fault.UNKNOWN_ZONE and not gates.fresh_events(
        view, cron_job.uid, cron_jobs.INVALID_SCHEDULE, now=now, window_s=WINDOW_S
    ):
        return None
    return titles.SCHEDULE_FAULTS[found.fault](detail=wording.clip(found.detail, 100))


DETECTOR = of_job(
    type="CronJobInvalidSchedule",
    title=titles.CronJobInvalidSchedule.what,
    severity=Severity.HIGH,
    gates=("G1", "G6", "G7"),
    looks_at=frozenset({CronJob.kind}),
    detect=detect,
    event_reasons=cron_jobs.INVALID_SCHEDULE,
    tier=Tier.EXTENDED,
)
