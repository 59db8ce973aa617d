"""Jobs that gave up and rollouts that got stuck. What their pods show is looked at by itself; this is what the controllers add."""

from collections.abc import Iterator

from optral.analysis import actions, logs
from optral.analysis.calibration import Level
from optral.analysis.case import Case, Focus, cite, containers, is_owned_by, is_ready
from optral.analysis.model import Hypothesis
from optral.analysis.rules.quotes import quote
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

_JOB = {
    "DeadlineExceeded": (
        "job_deadline",
        Level.STRONG,
        "It exceeded its deadline.",
        "Find out whether it is slow or stuck; raise the deadline if it is slow",
    ),
    "PodFailurePolicy": ("job_policy_failed", Level.STRONG, "Its pod failure policy ended it.", "Check the rule that matched"),
}


def job(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """The Job's own reason; how its program ends is judged at its pods."""
    thing = focus.thing
    path, failed = thing.condition("Failed")
    if thing.kind != "Job.batch" or failed.get("status") != "True":
        return
    told = case.book.fields(thing, path, "reason", "message")
    workload = case.workload(thing)
    opening = cite(f"Job `{thing.name}` failed.", told)
    reason = str(failed.get("reason") or "")
    if reason in _JOB:
        cause, level, words, remedy = _JOB[reason]
        limit = case.book.fields(thing, "spec", "activeDeadlineSeconds", "backoffLimit")
        yield case.hypothesis(
            cause, workload, level, opening, cite(words, told, limit), focus=focus, actions=[actions.advice(remedy, words, told)]
        )
        return
    facts = case.question.facts
    pods = case.snap.pods_of(thing)
    ended = next((one for pod in pods for one in containers(pod) if one.exit.get("exitCode")), None)
    if ended is not None:
        last = ended.exit_path.removeprefix(ended.status_path + ".")
        shown = case.book.fields(ended.pod, ended.status_path, "name", f"{last}.exitCode", f"{last}.reason")
        ending = cite(f"Container `{ended.name}` exited with code `{ended.exit.get('exitCode')}`.", shown)
    elif facts.get("exitCode"):
        ending = cite(
            f"Its last pod exited with code `{facts['exitCode']}`.",
            case.book.fact(thing.ref, facts, "lastPod", "container", "exitCode"),
        )
    else:
        ending = cite("Its pods no longer exist.", case.book.absence(thing.ref, "pods", "no pod of the Job is left"))
    limit = case.book.fields(thing, "spec", "backoffLimit")
    last_words = [
        quote("Last error", line, case.book.log(key, line))
        for key, text in (case.logs(ended) if ended is not None else ())
        if (line := logs.last_error(text)) is not None
    ][:1]
    missing = [] if ended is not None and case.has_logs(ended) else ["log lines of its last pod"]
    yield case.hypothesis(
        "job_script_failed",
        workload,
        Level.POSSIBLE if missing else Level.LIKELY,
        opening,
        ending,
        *last_words,
        cite("It reached its backoff limit.", told, limit),
        focus=focus,
        actions=[actions.advice("Fix the program or its input, then run the Job again", "Every attempt failed.", told)],
        missing=missing,
    )


def bad_rollout(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """Only the newest revision has the trouble: whatever it is, going back ends it."""
    workload = case.workload(focus.thing)
    newest, earlier = case.newest_revision(workload), case.earlier_revision(workload)
    if newest is None or earlier is None or not case.fails_only_in_newest_revision(workload):
        return
    pods = [pod for pod in case.live_pods(workload) if is_owned_by(pod, newest)]
    if any(is_ready(pod) for pod in pods):
        return
    changes = case.changes(workload)[:3]
    if not changes:
        return
    counted = case.book.relation(newest.ref, "pods", f"{len(pods)} pods of the newest revision {newest.name}, 0 of them ready")
    sentences = [cite(f"No pod of the newest revision `{newest.name}` becomes ready.", counted)]
    sentences += [cite(f"It changed `{change.path.rpartition('/')[2]}`.", change.evidence_id) for change in changes]
    served = [pod for pod in case.live_pods(workload) if is_owned_by(pod, earlier) and is_ready(pod)]
    if served:
        counts = case.book.relation(earlier.ref, "pods", f"{len(served)} pods of the previous revision, {earlier.name}, are ready")
        sentences.append(cite(f"The previous revision, `{earlier.name}`, still has `{len(served)}` ready.", counts))
    yield case.hypothesis(
        "bad_rollout",
        workload,
        Level.PLAUSIBLE if served else Level.POSSIBLE,
        *sentences,
        focus=focus,
        actions=[actions.rollback(case, workload, *(change.evidence_id for change in changes))],
    )


def slow_rollout(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """The new pods run without a fault and are not ready yet."""
    workload = focus.thing
    path, progress = workload.condition("Progressing")
    if workload.kind != "Deployment.apps" or progress.get("status") != "False":
        return
    told = case.book.fields(workload, path, "reason", "message")
    deadline = case.book.fields(workload, "spec", "progressDeadlineSeconds")
    pods = case.live_pods(workload)
    running = [p for p in pods if p.text("status.phase") == "Running" and all(not c.waiting and not c.restarts for c in containers(p))]
    if not pods or len(running) < len(pods):
        return
    yield case.hypothesis(
        "too_slow_rollout",
        workload,
        Level.POSSIBLE,
        cite(f"The rollout of `{workload.name}` made no progress within its deadline.", told, deadline),
        cite(
            "Its pods run without a failure.",
            case.book.relation(workload.ref, "pods", f"{len(running)} of {len(pods)} pods run without a restart"),
        ),
        focus=focus,
        actions=[actions.rollback(case, workload), actions.diagnose(workload)],
    )


_OF_PODS = {OOM, CRASH, LIVENESS, READINESS, PULL, CONFIG, CREATE, RUN, SCHEDULING, MOUNT, REFUSED, DEADLINE}
RULES = (
    rule(job, {JOB}, {"job_deadline", "job_script_failed", "job_policy_failed"}),
    rule(bad_rollout, _OF_PODS, {"bad_rollout"}),
    rule(slow_rollout, {DEADLINE}, {"too_slow_rollout"}),
)
