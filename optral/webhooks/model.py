"""Webhooks as values: which events they get, how a delivery is retried, when a webhook is disabled.

The event log is the outbox: a webhook has the number of the last event that was judged for it, so no event is delivered twice or lost. A
delivery keeps its body, its id (the `webhook-id` that receivers use against doubles) and what the endpoint answered last.
"""

import base64
import re
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal
from urllib.parse import urlsplit

from yarl import URL

from optral.kit import guard
from optral.kit.retry import spread_s
from optral.kit.signature import Secrets
from optral.terms.errors import Invalid
from optral.terms.mailbox import checked_address
from optral.terms.severity import Severity
from optral.webhooks.quiet import QuietHours
from optral.webhooks.ticket_template import TicketTemplate, invalid as invalid_template

MAX_WEBHOOKS = 50  # of one organization
MAX_BODY_BYTES = 32 * 1024
LEASE = timedelta(seconds=60)  # a worker that died is replaced after this
NEXT_CHANGE_AFTER = timedelta(seconds=1)  # while an earlier change of the same issue is being sent
RETRY_AFTER_S = (5, 300, 1800, 7200, 18_000, 36_000, 36_000)  # the schedule Standard Webhooks recommends, about 28 hours
GIVEN_UP_AFTER = timedelta(days=5)  # of failures only
GIVEN_UP_FAILURES = 10  # at least, on end: a delivery alone has eight attempts
UNKNOWN_AFTER = timedelta(hours=24)  # without an attempt: the endpoint may have worked meanwhile, so the count starts again
ROLL_OVERLAP = timedelta(hours=24)
REFUSED = "refused_recipient"  # by the mail server, for good
MAILTO = "mailto:"
TICKET_DELETED = "ticket_deleted"  # there, by a person: it is not created again
UNREADABLE = "unreadable"  # the address and the secret could not be unsealed: nothing was sent, and trying again is no use
DISABLED, DELETED = "disabled", "deleted"  # the webhook was, while the delivery waited
SUPERSEDED = "superseded"  # a later delivery about the same issue says what holds now
ACKNOWLEDGED = "acknowledged"  # or resolved, or silent, before the webhook was to be notified
RATE_LIMITED = "ratelimited"  # what Slack calls it
PATIENCE = timedelta(hours=24)  # so long after a delivery was created, a rate limit is no attempt; later it is one
TEST = "webhook.test"
REFRESH_EVERY = timedelta(minutes=1)
"""How often alerts are sent to an Alertmanager again while their issues are open."""
ALERTS_PATH = "/api/v2/alerts"
WEEKLY = "digest.weekly"
DIGEST_HOUR = 7  # UTC, on Mondays
TICKETS = re.compile(
    r"(?P<api>https?://.+?)(?:/repos/(?P<repository>[\w.-]+/[\w.-]+)/issues|/projects/(?P<project>[\w.%-]+)/issues"
    r"|/rest/api/2/project/(?P<key>[A-Za-z][A-Za-z0-9_]*))",
    re.ASCII,
)
"""Where tickets of a project are: in the APIs of GitHub and Gitea, of GitLab, of Jira."""
MOVES = ("issue.created", "issue.updated", "issue.resolved")
DIGEST = "issue.digest"
"""One delivery about the issues of a storm, to people."""
STORM_MESSAGES = 20  # in a minute to one endpoint that people read; further issues are in a digest
MAX_DIGEST = 500  # issues in one digest
MAX_ESCALATION = timedelta(hours=24)
MAX_HOLD = timedelta(days=7)
EventName = Literal[
    "analysis.ready",
    "approval.requested",
    "audit.anchor",
    "cluster.offline",
    "cluster.online",
    "digest.weekly",
    "execution.breakGlass",
    "issue.created",
    "issue.resolved",
    "issue.updated",
    "runbook.completed",
    "runbook.notification",
    "runbook.started",
]
"""The event types that a webhook can subscribe to."""
DEFAULT_EVENTS = frozenset({"issue.created", "issue.resolved"})
_CHANNEL = re.compile(r"[CGD][A-Z0-9]{2,30}", re.ASCII)
_URL = re.compile(r"https?://[^\s/?#@\\]+(?:[/?][^\s#]*)?", re.ASCII)


