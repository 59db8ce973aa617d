"""Reachability probes: what an agent can be asked to check from its own pod, and what it reports.

Agent and server share it. A probe knows only what its vantage sees: another pod may be under other NetworkPolicies. `unreachable` is
reported only where something answered that it is not there; silence is `unknown`.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal, Protocol

import msgspec
from msgspec import Meta

from optral.kit.times import rfc3339

Check = Literal["dns", "tcp", "tls", "http"]
CHECKS: tuple[Check, ...] = ("dns", "tcp", "tls", "http")
CAPABILITY_ON, CAPABILITY_OFF = "probe:on", "probe:off"
MAX_ADDRESSES, MAX_NAMES = 8, 8
_Text = Annotated[str, Meta(max_length=300)]


class Outcome(StrEnum):
    REACHABLE = "reachable"
    """It answered: the name resolves, the connection is accepted, the handshake completes, an HTTP response arrives."""
    UNREACHABLE = "unreachable"
    """It answered that it is not there: the name does not exist, the connection is refused, or another protocol is spoken."""
    UNKNOWN = "unknown"
    """No answer, or none that decides: a dropped packet may be the work of a policy on the agent's own way."""


class Reason(StrEnum):
    """Why a target is not reachable, or why that is unknown."""

    REFUSED = "refused"
    TIMEOUT = "timeout"
    NAME_NOT_FOUND = "nameNotFound"
    RESOLVER_FAILED = "resolverFailed"
    NO_ROUTE = "noRoute"
    CLOSED = "closed"
    NOT_TLS = "notTls"
    HANDSHAKE_FAILED = "handshakeFailed"
    NOT_HTTP = "notHttp"
    FAILED = "failed"


OUTCOMES: Mapping[Reason, Outcome] = {
    Reason.REFUSED: Outcome.UNREACHABLE,
    Reason.TIMEOUT: Outcome.UNKNOWN,
    Reason.NAME_NOT_FOUND: Outcome.UNREACHABLE,
    Reason.RESOLVER_FAILED: Outcome.UNKNOWN,
    Reason.NO_ROUTE: Outcome.UNKNOWN,  # a firewall answers so, too
    Reason.CLOSED: Outcome.UNREACHABLE,
    Reason.NOT_TLS: Outcome.UNREACHABLE,
    Reason.HANDSHAKE_FAILED: Outcome.UNREACHABLE,
    Reason.NOT_HTTP: Outcome.UNREACHABLE,
    Reason.FAILED: Outcome.UNKNOWN,
}


