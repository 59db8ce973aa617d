"""What reads and writes share: one order, the ways it can fail, and how an object is fetched."""

import asyncio
import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from optral.agent.commands import evictions
from optral.kube.kinds import Kind, named
from optral.kube.redact import Redactor
from optral.kubeapi.client import ApiError, ApiUnreachable, KubeClient
from optral.kubeapi.reflector import RawObject
from optral.terms.probes import ProbeResult
from optral.terms.verbs import Metrics, Missing, Params, Probe, Verb


class Failure(Exception):
    """A command ends here. `state` is of `pb.CommandState`: REJECTED and FAILED did nothing, UNKNOWN_OUTCOME may have.

    With a `result` it was begun and not finished, and the result says what was done: it is known, whoever did it.
    """

    def __init__(self, state: str, code: str, message: str, result: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.state, self.code, self.message, self.result = state, code, message, result


def rejected(code: str, message: str) -> Failure:
    return Failure("REJECTED", code, message)


def denied(missing: Sequence[Missing], result: dict[str, Any] | None = None) -> Failure:
    """The agent's role does not allow an order, of which these permissions are missing."""
    return Failure("REJECTED", "RBAC_DENIED", f"the agent's role does not allow it to {' and '.join(map(str, missing))}", result)


def failed(code: str, message: str) -> Failure:
    return Failure("FAILED", code, message)


def unknown(message: str) -> Failure:
    return Failure("UNKNOWN_OUTCOME", "UNKNOWN_OUTCOME", message)


def incomplete(code: str, message: str, result: dict[str, Any]) -> Failure:
    """Part of it was done, which `result` says."""
    return Failure("FAILED", code, message, result)


def unproven(failure: Failure) -> Failure:
    """The same failure of a write that an earlier attempt may have made: it cannot claim that nothing was changed."""
    if failure.state == "UNKNOWN_OUTCOME" or failure.result is not None:
        return failure
    text = f"{failure.message}; an earlier attempt may have made the change: look at the object before you try again"
    return Failure("UNKNOWN_OUTCOME", failure.code, text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A command as the agent understood it. `uid` and `resource_version` are preconditions, empty: not looked at.

    `time_left_s`: how long a change of many steps may go on.
    """

    id: str
    verb: Verb
    params: Params
    dry_run: bool = False
    uid: str = ""
    resource_version: str = ""
    time_left_s: float = 60.0

    @property
    def is_write(self) -> bool:
        """Whether it may change the cluster."""
        return self.verb.is_write and not self.dry_run


class Cancel:
    """Whether a command is to be canceled: `reason` once somebody requested it."""

    def __init__(self) -> None:
        self.reason: str | None = None
        self._requested = asyncio.Event()

    def request(self, reason: str) -> None:
        self.reason = reason
        self._requested.set()

    async def wait(self, seconds: float) -> None:
        """Wait at most so long until somebody requests it."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._requested.wait()


class UsageReader(Protocol):
    """Reads what pods and nodes use now (`metrics/collector.py`)."""

    @property
    def is_refused(self) -> bool: ...

    async def read_now(self, params: Metrics, /) -> tuple[list[RawObject], dict[str, str]]: ...


class Probes(Protocol):
    """Performs reachability probes (`probes/prober.py`)."""

    async def probe(self, tools: "Tools", params: Probe, /) -> ProbeResult: ...


@dataclass(frozen=True, slots=True)
class Tools:
    """What every command needs."""

    client: KubeClient
    redactor: Redactor
    custom: Callable[[], Iterable[Kind]] = tuple
    """The custom kinds that the agent watches now. They can be read; no change may name them."""
    usage: UsageReader | None = None
    """None where the agent reads no metrics of kubelets."""
    prober: Probes | None = None
    """None where the agent does not run in a pod of the cluster."""


_NO_PERMISSION = re.compile(r'User "[^"]*" cannot |^Forbidden$|^$')
"""How the API server says that a role lacks a permission; its admission says 403 too, in other words."""
RBAC_GROUP = "rbac.authorization.k8s.io"  # watched for its risks; no order may name it


def kind_of(name: str) -> Kind:
    """A watched kind. Raises `Failure` for any other: Secrets, roles and whatever else nobody may name."""
    if (kind := named(name)) is None or kind.group == RBAC_GROUP:
        raise rejected("UNSUPPORTED", f"this agent knows no kind {name}")
    return kind


def readable_kind(tools: Tools, name: str) -> Kind:
    """A kind that may be read: a watched one, or a custom one (`Widget.shop.example`). Raises `Failure` for any other."""
    custom = next((kind for kind in tools.custom() if kind.id == name), None)
    return kind_of(name) if custom is None else custom


def path_of(kind: Kind, namespace: str, name: str) -> str:
    """The object's address. Raises `Failure` when a namespace is missing or too many."""
    if kind.namespaced != bool(namespace):
        raise rejected("INVALID", f"a {kind.name} {'needs' if kind.namespaced else 'has no'} namespace")
    return kind.object_path(namespace, name)


async def fetch(tools: Tools, path: str) -> bytes:
    """One object. Raises `Failure`."""
    try:
        return await tools.client.get(path)
    except (ApiError, ApiUnreachable) as error:
        raise failure_of(error) from error


def tree_of(raw: bytes) -> dict[str, Any]:
    """The object as plain values. Raises `Failure`."""
    try:
        tree = msgspec.json.decode(raw)
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise failed("API_ERROR", "the API server's answer cannot be read") from error
    if not isinstance(tree, dict) or not isinstance(tree.get("metadata"), dict):
        raise failed("API_ERROR", "the API server's answer is no object")
    return tree


def failure_of(error: ApiError | ApiUnreachable) -> Failure:
    """An error of the API server in our words; nothing was done."""
    if isinstance(error, ApiUnreachable):
        return failed("API_UNREACHABLE", f"the API server does not answer: {error}")
    if (budget := evictions.budget_of(error)) is not None:
        return failed("DISRUPTION_BUDGET", f"{budget}; wait until another of its pods is ready, or add replicas")
    if error.status == 403 and not _NO_PERMISSION.search(error.message):  # a quota, a policy or a webhook refuses it
        return failed("ADMISSION_DENIED", error.message or str(error))
    code = {401: "RBAC_DENIED", 403: "RBAC_DENIED", 404: "NOT_FOUND", 409: "CONFLICT", 400: "INVALID", 422: "INVALID", 429: "BUSY"}
    return failed(code.get(error.status, "API_ERROR"), error.message or str(error))