class Form(StrEnum):
    """`json`: the event. `slack`: a message for Slack and compatible services. `teams`: an Adaptive Card for Microsoft Teams.
    `email`: an e-mail. `alerts`: alerts for the API of Alertmanager. `pagerduty`, `jsm`: the alert of an
    issue in PagerDuty, in Jira Service Management. `slack-app`: a message of each issue, which an app of Slack edits until the issue
    resolves. `ticket`: an issue of GitHub, GitLab, Gitea or Jira for each issue."""

    JSON = "json"
    SLACK = "slack"
    TEAMS = "teams"
    EMAIL = "email"
    ALERTS = "alerts"
    PAGERDUTY = "pagerduty"
    JSM = "jsm"
    SLACK_APP = "slack-app"
    TICKET = "ticket"

    @property
    def follows(self) -> bool:
        """Whether deliveries carry the present state of an issue, whatever the events: what they tell is not a message but an alert."""
        return self in (Form.ALERTS, Form.PAGERDUTY, Form.JSM, Form.SLACK_APP, Form.TICKET)

    @property
    def is_read(self) -> bool:
        """Whether people read each delivery."""
        return self in (Form.SLACK, Form.TEAMS, Form.EMAIL)

    @property
    def has_digest(self) -> bool:
        """Whether many issues that open at once are one message."""
        return self.is_read or self is Form.SLACK_APP

    @property
    def shown_changes(self) -> frozenset[str]:
        """Of a form that follows issues: the changes of an issue that change what is shown of it."""
        return _ALERT_CHANGES | {"fix"} if self.shown_events else _ALERT_CHANGES

    @property
    def shown_events(self) -> frozenset[str]:
        """Of a form that follows issues: the events that change what is shown of an issue, beside its own."""
        return _MESSAGE_EVENTS if self is Form.SLACK_APP else frozenset()


_ALERT_CHANGES = frozenset({"status", "severity", "substatus", "parentIssueId"})
_MESSAGE_EVENTS = frozenset({"analysis.ready", "approval.requested", "approval.approved", "approval.rejected", "runbook.completed"})


URLS = {
    Form.PAGERDUTY: "https://events.pagerduty.com/v2/enqueue",
    Form.JSM: "https://api.atlassian.com/jsm/ops/integration/v2/alerts",
    Form.SLACK_APP: "https://slack.com/api",
}
"""Where services are reached that have one address for everybody."""


class Auth(StrEnum):
    """How requests authenticate, beside their signature."""

    BASIC = "basic"
    BEARER = "bearer"
    APP = "app"  # of Slack, which has buttons


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """A name and a password, or a token; all empty: none. `app_token`: of an app of Slack, for its buttons."""

    username: str = ""
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    app_token: str = field(default="", repr=False)

    @property
    def auth(self) -> Auth | None:
        if self.app_token:
            return Auth.APP
        return Auth.BEARER if self.token else Auth.BASIC if self.username else None

    @property
    def headers(self) -> dict[str, str]:
        """The header that carries them."""
        basic = base64.b64encode(f"{self.username}:{self.password}".encode()).decode()
        if self.auth is None:
            return {}
        return {"authorization": f"Basic {basic}" if self.auth is Auth.BASIC else f"Bearer {self.token}"}


class Ended(StrEnum):
    """Why a webhook is off."""

    BY_HAND = "manual"
    GONE = "gone"  # the endpoint answered 410
    FAILING = "failing"  # five days of attempts without one success


