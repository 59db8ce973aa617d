"""What a cluster is, how it is named, and when it counts as present.

Presence is judged from how long a cluster has been silent and whether it said goodbye; `judge` is pure, so its table is tested on a fake
clock. A bare end of the stream is no goodbye: a killed agent looks exactly like a lost network, and both wait for the missed heartbeats.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from optral.kit.printable import one_line
from optral.terms.errors import Invalid
from optral.terms.ids import ClusterId, OrgId

HEARTBEAT_S = 15
DEGRADED_AFTER_S = 30.0  # two missed heartbeats
OFFLINE_AFTER_S = 45.0  # three missed heartbeats; a rolling node upgrade always loses one
GOODBYE_OFFLINE_AFTER_S = 10.0  # a restarting agent says goodbye and is back within seconds: no flap
START_GRACE_S = 60.0  # after a server start agents need time to come back (full jitter up to 60 s) before any counts as offline

TOKEN_TTL_S = 3600
TOKEN_REPLAY_S = 600.0  # the answer to an enrollment may be lost on the wire; the same key and nonce get it again
TOKENS_KEPT = 10  # unused tokens per cluster; the oldest go
MAX_CLOCK_OFFSET_MS = 366 * 24 * 3600 * 1000

_NAME = re.compile(r"[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?")
_LABEL_KEY = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._/-]{0,61}[A-Za-z0-9])?")
_LABEL_VALUE = re.compile(r"([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?")
_TOKEN = re.compile(r"mhe_[0-9A-Za-z]{43}")
MAX_LABELS = 32


class ClusterStatus(StrEnum):
    PENDING = "pending"
    ONLINE = "online"
    DEGRADED = "degraded"
    OFFLINE = "offline"

    @property
    def is_connected(self) -> bool:
        """Whether the agent reports now, on time or late."""
        return self in (ClusterStatus.ONLINE, ClusterStatus.DEGRADED)


class Reason(StrEnum):
    """Why a cluster has its status; online has none, except for what its agent does wrong (`REMARKS`)."""

    NEVER_CONNECTED = "never_connected"
    AWAITS_APPROVAL = "awaits_approval"
    HEARTBEAT_LATE = "heartbeat_late"
    HEARTBEATS_MISSED = "heartbeats_missed"
    AGENT_STOPPED = "agent_stopped"
    CREDENTIALS_REVOKED = "credentials_revoked"
    TWO_AGENTS = "two_agents_one_identity"
    PROTOCOL_ERROR = "protocol_error"
    CERTIFICATE_EXPIRED = "certificate_expired"
    DELETED = "deleted"


REMARKS = frozenset({Reason.TWO_AGENTS, Reason.PROTOCOL_ERROR})
"""What an agent does wrong while it is connected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """One connected (or not yet connected) Kubernetes cluster. Times are the server's; `clock_offset_ms` is cluster minus server."""

    id: str
    org_id: str
    name: str
    labels: Mapping[str, str] = field(default_factory=dict)
    status: ClusterStatus = ClusterStatus.PENDING
    status_reason: str | None = Reason.NEVER_CONNECTED
    last_heartbeat_at: datetime | None = None
    agent_version: str | None = None
    agent_instance: str | None = None
    agent_capabilities: tuple[str, ...] = ()
    agent_cert_expires_at: datetime | None = None
    kubernetes_version: str | None = None
    kube_system_uid: str | None = None
    clock_offset_ms: int | None = None
    synced_at: datetime | None = None
    fence: int = 0
    created_at: datetime
    updated_at: datetime
    version: int = 1

    @property
    def standing(self) -> "ClusterFreshness":
        """Whether what is stored of the cluster is current."""
        return standing(self.name, self.status, self.last_heartbeat_at)


class ClusterFreshness(NamedTuple):
    """What belongs beside everything that is read from a cluster's rows: the cluster's name, and whether the rows are current.

    `stale_since` is the last heartbeat: the rows show the cluster as it was then. None while they are current, and when no agent ever
    connected.
    """

    name: str
    stale: bool
    stale_since: datetime | None


def standing(name: str, status: ClusterStatus, seen_at: datetime | None) -> ClusterFreshness:
    """Judge by the status alone, which is presence's judgment (`flows/clusters/presence.py`).

    The heartbeat is not compared with the wall clock here: presence does not trust it either. A server judges all clusters once before it
    answers anybody, so a status from before a restart is not shown as current.
    """
    is_current = status is ClusterStatus.ONLINE
    return ClusterFreshness(name, not is_current, None if is_current else seen_at)


class PresenceRow(NamedTuple):
    """A cluster with what presence is judged from."""

    cluster: Cluster
    closed_at: datetime | None
    closed_reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterFilter:
    """Which clusters; every given field must fit. `ids` None means all; the actor's own limit comes on top."""

    ids: frozenset[str] | None = None
    status: frozenset[ClusterStatus] | None = None
    name_contains: str | None = None


@dataclass(frozen=True, slots=True)
class ClusterState:
    """What ingest needs to know of a cluster: its name, its clock (cluster minus server), and whether it was ever complete."""

    id: str
    name: str
    clock_offset: timedelta
    synced_at: datetime | None
    status: ClusterStatus
    standing: ClusterFreshness


