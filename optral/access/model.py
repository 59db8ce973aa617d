"""Organizations, members, API keys and their rules: formats, scopes, roles, expiry, the hash of an audit record.

An API key is `mht_`, 40 random base62 digits (238 bits) and 6 base62 digits of a CRC-32 over all before: a mistyped key is distinguished
without the database, and secret scanners find ours without false alarms. It is kept as an HMAC, so it can be shown only once.
"""

import hashlib
import hmac
import json
import re
import secrets
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

from optral.terms.actor import Actor, ActorKind, Role
from optral.terms.errors import Forbidden, Invalid
from optral.terms.ids import ClusterId, KeyId, OrgId, UserId

DEFAULT_LIMITS: Mapping[str, int] = {"free": 60, "team": 600, "enterprise": 6000}
"""Requests a minute by plan; the settings may say otherwise."""
PLANS = tuple(DEFAULT_LIMITS)


class ScopeRule(NamedTuple):
    """Who can have a scope: members of the role `least` and above, and which API keys.

    `whole`: keys that are not limited to clusters, since it concerns the whole organization (`api/http/limited_keys.py` says so of each
    route). `none`: people alone, who decide who belongs to an organization: a member would outlive the key that let them in.
    """

    least: Role
    keys: Literal["all", "whole", "none"] = "all"


SCOPE_TABLE: Mapping[str, ScopeRule] = {
    "audit:read": ScopeRule(Role.ADMIN, "whole"),
    "clusters:read": ScopeRule(Role.VIEWER),
    "clusters:write": ScopeRule(Role.ADMIN),
    "detectors:write": ScopeRule(Role.ADMIN),
    "events:read": ScopeRule(Role.VIEWER),
    "forges:read": ScopeRule(Role.ADMIN, "whole"),
    "forges:write": ScopeRule(Role.ADMIN, "whole"),
    "identity:write": ScopeRule(Role.OWNER, "none"),
    "issues:analyze": ScopeRule(Role.OPERATOR),
    "issues:read": ScopeRule(Role.VIEWER),
    "issues:write": ScopeRule(Role.OPERATOR),
    "keys:read": ScopeRule(Role.ADMIN, "whole"),
    "keys:write": ScopeRule(Role.ADMIN, "whole"),
    "logs:read": ScopeRule(Role.OPERATOR),
    "members:read": ScopeRule(Role.VIEWER, "whole"),
    "members:write": ScopeRule(Role.ADMIN, "none"),
    "resources:manifest": ScopeRule(Role.OPERATOR),
    "resources:probe": ScopeRule(Role.OPERATOR),
    "resources:read": ScopeRule(Role.VIEWER),
    "runbooks:approve": ScopeRule(Role.ADMIN),
    "runbooks:execute": ScopeRule(Role.OPERATOR),
    "runbooks:plan": ScopeRule(Role.OPERATOR),
    "runbooks:read": ScopeRule(Role.VIEWER),
    "runbooks:write": ScopeRule(Role.ADMIN, "whole"),
    "webhooks:read": ScopeRule(Role.ADMIN),
    "webhooks:write": ScopeRule(Role.ADMIN),
}
"""Every scope. Roles, keys, the contract and the dashboard's choices of scopes follow from it."""
_ORDER = tuple(Role)  # the highest first
SCOPES = frozenset(SCOPE_TABLE)
KEY_SCOPES = frozenset(scope for scope, rule in SCOPE_TABLE.items() if rule.keys != "none")
LIMITED_KEY_SCOPES = frozenset(scope for scope, rule in SCOPE_TABLE.items() if rule.keys == "all")
"""What a key limited to clusters can have."""
ROLE_SCOPES: Mapping[Role, frozenset[str]] = {
    role: frozenset(scope for scope, rule in SCOPE_TABLE.items() if _ORDER.index(role) <= _ORDER.index(rule.least)) for role in Role
}
KEY_PRESETS: Mapping[str, Role] = {"Read-only": Role.VIEWER, "Read and write": Role.OPERATOR, "Admin": Role.ADMIN}
"""The choices of scopes for a new key on the dashboard: what a member of this role can do, as far as keys can."""

KEY_PREFIX = "mht_"
DEFAULT_LIFE = timedelta(days=90)
LONGEST_LIFE = timedelta(days=366)  # a year, also one with a leap day
_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_KEY_FORM = re.compile(r"mht_[0-9A-Za-z]{46}")
_EMAIL_FORM = re.compile(r"[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f]{1,189}")
GENESIS = bytes(32)
"""What the first audit record of an organization is chained to."""


