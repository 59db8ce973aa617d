"""From an event to an endpoint: a real HTTP receiver on loopback, the specification's own verifier, both databases."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from standardwebhooks import Webhook as Verifier

from optral.events.model import Event
from optral.flows.deadlines import DeadlineWorker
from optral.flows.issues import ripeness
from optral.flows.webhooks import bodies, manage as flow
from optral.flows.webhooks.dispatch import Notifier
from optral.issues import repository as issue_rows
from optral.issues.model import Status, Substatus
from optral.kit import sealed
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms.actor import system
from optral.terms.errors import NotFound, Refused
from optral.terms.severity import Severity
from optral.webhooks import service as webhooks
from optral.webhooks.model import Answer, Filters, Form, Outcome, Target
from optral.webhooks.tables import webhooks as webhook_rows
from tests.conftest import new_org
from tests.flows.webhooks.deliveries import KEY, OFF, ON, Receiver, World, issue
from tests.support.clock import NOON, FakeClock


async def test_an_issue_is_delivered_once_and_its_signature_verifies(world: World, receiver: Receiver) -> None:
    hook, secret = await world.hook(receiver.url)
    issue_id = await world.issue()
    await world.tell()
    await world.tell()
    await world.carry()
    await world.carry()
    [(headers, body)] = receiver.got
    assert int(headers["webhook-timestamp"]) == int(world.clock.now().timestamp())
    verified = _verified(secret, headers, body)
    assert verified["type"] == "issue.created"
    assert verified["data"]["id"] == issue_id
    assert verified["data"]["url"] == f"https://optral.example/issues/{issue_id}"
    [kept] = await world.deliveries(hook)
    assert (kept.status, kept.answered, kept.id) == (Outcome.DELIVERED, 204, headers["webhook-id"])


@pytest.mark.parametrize("form", Form)
async def test_every_form_names_the_team(world: World, receiver: Receiver, form: Form) -> None:
    hook, _ = await world.hook(receiver.url)
    made = issue(world.org, world.cluster, team="payments")
    await world.store.write(world.owner, lambda tx: issue_rows.insert(tx, [made]))
    event = Event(
        seq=1, type="issue.created", at=NOON, cluster_id=world.cluster, subject_id=made.id, data={"id": made.id, "team": made.team}
    )

    def body(tx: Transaction) -> str:
        if form.follows:
            return bodies.of_issue(tx, replace(hook, form=form), made, link="")
        return bodies.of_event(tx, form, event, name=event.type, issue=made, link="")

    assert "payments" in await world.store.read(world.owner, body)


@pytest.mark.parametrize("back_s", [3600, 40 * 86400])
async def test_a_clock_that_is_set_back_does_not_hold_a_delivery(world: World, receiver: Receiver, back_s: float) -> None:
    await world.hook(receiver.url)
    await world.issue()
    await world.tell()
    world.clock.set_wall(-back_s)
    await DeadlineWorker(world.store, world.clock).step()
    world.clock.advance(61)
    await world.carry()
    assert len(receiver.got) == 1


@pytest.mark.parametrize("back_s", [3600, 40 * 86400])
async def test_a_clock_that_is_set_back_does_not_hold_a_notification(world: World, receiver: Receiver, back_s: float) -> None:
    await world.hook(receiver.url)
    await world.issue()
    world.clock.set_wall(-back_s)
    await world.tell()
    await world.carry()
    assert len(receiver.got) == 1


def _verified(secret: str, headers: dict[str, str], body: bytes) -> Any:
    """What the specification's verifier makes of it; our clock stands in the past, so the time is judged apart."""

    class Timeless(Verifier):
        def _Webhook__verify_timestamp(self, timestamp_header: str) -> Any:
            return datetime.fromtimestamp(float(timestamp_header), tz=UTC)

    return Timeless(secret).verify(body, headers)


@pytest.mark.parametrize(
    "more",
    [
        {"parent_issue_id": "iss_parent"},
        {"substatus": "preexisting"},
        {"substatus": "muted"},
        {"substatus": "snoozed"},
        {"type": "ImageTagLatest"},
    ],
)
async def test_symptoms_and_what_was_put_aside_are_silent(world: World, receiver: Receiver, more: dict[str, Any]) -> None:
    if "substatus" in more:
        more = {"substatus": Substatus(more["substatus"])}
    hook, _ = await world.hook(receiver.url)
    await world.issue(**more)
    await world.tell(90)
    assert await world.deliveries(hook) == []


