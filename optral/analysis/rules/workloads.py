"""Controllers that stand still on purpose, by a slip, or because of a time they cannot read."""

from collections.abc import Iterator
from datetime import UTC
from zoneinfo import available_timezones

from optral.analysis import actions
from optral.analysis.calibration import Level
from optral.analysis.case import Case, Focus, cite
from optral.analysis.model import Hypothesis
from optral.analysis.rules.rule import ZERO, rule
from optral.analysis.snapshot import Thing, moment
from optral.kit.words import plural
from optral.kube import schedules
from optral.kube.names import nearest

LATE_S = 60.0
PAUSED = "DeploymentPaused"
STALE = "GenerationMismatch"
MISPLACED = "DaemonSetMisscheduled"
UPDATE = "StatefulSetUpdateStuck"
RUNNING = "JobNotCompleted"
MISSED = "CronJobMissedSchedule"
UNREADABLE = "CronJobInvalidSchedule"
SUSPENDED = "CronJobSuspended"


def paused(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    thing = focus.thing
    if thing.get("spec.paused") is not True:
        return
    shown = case.book.fields(thing, "spec", "paused")
    yield case.hypothesis(
        "rollout_paused",
        thing,
        Level.PROVEN,
        cite(f"{thing.short_kind} `{thing.name}` is paused: changes are not rolled out.", shown),
        focus=focus,
        actions=[actions.advice("Resume the rollout, unless it is paused on purpose", "Nothing is rolled out while it is paused.", shown)],
    )


def unseen_change(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """The controller has not taken note of what was asked."""
    thing = focus.thing
    wanted, seen = thing.number("metadata.generation"), thing.number("status.observedGeneration")
    if not wanted or seen >= wanted:
        return
    shown = case.book.fields(thing, "", "metadata.generation", "status.observedGeneration")
    yield case.hypothesis(
        "controller_not_acting",
        thing,
        Level.LIKELY,
        cite(f"{thing.short_kind} `{thing.name}` is at generation `{wanted}`, but its controller has observed `{seen}`.", shown),
        focus=focus,
        actions=[actions.advice("Check the controller of this kind", "It has not processed the change.", shown)],
    )


def misplaced(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    thing = focus.thing
    count = thing.number("status.numberMisscheduled")
    if not count:
        return
    shown = case.book.fields(thing, "status", "numberMisscheduled", "desiredNumberScheduled")
    asked = case.book.fields(thing, "spec.template.spec", "nodeSelector", "tolerations")
    yield case.hypothesis(
        "pods_on_wrong_nodes",
        thing,
        Level.STRONG,
        cite(f"`{count}` {plural(count, 'pod')} of `{thing.name}` {'runs' if count == 1 else 'run'} on the wrong nodes.", shown),
        cite("Its node selector and tolerations decide where it may run.", asked),
        focus=focus,
        actions=[
            actions.advice(
                "Compare its selector and tolerations with the nodes' labels and taints",
                "A node changed after the pods were scheduled.",
                shown,
                asked,
            )
        ],
    )


def held_update(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """The strategy itself keeps old pods."""
    thing = focus.thing
    kind, partition = thing.text("spec.updateStrategy.type"), thing.number("spec.updateStrategy.rollingUpdate.partition")
    if kind != "OnDelete" and not partition:
        return
    shown = case.book.object(thing, "spec.updateStrategy")
    words = (
        "It replaces a pod only after someone deletes it."
        if kind == "OnDelete"
        else f"Its partition `{partition}` keeps the other pods on the old revision."
    )
    yield case.hypothesis(
        "update_held_back",
        thing,
        Level.STRONG,
        cite(f"{thing.short_kind} `{thing.name}` does not replace its pods.", shown),
        cite(words, shown),
        focus=focus,
        actions=[actions.advice("Lower the partition, or delete the pods", words.replace("`", ""), shown)],
    )


def endless(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """A Job that does not end: a container beside the worker that never stops, or a worker that is slow or stuck."""
    job = focus.thing
    if job.kind != "Job.batch" or job.condition("Complete")[1].get("status") == "True":
        return
    shown = case.book.fields(job, "status", "startTime", "active", "succeeded", "failed")
    opening = cite(f"Job `{job.name}` has not completed.", shown)
    for pod in case.live_pods(job):
        states = {str(one.get("name")): one.get("state") or {} for one in pod.many("status.containerStatuses")}
        done = [name for name, state in states.items() if (state.get("terminated") or {}).get("exitCode") == 0]
        left = [name for name, state in states.items() if "running" in state]
        if done and left:
            told = case.book.object(pod, "status.containerStatuses")
            yield case.hypothesis(
                "sidecar_keeps_job",
                case.workload(job),
                Level.PROVEN,
                opening,
                cite(f"Container `{done[0]}` has completed, but `{left[0]}` of the same pod keeps running.", told),
                focus=focus,
                actions=[
                    actions.advice(
                        f"Make {left[0]} a sidecar (an init container with restartPolicy Always)",
                        "A Job completes when all of its containers have exited.",
                        told,
                    )
                ],
            )
            return
        if left:
            began = case.book.fields(pod, "status", "phase", "startTime")
            yield case.hypothesis(
                "job_runs_long",
                case.workload(job),
                Level.POSSIBLE,
                opening,
                cite(f"Its pod `{pod.name}` is still running.", began),
                focus=focus,
                actions=[actions.diagnose(case.workload(job))],
                missing=["whether it makes progress: log lines of its pod"],
            )
            return


def schedule(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """A CronJob that does not run: suspended, still busy, or with a time nobody can read."""
    job = focus.thing
    if job.kind != "CronJob.batch":
        return
    shown = case.book.fields(job, "spec", "schedule", "timeZone", "suspend", "concurrencyPolicy", "startingDeadlineSeconds")
    if focus.symptom == UNREADABLE:
        complaints = case.events(job, "UnparseableSchedule", "InvalidSchedule", "UnknownTimeZone")
        if not job.text("spec.schedule") or (not complaints and _is_readable(job)):
            return
        told = [case.event_id(one, job) for one in complaints[:1]]
        zone = job.text("spec.timeZone")
        todo = _near_zone(zone) or "Correct the schedule or the time zone"
        yield case.hypothesis(
            "schedule_invalid",
            job,
            Level.PROVEN,
            cite(f"Its schedule is `{job.text('spec.schedule')}`.", shown),
            cite(
                f"Its time zone is `{job.text('spec.timeZone')}`." if job.text("spec.timeZone") else "The schedule is invalid.",
                shown,
                *told,
            ),
            focus=focus,
            actions=[actions.advice(todo, "Its controller cannot compute the next run.", shown, *told)],
        )
        return
    if job.get("spec.suspend") is True:
        yield case.hypothesis(
            "suspended",
            job,
            Level.PROVEN,
            cite(f"CronJob `{job.name}` is suspended.", shown),
            focus=focus,
            actions=[actions.advice("Resume it, unless it is suspended on purpose", "It does not run while suspended.", shown)],
        )
        return
    if focus.symptom != MISSED or not _is_late(case, job):
        return
    last = case.book.fields(job, "status", "lastScheduleTime", "active")
    opening = cite(f"CronJob `{job.name}` missed its schedule.", last, shown)
    if job.many("status.active") and job.text("spec.concurrencyPolicy") == "Forbid":
        yield case.hypothesis(
            "earlier_run_still_active",
            job,
            Level.STRONG,
            opening,
            cite("A previous run is still active, and runs must not overlap.", last, shown),
            focus=focus,
            actions=[actions.advice("Find out why the previous run does not finish", "The next run waits for it.", last)],
        )
        for run in case.snap.owned(job, "Job.batch"):
            yield from endless(case, focus.next(RUNNING, run, opening))
        return
    late = case.events(job, "MissSchedule", "TooManyMissedTimes", "MissedSchedule")
    told = [case.event_id(one, job) for one in late[:1]]
    yield case.hypothesis(
        "controller_not_acting",
        job,
        Level.PLAUSIBLE if late else Level.POSSIBLE,
        opening,
        cite("Nothing in the CronJob itself prevents a run.", shown, *told),
        focus=focus,
        actions=[actions.advice("Check the controller manager", "It creates the Jobs, and created none.", shown, *told)],
        missing=["the state of the controller manager"],
    )


def _near_zone(name: str) -> str | None:
    """The time zone that was probably meant by one that nobody knows."""
    if not name or schedules.zone_of(name) is not None:
        return None
    near = nearest(name, sorted(available_timezones()))
    return None if near is None else f"Change the time zone {name} to {near}"


def _is_readable(job: Thing) -> bool:
    zone = job.text("spec.timeZone")
    try:
        schedules.parse(job.text("spec.schedule"))
    except schedules.BadSchedule:
        return False
    return not zone or schedules.zone_of(zone) is not None


def _is_late(case: Case, job: Thing) -> bool:
    """Whether its next time passed more than a minute ago since it ran last, or since it was made."""
    last = moment(job.get("status.lastScheduleTime")) or job.created_at
    if last is None or not _is_readable(job):
        return False
    zone = schedules.zone_of(job.text("spec.timeZone") or "UTC")
    due = schedules.parse(job.text("spec.schedule")).after(last, zone or UTC)
    return due is not None and (case.now - due).total_seconds() > LATE_S


def switched_off(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """A workload somebody scaled to zero; who and when, where the inventory saw it."""
    thing = focus.thing
    if thing.get("spec.replicas") != 0:
        return
    wanted = case.book.object(thing, "spec.replicas")
    change = case.changed(thing, "spec/replicas")
    more = [cite("The number of replicas was changed.", change.evidence_id)] if change is not None else []
    before = change.before if change is not None and isinstance(change.before, int) and change.before > 0 else 1
    yield case.hypothesis(
        "scaled_to_zero",
        thing,
        Level.PROVEN,
        cite(f"{thing.short_kind} `{thing.name}` has `0` replicas.", wanted),
        *more,
        focus=focus,
        actions=[actions.scale(thing, before, "Without pods nothing responds.", wanted)],
    )


RULES = (
    rule(paused, {PAUSED, "DeploymentProgressDeadlineExceeded", "DeploymentReplicasUnavailable"}, {"rollout_paused"}),
    rule(unseen_change, {STALE}, {"controller_not_acting"}),
    rule(misplaced, {MISPLACED}, {"pods_on_wrong_nodes"}),
    rule(held_update, {UPDATE, "DaemonSetUnavailable"}, {"update_held_back"}),
    rule(endless, {RUNNING}, {"sidecar_keeps_job", "job_runs_long"}),
    rule(
        schedule,
        {MISSED, UNREADABLE, SUSPENDED},
        {"schedule_invalid", "suspended", "earlier_run_still_active", "controller_not_acting", "sidecar_keeps_job", "job_runs_long"},
    ),
    rule(switched_off, {ZERO}, {"scaled_to_zero"}),
)
