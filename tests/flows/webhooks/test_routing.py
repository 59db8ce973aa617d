"""Which issues a webhook is notified of, and when: queries, quiet hours, holds, escalation, digests. Both databases."""

import json
from datetime import timedelta
from typing import Any

import pytest

from optral.flows.webhooks import manage as flow, routing
from optral.issues import repository as issue_rows
from optral.issues.model import Issue, Status, Substatus
from optral.kit.records import changing
from optral.kit.times import rfc3339
from optral.terms.actor import system
from optral.terms.errors import Invalid
from optral.terms.severity import Severity
from optral.webhooks import model
from optral.webhooks.model import Credentials, Filters, Form, Outcome, Webhook, WebhookSettings
from optral.webhooks.quiet import QuietHours
from tests.flows.webhooks.deliveries import KEY, Receiver, World
from tests.support.clock import NOON

LUNCH = QuietHours(start="12:00", end="14:00")


async def create(world: World, url: str, **settings: Any) -> Webhook:
    wanted = WebhookSettings(name="on-call", **settings)
    hook, _ = await world.store.write(
        world.owner, lambda tx: flow.create(tx, wanted, key=KEY, url=url, credentials=Credentials(token="integration-key"))
    )
    return hook


async def move(world: World, issue_id: str, event: str = "issue.updated", **fields: Any) -> None:
    """Change an issue and put down the event of it."""

    def job(tx: Any) -> Issue:
        before = issue_rows.get(tx, issue_id)
        assert before is not None
        issue_rows.update(tx, [changing(Issue, fields)(before)])
        return before

    before = await world.store.write(system(world.org), job)
    named = {name: (getattr(before, name), value) for name, value in fields.items() if name in ("status", "severity")}
    changes = {name: {"from": old.value, "to": new.value} for name, (old, new) in named.items()}
    await world.event(event, issue_id, changes=changes)


def texts(receiver: Receiver) -> list[str]:
    return [json.loads(body)["text"] for _, body in receiver.got]


async def test_a_query_decides_which_issues_are_sent(world: World, receiver: Receiver) -> None:
    await create(world, receiver.url, filters=Filters(query="ns:shop -type:Node* severity:critical,high"))
    first = await world.issue()
    await world.issue(namespace="bank")
    await world.issue(type="NodeNotReady")
    await world.tell()
    await world.carry()
    assert [json.loads(body)["data"]["id"] for _, body in receiver.got] == [first]


async def test_each_team_gets_its_own_issues(world: World, receiver: Receiver) -> None:
    await create(world, receiver.url, filters=Filters(query='team:"data team"'))
    mine, *_ = [await world.issue(team=team) for team in ("data team", "payments", None)]
    await world.tell()
    await world.carry()
    assert [json.loads(body)["data"]["id"] for _, body in receiver.got] == [mine]


async def test_the_end_of_an_issue_that_was_sent_is_sent_whatever_the_query_says_then(world: World, receiver: Receiver) -> None:
    await create(world, receiver.url, form=Form.SLACK, filters=Filters(query="status:open"))
    issue_id = await world.issue()
    await world.tell()
    await world.carry()
    await move(world, issue_id, "issue.resolved", status=Status.RESOLVED, resolved_at=world.clock.now())
    await world.tell()
    await world.carry()
    assert [text[:1] for text in texts(receiver)] == ["🟠", "✅"]


@pytest.mark.parametrize("query", ["sverity:critical", "assignee:me", 'ns:"shop'])
async def test_a_query_that_means_nothing_is_refused_with_the_field(world: World, receiver: Receiver, query: str) -> None:
    with pytest.raises(Invalid) as refused:
        await create(world, receiver.url, filters=Filters(query=query))
    assert refused.value.errors[0]["field"] == "filters.query"


async def test_quiet_hours_hold_messages_and_let_severe_ones_pass(world: World, receiver: Receiver) -> None:
    hours = QuietHours(start="12:00", end="14:00", passing_severity=Severity.CRITICAL)
    hook = await create(world, receiver.url, form=Form.SLACK, quiet_hours=hours)
    await world.issue(title="waits")
    await world.issue(title="passes", severity=Severity.CRITICAL)
    await world.tell()
    await world.carry()
    assert [text.split(": ")[1] for text in texts(receiver)] == ["passes"]
    world.clock.advance(2 * 3600)
    await world.carry()
    assert [text.split(": ")[1] for text in texts(receiver)] == ["passes", "waits"]
    assert {one.status for one in await world.deliveries(hook)} == {Outcome.DELIVERED}


