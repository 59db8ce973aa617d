"""Probes: is the application ill, or is the probe wrong? What the probe asks is compared with what the container offers."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from optral.analysis import actions, logs
from optral.analysis.case import Case, Container, Focus, containers, is_ready, said
from optral.analysis.evidence import Change
from optral.analysis.model import Action, Hypothesis, Sentence
from optral.analysis.rules.containers import container_change, exit_id, parts, spec_id, told_about
from optral.analysis.rules.rule import LIVENESS, READINESS, STARTUP, rule
from optral.analysis.snapshot import Thing, dicts

_REFUSED = re.compile(r"connection refused|failed to connect service|no route to host|connection reset", re.IGNORECASE)
_TIMED_OUT = re.compile(r"deadline exceeded|timed? ?out|Client\.Timeout|timeout:", re.IGNORECASE)
_PROTOCOL = re.compile(
    r"malformed HTTP|HTTP response to HTTPS|first record does not look like a TLS|Unimplemented|unexpected EOF|: EOF\b|frame too large"
    r"|http2"
    r"|error reading server preface|invalid (?:http|character)",
    re.IGNORECASE,
)
_STATUS = re.compile(r"status ?code:? ?(\d{3})", re.IGNORECASE)
_HANDLERS = ("httpGet", "tcpSocket", "grpc", "exec")
GRACE_S = 15.0
PROVEN = 0.92
LONG_RUN_S = 1800.0


def judge(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    if (found := parts(focus)) is None:
        return
    seen, pod = found
    which = _WHICH[focus.symptom]
    probe = seen.spec.get(f"{which}Probe")
    if not isinstance(probe, dict):
        return
    look = _Look(case, focus, seen, which, probe)
    told = next((e for e in told_about(case, seen, "Unhealthy") if e.text("message").lower().startswith(which)), None)
    if told is None and which != "readiness":
        told = next((e for e in told_about(case, seen, "Killing") if which in e.text("message")), None)
    if told is None:
        return
    for one in look.judge(told, case.workload(pod)):
        # That it was killed for its probe is no answer of the application: without one, little can be told apart.
        yield one if told.text("reason") == "Unhealthy" or one.score >= PROVEN else replace(one, score=min(one.score, 0.48))


class _Look:
    """One probe of one container, with what it can be compared to."""

    def __init__(self, case: Case, focus: Focus, seen: Container, which: str, probe: dict[str, Any]) -> None:
        self.case, self.focus, self.seen, self.which, self.probe = case, focus, seen, which, probe
        self.handler = next((name for name in _HANDLERS if name in probe), "")
        self.port = self._port(probe)
        self.other = "liveness" if which != "liveness" else "readiness"
        sibling = seen.spec.get(f"{self.other}Probe")
        self.sibling: dict[str, Any] = sibling if isinstance(sibling, dict) else {}
        self.sibling_handler = next((name for name in _HANDLERS if name in self.sibling), "")
        self.sibling_port = self._port(self.sibling)
        self.asked = spec_id(case, seen, f"{which}Probe")
        self.peer = self._passing_peer()

    def _port(self, probe: dict[str, Any]) -> int | str | None:
        handler: dict[str, Any] = next((probe[name] for name in _HANDLERS if isinstance(probe.get(name), dict)), {})
        port = handler.get("port")
        if isinstance(port, str):
            named = next((p.get("containerPort") for p in self._ports() if p.get("name") == port), port)
            return named if isinstance(named, int | str) else None
        return port if isinstance(port, int) else None

    def _ports(self) -> list[dict[str, Any]]:
        return dicts(self.seen.spec.get("ports"))

    def judge(self, told: Thing, workload: Thing) -> Iterator[Hypothesis]:
        case, message = self.case, told.text("message")
        event = case.event_id(told, self.seen.pod)
        change = container_change(case, workload, self.seen, f"{self.which}Probe")
        opening = [said(f"The {self.which} probe of container `{self.seen.name}` fails.", event, self.asked)]
        if change is not None:
            opening.append(said("The newest revision changed the probe.", change.evidence_id))
        status = _STATUS.search(message) if self.handler == "httpGet" else None  # a command's output is the application's own word
        if status is not None and status.group(1) in ("404", "405"):
            yield self._wrong("path", workload, 0.93, [*opening, *self._path(status.group(1), event)], change)
        elif status is not None:
            yield self._unhealthy(workload, 0.8, [*opening, said(f"It answers with status `{status.group(1)}`.", event)], change)
        elif self.handler != "exec" and _PROTOCOL.search(message):
            yield self._wrong("protocol", workload, 0.94, [*opening, *self._protocol(event)], change)
        else:
            yield from self._no_answer(message, event, workload, opening, change)

    def _no_answer(self, message: str, event: str, workload: Thing, opening: list[Sentence], change: Change | None) -> Iterator[Hypothesis]:
        """Refused or timed out: a wrong port, too little time, or an application that hangs."""
        port = self._wrong_port()
        if port and (_REFUSED.search(message) or _TIMED_OUT.search(message)):
            yield self._wrong("port", workload, 0.94 if len(port) > 1 or change is not None else 0.9, [*opening, *port], change)
        if self._other_protocol() and not self._ran_well():
            yield self._wrong("protocol", workload, 0.72, [*opening, *self._protocol(event)], change)
        tight = self._tight(message)
        if tight is not None:
            score, sentence = tight
            yield self._wrong("tight", workload, min(score, 0.5) if port else score, [*opening, sentence], change)
        sick = 0.3 if port else 0.5 if tight is not None else 0.66
        words = [*opening, said("It gets no answer.", event)]
        if self._ran_well():
            sick = max(sick, 0.76)
            words.append(self._passed())
        yield self._unhealthy(workload, sick, words, change)

    def _ran_well(self) -> bool:
        """Whether the probe has passed, here for a long while or at another pod made alike: then it is not the probe that is wrong."""
        return self.peer is not None or (self.seen.ran_s is not None and self.seen.ran_s >= LONG_RUN_S)

    def _passing_peer(self) -> Thing | None:
        """A ready pod of the same controller, so with the same probe, that was never killed for it."""
        owner = self.seen.pod.owner()
        if owner is None:
            return None
        for pod in self.case.live_pods(self.case.workload(self.seen.pod)):
            above = pod.owner()
            if pod.name == self.seen.pod.name or not is_ready(pod) or above is None or above.uid != owner.uid:
                continue
            if all(not one.restarts for one in containers(pod) if one.name == self.seen.name):
                return pod
        return None

    def _passed(self) -> Sentence:
        if self.peer is None:
            return said("It had answered for a long while before.", exit_id(self.case, self.seen))
        shown = self.case.book.fields(self.peer, "metadata", "name")
        return said(f"Pod `{self.peer.name}` has the same probe and is ready.", shown)

    def _wrong_port(self) -> list[Sentence]:
        """Why the probe's port looks wrong; empty when it looks right."""
        if self.port is None or self._ran_well():
            return []
        found = []
        declared = [one.get("containerPort") for one in self._ports()]
        if declared and self.port not in declared:
            ports = spec_id(self.case, self.seen, "ports")
            found.append(said(f"It asks port `{self.port}`; the container declares `{declared[0]}`.", self.asked, ports))
        if self.sibling_port is not None and self.sibling_port != self.port:
            sibling = spec_id(self.case, self.seen, f"{self.other}Probe")
            found.append(said(f"The {self.other} probe asks port `{self.sibling_port}`.", sibling))
        elif self.sibling_port == self.port and declared and self.port in declared:
            return []
        for key, text in self.case.logs(self.seen):
            heard = logs.listening(text)
            if heard and all(port != self.port for port, _ in heard):
                found.append(said(f"The application says that it listens on `{heard[-1][0]}`.", self.case.book.log(key, heard[-1][1])))
                break
        return found

    def _other_protocol(self) -> bool:
        """A sibling asks the same port in another way, or the port's name says what is spoken there."""
        if self.handler in ("", "exec"):
            return False
        if self.sibling_handler and self.sibling_port == self.port and {self.handler, self.sibling_handler} == {"httpGet", "grpc"}:
            return True
        name = next((str(one.get("name") or "") for one in self._ports() if one.get("containerPort") == self.port), "")
        return self.handler == "httpGet" and name.startswith("grpc")

    def _protocol(self, event: str) -> list[Sentence]:
        found = [said(f"The probe speaks `{self.handler}`, and the answer is in another protocol.", self.asked, event)]
        if self.sibling_handler and self.sibling_handler != self.handler and self.sibling_port == self.port:
            sibling = spec_id(self.case, self.seen, f"{self.other}Probe")
            found.append(said(f"The {self.other} probe speaks `{self.sibling_handler}` on the same port.", sibling))
        return found

    def _path(self, status: str, event: str) -> list[Sentence]:
        path = str((self.probe.get("httpGet") or {}).get("path") or "/")
        return [said(f"The application answers `{status}` for the path `{path}`.", event, self.asked)]

    def _tight(self, message: str) -> tuple[float, Sentence] | None:
        """(score, why) when the probe leaves too little time."""
        timing = {name: self.probe.get(name, default) for name, default in _DEFAULTS.items()}
        if not all(isinstance(value, int) for value in timing.values()):
            return None
        budget_s = timing["initialDelaySeconds"] + timing["periodSeconds"] * timing["failureThreshold"]
        ran_s = self.seen.ran_s
        if self._ran_well():
            return None
        is_short = (
            self.which != "readiness" and budget_s <= GRACE_S and (self.which == "startup" or self.seen.spec.get("startupProbe") is None)
        )
        if is_short and (ran_s is None or ran_s <= budget_s + 2 * GRACE_S):
            words = (
                f"It may fail from `{timing['initialDelaySeconds']}` s after the start, every `{timing['periodSeconds']}` s,"
                f" `{timing['failureThreshold']}` times: less than most applications need to start."
            )
            return (0.9 if timing["failureThreshold"] == 1 or budget_s <= 5 else 0.7), said(words, self._timing(timing))
        if _TIMED_OUT.search(message) and not _REFUSED.search(message) and timing["timeoutSeconds"] <= 1:
            return 0.6, said(f"It waits `{timing['timeoutSeconds']}` s for an answer.", self._timing(timing))
        return None

    def _timing(self, timing: dict[str, Any]) -> str:
        return self.case.book.relation(
            self.seen.pod.ref, f"{self.seen.spec_path}.{self.which}Probe", ", ".join(f"{name}: {value}" for name, value in timing.items())
        )

    def _wrong(self, what: str, workload: Thing, score: float, sentences: list[Sentence], change: Change | None) -> Hypothesis:
        name = "too_tight" if what == "tight" else f"wrong_{what}"
        advice = {
            "port": "Correct the probe's port",
            "path": "Correct the probe's path",
            "protocol": "Use the kind of probe the application answers",
            "tight": "Give the container more time: a startup probe, or a longer initial delay and more failures",
        }[what]
        back = actions.rollback(self.case, workload, change.evidence_id) if change is not None else None
        remedy = actions.advice(advice, "The probe fails, not the application.", self.asked)
        more = [] if what != "tight" else [said("The container ended and was started again.", exit_id(self.case, self.seen))]
        if self.which == "readiness" or not self.seen.exit_path:
            more = []
        if self.which == "startup" and what != "tight":
            name = "wrong"
        return self.case.blame(f"{self.which}_probe_{name}", workload, score, *sentences, *more, focus=self.focus, actions=[back, remedy])

    def _unhealthy(self, workload: Thing, score: float, sentences: list[Sentence], change: Change | None) -> Hypothesis:
        back = actions.rollback(self.case, workload, change.evidence_id) if change is not None else None
        restart = self._fresh_start(workload) if self.which != "readiness" else None
        return self.case.blame(
            f"{self.which}_probe_unhealthy",
            workload,
            score,
            *sentences,
            focus=self.focus,
            actions=[back, restart, actions.diagnose(workload)],
            missing=[] if self.case.has_logs(self.seen) else [f"log lines of container {self.seen.name}"],
        )

    def _fresh_start(self, workload: Thing) -> Action | None:
        """Of the one pod that hangs while others are well, else of all."""
        pod = self.seen.pod
        if pod.owner() is not None and any(is_ready(other) for other in self.case.live_pods(workload) if other.name != pod.name):
            return actions.delete_pod(pod, "Only this one hangs; its controller makes a new one.")
        return actions.restart(workload, "What hangs may come back with a fresh start.")


_DEFAULTS = {"initialDelaySeconds": 0, "periodSeconds": 10, "timeoutSeconds": 1, "failureThreshold": 3}
_WHICH = {LIVENESS: "liveness", READINESS: "readiness", STARTUP: "startup"}
_ENDS = ("wrong_port", "wrong_path", "wrong_protocol", "too_tight", "unhealthy")
RULES = (
    rule(
        judge,
        {LIVENESS, READINESS, STARTUP},
        {f"{which}_probe_{end}" for which in ("liveness", "readiness") for end in _ENDS}
        | {"startup_probe_wrong", "startup_probe_too_tight", "startup_probe_unhealthy"},
        version=2,
    ),
)
