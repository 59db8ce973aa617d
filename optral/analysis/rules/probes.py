"""Failing probes: does the application fail, or is the probe wrong? The probe is compared with what the container offers.

A refused connection alone does not tell a wrong port from an application that has not started yet. Each needs further evidence: another
port that something names, or a start that is known to be slow. Without either, both are named, and neither is certain.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from optral.analysis.engine import probing
from optral.analysis.engine.calibration import Level
from optral.analysis.engine.probing import Ask, Role
from optral.analysis.model import Action, Hypothesis, Sentence
from optral.analysis.reading.case import Case, Focus, cite, is_ready, template_path
from optral.analysis.reading.evidence import Change
from optral.analysis.reading.snapshot import SnapshotObject, moment
from optral.analysis.remedies import actions
from optral.analysis.remedies.edits import Edit, edit
from optral.analysis.rules import listening, probe_levels
from optral.analysis.rules.containers import container_change, container_events, exit_id, parts, program_of, spec_id
from optral.analysis.rules.listening import OtherPort
from optral.analysis.rules.probe_facts import GRACE_S, Probe
from optral.analysis.rules.quotes import changed, quote
from optral.analysis.rules.rule import LIVENESS, READINESS, STARTUP, rule
from optral.kube.reports import probes as reports

_REFUSED = re.compile(r"connection refused|failed to connect service|no route to host|connection reset", re.IGNORECASE)
_TIMED_OUT = re.compile(r"deadline exceeded|timed? ?out|Client\.Timeout|timeout:", re.IGNORECASE)
_PROTOCOL = re.compile(
    r"malformed HTTP|HTTP response to HTTPS|does not implement the grpc health protocol"
    r"|first record does not look like a TLS|Unimplemented|unexpected EOF|: EOF\b|frame too large"
    r"|http2"
    r"|error reading server preface|invalid (?:http|character)",
    re.IGNORECASE,
)
_NO_PROGRAM = re.compile(
    r"^(?:OCI runtime exec failed|rpc error: .{0,60}failed to (?:start )?exec|failed to (?:start )?exec)[\s\S]{0,400}"
    r"(?:no such file or directory|executable file not found|permission denied)"
    r"|^(?:/\S{0,40}/)?(?:ba|da|a|k|z)?sh: (?:line )?(?:\d+: )?\S{1,100}: (?:command )?not found"
)
_BAD_NAME = re.compile(r"strconv\.Atoi: parsing|couldn't find port|invalid port")
_PREFIX = re.compile(r"^\w+ probe (?:failed|errored)(?: and resulted in \w+ state)?: ")
_STATUS = re.compile(r"status ?code:? ?(\d{3})", re.IGNORECASE)
SHORT_S = 5.0
SETTLED_S = 180.0  # an application that does not respond by then is not starting any more


def failing(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """Why a probe fails, by the kubelet's Event about it."""
    if (found := parts(focus)) is None:
        return
    seen, pod = found
    which = _WHICH[focus.symptom]
    spec = seen.spec.get(f"{which}Probe")
    if not isinstance(spec, dict):
        return
    failure = _Failure(focus, Probe(case, seen, which, spec), case.workload(pod))
    event = next((e for e in container_events(case, seen, reports.UNHEALTHY) if reports.is_about(e.text("message"), which)), None)
    if event is None and which != "readiness":
        killings = container_events(case, seen, reports.KILLING)
        event = next((e for e in killings if reports.killed_by(e.text("message")) == (seen.name, which)), None)
    if event is not None:
        yield from failure.explain(event)
    elif which == "readiness" and not case.events(pod):
        yield from failure.explain_without_event()


class _Report(NamedTuple):
    """How every answer about a probe begins: the evidence that it fails, the first sentences, and the change of the probe."""

    evidence_id: str
    opening: list[Sentence]
    change: Change | None


class _Silence(NamedTuple):
    """What is known about a probe that gets no response.

    `elsewhere`: what names another port; `started`: the log line that says that the application has started; `is_unknown`: the connection
    is refused, and only the probe names its port; `tight`: how and why the probe leaves too little time; `is_foreign`: the port appears
    to serve another protocol.
    """

    is_late: bool
    elsewhere: list[OtherPort]
    started: Sentence | None
    is_unknown: bool
    tight: tuple[Level, Sentence] | None
    is_foreign: bool

    @property
    def is_open(self) -> bool:
        """Whether a wrong port and a slow start would look the same."""
        return self.is_unknown and self.started is None


