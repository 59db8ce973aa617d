"""Failed Jobs and stuck rollouts, as their controllers report them. Failures of their pods have rules of their own."""

from collections.abc import Iterator

from optral.analysis.engine.calibration import Level
from optral.analysis.model import Hypothesis, Sentence
from optral.analysis.reading.case import Case, Container, Focus, cite, containers, is_owned_by, is_ready
from optral.analysis.reading.snapshot import SnapshotObject
from optral.analysis.remedies import actions
from optral.analysis.rules.containers import last_error
from optral.analysis.rules.quotes import changed, quote_if_any, quote_line
from optral.analysis.rules.rule import (
    CONFIG,
    CRASH,
    CREATE,
    DEADLINE,
    JOB,
    LIVENESS,
    MOUNT,
    OOM,
    PULL,
    READINESS,
    REFUSED,
    RUN,
    SCHEDULING,
    rule,
)
from optral.kit.words import counted, plural
from optral.kube.reports.jobs import DEADLINE_EXCEEDED, POD_FAILURE_POLICY
from optral.kube.rollouts import PROGRESSING

_JOB = {
    DEADLINE_EXCEEDED: (
        "job_deadline",
        Level.STRONG,
        "It exceeded its deadline.",
        "Find out whether it is slow or stuck; raise the deadline if it is slow",
    ),
    POD_FAILURE_POLICY: ("job_policy_failed", Level.STRONG, "Its pod failure policy ended it.", "Check the rule that matched"),
}


