"""Identity providers as values: what people set, which identities they know, and which rights follow from the claims of a person. No I/O.

A person is known by provider and subject (`sub`), which never changes, and not by an email address, which can be given to somebody else. An
address finds an existing member once: if the provider says that it verified the address, and the address is in a domain that the owners
of the organization entered.
"""

import hashlib
import re
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

from optral.terms.actor import Role
from optral.terms.errors import Invalid

MAX_PROVIDERS = 10
MAX_RULES = 100
MAX_DOMAINS = 50
ANY_VALUE = "*"
ATTEMPT_LIFE = timedelta(minutes=10)
"""How long a person has to sign in at the provider."""
DEFAULT_SCOPES = ("openid", "email", "profile")
CALLBACK_PATH = "/sign-in/callback"
SIGNED_OUT_PATH = "/signed-out"
MICROSOFT = "https://login.microsoftonline."
"""How issuers of Microsoft Entra ID begin."""
_MAX_MICROSOFT_URL = 2_000  # a longer one is refused (AADSTS90015): ID tokens of people in many groups
_ISSUER = re.compile(r"https?://[^\s/?#@\\]+(?:/[^\s?#\\]*)?", re.ASCII)
_DOMAIN = re.compile(r"(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+")
_LOCAL_PART = re.compile(r"[^@\s\x00-\x1f\x7f-\x9f\ud800-\udfff]{1,64}")
_KELVIN = "\u212a"
"""The one character besides K that is k in lower case; the domain that verified an address with it does not vouch for the other."""
_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,100}")
_IDENTIFYING = frozenset({"sub", "oid", "email", "email_verified"})
_ROLES = tuple(Role)  # the highest first


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Who has `value` in the claim gets the role: in these places, or in the whole organization if the rule names none."""

    claim: str
    value: str
    role: Role
    clusters: frozenset[str] | None = None
    namespaces: frozenset[str] | None = None
    cluster_labels: Mapping[str, str] | None = None

    @property
    def is_whole(self) -> bool:
        return self.clusters is None and self.namespaces is None and self.cluster_labels is None

    def matches(self, claims: Mapping[str, Any]) -> bool:
        """Whether the claim has exactly this value, or contains it as an element; `*` fits any value but an empty one."""
        found = claim(claims, self.claim)
        given = found if isinstance(found, list) else [found]
        texts = [text for one in given if (text := _text(one))]
        return bool(texts) if self.value == ANY_VALUE else self.value in texts


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderSettings:
    """What owners set of a provider, beside its secret. `rules` are JSON; see `Provider.parsed_rules`.

    `trusts_email`: the addresses in `domains` count as verified though the provider does not send `email_verified`.
    `creates_members`: whoever a rule gives a role becomes a member with the first sign-in. `reads_userinfo`: claims of rules that the ID
    token lacks are read from the provider's userinfo endpoint. `ends_provider_session`: who signs out here is sent to the provider, which
    ends its own session, too.
    """

    name: str
    issuer: str
    client_id: str
    scopes: Sequence[str] = DEFAULT_SCOPES
    domains: Sequence[str] = ()
    trusts_email: bool = False
    creates_members: bool = False
    reads_userinfo: bool = False
    ends_provider_session: bool = False
    is_enabled: bool = True
    rules: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider(ProviderSettings):
    """One provider. `client_secret` is sealed; None: a public client, which PKCE alone protects."""

    id: str
    org_id: str
    client_secret: bytes | None = field(default=None, repr=False)
    created_by: str
    created_at: datetime
    updated_at: datetime
    revision: int = 1

    def parsed_rules(self) -> list[Rule]:
        return [parsed(rule) for rule in self.rules]

    def missing(self, claims: Mapping[str, Any]) -> set[str]:
        """The claims of rules that these claims lack. Who somebody is, the ID token alone says."""
        wanted = {rule["claim"] if rule["claim"] in claims else rule["claim"].partition(".")[0] for rule in self.rules}
        return {name for name in wanted if name not in claims} - _IDENTIFYING

    def left_out(self, claims: Mapping[str, Any]) -> set[str]:
        """The claims of rules that Microsoft Entra ID does not send because the person is in too many groups."""
        names = claims.get("_claim_names")
        found = set(names) if isinstance(names, Mapping) else set()
        if claims.get("hasgroups") in (True, "true"):
            found.add("groups")
        return found & self.missing(claims)

    def trusted_email(self, claims: Mapping[str, Any]) -> str | None:
        """The address by which a member may be found or created; None when nothing vouches for it."""
        email = claims.get("email")
        if not isinstance(email, str) or _KELVIN in email or not (claims.get("email_verified") is True or self.trusts_email):
            return None
        local, _, domain = email.lower().rpartition("@")
        return f"{local}@{domain}" if domain in self.domains and _LOCAL_PART.fullmatch(local) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Whose subject of a provider this is."""

    provider_id: str
    subject: str
    user_id: str
    created_at: datetime
    signed_in_at: datetime


