"""A container that exits: its exit code and the runtime's message; the application's own error where nothing else is known."""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from optral.analysis.engine.calibration import Level
from optral.analysis.model import Action, Hypothesis, Sentence
from optral.analysis.reading.case import Case, Container, Focus, cite
from optral.analysis.reading.snapshot import SnapshotObject
from optral.analysis.remedies import actions
from optral.analysis.rules import log_words, run_logs
from optral.analysis.rules.configuration import START_FAILURES
from optral.analysis.rules.containers import LogLine, exit_id, exit_message_id, last_error, parts, program, spec_id
from optral.analysis.rules.decisions import Table, Verdict, row
from optral.analysis.rules.quotes import quote_line
from optral.analysis.rules.rule import CRASH, INIT, JOB, LIVENESS, LOGGING, READINESS, STARTUP, rule
from optral.analysis.rules.run_logs import RunLog
from optral.kube import log_reports
from optral.kube.access_logs import ERRORS
from optral.kube.reports.containers import NEVER_RAN
from optral.kube.reports.runtime import Failure, start_failure

_RUNNING = (READINESS, LIVENESS, STARTUP, INIT)
"""Symptoms of containers that may not have exited at all."""


_UNCAUGHT = re.compile(r"^\s*(?:Unhandled exception\. |terminate called after throwing an instance of )", re.MULTILINE)
"""How .NET and C++ report an exception that ends the program with SIGABRT, whatever went wrong."""


STATED_BY_CODE = (0, 126, 127, 134, 137, 139, 143)
"""Exit codes that say more than that the program gave up."""


class Exit(NamedTuple):
    """The last exit of a container, or a container that has not exited yet or whose present run is the subject (`code` is None).

    `evidence_id` is the evidence of the exit, `opening` the sentence that reports it, `log` what that run wrote.
    `threw`: it aborted because of an exception that its program did not catch.
    """

    container: Container
    workload: SnapshotObject
    evidence_id: str
    code: int | None
    opening: Sentence
    log: RunLog
    threw: bool = False

    @property
    def lines(self) -> Mapping[str, LogLine]:
        """The last log line of each log sign."""
        return self.log.lines


def read(case: Case, focus: Focus) -> Exit | None:
    """The exit that a focus is about. None without a container or an exit, and for OOM kills: memory.py handles those."""
    if (found := parts(focus)) is None:
        return None
    seen, pod = found
    if focus.symptom == LOGGING:
        return _running(case, seen, pod)
    if (not seen.exit and focus.symptom not in _RUNNING) or seen.exit.get("reason") == "OOMKilled":
        return None
    value = seen.exit.get("exitCode")
    code = value if isinstance(value, int) else None
    evidence_id = exit_id(case, seen)
    words = f"Container `{seen.name}` of pod `{pod.name}`"
    if code is None:
        opening = cite(f"{words} has not exited.", evidence_id)
    else:
        opening = cite(f"{words} exited with code {{exit_code}}.", evidence_id, exit_code=code)
    threw = code == 134 and any(_UNCAUGHT.search(text) for _, text in case.logs(seen))
    return Exit(seen, case.workload(pod), evidence_id, code, opening, run_logs.of_failed(case, seen), threw)


def _running(case: Case, seen: Container, pod: SnapshotObject) -> Exit | None:
    """The present run of a container, as far as its log shows a failure that lasts."""
    log = run_logs.of_present(case, seen, log_reports.SIGNS_OF.get(case.question.type, frozenset()))
    if not log.lasting:
        return None
    evidence_id = case.book.fields(pod, seen.status_path, "name", "ready", "state.running.startedAt")
    opening = cite(f"Container `{seen.name}` of pod `{pod.name}` runs and keeps logging a failure.", evidence_id)
    return Exit(seen, case.workload(pod), evidence_id, None, opening, log)


def states_sign(focus: Focus, exited: Exit, sign: str) -> bool:
    """Whether a line with this sign tells why the container fails. Each does at the end of a run that failed, else those that last."""
    return focus.symptom in (CRASH, JOB) or sign in exited.log.lasting


def log_is_more_specific(exited: Exit) -> bool:
    """Whether the log explains the exit code: the loader names the missing library, or the program aborts because its heap is full or
    because of an exception."""
    return (exited.code == 127 and "library" in exited.lines) or (exited.code == 134 and (exited.threw or "heap" in exited.lines))


def explain(
    case: Case, focus: Focus, exited: Exit, cause: str, level: Level, sentences: list[Sentence], remedy: str, *, reason: str = ""
) -> Hypothesis:
    """A cause of the exit, with a rollback where only the newest revision fails. `reason` is that of the remedy, without a final period."""
    back: Action | None = None
    changed = [change.evidence_id for change in case.changes(exited.workload)[:1]] if focus.symptom != LOGGING else []
    if changed and case.fails_only_in_newest_revision(exited.workload):
        back = actions.rollback(case, exited.workload, *changed)
    reason = reason or sentences[0].text.partition(": `")[0].rstrip(".")  # an action quotes nothing
    advice = actions.advice(remedy, f"{reason}.", *sentences[0].evidence_ids)
    return focus.hypothesis(cause, exited.workload, level, exited.opening, *sentences, actions=[back, advice])


