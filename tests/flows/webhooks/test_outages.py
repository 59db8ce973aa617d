"""What becomes of messages when a service fails, in every form: nothing is lost, doubled or out of order. Both databases."""

import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any, NamedTuple

import pytest

from optral.flows.webhooks import manage as flow
from optral.flows.webhooks.delivery import DeliveryWorker
from optral.flows.webhooks.slack_app import SlackDelivery
from optral.flows.webhooks.tickets import TicketSender
from optral.issues.model import Status
from optral.kit import durations
from optral.kit.outbound import Caller, CallFailed, Reply, Request
from optral.kit.outbound_lazy import CallerOnDemand
from optral.mail.model import Answer as MailAnswer, Envelope
from optral.webhooks import model
from optral.webhooks.model import Answer, Credentials, Form, Outcome, Webhook, WebhookSettings
from tests.flows.webhooks.deliveries import KEY, LOOPBACK, World
from tests.flows.webhooks.test_routing import move
from tests.flows.webhooks.test_tickets import Service
from tests.support.serving import on_loop
from tests.support.slack import APP, BOT, CHANNEL, Workspace

Fault = Reply | str
OPEN, END = "open", "end"
DOWN = "connect"


class Provider:
    """Every service at once: what it took, and `fault` or the next of `faults` in place of an answer."""

    def __init__(self, slack: Workspace) -> None:
        self.slack, self.tickets = slack, Service()
        self.fault: Fault | None = None
        self.faults: list[Fault] = []
        self.taken: list[tuple[str, bytes]] = []
        self.subjects: list[str] = []

    def failing(self) -> Fault | None:
        return self.faults.pop(0) if self.faults else self.fault


class Plain(NamedTuple):
    """The sender of forms that are one request."""

    there: Provider

    async def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        fault = self.there.failing()
        if isinstance(fault, str):
            return Answer(error=fault)
        if fault is None or fault.status < 300:
            self.there.taken.append((url, body))
            return Answer(status=200)
        return Answer(status=fault.status, retry_after_s=durations.retry_after_s(fault.headers.get("retry-after")))

    async def close(self) -> None: ...


class Called(NamedTuple):
    """The caller of forms that converse."""

    there: Provider
    real: Caller

    async def call(self, request: Request) -> Reply:
        fault = self.there.failing()
        if isinstance(fault, str):
            raise CallFailed(fault)
        return fault or await self.real.call(request)

    async def close(self) -> None:
        await self.real.close()


class Relay(NamedTuple):
    there: Provider

    async def send(self, envelope: Envelope) -> MailAnswer:
        if self.there.failing() is not None:
            return MailAnswer(text="no connection", is_of_relay=True)
        self.there.subjects.append(envelope.content.subject)
        return MailAnswer(code=250)

    async def close(self) -> None: ...


@pytest.fixture
async def provider(world: World) -> AsyncIterator[Provider]:
    workspace = Workspace(now=world.clock.now().timestamp())
    async with on_loop(workspace.app()) as url:
        workspace.url = url
        there = Provider(workspace)
        slack = SlackDelivery(world.store, Called(there, CallerOnDemand(private=LOOPBACK, uses_proxy=False)))
        tickets = TicketSender(world.store, Called(there, there.tickets))
        world.delivery_worker = DeliveryWorker(
            world.store,
            world.clock,
            key=KEY,
            sender=Plain(there),
            mailer=Relay(there),
            issue_senders={Form.SLACK_APP: slack, Form.TICKET: tickets},
            link="https://optral.example",
        )
        yield there
        await slack.close()


Log = Sequence[tuple[str, str]]
"""(title or id of an issue, `OPEN` or `END`) in the order in which they arrived."""


def _bodies(there: Provider) -> list[dict[str, Any]]:
    return [json.loads(body) for _, body in there.taken]