async def test_a_symptom_that_outlived_its_root_is_delivered_as_new(world: World, receiver: Receiver) -> None:
    hook, _ = await world.hook(receiver.url)
    await world.issue("issue.updated")
    await world.tell()
    assert await world.deliveries(hook) == []
    made = issue(world.org, world.cluster)
    await world.store.write(system(world.org), lambda tx: issue_rows.insert(tx, [made]))
    await world.event("issue.updated", made.id, changes={"parentIssueId": {"from": "iss_parent", "to": None}})
    await world.tell()
    assert [one.event for one in await world.deliveries(hook)] == ["issue.created"]


@pytest.mark.parametrize(
    "changes",
    [
        {"status": {"from": "resolved", "to": "open"}, "substatus": {"from": "ongoing", "to": "regressed"}},
        {"substatus": {"from": "snoozed", "to": "ongoing"}},
        {"substatus": {"from": "muted", "to": "new"}},
        {"severity": {"from": "medium", "to": "high"}},
    ],
)
async def test_a_reopened_issue_is_delivered_to_webhooks_without_updates(world: World, receiver: Receiver, changes: dict[str, Any]) -> None:
    wanted = Filters(min_severity=Severity.HIGH)
    hook, _ = await world.hook(receiver.url, filters=wanted)
    every, _ = await world.hook(receiver.url, filters=replace(wanted, events=wanted.events | {"issue.updated"}))
    issue_id = await world.issue("cluster.updated")
    await world.event("issue.updated", issue_id, changes={"title": {"from": "a", "to": "b"}})
    await world.event("issue.updated", issue_id, changes=changes)
    await world.tell()
    assert [one.event for one in await world.deliveries(hook)] == ["issue.created"]
    assert [one.event for one in await world.deliveries(every)] == ["issue.updated", "issue.updated"]


@pytest.mark.parametrize(
    "changes",
    [
        {"substatus": {"from": "snoozed", "to": "muted"}},
        {"severity": {"from": "high", "to": "critical"}},
        {"status": {"from": "open", "to": "acknowledged"}},
    ],
)
async def test_what_is_no_beginning_is_not_told_as_one(world: World, receiver: Receiver, changes: dict[str, Any]) -> None:
    hook, _ = await world.hook(receiver.url, filters=Filters(min_severity=Severity.HIGH))
    await world.event("issue.updated", await world.issue("cluster.updated"), changes=changes)
    await world.tell()
    assert await world.deliveries(hook) == []


@pytest.mark.parametrize(
    "more",
    [{"parent_issue_id": "iss_parent"}, {"mute_rule_id": "mut_rule"}, {"severity": Severity.LOW}],
    ids=["symptom", "muted", "milder"],
)
async def test_a_webhook_that_got_the_opening_gets_the_resolution(world: World, receiver: Receiver, more: dict[str, Any]) -> None:
    hook, _ = await world.hook(receiver.url, filters=Filters(min_severity=Severity.HIGH))
    told = await world.issue()
    await world.tell()
    kept = replace(await world.store.read(world.owner, lambda tx: issue_rows.get(tx, told)), **more)
    await world.store.write(world.owner, lambda tx: issue_rows.update(tx, [kept]))
    await world.event("issue.resolved", told, resolution="recovered")
    await world.issue("issue.resolved", **more)
    await world.tell()
    assert [(one.event, one.subject_id) for one in await world.deliveries(hook)] == [("issue.created", told), ("issue.resolved", told)]


async def test_what_comes_back_waits_for_its_cause_too(world: World, receiver: Receiver) -> None:
    hook, _ = await world.hook(receiver.url)
    await world.event("issue.updated", await world.issue("cluster.updated"), changes={"status": {"from": "resolved", "to": "open"}})
    await world.tell(1)
    assert await world.deliveries(hook) == []
    await world.tell(3)
    assert len(await world.deliveries(hook)) == 1


async def test_an_issue_waits_for_its_cause_and_longer_in_a_storm(world: World, receiver: Receiver) -> None:
    hook, _ = await world.hook(receiver.url)
    await world.issue()
    await world.tell(1)
    assert await world.deliveries(hook) == []
    await world.tell(3)
    assert len(await world.deliveries(hook)) == 1
    for _ in range(ripeness.STORM_ISSUES + 1):
        await world.issue()
    await world.tell(30)
    assert len(await world.deliveries(hook)) == 1
    await world.tell(31)
    assert len(await world.deliveries(hook)) == ripeness.STORM_ISSUES + 2


async def test_only_what_the_filters_want_is_delivered(world: World, receiver: Receiver) -> None:
    critical, _ = await world.hook(receiver.url, filters=Filters(min_severity=Severity.CRITICAL))
    offline, _ = await world.hook(receiver.url, filters=Filters(events=frozenset({"cluster.offline"})))
    await world.issue(severity=Severity.MEDIUM)
    await world.issue(severity=Severity.CRITICAL)
    await world.event("cluster.offline", world.cluster, name="prod")
    await world.tell()
    assert [len(await world.deliveries(one)) for one in (critical, offline)] == [1, 1]


