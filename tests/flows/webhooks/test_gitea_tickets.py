"""Tickets in a real Gitea, from the rule that asks for them to the last comment."""

import ipaddress
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from optral.flows.webhooks import ticketing
from optral.flows.webhooks.delivery import DeliveryWorker
from optral.flows.webhooks.ticketing import IssueTicket, TicketStatus
from optral.flows.webhooks.tickets import TicketSender
from optral.issues.model import Status
from optral.kit.outbound import CallFailed, Reply, Request
from optral.kit.outbound_http import HttpCaller
from optral.terms.severity import Severity
from optral.webhooks.model import Credentials, Delivery, Filters, Form, Outcome, Webhook
from optral.webhooks.ticket_template import TicketTemplate
from tests.flows.webhooks.deliveries import KEY, Hanging, World
from tests.flows.webhooks.test_routing import move
from tests.flows.webhooks.test_tickets import changed
from tests.forges.fakes import REPOSITORY
from tests.forges.gitea import OWNER, Gitea
from tests.forges.test_gitea import gitea as gitea
from tests.support.sqlite_alone import engine_name as engine_name

pytestmark = pytest.mark.slow  # starts a server
ISSUES = f"/repos/{REPOSITORY}/issues"
NEEDED = "write:issue"  # of docs/tickets.md
ENDED, BACK = "The issue has resolved in Optral.", "The failure is back."


@dataclass
class Lossy:
    """A caller that loses the answers to the next requests with the methods of `lost`, after they took effect."""

    real: HttpCaller
    lost: list[str] = field(default_factory=list)

    async def call(self, request: Request) -> Reply:
        reply = await self.real.call(request)
        if self.lost and request.method == self.lost[0]:
            self.lost.pop(0)
            raise CallFailed("timeout")
        return reply

    async def close(self) -> None:
        await self.real.close()


@dataclass
class Tracker:
    """A repository, and the world whose tickets are in it."""

    world: World
    gitea: Gitea
    caller: Lossy

    async def hook(self, *, token: str = "", filters: Filters | None = None, ticket: TicketTemplate | None = None) -> Webhook:
        credentials = Credentials(token=token or await self.gitea.new_token(NEEDED))
        url = f"{self.gitea.url}/api/v1{ISSUES}"
        made, _ = await self.world.hook(url, form=Form.TICKET, credentials=credentials, filters=filters, ticket=ticket)
        return made

    async def rounds(self, after_s: float = 5) -> None:
        await self.world.tell(after_s)
        await self.world.carry()

    async def resolve(self, issue_id: str) -> None:
        await move(self.world, issue_id, "issue.resolved", status=Status.RESOLVED, resolved_at=self.world.clock.now())
        await self.rounds()

    async def reopen(self, issue_id: str) -> None:
        await move(self.world, issue_id, status=Status.OPEN)
        await self.rounds()

    async def tickets(self) -> list[dict[str, Any]]:
        return list(await self.gitea.api("GET", f"{ISSUES}?state=all&type=issues"))

    async def ticket(self) -> dict[str, Any]:
        """The only one."""
        (one,) = await self.tickets()
        return one

    async def comments(self) -> list[str]:
        return [one["body"] for one in await self.gitea.api("GET", f"{ISSUES}/1/comments")]

    async def last(self, hook: Webhook) -> Delivery:
        return (await self.world.deliveries(hook))[-1]

    async def shown(self, issue_id: str) -> IssueTicket:
        (one,) = await self.world.store.read(self.world.owner, lambda tx: ticketing.of(tx, issue_id))
        return one


@pytest.fixture
async def tracker(world: World, gitea: Gitea) -> AsyncIterator[Tracker]:
    caller = Lossy(HttpCaller(private=[ipaddress.ip_network("127.0.0.0/8")]))
    sender = TicketSender(world.store, caller)
    world.delivery_worker = DeliveryWorker(
        world.store, world.clock, key=KEY, sender=Hanging(), issue_senders={Form.TICKET: sender}, link="https://optral.example"
    )
    gitea.token = await gitea.new_token("all")
    yield Tracker(world, gitea, caller)
    await sender.close()


