"""Tickets across servers: any of them takes one, and only one of them does."""

from datetime import timedelta

import pytest

from optral.access import service as access
from optral.access.authenticator import Authenticator
from optral.access.limiter import Limiter
from optral.api.events.tickets import Tickets
from optral.store.store import Store
from optral.terms.actor import ActorKind
from tests.api.conftest import PEPPER, Api
from tests.support.clock import FakeClock


def server(api: Api, *, clock: FakeClock | None = None) -> Tickets:
    """The tickets of one more server on the same database."""
    clock = clock or api.clock
    authenticator = Authenticator(api.store, clock, PEPPER)
    limiter = Limiter(store=api.store, clock=clock, authenticator=authenticator)
    return Tickets(clock, authenticator, limiter, shared=PEPPER if is_shared(api.store) else None)


def is_shared(store: Store) -> bool:
    return store.dialect == "postgresql"


async def issued(api: Api) -> str:
    made = await api("POST", "/v1/events/tickets")
    return str(made.json()["ticket"])


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
async def test_another_server_takes_a_ticket_and_nobody_takes_it_again(api: Api) -> None:
    text = await issued(api)
    other, third = server(api), server(api)
    actor = await other.take(text)
    assert actor is not None
    assert (actor.kind, actor.org_id) == (ActorKind.KEY, api.org)
    assert [await one.take(text) for one in (api.services.tickets, other, third)] == [None, None, None]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
async def test_a_ticket_ends_with_the_process_where_there_is_but_one(api: Api) -> None:
    assert await server(api).take(await issued(api)) is None


async def test_a_ticket_has_the_rights_its_key_has_now(api: Api) -> None:
    text = await issued(api)
    key = await access_key(api)
    await api.store.write(api.owner, lambda tx: access.revoke_key(tx, key))
    assert await api.services.tickets.take(text) is None


async def access_key(api: Api) -> str:
    me = await api.get("/v1/me")
    return str(me.json()["actor"]["id"])


@pytest.mark.parametrize("text", ["", "x", "é", "A" * 171, "A" * 10_000, "../../etc", "%00"])
async def test_what_is_no_ticket_opens_nothing(api: Api, text: str) -> None:
    assert await api.services.tickets.take(text) is None


async def test_a_changed_ticket_opens_nothing(api: Api) -> None:
    text = await issued(api)
    assert await api.services.tickets.take(("A" if text[0] != "A" else "B") + text[1:]) is None


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
@pytest.mark.parametrize(("ahead_s", "taken"), [(4, True), (-4, True), (61, False), (-3600, False)])
async def test_servers_whose_clocks_differ_a_little_take_each_others_tickets(api: Api, ahead_s: float, taken: bool) -> None:
    other = FakeClock(api.clock.now() + timedelta(seconds=ahead_s))
    assert (await server(api, clock=other).take(await issued(api)) is not None) is taken