@pytest.mark.parametrize("is_dropped", [False, True])
@pytest.mark.parametrize("events", [Filters().events, Filters().events | {"issue.updated"}])
async def test_an_issue_that_becomes_severe_in_quiet_hours_passes_once(
    world: World, receiver: Receiver, events: frozenset[str], is_dropped: bool
) -> None:
    hours = QuietHours(start="12:00", end="14:00", passing_severity=Severity.CRITICAL, is_dropped=is_dropped)
    hook = await create(world, receiver.url, form=Form.SLACK, filters=Filters(events=events), quiet_hours=hours)
    issue_id = await world.issue(title="grows")
    await world.tell()
    await world.carry()
    assert texts(receiver) == []
    await move(world, issue_id, severity=Severity.CRITICAL)
    await world.tell()
    await world.carry()
    assert [text.split(": ")[1] for text in texts(receiver)] == ["grows"]
    await move(world, issue_id, severity=Severity.CRITICAL)
    await world.tell()
    world.clock.advance(2 * 3600)
    await world.carry()
    created = [one for one in await world.deliveries(hook) if one.event == "issue.created"]
    assert [one.status for one in created] == [Outcome.DELIVERED]


async def test_of_an_issue_that_ends_in_quiet_hours_only_the_end_is_sent(world: World, receiver: Receiver) -> None:
    hook = await create(world, receiver.url, form=Form.SLACK, quiet_hours=LUNCH)
    issue_id = await world.issue()
    await world.tell()
    await move(world, issue_id, "issue.resolved", status=Status.RESOLVED, resolved_at=world.clock.now())
    await world.tell()
    world.clock.advance(2 * 3600)
    await world.carry()
    await world.carry()
    assert [text[:1] for text in texts(receiver)] == ["✅"]
    assert [one.error for one in await world.deliveries(hook)] == [model.SUPERSEDED, None]


async def test_hours_that_drop_send_nothing_later_but_the_end_of_what_was_sent(world: World, receiver: Receiver) -> None:
    hours = QuietHours(start="12:30", end="14:00", is_dropped=True)
    await create(world, receiver.url, form=Form.SLACK, quiet_hours=hours)
    told = await world.issue(title="told")
    await world.tell()
    await world.carry()
    world.clock.advance(3600)
    await world.issue(title="dropped")
    await move(world, told, "issue.resolved", status=Status.RESOLVED, resolved_at=world.clock.now())
    await world.tell()
    await world.carry()
    world.clock.advance(7200)
    await world.tell()
    await world.carry()
    assert [text.split(": ")[1] for text in texts(receiver)] == ["told", "told"]


async def test_a_hold_keeps_messages_until_it_ends(world: World, receiver: Receiver) -> None:
    await create(world, receiver.url, form=Form.SLACK, held_until=world.clock.now() + timedelta(hours=1))
    await world.issue()
    await world.tell()
    await world.carry()
    assert receiver.got == []
    world.clock.advance(3600)
    await world.carry()
    assert len(receiver.got) == 1


@pytest.mark.parametrize("hours", [0.0, 0.5, 2.0])
async def test_what_a_hold_keeps_leaves_when_the_changed_hold_ends(world: World, receiver: Receiver, hours: float) -> None:
    began = world.clock.now()
    hook = await create(world, receiver.url, form=Form.SLACK, held_until=began + timedelta(hours=1))
    await world.issue()
    await world.tell()
    ends = began + timedelta(hours=hours) if hours else None
    change = changing(Webhook, {"held_until": ends})
    await world.store.write(world.owner, lambda tx: flow.change(tx, hook.id, change, key=KEY))
    until_s = ((ends or world.clock.now()) - world.clock.now()).total_seconds()
    for after_s, messages in ((until_s - 1, 0), (1, 1)) if ends else ((0, 1),):
        world.clock.advance(after_s)
        await world.carry()
        assert len(receiver.got) == messages


async def test_an_issue_escalates_only_while_nobody_has_acknowledged_it(world: World, receiver: Receiver) -> None:
    hook = await create(world, receiver.url, form=Form.SLACK, escalation_minutes=15)
    taken, left = await world.issue(title="taken"), await world.issue(title="left")
    await world.tell()
    await world.carry()
    assert receiver.got == []
    await move(world, taken, status=Status.ACKNOWLEDGED)
    world.clock.advance(15 * 60)
    await world.tell()
    await world.carry()
    assert [text.split(": ")[1] for text in texts(receiver)] == ["left"]
    for issue_id in (taken, left):
        await move(world, issue_id, "issue.resolved", status=Status.RESOLVED, resolved_at=world.clock.now())
    await world.tell()
    await world.carry()
    assert [text.split(": ")[1] for text in texts(receiver)] == ["left", "left"], "the end is sent of what was sent"
    assert model.ACKNOWLEDGED in {one.error for one in await world.deliveries(hook)}


