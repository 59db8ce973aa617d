"""Controllers that do nothing: paused, suspended, scaled to zero, held back by their strategy, or with an invalid schedule."""

from collections.abc import Iterator
from datetime import UTC
from zoneinfo import available_timezones

from optral.analysis.engine.calibration import Level
from optral.analysis.model import Hypothesis, Sentence
from optral.analysis.reading.case import Case, Focus, cite, containers
from optral.analysis.reading.evidence import Change
from optral.analysis.reading.snapshot import SnapshotObject, moment
from optral.analysis.remedies import actions
from optral.analysis.remedies.edits import edit
from optral.analysis.rules.quotes import changed
from optral.analysis.rules.rule import CONFIG, CRASH, CREATE, DEADLINE, OOM, PULL, RUN, ZERO, rule
from optral.kit.words import plural
from optral.kube import diff, revisions, schedules
from optral.kube.names import nearest
from optral.kube.reports import cron_jobs
from optral.kube.reports.cron_jobs import Fault, NeverRuns
from optral.kube.reports.jobs import COMPLETE

LATE_S = 60.0
PAUSED = "DeploymentPaused"
STALE = "GenerationMismatch"
MISPLACED = "DaemonSetMisscheduled"
UPDATE = "StatefulSetUpdateStuck"
RUNNING = "JobNotCompleted"
MISSED = "CronJobMissedSchedule"
UNREADABLE = "CronJobInvalidSchedule"
SUSPENDED = "CronJobSuspended"
ORDERED = "OrderedReady"
"""The pod management policy of a StatefulSet that sets none."""
MAX_WAITING = 3
_MADE_BY_TEMPLATE = (PULL, CONFIG, CREATE, RUN)
_OF_OLD_PODS = (*_MADE_BY_TEMPLATE, CRASH, OOM)
"""Failures of pods that a newer template may have corrected already."""


