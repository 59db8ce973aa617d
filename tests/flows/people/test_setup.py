"""The first organization: made once, with an owner and a key that works."""

import pytest

from optral.access import service as access
from optral.access.model import KEY_SCOPES, Verdict
from optral.access.service import Authenticator
from optral.flows.people.setup import SetUp, set_up
from optral.store.store import Store
from optral.terms.actor import Role, system
from optral.terms.errors import Invalid, Refused
from tests.support.clock import FakeClock

PEPPER = b"p" * 32


async def run(store: Store, name: str = "Acme", *, email: str = "ops@example.org", add: bool = False, plan: str = "enterprise") -> SetUp:
    return await store.write(system(), lambda tx: set_up(tx, pepper=PEPPER, organisation=name, owner_email=email, add=add, plan=plan))


async def test_an_empty_database_gets_organisation_owner_and_a_working_key(store: Store, clock: FakeClock) -> None:
    made = await run(store)
    assert made.owner.role is Role.OWNER
    assert made.secret not in repr(made)
    who = await Authenticator(store, clock, PEPPER).authenticate(f"Bearer {made.secret}")
    assert (who.org_id, who.scopes) == (made.organisation.id, KEY_SCOPES)
    me = await store.read(who, access.me)
    assert (me.organisation.name, me.organisation.plan, me.member) == ("Acme", "enterprise", made.owner)
    actions = await store.read(who, lambda tx: [record.action for record in access.records_after(tx, 0)])
    assert actions == ["organisation.create", "key.create"]
    assert await store.read(who, access.verify) == Verdict(2, None)


async def test_a_second_organisation_needs_an_explicit_request(store: Store) -> None:
    first = await run(store)
    with pytest.raises(Refused) as refusal:
        await run(store, "Other")
    assert refusal.value.code == "already_set_up"
    second = await run(store, "Other", add=True, plan="free")
    assert second.organisation.id != first.organisation.id
    assert await store.read(system(second.organisation.id), access.plan) == "free"
    assert await store.read(system(second.organisation.id), access.count_keys) == 1


@pytest.mark.parametrize(
    ("name", "email", "plan"), [("", "a@example.org", "free"), ("X", "nobody", "free"), ("X", "a@example.org", "gold")]
)
async def test_bad_words_leave_nothing(store: Store, name: str, email: str, plan: str) -> None:
    with pytest.raises(Invalid):
        await run(store, name, email=email, plan=plan)
    assert await store.read(system(), access.count_organisations) == 0