def _headed(lines: Sequence[str]) -> Log:
    """Of lines such as `New issue: web`."""
    found = [line.rpartition(": ") for line in lines]
    return [(title, END if "resolved" in head.lower() else OPEN) for head, _, title in found]


def _alerts(there: Provider) -> Log:
    """Of the alerts of an issue, one for each severity, the one that fires ends later than the others."""
    sent: list[list[dict[str, Any]]] = [json.loads(body) for _, body in there.taken]
    return [(body[0]["annotations"]["summary"], OPEN if len({one["endsAt"] for one in body}) > 1 else END) for body in sent]


def _states(found: Sequence[tuple[str, bool]]) -> Log:
    """Of messages and tickets that were edited to their end."""
    return [(name, kind) for name, is_open in found for kind in ((OPEN,) if is_open else (OPEN, END))]


class Case(NamedTuple):
    """A form: where it goes, and what arrived there. `of_brief`: what there is of an issue that began and ended in an outage."""

    url: str | None
    log: Callable[[Provider], Log]
    of_brief: Sequence[str] = (END,)
    credentials: Credentials = Credentials()
    channel: str | None = None


HOOK = "https://hooks.example.com/hook"
TOKEN = Credentials(token="integration-key")
CASES: dict[Form, Case] = {
    Form.JSON: Case(
        HOOK,
        lambda there: [(one["data"]["title"], END if one["type"] == "issue.resolved" else OPEN) for one in _bodies(there)],
        of_brief=(OPEN, END),
    ),
    Form.SLACK: Case(HOOK, lambda there: _headed([one["text"] for one in _bodies(there)])),
    Form.TEAMS: Case(HOOK, lambda there: _headed([one["attachments"][0]["content"]["fallbackText"] for one in _bodies(there)])),
    Form.EMAIL: Case("mailto:ops@example.com", lambda there: _headed(there.subjects)),
    Form.ALERTS: Case("https://alerts.example.com/api/v2/alerts", _alerts),
    Form.PAGERDUTY: Case(
        HOOK,
        lambda there: [(one["dedup_key"], END if one["event_action"] == "resolve" else OPEN) for one in _bodies(there)],
        credentials=TOKEN,
    ),
    Form.JSM: Case(
        HOOK,
        lambda there: [
            (json.loads(body).get("alias") or url.removeprefix(f"{HOOK}/").partition("/")[0], END if "/close" in url else OPEN)
            for url, body in there.taken
        ],
        credentials=TOKEN,
    ),
    Form.SLACK_APP: Case(
        None,
        lambda there: _states([(one["text"].rpartition(": ")[2], "Resolved" not in one["text"]) for one in there.slack.roots()]),
        of_brief=(),
        credentials=Credentials(token=BOT, app_token=APP),
        channel=CHANNEL,
    ),
    Form.TICKET: Case(
        "https://api.github.com/repos/shop/ops/issues",
        lambda there: _states([(one["given"]["title"], one["is_open"]) for one in there.tickets.tickets.values()]),
        of_brief=(),
        credentials=TOKEN,
    ),
}


def test_every_form_has_a_case() -> None:
    assert set(CASES) == set(Form)


async def create(world: World, there: Provider, form: Form, **more: Any) -> Webhook:
    case = CASES[form]
    url = case.url or f"{there.slack.url}/api"
    wanted = WebhookSettings(name="ops", form=form, channel=case.channel, **more)
    made, _ = await world.store.write(
        world.owner, lambda tx: flow.create(tx, wanted, key=KEY, url=url, credentials=case.credentials if case.credentials.auth else None)
    )
    return made


async def deliver(world: World, *, after_s: float = 5) -> None:
    await world.tell(after_s=after_s)
    for _ in range(4):
        await world.carry()


async def resolve(world: World, issue_id: str) -> None:
    await move(world, issue_id, "issue.resolved", status=Status.RESOLVED, resolved_at=world.clock.now())


