"""What becomes of a ticket when its service fails, for each service: the table of docs/tickets.md, row by row."""

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from optral.flows.webhooks import ticketing, tickets as flow
from optral.flows.webhooks.ticketing import TicketStatus
from optral.issues.model import Status
from optral.kit.outbound import Reply, Request
from optral.webhooks.model import LEASE, Credentials, Delivery, Form, Outcome, Webhook
from tests.flows.webhooks.deliveries import World
from tests.flows.webhooks.test_routing import move
from tests.flows.webhooks.test_tickets import GITEA, GITHUB, GITLAB, JIRA, Service, carried
from tests.support.sqlite_alone import engine_name as engine_name

Fault = Reply | str | list[Reply] | None
"""As answers of `Service`."""
PAGE = Path(__file__).parents[3] / "docs" / "tickets.md"
HTML = b"<html>a proxy</html>"
BODIES = (HTML, b"", b"null", b"7", b"[1]", b'{"number": "x", "iid": [], "key": 1}', b"\xff")
TOO_MANY = b'{"message": "You have exceeded a secondary rate limit"}'


def replies(*statuses: int) -> list[Fault]:
    return [Reply(status, {}, b'{"message": "no"}') for status in statuses]


FAULTS: dict[str, list[Fault]] = {
    "401": replies(401),
    "403": replies(403),
    "404, 410": replies(404, 410),
    "400, 405, 409, 422": replies(400, 405, 409, 422),
    "3xx": replies(301, 307),
    "429, or 403 of a rate limit": [
        Reply(429, {}, b""),
        Reply(429, {"retry-after": "60"}, b"{}"),
        Reply(403, {"x-ratelimit-remaining": "0"}, b"{}"),
        Reply(403, {}, TOO_MANY),
    ],
    "5xx": [*replies(500, 502), Reply(503, {"retry-after": "60"}, HTML), [Reply(504, {}, HTML)]],
    "no connection, unknown host, TLS failure": ["connect", "dns", "tls"],
    "slow answer, lost answer": ["timeout", None],
    "invalid answer": [*(Reply(200, {}, body) for body in BODIES), [Reply(200, {}, HTML)]],
    "an answer above 4 MiB": ["too_large"],
    "an address that is not allowed": ["refused_address"],
}
URLS = {"GitHub": GITHUB, "GitLab": GITLAB, "Gitea": GITEA, "Jira": JIRA}


def documented() -> dict[str, list[str]]:
    """The rows of the table: their cells after the fault."""
    _, _, table = PAGE.read_text().partition("| fault |")
    lines = table.partition("\n\n")[0].splitlines()[2:]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {cells[0]: cells[1:] for cells in rows}


def test_the_page_has_each_fault() -> None:
    assert list(documented()) == list(FAULTS)


async def started(world: World, url: str) -> tuple[Service, Webhook]:
    hook, _ = await world.hook(url, form=Form.TICKET, credentials=Credentials(token="token"))
    return carried(world), hook


async def last(world: World, hook: Webhook) -> Delivery:
    return (await world.deliveries(hook))[-1]


async def rounds(world: World, after_s: float = 5) -> None:
    await world.tell(after_s)
    await world.carry()


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("service", URLS)
async def test_a_fault_while_a_ticket_is_created(world: World, service: str, fault: str) -> None:
    shown, counts, exists, _ = documented()[fault]
    there, hook = await started(world, URLS[service])
    can_exist = False
    for number, given in enumerate(FAULTS[fault]):
        issue_id = await world.issue(title=f"issue {number}")
        there.answers = [given]
        await rounds(world)
        one = await last(world, hook)
        reply = given[0] if isinstance(given, list) else given if isinstance(given, Reply) else None
        expected = str(reply.status) if reply is not None and shown == "the status" else shown.strip("`")
        assert (str(one.answered) if one.answered else one.error) == expected
        assert (one.status, one.attempts) == (Outcome.PENDING, {"yes": 1, "no": 0}[counts])
        [ticket] = await world.store.read(world.owner, lambda tx, issue_id=issue_id: ticketing.of(tx, issue_id))
        assert (ticket.status, ticket.error) == (TicketStatus.PENDING, one.message if one.attempts else None)
        can_exist |= len(there.tickets) > number
        if reply is not None and "retry-after" in reply.headers:
            await rounds(world, after_s=50)
            assert (await last(world, hook)).status is Outcome.PENDING
        await rounds(world, after_s=70)
        assert (await last(world, hook)).status is Outcome.DELIVERED
        assert len(there.tickets) == number + 1
    assert exists == ("can exist" if can_exist else "none")


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("service", URLS)
async def test_a_fault_while_a_ticket_is_closed(world: World, service: str, fault: str) -> None:
    """At each of the requests: the next attempt does what failed, and a comment stands there twice only if its answer was lost."""
    there, hook = await started(world, URLS[service])
    given = FAULTS[fault][-1]
    requests = {"GitHub": 2, "Gitea": 2, "GitLab": 3, "Jira": 4}[service]
    for at in range(requests):
        issue_id = await world.issue()
        await rounds(world)
        there.answers = [*[""] * at, given]
        await move(world, issue_id, "issue.resolved", status=Status.RESOLVED, resolved_at=world.clock.now())
        await rounds(world)
        for _ in range(2):
            await rounds(world, after_s=70)
        assert (await last(world, hook)).status is Outcome.DELIVERED
        ticket = list(there.tickets.values())[-1]
        is_twice = (given is None or isinstance(given, list)) and at == requests - 1
        assert (ticket["is_open"], ticket["said"]) == (False, ["The issue has resolved in Optral."] * (1 + is_twice))
    assert len(there.tickets) == requests


class Slow(Service):
    """Takes the first request and answers it never."""

    is_slow = True

    async def call(self, request: Request) -> Reply:
        reply = await super().call(request)
        if self.is_slow:
            self.is_slow = False
            await asyncio.Event().wait()
        return reply


async def test_a_service_that_is_too_slow_gets_no_second_ticket(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert LEASE.total_seconds() > flow.WITHIN_S, "then another worker sends the delivery too"
    monkeypatch.setattr(flow, "WITHIN_S", 1.0)
    _, hook = await started(world, GITHUB)
    there: Any = Slow()
    world.delivery_worker._issue_senders = {Form.TICKET: flow.TicketSender(world.store, there)}
    await world.issue()
    await rounds(world)
    one = await last(world, hook)
    assert (one.error, one.message, one.attempts) == ("timeout", "the service took more than 1 seconds", 1)
    await rounds(world, after_s=70)
    assert (await last(world, hook)).status is Outcome.DELIVERED
    assert len(there.tickets) == 1


def test_the_page_names_the_limit_of_a_delivery() -> None:
    assert re.search(rf"\b{flow.WITHIN_S:.0f} seconds", PAGE.read_text())