@dataclass(frozen=True, slots=True)
class SessionRef:
    """One connection of a cluster's agent. `fence` is its number: a higher one has taken over. `kinds` holds `Kind.id`s it reports."""

    org_id: str
    cluster_id: str
    fence: int
    kinds: frozenset[str]


@dataclass(frozen=True, slots=True)
class Identity:
    """Who an agent is, taken from its verified certificate alone. `fingerprint` is the hex SHA-256 of the certificate.

    `issuer_key_id` is the key identifier (hex) of the authority that signed it.
    """

    org_id: OrgId
    cluster_id: ClusterId
    fingerprint: str
    not_after: datetime
    issuer_key_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentFacts:
    """What an agent says about itself and its cluster. Texts are cut by `AgentFacts.clean`."""

    agent_version: str = ""
    kubernetes_version: str = ""
    capabilities: tuple[str, ...] = ()
    kube_system_uid: str = ""
    instance: str = ""

    def clean(self) -> "AgentFacts":
        """The same with every text printable, ≤ 100 characters, and at most 64 capabilities."""
        return AgentFacts(
            agent_version=_printable(self.agent_version),
            kubernetes_version=_printable(self.kubernetes_version),
            capabilities=tuple(sorted({_printable(name) for name in self.capabilities[:64]})),
            kube_system_uid=_printable(self.kube_system_uid),
            instance=_printable(self.instance),
        )


class Admission(NamedTuple):
    """What opening a session gave: its fence, the cluster before and after (to tell what an operator would see change)."""

    fence: int
    before: Cluster
    after: Cluster
    revoked: int  # older certificates that ended with this one's first use


@dataclass(frozen=True, slots=True)
class Sighting:
    """What is known about a cluster's presence. Ages in seconds; None: never (or not since it was last seen)."""

    status: ClusterStatus
    silent_s: float | None
    closed_s: float | None = None
    closed_reason: str | None = None
    in_grace: bool = False
    remark: Reason | None = None


class Verdict(NamedTuple):
    status: ClusterStatus
    reason: str | None


def judge(seen: Sighting) -> Verdict:
    """The status a cluster has now. Never goes offline while `in_grace` (just after a server start); never leaves pending unheard."""
    if seen.silent_s is None:
        return Verdict(ClusterStatus.PENDING, Reason.NEVER_CONNECTED)
    refused = seen.remark if seen.remark is Reason.PROTOCOL_ERROR else None
    closed = Verdict(ClusterStatus.OFFLINE, seen.closed_reason or Reason.AGENT_STOPPED)
    if not seen.in_grace or seen.status is ClusterStatus.OFFLINE:
        if seen.closed_s is not None and seen.closed_s >= GOODBYE_OFFLINE_AFTER_S:
            return closed
        if seen.silent_s >= OFFLINE_AFTER_S:
            return Verdict(ClusterStatus.OFFLINE, refused or Reason.HEARTBEATS_MISSED)
    if seen.status is ClusterStatus.OFFLINE and seen.closed_s is not None:
        return closed
    if seen.silent_s >= DEGRADED_AFTER_S:
        # Silence never makes an offline cluster look better.
        return Verdict(
            ClusterStatus.OFFLINE if seen.status is ClusterStatus.OFFLINE else ClusterStatus.DEGRADED, refused or Reason.HEARTBEAT_LATE
        )
    return Verdict(ClusterStatus.ONLINE, seen.remark)


def check_name(name: str) -> str:
    """Return the name; raises `Invalid` unless it is 1–63 of a–z, 0–9, `.`, `_`, `-`, begins and ends with a letter or digit.

    A name that looks like an id is refused, since filters take either.
    """
    if _NAME.fullmatch(name) is None or name.startswith("cls_"):
        raise Invalid(
            say="the cluster name is invalid",
            errors=[
                {
                    "field": "name",
                    "code": "bad_name",
                    "message": "use 1 to 63 of a-z, 0-9, '.', '_', '-'; begin and end with a letter or digit; not 'cls_…'",
                }
            ],
        )
    return name


def check_labels(labels: Mapping[str, str]) -> dict[str, str]:
    """Return the labels; raises `Invalid` for more than 32 or for keys and values beyond Kubernetes' own label rules."""
    errors = [
        {"field": f"labels.{key[:63]}", "code": "bad_label", "message": "use up to 63 letters, digits, '.', '_', '-' (and '/' in keys)"}
        for key, value in labels.items()
        if _LABEL_KEY.fullmatch(key) is None or _LABEL_VALUE.fullmatch(value) is None
    ]
    if len(labels) > MAX_LABELS:
        errors.append({"field": "labels", "code": "too_many", "message": f"at most {MAX_LABELS} labels"})
    if errors:
        raise Invalid(say="the labels are invalid", errors=errors[:20])
    return dict(labels)


def is_token(text: str) -> bool:
    """Tell whether the text has the form of an enrollment token; only such a text is ever put into a command or a manifest."""
    return _TOKEN.fullmatch(text) is not None


def facts_differ(before: Cluster, after: Cluster) -> bool:
    """Whether an operator would see another agent or Kubernetes version, or other capabilities."""
    seen: list[tuple[Any, ...]] = [
        (c.agent_version, c.agent_capabilities, c.kubernetes_version, c.kube_system_uid) for c in (before, after)
    ]
    return seen[0] != seen[1]


def _printable(text: str) -> str:
    return one_line(text[:100]).strip()
