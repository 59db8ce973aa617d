"""Alerts of open issues are sent to Alertmanager again, once whatever the number of servers, and end with their issues."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from optral.flows.webhooks import manage as flow, refresh
from optral.flows.webhooks.refresh import AlertRefresher
from optral.issues import repository as issue_rows
from optral.issues.model import Status
from optral.issues.triage.snooze import Snooze
from optral.kit.outbound_lazy import CallerOnDemand
from optral.kit.records import changing
from optral.kit.times import rfc3339
from optral.terms.actor import system
from optral.terms.errors import Invalid, Refused
from optral.terms.severity import Severity
from optral.webhooks.model import Credentials, Ended, Filters, Form, Webhook
from tests.flows.webhooks.deliveries import KEY, LOOPBACK, OFF, Receiver, World
from tests.support.clock import NOON

SNOOZE = Snooze(until=None, occurrences=None, severity_rises=True, by="usr_x", at=NOON, count=1, severity="high")
ALICE = Credentials(username="optral", password="example-password")


class Servers:
    """Servers that refresh alerts on one database."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.caller = CallerOnDemand(private=LOOPBACK)
        self.refreshers = [AlertRefresher(world.store, world.clock, key=KEY, caller=self.caller) for _ in range(2)]

    async def after(self, minutes: float = 1) -> None:
        """Time passes, and every server looks."""
        self.world.clock.advance(minutes * 60)
        for one in self.refreshers:
            await one.step()
        for one in self.refreshers:
            await one.idle()


@pytest.fixture
async def servers(world: World) -> AsyncIterator[Servers]:
    made = Servers(world)
    yield made
    await made.caller.close()


async def change(world: World, issue_id: str, **more: Any) -> None:
    def job(tx: Any) -> None:
        found = issue_rows.get(tx, issue_id)
        assert found is not None
        issue_rows.update(tx, [replace(found, **more)])

    await world.store.write(system(world.org), job)


def fired(receiver: Receiver, world: World) -> list[list[str]]:
    """Of each request, the issues whose alerts fire now."""
    now = rfc3339(world.clock.now())
    return [[one["labels"]["optral_issue"] for one in json.loads(body) if one["endsAt"] > now] for _, body in receiver.got]


async def test_an_open_issue_is_sent_each_minute_by_one_of_the_servers(world: World, receiver: Receiver, servers: Servers) -> None:
    opened = await world.issue()  # before the destination was created: it fires all the same
    hook, _ = await world.hook(receiver.alerts, form=Form.ALERTS)
    for _ in range(3):
        await servers.after()
    assert fired(receiver, world) == [[opened]] * 3
    (alert,) = json.loads(receiver.got[-1][1])
    assert alert["endsAt"] == rfc3339(world.clock.now() + timedelta(minutes=5))
    assert (await world.kept(hook)).refreshed_at == world.clock.now()
    await servers.after(0.5)
    assert len(receiver.got) == 3


async def test_what_starts_again_goes_on_where_the_last_server_stopped(world: World, receiver: Receiver, servers: Servers) -> None:
    await world.issue()
    await world.hook(receiver.alerts, form=Form.ALERTS)
    await servers.after()
    servers.refreshers = [AlertRefresher(world.store, world.clock, key=KEY, caller=servers.caller)]
    await servers.after(0)
    assert len(receiver.got) == 1
    await servers.after()
    assert len(receiver.got) == 2


@pytest.mark.parametrize(
    "silent",
    [
        {"status": Status.RESOLVED},
        {"mute_rule_id": "mut_x"},
        {"snooze": SNOOZE},
        {"parent_issue_id": "iss_x"},
    ],
    ids=["resolved", "muted", "snoozed", "a symptom"],
)
async def test_an_issue_that_is_silent_fires_no_alert(world: World, receiver: Receiver, servers: Servers, silent: dict[str, Any]) -> None:
    ended, other = await world.issue(), await world.issue()
    await world.hook(receiver.alerts, form=Form.ALERTS)
    await change(world, ended, **silent)
    await servers.after()
    assert fired(receiver, world) == [[other]]


@pytest.mark.parametrize("change_of", ["substatus", "severity", "parentIssueId"])
async def test_the_alert_ends_at_once_when_its_issue_is_muted_and_fires_again_later(
    world: World, receiver: Receiver, change_of: str
) -> None:
    await world.hook(receiver.alerts, form=Form.ALERTS, filters=Filters(min_severity=Severity.HIGH))
    opened = await world.issue()
    await world.tell()
    silent: dict[str, Any] = {
        "substatus": {"mute_rule_id": "mut_x"}, "severity": {"severity": Severity.LOW}, "parentIssueId": {"parent_issue_id": "iss_x"},
    }[change_of]  # fmt: skip
    loud: dict[str, Any] = {"mute_rule_id": None, "severity": Severity.HIGH, "parent_issue_id": None}
    await world.carry()
    for more in (silent, loud):
        await change(world, opened, **more)
        await world.event("issue.updated", opened, changes={change_of: {"from": None, "to": None}})
        await world.tell()
        await world.carry()
    assert fired(receiver, world) == [[opened], [], [opened]]


