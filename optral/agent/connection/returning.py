"""What an agent does that can no longer connect: perhaps the control plane's CA was rotated while it was away.

It fetches the bootstrap document again. A CA in it that a trusted one endorses is added, and the tunnel opens again. Where nothing in it
can be trusted, the agent logs what to do, but keeps trying until its certificate expires: the document itself proves nothing, and whoever
forges it must not be able to stop an agent.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog
from cryptography import x509

from optral.agent.connection import identity as identities, trust
from optral.agent.connection.bootstrap import Document
from optral.agent.connection.identity import Identity
from optral.kit.clock import Clock
from optral.terms.errors import OptralError

LOOKS_APART_S = 60.0
FAILURES = 3  # a restart of the server takes less
REPLACED = (
    "the control plane's CA was replaced while this agent was away; create a new enrollment token and start the agent with the new"
    " install command (token and --ca-pin)"
)
RETIRED = (
    "this agent's certificate was signed by a CA that was replaced; create a new enrollment token and start the agent with the new"
    " install command (token and --ca-pin)"
)
_VERIFY_FAILED = "CERTIFICATE_VERIFY_FAILED"  # in gRPC's text when the server's certificate is of an unknown CA
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Outcome:
    """The identity with other CAs, or what to tell people; neither when the CA is not the reason."""

    identity: Identity | None = None
    say: str = ""


class Returning:
    """Counts failed attempts to open a session and looks for a rotated CA when that may be why. At most once a minute."""

    def __init__(self, fetch: Callable[[], Awaitable[Document]], clock: Clock) -> None:
        self._fetch, self._clock = fetch, clock
        self._failures = 0
        self._next_look = 0.0
        self._said = ""

    def opened(self) -> None:
        """A session is open."""
        self._failures, self._said = 0, ""

    async def after_failure(self, who: Identity, reason: str) -> Outcome:
        """No session could be opened, for this reason."""
        self._failures += 1
        now = self._clock.monotonic()
        is_suspect = _VERIFY_FAILED in reason or self._failures >= FAILURES
        if not is_suspect or now < self._next_look:
            return Outcome(say=self._said)
        self._next_look = now + LOOKS_APART_S
        try:
            document = await self._fetch()
        except OptralError as error:
            _log.info("the bootstrap document could not be fetched", reason=error.say)
            return Outcome(say=self._said)
        outcome = judge(who, document)
        self._said = outcome.say
        return outcome


def judge(who: Identity, document: Document) -> Outcome:
    """What a bootstrap document means to an agent that cannot get in."""
    bundle = trust.followed(who.bundle_pem, document.roots_pem, document.endorsements)
    if bundle is None:
        return Outcome(say=REPLACED)
    if document.agent_authorities and _issuer_of(who) not in document.agent_authorities:
        return Outcome(say=RETIRED)
    if trust.pins(bundle) != trust.pins(who.bundle_pem):
        return Outcome(identities.with_bundle(who, bundle))
    return Outcome()


def _issuer_of(who: Identity) -> str:
    try:
        issuer = who.certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    except x509.ExtensionNotFound:
        return ""
    return (issuer.key_identifier or b"").hex()
