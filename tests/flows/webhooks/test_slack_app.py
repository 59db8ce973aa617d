"""The app of Slack: one message for each issue, edited until it resolves, with a thread; whatever Slack answers, never two messages."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from optral.events import service as events
from optral.events.model import NewEvent
from optral.flows.issues import triage
from optral.flows.webhooks import manage as flow
from optral.flows.webhooks.delivery import DeliveryWorker
from optral.flows.webhooks.slack_app import SlackDelivery
from optral.issues import repository as issue_rows, service as issues
from optral.issues.model import Issue, Status
from optral.issues.triage.triage import Change
from optral.kit.outbound_lazy import CallerOnDemand
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms.actor import Role, system
from optral.terms.errors import Invalid
from optral.terms.ids import OrgId
from optral.terms.severity import Severity
from optral.webhooks import model, threads
from optral.webhooks.model import Credentials, Filters, Form, Outcome, Webhook, WebhookSettings
from optral.webhooks.sender import SenderOnDemand
from tests.conftest import ActorMaker
from tests.flows.webhooks.deliveries import KEY, LOOPBACK, World
from tests.support.clock import FakeClock
from tests.support.serving import on_loop
from tests.support.slack import APP, BOT, CHANNEL, LOST, OTHER_CHANNEL, Workspace


@pytest.fixture
async def slack(clock: FakeClock) -> AsyncIterator[Workspace]:
    workspace = Workspace(now=clock.now().timestamp())
    async with on_loop(workspace.app()) as url:
        workspace.url = url
        yield workspace


@pytest.fixture
async def world(store: Store, clock: FakeClock, org: OrgId, actor: ActorMaker) -> AsyncIterator[World]:
    sender = SenderOnDemand(private=LOOPBACK)
    made = World(store, clock, org, actor(role=Role.OWNER), sender)
    slack = SlackDelivery(store, CallerOnDemand(private=LOOPBACK, uses_proxy=False))
    made.delivery_worker = DeliveryWorker(
        store, clock, key=KEY, sender=sender, issue_senders={Form.SLACK_APP: slack}, link="https://optral.example"
    )
    yield made
    await slack.close()
    await sender.close()


async def hook(world: World, slack: Workspace, *, app_token: str = APP, **more: Any) -> Webhook:
    wanted = WebhookSettings(name="ops", form=Form.SLACK_APP, channel=CHANNEL, **more)
    tokens = Credentials(token=BOT, app_token=app_token)
    made, _ = await world.store.write(world.owner, lambda tx: flow.create(tx, wanted, key=KEY, url=f"{slack.url}/api", credentials=tokens))
    return made


async def deliver(world: World) -> None:
    await world.tell()
    await world.carry()


async def change(world: World, issue_id: str, data: dict[str, Any], kind: str = "issue.updated", **fields: Any) -> None:
    """A change of an issue as detectors make it."""

    def job(tx: Transaction) -> None:
        before = issues.get(tx, issue_id)
        issue_rows.update(tx, [replace(before, version=before.version + 1, **fields)])
        events.append(tx, [NewEvent(kind, world.cluster, issue_id, {"id": issue_id, "changes": data})])

    await world.store.write(system(world.org), job)


async def acknowledge(world: World, issue_id: str) -> Issue:
    return await world.store.write(world.owner, lambda tx: triage.change(tx, issue_id, Change(status=Status.ACKNOWLEDGED)))


def texts(message: dict[str, Any]) -> str:
    return json.dumps(message["blocks"], ensure_ascii=False)


async def test_an_issue_is_one_message_until_it_resolves(world: World, slack: Workspace) -> None:
    await hook(world, slack)
    issue_id = await world.issue()
    await deliver(world)
    [message] = slack.roots()
    assert message["channel"] == CHANNEL
    assert message["text"] == "🟠 Open: Container api was killed for memory"
    assert f"<https://optral.example/issues/{issue_id}|Container api was killed for memory>" in texts(message)
    assert "Acknowledge" in texts(message)
    await acknowledge(world, issue_id)
    await deliver(world)
    [message] = slack.roots()
    assert "Acknowledged" in message["text"]
    assert "acknowledged it" in texts(slack.replies(message["ts"])[0])
    await change(world, issue_id, {}, "issue.resolved", status=Status.RESOLVED)
    await deliver(world)
    [message] = slack.roots()
    assert message["text"].startswith("✅ Resolved")
    assert "actions" not in {block["type"] for block in message["blocks"]}


async def test_a_message_without_an_app_token_has_no_buttons(world: World, slack: Workspace) -> None:
    await hook(world, slack, app_token="")
    await world.issue()
    await deliver(world)
    assert "actions" not in {block["type"] for block in slack.roots()[0]["blocks"]}


async def test_a_lost_answer_makes_no_second_message(world: World, slack: Workspace) -> None:
    """As after a crash between the message and the commit: the row of the thread is there, without the id of the message."""
    made = await hook(world, slack)
    issue_id = await world.issue()
    slack.faults["chat.postMessage"] = [LOST]
    await deliver(world)
    begun = await world.store.read(world.owner, lambda tx: threads.get(tx, made.id, issue_id))
    assert begun is not None
    assert begun.remote_id is None
    world.clock.advance(10)
    await world.carry()
    [message] = slack.roots()
    assert [len(slack.of(name)) for name in ("conversations.history", "chat.update")] == [1, 1]
    kept = await world.store.read(world.owner, lambda tx: threads.get(tx, made.id, issue_id))
    assert kept is not None
    assert kept.remote_id == f"{CHANNEL}:{message['ts']}"


async def test_a_lost_request_is_repeated(world: World, slack: Workspace) -> None:
    made = await hook(world, slack)
    issue_id = await world.issue()
    await world.tell()
    await world.store.write(world.owner, lambda tx: threads.begin(tx, made.id, issue_id))  # and the server died
    await world.carry()
    assert len(slack.roots()) == 1


async def test_a_lost_answer_is_found_behind_many_other_messages(world: World, slack: Workspace) -> None:
    slack.page_size = 2
    await hook(world, slack)
    await world.issue()
    slack.faults["chat.postMessage"] = [LOST]
    await deliver(world)
    for index in range(5):
        ts = f"{slack.now:.0f}.5{index:05d}"
        slack.messages[ts] = {"channel": CHANNEL, "ts": ts, "text": "of a person"}
    world.clock.advance(10)
    await world.carry()
    assert len(slack.of("conversations.history")) == 3
    assert len(slack.of("chat.postMessage")) == 1


async def test_an_answer_that_is_lost_late_makes_no_second_message(world: World, slack: Workspace) -> None:
    """The first request was lost, so that the row of the thread is much older than the message."""
    made = await hook(world, slack)
    issue_id = await world.issue()
    await world.tell()
    await world.store.write(world.owner, lambda tx: threads.begin(tx, made.id, issue_id))  # and the server died
    world.clock.advance(1800)
    slack.now += 1800
    slack.faults["chat.postMessage"] = [LOST]
    await world.carry()
    world.clock.advance(10)
    await world.carry()
    assert len(slack.roots()) == 1


async def test_a_lost_reply_is_not_repeated(world: World, slack: Workspace) -> None:
    await hook(world, slack)
    issue_id = await world.issue()
    await deliver(world)
    await acknowledge(world, issue_id)
    slack.faults["chat.postMessage"] = [LOST]
    await deliver(world)
    world.clock.advance(10)
    await world.carry()
    assert len(slack.replies(slack.roots()[0]["ts"])) == 1


async def test_a_rate_limit_is_waited_for_and_is_no_failure(world: World, slack: Workspace) -> None:
    made = await hook(world, slack)
    await world.issue()
    slack.faults["chat.postMessage"] = [429]
    await deliver(world)
    [delivery] = await world.deliveries(made)
    assert (delivery.status, delivery.attempts, delivery.error) == (Outcome.PENDING, 0, "ratelimited")
    world.clock.advance(29)
    await world.carry()
    assert slack.roots() == []
    world.clock.advance(3)
    await world.carry()
    assert len(slack.roots()) == 1
    assert (await world.kept(made)).failures == 0


@pytest.mark.parametrize("error", ["channel_not_found", "not_in_channel", "is_archived", "token_revoked", "missing_scope"])
async def test_an_error_of_slack_is_shown_and_tried_again(world: World, slack: Workspace, error: str) -> None:
    made = await hook(world, slack)
    await world.issue()
    slack.faults["chat.postMessage"] = [error]
    await deliver(world)
    [delivery] = await world.deliveries(made)
    assert (delivery.status, delivery.attempts, delivery.error) == (Outcome.PENDING, 1, error)
    world.clock.advance(10)
    await world.carry()
    assert len(slack.roots()) == 1
    assert slack.of("conversations.history") == []  # Slack had said that there is none


async def test_a_message_that_somebody_deleted_is_posted_again(world: World, slack: Workspace) -> None:
    await hook(world, slack)
    issue_id = await world.issue()
    await deliver(world)
    slack.messages.clear()
    await acknowledge(world, issue_id)
    await deliver(world)
    assert "Acknowledged" in slack.roots()[0]["text"]


@pytest.mark.parametrize("error", ["channel_not_found", "not_in_channel", "is_archived"])
async def test_an_issue_moves_to_the_new_channel_when_the_old_one_is_closed(world: World, slack: Workspace, error: str) -> None:
    made = await hook(world, slack)
    issue_id = await world.issue()
    await deliver(world)
    await world.store.write(world.owner, lambda tx: flow.change(tx, made.id, lambda hook: replace(hook, channel=OTHER_CHANNEL), key=KEY))
    slack.faults["chat.update"] = [error]
    await acknowledge(world, issue_id)
    await deliver(world)
    assert [one["channel"] for one in slack.roots()] == [CHANNEL, OTHER_CHANNEL]
    assert "Acknowledged" in slack.roots()[1]["text"]


async def test_an_issue_that_ended_while_slack_was_down_gets_no_message(world: World, slack: Workspace) -> None:
    made = await hook(world, slack)
    issue_id = await world.issue()
    slack.faults["chat.postMessage"] = [503]
    await deliver(world)
    await change(world, issue_id, {}, "issue.resolved", status=Status.RESOLVED)
    await deliver(world)
    world.clock.advance(400)
    await world.carry()
    assert slack.roots() == []
    assert {one.error for one in await world.deliveries(made)} == {"superseded", None}


async def test_text_of_a_cluster_mentions_nobody_and_links_nowhere(world: World, slack: Workspace) -> None:
    await hook(world, slack)
    await world.issue(title="<!channel> <https://evil.example|click> & @here " + "x" * 5000)
    await deliver(world)
    [message] = slack.roots()
    assert "<!channel>" not in texts(message)
    assert "&lt;!channel&gt; &lt;https://evil.example|click&gt; &amp; @here" in texts(message)
    markdown = [block["text"] for block in message["blocks"] if block["type"] == "section"]
    assert all(text["verbatim"] and len(text["text"]) <= 3000 for text in markdown)
    assert (message["parse"], message["link_names"]) == ("none", "false")


async def test_a_test_is_a_message_of_its_own(world: World, slack: Workspace) -> None:
    made = await hook(world, slack)
    await world.store.write(world.owner, lambda tx: flow.test(tx, made.id))
    await world.carry()
    assert slack.roots()[0]["text"] == "Test: notifications of the webhook ops arrive here. No action is needed."


async def test_severity_that_rises_is_in_the_message(world: World, slack: Workspace) -> None:
    await hook(world, slack, filters=Filters())
    issue_id = await world.issue()
    await deliver(world)
    await change(world, issue_id, {"severity": {"from": "high", "to": "critical"}}, severity=Severity.CRITICAL)
    await deliver(world)
    assert slack.roots()[0]["text"].startswith("🔴")


async def storm(world: World, count: int, **more: Any) -> list[str]:
    """So many issues at once, and all that is sent of them."""
    made = [await world.issue(title=f"issue {number}", **more) for number in range(count)]
    await world.tell(after_s=61)
    for _ in range(count):
        await world.carry()
    world.clock.advance(61)
    await world.carry()
    return made


async def test_a_storm_is_twenty_messages_and_a_digest(world: World, slack: Workspace) -> None:
    """An issue of the digest gets a message of its own when it comes back, and none for what else becomes of it."""
    await hook(world, slack)
    made = await storm(world, 50)
    *own, digest = slack.roots()
    assert len(own) == model.STORM_MESSAGES
    assert digest["text"] == "🟠 New issues: 30 more issues"
    await acknowledge(world, made[30])
    await change(world, made[40], {}, "issue.resolved", status=Status.RESOLVED)
    await deliver(world)
    assert len(slack.roots()) == model.STORM_MESSAGES + 1
    await change(world, made[40], {"status": {"from": "resolved", "to": "open"}}, status=Status.OPEN)
    await deliver(world)
    assert slack.roots()[-1]["text"].endswith("Open: issue 40")


async def test_a_thousand_issues_in_a_minute_are_one_message_each_or_named_in_the_digest(world: World, slack: Workspace) -> None:
    await hook(world, slack)
    await world.issues(1000)
    await world.tell(after_s=61)
    await world.tell(after_s=0)
    for _ in range(model.STORM_MESSAGES):
        await world.carry()
    world.clock.advance(61)
    await world.carry()
    *own, digest = slack.roots()
    assert len({one["metadata"]["event_payload"]["issue"] for one in own}) == len(own) == model.STORM_MESSAGES
    assert digest["text"] == "🟠 New issues: 980 more issues"


async def test_an_issue_of_a_digest_that_a_query_now_finds_gets_a_message(world: World, slack: Workspace) -> None:
    await hook(world, slack, filters=Filters(query="label:team=pay"))
    issue_id = await world.issue()
    await deliver(world)
    assert slack.roots() == []
    await change(world, issue_id, {"labels": {"from": {}, "to": {"team": "pay"}}}, labels={"team": "pay"})
    await deliver(world)
    assert len(slack.roots()) == 1


async def test_a_digest_whose_answer_was_lost_is_not_repeated(world: World, slack: Workspace) -> None:
    made = await hook(world, slack)
    for number in range(25):
        await world.issue(title=f"issue {number}")
    await world.tell(after_s=61)
    for _ in range(25):
        await world.carry()
    slack.faults["chat.postMessage"] = [LOST]
    world.clock.advance(61)
    await world.carry()
    world.clock.advance(61)
    await world.carry()
    assert [one["text"] for one in slack.roots()][20:] == ["🟠 New issues: 5 more issues"]
    assert {one.status for one in await world.deliveries(made)} == {Outcome.DELIVERED}


async def test_a_thread_has_the_severity_of_what_detectors_update(world: World, slack: Workspace) -> None:
    await hook(world, slack)
    issue_id = await world.issue()
    await deliver(world)

    def job(tx: Transaction) -> None:
        issues.note(tx, issue_id, "updated", {"title": ["a", "b"]})
        issues.note(tx, issue_id, "updated", {"severity": ["high", "medium"], "substatus": ["new", "ongoing"]})

    await world.store.write(system(world.org), job)
    await change(world, issue_id, {"severity": {"from": "high", "to": "medium"}}, severity=Severity.MEDIUM)
    await deliver(world)
    [reply] = slack.replies(slack.roots()[0]["ts"])
    assert [line.split(": ", 1)[1] for line in reply["text"].splitlines()] == ["Optral changed severity to `medium`."]


async def test_a_message_counts_the_symptoms_of_its_issue(world: World, slack: Workspace) -> None:
    """Those that open as symptoms, and those that were issues of their own before; one that it is no longer is not counted."""
    await hook(world, slack)
    root = await world.issue()
    await deliver(world)
    assert "symptoms" not in texts(slack.roots()[0])
    first = await world.issue("issue.updated", parent_issue_id=root)
    await world.event("issue.created", first, parentIssueId=root)
    await deliver(world)
    assert "symptoms 1" in texts(slack.roots()[0])
    second = await world.issue("issue.updated", parent_issue_id=root)
    await world.event("issue.updated", second, changes={"parentIssueId": {"from": None, "to": root}})
    await deliver(world)
    assert "symptoms 2" in texts(slack.roots()[0])
    await change(world, second, {"parentIssueId": {"from": root, "to": None}}, parent_issue_id=None)
    await deliver(world)
    assert ["symptoms" in texts(one) for one in slack.roots()] == [True, False]


@pytest.mark.parametrize(
    ("channel", "tokens", "code"),
    [
        (None, Credentials(token=BOT), "invalid_channel"),
        ("#ops", Credentials(token=BOT), "invalid_channel"),
        (CHANNEL, Credentials(token="wrong"), "invalid_credentials"),
        (CHANNEL, Credentials(token=BOT, app_token="xoxb-1"), "invalid_credentials"),
    ],
)
async def test_wrong_settings_are_refused(world: World, channel: str | None, tokens: Credentials, code: str) -> None:
    wanted = WebhookSettings(name="ops", form=Form.SLACK_APP, channel=channel)
    with pytest.raises(Invalid) as refused:
        await world.store.write(world.owner, lambda tx: flow.create(tx, wanted, key=KEY, url=None, credentials=tokens))
    assert refused.value.code == code