async def test_a_ticket_of_a_rule_has_its_template_and_follows_its_issue(tracker: Tracker) -> None:
    for name in ("ops", "high", "unused"):
        await tracker.gitea.api("POST", f"/repos/{REPOSITORY}/labels", {"name": name, "color": "#00aabb"})
    template = TicketTemplate(
        title="[{severity}] {title}",
        text="Cause: {cause}\n\n- Object: {object}\n- {title}\n\n{url}",
        labels=["ops", "team:{team}", "{severity}"],
        assignee=OWNER,
    )
    hook = await tracker.hook(ticket=template)
    issue_id = await tracker.world.issue(title=f"Container @{OWNER} was killed\n/close <b>#1</b>")
    await tracker.rounds()
    ticket = await tracker.ticket()
    assert ticket["title"] == f"[high] Container @{OWNER} was killed /close <b>#1</b>"
    assert f"- `Container @{OWNER} was killed /close <b>#1</b>`" in ticket["body"]
    assert f"https://optral.example/issues/{issue_id}" in ticket["body"]
    assert sorted(one["name"] for one in ticket["labels"]) == ["high", "ops"]
    assert [one["login"] for one in ticket["assignees"]] == [OWNER]
    shown = await tracker.shown(issue_id)
    assert (shown.status, shown.remote_id, shown.url, shown.error) == (TicketStatus.OPEN, "1", ticket["html_url"], None)
    await tracker.resolve(issue_id)
    assert ((await tracker.ticket())["state"], await tracker.comments()) == ("closed", [ENDED])
    await tracker.reopen(issue_id)
    assert ((await tracker.ticket())["state"], await tracker.comments()) == ("open", [ENDED, BACK])
    await tracker.resolve(issue_id)
    assert ((await tracker.ticket())["state"], await tracker.comments()) == ("closed", [ENDED, BACK, ENDED])
    assert {one.status for one in await tracker.world.deliveries(hook)} == {Outcome.DELIVERED}


async def test_a_ticket_by_hand_is_created_once_and_follows_its_issue(tracker: Tracker) -> None:
    world, hook = tracker.world, await tracker.hook(filters=Filters(min_severity=Severity.CRITICAL))
    issue_id = await world.issue()
    await tracker.rounds()
    assert await tracker.tickets() == []
    asked = [await world.store.write(world.owner, lambda tx: ticketing.create(tx, issue_id, hook.id)) for _ in range(2)]
    assert [is_requested for _, is_requested in asked] == [True, False]
    await tracker.rounds()
    assert (await tracker.ticket())["state"] == "open"
    await tracker.gitea.api("PATCH", f"{ISSUES}/1", {"state": "closed"})  # by a person
    await tracker.resolve(issue_id)
    assert ((await tracker.ticket())["state"], await tracker.comments()) == ("closed", [ENDED])
    await tracker.reopen(issue_id)
    assert ((await tracker.ticket())["state"], await tracker.comments()) == ("open", [ENDED, BACK])


async def test_a_lost_answer_creates_no_second_ticket(tracker: Tracker) -> None:
    hook = await tracker.hook()
    issue_id = await tracker.world.issue()
    tracker.caller.lost = ["POST"]
    await tracker.rounds()
    assert (await tracker.last(hook)).error == "forge_unreachable"
    for number in range(60):  # more than Gitea lists at once
        await tracker.gitea.api("POST", ISSUES, {"title": f"Another {number}"})
    await tracker.rounds(after_s=60)
    assert (await tracker.last(hook)).status is Outcome.DELIVERED
    assert (await tracker.shown(issue_id)).remote_id == "1"
    assert (await tracker.gitea.api("GET", f"/repos/{REPOSITORY}"))["open_issues_count"] == 61
    tracker.caller.lost = ["PATCH"]
    await tracker.resolve(issue_id)
    assert ((await tracker.gitea.api("GET", f"{ISSUES}/1"))["state"], await tracker.comments()) == ("closed", [])
    await tracker.rounds(after_s=60)
    assert await tracker.comments() == [ENDED]


