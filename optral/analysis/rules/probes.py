"""Probes: is the application ill, or is the probe wrong? What the probe asks is compared with what the container offers.

A refused connection alone does not tell a wrong port from an application that has not come up yet: each needs something beside it, another
port that somebody names, or a start that is known to take its time. Where there is neither, both are named, neither is sure.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from optral.analysis import actions, logs
from optral.analysis.calibration import Level
from optral.analysis.case import Case, Container, Focus, cite, containers, is_ready
from optral.analysis.evidence import Change
from optral.analysis.model import Action, Hypothesis, Sentence
from optral.analysis.rules import listening, probe_levels
from optral.analysis.rules.containers import container_change, container_events, exit_id, parts, spec_id
from optral.analysis.rules.rule import LIVENESS, READINESS, STARTUP, rule
from optral.analysis.snapshot import Thing, moment

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
_HTTP = re.compile(r"\bhttps?\b", re.IGNORECASE)
_BAD_NAME = re.compile(r"strconv\.Atoi: parsing|couldn't find port|invalid port")
_SAID = re.compile(r"^\w+ probe (?:failed|errored)(?: and resulted in \w+ state)?: ")
_ERRORED = re.compile(r"^\w+ probe errored")
_STATUS = re.compile(r"status ?code:? ?(\d{3})", re.IGNORECASE)
_HANDLERS = ("httpGet", "tcpSocket", "grpc", "exec")
GRACE_S = 15.0
SHORT_S = 5.0
LONG_RUN_S = 1800.0
SETTLED_S = 180.0  # what is not up by then will not be
MAX_START_S = 180.0  # patience beyond this is enough for any start
TLS_PORTS = (443, 6443, 8443, 9443)


def judge(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    if (found := parts(focus)) is None:
        return
    seen, pod = found
    which = _WHICH[focus.symptom]
    probe = seen.spec.get(f"{which}Probe")
    if not isinstance(probe, dict):
        return
    look = _Look(case, focus, seen, which, probe)
    told = next((e for e in container_events(case, seen, "Unhealthy") if e.text("message").lower().startswith(which)), None)
    if told is None and which != "readiness":
        told = next((e for e in container_events(case, seen, "Killing") if which in e.text("message")), None)
    if told is None:
        if which == "readiness" and not case.events(pod):
            yield from look.unheard(case.workload(pod))
        return
    for one in look.judge(told, case.workload(pod)):
        # That it was killed for its probe is no answer of the application: without one, little can be told apart.
        yield one if told.text("reason") == "Unhealthy" or one.level is Level.PROVEN else replace(one, level=min(one.level, Level.POSSIBLE))


class _Found(NamedTuple):
    """What every answer about a probe begins with: whose it is, what was told of it, and what changed."""

    workload: Thing
    event: str
    opening: list[Sentence]
    change: Change | None


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
        self.is_by_image_alone = False

    def _port(self, probe: dict[str, Any]) -> int | str | None:
        handler: dict[str, Any] = next((probe[name] for name in _HANDLERS if isinstance(probe.get(name), dict)), {})
        port = handler.get("port")
        if isinstance(port, str):
            named = next((p.get("containerPort") for p in listening.ports_of(self.seen) if p.get("name") == port), port)
            if isinstance(named, str) and named.isascii() and named.isdigit() and len(named) < 6:
                return int(named)
            return named if isinstance(named, int | str) else None
        return port if isinstance(port, int) else None

    def judge(self, told: Thing, workload: Thing) -> Iterator[Hypothesis]:
        case, message = self.case, told.text("message")
        event = case.event_id(told, self.seen.pod)
        change = container_change(case, workload, self.seen, f"{self.which}Probe")
        fails = "cannot run" if _ERRORED.match(message) else "fails"
        opening = [cite(f"The {self.which} probe of container `{self.seen.name}` {fails}.", event, self.asked)]
        if change is not None:
            opening.append(cite("The newest revision changed the probe.", change.evidence_id))
        start = _Found(workload, event, opening, change)
        answer = _SAID.sub("", message)
        status = _STATUS.search(message) if self.handler == "httpGet" else None  # a command's output is the application's own word
        if self.handler == "exec" and _NO_PROGRAM.search(answer):
            words = cite("The program of the probe is not in the image, or is not executable.", event, self.asked)
            yield self._wrong("command", start, Level.PROVEN, [words, *self._unheard(message, event)])
        elif self.handler != "exec" and isinstance(self.port, str) and (_BAD_NAME.search(answer) or told.text("reason") == "Unhealthy"):
            yield self._wrong("port", start, Level.PROVEN, [self._nameless(self.port)])
        elif status is not None:
            yield self._answered(status.group(1), start)
        elif self.handler != "exec" and _PROTOCOL.search(message):
            yield self._wrong("protocol", start, Level.PROVEN, self._protocol(event))
        else:
            yield from self._no_answer(message, start)

    def _unheard(self, message: str, event: str) -> Iterator[Sentence]:
        """What comes of a probe that the kubelet could not run: it counts neither as failed nor as passed."""
        if _ERRORED.match(message):
            comes = "a container that hangs is not restarted" if self.which == "liveness" else "the probe never passes"
            yield cite(f"The kubelet counts this neither as success nor as failure: {comes}.", event)

    def unheard(self, workload: Thing) -> Iterator[Hypothesis]:
        """Nothing is heard of the kubelet any more: the container runs, is not ready, and is asked where it does not listen."""
        began = moment(self.seen.pod.text(f"{self.seen.status_path}.state.running.startedAt"))
        elsewhere = self._wrong_port() if began is not None and (self.case.now - began).total_seconds() >= SETTLED_S else []
        if not elsewhere:
            return
        shown = self.case.book.fields(self.seen.pod, self.seen.status_path, "name", "ready", "state.running.startedAt")
        change = container_change(self.case, workload, self.seen, "readinessProbe")
        opening = [cite(f"Container `{self.seen.name}` is running and not ready.", shown, self.asked)]
        is_told = len(elsewhere) > 1 or change is not None or self._listens_at(elsewhere[0].port)
        found = _Found(workload, shown, opening, change)
        told, missing = [one.sentence for one in elsewhere], [f"the kubelet's message about the probe of container {self.seen.name}"]
        yield self._wrong("port", found, Level.LIKELY if is_told else Level.PLAUSIBLE, told, to=elsewhere[0].port, missing=missing)

    def _listens_at(self, port: int | str) -> bool:
        return any(port == number for _, text in self.case.logs(self.seen) for number, _ in logs.listening(text))

    def _nameless(self, name: str) -> Sentence:
        """The probe asks a port by a name that none of the container's ports has."""
        ports = spec_id(self.case, self.seen, "ports")
        known = next((str(one["name"]) for one in listening.ports_of(self.seen) if one.get("name")), None)
        if known is None:
            return cite(f"The probe uses the port named `{name}`, but the container names no port.", self.asked, ports)
        return cite(f"The probe uses the port named `{name}`, but the container's port is named `{known}`.", self.asked, ports)

    def _answered(self, status: str, found: "_Found") -> Hypothesis:
        """An HTTP answer, with a status that a probe takes for a failure."""
        if status in ("404", "405"):
            return self._wrong("path", found, Level.PROVEN, self._path(status, found.event))
        words = cite(f"The application responds with status `{status}`.", found.event)
        if status == "400" and not self._asks_tls() and self._is_tls_port():
            more = cite("The probe sends plain HTTP to a TLS port.", self.asked, spec_id(self.case, self.seen, "ports"))
            return self._wrong("protocol", found, Level.STRONG, [words, more])
        asks = {
            "400": "Check the scheme and the Host header of the probe: the application rejects the request",
            "401": "Let the probe use a path that needs no authentication",
            "403": "Let the probe use a path that needs no authentication",
        }.get(status)
        more_to_do = (
            actions.advice(asks, "The application responds, but rejects the request of the probe.", found.event, self.asked)
            if asks
            else None
        )
        return self._unhealthy(found, Level.LIKELY, [words], first=more_to_do)

    def _asks_tls(self) -> bool:
        return str((self.probe.get("httpGet") or {}).get("scheme") or "HTTP").upper() == "HTTPS"

    def _is_tls_port(self) -> bool:
        names = [str(one.get("name") or "") for one in listening.ports_of(self.seen) if one.get("containerPort") == self.port]
        return self.port in TLS_PORTS or any(name.startswith(("https", "tls")) for name in names)

    def _no_answer(self, message: str, found: "_Found") -> Iterator[Hypothesis]:
        """Refused or timed out: a wrong port, a wrong protocol, too little time, or an application that hangs."""
        is_refused, is_late = _REFUSED.search(message) is not None, _TIMED_OUT.search(message) is not None
        elsewhere = self._wrong_port() if is_refused or is_late else []
        started = listening.came_up(self.case, self.seen) if is_refused and self.handler != "exec" and not self._ran_well() else None
        is_unknown = not elsewhere and is_refused and self._is_unknown_port()
        is_open = is_unknown and started is None
        port = probe_levels.WRONG_PORT.decide(
            elsewhere=bool(elsewhere),
            image=self.is_by_image_alone,
            confirmed=len(elsewhere) > 1 or found.change is not None or started is not None,
            unknown=is_unknown,
            started=started is not None,
        )
        if port is not None:
            yield self._wrong_at(port, found, elsewhere, started)
        tight = self._tight(message, is_elsewhere=started is not None and not listening.is_told(self.case, self.seen, self.port))
        is_foreign = self._other_protocol() and not self._ran_well()
        is_hasty = tight is not None and tight[0] >= Level.STRONG and not self._is_patient()
        protocol = probe_levels.WRONG_PROTOCOL.decide(
            foreign=is_foreign, cut_short=self._is_cut_short(), hasty=is_hasty, listens=self._is_up_here()
        )
        if protocol is not None:
            yield self._wrong("protocol", found, protocol, self._protocol(found.event))
        if tight is not None:
            level, sentence = tight
            most = probe_levels.TIGHT_AT_MOST.decide(
                elsewhere=bool(elsewhere), open=is_open, foreign=is_foreign, patient=self._budget_s() > GRACE_S
            )
            yield self._wrong("tight", found, min(level, most), [sentence], missing=self._unclear(None) if is_open else [])
        failed = self.handler == "exec" and not is_late
        sick = probe_levels.UNHEALTHY.decide(
            passed=self._ran_well(),
            elsewhere=bool(elsewhere),
            cut_short=self._is_cut_short(),
            tight=tight is not None,
            open=is_open,
        )
        yield self._ill(found, "The command of the probe fails." if failed else "The probe gets no response.", sick)

    def _wrong_at(self, level: Level, found: "_Found", elsewhere: list[listening.Elsewhere], started: Sentence | None) -> Hypothesis:
        """The port is wrong: another one is named, or nothing names this one."""
        more = [started] if started is not None else []
        if elsewhere:
            return self._wrong("port", found, level, [*(one.sentence for one in elsewhere), *more], to=elsewhere[0].port)
        how = " over gRPC" if self.handler == "grpc" else ""
        text = f"Nothing responds{how} on port `{self.port}`, and nothing else shows where the application listens."
        return self._wrong("port", found, level, [cite(text, self.asked, found.event), *more], missing=self._unclear(started))

    def _ill(self, found: "_Found", text: str, level: Level) -> Hypothesis:
        """It is the application that does not answer."""
        words = [cite(text, found.event)]
        inside = listening.only_inside(self.case, self.seen, self.port)
        if inside is not None:
            remedy = actions.advice(
                "Let the application listen on all addresses",
                "The kubelet probes the pod's IP address, not localhost.",
                *inside.evidence_ids,
            )
            return self._unhealthy(found, Level.STRONG, [*words, inside], first=remedy)
        return self._unhealthy(found, level, [*words, self._passed()] if self._ran_well() else words)

    def _is_unknown_port(self) -> bool:
        """Nothing beside the probe speaks of this port, and it has never been seen to answer."""
        if self.port is None or self.handler == "exec" or self._ran_well() or self.sibling_port == self.port:
            return False
        return not listening.is_told(self.case, self.seen, self.port)

    def _unclear(self, up: Sentence | None) -> list[str]:
        """What would tell a wrong port from a slow start."""
        if up is not None:
            return []
        wanted = [f"the port on which container {self.seen.name} listens: declare it in its ports"]
        return [*wanted, f"log lines of container {self.seen.name} that show when it has started"]

    def _ran_well(self) -> bool:
        """Whether the probe has passed, here for a long while or at another pod made alike: then it is not the probe that is wrong."""
        return self.peer is not None or (self.seen.ran_s is not None and self.seen.ran_s >= LONG_RUN_S)

    def _passing_peer(self) -> Thing | None:
        """A ready pod of the same controller with the same probe, that was never killed for it."""
        owner = self.seen.pod.owner()
        if owner is None:
            return None
        for pod in self.case.live_pods(self.case.workload(self.seen.pod)):
            above = pod.owner()
            if pod.name == self.seen.pod.name or not is_ready(pod) or above is None or above.uid != owner.uid:
                continue
            alike = [one for one in containers(pod) if one.name == self.seen.name]
            if all(not one.restarts and one.spec.get(f"{self.which}Probe") == self.probe for one in alike):
                return pod
        return None

    def _passed(self) -> Sentence:
        if self.peer is None:
            return cite("The probe passed for a long time before.", exit_id(self.case, self.seen))
        shown = self.case.book.fields(self.peer, "metadata", "name")
        return cite(f"Pod `{self.peer.name}` has the same probe and is ready.", shown)

    def _wrong_port(self) -> list[listening.Elsewhere]:
        """Why the probe's port looks wrong; empty when it looks right."""
        if self.port is None or self.handler == "exec" or self._ran_well():
            return []
        declared = [one.get("containerPort") for one in listening.ports_of(self.seen)]
        if self.sibling_port == self.port and self.port in declared:
            return []
        found = list(listening.elsewhere(self.case, self.seen, self.port, self.asked))
        self.is_by_image_alone = len(found) == 1 and found[0].sentence.text.startswith("Its image")
        if self.sibling_port is not None and self.sibling_port != self.port:
            self.is_by_image_alone = False
            sibling = spec_id(self.case, self.seen, f"{self.other}Probe")
            found.insert(
                min(1, len(found)),
                listening.Elsewhere(self.sibling_port, cite(f"The {self.other} probe uses port `{self.sibling_port}`.", sibling)),
            )
        return found

    def _other_protocol(self) -> bool:
        """Another probe uses the same port in another way, or the port's name says which protocol it serves."""
        if self.handler in ("", "exec"):
            return False
        if self._is_contradicted():
            return True
        name = next((str(one.get("name") or "") for one in listening.ports_of(self.seen) if one.get("containerPort") == self.port), "")
        if self.handler == "grpc":
            return name.startswith("http") or (self._serves_something() and not self._speaks_grpc())
        return self.handler == "httpGet" and name.startswith("grpc")

    def _is_contradicted(self) -> bool:
        """Whether the other probe uses the same port with the other of HTTP and gRPC, or plain HTTP where this one uses TLS."""
        if not self.sibling_handler or self.sibling_port != self.port:
            return False
        if {self.handler, self.sibling_handler} == {"httpGet", "grpc"}:
            return True
        if not self.handler == self.sibling_handler == "httpGet" or not self._asks_tls() or self._is_tls_port():
            return False
        return str(self.sibling["httpGet"].get("scheme") or "HTTP").upper() == "HTTP"

    def _serves_something(self) -> bool:
        is_probed_by_tcp = self.sibling_handler == "tcpSocket" and self.sibling_port == self.port
        return self._says_http() or self._is_up_here() or is_probed_by_tcp

    def _is_cut_short(self) -> bool:
        """Another probe asks the same way, and the container is ended again and again: this one may only have heard its starts."""
        is_alike = self.sibling_handler == self.handler and self.sibling_port == self.port
        return self.which == "readiness" and is_alike and self.seen.restarts > 0

    def _is_up_here(self) -> bool:
        """Whether it says itself that it listens on the very port that is asked."""
        return self.port is not None and self._listens_at(self.port)

    def _speaks_grpc(self) -> bool:
        """Whether anything beside the probe mentions gRPC: its ports, its image, its variables, its log."""
        spec = {name: value for name, value in self.seen.spec.items() if not name.endswith("Probe")}
        texts = (text for _, text in self.case.logs(self.seen))
        return any("grpc" in text.lower() for text in (str(spec), *texts))

    def _says_http(self) -> bool:
        """Whether it says that what it listens with on this port, or is about to, is HTTP."""
        lines = (line for _, text in self.case.logs(self.seen) for line in logs.reporting(text) if logs.names(line, str(self.port)))
        return any(_HTTP.search(line) is not None for line in lines)

    def _protocol(self, event: str) -> list[Sentence]:
        found = [cite(f"The probe uses `{self.handler}`, and the response is in another protocol.", self.asked, event)]
        if self.sibling_handler and self.sibling_handler != self.handler and self.sibling_port == self.port:
            sibling = spec_id(self.case, self.seen, f"{self.other}Probe")
            found.append(cite(f"The {self.other} probe uses `{self.sibling_handler}` on the same port.", sibling))
        return found

    def _path(self, status: str, event: str) -> list[Sentence]:
        path = str((self.probe.get("httpGet") or {}).get("path") or "/")
        return [cite(f"The application responds with `{status}` for the path `{path}`.", event, self.asked)]

    def _tight(self, message: str, *, is_elsewhere: bool) -> tuple[Level, Sentence] | None:
        """(level, why) when the probe leaves too little time: its timeout is short, or the container is killed while it still starts.

        `is_elsewhere`: it has started, at a port that is not the probe's; more time would not help.
        """
        timing = {name: self.probe.get(name, default) for name, default in _DEFAULTS.items()}
        if not all(isinstance(value, int) for value in timing.values()) or self._ran_well():
            return None
        budget_s, is_refused = self._budget_s(), _REFUSED.search(message) is not None
        words = (
            f"It may fail from `{timing['initialDelaySeconds']}` s after the start, every `{timing['periodSeconds']}` s,"
            f" `{timing['failureThreshold']}` times: "
        )
        if self._kills_starts() and not is_elsewhere:
            if budget_s <= GRACE_S and self._ended_within(budget_s + 2 * GRACE_S):
                level = Level.STRONG if timing["failureThreshold"] == 1 or budget_s <= SHORT_S else Level.LIKELY
                return level, cite(words + "less than most applications need to start.", self._timing(timing))
            if (is_refused or self.handler == "exec") and self._still_starts(budget_s):
                level = Level.STRONG if self._is_amid_start() else Level.PLAUSIBLE
                return level, cite(words + "the container was killed before it had started.", self._timing(timing))
        if _TIMED_OUT.search(message) is not None and not is_refused and timing["timeoutSeconds"] <= 1:
            return Level.PLAUSIBLE, cite(f"It waits `{timing['timeoutSeconds']}` s for a response.", self._timing(timing))
        return None

    def _kills_starts(self) -> bool:
        """Whether this is the probe that ends a container which takes long to start."""
        return self.which != "readiness" and (self.which == "startup" or self.seen.spec.get("startupProbe") is None)

    def _is_patient(self) -> bool:
        return self._budget_s() > GRACE_S

    def _budget_s(self) -> int:
        """How long the probe may fail before the container is ended."""
        first, every, often = (
            self.probe.get(name, _DEFAULTS[name]) for name in ("initialDelaySeconds", "periodSeconds", "failureThreshold")
        )
        return first + every * often if isinstance(first, int) and isinstance(every, int) and isinstance(often, int) else 0

    def _ended_within(self, seconds: float) -> bool:
        return self.seen.ran_s is None or self.seen.ran_s <= seconds

    def _still_starts(self, budget_s: float) -> bool:
        """Killed at the first chance, at a port that is its own, without a word of trouble: it had not come up yet."""
        grace_s = self.seen.pod.number("spec.terminationGracePeriodSeconds", 30)
        if budget_s > MAX_START_S or self.seen.ran_s is None or not self._ended_within(budget_s + grace_s + GRACE_S):
            return False
        if self.handler == "exec":
            return self._is_amid_start() and self.seen.restarts > 1
        return listening.is_told(self.case, self.seen, self.port) and (self._is_amid_start() or not self.case.has_logs(self.seen))

    def _is_amid_start(self) -> bool:
        """Whether it wrote something, and neither of trouble nor that it is up."""
        written = [text for _, text in self.case.logs(self.seen)]
        return bool(written) and not any(logs.signs(text) or logs.listening(text) or logs.started(text) for text in written)

    def _timing(self, timing: dict[str, Any]) -> str:
        return self.case.book.relation(
            self.seen.pod.ref, f"{self.seen.spec_path}.{self.which}Probe", ", ".join(f"{name}: {value}" for name, value in timing.items())
        )

    def _wrong(
        self,
        what: str,
        found: "_Found",
        level: Level,
        sentences: Sequence[Sentence],
        *,
        to: int | str | None = None,
        missing: Sequence[str] = (),
    ) -> Hypothesis:
        name = "too_tight" if what == "tight" else f"wrong_{what}"
        advice = {
            "port": "Correct the probe's port" if to is None else f"Change the probe's port to {to}",
            "path": "Correct the probe's path",
            "protocol": "Use the kind of probe that the application supports",
            "command": "Correct the probe's command, or add the program to the image",
            "tight": "Give the container more time: add a startup probe, or raise initialDelaySeconds and failureThreshold",
        }[what]
        if what == "tight" and self.which == "readiness":
            advice = "Raise the timeout of the probe, or give the container more CPU"
        change, workload = found.change, found.workload
        back = actions.rollback(self.case, workload, change.evidence_id) if change is not None else None
        proof = [id_ for one in sentences[:1] for id_ in one.evidence_ids]
        remedy = actions.advice(advice, "The probe fails, not the application.", self.asked, *proof)
        more = [] if what != "tight" else [cite("The container was killed and restarted.", exit_id(self.case, self.seen))]
        if self.which == "readiness" or not self.seen.exit_path:
            more = []
        if self.which == "startup" and what != "tight":
            name = "wrong"
        words = (*found.opening, *sentences, *more)
        cause = f"{self.which}_probe_{name}"
        return self.case.hypothesis(cause, workload, level, *words, focus=self.focus, actions=[back, remedy], missing=missing)

    def _unhealthy(self, found: "_Found", level: Level, sentences: list[Sentence], *, first: Action | None = None) -> Hypothesis:
        change, workload = found.change, found.workload
        back = actions.rollback(self.case, workload, change.evidence_id) if change is not None else None
        restart = self._fresh_start(workload) if self.which != "readiness" and first is None else None
        return self.case.hypothesis(
            f"{self.which}_probe_unhealthy",
            workload,
            level,
            *found.opening,
            *sentences,
            focus=self.focus,
            actions=[back, first, restart, actions.diagnose(workload)],
            missing=[] if self.case.has_logs(self.seen) else [f"log lines of container {self.seen.name}"],
        )

    def _fresh_start(self, workload: Thing) -> Action | None:
        """Of the one pod that hangs while others are well, else of all."""
        pod = self.seen.pod
        if pod.owner() is not None and any(is_ready(other) for other in self.case.live_pods(workload) if other.name != pod.name):
            return actions.delete_pod(pod, "Only this pod hangs; its controller creates a new one.")
        return actions.restart(workload, "A restart may recover an application that hangs.")


_DEFAULTS = {"initialDelaySeconds": 0, "periodSeconds": 10, "timeoutSeconds": 1, "failureThreshold": 3}
_WHICH = {LIVENESS: "liveness", READINESS: "readiness", STARTUP: "startup"}
_ENDS = ("wrong_port", "wrong_path", "wrong_protocol", "wrong_command", "too_tight", "unhealthy")
RULES = (
    rule(
        judge,
        {LIVENESS, READINESS, STARTUP},
        {f"{which}_probe_{end}" for which in ("liveness", "readiness") for end in _ENDS}
        | {"startup_probe_wrong", "startup_probe_too_tight", "startup_probe_unhealthy"},
        version=5,
    ),
)