class Outcome(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which events are delivered. None: any. The last four concern events about issues; others pass them. `query` is of the language in
    which issues are listed; flows/webhooks/routing.py asks it."""

    events: frozenset[str] = DEFAULT_EVENTS
    clusters: frozenset[str] | None = None
    namespaces: frozenset[str] | None = None
    issue_types: frozenset[str] | None = None
    min_severity: Severity | None = None
    query: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What filters ask of an event. The last three are None where no issue is concerned."""

    event: str
    cluster_id: str | None
    namespace: str | None = None
    issue_type: str | None = None
    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """Where to send, and what to sign and authenticate with; rests sealed. `previous` signs too until `previous_until`. `incoming`: what
    the service signs its own requests with."""

    url: str = field(repr=False)
    secret: str = field(repr=False)
    previous: str | None = field(default=None, repr=False)
    previous_until: datetime | None = None
    credentials: Credentials = Credentials()
    incoming: Secrets | None = field(default=None, repr=False)

    def secrets(self, now: datetime) -> tuple[str, ...]:
        """The secrets that sign now, the newest first."""
        return Secrets(self.secret, self.previous, self.previous_until).valid(now)

    def keys_of(self, form: Form, now: datetime) -> tuple[str, ...]:
        """What a request of the service may be signed with, or carry; none where it may not send any."""
        if form is Form.PAGERDUTY:
            return () if self.incoming is None else self.incoming.valid(now)
        return self.secrets(now) if form is Form.JSM else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSettings:
    """What people set of a webhook, beside its address. Notifications are held until `held_until`, and in the quiet hours.

    `escalation_minutes`: issues are sent only when nobody has acknowledged them so many minutes after they opened; 0: at once. `channel`:
    of the form `slack-app`, the id of the channel. `ticket`: of the form `ticket`, what its tickets are created with."""

    name: str
    form: Form = Form.JSON
    channel: str | None = None
    ticket: TicketTemplate | None = None
    is_enabled: bool = True
    filters: Filters = field(default_factory=Filters)
    quiet_hours: QuietHours | None = None
    held_until: datetime | None = None
    escalation_minutes: int = 0

    def release_at(self, now: datetime, severity: Severity | None) -> datetime:
        """When a notification may leave: now, or when what holds it ends."""
        held = max(now, self.held_until or now)
        return held if self.quiet_hours is None else self.quiet_hours.release_at(held, severity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook(WebhookSettings):
    """One endpoint. `shown_url` has no path and no query, which could be passwords; `cursor` is the last event judged for it.

    `failures` counts the attempts that failed since `failing_since`, with no success between; `failed_at` is the last of them.
    `digest_at`: of the form `email`, when its weekly digest is due, if it gets one.
    `refresh_at`: of the form `alerts`, when its alerts are sent again; `refresh_error` is what the last refresh came to."""

    id: str
    org_id: str
    shown_url: str
    ended: Ended | None = None
    auth: Auth | None = None
    target: bytes = field(repr=False)
    cursor: int
    failing_since: datetime | None = None
    failures: int = 0
    failed_at: datetime | None = None
    digest_at: datetime | None = None
    refresh_at: datetime | None = None
    refreshed_at: datetime | None = None
    refresh_error: str | None = None
    created_by: str
    created_at: datetime
    updated_at: datetime
    revision: int = 1

    @property
    def has_buttons(self) -> bool:
        """Whether people act on its messages."""
        return self.auth is Auth.APP


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One event on its way to one endpoint. `due_at` None: no more attempts. `tried` counts attempts since it was last requested.
    `claimed_at`: since when it is being sent. `verdict`: what a message for people says of the cause of an issue: its id, or the status of
    an analysis without one."""

    id: str
    org_id: str
    webhook_id: str
    event: str
    event_seq: int | None
    subject_id: str | None
    status: Outcome = Outcome.PENDING
    body: str
    attempts: int = 0
    tried: int = 0
    due_at: datetime | None
    claimed_at: datetime | None = None
    answered: int | None = None
    error: str | None = None
    message: str | None = None
    verdict: str | None = None
    took_ms: int | None = None
    created_at: datetime
    attempted_at: datetime | None = None
    delivered_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """Organizations and webhooks whose deliveries are skipped for now."""

    orgs: frozenset[str] = frozenset()
    webhooks: frozenset[str] = frozenset()

    def and_webhooks(self, more: Collection[str]) -> "LeftOut":
        return replace(self, webhooks=self.webhooks.union(more))


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an attempt came to. No `status`: `error` says why (`dns`, `connect`, `tls`, `timeout`, `refused_address`, `unreadable`).
    `message`: the same for people, with what the service said."""

    status: int | None = None
    error: str | None = None
    message: str | None = None
    retry_after_s: float | None = None
    took_ms: int = 0

    @property
    def is_good(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_gone(self) -> bool:
        return self.status == 410

    @property
    def is_rate_limited(self) -> bool:
        return self.status == 429 or self.error == RATE_LIMITED

    @property
    def is_final(self) -> bool:
        """Whether the same delivery would fare no better later."""
        return self.is_gone or self.error in (UNREADABLE, REFUSED, TICKET_DELETED)


def next_digest(now: datetime) -> datetime:
    """The next Monday at 07:00 UTC."""
    monday = (now - timedelta(days=now.weekday())).replace(hour=DIGEST_HOUR, minute=0, second=0, microsecond=0)
    return monday if monday > now else monday + timedelta(days=7)


def wants(filters: Filters, about: About) -> bool:
    """Whether this webhook gets this event."""
    return about.event in filters.events and covers(filters, about)


def covers(filters: Filters, about: About) -> bool:
    """Whether this webhook gets events about this, whatever their type."""
    if filters.clusters is not None and about.cluster_id not in filters.clusters:
        return False
    if about.severity is None:
        return True
    if filters.min_severity is not None and about.severity.rank < filters.min_severity.rank:
        return False
    if filters.issue_types is not None and about.issue_type not in filters.issue_types:
        return False
    return filters.namespaces is None or about.namespace in filters.namespaces


def any_issue(filters: Filters) -> Filters:
    """The filters with which an alert that was opened goes on: whatever its severity and its query became."""
    return replace(filters, min_severity=None, query=None)


def after_attempt(delivery: Delivery, answer: Answer, *, now: datetime, chance: float) -> Delivery:
    """The delivery after an attempt: delivered, due again, or failed for good. `chance` in 0–1 spreads the next attempt by ± 20 %."""
    if answer.is_rate_limited and (age := now - delivery.created_at) < PATIENCE:
        wait_s = min(answer.retry_after_s or max(RETRY_AFTER_S[0], age.total_seconds() / 4), RETRY_AFTER_S[-1])
        due_at = now + timedelta(seconds=wait_s + chance)
        held = replace(delivery, answered=answer.status, error=RATE_LIMITED, message=answer.message)
        return replace(held, attempted_at=now, claimed_at=None, due_at=due_at)
    tried = delivery.tried + 1
    common = replace(
        delivery,
        attempts=delivery.attempts + 1,
        tried=tried,
        answered=answer.status,
        error=answer.error,
        message=answer.message,
        took_ms=answer.took_ms,
        attempted_at=now,
        claimed_at=None,
    )
    if answer.is_good:
        return replace(common, status=Outcome.DELIVERED, delivered_at=now, due_at=None)
    if answer.is_final or tried > len(RETRY_AFTER_S):
        return replace(common, status=Outcome.FAILED, due_at=None)
    wait_s = spread_s(RETRY_AFTER_S[tried - 1], chance)
    requested_s = min(answer.retry_after_s or 0.0, RETRY_AFTER_S[-1])
    return replace(common, due_at=now + timedelta(seconds=max(wait_s, requested_s)))


def after_answer(webhook: Webhook, answer: Answer, *, now: datetime) -> Webhook:
    """The webhook after an attempt: an endpoint that is gone, or failed at each of many attempts over five days, is asked no more."""
    if answer.error in (UNREADABLE, TICKET_DELETED) or answer.is_rate_limited:
        return webhook  # not a failure of the endpoint
    if answer.is_good:
        return forgiven(webhook)
    is_on_end = webhook.failing_since is not None and webhook.failed_at is not None and now - webhook.failed_at <= UNKNOWN_AFTER
    since, failures = (webhook.failing_since or now, webhook.failures + 1) if is_on_end else (now, 1)
    noted = replace(webhook, failing_since=since, failures=failures, failed_at=now)
    if answer.is_gone:
        return replace(noted, is_enabled=False, ended=Ended.GONE)
    if now - since >= GIVEN_UP_AFTER and failures >= GIVEN_UP_FAILURES:
        return replace(noted, is_enabled=False, ended=Ended.FAILING)
    return noted


def forgiven(webhook: Webhook) -> Webhook:
    """The webhook without a memory of failures."""
    return replace(webhook, failing_since=None, failures=0, failed_at=None)


def checked_url(url: str, form: Form) -> str:
    """The address, if it is one that could be called. Raises `Invalid`. Whether it may be is judged at each call."""
    if form is Form.EMAIL:
        if not url.startswith(MAILTO):
            raise _no_address("e-mail goes to an address such as mailto:ops@example.com", "no address of the form mailto:…")
        return MAILTO + checked_address(url.removeprefix(MAILTO))
    try:
        parts = urlsplit(url)
        is_good = len(url) <= 2000 and bool(_URL.fullmatch(url)) and bool(parts.hostname) and parts.port != 0
        host = URL(url).raw_host or ""  # as it will be dialled: `１２７。1` is `127.1` by then
    except ValueError:
        is_good, host = False, ""
    if not is_good:
        raise _no_address("give an https:// address without user, password and fragment", "not an address that can be called")
    if guard.is_short_number(host):
        raise _no_address(f"the host {host} is a number; write an IPv4 address in full, as 192.0.2.1", "not an IPv4 address in full")
    if form is Form.ALERTS and not parts.path.endswith(ALERTS_PATH):
        raise _no_address(f"alerts go to the API of Alertmanager: https://alertmanager.example.com{ALERTS_PATH}", "no API for alerts")
    if form is Form.TICKET and TICKETS.fullmatch(url) is None:
        say = "give the project in the API: https://api.github.com/repos/OWNER/NAME/issues, https://gitlab.com/api/v4/projects/ID/issues, "
        raise _no_address(
            f"{say}https://git.example.com/api/v1/repos/OWNER/NAME/issues, https://example.atlassian.net/rest/api/2/project/KEY",
            "no project whose tickets Optral knows",
        )
    return url


def checked_credentials(given: Credentials, form: Form) -> Credentials:
    """Raises `Invalid`."""
    if form is Form.SLACK_APP and not (given.token.startswith("xoxb-") and (not given.app_token or given.app_token.startswith("xapp-"))):
        raise _no_credentials("the form slack-app needs a token, which begins with xoxb-; the appToken for its buttons begins with xapp-")
    if given.app_token and form is not Form.SLACK_APP:
        raise _no_credentials("only the form slack-app has an appToken")
    _require_credentials(given, form)
    if given.token and (given.username or given.password):
        raise _no_credentials("give either a token, or a username and a password")
    if bool(given.username) is not bool(given.password) or ":" in given.username:
        raise _no_credentials("give a username without a colon, and a password")
    return given


def renewed(known: Secrets | None, secret: str, form: Form, now: datetime) -> Secrets | None:
    """What a service signs with after it has another secret; the one before is valid for 24 hours more. Empty: none. Raises `Invalid`."""
    if form is not Form.PAGERDUTY:
        say = "only the form pagerduty has a signing secret; Jira Service Management sends the secret of the webhook as a bearer token"
        raise Invalid("invalid_credentials", say=say, errors=[{"field": "signingSecret", "code": "invalid_credentials", "message": say}])
    if not secret:
        return None
    if known is None or known.secret == secret:
        return known or Secrets(secret)
    return Secrets(secret, previous=known.secret, previous_until=now + ROLL_OVERLAP)


def _require_credentials(given: Credentials, form: Form) -> None:
    if form is Form.TICKET and given.auth is None:
        raise _no_credentials("tickets need a token; for Jira Cloud, a username (the e-mail address) and the API token as password")
    if form in URLS and not given.token:
        raise _no_credentials(f"the form {form.value} needs a token: the integration key of the service")


def check_settings(made: WebhookSettings, *, now: datetime) -> None:
    """Raises `Invalid`."""
    if made.quiet_hours is not None:
        made.quiet_hours.check()
    if made.form is Form.ALERTS and (made.filters.query or made.quiet_hours or made.held_until or made.escalation_minutes):
        say = "Alertmanager routes, holds and escalates alerts itself: leave out query, quietHours, heldUntil and escalationMinutes"
        raise Invalid("not_for_alerts", say=say)
    if (made.channel is not None and made.form is not Form.SLACK_APP) or (made.form is Form.SLACK_APP and not _is_channel(made.channel)):
        say = "the form slack-app, and no other, needs the id of a channel, such as C0123456789: open the details of the channel in Slack"
        raise Invalid("invalid_channel", say=say, errors=[{"field": "channel", "code": "invalid_channel", "message": say}])
    if WEEKLY in made.filters.events and made.form is not Form.EMAIL:
        say = f"only webhooks of the form email can have the event {WEEKLY}"
        raise Invalid("not_for_form", say=say, errors=[{"field": "filters.events", "code": "not_for_form", "message": say}])
    if made.held_until is not None and made.held_until > now + MAX_HOLD:
        say = "heldUntil may be at most seven days away"
        raise Invalid("held_too_long", say=say, errors=[{"field": "heldUntil", "code": "held_too_long", "message": say}])


def check_template(made: WebhookSettings, url: str) -> None:
    """Raises `Invalid` for a template that is none for the tickets at this address of `checked_url`."""
    if made.ticket is not None:
        if made.form is not Form.TICKET:
            raise invalid_template("", "only the form ticket has a template of tickets")
        found = TICKETS.fullmatch(url)
        made.ticket.check(is_jira=found is not None and found["key"] is not None)


def _is_channel(given: str | None) -> bool:
    return given is not None and _CHANNEL.fullmatch(given) is not None


def _no_credentials(say: str) -> Invalid:
    return Invalid("invalid_credentials", say=say, errors=[{"field": "credentials", "code": "invalid_credentials", "message": say}])


def _no_address(say: str, why: str) -> Invalid:
    return Invalid("invalid_webhook_url", say=say, errors=[{"field": "url", "code": "invalid_webhook_url", "message": why}])


def shown(url: str, form: Form) -> str:
    """The address as it may be shown: its host, since a path can be a password, and so can a query; of e-mail all of it, of tickets their
    project too, which the links to them name."""
    if url.startswith(MAILTO):
        return url
    found = TICKETS.fullmatch(url) if form is Form.TICKET else None
    if found is not None:
        return shown(found["api"], Form.JSON) + url[found.end("api") :]
    parts = urlsplit(url)
    path = "/…" if parts.path not in ("", "/") else parts.path
    return f"{parts.scheme}://{parts.netloc}{path}{'?…' if parts.query else ''}"