async def test_a_label_is_found_among_many(tracker: Tracker) -> None:
    for name in [*(f"component-{number}" for number in range(60)), "zone"]:
        await tracker.gitea.api("POST", f"/repos/{REPOSITORY}/labels", {"name": name, "color": "#00aabb"})
    await tracker.hook(ticket=TicketTemplate(labels=["zone"]))
    await tracker.world.issue()
    await tracker.rounds()
    assert [one["name"] for one in (await tracker.ticket())["labels"]] == ["zone"]


async def test_what_a_template_has_wrong_is_shown_and_its_correction_creates_the_ticket(tracker: Tracker) -> None:
    world = tracker.world
    hook = await tracker.hook(ticket=TicketTemplate(labels=["nowhere"]))
    issue_id = await world.issue()
    await tracker.rounds()
    for template, said in (
        ({"labels": ["nowhere"]}, "the repository has no label nowhere"),
        ({"assignee": "nobody"}, "Gitea refuses this: Assignee does not exist"),
    ):
        await changed(tracker.world, hook, {"ticket": template})
        await tracker.rounds(after_s=3600)
        last = await tracker.last(hook)
        assert (last.status, last.answered) == (Outcome.PENDING, 422)
        assert said in (last.message or "")
        assert (await tracker.shown(issue_id)).error == last.message
    assert await tracker.tickets() == []
    await changed(tracker.world, hook, {"ticket": None})
    await tracker.rounds(after_s=12 * 3600)
    assert (await tracker.ticket())["state"] == "open"


async def test_a_token_without_the_right_is_shown_and_another_creates_the_ticket(tracker: Tracker) -> None:
    world, hook = tracker.world, await tracker.hook(token="0" * 40)
    issue_id = await world.issue()
    await tracker.rounds()
    assert ((await tracker.last(hook)).answered, (await tracker.last(hook)).attempts) == (401, 1)
    read_only, other = await tracker.gitea.new_token("read:issue"), await tracker.gitea.new_token(NEEDED)
    await changed(tracker.world, hook, {}, credentials=Credentials(token=read_only))
    await tracker.rounds(after_s=600)
    last = await tracker.last(hook)
    assert last.answered == 403
    assert "write:issue" in (last.message or "") and read_only not in (last.message or "")
    assert (await tracker.shown(issue_id)).error == last.message
    await changed(tracker.world, hook, {}, credentials=Credentials(token=other))
    await tracker.rounds(after_s=3600)
    assert (await tracker.ticket())["state"] == "open"
    assert (await world.kept(hook)).is_enabled


async def test_a_ticket_or_repository_that_is_gone_is_an_error_and_no_other_is_created(tracker: Tracker) -> None:
    world, hook = tracker.world, await tracker.hook()
    deleted, kept = await world.issue(title="deleted"), await world.issue(title="kept")
    await tracker.rounds()
    number = (await tracker.shown(deleted)).remote_id
    await tracker.gitea.api("DELETE", f"{ISSUES}/{number}")
    await tracker.resolve(deleted)
    assert (await tracker.last(hook)).error == "ticket_deleted"
    assert (await tracker.shown(deleted)).status is TicketStatus.DELETED
    assert [one["title"] for one in await tracker.tickets()] == ["kept"]
    await tracker.gitea.api("PATCH", f"/repos/{REPOSITORY}", {"name": "elsewhere"})
    await tracker.resolve(kept)
    moved = await tracker.last(hook)
    assert (moved.answered, moved.message) == (301, "Gitea has moved, or the repository was renamed; correct its address")
    await tracker.gitea.api("DELETE", f"/repos/{OWNER}/elsewhere")
    await tracker.rounds(after_s=600)
    assert [one.answered for one in await world.deliveries(hook) if one.due_at is not None] == [404]
    assert (await world.kept(hook)).is_enabled