async def test_a_storm_is_twenty_messages_and_a_digest(world: World, receiver: Receiver) -> None:
    await create(world, receiver.url, form=Form.SLACK)
    await create(world, receiver.url, form=Form.JSON)
    for number in range(50):
        await world.issue(title=f"issue {number}", severity=Severity.CRITICAL if number == 40 else Severity.HIGH)
    await world.tell(after_s=61)
    for _ in range(60):
        await world.carry()
    people = [json.loads(body) for _, body in receiver.got if b"blocks" in body]
    assert len(people) == model.STORM_MESSAGES
    assert len(receiver.got) - len(people) == 50, "a program gets every event"
    world.clock.advance(60)
    await world.carry()
    digest = json.loads(receiver.got[-1][1])
    assert digest["text"] == "🔴 New issues: 30 more issues"
    lines = digest["blocks"][0]["text"]["text"].splitlines()
    assert lines[1].startswith("🔴 issue 40 · cluster ") and lines[-1] == "and 20 more"


async def test_what_a_night_holds_back_leaves_as_one_digest(world: World, receiver: Receiver) -> None:
    hook = await create(world, receiver.url, form=Form.TEAMS, quiet_hours=LUNCH)
    for minute in range(3):
        for number in range(15):
            await world.issue(title=f"issue {minute}.{number}")
        await world.tell(after_s=70)
    world.clock.advance(2 * 3600)
    for _ in range(30):
        await world.carry()
    assert len(receiver.got) == model.STORM_MESSAGES + 1
    [digest] = [one for one in await world.deliveries(hook) if one.event == model.DIGEST]
    assert "25 more issues" in digest.body


async def test_an_issue_that_is_snoozed_in_quiet_hours_is_not_told_when_they_end(world: World, receiver: Receiver) -> None:
    hook = await create(world, receiver.url, form=Form.SLACK, quiet_hours=LUNCH)
    snoozed, _ = await world.issue(title="snoozed"), await world.issue(title="waits")
    await world.tell()
    await move(world, snoozed, substatus=Substatus.SNOOZED)
    world.clock.advance(2 * 3600)
    await world.carry()
    assert [text.split(": ")[1] for text in texts(receiver)] == ["waits"]
    [dropped] = [one for one in await world.deliveries(hook) if one.subject_id == snoozed]
    assert (dropped.status, dropped.error) == (Outcome.FAILED, model.ACKNOWLEDGED)


async def test_a_digest_leaves_out_what_has_ended_or_is_silent(world: World, receiver: Receiver) -> None:
    hook = await create(world, receiver.url, form=Form.TEAMS, quiet_hours=LUNCH)
    *_, ended, snoozed, taken, _left = await world.issues(model.STORM_MESSAGES + 4)
    await world.tell(after_s=61)
    await move(world, ended, status=Status.RESOLVED)
    await move(world, snoozed, substatus=Substatus.SNOOZED)
    await move(world, taken, status=Status.ACKNOWLEDGED)
    world.clock.advance(2 * 3600)
    for _ in range(30):
        await world.carry()
    [digest] = [one for one in await world.deliveries(hook) if one.event == model.DIGEST]
    assert "2 more issues" in digest.body


async def test_a_digest_of_issues_that_have_all_ended_is_not_sent(world: World, receiver: Receiver) -> None:
    hook = await create(world, receiver.url, form=Form.SLACK, quiet_hours=LUNCH)
    ended = await world.issues(model.STORM_MESSAGES + 2)
    await world.tell(after_s=61)
    for issue_id in ended[-2:]:
        await move(world, issue_id, status=Status.RESOLVED)
    world.clock.advance(2 * 3600)
    for _ in range(30):
        await world.carry()
    assert not any("more issue" in text for text in texts(receiver))
    [digest] = [one for one in await world.deliveries(hook) if one.event == model.DIGEST]
    assert (digest.status, digest.error) == (Outcome.FAILED, model.ACKNOWLEDGED)


