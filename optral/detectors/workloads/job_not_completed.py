"""JobNotCompleted: a Job runs far longer than it should: over its deadline, three times its usual time, and twelve hours.

A run of a CronJob that forbids concurrent runs holds back the next ones, so its schedule decides in place of the twelve hours: the run is
too long when three runs should have started meanwhile. Before ten minutes that needs three finished runs, which tell how long runs take.

Often one container of its pod never exits (a sidecar beside the real work); the facts list the containers that still run. Failures that
keep its pods from starting have issues of their own.
"""

from collections.abc import Iterator
from datetime import datetime
from statistics import median

from optral.detectors import containers, gates, wording
from optral.detectors.detector import Effect, Tier, of_job
from optral.detectors.finding import Finding, Watch
from optral.detectors.thresholds import Limits, Threshold
from optral.kube import owners, schedules, times
from optral.kube.objects import CronJob, Job, KubeObject
from optral.kube.reports import jobs
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity
from optral.terms.template import Title

PATIENCE_S = 12 * 3600
MAX_RUNS = 100
HELD_RUNS = 3
MIN_HELD_S = 600  # without enough earlier runs to know how long they take
ENOUGH_RUNS = 3
THRESHOLDS = {
    "patienceSeconds": Threshold(default=PATIENCE_S, min=60, max=2_592_000, unit="s", doc="A Job may always run this long"),
    "timesUsual": Threshold(default=3, min=1, max=100, unit="times", doc="How many times as long as its earlier runs a Job may take"),
}


def detect(job: Job, view: ClusterView, *, now: datetime, limits: Limits) -> Iterator[Finding | Watch]:
    started = job.status.start_time
    if started is None or job.status.active <= 0 or gates.is_deleting(job) or gates.is_switched_off(job) or _has_finished(job):
        return
    earlier = _durations(job, view)
    usual_s, held_at = int(median(earlier)) if earlier else None, _held_at(job, started, view)
    patience_s, times_usual = limits["patienceSeconds"], limits["timesUsual"]
    if held_at is not None:
        at_least_s = 0 if len(earlier) >= ENOUGH_RUNS else MIN_HELD_S
        patience_s = min(patience_s, max(at_least_s, (held_at - started).total_seconds()))
    late_at = times.after(started, max(patience_s, job.spec.active_deadline_seconds or 0, times_usual * (usual_s or 0)))
    if late_at > now:
        yield Watch(late_at)
        return
    subject = view.workload_of(job)
    yield Finding(
        subject=subject,
        title=_title(subject, is_holding=held_at is not None),
        since=started,
        opens_at=late_at,
        occurrence=job.uid or None,
        facts={
            "job": job.name,
            "patienceSeconds": patience_s,
            "usualSeconds": usual_s,
            "timesUsual": times_usual,
            "deadlineSeconds": job.spec.active_deadline_seconds,
            "activePods": job.status.active,
            "failedPods": job.status.failed,
            "heldRuns": None if held_at is None else HELD_RUNS,
        }
        | _containers(job, view),
    )


def _title(subject: ObjectRef, *, is_holding: bool) -> Title:
    texts = titles.JobNotCompleted
    return (texts.holding if is_holding else texts.long if subject.kind == Job.kind else texts.long_run)(object=wording.label(subject))


def _held_at(job: Job, started: datetime, view: ClusterView) -> datetime | None:
    """When the third run after this one was due, if the CronJob forbids concurrent runs; None for any other Job."""
    above = view.object_at(view.workload_of(job))
    if not isinstance(above, CronJob) or above.spec.suspend or above.spec.concurrency_policy != "Forbid":
        return None
    if (read := schedules.in_zone(above.spec.schedule, above.spec.time_zone)) is None:
        return None
    schedule, zone = read
    due: datetime | None = started
    for _ in range(HELD_RUNS):
        due = None if due is None else schedule.after(due, zone)
    return due


def _has_finished(job: Job) -> bool:
    return any(
        c.type in (jobs.COMPLETE, "Failed", "SuccessCriteriaMet", "FailureTarget") and c.status == "True" for c in job.status.conditions
    )


def _durations(job: Job, view: ClusterView) -> list[float]:
    """How long finished runs of the same CronJob took, in seconds."""
    above = view.workload_of(job)
    if above.kind != owners.CRON_JOB:
        return []
    return [
        (run.status.completion_time - run.status.start_time).total_seconds()
        for run in view.jobs_of(above)[:MAX_RUNS]
        if run.status.completion_time is not None and run.status.start_time is not None
    ]


def _active_runs(view: ClusterView, cron_job: KubeObject) -> Iterator[KubeObject]:
    """The Jobs that its schedule, time zone and policy decide about."""
    return (run for run in view.jobs_of(owners.ref(cron_job)) if run.status.active > 0)


def _containers(job: Job, view: ClusterView) -> dict[str, object]:
    """The containers of its pods that still run while others have exited."""
    running: set[str] = set()
    ended: set[str] = set()
    for pod in view.pods_of(owners.ref(job))[:20]:
        for seen in containers.of(pod):
            if seen.status.state.running is not None:
                running.add(seen.name)
            elif not seen.is_init and seen.status.state.terminated is not None:
                ended.add(seen.name)
    return {"runningContainers": sorted(running)[:20], "endedContainers": sorted(ended)[:20]}


DETECTOR = of_job(
    type="JobNotCompleted",
    title=titles.JobNotCompleted.what,
    severity=Severity.MEDIUM,
    gates=("G1", "G2", "G6"),
    effect=Effect.REPLICAS_MISSING,
    looks_at=frozenset({Job.kind}),
    detect=detect,
    open_after_s=PATIENCE_S,
    tier=Tier.EXTENDED,
    reached_from={CronJob.kind: _active_runs},
    thresholds=THRESHOLDS,
)
