"""How far the connection of a cluster has come, and what holds it back: pure rules over what the server has seen.

An attempt is known by its code alone; the texts for people are here, so that API, CLI and dashboard say the same. A refusal counts until
the agent has got further than it. An attempt with a token that this server does not know belongs to nobody: it is logged and counted, and
shown nowhere.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from optral.clusters.model import Cluster, ClusterStatus, Reason
from optral.kit.words import counted

CLOCK_TOLERANCE_MS = 30_000
NO_CONTACT_S = 60.0
"""After this long without any attempt, the agent most likely cannot reach the server or does not run."""
KINDS_NAMED = 8


class Code(StrEnum):
    """What was observed about a connecting agent; the only list."""

    REACHED = "reached"
    ENROLLED = "enrolled"
    CA_PIN_MISMATCH = "ca_pin_mismatch"
    TOKEN_USED = "token_used"  # noqa: S105 - a code
    TOKEN_EXPIRED = "token_expired"  # noqa: S105
    TOKEN_REVOKED = "token_revoked"  # noqa: S105
    TOKEN_EXHAUSTED = "token_exhausted"  # noqa: S105
    SOURCE_NOT_ALLOWED = "source_not_allowed"
    APPROVAL_PENDING = "approval_pending"
    APPROVAL_REJECTED = "approval_rejected"
    APPROVAL_HELD = "approval_held"
    CLUSTER_EXISTS = "cluster_exists"
    NAME_REQUIRED = "name_required"
    NAME_INVALID = "name_invalid"
    NAME_TAKEN = "name_taken"
    CSR_INVALID = "csr_invalid"
    CLUSTER_MISMATCH = "cluster_mismatch"
    CERTIFICATE_UNKNOWN = "certificate_unknown"
    CERTIFICATE_REVOKED = "revoked"
    CERTIFICATE_EXPIRED = "expired"
    CA_RETIRED = "ca_retired"
    UNSUPPORTED_PROTOCOL = "unsupported_protocol"

    @property
    def is_refusal(self) -> bool:
        return self not in (Code.REACHED, Code.ENROLLED, Code.APPROVAL_PENDING)


_ANOTHER = "Create a new install command and run it: its token is new."
TEXTS: Mapping[Code, tuple[str, str]] = {
    Code.REACHED: ("The agent reached the server.", ""),
    Code.ENROLLED: ("The token was accepted and a certificate was issued.", ""),
    Code.CA_PIN_MISMATCH: (
        "The agent was started with a CA pin that is not this server's.",
        "Copy the whole install command of this server, with its --ca-pin (server.caPin in Helm).",
    ),
    Code.TOKEN_USED: (
        "The token was already used by another agent, or by this agent before it lost its identity.",
        "Create a new install command for this start. An agent keeps its identity with --state-dir, or in its Secret in the cluster.",
    ),
    Code.TOKEN_EXPIRED: ("The token has expired.", _ANOTHER),
    Code.TOKEN_REVOKED: ("The fleet token was revoked.", "Create a new fleet token."),
    Code.TOKEN_EXHAUSTED: ("All uses of the fleet token are spent.", "Create a new fleet token."),
    Code.SOURCE_NOT_ALLOWED: (
        "The agent's address is outside the networks of the fleet token.",
        "Create a fleet token whose source networks include the address that the server sees; a load balancer or NAT can change it.",
    ),
    Code.APPROVAL_PENDING: ("The agent is waiting for approval.", "Approve it: optral fleet approve CLUSTER, or on the cluster's page."),
    Code.APPROVAL_REJECTED: ("The agent's enrollment was rejected.", "Create a new fleet token if the rejection was a mistake."),
    Code.APPROVAL_HELD: (
        "Another agent of this Kubernetes cluster was approved and has not connected yet.",
        "If the approved one is gone, wait 15 minutes, then approve this one; otherwise find out who runs it with the fleet token.",
    ),
    Code.CLUSTER_EXISTS: (
        "This Kubernetes cluster is already connected under another name.",
        "Delete that cluster first, or connect it again with a new install command of its own.",
    ),
    Code.NAME_REQUIRED: (
        "The token's name pattern contains {name}, and the agent sent no name.",
        "Start the agent with --cluster-name (enrollment.clusterName in Helm).",
    ),
    Code.NAME_INVALID: (
        "The name that results from the token's pattern is not a valid cluster name.",
        "Start the agent with another name.",
    ),
    Code.NAME_TAKEN: ("A cluster with the resulting name exists already.", "Start the agent with another name, or delete that cluster."),
    Code.CSR_INVALID: ("The agent's enrollment request is not valid.", "Use the agent of this server's version."),
    Code.CLUSTER_MISMATCH: (
        "The agent runs in a different Kubernetes cluster than the one that was connected under this name.",
        "Check the kubectl context. To replace the old cluster, create a new command: optral clusters install CLUSTER --replace.",
    ),
    Code.CERTIFICATE_UNKNOWN: ("The agent's certificate was not issued for this cluster.", _ANOTHER),
    Code.CERTIFICATE_REVOKED: ("The agent's certificate was revoked.", _ANOTHER),
    Code.CERTIFICATE_EXPIRED: ("The agent's certificate has expired.", _ANOTHER),
    Code.CA_RETIRED: ("The agent's certificate was signed by a CA that was replaced.", _ANOTHER),
    Code.UNSUPPORTED_PROTOCOL: (
        "The agent and the server have no common protocol version.",
        "Install the agent of this server's version.",
    ),
}
"""What happened and what to do, by code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """The attempts with one outcome: how many, and the last one's address, agent version and clock (agent minus server)."""

    code: Code
    count: int
    first_at: datetime
    last_at: datetime
    address: str = ""
    agent_version: str = ""
    clock_offset_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """What an agent said about itself and where it came from; nothing of it is trusted or secret. Texts are cut when they are stored."""

    address: str = ""
    agent_version: str = ""
    cluster_name: str = ""
    clock_offset_ms: int | None = None


