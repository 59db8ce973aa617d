"""What is known about one probe of a container: what it asks, what the container offers, and how its last runs ended."""

import re
from functools import cached_property
from typing import Any

from optral.analysis.model import Sentence
from optral.analysis.reading import logs
from optral.analysis.reading.case import Case, Container, cite, containers, is_ready
from optral.analysis.reading.snapshot import SnapshotObject
from optral.analysis.rules import listening
from optral.analysis.rules.containers import exit_id, spec_id
from optral.analysis.rules.listening import OtherPort

LIVENESS, READINESS, STARTUP = "liveness", "readiness", "startup"
HANDLERS = ("httpGet", "tcpSocket", "grpc", "exec")
DEFAULTS = {"initialDelaySeconds": 0, "periodSeconds": 10, "timeoutSeconds": 1, "failureThreshold": 3}
"""Source: Kubernetes API reference, Probe."""
LONG_RUN_S = 1800.0
GRACE_S = 15.0
MAX_START_S = 180.0  # a probe that allows more than this is no obstacle to a start
TLS_PORTS = (443, 6443, 8443, 9443)
_HTTP = re.compile(r"\bhttps?\b", re.IGNORECASE)


class Probe:
    """One probe of one container. `which` is liveness, readiness or startup, `spec` the probe as the container declares it.

    The other probe is the readiness probe for a liveness probe, else the liveness probe; its handler is "" where there is none.
    """

    def __init__(self, case: Case, seen: Container, which: str, spec: dict[str, Any]) -> None:
        self.case, self.seen, self.which, self.spec = case, seen, which, spec
        self.handler = _handler(spec)
        self.port = self._port(spec)
        self.other = LIVENESS if which != LIVENESS else READINESS
        other = seen.spec.get(f"{self.other}Probe")
        self.other_spec: dict[str, Any] = other if isinstance(other, dict) else {}
        self.other_handler = _handler(self.other_spec)
        self.other_port = self._port(self.other_spec)
        self.spec_id = spec_id(case, seen, f"{which}Probe")

    def _port(self, spec: dict[str, Any]) -> int | str | None:
        """The port number; a name that no port of the container has stays a name."""
        handler: dict[str, Any] = next((spec[name] for name in HANDLERS if isinstance(spec.get(name), dict)), {})
        port = handler.get("port")
        if not isinstance(port, str):
            return port if isinstance(port, int) else None
        named = next((p.get("containerPort") for p in listening.ports_of(self.seen) if p.get("name") == port), port)
        if isinstance(named, str) and named.isascii() and named.isdigit() and len(named) < 6:
            return int(named)
        return named if isinstance(named, int | str) else None

    # --- the port

    def other_ports(self) -> list[OtherPort]:
        """What names another port than the probe's; empty when the probe's port looks right."""
        if self.port is None or self.handler == "exec" or self.passed_before():
            return []
        declared = [port.get("containerPort") for port in listening.ports_of(self.seen)]
        if self.other_port == self.port and self.port in declared:
            return []
        found = list(listening.elsewhere(self.case, self.seen, self.port, self.spec_id))
        if self.other_port is not None and self.other_port != self.port:
            shown = spec_id(self.case, self.seen, f"{self.other}Probe")
            words = cite(f"The {self.other} probe uses port {{port}}.", shown, port=self.other_port)
            found.insert(min(1, len(found)), OtherPort(self.other_port, words))
        return found

    def is_only_one_with_its_port(self) -> bool:
        """Whether only the probe names its port, and nothing is known to have responded there."""
        if self.port is None or self.handler == "exec" or self.passed_before() or self.other_port == self.port:
            return False
        return not listening.is_named(self.case, self.seen, self.port)

    def log_listens_on(self, port: int | str | None) -> bool:
        """Whether the log says that the application listens on this port."""
        if port is None:
            return False
        return any(port == number for _, text in self.case.logs(self.seen) for number, _ in logs.listening(text))

    # --- the protocol

    def uses_tls(self) -> bool:
        return str((self.spec.get("httpGet") or {}).get("scheme") or "HTTP").upper() == "HTTPS"

    def is_tls_port(self) -> bool:
        """Whether the number or the name of its port says that it serves TLS."""
        names = [str(port.get("name") or "") for port in listening.ports_of(self.seen) if port.get("containerPort") == self.port]
        return self.port in TLS_PORTS or any(name.startswith(("https", "tls")) for name in names)

    def finds_other_protocol(self) -> bool:
        """Whether the other probe uses the same port in another way, or the port's name says that it serves another protocol."""
        if self.handler in ("", "exec"):
            return False
        if self._is_contradicted():
            return True
        ports = listening.ports_of(self.seen)
        name = next((str(port.get("name") or "") for port in ports if port.get("containerPort") == self.port), "")
        if self.handler == "grpc":
            return name.startswith("http") or (self._serves_something() and not self._mentions_grpc())
        return self.handler == "httpGet" and name.startswith("grpc")

    def _is_contradicted(self) -> bool:
        """Whether the other probe uses the same port with the other of HTTP and gRPC, or plain HTTP where this one uses TLS."""
        if not self.other_handler or self.other_port != self.port:
            return False
        if {self.handler, self.other_handler} == {"httpGet", "grpc"}:
            return True
        if not self.handler == self.other_handler == "httpGet" or not self.uses_tls() or self.is_tls_port():
            return False
        return str(self.other_spec["httpGet"].get("scheme") or "HTTP").upper() == "HTTP"

    def _serves_something(self) -> bool:
        is_probed_by_tcp = self.other_handler == "tcpSocket" and self.other_port == self.port
        return self._log_mentions_http() or self.log_listens_on(self.port) or is_probed_by_tcp

    def _log_mentions_http(self) -> bool:
        """Whether a log line names this port and HTTP."""
        lines = (line for _, text in self.case.logs(self.seen) for line in logs.reporting(text) if logs.names(line, str(self.port)))
        return any(_HTTP.search(line) is not None for line in lines)

    def _mentions_grpc(self) -> bool:
        """Whether anything apart from the probes mentions gRPC: the container's ports, image, variables or log."""
        spec = {name: value for name, value in self.seen.spec.items() if not name.endswith("Probe")}
        texts = (text for _, text in self.case.logs(self.seen))
        return any("grpc" in text.lower() for text in (str(spec), *texts))

    # --- earlier results

    @cached_property
    def passing_peer(self) -> SnapshotObject | None:
        """A ready pod of the same controller with the same probe, whose container never restarted."""
        owner = self.seen.pod.owner()
        if owner is None:
            return None
        for pod in self.case.live_pods(self.case.workload(self.seen.pod)):
            above = pod.owner()
            if pod.name == self.seen.pod.name or not is_ready(pod) or above is None or above.uid != owner.uid:
                continue
            same = [peer for peer in containers(pod) if peer.name == self.seen.name]
            if all(not peer.restarts and peer.spec.get(f"{self.which}Probe") == self.spec for peer in same):
                return pod
        return None

    def passed_before(self) -> bool:
        """Whether the probe passed, here for half an hour or in another pod: then the probe itself is right."""
        return self.passing_peer is not None or (self.seen.ran_s is not None and self.seen.ran_s >= LONG_RUN_S)

    def passed(self) -> Sentence:
        """The sentence for `passed_before`."""
        if self.passing_peer is None:
            return cite("The probe passed for a long time before.", exit_id(self.case, self.seen))
        shown = self.case.book.fields(self.passing_peer, "metadata", "name")
        return cite(f"Pod `{self.passing_peer.name}` has the same probe and is ready.", shown)

    def is_cut_short(self) -> bool:
        """Whether the same kind of liveness probe keeps restarting the container, so that this probe may only have seen startups."""
        is_same = self.other_handler == self.handler and self.other_port == self.port
        return self.which == READINESS and is_same and self.seen.restarts > 0

    # --- time

    @cached_property
    def timing(self) -> dict[str, Any]:
        """Its four numbers, with the defaults of Kubernetes."""
        return {name: self.spec.get(name, default) for name, default in DEFAULTS.items()}

    def has_timing(self) -> bool:
        return all(isinstance(value, int) for value in self.timing.values())

    def budget_s(self) -> int:
        """How long the probe may fail before the container is killed; 0 for an invalid probe."""
        first, every, often = (self.timing[name] for name in ("initialDelaySeconds", "periodSeconds", "failureThreshold"))
        return first + every * often if isinstance(first, int) and isinstance(every, int) and isinstance(often, int) else 0

    def is_patient(self) -> bool:
        return self.budget_s() > GRACE_S

    def kills_starting(self) -> bool:
        """Whether it is the probe that kills a container that starts slowly."""
        return self.which != READINESS and (self.which == STARTUP or self.seen.spec.get("startupProbe") is None)

    def ended_within(self, seconds: float) -> bool:
        return self.seen.ran_s is None or self.seen.ran_s <= seconds

    def was_still_starting(self) -> bool:
        """Whether it was killed at the first chance, the port is its own, and the log reports no error: it had not started yet."""
        budget_s, grace_s = self.budget_s(), self.seen.pod.number("spec.terminationGracePeriodSeconds", 30)
        if budget_s > MAX_START_S or self.seen.ran_s is None or not self.ended_within(budget_s + grace_s + GRACE_S):
            return False
        if self.handler == "exec":
            return self.logs_end_in_startup() and self.seen.restarts > 1
        return listening.is_named(self.case, self.seen, self.port) and (self.logs_end_in_startup() or not self.case.has_logs(self.seen))

    def logs_end_in_startup(self) -> bool:
        """Whether it logged something, but neither an error nor that it has started."""
        texts = [text for _, text in self.case.logs(self.seen)]
        return bool(texts) and not any(logs.signs(text) or logs.listening(text) or logs.started(text) for text in texts)

    def allowance(self) -> str:
        """How often and from when it may fail, as the beginning of a sentence."""
        first, often = self.timing["initialDelaySeconds"], self.timing["failureThreshold"]
        return f"From `{first}` s after the start, it allows `{often}` failures, {{timeout}} s apart"

    def timing_id(self) -> str:
        values = ", ".join(f"{name}: {value}" for name, value in self.timing.items())
        return self.case.book.relation(self.seen.pod.ref, f"{self.seen.spec_path}.{self.which}Probe", values)


def _handler(spec: dict[str, Any]) -> str:
    return next((name for name in HANDLERS if name in spec), "")