class _Failure:
    """A failing probe and the hypotheses about it."""

    def __init__(self, focus: Focus, probe: Probe, workload: SnapshotObject) -> None:
        self.focus, self.probe, self.workload = focus, probe, workload
        self.case, self.seen, self.which = probe.case, probe.seen, probe.which
        self.change = container_change(self.case, workload, self.seen, f"{self.which}Probe")

    def explain(self, event: SnapshotObject) -> Iterator[Hypothesis]:
        """By an Event. One that only reports that the container was killed shows no response, so it distinguishes few causes."""
        is_response = event.text("reason") == reports.UNHEALTHY
        for hypothesis in self._by_response(event):
            is_certain = is_response or hypothesis.level is Level.PROVEN
            yield hypothesis if is_certain else replace(hypothesis, level=min(hypothesis.level, Level.POSSIBLE))

    def _by_response(self, event: SnapshotObject) -> Iterator[Hypothesis]:
        probe, message = self.probe, event.text("message")
        report = self._report(event)
        response = _PREFIX.sub("", message)
        status = _STATUS.search(message) if probe.handler == "httpGet" else None  # a command's output is the application's own text
        if probe.handler == "exec" and _NO_PROGRAM.search(response):
            words = cite("The program of the probe is not in the image, or is not executable.", report.evidence_id, probe.spec_id)
            named = self._program(response, report)
            yield self._wrong("command", report, Level.PROVEN, [words, *named, *self._not_counted(message, report)])
        elif self._has_unknown_port_name(event, response):
            yield self._wrong("port", report, Level.PROVEN, [self._unknown_port_name()])
        elif status is not None:
            yield self._by_status(status.group(1), report)
        elif probe.handler != "exec" and _PROTOCOL.search(message):
            yield self._wrong("protocol", report, Level.PROVEN, self._protocol(report))
        else:
            yield from self._no_response(message, report)

    def _report(self, event: SnapshotObject) -> _Report:
        evidence_id = self.case.event_id(event, self.seen.pod)
        fails = "cannot run" if reports.could_not_run(event.text("message"), self.which) else "fails"
        opening = [cite(f"The {self.which} probe of container `{self.seen.name}` {fails}.", evidence_id, self.probe.spec_id)]
        if self.change is not None:
            opening.append(changed(f"Its `{self.change.path.rpartition('/')[2]}`", self.change))
        return _Report(evidence_id, opening, self.change)

    def _has_unknown_port_name(self, event: SnapshotObject, response: str) -> bool:
        is_name = self.probe.handler != "exec" and isinstance(self.probe.port, str)
        return is_name and (_BAD_NAME.search(response) is not None or event.text("reason") == reports.UNHEALTHY)

    def explain_without_event(self) -> Iterator[Hypothesis]:
        """The kubelet's Events are gone: the container is running and not ready, and something names another port than the probe's."""
        began = moment(self.seen.pod.text(f"{self.seen.status_path}.state.running.startedAt"))
        is_settled = began is not None and (self.case.now - began).total_seconds() >= SETTLED_S
        elsewhere = self.probe.other_ports() if is_settled else []
        if not elsewhere:
            return
        shown = self.case.book.fields(self.seen.pod, self.seen.status_path, "name", "ready", "state.running.startedAt")
        opening = [cite(f"Container `{self.seen.name}` is running and not ready.", shown, self.probe.spec_id)]
        is_confirmed = len(elsewhere) > 1 or self.change is not None or self.probe.log_listens_on(elsewhere[0].port)
        yield self._wrong(
            "port",
            _Report(shown, opening, self.change),
            Level.LIKELY if is_confirmed else Level.PLAUSIBLE,
            [other.sentence for other in elsewhere],
            to=elsewhere[0].port,
            missing=[f"the kubelet's message about the probe of container {self.seen.name}"],
        )

    # --- the response

    def _not_counted(self, message: str, report: _Report) -> Iterator[Sentence]:
        """What follows from a probe that the kubelet cannot run: it neither fails nor passes."""
        if reports.could_not_run(message, self.which):
            effect = "a container that hangs is not restarted" if self.which == "liveness" else "the probe never passes"
            yield cite(f"The kubelet counts this neither as success nor as failure: {effect}.", report.evidence_id)

    def _unknown_port_name(self) -> Sentence:
        """The probe uses a port name that none of the container's ports has."""
        ports = spec_id(self.case, self.seen, "ports")
        known = next((str(port["name"]) for port in listening.ports_of(self.seen) if port.get("name")), None)
        has = "the container names no port" if known is None else f"the container's port is named `{known}`"
        return cite(f"The probe uses the port named {{port}}, but {has}.", self.probe.spec_id, ports, port=self.probe.port)

    def _by_status(self, status: str, report: _Report) -> Hypothesis:
        """An HTTP response with a status that fails the probe."""
        probe = self.probe
        if status in ("404", "405"):
            path = str((probe.spec.get("httpGet") or {}).get("path") or "/")
            answer = "The application responds with {status} for the path {path}."
            words = cite(answer, report.evidence_id, probe.spec_id, status=status, path=path)
            return self._wrong("path", report, Level.PROVEN, [words])
        words = cite("The application responds with status {status}.", report.evidence_id, status=status)
        if status == "400" and not probe.uses_tls() and probe.is_tls_port():
            ports = spec_id(self.case, self.seen, "ports")
            more = cite("The probe sends plain HTTP ({handler}) to a TLS port.", probe.spec_id, ports, handler=probe.handler)
            return self._wrong("protocol", report, Level.STRONG, [words, more])
        advice = None
        if status in _REJECTIONS:
            why = "The application responds, but rejects the request of the probe."
            advice = actions.advice(_REJECTIONS[status], why, report.evidence_id, probe.spec_id)
        return self._unhealthy(report, Level.LIKELY, [words], first=advice)

    def _protocol(self, report: _Report) -> list[Sentence]:
        probe = self.probe
        words = "The probe uses {handler}, and the response is in another protocol."
        found = [cite(words, probe.spec_id, report.evidence_id, handler=probe.handler)]
        if probe.other_handler and probe.other_handler != probe.handler and probe.other_port == probe.port:
            shown = spec_id(self.case, self.seen, f"{probe.other}Probe")
            found.append(cite(f"The {probe.other} probe uses `{probe.other_handler}` on the same port.", shown))
        return found

    def _program(self, response: str, report: _Report) -> list[Sentence]:
        """What the probe runs: as the runtime names it, else as its command does."""
        command = (self.probe.spec.get("exec") or {}).get("command")
        return program_of(command, response, report.evidence_id, lambda: self.probe.spec_id)

    # --- no response

    def _no_response(self, message: str, report: _Report) -> Iterator[Hypothesis]:
        """Refused or timed out: a wrong port, a wrong protocol, too little time, or an application that hangs."""
        silence = self._silence(message)
        yield from self._wrong_port(report, silence)
        yield from self._wrong_protocol(report, silence)
        yield from self._too_tight(report, silence)
        yield self._application_fails(message, report, silence)

    def _silence(self, message: str) -> _Silence:
        probe = self.probe
        is_refused, is_late = _REFUSED.search(message) is not None, _TIMED_OUT.search(message) is not None
        elsewhere = probe.other_ports() if is_refused or is_late else []
        may_have_started = is_refused and probe.handler != "exec" and not probe.passed_before()
        started = listening.started(self.case, self.seen) if may_have_started else None
        is_at_other_port = started is not None and not listening.is_named(self.case, self.seen, probe.port)
        return _Silence(
            is_late=is_late,
            elsewhere=elsewhere,
            started=started,
            is_unknown=not elsewhere and is_refused and probe.is_only_one_with_its_port(),
            tight=self._tight(is_refused=is_refused, is_late=is_late, is_at_other_port=is_at_other_port),
            is_foreign=probe.finds_other_protocol() and not probe.passed_before(),
        )

    def _wrong_port(self, report: _Report, silence: _Silence) -> Iterator[Hypothesis]:
        elsewhere, started = silence.elsewhere, silence.started
        level = probe_levels.WRONG_PORT.decide(
            elsewhere=bool(elsewhere),
            image=[other.is_default for other in elsewhere] == [True],
            confirmed=len(elsewhere) > 1 or report.change is not None or started is not None,
            unknown=silence.is_unknown,
            started=started is not None,
        )
        if level is None:
            return
        more = [started] if started is not None else []
        if elsewhere:
            sentences = [*(other.sentence for other in elsewhere), *more]
            yield replace(self._wrong("port", report, level, sentences, to=elsewhere[0].port), asks=self._asks(elsewhere[0].port))
            return
        how = " over gRPC" if self.probe.handler == "grpc" else ""
        text = f"Nothing responds{how} on port {{port}}, and nothing else shows where the application listens."
        sentences = [cite(text, self.probe.spec_id, report.evidence_id, port=self.probe.port), *more]
        wrong = self._wrong("port", report, level, sentences, missing=self._undecided() if started is None else [])
        yield replace(wrong, asks=self._asks(None))

    def _asks(self, other: int | str | None) -> tuple[Ask, ...]:
        """Whether the agent gets through to the other port, and to the one that is probed."""
        pod = self.seen.pod
        asked = probing.of_pod(Role.PROBED, pod, self.probe.port)
        return (*probing.of_pod(Role.LISTENING, pod, other), *asked)

    def _wrong_protocol(self, report: _Report, silence: _Silence) -> Iterator[Hypothesis]:
        tight = silence.tight
        level = probe_levels.WRONG_PROTOCOL.decide(
            foreign=silence.is_foreign,
            cut_short=self.probe.is_cut_short(),
            hasty=tight is not None and tight[0] >= Level.STRONG and not self.probe.is_patient(),
            listens=self.probe.log_listens_on(self.probe.port),
        )
        if level is not None:
            yield self._wrong("protocol", report, level, self._protocol(report))

    def _too_tight(self, report: _Report, silence: _Silence) -> Iterator[Hypothesis]:
        if silence.tight is None:
            return
        level, sentence = silence.tight
        most = probe_levels.TIGHT_AT_MOST.decide(
            elsewhere=bool(silence.elsewhere), open=silence.is_open, foreign=silence.is_foreign, patient=self.probe.is_patient()
        )
        yield self._wrong("tight", report, min(level, most), [sentence], missing=self._undecided() if silence.is_open else [])

    def _application_fails(self, message: str, report: _Report, silence: _Silence) -> Hypothesis:
        probe = self.probe
        level = probe_levels.UNHEALTHY.decide(
            passed=probe.passed_before(),
            elsewhere=bool(silence.elsewhere),
            cut_short=probe.is_cut_short(),
            tight=silence.tight is not None,
            open=silence.is_open,
        )
        is_failed_command = probe.handler == "exec" and not silence.is_late
        answer = "The probe command fails" if is_failed_command else "The probe gets no response"
        words = [quote(answer, _PREFIX.sub("", message), report.evidence_id)]
        if is_failed_command:
            words += self._program("", report)
        local = listening.only_local(self.case, self.seen, probe.port)
        if local is None:
            return self._unhealthy(report, level, [*words, probe.passed()] if probe.passed_before() else words)
        why = "The kubelet probes the pod's IP address, not localhost."
        advice = actions.advice("Make the application listen on all addresses", why, *local.evidence_ids)
        return self._unhealthy(report, Level.STRONG, [*words, local], first=advice)

    def _undecided(self) -> list[str]:
        """What would tell a wrong port from a slow start."""
        name = self.seen.name
        return [
            f"the port on which container {name} listens: declare it in its ports",
            f"log lines of container {name} that show when it has started",
        ]

    def _tight(self, *, is_refused: bool, is_late: bool, is_at_other_port: bool) -> tuple[Level, Sentence] | None:
        """(level, why) when the probe leaves too little time.

        `is_at_other_port`: the application has started, and listens on another port; more time would not help.
        """
        probe = self.probe
        if not probe.has_timing() or probe.passed_before():
            return None
        timing, budget_s = probe.timing, probe.budget_s()
        tight = probe_levels.TIGHT.decide(
            kills_starting=probe.kills_starting() and not is_at_other_port,
            short=budget_s <= GRACE_S and probe.ended_within(budget_s + 2 * GRACE_S),
            very_short=timing["failureThreshold"] == 1 or budget_s <= SHORT_S,
            starting=(is_refused or probe.handler == "exec") and probe.was_still_starting(),
            logs_startup=probe.logs_end_in_startup(),
            brief=is_late and not is_refused and timing["timeoutSeconds"] <= 1,
        )
        if tight is None:
            return None
        allowed = timing["timeoutSeconds"] if tight.reason is probe_levels.BRIEF else timing["periodSeconds"]
        words = {
            probe_levels.SHORT: f"{probe.allowance()}: less than most applications need to start.",
            probe_levels.STARTING: f"{probe.allowance()}: the container was killed before it had started.",
            probe_levels.BRIEF: "It waits {timeout} s for a response.",
        }[tight.reason]
        return tight.level, cite(words, probe.timing_id(), timeout=allowed)

    # --- hypotheses

    def _wrong(
        self,
        fault: str,
        report: _Report,
        level: Level,
        sentences: Sequence[Sentence],
        *,
        to: int | str | None = None,
        missing: Sequence[str] = (),
    ) -> Hypothesis:
        """The probe is wrong in its port, path, protocol or command, or too tight. `to` is the port that it should use."""
        title = f"Change the probe's port to {to}" if to is not None else _REMEDIES[fault]
        if fault == "tight" and self.which == "readiness":
            title = "Raise the timeout of the probe, or give the container more CPU"
        evidence = [id_ for sentence in sentences[:1] for id_ in sentence.evidence_ids]
        edit = None if to is None else self._edit(to)
        cited = (self.probe.spec_id, *evidence)
        remedy = self._open(fault, title, *cited) if edit is None else None
        remedy = remedy or actions.advice(title, "The probe fails, not the application.", *cited, edit=edit)
        words = (*report.opening, *sentences, *self._killed(fault))
        return self.focus.hypothesis(self._cause(fault), self.workload, level, *words, actions=[self._rollback(), remedy], missing=missing)

    def _open(self, fault: str, title: str, *evidence_ids: str) -> Action | None:
        """The field of the probe that is wrong, with the value that it had before; without one it stays open."""
        part = {"port": "port", "path": "path", "tight": "timeoutSeconds" if self.which == "readiness" else "failureThreshold"}.get(fault)
        is_of_kind = self.probe.handler == "httpGet" if part == "path" else self.probe.handler in ("httpGet", "tcpSocket", "grpc")
        if part is None or not (is_of_kind or fault == "tight"):
            return None
        before, cited = None, evidence_ids
        if self.change is not None and self.change.path.rpartition("/")[2] == part and isinstance(self.change.before, str | int):
            before, cited = self.change.before, (*evidence_ids, self.change.evidence_id)
        why = "The probe fails, not the application."
        return actions.set_probe(self.workload, self.seen.name, f"{self.which}Probe.{part}", before, title, why, *cited)

    def _edit(self, port: int | str) -> Edit | None:
        """The change of the probe's port in the template of the workload."""
        steps = template_path(self.workload.kind).split(".")
        path = ".".join([*steps, self.seen.spec_path.rpartition(".")[2].partition("[")[0]])
        index = next((index for index, spec in self.workload.indexed(path) if spec.get("name") == self.seen.name), None)
        if index is None or self.workload.kind == "Pod":
            return None
        return edit(self.workload, (*path.split("."), index, f"{self.which}Probe", self.probe.handler, "port"), port)

    def _cause(self, fault: str) -> str:
        if fault == "tight":
            return f"{self.which}_probe_too_tight"
        return "startup_probe_wrong" if self.which == "startup" else f"{self.which}_probe_wrong_{fault}"

    def _killed(self, fault: str) -> list[Sentence]:
        if fault != "tight" or self.which == "readiness" or not self.seen.exit_path:
            return []
        return [cite("The container was killed and restarted.", exit_id(self.case, self.seen))]

    def _unhealthy(self, report: _Report, level: Level, sentences: list[Sentence], *, first: Action | None = None) -> Hypothesis:
        """The application itself fails; `first` is what to do before anything else."""
        restart = self._restart() if self.which != "readiness" and first is None else None
        return self.focus.hypothesis(
            f"{self.which}_probe_unhealthy",
            self.workload,
            level,
            *report.opening,
            *sentences,
            actions=[self._rollback(), first, restart, actions.diagnose(self.workload)],
            missing=[] if self.case.has_logs(self.seen) else [f"log lines of container {self.seen.name}"],
        )

    def _rollback(self) -> Action | None:
        return None if self.change is None else actions.rollback(self.case, self.workload, self.change.evidence_id)

    def _restart(self) -> Action | None:
        """Of the one pod that hangs while others are ready, else of the workload."""
        pod = self.seen.pod
        if pod.owner() is not None and any(is_ready(other) for other in self.case.live_pods(self.workload) if other.name != pod.name):
            return actions.delete_pod(pod, "Only this pod hangs; its controller creates a new one.")
        return actions.restart(self.workload, "A restart may recover an application that hangs.")


_REJECTIONS = {
    "400": "Check the scheme and the Host header of the probe: the application rejects the request",
    "401": "Point the probe at a path that needs no authentication",
    "403": "Point the probe at a path that needs no authentication",
}
_REMEDIES = {
    "port": "Correct the probe's port",
    "path": "Correct the probe's path",
    "protocol": "Use the kind of probe that the application supports",
    "command": "Correct the probe's command, or add the program to the image",
    "tight": "Give the container more time: add a startup probe, or raise initialDelaySeconds and failureThreshold",
}
_WHICH = {LIVENESS: "liveness", READINESS: "readiness", STARTUP: "startup"}
_FAULTS = ("wrong_port", "wrong_path", "wrong_protocol", "wrong_command", "too_tight", "unhealthy")
RULES = (
    rule(
        failing,
        {LIVENESS, READINESS, STARTUP},
        {f"{which}_probe_{fault}" for which in ("liveness", "readiness") for fault in _FAULTS}
        | {"startup_probe_wrong", "startup_probe_too_tight", "startup_probe_unhealthy"},
        version=5,
    ),
)
