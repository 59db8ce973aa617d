"""Fleet tokens: one token that enrolls many clusters, each with an identity of its own. Pure rules; the uses are counted in rows."""

import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from optral.clusters import model
from optral.kit.networks import unmapped
from optral.terms.errors import Invalid, Refused

MAX_USES = 1000
MAX_TTL = timedelta(days=90)
MAX_SOURCES = 32
MAX_ACTIVE = 100
"""Tokens of an organization that can still be used."""
MAX_SHOWN = 100
"""Uses that are shown with a token."""
KEPT = timedelta(days=90)
"""How long a token that has ended is listed."""
HELD = timedelta(minutes=15)
"""How long an approved agent has to fetch its certificate and connect before an agent with another key can ask to take its place."""
NAME_FORM = r"[a-z0-9._-]*\{(name|number|uid)\}[a-z0-9._-]*"
"""Regular expression of a token's name pattern."""


class TokenStatus(StrEnum):
    ACTIVE = "active"
    EXHAUSTED = "exhausted"
    EXPIRED = "expired"
    REVOKED = "revoked"


class EnrollmentState(StrEnum):
    """Of one use."""

    WAITING = "waiting"
    APPROVED = "approved"
    REJECTED = "rejected"
    ISSUED = "issued"


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetTokenSettings:
    """What people set of a token, beside its life. `sources`: networks in CIDR notation from which it can be used; empty: any."""

    name: str
    name_pattern: str
    labels: Mapping[str, str] = field(default_factory=dict)
    max_uses: int
    sources: tuple[str, ...] = ()
    needs_approval: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetToken(FleetTokenSettings):
    """One token."""

    id: str
    uses: int = 0
    created_by: str = ""
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None

    def status(self, now: datetime) -> TokenStatus:
        if self.revoked_at is not None:
            return TokenStatus.REVOKED
        if self.expires_at <= now:
            return TokenStatus.EXPIRED
        return TokenStatus.EXHAUSTED if self.uses >= self.max_uses else TokenStatus.ACTIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetEnrollment:
    """One use: the cluster it created, and for which key and Kubernetes cluster. `decided_…`: who approved or rejected an agent that
    waited, and when."""

    cluster_id: str
    token_id: str
    state: EnrollmentState
    kube_system_uid: str
    address: str
    used_key: str
    used_nonce: str
    used_at: datetime
    fingerprint: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None

    @property
    def approved_at(self) -> datetime | None:
        """None while it waits, also when another key was approved before."""
        return self.decided_at if self.state in (EnrollmentState.APPROVED, EnrollmentState.ISSUED) else None


def check_pattern(pattern: str) -> str:
    """The pattern. Raises `Invalid` unless it has exactly one of {name}, {number} and {uid}, otherwise the letters of a cluster name."""
    if re.fullmatch(NAME_FORM, pattern) is None:
        message = "use exactly one of {name}, {number} and {uid}, beside a-z, 0-9, '.', '_' and '-', such as edge-{number}"
        raise Invalid(say="the name pattern is invalid", errors=[{"field": "namePattern", "code": "bad_pattern", "message": message}])
    return pattern


def check_sources(sources: Sequence[str]) -> tuple[str, ...]:
    """The networks in their normal form. Raises `Invalid`."""
    found = []
    for number, text in enumerate(sources[:MAX_SOURCES]):
        try:
            found.append(str(ipaddress.ip_network(text, strict=False)))
        except ValueError:
            message = "use a network in CIDR notation, such as 10.0.0.0/8"
            raise Invalid(
                say="a source network is invalid", errors=[{"field": f"sources.{number}", "code": "bad_network", "message": message}]
            ) from None
    return tuple(found)


def is_allowed(address: str, sources: Sequence[str]) -> bool:
    """Whether an agent at this address may use the token. An address that cannot be read is in no network."""
    if not sources:
        return True
    try:
        found = unmapped(ipaddress.ip_address(address))
    except ValueError:
        return False
    return any(found in ipaddress.ip_network(network) for network in sources)


def name_for(pattern: str, *, wanted: str, number: int, kube_system_uid: str) -> str:
    """The name of a cluster. Raises `Refused`: name_required, name_invalid."""
    if "{name}" in pattern and not wanted:
        raise Refused("name_required", say="the token's name pattern contains {name}: start the agent with --cluster-name")
    name = pattern.replace("{name}", wanted).replace("{number}", str(number)).replace("{uid}", kube_system_uid[:8].lower())
    try:
        return model.check_name(name)
    except Invalid:
        raise Refused("name_invalid", say=f"{name[:100]!r} is not a valid cluster name") from None
