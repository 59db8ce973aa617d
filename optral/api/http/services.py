"""The dependencies of the HTTP edge, in one value."""

import asyncio
import hashlib
import hmac
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from optral.access.service import Authenticator, Limiter
from optral.analysis.model import Offer
from optral.api.events.tickets import Tickets
from optral.api.http.counted import Totals
from optral.api.http.kept_coverage import CoverageRecords
from optral.api.http.refusals import Refusals
from optral.api.http.stream import StreamLimits
from optral.clusters.connection import Contact
from optral.flows.people.device import Grants, Logins
from optral.flows.people.password_reset import PasswordResets
from optral.flows.people.provider_sign_in import ProviderSessions
from optral.flows.people.provisioning import ScimCallers
from optral.flows.people.sign_in import Sessions
from optral.identity.protocol import Providers
from optral.install.addresses import Addresses
from optral.kit.clock import Clock
from optral.kit.outbound import Caller
from optral.kit.outbound_lazy import CallerOnDemand
from optral.mail.service import Outbox
from optral.store.store import Store

if TYPE_CHECKING:
    from optral.flows.analysis.questions import Questions
    from optral.flows.slack.actions import Rest
    from optral.terms.actor import Actor

Check = Callable[[], Awaitable[bool]]
FirstContact = Callable[[str, str | None, Contact], Awaitable[None]]
"""Takes a hint of the agent's token, the CA pin that the agent was given, and the agent's details."""


@dataclass(kw_only=True)
class ApiServices:
    """Passed to `api.app.build`.

    `checks`: the checks of /readyz by name; one that does not answer within a second has failed. `warnings`: shown by /readyz, without
    effect on its status. `pepper`: the key for list cursors here, and for API keys in `access`. `sealing_key` (32 bytes): encrypts the
    URLs of webhooks, the tokens of forges and the secrets of identity providers. `forge_caller`, `identity_caller`, `webhook_caller`:
    how requests to forges, identity providers and Alertmanagers leave; closed by whoever made them. `addresses`, `enroll_address`,
    `tunnel_address` and `trust` (the CA certificates): written to the configuration of agents. `polls_events`: on if other processes write
    events too (PostgreSQL).
    `insecure_http`: people may sign in over plain HTTP. `longest_wait_s`: the limit of `?wait=`. `stopping`: set before the listener
    stops, so that open streams end at once and do not delay it. `detector_failures`: how often a detector raised in this process, by
    issue type. `offer`: the language model that organizations may enable; `questions` asks it. `first_contact`: records an agent that
    asks where to enroll. `outbox`: how e-mail is sent; None if it is not.
    """

    store: Store
    clock: Clock
    authenticator: Authenticator
    limiter: Limiter
    pepper: bytes
    sealing_key: bytes
    addresses: Addresses
    forge_caller: Caller = field(default_factory=CallerOnDemand)
    identity_caller: Caller = field(default_factory=CallerOnDemand)
    webhook_caller: Caller = field(default_factory=CallerOnDemand)
    enroll_address: str = ""
    tunnel_address: str = ""
    trust: Callable[[], Mapping[str, object]] = dict
    warnings: Callable[[], Sequence[str]] = tuple
    checks: Mapping[str, Check] = field(default_factory=dict)
    polls_events: bool = False
    insecure_http: bool = False
    offer: Offer | None = None
    outbox: Outbox | None = None
    questions: "Questions | None" = None
    detector_failures: Callable[[], Mapping[str, int]] = dict
    first_contact: FirstContact | None = None
    as_member: "Callable[[Actor], Rest] | None" = None
    """Asks the routes of this process as a member; set when the application is built."""
    handler_deadline_s: float = 30.0
    longest_wait_s: float = 25.0
    heartbeat_s: float = 15.0
    stream_max_age_s: float = 3600.0
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    streams: StreamLimits = field(default_factory=StreamLimits)
    totals: Totals = field(default_factory=Totals)
    refusals: Refusals = field(default_factory=Refusals)
    coverage: CoverageRecords = field(default_factory=CoverageRecords)

    @cached_property
    def tickets(self) -> Tickets:
        return Tickets(self.clock, self.authenticator, self.limiter, shared=self.pepper if self.polls_events else None)

    @cached_property
    def sessions(self) -> Sessions:
        return Sessions(self.store, self.limiter, self.pepper)

    @cached_property
    def password_resets(self) -> PasswordResets:
        return PasswordResets(self.store, self.limiter, self.pepper, self.outbox)

    @cached_property
    def provider_sessions(self) -> ProviderSessions:
        providers = Providers(self.identity_caller, self.clock)
        return ProviderSessions(self.store, providers, self.clock, self.limiter, pepper=self.pepper, key=self.sealing_key)

    @cached_property
    def scim_callers(self) -> ScimCallers:
        return ScimCallers(self.store, self.pepper)

    @cached_property
    def logins(self) -> Logins:
        return Logins(self.store, self.limiter, self.pepper)

    @cached_property
    def grants(self) -> Grants:
        return Grants(self.store, self.pepper)

    @cached_property
    def cursor_key(self) -> bytes:
        """The key that seals cursors, derived from the pepper for this purpose only."""
        return hmac.digest(self.pepper, b"optral list cursors", hashlib.sha256)