class _Part(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    pass


class Vantage(_Part, frozen=True, kw_only=True):
    """Where the agent runs; `node` is empty where it does not know."""

    namespace: _Text
    pod: _Text
    node: _Text = ""


class Certificate(_Part, frozen=True, kw_only=True):
    """What a TLS server presents. Nobody verified who signed it: callers trust different CAs. `covers_name`: None without a name.
    `is_self_signed`: subject and issuer are one."""

    names: tuple[_Text, ...] = ()
    issuer: _Text = ""
    not_before: datetime
    not_after: datetime
    covers_name: bool | None = None
    is_self_signed: bool = False


class ProbeResult(_Part, frozen=True, kw_only=True):
    """What one probe found. `address` is what was connected to, `name` what was resolved or requested; `took_ms` of the whole check."""

    check: Check
    outcome: Outcome
    at: datetime
    vantage: Vantage
    reason: Reason | None = None
    name: _Text = ""
    address: _Text = ""
    port: Annotated[int, Meta(ge=0, le=65535)] = 0
    addresses: Annotated[tuple[_Text, ...], Meta(max_length=MAX_ADDRESSES)] = ()
    certificate: Certificate | None = None
    http_status: Annotated[int, Meta(ge=0, le=999)] = 0
    path: _Text = ""
    took_ms: Annotated[int, Meta(ge=0, le=600_000)] = 0

    @property
    def is_expired(self) -> bool:
        """Whether the certificate was not valid any more at the time of the probe."""
        return self.certificate is not None and self.certificate.not_after < self.at


class ProbeFailed(Exception):
    """A check failed for this reason."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


class Network(Protocol):
    """What a prober needs. Each raises `ProbeFailed`; how long it may take is up to the caller, who cancels."""

    async def resolve(self, name: str) -> list[str]: ...

    async def connect(self, address: str, port: int) -> None: ...

    async def handshake(self, address: str, port: int, *, name: str) -> Certificate | None: ...

    async def request(self, address: str, port: int, *, name: str, path: str, is_tls: bool) -> int: ...


def read(value: Mapping[str, Any]) -> ProbeResult:
    """A result from the JSON values of an agent, every bound checked. Raises `ValueError`."""
    return msgspec.convert(value, ProbeResult)


def plain(result: ProbeResult) -> dict[str, Any]:
    """The result as JSON values; what has its default is left out."""
    answer: dict[str, Any] = msgspec.to_builtins(result)
    return answer


def vantage_text(vantage: Vantage) -> str:
    """`From the agent's pod in namespace optral on node n1`."""
    return f"From the agent's pod in namespace {vantage.namespace}" + (f" on node {vantage.node}" if vantage.node else "")


def text(result: ProbeResult) -> str:
    """What was found, in one sentence without its full stop."""
    return f"{vantage_text(result.vantage)} at {result.at:%H:%M:%S}: {finding(result)}"


def finding(result: ProbeResult) -> str:
    """What was found, without vantage and time: `TCP connect to 10.0.3.4:8080 was refused`."""
    if result.check == "dns":
        return _dns(result)
    if result.outcome is Outcome.REACHABLE:
        return f"{_ATTEMPTS[result.check]} {_place(result)} {_success(result)}"
    said = _FAILURES.get(result.reason or Reason.FAILED, "failed")
    attempt = "TCP connect to" if result.reason in (Reason.REFUSED, Reason.NO_ROUTE) else _ATTEMPTS[result.check]
    return f"{attempt} {_place(result)} {said}"


_ATTEMPTS: Mapping[str, str] = {"tcp": "TCP connect to", "tls": "TLS handshake with", "http": "HTTP request to"}
_FAILURES: Mapping[Reason, str] = {
    Reason.REFUSED: "was refused",
    Reason.TIMEOUT: "timed out",
    Reason.NAME_NOT_FOUND: "failed: the name does not exist",
    Reason.RESOLVER_FAILED: "failed: the name server does not answer",
    Reason.NO_ROUTE: "failed: no route to the host",
    Reason.CLOSED: "failed: the connection was closed",
    Reason.NOT_TLS: "failed: the server does not use TLS",
    Reason.HANDSHAKE_FAILED: "failed: the server ends it with an alert",
    Reason.NOT_HTTP: "failed: the server does not use HTTP",
    Reason.FAILED: "failed",
}


def _place(result: ProbeResult) -> str:
    host = result.address or result.name
    shown = f"[{host}]:{result.port}" if ":" in host else f"{host}:{result.port}"
    named = f" ({result.name})" if result.name and result.address else ""
    return f"{shown}{result.path}{named}"


def _dns(result: ProbeResult) -> str:
    if result.outcome is Outcome.REACHABLE:
        return f"the name {result.name} resolves to {', '.join(result.addresses)}"
    if result.reason is Reason.NAME_NOT_FOUND:
        return f"the name {result.name} does not exist"
    return f"the name {result.name} could not be resolved: {_DNS_FAILURES.get(result.reason or Reason.FAILED, 'the query failed')}"


_DNS_FAILURES = {Reason.TIMEOUT: "no answer in time", Reason.RESOLVER_FAILED: "the name server does not answer"}


def _success(result: ProbeResult) -> str:
    if result.check == "http":
        return f"answered with status {result.http_status}"
    if (certificate := result.certificate) is None:
        return "succeeded"
    ends = "expired at" if result.is_expired else "is valid until"
    names = f" for {', '.join(certificate.names)}" if certificate.names else ""
    other = f", which does not include {result.name}" if certificate.covers_name is False and result.name else ""
    return f"succeeded; its certificate{names}{other} {ends} {rfc3339(certificate.not_after)}"