async def test_what_happened_before_a_webhook_was_made_or_while_it_was_off_is_not_told(world: World, receiver: Receiver) -> None:
    await world.issue()
    hook, _ = await world.hook(receiver.url)
    await world.store.write(world.owner, lambda tx: flow.change(tx, hook.id, OFF, key=KEY))
    await world.issue()
    await world.tell()
    await world.store.write(world.owner, lambda tx: flow.change(tx, hook.id, ON, key=KEY))
    await world.tell()
    assert await world.deliveries(hook) == []
    told = await world.issue()
    await world.tell()
    assert [one.subject_id for one in await world.deliveries(hook)] == [told]


async def test_both_secrets_sign_for_a_day_after_a_roll(world: World, receiver: Receiver) -> None:
    hook, old = await world.hook(receiver.url)
    _, new = await world.store.write(world.owner, lambda tx: flow.roll(tx, hook.id, key=KEY))
    await world.issue()
    await world.tell()
    await world.carry()
    for secret in (old, new):
        _verified(secret, *receiver.got[0])
    world.clock.advance(timedelta(hours=25).total_seconds())
    await world.issue()
    await world.tell()
    await world.carry()
    _verified(new, *receiver.got[1])
    with pytest.raises(Exception, match="signature"):
        _verified(old, *receiver.got[1])


async def test_a_message_for_people_names_what_is_wrong_and_mentions_nobody(world: World, receiver: Receiver) -> None:
    await world.hook(receiver.url, form=Form.SLACK)
    await world.issue(title="Container <!channel> of web & api", severity=Severity.CRITICAL)
    await world.tell()
    await world.carry()
    message = json.loads(receiver.got[0][1])
    assert "&lt;!channel&gt; of web &amp; api" in message["text"]
    assert "<!channel>" not in json.dumps(message)
    assert "https://optral.example/issues/" in message["blocks"][0]["text"]["text"]


async def test_alertmanager_gets_one_alert_that_fires_and_ends_whatever_severity_it_had(world: World, receiver: Receiver) -> None:
    await world.hook(
        receiver.alerts, form=Form.ALERTS, filters=Filters(events=frozenset({"issue.created", "issue.resolved", "cluster.offline"}))
    )
    issue_id = await world.issue(severity=Severity.CRITICAL)
    await world.event("cluster.offline", world.cluster)
    await world.tell()
    await world.carry()
    (body,) = [json.loads(body) for _, body in receiver.got]
    now = world.clock.now().isoformat().replace("+00:00", "Z")
    assert {one["labels"]["severity"] for one in body if one["endsAt"] > now} == {"critical"}
    assert {one["labels"]["optral_issue"] for one in body} == {issue_id} and len(body) == 4
    assert body[0]["generatorURL"] == f"https://optral.example/issues/{issue_id}"


@pytest.mark.parametrize("form", [Form.ALERTS, Form.JSON])
async def test_an_alert_that_could_not_be_sent_fires_no_issue_that_has_resolved(world: World, receiver: Receiver, form: Form) -> None:
    """Alertmanager was down when the issue opened, and up again when it resolved: the retry would make it fire for days."""
    receiver.answers = [503]
    hook, _ = await world.hook(receiver.alerts, form=form)
    told = await world.issue()
    await world.tell()
    await world.carry()
    resolved = replace(
        await world.store.read(world.owner, lambda tx: issue_rows.get(tx, told)), status=Status.RESOLVED, resolved_at=world.clock.now()
    )
    await world.store.write(world.owner, lambda tx: issue_rows.update(tx, [resolved]))
    await world.event("issue.resolved", told, resolution="recovered")
    await world.tell(1)
    await world.carry()
    world.clock.advance(3600)
    await world.carry()
    opened, ended = await world.deliveries(hook)
    assert ended.status is Outcome.DELIVERED
    if form is Form.ALERTS:
        assert (opened.status, opened.error) == (Outcome.FAILED, "superseded")
        last = json.loads(receiver.got[-1][1])
        assert all(one["endsAt"] <= world.clock.now().isoformat() for one in last)
    else:
        assert opened.status is Outcome.DELIVERED