class Skew(StrEnum):
    """An agent's version beside the server's: the server supports its own minor version and the one before."""

    CURRENT = "current"
    BEHIND = "behind"
    TOO_OLD = "tooOld"
    AHEAD = "ahead"
    UNKNOWN = "unknown"


_VERSION = re.compile(r"(\d{1,6})\.(\d{1,6})(?:[.+-].*)?")


def skew(agent: str | None, server: str) -> Skew:
    """Compare major and minor version; a text that is no version is unknown."""
    theirs, ours = (_VERSION.fullmatch(text or "") for text in (agent, server))
    if theirs is None or ours is None:
        return Skew.UNKNOWN
    (major, minor), (our_major, our_minor) = ((int(found[1]), int(found[2])) for found in (theirs, ours))
    if (major, minor) == (our_major, our_minor):
        return Skew.CURRENT
    if (major, minor) > (our_major, our_minor):
        return Skew.AHEAD
    is_previous = (major == our_major and minor == our_minor - 1) or (major == our_major - 1 and our_minor == 0)
    return Skew.BEHIND if is_previous else Skew.TOO_OLD


def skew_warning(agent: str | None, server: str) -> tuple[str, str] | None:
    """What happens with such an agent and what to do; None when there is nothing to do."""
    upgrade = f"Upgrade the agent to {server} (helm upgrade, or apply the new manifest); it keeps its identity."
    texts = {
        Skew.BEHIND: (f"The agent has version {agent}, the server {server}. This is supported until the server's next version.", upgrade),
        Skew.TOO_OLD: (
            f"The agent has version {agent}, which server {server} does not support. It still reports; new kinds, verbs and fixes are"
            " missing, and a later server may refuse it.",
            upgrade,
        ),
        Skew.AHEAD: (
            f"The agent has version {agent}, which is newer than the server's {server}. The server ignores what it does not know.",
            "Upgrade the server first, then agents.",
        ),
    }
    return texts.get(skew(agent, server))