async def test_severe_issues_pass_quiet_hours_in_a_storm_too(world: World, receiver: Receiver) -> None:
    """Their digest does not wait for the one of what is held, and what is held does not leave with theirs."""
    hours = QuietHours(start="12:00", end="14:00", passing_severity=Severity.CRITICAL)
    await create(world, receiver.url, form=Form.SLACK, quiet_hours=hours)
    await world.issues(model.STORM_MESSAGES + 2, title="waits")
    await world.issues(model.STORM_MESSAGES + 3, title="passes", severity=Severity.CRITICAL)
    await world.tell(after_s=61)
    for _ in range(30):
        await world.carry()
    world.clock.advance(60)
    await world.carry()
    assert any("more issue" in text for text in texts(receiver))
    assert not any("waits" in body.decode() for _, body in receiver.got)
    world.clock.advance(2 * 3600)
    for _ in range(30):
        await world.carry()
    assert sum("waits" in body.decode() for _, body in receiver.got) > 0


async def test_an_issue_that_is_no_longer_acknowledged_escalates_again(world: World, receiver: Receiver) -> None:
    await create(world, receiver.url, form=Form.SLACK, escalation_minutes=15)
    issue_id = await world.issue(title="let go")
    await world.tell()
    await move(world, issue_id, status=Status.ACKNOWLEDGED)
    await world.tell()
    world.clock.advance(20 * 60)
    await world.carry()
    assert texts(receiver) == []
    await move(world, issue_id, status=Status.OPEN)
    await world.tell()
    await world.carry()
    assert texts(receiver) == [], "it has its time again"
    world.clock.advance(15 * 60)
    await world.carry()
    assert texts(receiver) == ["🟠 Not acknowledged: let go"]


async def test_a_digest_escalates_only_what_nobody_has_acknowledged(world: World, receiver: Receiver) -> None:
    await create(world, receiver.url, form=Form.SLACK, escalation_minutes=15)
    *_, taken, _left = await world.issues(model.STORM_MESSAGES + 2)
    await world.tell(after_s=61)
    await move(world, taken, status=Status.ACKNOWLEDGED)
    world.clock.advance(17 * 60)
    for _ in range(30):
        await world.carry()
    assert [text for text in texts(receiver) if "more issue" in text] == ["🟠 New issues: 1 more issue"]


async def test_a_preview_says_what_would_have_become_of_the_issues_of_the_week(world: World) -> None:
    day = await world.issue(detected_at=NOON - timedelta(hours=3), first_seen_at=NOON - timedelta(hours=3))
    night = await world.issue(detected_at=NOON - timedelta(hours=10), first_seen_at=NOON - timedelta(hours=10))
    await world.issue(detected_at=NOON - timedelta(days=8), first_seen_at=NOON - timedelta(days=8))
    await world.issue(namespace="bank")
    await world.issue(substatus=Substatus.PREEXISTING)
    wanted = WebhookSettings(
        name="", filters=Filters(query="ns:shop"), quiet_hours=QuietHours(start="22:00", end="07:00", passing_severity=Severity.CRITICAL)
    )
    routed, total = await world.store.read(world.owner, lambda tx: routing.preview(tx, wanted))
    found = {one.issue.id: (one.outcome, rfc3339(one.leaves_at)) for one in routed}
    assert found == {
        day: ("sent", rfc3339(NOON - timedelta(hours=3))),
        night: ("held", rfc3339(NOON.replace(hour=7))),
    }
    assert total == 2


@pytest.mark.parametrize(
    ("form", "opened", "acknowledged", "ended"),
    [
        (
            Form.PAGERDUTY,
            {"event_action": "trigger", "routing_key": "integration-key"},
            {"event_action": "acknowledge"},
            {"event_action": "resolve"},
        ),
        (Form.JSM, {"priority": "P2", "source": "Optral"}, {"source": "Optral"}, {"source": "Optral"}),
    ],
)
async def test_the_alert_of_an_on_call_service_follows_its_issue(
    world: World, receiver: Receiver, form: Form, opened: dict[str, str], acknowledged: dict[str, str], ended: dict[str, str]
) -> None:
    await create(world, receiver.url, form=form)
    issue_id = await world.issue()
    await world.tell()
    await world.carry()
    await move(world, issue_id, status=Status.ACKNOWLEDGED)
    await world.tell()
    await world.carry()
    await world.event("issue.updated", issue_id, changes={"impact": {"from": {}, "to": {}}})
    await world.tell()
    await world.carry()
    await move(world, issue_id, "issue.resolved", status=Status.RESOLVED, resolved_at=world.clock.now())
    await world.tell()
    await world.carry()
    bodies = [json.loads(body) for _, body in receiver.got]
    assert len(bodies) == 3, "a change that the alert does not show sends nothing"
    for body, wanted in zip(bodies, (opened, acknowledged, ended), strict=True):
        assert wanted.items() <= body.items()
    key = "dedup_key" if form is Form.PAGERDUTY else "alias"
    assert bodies[0][key] == issue_id
    if form is Form.JSM:
        assert receiver.paths == [
            "/hook",
            f"/hook/{issue_id}/acknowledge?identifierType=alias",
            f"/hook/{issue_id}/close?identifierType=alias",
        ]
        assert all(headers["authorization"] == "GenieKey integration-key" for headers, _ in receiver.got)