_ZERO = "It exits without an error, and its workload restarts it.", "Run it as a Job, or use a command that keeps running"
_ABORT = "It aborts, for example on a failed assertion.", "Roll back, or give the developers a core dump"
EXIT: Table[Verdict | None] = Table(
    row(None, "log_is_more_specific"),
    row(START_FAILURES[Failure.EXECUTABLE_MISSING], "not_found"),
    row(START_FAILURES[Failure.WRONG_ARCHITECTURE], "wrong_format"),
    row(START_FAILURES[Failure.PERMISSION_DENIED], "denied"),
    row(Verdict("exits_zero", Level.POSSIBLE, *_ZERO), "success", "stoppable"),
    row(Verdict("exits_zero", Level.STRONG, *_ZERO), "success"),
    row(Verdict("segmentation_fault", Level.STRONG, "It crashes with a memory fault.", _ABORT[1]), "fault"),
    row(Verdict("segmentation_fault", Level.STRONG, *_ABORT), "abort", "logged"),
    row(Verdict("segmentation_fault", Level.POSSIBLE, *_ABORT), "abort"),
    row(None),
)
"""Cause, level, sentence and remedy by the exit. The signs:

- `log_is_more_specific`: the log explains the same exit code;
- `not_found` (127), `wrong_format`, `denied` (126): by exit code or by the runtime's message;
- `success`: exit code 0, and the container is restarted; `stoppable`: the kubelet may have stopped it for a probe whose Event is lost;
- `fault` (139), `abort` (134); `logged`: the container wrote something. Programs abort themselves for many reasons.
"""


def by_exit_code(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """The exit code and the runtime's message state the cause."""
    if (exited := read(case, focus)) is None:
        return
    message = _runtime_message(exited.container)
    failure = start_failure(message)
    verdict = EXIT.decide(
        log_is_more_specific=log_is_more_specific(exited),
        not_found=exited.code == 127 or failure is Failure.EXECUTABLE_MISSING,
        wrong_format=failure is Failure.WRONG_ARCHITECTURE,
        denied=exited.code == 126 or failure is Failure.PERMISSION_DENIED,
        success=exited.code == 0 and _is_restarted(exited.container),
        stoppable=_may_be_stopped(case, exited),
        fault=exited.code == 139,
        abort=exited.code == 134,
        logged=case.has_logs(exited.container),
    )
    if verdict is not None:
        sentences = [cite(verdict.words, exited.evidence_id), *_program(case, exited, verdict.cause, message)]
        yield explain(case, focus, exited, verdict.cause, verdict.level, sentences, verdict.remedy)


def _program(case: Case, exited: Exit, cause: str, message: str) -> list[Sentence]:
    """What cannot be run: as the runtime or a shell reports it, else as the spec names it; for another architecture, the image."""
    seen = exited.container
    if cause == "wrong_architecture":
        return [cite("Its image is {image}.", spec_id(case, seen, "image"), image=seen.image)]
    if cause not in ("command_not_found", "permission_denied"):
        return []
    shown = exit_message_id(case, seen)
    line = exited.lines.get("command") or (last_error(case, seen) if not message else None)
    found = [] if line is None else [quote_line("Last log line", line)]
    return [*program(case, seen, message, shown), *found]


def _runtime_message(seen: Container) -> str:
    """The message of a runtime that could not start the program; after a start the message is what the program left."""
    could_not_start = seen.exit.get("reason") in NEVER_RAN
    return str(seen.exit.get("message") or "") if could_not_start else ""


def _is_restarted(seen: Container) -> bool:
    return seen.pod.text("spec.restartPolicy") in ("", "Always") and seen.kind != "init"


def _may_be_stopped(case: Case, exited: Exit) -> bool:
    """Whether the kubelet may have stopped it for a probe: it has one, and the pod's Events are gone."""
    spec = exited.container.spec
    return bool(spec.get("livenessProbe") or spec.get("startupProbe")) and not case.events(exited.container.pod)


_ONLY_STATED = frozenset(
    {
        "alarm",
        "authentication",
        "address",
        "workers",
        "kernel",
        "quorum",
        "starting",
        "lock",
        "topic",
        "mismatch",
    }
    | {"crd", "rate", "response", "size", "license", "loop", "timeout"}
)
"""Log signs without a cause of their own: an explanation says what they mean."""


def application_error(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """The container exits with an error, and nothing more specific is known."""
    if (exited := read(case, focus)) is None or exited.code in (None, 0, 137):
        return
    seen = exited.container
    sign, line = next(((sign, line) for sign, line in exited.lines.items() if sign in _ONLY_STATED), ("", last_error(case, seen)))
    yield focus.hypothesis(
        "application_error",
        exited.workload,
        Level.HINT if line is None else Level.POSSIBLE,
        exited.opening,
        *([] if line is None else [quote_line(log_words.meaning(sign) if sign else "Last error", line)]),
        actions=[actions.rollback(case, exited.workload), actions.diagnose(exited.workload)],
        missing=[f"log lines of container {seen.name}"] if line is None else [],
    )


def logged_error(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """The container runs and keeps logging an error without a cause of its own."""
    if (exited := read(case, focus)) is None:
        return
    stated = [sign for sign in exited.lines if sign in _ONLY_STATED or sign == "killed"]
    for sign in stated or [sign for sign in exited.lines if sign == ERRORS]:
        words = quote_line(log_words.meaning(sign), exited.lines[sign])
        remedies = [actions.diagnose(exited.workload)]
        yield focus.hypothesis("application_logs_error", exited.workload, Level.POSSIBLE, exited.opening, words, actions=remedies)


RULES = (
    rule(
        by_exit_code,
        {CRASH, JOB},
        {"command_not_found", "wrong_architecture", "permission_denied", "exits_zero", "segmentation_fault"},
        version=2,
    ),
    rule(application_error, {CRASH, JOB}, {"application_error"}),
    rule(logged_error, {LOGGING}, {"application_logs_error"}),
)
