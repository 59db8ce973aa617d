"""People and how they come in: members, sessions, invitations, the first-run link, and their rules. No I/O.

Sessions and links are known by tokens of 256 random bits of which only an HMAC is kept. Whoever holds a wrong, used or old token learns
only that it does not open.
"""

import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from optral.access.model import ROLE_SCOPES, Member, require
from optral.terms.actor import Actor, ActorKind, Role
from optral.terms.errors import Forbidden, Invalid
from optral.terms.ids import OrgId, UserId

SESSION_IDLE = timedelta(hours=12)
SESSION_LIFE = timedelta(days=7)
CONFIRMED_FOR = timedelta(minutes=15)
"""How long a typed password vouches for what needs a fresh sign-in: making keys, approvals."""
CONFIRMED_NOW = timedelta(minutes=2)
"""How long a sign-in at the identity provider stands for the password in the request that gives a powerful role."""
POWERFUL = frozenset({Role.ADMIN, Role.OWNER})
"""Roles that may make keys, members and changes to every cluster. Giving one takes the password again, however new the session."""
INVITE_LIFE = timedelta(days=7)
RESET_LIFE = timedelta(hours=1)
SETUP_LIFE = timedelta(minutes=30)
TRIES, TRIES_WINDOW_S = 5, 15 * 60
SEEN_EVERY = timedelta(minutes=1)
MIN_PASSWORD, MAX_PASSWORD = 12, 256
MAX_OPEN_INVITES = 100
MAX_OPEN_RESETS = 5  # of a member; more are not sent
_TOKEN_FORM = re.compile(r"[A-Za-z0-9_-]{43}")

