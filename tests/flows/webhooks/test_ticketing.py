"""Tickets that a person creates: requested once, and then as those that a filter created. Both databases."""

from dataclasses import replace

import pytest

from optral.flows.webhooks import ticketing
from optral.flows.webhooks.ticketing import IssueTicket, TicketStatus
from optral.issues.model import Status
from optral.kit.outbound import Reply
from optral.terms import ids
from optral.terms.actor import Actor
from optral.terms.errors import NotFound, Refused
from optral.terms.reach import Area, Reach
from optral.terms.severity import Severity
from optral.webhooks.model import Credentials, Filters, Form, Outcome, Webhook
from tests.conftest import ActorMaker
from tests.flows.webhooks.deliveries import World
from tests.flows.webhooks.test_routing import move
from tests.flows.webhooks.test_tickets import GITEA, GITHUB, GITLAB, JIRA, Service, carried

CRITICAL = Filters(min_severity=Severity.CRITICAL)


async def hook(world: World, filters: Filters = CRITICAL) -> Webhook:
    made, _ = await world.hook(GITHUB, form=Form.TICKET, filters=filters, credentials=Credentials(token="token"))
    return made


async def create(world: World, issue_id: str, webhook: str, who: Actor | None = None) -> tuple[IssueTicket, bool]:
    return await world.store.write(who or world.owner, lambda tx: ticketing.create(tx, issue_id, webhook))


async def shown(world: World, issue_id: str) -> IssueTicket:
    (one,) = await world.store.read(world.owner, lambda tx: ticketing.of(tx, issue_id))
    return one


async def rounds(world: World) -> None:
    await world.tell()
    await world.carry()


async def started(world: World) -> tuple[Service, Webhook, str]:
    """An issue that the filters of the webhook leave out."""
    service, made = carried(world), await hook(world)
    issue_id = await world.issue()
    await rounds(world)
    assert not service.tickets
    return service, made, issue_id


async def test_a_ticket_by_hand_is_created_once_and_follows_its_issue(world: World) -> None:
    service, made, issue_id = await started(world)
    first, again = await create(world, issue_id, "on-call"), await create(world, issue_id, made.id)
    assert (first[1], again[1], first[0].status) == (True, False, TicketStatus.PENDING)
    await rounds(world)
    (ticket,) = service.tickets.values()
    kept = await shown(world, issue_id)
    assert (kept.status, kept.remote_id, kept.url, kept.error) == (TicketStatus.OPEN, "1", "https://tickets.example.com/1", None)
    assert (await create(world, issue_id, made.id)) == (kept, False)
    await move(world, issue_id, "issue.resolved", status=Status.RESOLVED, resolved_at=world.clock.now())
    await rounds(world)
    await move(world, issue_id, status=Status.OPEN)
    await rounds(world)
    assert (ticket["is_open"], ticket["said"]) == (True, ["The issue has resolved in Optral.", "The failure is back."])
    assert len(service.tickets) == 1


async def test_a_ticket_that_failed_for_good_is_requested_again(world: World) -> None:
    service, made, issue_id = await started(world)
    await create(world, issue_id, made.id)
    service.answers = [Reply(403, {}, b"{}")] * 8
    for _ in range(8):
        await rounds(world)
        world.clock.advance(50_000)
    failed = await shown(world, issue_id)
    assert (failed.status, failed.error) == (
        TicketStatus.FAILED,
        "GitHub does not permit this to the token; it needs the right to create and edit issues",
    )
    assert (await create(world, issue_id, made.id))[1]
    await rounds(world)
    assert (await shown(world, issue_id)).status is TicketStatus.OPEN
    assert len(service.tickets) == 1


