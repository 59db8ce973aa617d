"""CronJobInvalidSchedule: no run will ever start: the schedule is invalid, its date never occurs, or its time zone is unknown.

The schedule is parsed by the rules of the controller. A time zone that Optral does not know may be newer than its table, so an Event of the
controller must confirm it.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from optral.detectors import gates, severity, wording
from optral.detectors.detector import About, Detector, Tier
from optral.detectors.finding import Finding
from optral.kube import owners, schedules
from optral.kube.objects import CronJob
from optral.kube.view import ClusterView
from optral.terms.severity import Severity

TYPE = "CronJobInvalidSchedule"
CATEGORY = "job"
WINDOW_S = 3600
_EVENTS = frozenset({"UnparseableSchedule", "UnparsableSchedule", "InvalidSchedule", "UnknownTimeZone"})


def detect(cron_job: CronJob, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    if not cron_job.spec.schedule or cron_job.spec.suspend or gates.is_deleting(cron_job):
        return
    why = _why(cron_job, view, now=now)
    if why is None:
        return
    subject = owners.ref(cron_job)
    since = cron_job.metadata.changed_at or cron_job.created_at
    yield Finding(
        type=TYPE,
        subject=subject,
        shown_by=subject,
        severity=severity.adjust(Severity.HIGH, subject=subject, view=view),
        title=f"{wording.label(subject)} will never run: {why}",
        category=CATEGORY,
        since=since,
        opens_at=since,
        facts={"schedule": wording.clip(cron_job.spec.schedule), "timeZone": cron_job.spec.time_zone, "why": why},
    )


def _why(cron_job: CronJob, view: ClusterView, *, now: datetime) -> str | None:
    try:
        schedule = schedules.parse(cron_job.spec.schedule)
    except schedules.BadSchedule as bad:
        return f"its schedule is invalid ({wording.clip(str(bad), 100)})"
    name = cron_job.spec.time_zone or schedule.zone
    zone = schedules.zone_of(name) if name else UTC
    if zone is None:
        refused = gates.fresh_events(view, cron_job.uid, _EVENTS, now=now, window_s=WINDOW_S)
        return f"its time zone {wording.clip(name, 60)} is unknown" if refused else None
    return "the date of its schedule never occurs" if schedule.after(now, zone) is None else None


DETECTOR = Detector(
    type=TYPE,
    title="The schedule or time zone of a CronJob is invalid",
    category=CATEGORY,
    about=About.JOB,
    severity=Severity.HIGH,
    gates=("G1", "G6", "G7"),
    looks_at=frozenset({CronJob.kind}),
    detect=detect,
    event_reasons=_EVENTS,
    tier=Tier.EXTENDED,
)