# What people choose when twelve characters are required; compared in lower case, without what is not a letter or digit.
_COMMON = frozenset(
    """
    123456789012 1234567890123 12345678901234 123456789123 123123123123 111111111111 000000000000 121212121212 098765432109
    qwertyuiop12 qwertyuiop123 qwertyuiopas qwertyuiopasdfgh qwerty123456 qwerty1234567 qwertyqwerty 1q2w3e4r5t6y 1qaz2wsx3edc
    1qaz2wsx3edc4rfv zaq12wsxcde3 q1w2e3r4t5y6 asdfghjkl123 asdfasdfasdf zxcvbnm12345 abcdefghijkl abcdefgh1234 abcd12345678
    abc123456789 aaaaaaaaaaaa password1234 password12345 password123456 password1234567 passwordpassword password2024 password2025
    password2026 passw0rd1234 p4ssw0rd1234 mypassword12 mypassword123 newpassword1 changeme1234 changemechangeme changemenow1 letmein12345
    letmeinletmein welcome12345 welcome123456 welcome12024 welcome12025 welcome12026 iloveyou1234 iloveyouiloveyou sunshine1234
    princess1234 football1234 baseball1234 superman1234 trustno1trustno1 dragon123456 monkey123456 master123456 shadow123456
    admin1234567 admin12345678 administrator administrator1 adminadminadmin adminadmin12 root12345678 rootrootroot test12345678
    testtesttest testpassword secret123456 secretsecret default12345 kubernetes12 kubernetes123 kubernetes1234 optraloptral optral123456
    optralpassword correcthorsebatterystaple
    """.split()  # noqa: SIM905 - a list of words reads better than a list of strings
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One signed-in browser. It ends at `expires_at`, or `SESSION_IDLE` after `seen_at`, which moves once a minute at most."""

    id: str
    org_id: OrgId
    user_id: UserId
    created_at: datetime
    seen_at: datetime
    confirmed_at: datetime
    expires_at: datetime
    address: str = ""
    """The network address of the sign-in."""
    idle: timedelta = SESSION_IDLE
    """How long it lasts without a request."""
    device: str = ""
    """The User-Agent of the sign-in, as the program gave it."""
    provider_id: str | None = None
    """The identity provider that the person signed in with; None: a password."""
    provider_session: str | None = None
    """What the provider calls its own session (`sid`)."""

    @property
    def ends_at(self) -> datetime:
        """When it ends if nothing more is asked with it."""
        return min(self.expires_at, self.seen_at + self.idle)

    def is_usable(self, now: datetime) -> bool:
        return now < self.ends_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Invite:
    """An invitation. `email` None: whoever holds the link chooses."""

    id: str
    org_id: OrgId
    role: Role
    email: str | None
    created_by: str
    created_at: datetime
    expires_at: datetime

    def is_open(self, now: datetime) -> bool:
        return now < self.expires_at


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordReset:
    """A link with which a member can set a password once."""

    org_id: OrgId
    user_id: UserId
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """That a person typed their password, checked against this hash; it holds while that is still their password. Or that they signed in at
    their identity provider again just now, which has no hash."""

    user_id: str
    hash: str = field(default="", repr=False)
    is_by_provider: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupLink:
    """A first-run link. `org_id` None makes the organization, otherwise its owner gets a password."""

    org_id: OrgId | None
    expires_at: datetime


def generate_token() -> str:
    """256 random bits, in 43 characters that stand in a cookie or behind `#` as they are."""
    return secrets.token_urlsafe(32)


def is_token(text: str) -> bool:
    """Tell whether this has the form of a token."""
    return _TOKEN_FORM.fullmatch(text) is not None


def checked_password(text: str, *, email: str) -> str:
    """The password; raises `Invalid("weak_password")` for one that is short, common, or the e-mail address again."""
    if not MIN_PASSWORD <= len(text) <= MAX_PASSWORD:
        raise _weak(f"a password has {MIN_PASSWORD} to {MAX_PASSWORD} characters")
    plain = re.sub(r"[^a-z0-9]", "", text.lower())
    if plain in _COMMON or len(set(text)) < 4 or plain == re.sub(r"[^a-z0-9]", "", email.lower()):
        raise _weak("this password is one of the first that anybody would try; choose another")
    return text


def require_person(actor: Actor) -> None:
    """Raise `Forbidden` when a key wants to make a key: one that leaked must not outlive its own end."""
    if actor.kind is ActorKind.KEY:
        raise Forbidden("keys_cannot_make_keys", say="an API key cannot create API keys; sign in and use Settings, API Keys")


def require_confirmed(actor: Actor, now: datetime) -> None:
    """Raise `Forbidden` unless whoever acts through a session typed the password within 15 minutes. A key has no password to type."""
    if actor.session_id and (actor.confirmed_at is None or now - actor.confirmed_at > CONFIRMED_FOR):
        raise Forbidden("confirmation_required", say="confirm that it is you: POST /v1/session/confirm with the password, then repeat")


def may_give(giver: Role, role: Role) -> bool:
    """Tell whether somebody of one role may invite to, or give, another: never more than their own; only an owner makes an owner."""
    if role is Role.OWNER and giver is not Role.OWNER:
        return False
    return "members:write" in ROLE_SCOPES[giver] and ROLE_SCOPES[role] <= ROLE_SCOPES[giver]


def check_may_give(actor: Actor, role: Role) -> None:
    """Raise `Forbidden` for a role beyond the actor's own rights. A key gives none: its scopes say nothing about people."""
    if actor.kind is ActorKind.SYSTEM:
        return
    require(actor, "members:write")
    if actor.role is None or not may_give(actor.role, role):
        raise Forbidden("beyond_own_rights", say=f"the role {role} has more rights than you have")


def require_proof(actor: Actor, role: Role, proof: Proof | None, *, what: str = "") -> None:
    """Raise `Forbidden("password_required")` unless whoever gives a powerful role typed their password with this very request.

    `what`: what takes such a role, such as "raising unattendedRisk"; giving the role if it is empty.
    """
    if actor.kind is not ActorKind.SYSTEM and role in POWERFUL and (proof is None or proof.user_id != actor.id):
        what = what or f"granting the role {role}"
        raise Forbidden(
            "password_required",
            say=f"{what} requires your own password: send it as password in this request, or sign in at your identity provider again",
        )


def check_may_touch(actor: Actor, member: Member) -> None:
    """Raise `Forbidden` when a key, or somebody with fewer rights, would change or remove a member; people may always leave."""
    if actor.id != member.id:
        check_may_give(actor, member.role)


def _weak(say: str) -> Invalid:
    return Invalid("weak_password", say=say, errors=[{"field": "password", "code": "weak_password", "message": say}])