class StepState(StrEnum):
    """Of one step. `limited`: done, but a warning says what is missing. `current` with a problem: it waits for a person."""

    DONE = "done"
    LIMITED = "limited"
    CURRENT = "current"
    FAILED = "failed"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `at`: when it was last seen to be done."""

    id: str
    title: str
    state: StepState
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to act on: a code, what happened, and what to do."""

    code: str
    message: str
    fix: str
    at: datetime | None = None
    count: int | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """`problem` is what holds the connection back; `warnings` do not. `fleet_token_id`: with this token its agent enrolls."""

    steps: tuple[Step, ...]
    problem: Notice | None
    warnings: tuple[Notice, ...]
    attempts: tuple[Attempt, ...]
    fleet_token_id: str | None = None

    @property
    def is_ready(self) -> bool:
        return all(step.state in _PASSED for step in self.steps)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the server knows.

    `since`: when the newest token, or a fleet token's use, was created; what is older belongs to an earlier connection.
    `approved_at`: when a person approved the agent that waited; None without an approval. `fleet_token_id`: of the fleet token that created
    the cluster, until its agent connects. `lacks_metrics`: the agent would read the kubelets, and its role does not allow it.
    """

    cluster: Cluster
    attempts: tuple[Attempt, ...]
    since: datetime | None
    approved_at: datetime | None = None
    fleet_token_id: str | None = None
    forbidden: tuple[str, ...]
    lacks_metrics: bool = False
    now: datetime
    server_version: str


_PASSED = frozenset({StepState.DONE, StepState.LIMITED})
_WAITS = frozenset({Code.APPROVAL_PENDING.value})
"""Problems that are no failure: a person has to decide."""


def judge(known: Evidence) -> Progress:
    """The steps in their order, with the first that is not done as the current or failed one."""
    seen = {attempt.code: attempt for attempt in known.attempts}
    problem = _problem(known, seen)
    done = _done(known, seen)
    steps: list[Step] = []
    for step_id, title in _TITLES.items():
        at, is_done = done[step_id]
        if is_done:
            state = StepState.LIMITED if step_id == "ready" and (missing := _missing(known)) else StepState.DONE
        elif any(step.state not in _PASSED for step in steps):
            state = StepState.WAITING
        else:
            state = StepState.CURRENT if problem is None or problem.code in _WAITS else StepState.FAILED
        if state is StepState.LIMITED:
            title = f"Ready, but {missing} cannot be read"
        steps.append(Step(step_id, title, state, at if is_done else None))
    if all(step.state in _PASSED for step in steps):
        problem = None
    recent = tuple(sorted(known.attempts, key=lambda one: one.last_at, reverse=True))
    return Progress(tuple(steps), problem, tuple(_warnings(known, seen)), recent, known.fleet_token_id)


def _missing(known: Evidence) -> str:
    """What RBAC does not allow the agent to read, in a few words; empty if it lacks nothing."""
    kinds = [counted(len(known.forbidden), "kind")] if known.forbidden else []
    return " and ".join([*kinds, *(["metrics"] if known.lacks_metrics else [])])


_TITLES: Mapping[str, str] = {
    "reached": "Agent reached the server",
    "enrolled": "Token accepted, certificate issued",
    "connected": "Tunnel connected",
    "inventory": "Initial inventory complete",
    "ready": "Ready",
}


def _done(known: Evidence, seen: Mapping[Code, Attempt]) -> dict[str, tuple[datetime | None, bool]]:
    """When each step was last seen, and whether that counts."""
    cluster = known.cluster
    is_online = cluster.status is ClusterStatus.ONLINE
    enrolled = seen.get(Code.ENROLLED)
    enrolled_at = enrolled.last_at if enrolled is not None and _counts(enrolled.last_at, known) else None
    contact = max((attempt.last_at for attempt in known.attempts if _counts(attempt.last_at, known)), default=None)
    is_connected = cluster.status.is_connected
    is_enrolled = enrolled_at is not None or is_connected
    return {
        "reached": (contact, contact is not None or is_connected),
        "enrolled": (enrolled_at, is_enrolled),
        "connected": (cluster.last_heartbeat_at, is_connected),
        "inventory": (cluster.synced_at, is_connected and cluster.synced_at is not None),
        "ready": (cluster.last_heartbeat_at, is_online and cluster.synced_at is not None),
    }


def _counts(at: datetime, known: Evidence) -> bool:
    return known.since is None or at >= known.since


def _problem(known: Evidence, seen: Mapping[Code, Attempt]) -> Notice | None:
    """The newest refusal after which the agent got no further, or what its silence means."""
    if known.cluster.status.is_connected:
        return None
    enrolled = seen.get(Code.ENROLLED)
    blocking = [
        attempt
        for attempt in known.attempts
        if (attempt.code.is_refusal or (attempt.code is Code.APPROVAL_PENDING and not _is_approved(attempt, known)))
        and _counts(attempt.last_at, known)
        and (enrolled is None or attempt.last_at > enrolled.last_at)
    ]
    if blocking:
        found = notice(max(blocking, key=lambda one: one.last_at))
        return replace(found, fix=found.fix.replace("CLUSTER", known.cluster.id))
    return _silence(known, seen)


def _is_approved(waiting: Attempt, known: Evidence) -> bool:
    return known.approved_at is not None and known.approved_at >= waiting.last_at


def _silence(known: Evidence, seen: Mapping[Code, Attempt]) -> Notice | None:
    reached, enrolled = (
        attempt if attempt is not None and _counts(attempt.last_at, known) else None
        for attempt in (seen.get(Code.REACHED), seen.get(Code.ENROLLED))
    )
    if enrolled is not None:
        began: datetime | None = enrolled.last_at
    elif reached is not None:  # an agent that cannot enroll reaches the API again and again
        began = reached.first_at if _counts(reached.first_at, known) else reached.last_at
    else:
        began = known.approved_at or known.since
    if began is None or (known.now - began).total_seconds() < NO_CONTACT_S:
        return None
    if enrolled is not None:
        return Notice(
            "tunnel_unreachable",
            "The agent has a certificate, and has not opened its tunnel.",
            "Check that the tunnel port of OPTRAL_AGENT_ADDRESS can be reached from the cluster, that no proxy ends TLS in front of it, and"
            " the agent's clock and log.",
            enrolled.last_at,
        )
    if reached is not None:
        return Notice(
            "enroll_port_unreachable",
            "The agent reached the API of the server, and has not used its token.",
            "Check that the enroll port of OPTRAL_AGENT_ADDRESS can be reached from the cluster, and the agent's log.",
            reached.last_at,
        )
    if known.cluster.status_reason == Reason.CREDENTIALS_REVOKED:
        return None
    if known.approved_at is not None:
        return Notice(
            "no_contact",
            "The agent was approved, and has not come back for its certificate.",
            "Check that the agent still runs (kubectl -n optral get pods): it asks every 15 seconds. If it is refused, see its log."
            " A fleet token that was revoked enrolls nobody, also after an approval.",
            known.approved_at,
        )
    return Notice(
        "no_contact",
        "No agent has reached the server with this token.",
        "Check that the agent runs (kubectl -n optral get pods) and reaches the server's URL; if not, see its log. An agent with"
        " the token of another server is refused with token_unknown, which only its log shows.",
    )


def notice(attempt: Attempt) -> Notice:
    """An attempt as a text."""
    message, fix = TEXTS[attempt.code]
    return Notice(attempt.code.value, message, fix, attempt.last_at, attempt.count, attempt.address or None)


def _warnings(known: Evidence, seen: Mapping[Code, Attempt]) -> Iterable[Notice]:
    offset_ms = known.cluster.clock_offset_ms
    reached = seen.get(Code.REACHED)
    if not known.cluster.status.is_connected and reached is not None and _counts(reached.last_at, known):
        offset_ms = reached.clock_offset_ms
    if offset_ms is not None and abs(offset_ms) > CLOCK_TOLERANCE_MS:
        direction = "ahead of" if offset_ms > 0 else "behind"
        yield Notice(
            "clock_off",
            f"The agent's clock is {counted(abs(offset_ms) // 1000, 'second')} {direction} the server's.",
            "Synchronize both clocks with NTP: certificates are refused when they seem not yet valid or expired.",
        )
    if (warning := skew_warning(known.cluster.agent_version or _last_version(known), known.server_version)) is not None:
        yield Notice("version_skew", *warning)
    if known.forbidden:
        named = ", ".join(known.forbidden[:KINDS_NAMED]) + (", …" if len(known.forbidden) > KINDS_NAMED else "")
        yield Notice(
            "kinds_forbidden",
            f"RBAC does not allow the agent to read {counted(len(known.forbidden), 'kind')}: {named}.",
            "Apply the current chart or manifest, whose role lists these kinds; for custom resources see extraRules of the chart.",
        )

    if known.lacks_metrics:
        yield Notice(
            "metrics_forbidden",
            "RBAC does not allow the agent to read the metrics of nodes and pods: get on nodes/metrics and nodes/stats.",
            "Apply the current chart or manifest, or turn metrics off (metrics.enabled=false in the chart, --no-metrics).",
        )


def _last_version(known: Evidence) -> str | None:
    """Of an agent that has not connected yet."""
    return max(known.attempts, key=lambda one: one.last_at).agent_version if known.attempts else None