@dataclass(frozen=True, slots=True)
class Organisation:
    id: OrgId
    name: str
    plan: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Member:
    """A person. Who was removed stays as a row, since what they did names them; `removed_at` tells.

    `is_limited`: has only what bindings give (`bindings.py`), and the role again when the limit is lifted.
    """

    id: UserId
    email: str
    role: Role
    created_at: datetime
    signed_in_at: datetime | None = None
    removed_at: datetime | None = None
    is_limited: bool = False
    provider_id: str | None = None
    """The identity provider whose rules decide the role and the bindings at each sign-in; None: people decide here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySettings:
    """What a person sets of a new key. `expires_at` None: 90 days from now. The others as in `ApiKey`."""

    name: str
    scopes: frozenset[str]
    clusters: frozenset[ClusterId] | None = None
    expires_at: datetime | None = None
    limit_per_minute: int | None = None
    audience: str | None = None
    networks: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """What is known of a key; never the key. `clusters` None: every cluster. `limit_per_minute` None: the plan's alone.

    `audience`: the one part of the API that it opens, such as "mcp"; None: all.
    """

    id: KeyId
    org_id: OrgId
    name: str
    hint: str
    scopes: frozenset[str]
    clusters: frozenset[ClusterId] | None
    limit_per_minute: int | None
    created_by: UserId
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None
    replaced_by: KeyId | None = None
    audience: str | None = None
    networks: frozenset[str] | None = None
    """Where it may be used from (CIDR); None: anywhere."""

    def is_usable(self, now: datetime) -> bool:
        return self.revoked_at is None and now < self.expires_at

    def status(self, now: datetime) -> str:
        """`active`, `expired` or `revoked`."""
        if self.revoked_at is not None:
            return "revoked"
        return "active" if now < self.expires_at else "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFilter:
    """Which keys; revoked keys are listed only when requested."""

    with_revoked: bool = False


@dataclass(frozen=True, slots=True)
class Me:
    """Who the caller is: the actor, the organization, its owner's or the key's person, and the key when it is one."""

    organisation: Organisation
    member: Member | None
    key: ApiKey | None
    scopes: frozenset[str]


class Terms(NamedTuple):
    """What a caller may spend: the organization's plan and the key's own lower cap (requests a minute)."""

    plan: str
    key_limit: int | None


class Window(NamedTuple):
    """A rate limit after this request: how many a window, how many are left, when it ends (Unix seconds, rounded up)."""

    limit: int
    remaining: int
    reset_unix_s: int
    allowed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRecord:
    """One line of an organization's audit chain. `detail` is canonical JSON, the text that was hashed."""

    org_id: str
    seq: int
    id: str
    at: datetime
    actor_kind: str
    actor_id: str
    address: str
    request_id: str
    action: str
    target: str
    outcome: str
    detail: str
    hash: bytes
    cluster_id: str | None = None
    """For finding records; not part of what is hashed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Empty sets and None do not filter. `since` is included, `until` is not."""

    actions: frozenset[str] = frozenset()
    actor_id: str | None = None
    cluster_id: str | None = None
    target: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class Verdict(NamedTuple):
    """What checking a chain showed: how many records were read, and the number of the first that does not fit (None: all fit)."""

    records: int
    broken_at: int | None


def generate_key() -> str:
    """Draw a new API key."""
    return _with_checksum(KEY_PREFIX + "".join(secrets.choice(_BASE62) for _ in range(40)))


def is_key(text: str) -> bool:
    """Tell whether this can be an API key: its form and its checksum fit. Says nothing about existence."""
    return _KEY_FORM.fullmatch(text) is not None and hmac.compare_digest(checksum(text[:-6]), text[-6:])


def checksum(text: str) -> str:
    """Six base62 digits of the CRC-32 of the ASCII text, padded with `0` on the left."""
    number, digits = zlib.crc32(text.encode("ascii")), ""
    for _ in range(6):
        number, digit = divmod(number, 62)
        digits = _BASE62[digit] + digits
    return digits


def digest(pepper: bytes, key: str) -> bytes:
    """What is kept of a key: HMAC-SHA-256 under the pepper. No slow hash: nobody guesses 238 bits."""
    return hmac.digest(pepper, key.encode("ascii"), hashlib.sha256)


def hint(key: str) -> str:
    """What lists show of a key: `mht_0123…cL`."""
    return f"{key[:8]}…{key[-2:]}"


def key_scopes(*, is_limited: bool) -> frozenset[str]:
    """The scopes that a key can have; `is_limited` to clusters."""
    return LIMITED_KEY_SCOPES if is_limited else KEY_SCOPES


def effective_scopes(scopes: frozenset[str], role: Role, *, is_limited: bool = False) -> frozenset[str]:
    """What a key may do now: never more than its maker's present role allows, and nothing that such keys cannot have."""
    return scopes & key_scopes(is_limited=is_limited) & ROLE_SCOPES[role]


