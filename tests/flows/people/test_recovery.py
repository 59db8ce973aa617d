"""A password that is set on the server's host: for one member, whose sign-in sessions end."""

import json

import pytest

from optral.access import people_repository, people_service as people, service as access
from optral.access.policy import SignInPolicy
from optral.flows.people import recovery
from optral.store.store import Store
from optral.terms import actor as actors
from optral.terms.errors import Misconfigured
from optral.terms.ids import OrgId

OWNER = "owner@example.org"


async def organisation(store: Store, name: str) -> tuple[OrgId, str]:
    """Its id, and the id of its owner."""
    made, owner = await store.write(actors.system(), lambda tx: access.create_organisation(tx, name=name, plan="free", owner_email=OWNER))
    await store.write(actors.system(made.id), lambda tx: people.open_session(tx, pepper=b"p" * 32, user_id=owner.id))
    return made.id, owner.id


async def reset(store: Store, email: str, organisation: str = "", *, is_any_network: bool = False) -> int:
    return await store.write(
        actors.system(),
        lambda tx: recovery.reset_password(tx, email=email, organisation=organisation, hash="new", is_any_network=is_any_network),
    )


async def test_the_member_of_the_named_organization_alone_gets_it(store: Store) -> None:
    shop, shop_owner = await organisation(store, "Shop")
    bank, bank_owner = await organisation(store, "Bank")
    with pytest.raises(Misconfigured, match="Bank, Shop"):
        await reset(store, OWNER)
    assert await reset(store, " Owner@Example.org ", "Shop") == 1
    hashes = [
        await store.read(actors.system(org), lambda tx, user=user: people.password_hash(tx, user))  # type: ignore[misc]
        for org, user in ((shop, shop_owner), (bank, bank_owner))
    ]
    assert hashes == ["new", None]
    (record,) = await store.read(actors.system(shop), lambda tx: access.records_after(tx, 0))
    assert (record.action, record.target) == ("member.reset_password", shop_owner)
    assert await store.read(actors.system(bank), lambda tx: access.records_after(tx, 0)) == []


@pytest.mark.parametrize(("email", "org"), [("nobody@example.org", ""), (OWNER, "Bank")])
async def test_an_address_without_a_member_is_refused(store: Store, email: str, org: str) -> None:
    await organisation(store, "Shop")
    with pytest.raises(Misconfigured, match="no member"):
        await reset(store, email, org)


@pytest.mark.parametrize("is_any_network", [False, True])
async def test_networks_that_shut_everybody_out_are_removed_if_asked(store: Store, is_any_network: bool) -> None:
    """The office has another address since the provider of the line changed."""
    shop, owner_id = await organisation(store, "Shop")
    policy = SignInPolicy(session_hours=8, session_networks=frozenset({"192.0.2.0/24"}))
    await store.write(actors.system(shop), lambda tx: people_repository.set_policy(tx, policy))
    await reset(store, OWNER, is_any_network=is_any_network)
    now = await store.read(actors.system(shop), people.sign_in_policy)
    assert now == (SignInPolicy(session_hours=8) if is_any_network else policy)
    records = await store.read(actors.system(shop), lambda tx: access.records_after(tx, 0))
    assert [(one.action, one.target) for one in records] == [("member.reset_password", owner_id)]
    assert json.loads(records[0].detail)["anyNetwork"] is is_any_network
