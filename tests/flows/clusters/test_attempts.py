"""What the server records of agents that connect: for the organization of the token alone, bounded, and without secrets."""

import hashlib

import pytest
import sqlalchemy as sa

from optral.clusters import connection_service, service
from optral.clusters.connection import Code, Contact
from optral.clusters.tables import connection_attempts
from optral.events import service as events
from optral.flows.clusters import connection as flow, manage
from optral.flows.clusters.connect import Connect
from optral.store.store import Store
from optral.terms import actor as actors
from optral.terms.errors import Refused
from optral.terms.ids import OrgId
from tests.support.agents import KUBE_UID, AgentKey
from tests.support.clock import FakeClock


async def knock(connect: Connect, token: str, **contact: str) -> str:
    """The code of the refusal; empty when the agent enrolled."""
    try:
        await connect.enrol(token=token, csr_der=AgentKey().csr_der, kube_system_uid=KUBE_UID, nonce="n", contact=Contact(**contact))  # type: ignore[arg-type]
    except Refused as refusal:
        return refusal.code
    return ""


async def problem(store: Store, org: OrgId, cluster_id: str) -> tuple[str, str | None, int | None] | None:
    found = (await store.read(actors.system(org), lambda tx: flow.progress(tx, cluster_id))).problem
    return None if found is None else (found.code, found.address, found.count)


def hint_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()[:16]


async def rows(store: Store) -> list[tuple[str, str]]:
    found = await store.read(actors.system(), lambda tx: tx.execute(sa.select(connection_attempts)).all())
    return [(row.org_id, row.code) for row in found]


async def test_whoever_connects_a_cluster_sees_the_last_refusal_and_where_it_came_from(
    store: Store, clock: FakeClock, org: OrgId, connect: Connect
) -> None:
    made = await store.write(actors.system(org), lambda tx: manage.create(tx, name="shop"))
    clock.advance(3601)
    assert await knock(connect, made.token, address="192.0.2.7", agent_version="0.1.0") == "token_expired"
    assert await problem(store, org, made.cluster.id) == ("token_expired", "192.0.2.7", 1)
    clock.advance(10)
    await knock(connect, made.token, address="192.0.2.8\x1b[2J" + "9" * 100)
    code, address, count = await problem(store, org, made.cluster.id) or ("", "", 0)
    assert (code, count) == ("token_expired", 2)
    assert address is not None and address.isprintable() and len(address) <= 64


async def test_a_used_token_is_named_and_a_new_token_starts_afresh(store: Store, clock: FakeClock, org: OrgId, connect: Connect) -> None:
    made = await store.write(actors.system(org), lambda tx: manage.create(tx, name="shop"))
    assert await knock(connect, made.token) == ""
    clock.advance(1)
    assert await knock(connect, made.token) == "token_used"
    assert (await problem(store, org, made.cluster.id) or [""])[0] == "token_used"
    clock.advance(1)
    await store.write(actors.system(org), lambda tx: manage.new_enrollment_token(tx, made.cluster.id))
    assert await problem(store, org, made.cluster.id) is None


async def test_a_token_that_nobody_created_leaves_no_trace_in_any_organization(store: Store, org: OrgId, connect: Connect) -> None:
    await store.write(actors.system(org), lambda tx: manage.create(tx, name="shop"))
    stranger = "mhe_" + "a" * 43
    assert await knock(connect, stranger) == "token_unknown"
    await connect.first_contact(hint_of(stranger), None, Contact())
    assert await rows(store) == []


@pytest.mark.parametrize(("pin", "code"), [(None, Code.REACHED), ("own", Code.REACHED), ("sha256:" + "0" * 64, Code.CA_PIN_MISMATCH)])
async def test_the_first_contact_names_a_foreign_pin_and_a_clock(
    store: Store, org: OrgId, connect: Connect, pin: str | None, code: Code
) -> None:
    made = await store.write(actors.system(org), lambda tx: manage.create(tx, name="shop"))
    pin = connect.authority.ca_pin if pin == "own" else pin
    await connect.first_contact(hint_of(made.token), pin, Contact(clock_offset_ms=90_000, agent_version="0.0.1"))
    (attempt,) = await store.read(actors.system(org), lambda tx: connection_service.attempts(tx, made.cluster.id))
    assert (attempt.code, attempt.clock_offset_ms) == (code, 90_000)


@pytest.mark.parametrize("hint", ["", "xyz", "0" * 16, "%" * 16, "A" * 16, "0" * 64])
async def test_a_hint_that_fits_nothing_is_ignored(store: Store, org: OrgId, connect: Connect, hint: str) -> None:
    await store.write(actors.system(org), lambda tx: manage.create(tx, name="shop"))
    await connect.first_contact(hint, None, Contact())
    assert await rows(store) == []


async def test_an_agent_in_a_loop_is_news_once_a_minute(store: Store, clock: FakeClock, org: OrgId, connect: Connect) -> None:
    made = await store.write(actors.system(org), lambda tx: manage.create(tx, name="shop"))
    await knock(connect, made.token)
    for _ in range(61):
        clock.advance(1)
        await knock(connect, made.token)
    news = await store.read(actors.system(org), lambda tx: events.read_after(tx, 0))
    told = [event.data["code"] for event in news if event.type == "cluster.connection"]
    assert told == ["enrolled", "token_used", "token_used"]
    (attempt,) = [
        one
        for one in await store.read(actors.system(org), lambda tx: connection_service.attempts(tx, made.cluster.id))
        if one.code is Code.TOKEN_USED
    ]
    assert 10 <= attempt.count <= 14, "a row every five seconds"


async def test_attempts_go_with_the_cluster(store: Store, org: OrgId, connect: Connect) -> None:
    made = await store.write(actors.system(org), lambda tx: manage.create(tx, name="shop"))
    await knock(connect, made.token)
    await store.write(actors.system(org), lambda tx: manage.delete(tx, made.cluster.id))
    await store.write(actors.system(org), lambda tx: service.mark_purged(tx, made.cluster.id))
    assert await rows(store) == []