def require(actor: Actor, scope: str) -> None:
    """Raise `Forbidden`, naming the scope, unless the actor has it. The system and agents are not asked: their code is their limit."""
    if actor.kind in (ActorKind.SYSTEM, ActorKind.AGENT):
        return
    if actor.kind is ActorKind.KEY and scope not in KEY_SCOPES:
        raise Forbidden(
            "keys_cannot_manage_members", say="API keys cannot change who signs in: members, invitations, identity providers; sign in"
        )
    if scope in actor.scopes:
        return
    if actor.grants == ():
        raise Forbidden("missing_scope", say="no binding gives you access any more; ask an owner or admin", scope=scope)
    if actor.kind is ActorKind.PERSON:
        raise Forbidden("missing_scope", say=f"your role {actor.role} does not include {scope}; ask an owner or admin", scope=scope)
    raise Forbidden("missing_scope", say=f"this API key lacks {scope}; {_remedy(actor, scope)}", scope=scope)


def _remedy(actor: Actor, scope: str) -> str:
    """What gets somebody whose key lacks a scope further."""
    if actor.grants is None and actor.role is not None and scope not in ROLE_SCOPES[actor.role]:
        return f"the role {actor.role} of the member that it acts for does not include it: ask an owner or admin"
    if actor.reach is not None and scope not in LIMITED_KEY_SCOPES:
        return "keys limited to clusters cannot have it: use a key for all clusters"
    preset = next(name for name, role in KEY_PRESETS.items() if scope in ROLE_SCOPES[role])
    return f"log in again with `optral login` and choose {preset}, or use a key that has it"


def checked_name(text: str, *, field: str = "name") -> str:
    """The name without blanks around it; raises `Invalid` unless 1 to 100 printable characters are left."""
    name = text.strip()
    if not 1 <= len(name) <= 100 or not name.isprintable():
        raise Invalid("invalid_name", say=f"{field} must have 1 to 100 printable characters", errors=[_error(field, "invalid_name")])
    return name


def checked_email(text: str) -> str:
    """The address in lower case, so that it is the same account however it is typed; raises `Invalid` for what is none."""
    email = text.strip().lower()
    if _EMAIL_FORM.fullmatch(email) is None:
        raise Invalid("invalid_email", say=f"not an e-mail address: {email[:100]!r}", errors=[_error("email", "invalid_email")])
    return email


def checked_plan(plan: str) -> str:
    if plan not in PLANS:
        raise Invalid("unknown_plan", say=f"plan must be one of {', '.join(PLANS)}", errors=[_error("plan", "unknown_plan")])
    return plan


def checked_scopes(scopes: frozenset[str], actor: Actor, *, is_limited: bool = False) -> frozenset[str]:
    """The scopes of a new key; raises `Invalid` for none or one that such a key cannot have, `Forbidden` for one its maker has not."""
    if not scopes or (unfit := sorted(scopes - key_scopes(is_limited=is_limited))):
        what = f"not for API keys{' limited to clusters' * is_limited}: {', '.join(unfit)}" if scopes else "give at least one"
        raise Invalid("invalid_scopes", say=f"scopes: {what}", errors=[_error("scopes", "invalid_scopes")])
    if actor.kind is not ActorKind.SYSTEM and (beyond := sorted(scopes - actor.scopes)):
        raise Forbidden("beyond_own_rights", say=f"a key cannot have scopes that its creator lacks: {', '.join(beyond)}")
    return scopes


def checked_clusters(clusters: frozenset[ClusterId] | None, actor: Actor) -> frozenset[ClusterId] | None:
    """The clusters of a new key, never more than its maker sees; None (all) becomes the maker's own."""
    if clusters is None:
        own = None if actor.grants is not None else actor.clusters  # what bindings give is asked at each use of the key
        return None if own is None else frozenset(map(ClusterId, own))
    if not clusters:
        raise Invalid("invalid_clusters", say="clusters: list at least one, or omit it for all", errors=[_error("clusters", "empty")])
    if actor.clusters is not None and not clusters <= actor.clusters:
        raise Forbidden("beyond_own_rights", say="a key cannot access clusters that its creator cannot see")
    return clusters


def expiry(wanted: datetime | None, now: datetime) -> datetime:
    """When a new key ends: 90 days from now unless asked, at most a year; raises `Invalid` for the past or beyond."""
    if wanted is None:
        return now + DEFAULT_LIFE
    if not now < wanted <= now + LONGEST_LIFE:
        say = "expiresAt must be in the future and at most one year away"
        raise Invalid("invalid_expiry", say=say, errors=[_error("expiresAt", "invalid_expiry")])
    return wanted


def whole_minute(moment: datetime) -> datetime:
    """The minute this moment is in."""
    return moment.replace(second=0, microsecond=0)


def canonical(value: Any) -> str:
    """JSON with one form only: sorted names, no blanks, ASCII. Takes what JSON has, without floats that are not finite."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def chained(previous: bytes, record: Mapping[str, Any]) -> bytes:
    """The hash that binds a record to the one before it. `record` has the columns of the audit table but `hash`."""
    return hashlib.sha256(previous + canonical(dict(record)).encode("ascii")).digest()


def _with_checksum(body: str) -> str:
    return body + checksum(body)


def _error(field: str, code: str) -> dict[str, str]:
    return {"field": field, "code": code, "message": f"{field}: {code.replace('_', ' ')}"}