def job(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """The Job's own reason. Why its containers exit is analyzed at its pods."""
    obj = focus.obj
    path, failed = obj.condition("Failed")
    if obj.kind != "Job.batch" or failed.get("status") != "True":
        return
    condition = case.book.fields(obj, path, "reason", "message")
    opening = cite(f"Job `{obj.name}` failed.", condition)
    reason = str(failed.get("reason") or "")
    if reason not in _JOB:
        yield _every_attempt_failed(case, focus, opening, condition)
        return
    cause, level, words, remedy = _JOB[reason]
    limits = case.book.fields(obj, "spec", "activeDeadlineSeconds", "backoffLimit")
    advice = actions.advice(remedy, words, condition)
    stated = _limit_exceeded(obj, words, condition, limits)
    yield focus.hypothesis(cause, case.workload(obj), level, opening, *stated, actions=[advice])


def _limit_exceeded(obj: SnapshotObject, words: str, condition: str, limits: str) -> list[Sentence]:
    """What ended the Job, with its deadline where that is what it exceeded, and the message of its controller."""
    more = quote_if_any("Message from the controller", obj.condition("Failed")[1].get("message"), condition)
    deadline = obj.get("spec.activeDeadlineSeconds")
    if deadline is None or "deadline" not in words:
        return [cite(words, condition, limits), *more]
    return [cite("It exceeded its deadline of {deadline} s.", condition, limits, deadline=deadline), *more]


def _every_attempt_failed(case: Case, focus: Focus, opening: Sentence, condition: str) -> Hypothesis:
    obj = focus.obj
    failed = next((seen for pod in case.snap.pods_of(obj) for seen in containers(pod) if seen.exit.get("exitCode")), None)
    has_log = failed is not None and case.has_logs(failed)
    line = last_error(case, failed) if failed is not None else None
    return focus.hypothesis(
        "job_script_failed",
        case.workload(obj),
        Level.LIKELY if has_log else Level.POSSIBLE,
        opening,
        *_last_exit(case, obj, failed),
        *([] if line is None else [quote_line("Last error", line)]),
        cite("It reached its backoff limit.", condition, case.book.fields(obj, "spec", "backoffLimit")),
        actions=[actions.advice("Fix the program or its input, then run the Job again", "Every attempt failed.", condition)],
        missing=[] if has_log else ["log lines of its last pod"],
    )


def _last_exit(case: Case, obj: SnapshotObject, failed: Container | None) -> list[Sentence]:
    """How a pod of the Job ended: as its status reports it, else as the detector saw it; nothing where neither is known."""
    if failed is not None:
        last = failed.exit_path.removeprefix(failed.status_path + ".")
        shown = case.book.fields(failed.pod, failed.status_path, "name", f"{last}.exitCode", f"{last}.reason")
        return [cite(f"Container `{failed.name}` exited with code {{exit_code}}.", shown, exit_code=failed.exit.get("exitCode"))]
    facts = case.question.facts
    if facts.get("exitCode"):
        detected = case.book.fact(obj.ref, facts, "lastPod", "container", "exitCode")
        return [cite("Its last pod exited with code {exit_code}.", detected, exit_code=facts["exitCode"])]
    if (pods := case.snap.listed("Pod", obj.namespace)) is None or case.snap.pods_of(obj):
        return []
    return [cite("Its pods no longer exist.", case.book.absence(pods, obj.ref, "pods", "no pod of the Job is left"))]


def bad_rollout(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """Only the newest revision fails: whatever the reason, a rollback ends the failure.

    Without the log of a pod that fails, a more specific cause is only not seen.
    """
    workload = case.workload(focus.obj)
    newest, earlier = case.newest_revision(workload), case.earlier_revision(workload)
    if newest is None or earlier is None or not case.fails_only_in_newest_revision(workload):
        return
    live, changes = case.live_pods(workload), case.changes(workload)[:3]
    pods = [pod for pod in live if is_owned_by(pod, newest)]
    if not changes or any(is_ready(pod) for pod in pods):
        return
    pods_seen = case.book.relation(newest.ref, "pods", f"{counted(len(pods), 'pod')} of the newest revision {newest.name}, 0 of them ready")
    sentences = [cite("No pod of the newest revision {object} has become ready.", pods_seen, object=newest.name)]
    sentences += [changed(f"`{change.path.rpartition('/')[2]}`", change) for change in changes]
    ready = _ready_before(case, live, earlier)
    yield focus.hypothesis(
        "bad_rollout",
        workload,
        Level.PLAUSIBLE if ready and any(case.has_logs(seen) for pod in pods for seen in containers(pod)) else Level.POSSIBLE,
        *sentences,
        *ready,
        actions=[actions.rollback(case, workload, *(change.evidence_id for change in changes))],
    )


def _ready_before(case: Case, live: list[SnapshotObject], earlier: SnapshotObject) -> list[Sentence]:
    """How many pods of the previous revision are ready, if any is."""
    ready = [pod for pod in live if is_owned_by(pod, earlier) and is_ready(pod)]
    if not ready:
        return []
    text = f"{counted(len(ready), 'ready pod')} of the previous revision, {earlier.name}"
    pods_seen = case.book.relation(earlier.ref, "pods", text)
    return [cite(f"The previous revision, `{earlier.name}`, still has `{len(ready)}` ready {plural(len(ready), 'pod')}.", pods_seen)]


def slow_rollout(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """The new pods run without a failure and are not ready yet."""
    workload = focus.obj
    path, progress = workload.condition(PROGRESSING)
    if workload.kind != "Deployment.apps" or progress.get("status") != "False":
        return
    condition = case.book.fields(workload, path, "reason", "message")
    deadline = case.book.fields(workload, "spec", "progressDeadlineSeconds")
    pods = case.live_pods(workload)
    running = [p for p in pods if p.text("status.phase") == "Running" and all(not c.waiting and not c.restarts for c in containers(p))]
    if not pods or len(running) < len(pods) or any(pod.many("spec.readinessGates") for pod in pods if not is_ready(pod)):
        return
    yield focus.hypothesis(
        "too_slow_rollout",
        workload,
        Level.POSSIBLE,
        cite(f"The rollout of `{workload.name}` made no progress within its deadline.", condition, deadline),
        cite(
            "Its pods run without a failure.",
            case.book.relation(workload.ref, "pods", f"{len(running)} of {len(pods)} pods run without a restart"),
        ),
        actions=[actions.rollback(case, workload), actions.diagnose(workload)],
    )


_SYMPTOMS = {OOM, CRASH, LIVENESS, READINESS, PULL, CONFIG, CREATE, RUN, SCHEDULING, MOUNT, REFUSED, DEADLINE}
RULES = (
    rule(job, {JOB}, {"job_deadline", "job_script_failed", "job_policy_failed"}),
    rule(bad_rollout, _SYMPTOMS, {"bad_rollout"}, version=2),
    rule(slow_rollout, {DEADLINE}, {"too_slow_rollout"}),
)