@pytest.mark.parametrize("form", [Form.PAGERDUTY, Form.JSM])
async def test_the_integration_key_is_in_no_delivery(world: World, receiver: Receiver, form: Form) -> None:
    hook = await create(world, receiver.url, form=form)
    await world.issue()
    await world.tell()
    await world.store.write(world.owner, lambda tx: flow.test(tx, hook.id))
    await world.carry()
    assert len(receiver.got) == 2
    assert all("integration-key" not in one.body for one in await world.deliveries(hook))


async def test_an_alert_that_ended_while_the_service_was_down_is_not_triggered_afterwards(world: World, receiver: Receiver) -> None:
    hook = await create(world, receiver.url, form=Form.PAGERDUTY)
    receiver.answers = [503, 503]
    issue_id = await world.issue()
    await world.tell()
    await world.carry()
    await move(world, issue_id, "issue.resolved", status=Status.RESOLVED, resolved_at=world.clock.now())
    await world.tell()
    await world.carry()
    for _ in range(3):
        world.clock.advance(3600)
        await world.carry()
    sent = [json.loads(body)["event_action"] for _, body in receiver.got]
    assert sent == ["trigger", "resolve", "resolve"]
    assert [(one.status, one.error) for one in await world.deliveries(hook)] == [
        (Outcome.FAILED, model.SUPERSEDED),
        (Outcome.DELIVERED, None),
    ]


async def test_a_service_that_is_down_for_an_hour_loses_and_doubles_nothing(world: World, receiver: Receiver) -> None:
    hook = await create(world, receiver.url, form=Form.PAGERDUTY)
    receiver.answers = [503] * 1000
    opened = [await world.issue() for _ in range(10)]
    for _ in range(60):
        await world.tell(after_s=60)
        await world.carry()
    receiver.answers, receiver.got = [], []
    for _ in range(40):
        await world.tell(after_s=300)
        await world.carry()
    assert sorted(json.loads(body)["dedup_key"] for _, body in receiver.got) == sorted(opened)
    assert {one.status for one in await world.deliveries(hook)} == {Outcome.DELIVERED}


async def test_a_card_has_the_text_of_strangers_in_runs_without_markup(world: World, receiver: Receiver) -> None:
    await create(world, receiver.url, form=Form.TEAMS)
    issue_id = await world.issue(title="[click](https://evil.example) **now**\n<at>all</at>")
    await world.tell()
    await world.carry()
    [(_, body)] = receiver.got
    card = json.loads(body)["attachments"][0]["content"]
    runs = card["body"][0]["inlines"]
    assert runs[1] == {"type": "TextRun", "text": "[click](https://evil.example) **now** <at>all</at>"}
    assert card["actions"] == [{"type": "Action.OpenUrl", "title": "Open in Optral", "url": f"https://optral.example/issues/{issue_id}"}]


async def test_on_call_services_need_a_key_and_have_an_address(world: World) -> None:
    hook, _ = await world.store.write(
        world.owner,
        lambda tx: flow.create(
            tx, WebhookSettings(name="pager", form=Form.PAGERDUTY), key=KEY, url=None, credentials=Credentials(token="integration-key")
        ),
    )
    assert hook.shown_url == "https://events.pagerduty.com/…"
    with pytest.raises(Invalid, match="integration key"):
        await world.store.write(
            world.owner, lambda tx: flow.create(tx, WebhookSettings(name="pager", form=Form.PAGERDUTY), key=KEY, url=None)
        )
    with pytest.raises(Invalid, match="https"):
        await world.store.write(world.owner, lambda tx: flow.create(tx, WebhookSettings(name="x"), key=KEY, url=None))
