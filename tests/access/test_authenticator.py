"""Who sends a request: one answer for every bad key, a revoked key dead within a second, last use written later."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from optral.access import model, service
from optral.access.model import ApiKey, KeySettings, Terms
from optral.access.service import Authenticator
from optral.store.metadata import metadata
from optral.store.store import Job, Store, T
from optral.terms.actor import Actor, Role, agent, system
from optral.terms.errors import Unauthenticated, Unavailable
from optral.terms.ids import ClusterId, OrgId
from tests.support.clock import FakeClock

PEPPER = b"p" * 32


class Counting:
    """A store that counts what it is asked, and can be away."""

    def __init__(self, store: Store) -> None:
        self._store, self.dialect = store, store.dialect
        self.reads = self.writes = 0
        self.away = False

    async def read(self, actor: Actor, job: Job[T]) -> T:
        self.reads += 1
        return await self._store.read(actor, job)

    async def write(self, actor: Actor, job: Job[T]) -> T:
        if self.away:
            raise Unavailable
        self.writes += 1
        return await self._store.write(actor, job)


@pytest.fixture
def counting(store: Store) -> Counting:
    return Counting(store)


@pytest.fixture
def authenticator(counting: Counting, clock: FakeClock) -> Authenticator:
    return Authenticator(counting, clock, PEPPER)


@pytest.fixture
async def new_key(store: Store, org: OrgId) -> tuple[ApiKey, str]:
    scopes = frozenset({"issues:read", "clusters:write"})
    wanted = KeySettings(name="ci", scopes=scopes, clusters=frozenset({ClusterId("cls_a")}))
    return await store.write(system(org), lambda tx: service.create_key(tx, wanted, pepper=PEPPER))


async def last_use(store: Store, org: OrgId, key: ApiKey) -> datetime | None:
    return (await store.read(system(org), lambda tx: service.get_key(tx, key.id))).last_used_at


async def test_a_good_key_is_its_actor(authenticator: Authenticator, new_key: tuple[ApiKey, str], org: OrgId) -> None:
    key, secret = new_key
    for header in (f"Bearer {secret}", f"bearer  {secret} "):
        who = await authenticator.authenticate(header)
        assert (who.org_id, who.id, who.scopes, who.clusters, who.role) == (org, key.id, key.scopes, {"cls_a"}, Role.OWNER)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Basic bWU6bWU=",
        "mht_" + "0" * 46,
        "Bearer mht_short",
        "Bearer mht_" + "0" * 46,
        "Bearer \ud800",
        "Bearer a b",
    ],
)
async def test_a_malformed_key_costs_no_read(authenticator: Authenticator, counting: Counting, header: str | None) -> None:
    with pytest.raises(Unauthenticated):
        await authenticator.authenticate(header)
    assert counting.reads == 0


async def test_every_bad_key_gets_the_same_answer(
    authenticator: Authenticator, store: Store, clock: FakeClock, org: OrgId, new_key: tuple[ApiKey, str]
) -> None:
    key, secret = new_key
    _, ending = await store.write(
        system(org),
        lambda tx: service.create_key(
            tx, KeySettings(name="x", scopes=frozenset({"issues:read"}), expires_at=tx.now + timedelta(seconds=10)), pepper=PEPPER
        ),
    )
    assert (await authenticator.authenticate(f"Bearer {ending}")).org_id == org
    await store.write(system(org), lambda tx: service.revoke_key(tx, key.id))
    clock.advance(10)
    answers = set()
    for bad in (secret, ending, model.generate_key(), "mht_typo"):
        with pytest.raises(Unauthenticated) as refusal:
            await authenticator.authenticate(f"Bearer {bad}")
        answers.add((refusal.value.code, refusal.value.say))
    assert len(answers) == 1


async def test_another_pepper_knows_no_key(counting: Counting, clock: FakeClock, new_key: tuple[ApiKey, str]) -> None:
    with pytest.raises(Unauthenticated):
        await Authenticator(counting, clock, b"q" * 32).authenticate(f"Bearer {new_key[1]}")


async def test_a_revoked_key_ends_within_a_second(
    authenticator: Authenticator, counting: Counting, store: Store, clock: FakeClock, org: OrgId, new_key: tuple[ApiKey, str]
) -> None:
    key, secret = new_key
    who = await authenticator.authenticate(f"Bearer {secret}")
    await authenticator.authenticate(f"Bearer {secret}")
    assert counting.reads == 1
    assert await authenticator.is_valid(who)
    await store.write(system(org), lambda tx: service.revoke_key(tx, key.id))
    assert not await authenticator.is_valid(who)
    clock.advance(1)
    with pytest.raises(Unauthenticated):
        await authenticator.authenticate(f"Bearer {secret}")


async def test_a_makers_lesser_role_narrows_the_key(
    authenticator: Authenticator, store: Store, clock: FakeClock, new_key: tuple[ApiKey, str]
) -> None:
    await store.write(system(), lambda tx: tx.execute(sa.update(metadata.tables["members"]).values(role="viewer")).close())
    assert (await authenticator.authenticate(f"Bearer {new_key[1]}")).scopes == {"issues:read"}


async def test_last_use_is_written_to_the_minute_off_the_request_path(
    authenticator: Authenticator, counting: Counting, store: Store, clock: FakeClock, org: OrgId, new_key: tuple[ApiKey, str]
) -> None:
    key, secret = new_key
    clock.advance(30)
    minute = clock.now().replace(second=0)
    await authenticator.authenticate(f"Bearer {secret}")
    assert (counting.writes, await last_use(store, org, key)) == (0, None)
    await authenticator.flush()
    assert await last_use(store, org, key) == minute
    clock.advance(5)
    await authenticator.authenticate(f"Bearer {secret}")
    await authenticator.flush()
    assert counting.writes == 1  # same minute: nothing to say
    clock.advance(60)
    await authenticator.authenticate(f"Bearer {secret}")
    counting.away = True
    await authenticator.flush()
    counting.away = False
    await authenticator.flush()
    assert await last_use(store, org, key) == minute + timedelta(minutes=1)


async def test_terms_are_known_for_keys_and_others(
    authenticator: Authenticator, counting: Counting, store: Store, org: OrgId, new_key: tuple[ApiKey, str]
) -> None:
    who = await authenticator.authenticate(f"Bearer {new_key[1]}")
    assert await authenticator.terms(who) == Terms("enterprise", None)
    assert counting.reads == 1
    fresh = Authenticator(counting, FakeClock(), PEPPER)
    assert await fresh.terms(who) == Terms("enterprise", None)
    assert await fresh.terms(agent(org, ClusterId("cls_a"))) == Terms("enterprise", None)
    for stranger in (replace(who, id="key_gone"), system()):
        with pytest.raises(Unauthenticated):
            await fresh.terms(stranger)