@pytest.mark.parametrize("url", [GITHUB, GITEA, GITLAB, JIRA])
@pytest.mark.parametrize("absent", [404, 410])
async def test_a_ticket_that_a_person_deleted_comes_back_by_hand_only(world: World, url: str, absent: int) -> None:
    """The issue and the delivery say so, at once, and the webhook stays on."""
    service = carried(world)
    service.absent = absent
    made, _ = await world.hook(url, form=Form.TICKET, credentials=Credentials(token="token"))
    issue_id = await world.issue()
    await rounds(world)
    key = (await shown(world, issue_id)).remote_id
    service.tickets.clear()
    for status in (Status.RESOLVED, Status.OPEN):
        await move(world, issue_id, "issue.resolved" if status is Status.RESOLVED else "issue.updated", status=status)
        await rounds(world)
        one = (await world.deliveries(made))[-1]
        assert (one.status, one.error, one.attempts) == (Outcome.FAILED, "ticket_deleted", 1)
        assert f"the ticket {key} was deleted there" in str(one.message)
        ticket = await shown(world, issue_id)
        assert (ticket.status, ticket.remote_id, ticket.url, ticket.error) == (TicketStatus.DELETED, key, None, one.message)
    assert not service.tickets and (await world.kept(made)).failures == 0
    assert (await create(world, issue_id, made.id))[1]
    await rounds(world)
    await move(world, issue_id, "issue.resolved", status=Status.RESOLVED, resolved_at=world.clock.now())
    await rounds(world)
    (again,) = service.tickets.values()
    assert (await shown(world, issue_id)).status is TicketStatus.CLOSED and not again["is_open"]


async def test_a_project_that_is_hidden_from_the_token_is_no_deleted_ticket(world: World) -> None:
    service, made, issue_id = await started(world)
    await create(world, issue_id, made.id)
    await rounds(world)
    service.answers = [Reply(404, {}, b"{}")] * 2
    await move(world, issue_id, "issue.resolved", status=Status.RESOLVED, resolved_at=world.clock.now())
    await rounds(world)
    assert (await shown(world, issue_id)).status is TicketStatus.OPEN
    await world.tell(70)
    await world.carry()
    assert (await shown(world, issue_id)).status is TicketStatus.CLOSED


@pytest.mark.parametrize(
    ("url", "says"), [(GITHUB, "name of the repository"), (GITLAB, "name of the project"), (JIRA, "name of the project")]
)
async def test_a_project_that_is_not_there_is_named_as_its_service_does(world: World, url: str, says: str) -> None:
    service = carried(world)
    await world.hook(url, form=Form.TICKET, credentials=Credentials(token="token"))
    issue_id = await world.issue()
    service.answers = [Reply(404, {}, b"{}")]
    await rounds(world)
    assert says in str((await shown(world, issue_id)).error)


async def test_only_a_webhook_for_tickets_that_includes_the_issue_is_offered(world: World, actor: ActorMaker) -> None:
    _, made, issue_id = await started(world)
    await hook(world, Filters(namespaces=frozenset({"bank"})))
    await hook(world, Filters(clusters=frozenset({ids.new("cls")})))
    await world.hook("https://hooks.example.com/T0")
    for who, offered in ((world.owner, [made.id]), (replace(world.owner, scopes=frozenset({"issues:read"})), [])):
        found = await world.store.read(who, lambda tx: ticketing.targets(tx, issue_id))
        assert [one.id for one in found] == offered
    with pytest.raises(NotFound):
        await create(world, issue_id, "none-such")


async def test_a_resolved_issue_gets_no_ticket(world: World) -> None:
    _, made, issue_id = await started(world)
    await move(world, issue_id, "issue.resolved", status=Status.RESOLVED, resolved_at=world.clock.now())
    with pytest.raises(Refused):
        await create(world, issue_id, made.id)


async def test_an_issue_that_the_actor_cannot_see_is_none(world: World) -> None:
    _, made, issue_id = await started(world)
    other = replace(world.owner, reach=Reach((Area(frozenset({ids.new("cls")})),)))
    with pytest.raises(NotFound):
        await create(world, issue_id, made.id, other)
    with pytest.raises(NotFound):
        await world.store.read(other, lambda tx: ticketing.of(tx, issue_id))