async def test_a_message_for_people_is_never_longer_than_they_take(world: World, receiver: Receiver) -> None:
    await world.hook(receiver.url, form=Form.SLACK, filters=Filters(events=frozenset({"issue.created", "analysis.ready"})))
    issue_id = await world.issue(title="one\n✅ *Issue resolved*: " + "<&>" * 2000)
    await world.event("analysis.ready", issue_id, rootCause="c" * 4000, confidence=0.9)
    await world.tell()
    await world.carry()
    assert len(receiver.got) == 2
    for _, body in receiver.got:
        text = json.loads(body)["blocks"][0]["text"]["text"]
        assert len(text) <= 3000
        assert text.splitlines()[0].endswith(">") and "one ✅" in text.splitlines()[0]


async def test_a_test_message_is_sent_also_by_a_webhook_that_is_off(world: World, receiver: Receiver) -> None:
    hook, secret = await world.hook(receiver.url)
    await world.store.write(world.owner, lambda tx: flow.change(tx, hook.id, OFF, key=KEY))
    await world.store.write(world.owner, lambda tx: flow.test(tx, hook.id))
    await world.carry()
    assert _verified(secret, *receiver.got[0])["type"] == "webhook.test"


async def test_a_delivery_worker_that_died_is_replaced_after_a_minute(world: World, receiver: Receiver) -> None:
    hook, _ = await world.hook(receiver.url)
    await world.issue()
    await world.tell()
    [one] = await world.deliveries(hook)
    assert await world.store.write(system(world.org), lambda tx: webhooks.claim(tx, one.id)) is not None
    await world.carry()
    assert receiver.got == []
    world.clock.advance(61)
    await world.carry()
    assert len(receiver.got) == 1


async def test_an_answer_that_comes_after_the_lease_changes_nothing(world: World, receiver: Receiver) -> None:
    hook, _ = await world.hook(receiver.url)
    await world.issue()
    await world.tell()
    [one] = await world.deliveries(hook)
    held = await world.store.write(system(world.org), lambda tx: webhooks.claim(tx, one.id))
    assert held is not None
    world.clock.advance(61)
    await world.carry()
    late = await world.store.write(system(world.org), lambda tx: webhooks.record(tx, held[1], Answer(status=500), chance=0.5))
    assert late is None
    assert [kept.status for kept in await world.deliveries(hook)] == [Outcome.DELIVERED]


async def test_two_notifiers_make_one_delivery(world: World, receiver: Receiver) -> None:
    hook, _ = await world.hook(receiver.url)
    await world.issue()
    world.clock.advance(5)
    await asyncio.gather(world.notifier.step(), Notifier(world.store, world.clock).step())
    assert len(await world.deliveries(hook)) == 1


async def test_the_address_and_the_secret_rest_sealed(world: World, receiver: Receiver) -> None:
    hook, secret = await world.hook(receiver.url + "?token=hush")
    kept = await world.kept(hook)
    assert b"hush" not in kept.target and secret.encode() not in kept.target
    assert webhooks.opened(kept, key=KEY) == Target(receiver.url + "?token=hush", secret)
    with pytest.raises(Refused):
        webhooks.opened(kept, key=b"x" * 32)


@pytest.mark.parametrize(
    "target",
    [
        pytest.param(lambda hook: sealed.seal(b"{}", key=b"x" * 32, binding=hook), id="another key"),
        pytest.param(lambda hook: b"", id="empty"),
        pytest.param(lambda hook: b"cut off", id="cut off"),
        pytest.param(lambda hook: sealed.seal(b"no json", key=KEY, binding=hook), id="no json"),
        pytest.param(lambda hook: sealed.seal(b'{"url": 1}', key=KEY, binding=hook), id="no target"),
        pytest.param(lambda hook: sealed.seal(b'{"url": "http://a/", "secret": "whsec_?"}', key=KEY, binding=hook), id="no secret"),
    ],
)
async def test_what_cannot_be_unsealed_fails_at_once_and_says_so(world: World, receiver: Receiver, target: Callable[[str], bytes]) -> None:
    hook, _ = await world.hook(receiver.url)
    spoil = sa.update(webhook_rows).where(webhook_rows.c.org_id == world.org, webhook_rows.c.id == hook.id).values(target=target(hook.id))
    await world.store.write(system(world.org), lambda tx: tx.execute(spoil) and None)
    await world.store.write(world.owner, lambda tx: flow.test(tx, hook.id))
    await world.carry()
    [one] = await world.deliveries(hook)
    assert (one.status, one.error, one.due_at, one.attempts) == (Outcome.FAILED, "unreadable", None, 1)
    assert receiver.got == [] and (await world.kept(hook)).failing_since is None


async def test_another_organisation_sees_and_gets_nothing(world: World, receiver: Receiver, store: Store, clock: FakeClock) -> None:
    hook, _ = await world.hook(receiver.url)
    other = await new_org(store, clock, name="Other")
    with pytest.raises(NotFound):
        await store.read(system(other), lambda tx: webhooks.get(tx, hook.id))