def paused(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """A paused Deployment, with the changes of its template that wait; of a failing pod, only if there are such changes."""
    obj = case.workload(focus.obj)
    waiting = _unrolled(case, obj)
    if obj.get("spec.paused") is not True or (obj is not focus.obj and not waiting):
        return
    shown = case.book.fields(obj, "spec", "paused")
    yield _first(focus, waiting).hypothesis(
        "rollout_paused",
        obj,
        _level(focus),
        cite(f"{obj.short_kind} `{obj.name}` is paused: changes are not rolled out.", shown),
        *(changed(f"A change is waiting: `{one.path}`", one) for one in waiting[:MAX_WAITING]),
        actions=[
            actions.advice(
                "Resume the rollout, unless it is paused on purpose",
                "Nothing is rolled out while it is paused.",
                shown,
                edit=edit(obj, ("spec", "paused"), False),
            )
        ],
    )


def _unrolled(case: Case, workload: SnapshotObject) -> list[Change]:
    """What the template of a Deployment has that its newest ReplicaSet lacks."""
    newest = case.newest_revision(workload)
    if newest is None:
        return []
    before, after = (revisions.template_of(one.map("spec.template")) for one in (newest, workload))
    return [
        case.book.change(workload.ref, diff.pointer(one.path)[1:], diff.present(one.before), diff.present(one.after), at=None, manager=None)
        for one in diff.walk(before, after, path=("spec", "template"), limit=MAX_WAITING)
    ]


def _first(focus: Focus, why: object) -> Focus:
    """The focus, before all that explains why the pods of the old template fail, if there is a reason why the new one waits."""
    return focus.next(focus.symptom, focus.obj, container=focus.container, steps=-1) if why else focus


def _level(focus: Focus) -> Level:
    """A program of the old template may crash for another reason, and then the new one does too."""
    return Level.PROVEN if focus.obj.kind != "Pod" or focus.symptom in _MADE_BY_TEMPLATE else Level.LIKELY


def unobserved_change(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """The controller has not observed the newest generation of the spec."""
    obj = focus.obj
    wanted, seen = obj.number("metadata.generation"), obj.number("status.observedGeneration")
    if not wanted or seen >= wanted:
        return
    shown = case.book.fields(obj, "", "metadata.generation", "status.observedGeneration")
    yield focus.hypothesis(
        "controller_not_acting",
        obj,
        Level.LIKELY,
        cite(f"{obj.short_kind} `{obj.name}` is at generation `{wanted}`, but its controller has observed `{seen}`.", shown),
        actions=[actions.advice("Check the controller of this kind", "It has not processed the change.", shown)],
    )


def misplaced(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    obj = focus.obj
    count = obj.number("status.numberMisscheduled")
    if not count:
        return
    shown = case.book.fields(obj, "status", "numberMisscheduled", "desiredNumberScheduled")
    declared = case.book.fields(obj, "spec.template.spec", "nodeSelector", "tolerations")
    yield focus.hypothesis(
        "pods_on_wrong_nodes",
        obj,
        Level.STRONG,
        cite(f"{{count}} {plural(count, 'pod')} of `{obj.name}` {'runs' if count == 1 else 'run'} on the wrong nodes.", shown, count=count),
        cite("Its node selector and tolerations decide where it may run.", declared),
        actions=[
            actions.advice(
                "Compare its selector and tolerations with the nodes' labels and taints",
                "A node changed after the pods were scheduled.",
                shown,
                declared,
            )
        ],
    )


def update_held_back(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """The update strategy keeps pods of the old revision; of a failing pod, only if it is of the old revision itself."""
    obj = case.workload(focus.obj)
    old = sorted((pod for pod in case.live_pods(obj) if _is_old_and_broken(obj, pod)), key=_ordinal)
    if focus.obj.kind == "Pod" and focus.obj.ref not in [pod.ref for pod in old]:
        return
    broken = focus.obj if focus.obj.kind == "Pod" else next(iter(old), None)
    if (found := _hold(case, obj, broken)) is None:
        return
    held, waits_for = found
    yield _first(focus, old).hypothesis(
        "update_held_back",
        obj,
        _level(focus) if old else Level.STRONG,
        cite(f"{obj.short_kind} `{obj.name}` does not replace its pods.", *held.evidence_ids),
        *([] if waits_for is None else [_not_replaced(case, obj, waits_for)]),
        held,
        actions=[
            actions.advice("Lower the partition, or delete the pods", held.text.replace("`", ""), *held.evidence_ids)
            if waits_for is None
            else actions.delete_pod(waits_for, "It runs a previous revision, and nothing else replaces it.", *held.evidence_ids)
        ],
    )


def _hold(case: Case, obj: SnapshotObject, broken: SnapshotObject | None) -> tuple[Sentence, SnapshotObject | None] | None:
    """What keeps the old pods, and the broken one that has to be deleted if deleting it ends that."""
    kind, partition = obj.text("spec.updateStrategy.type"), obj.number("spec.updateStrategy.rollingUpdate.partition")
    shown = case.book.object(obj, "spec.updateStrategy")
    if kind == "OnDelete":
        return cite("Its update strategy is {strategy}: it replaces a pod only after someone deletes it.", shown, strategy=kind), broken
    if partition and (broken is None or _ordinal(broken) < partition):
        return cite("Its partition {strategy} keeps the other pods on the old revision.", shown, strategy=partition), None
    if broken is None or obj.kind != "StatefulSet.apps" or obj.text("spec.podManagementPolicy") == "Parallel":
        return None
    words = "Its pod management policy is {strategy}: it waits for that pod to become ready before it replaces any other."
    return cite(words, case.book.relation(obj.ref, "spec.podManagementPolicy", ORDERED), strategy=ORDERED), broken


def _is_old_and_broken(workload: SnapshotObject, pod: SnapshotObject) -> bool:
    """Whether a pod of a previous revision fails by itself; the kubelet of a lost node last reported that its containers were ready."""
    update = workload.text("status.updateRevision")
    is_old = bool(update) and revisions.of_pod(pod.labels) not in ("", update)
    return is_old and any(not one.is_ready and (one.waiting or one.exit) for one in containers(pod) if one.kind != "init")


def _ordinal(pod: SnapshotObject) -> int:
    number = pod.name.rpartition("-")[2]
    return int(number) if number.isdecimal() else 0


def _not_replaced(case: Case, workload: SnapshotObject, pod: SnapshotObject) -> Sentence:
    wanted = case.book.fields(workload, "status", "updateRevision")
    shown = case.book.fields(pod, "metadata.labels", revisions.REVISION_HASH)
    return cite("Pod {pod} is not ready and does not run the newest revision.", wanted, shown, pod=pod.name)


def not_completed(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """A Job that does not complete: a second container never exits, or the worker is slow or stuck."""
    job = focus.obj
    if job.kind != "Job.batch" or job.condition(COMPLETE)[1].get("status") == "True":
        return
    shown = case.book.fields(job, "status", "startTime", "active", "succeeded", "failed")
    opening = cite(f"Job `{job.name}` has not completed.", shown)
    for pod in case.live_pods(job):
        states = {str(status.get("name")): status.get("state") or {} for status in pod.many("status.containerStatuses")}
        completed = [name for name, state in states.items() if (state.get("terminated") or {}).get("exitCode") == 0]
        running = [name for name, state in states.items() if "running" in state]
        if running:
            if completed:
                yield _sidecar_runs_on(case, focus, opening, pod, completed[0], running[0])
            else:
                yield _runs_long(case, focus, opening, job, pod, shown)
            return


def _sidecar_runs_on(case: Case, focus: Focus, opening: Sentence, pod: SnapshotObject, completed: str, running: str) -> Hypothesis:
    states = case.book.object(pod, "status.containerStatuses")
    title = f"Make {running} a sidecar (an init container with restartPolicy Always)"
    return focus.hypothesis(
        "sidecar_keeps_job",
        case.workload(focus.obj),
        Level.PROVEN,
        opening,
        cite(f"Container `{completed}` has completed, but {{container}} of the same pod keeps running.", states, container=running),
        actions=[actions.advice(title, "A Job completes when all of its containers have exited.", states)],
    )


def _runs_long(case: Case, focus: Focus, opening: Sentence, job: SnapshotObject, pod: SnapshotObject, shown: str) -> Hypothesis:
    workload = case.workload(focus.obj)
    return focus.hypothesis(
        "job_runs_long",
        workload,
        Level.POSSIBLE,
        opening,
        cite("Its pod {pod} is still running.", case.book.fields(pod, "status", "phase", "startTime"), pod=pod.name),
        actions=[actions.diagnose(workload), actions.restart_job(job, shown)],
        missing=["whether it makes progress: log lines of its pod"],
    )


def schedule(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """A CronJob that does not run: its schedule is invalid, it is suspended, the previous run is active, or its controller does not act."""
    job = focus.obj
    if job.kind != "CronJob.batch":
        return
    shown = case.book.fields(job, "spec", "schedule", "timeZone", "suspend", "concurrencyPolicy", "startingDeadlineSeconds")
    if focus.symptom == UNREADABLE:
        yield from _invalid_schedule(case, focus, shown)
    elif job.get("spec.suspend") is True:
        yield _suspended(focus, shown)
    elif focus.symptom == MISSED and _is_late(case, job):
        yield from _missed(case, focus, shown)


def _invalid_schedule(case: Case, focus: Focus, shown: str) -> Iterator[Hypothesis]:
    job = focus.obj
    complaints = case.events(job, *cron_jobs.INVALID_SCHEDULE)
    never = _never_runs(case, job)
    if not job.text("spec.schedule") or (not complaints and never is None):
        return
    reported = [case.event_id(event, job) for event in complaints[:1]]
    zone = job.text("spec.timeZone")
    words = "Its controller rejects it." if never is None else _FAULTS[never.fault].format(never.detail)
    todo = _similar_zone(zone) or "Correct the schedule or the time zone"
    yield focus.hypothesis(
        "schedule_invalid",
        job,
        Level.PROVEN,
        cite("Its schedule is {schedule}.", shown, schedule=job.text("spec.schedule")),
        cite(words, shown, *reported),
        actions=[actions.advice(todo, "Its controller cannot compute the next run.", shown, *reported)],
    )


_FAULTS = {
    Fault.UNREADABLE: "The schedule is invalid.",
    Fault.UNKNOWN_ZONE: "Its time zone `{}` is unknown.",
    Fault.NEVER_OCCURS: "Its date never occurs.",
}


def _suspended(focus: Focus, shown: str) -> Hypothesis:
    job = focus.obj
    return focus.hypothesis(
        "suspended",
        job,
        Level.PROVEN,
        cite(f"CronJob `{job.name}` is suspended.", shown),
        actions=[
            actions.advice(
                "Resume it, unless it is suspended on purpose",
                "It does not run while suspended.",
                shown,
                edit=edit(job, ("spec", "suspend"), False),
            )
        ],
    )


def _missed(case: Case, focus: Focus, shown: str) -> Iterator[Hypothesis]:
    job = focus.obj
    last = case.book.fields(job, "status", "lastScheduleTime", "active")
    opening = cite(f"CronJob `{job.name}` missed its schedule.", last, shown)
    if job.many("status.active") and job.text("spec.concurrencyPolicy") == "Forbid":
        yield from _previous_run_active(case, focus, opening, last, shown)
        return
    late = case.events(job, *cron_jobs.MISSED)
    reported = [case.event_id(event, job) for event in late[:1]]
    yield focus.hypothesis(
        "controller_not_acting",
        job,
        Level.PLAUSIBLE if late else Level.POSSIBLE,
        opening,
        cite("Nothing in the CronJob itself prevents a run.", shown, *reported),
        actions=[actions.advice("Check the controller manager", "It creates the Jobs, and created none.", shown, *reported)],
        missing=["the state of the controller manager"],
    )


def _previous_run_active(case: Case, focus: Focus, opening: Sentence, last: str, shown: str) -> Iterator[Hypothesis]:
    job = focus.obj
    run = job.many("status.active")[0].get("name")
    yield focus.hypothesis(
        "earlier_run_still_active",
        job,
        Level.STRONG,
        opening,
        cite(
            "A previous run, Job {object}, is still active, and the policy `Forbid` allows no second one.",
            last,
            shown,
            object=run,
        ),
        actions=[actions.advice("Find out why the previous run does not finish", "The next run waits for it.", last)],
    )
    for run in case.snap.owned(job, "Job.batch"):
        yield from not_completed(case, focus.next(RUNNING, run, opening))


def _similar_zone(name: str) -> str | None:
    """A fix for an unknown time zone: the one with the most similar name."""
    if not name or schedules.zone_of(name) is not None:
        return None
    near = nearest(name, sorted(available_timezones()))
    return None if near is None else f"Change the time zone {name} to {near}"


def _never_runs(case: Case, job: SnapshotObject) -> NeverRuns | None:
    return cron_jobs.never_runs(job.text("spec.schedule"), job.text("spec.timeZone"), now=case.now)


def _is_late(case: Case, job: SnapshotObject) -> bool:
    """Whether a run is overdue by more than a minute, since the last run or since the CronJob was created."""
    last = moment(job.get("status.lastScheduleTime")) or job.created_at
    if last is None or _never_runs(case, job) is not None:
        return False
    wanted = schedules.parse(job.text("spec.schedule"))
    due = wanted.after(last, schedules.zone_of(job.text("spec.timeZone") or wanted.zone or "UTC") or UTC)
    return due is not None and (case.now - due).total_seconds() > LATE_S


def scaled_to_zero(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """A workload without replicas, with the change that set it where the inventory recorded one."""
    obj = focus.obj
    if obj.get("spec.replicas") != 0:
        return
    wanted = case.book.object(obj, "spec.replicas")
    change = case.changed(obj, "spec/replicas")
    more = [changed("The number of replicas", change)] if change is not None else []
    before = change.before if change is not None and isinstance(change.before, int) and change.before > 0 else 1
    yield focus.hypothesis(
        "scaled_to_zero",
        obj,
        Level.PROVEN,
        cite(f"{obj.short_kind} `{obj.name}` has `0` replicas.", wanted),
        *more,
        *_scaled_by(case, obj),
        actions=[actions.scale(obj, before, "The workload has no pods to respond.", wanted)],
    )


def _scaled_by(case: Case, workload: SnapshotObject) -> list[Sentence]:
    """Who scaled it, as its managed fields show."""
    user = case.question.facts.get("scaledBy")
    return [cite("It was scaled by {user}.", case.book.fact(workload.ref, case.question.facts, "scaledBy"), user=user)] if user else []


RULES = (
    rule(paused, {PAUSED, DEADLINE, "DeploymentReplicasUnavailable", *_OF_OLD_PODS}, {"rollout_paused"}, version=2),
    rule(unobserved_change, {STALE}, {"controller_not_acting"}),
    rule(misplaced, {MISPLACED}, {"pods_on_wrong_nodes"}),
    rule(
        update_held_back,
        {UPDATE, "StatefulSetReplicasUnavailable", "DaemonSetUnavailable", *_OF_OLD_PODS},
        {"update_held_back"},
        version=2,
    ),
    rule(not_completed, {RUNNING}, {"sidecar_keeps_job", "job_runs_long"}),
    rule(
        schedule,
        {MISSED, UNREADABLE, SUSPENDED},
        {"schedule_invalid", "suspended", "earlier_run_still_active", "controller_not_acting", "sidecar_keeps_job", "job_runs_long"},
    ),
    rule(scaled_to_zero, {ZERO}, {"scaled_to_zero"}, version=2),
)