def arrived(there: Provider, form: Form, names: Mapping[str, str]) -> dict[str, list[str]]:
    """What arrived of each issue, by its title; `names` are the titles by id."""
    found: dict[str, list[str]] = {title: [] for title in names.values()}
    for name, kind in CASES[form].log(there):
        found[names.get(name, name)].append(kind)
    return found


@pytest.mark.parametrize("form", Form)
async def test_an_hour_of_outage_loses_doubles_and_reorders_nothing(world: World, provider: Provider, form: Form) -> None:
    hook = await create(world, provider, form)
    ends = await world.issue(title="ends")
    await deliver(world)
    provider.fault = DOWN
    lasts, brief = await world.issue(title="lasts"), await world.issue(title="brief")
    for minute in range(60):
        await deliver(world, after_s=60)
        if minute == 20:
            await resolve(world, ends)
            await resolve(world, brief)
    provider.fault = None
    for _ in range(40):
        await deliver(world, after_s=300)
    found = arrived(provider, form, {ends: "ends", lasts: "lasts", brief: "brief"})
    if form is Form.JSON:  # its order is that of `timestamp`
        found = {title: sorted(kinds, reverse=True) for title, kinds in found.items()}
    assert found == {"ends": [OPEN, END], "lasts": [OPEN], "brief": [*CASES[form].of_brief]}
    left = {(one.status, one.error) for one in await world.deliveries(hook)}
    assert left <= {(Outcome.DELIVERED, None), (Outcome.FAILED, model.SUPERSEDED)}


@pytest.mark.parametrize("form", [form for form in Form if form is not Form.ALERTS])
async def test_an_issue_that_nobody_acknowledges_escalates_once(world: World, provider: Provider, form: Form) -> None:
    """In every form but that of Alertmanager, which escalates itself."""
    await create(world, provider, form, escalation_minutes=15)
    taken, left = await world.issue(title="taken"), await world.issue(title="left")
    await deliver(world)
    await move(world, taken, status=Status.ACKNOWLEDGED)
    await deliver(world, after_s=14 * 60)
    names = {taken: "taken", left: "left"}
    assert arrived(provider, form, names) == {"taken": [], "left": []}
    await deliver(world, after_s=2 * 60)
    await deliver(world, after_s=3600)
    assert arrived(provider, form, names) == {"taken": [], "left": [OPEN]}


HTML = Reply(200, {}, b"<html>a proxy</html>")
FAULTS: dict[str, tuple[Fault, int]] = {
    "connection refused": ("connect", 1),
    "timeout": ("timeout", 1),
    "429": (Reply(429, {}, b""), 0),
    "429 with Retry-After": (Reply(429, {"retry-after": "120"}, b""), 0),
    "5xx": (Reply(503, {}, b""), 1),
    "4xx": (Reply(403, {}, b"{}"), 1),
    "invalid answer": (HTML, 1),
}
"""What the service does once, and the attempts that counts as."""


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("form", [form for form in Form if form is not Form.EMAIL])
async def test_each_fault_keeps_the_message_and_sends_it_once(world: World, provider: Provider, form: Form, fault: str) -> None:
    """The faults of a mail server are in test_email.py."""
    given, attempts = FAULTS[fault]
    hook = await create(world, provider, form)
    issue_id = await world.issue(title="web")
    await world.tell()
    provider.faults = [given]
    await world.carry()
    [one] = await world.deliveries(hook)
    if given is HTML and form not in (Form.SLACK_APP, Form.TICKET):  # of the others, the status alone decides
        assert one.status is Outcome.DELIVERED
    else:
        assert (one.status, one.attempts) == (Outcome.PENDING, attempts)
    if "Retry-After" in fault:
        world.clock.advance(115)
        await world.carry()
        assert arrived(provider, form, {issue_id: "web"}) == {"web": []}
    world.clock.advance(70)
    await world.carry()
    assert arrived(provider, form, {issue_id: "web"}) == {"web": [OPEN]}
    assert [one.status for one in await world.deliveries(hook)] == [Outcome.DELIVERED]
