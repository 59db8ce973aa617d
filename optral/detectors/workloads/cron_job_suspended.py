"""CronJobSuspended: a CronJob or Job has been suspended for a week, perhaps by mistake.

A risk and not a failure: somebody suspended it on purpose.
"""

from collections.abc import Iterator
from datetime import datetime

from optral.detectors import gates, wording
from optral.detectors.detector import Tier, of_job
from optral.detectors.finding import Finding
from optral.kube.objects import CronJob, Job, condition
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.severity import Severity


def detect(obj: CronJob | Job, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    if not obj.spec.suspend or gates.is_deleting(obj):
        return
    subject = view.workload_of(obj)
    if subject.kind == CronJob.kind and isinstance(obj, Job):
        return  # a suspended run of a CronJob is reported for the CronJob
    since = _suspended_at(obj)
    yield Finding(
        subject=subject,
        title=titles.CronJobSuspended.suspended(object=wording.label(subject)),
        since=since,
        facts={"schedule": obj.spec.schedule if isinstance(obj, CronJob) else None},
    )


def _suspended_at(obj: CronJob | Job) -> datetime:
    if isinstance(obj, CronJob):
        return obj.metadata.changed_at or obj.status.last_schedule_time or obj.created_at
    suspended = condition(obj.status.conditions, "Suspended")
    suspended_at = suspended.last_transition_time if suspended is not None and suspended.status == "True" else None
    return suspended_at or obj.created_at


DETECTOR = of_job(
    type="CronJobSuspended",
    title=titles.CronJobSuspended.what,
    category="risk",
    severity=Severity.LOW,
    gates=("G1",),
    looks_at=frozenset({CronJob.kind, Job.kind}),
    detect=detect,
    open_after_s=7 * 86_400,
    tier=Tier.RISK,
)