class Rights(NamedTuple):
    """What the rules give: a role in the whole organization, or one role for each of some places; neither: no access."""

    role: Role | None
    bindings: Sequence[Rule]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A sign-in that has begun: what only the browser that began it has, sealed in its cookie.

    `session`: the session to confirm; empty for a sign-in.
    """

    provider_id: str
    org_id: str
    session: str
    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    at: int
    """Unix time of its beginning."""

    def is_open(self, now: datetime) -> bool:
        return 0 <= now.timestamp() + 1 - self.at <= ATTEMPT_LIFE.total_seconds()


def begin(provider: Provider, *, session: str, now: datetime) -> Attempt:
    return Attempt(
        provider_id=provider.id,
        org_id=provider.org_id,
        session=session,
        state=secrets.token_urlsafe(32),
        nonce=secrets.token_urlsafe(32),
        verifier=secrets.token_urlsafe(48),
        at=int(now.timestamp()),
    )


def authorization_url(endpoint: str, provider: Provider, attempt: Attempt, *, redirect_uri: str) -> str:
    """Where the browser goes. To confirm a session, the provider is asked to have the person sign in again."""
    asked = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": redirect_uri,
        "scope": " ".join(provider.scopes),
        "state": attempt.state,
        "nonce": attempt.nonce,
        "code_challenge": challenge(attempt.verifier),
        "code_challenge_method": "S256",
    }
    if attempt.session:
        asked |= {"prompt": "login", "max_age": "0"}
    return _with_query(endpoint, asked)


def logout_url(endpoint: str, provider: Provider, *, id_token: str | None, return_uri: str) -> str:
    """Where the browser ends the session at the provider (RP-Initiated Logout 1.0, 2). With the ID token, most ask no question."""
    asked = {"client_id": provider.client_id, "post_logout_redirect_uri": return_uri, "state": secrets.token_urlsafe(32)}
    without = _with_query(endpoint, asked)
    if id_token is None:
        return without
    url = _with_query(endpoint, {"id_token_hint": id_token, **asked})
    return without if provider.issuer.startswith(MICROSOFT) and len(url) > _MAX_MICROSOFT_URL else url


def _with_query(endpoint: str, asked: Mapping[str, str]) -> str:
    return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{urlencode(asked)}"


def challenge(verifier: str) -> str:
    """The S256 challenge of a PKCE verifier (RFC 7636)."""
    return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def rights(rules: Iterable[Rule], claims: Mapping[str, Any]) -> Rights:
    """What these claims give by the rules; the highest role for the whole organization outweighs roles in places."""
    matching = [rule for rule in rules if rule.matches(claims)]
    whole = [rule.role for rule in matching if rule.is_whole]
    if whole:
        return Rights(min(whole, key=_ROLES.index), ())
    places = {(rule.role, rule.clusters, rule.namespaces, tuple(sorted((rule.cluster_labels or {}).items()))): rule for rule in matching}
    return Rights(None, tuple(places.values()))


def claim(claims: Mapping[str, Any], path: str) -> Any:
    """The value of a claim; `realm_access.roles` is found inside an object where there is no claim of the whole name."""
    if path in claims:
        return claims[path]
    found: Any = claims
    for name in path.split("."):
        if not isinstance(found, Mapping) or name not in found:
            return None
        found = found[name]
    return found


def parsed(rule: Mapping[str, Any]) -> Rule:
    def places(name: str) -> frozenset[str] | None:
        return None if rule.get(name) is None else frozenset(rule[name])

    return Rule(
        claim=rule["claim"],
        value=rule["value"],
        role=Role(rule["role"]),
        clusters=places("clusters"),
        namespaces=places("namespaces"),
        cluster_labels=rule.get("clusterLabels"),
    )


def checked(given: ProviderSettings) -> None:
    """Raise `Invalid("invalid_provider")` for settings that cannot work."""
    if not _ISSUER.fullmatch(given.issuer):
        raise invalid("issuer", "the issuer must be the https:// URL that the provider documents, without ? and #")
    if "openid" not in given.scopes or not all(_SCOPE.fullmatch(one) for one in given.scopes):
        raise invalid("scopes", "scopes must include openid, and none may contain spaces or quotation marks")
    if bad := [one for one in given.domains if not _DOMAIN.fullmatch(one)]:
        raise invalid("domains", f"{bad[0][:64]} is not a domain in lower case, such as example.com")
    if given.creates_members and not (given.rules and given.domains):
        name = "domains" if given.rules else "rules"
        raise invalid(name, "createsMembers needs a rule that says which role new members get, and the domains of their email addresses")
    if any(Role(rule["role"]) is Role.OWNER for rule in given.rules):
        raise invalid("rules", "a rule cannot make owners; choose admin, operator or viewer")


def invalid(name: str, say: str) -> Invalid:
    return Invalid("invalid_provider", say=say, errors=[{"field": name, "code": "invalid_provider", "message": say}])


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else str(value) if isinstance(value, int) else ""