async def test_a_symptom_that_resolves_is_not_sent(world: World, receiver: Receiver) -> None:
    await world.hook(receiver.alerts, form=Form.ALERTS)
    symptom = await world.issue(parent_issue_id="iss_x")
    await world.event("issue.resolved", symptom)
    await world.event("analysis.ready", symptom)
    await world.tell()
    await world.carry()
    assert not receiver.got


async def test_a_delivery_that_is_late_fires_from_then_on(world: World, receiver: Receiver) -> None:
    receiver.answers = [503]
    await world.hook(receiver.alerts, form=Form.ALERTS)
    opened = await world.issue()
    await world.tell()
    await world.carry()
    world.clock.advance(3600)
    await world.carry()
    assert fired(receiver, world)[-1] == [opened]


async def test_an_issue_that_resolved_while_its_alert_was_on_the_way_is_ended_after_it(
    world: World, receiver: Receiver, servers: Servers
) -> None:
    opened = await world.issue()
    await world.hook(receiver.alerts, form=Form.ALERTS)
    receiver.gate.clear()
    await servers.refreshers[0].step()
    async with asyncio.timeout(30):
        await receiver.arrived.wait()
    await change(world, opened, status=Status.RESOLVED, resolved_at=world.clock.now())
    receiver.gate.set()
    await servers.refreshers[0].idle()
    assert fired(receiver, world) == [[opened], []]


async def test_many_issues_are_sent_in_pieces_up_to_a_bound(
    world: World, receiver: Receiver, servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refresh, "AT_ONCE", 2)
    monkeypatch.setattr(refresh, "MOST_FIRING", 5)
    for _ in range(6):
        await world.issue()
    urgent = await world.issue(severity=Severity.CRITICAL)
    await world.hook(receiver.alerts, form=Form.ALERTS)
    await servers.after()
    sent = fired(receiver, world)
    assert [len(one) for one in sent] == [2, 2, 1]
    assert urgent in sent[0]


@pytest.mark.parametrize(
    ("credentials", "header"),
    [
        (ALICE, "Basic " + base64.b64encode(b"optral:example-password").decode()),
        (Credentials(token="example-token"), "Bearer example-token"),
        (None, None),
    ],
    ids=["basic", "bearer", "none"],
)
async def test_credentials_are_sent_with_every_request(
    world: World, receiver: Receiver, servers: Servers, credentials: Credentials | None, header: str | None
) -> None:
    hook, _ = await world.hook(receiver.alerts, form=Form.ALERTS, credentials=credentials)
    await world.issue()
    await world.tell()
    await world.carry()
    await servers.after()
    assert [headers.get("authorization") for headers, _ in receiver.got] == [header, header]
    assert b"example" not in hook.target


async def test_credentials_do_not_follow_to_another_address(world: World, receiver: Receiver) -> None:
    hook, _ = await world.hook(receiver.alerts, form=Form.ALERTS, credentials=ALICE)
    same, to = changing(Webhook, {}), "https://elsewhere.example.com/api/v2/alerts"
    with pytest.raises(Refused, match="give both"):
        await world.store.write(world.owner, lambda tx: flow.change(tx, hook.id, same, key=KEY, url=to))
    none = Credentials()
    after = await world.store.write(world.owner, lambda tx: flow.change(tx, hook.id, same, key=KEY, url=to, credentials=none))
    assert after.auth is None


@pytest.mark.parametrize(
    "given", [{"username": "a"}, {"password": "b"}, {"username": "a:b", "password": "c"}, {"username": "a", "token": "t"}]
)
async def test_half_credentials_are_refused(world: World, receiver: Receiver, given: dict[str, str]) -> None:
    with pytest.raises(Invalid) as refusal:
        await world.hook(receiver.alerts, form=Form.ALERTS, credentials=Credentials(**given))
    assert refusal.value.code == "invalid_credentials"


async def test_an_address_that_is_no_api_of_alertmanager_is_refused(world: World, receiver: Receiver) -> None:
    with pytest.raises(Invalid, match="/api/v2/alerts"):
        await world.hook(receiver.url, form=Form.ALERTS)


async def test_an_alertmanager_that_fails_is_shown_and_given_up_after_days(world: World, receiver: Receiver, servers: Servers) -> None:
    await world.issue()
    hook, _ = await world.hook(receiver.alerts, form=Form.ALERTS)
    receiver.answers = [503] * 20
    await servers.after()
    failing = await world.kept(hook)
    assert (failing.refresh_error, failing.failures, failing.failing_since) == ("status 503", 1, world.clock.now())
    for _ in range(11):
        await servers.after(12 * 60)
    assert (await world.kept(hook)).ended is Ended.FAILING


async def test_an_address_inside_is_refused_and_one_that_is_off_is_not_asked(world: World, receiver: Receiver, servers: Servers) -> None:
    await world.issue()
    hook, _ = await world.hook(receiver.alerts, form=Form.ALERTS)
    servers.refreshers = [AlertRefresher(world.store, world.clock, key=KEY, caller=CallerOnDemand())]
    await servers.after()
    assert (await world.kept(hook)).refresh_error == "refused_address"
    await world.store.write(world.owner, lambda tx: flow.change(tx, hook.id, OFF, key=KEY))
    servers.refreshers = [AlertRefresher(world.store, world.clock, key=KEY, caller=servers.caller)]
    await servers.after()
    assert not receiver.got
