"""Organizations, keys, the audit chain: by the package's door, on both engines, with the other tenant looking on."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa

from optral.access import chain, service
from optral.access.model import SCOPES, ApiKey, AuditFilter, AuditRecord, KeyFilter, KeySettings, Verdict
from optral.flows import audit as flow
from optral.kit.paging import PageCursor, PageRequest
from optral.store.metadata import metadata
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms.actor import Role, key as key_actor, system
from optral.terms.errors import Invalid, NotFound, Refused
from optral.terms.ids import OrgId
from tests.conftest import ActorMaker, new_org
from tests.support.clock import FakeClock

PEPPER = b"p" * 32


async def make_key(store: Store, org: OrgId, name: str = "ci", **options: object) -> tuple[ApiKey, str]:
    wanted = KeySettings(name=name, scopes=frozenset({"issues:read"}), **options)
    return await store.write(system(org), lambda tx: service.create_key(tx, wanted, pepper=PEPPER))


async def test_an_organisation_has_a_name_of_its_own(store: Store, org: OrgId, clock: FakeClock) -> None:
    with pytest.raises(Refused) as refusal:
        await new_org(store, clock, name=" Test ")
    assert refusal.value.code == "organisation_exists"
    assert await store.read(system(), service.count_organisations) == 1
    assert await store.read(system(org), service.plan) == "enterprise"


async def test_a_bad_plan_is_refused(store: Store) -> None:
    with pytest.raises(Invalid):
        await store.write(system(), lambda tx: service.create_organisation(tx, name="X", plan="gold", owner_email="a@example.org"))


async def test_a_key_is_kept_without_its_secret(store: Store, org: OrgId, clock: FakeClock) -> None:
    key, secret = await make_key(store, org)
    row = await store.read(system(), lambda tx: tx.execute(sa.select(metadata.tables["api_keys"])).one())
    assert secret not in repr(tuple(row))
    assert secret[8:48] not in repr(tuple(row))
    assert key.hint == secret[:8] + "…" + secret[-2:]
    assert key.expires_at == clock.now() + timedelta(days=90)
    assert await store.read(system(org), lambda tx: service.get_key(tx, key.id)) == key


async def test_another_organisation_finds_no_key_and_cannot_end_it(store: Store, org: OrgId, clock: FakeClock) -> None:
    key, _ = await make_key(store, org)
    other = await new_org(store, clock, name="Other")
    assert await store.read(system(other), service.count_keys) == 0
    for job in (service.get_key, service.revoke_key):
        with pytest.raises(NotFound):
            await store.write(system(other), lambda tx, job=job: job(tx, key.id))
    assert (await store.read(system(org), lambda tx: service.get_key(tx, key.id))).revoked_at is None


async def test_revoking_wakes_followers_once_committed_and_happens_once(store: Store, org: OrgId, clock: FakeClock) -> None:
    key, _ = await make_key(store, org)
    with store.hubs[service.REVOKED].follow(key.id) as follower:
        first = await store.write(system(org), lambda tx: service.revoke_key(tx, key.id))
        assert await follower.wait(5) == {key.id}
        clock.advance(60)
        again = await store.write(system(org), lambda tx: service.revoke_key(tx, key.id))
        assert await follower.wait(0) == set()
    assert first.revoked_at == again.revoked_at
    assert first.status(clock.now()) == "revoked"


async def test_keys_are_listed_by_pages_and_places(store: Store, org: OrgId, clock: FakeClock) -> None:
    keys = []
    for name in ("a", "b", "c"):
        keys.append((await make_key(store, org, name))[0])
        clock.advance(1)
    await store.write(system(org), lambda tx: service.revoke_key(tx, keys[1].id))

    async def names(page: PageRequest, **wanted: bool) -> list[str]:
        return [key.name for key in await store.read(system(org), lambda tx: service.find_keys(tx, KeyFilter(**wanted), page))]

    assert await names(PageRequest()) == ["c", "a"]
    assert await names(PageRequest(sort="name", descending=False), with_revoked=True) == ["a", "b", "c"]
    assert await names(PageRequest(size=1, number=2)) == ["a"]
    assert await names(PageRequest(after=PageCursor(keys[2].created_at, keys[2].id))) == ["a"]
    assert await store.read(system(org), lambda tx: service.count_keys(tx, KeyFilter(with_revoked=True))) == 3


async def test_me_is_the_key_its_person_and_its_organisation(store: Store, org: OrgId) -> None:
    key, _ = await make_key(store, org)
    me = await store.read(key_actor(org, key.id, scopes=key.scopes, clusters=None, role=Role.OWNER), service.me)
    assert (me.organisation.id, me.key, me.member and me.member.email) == (org, key, "owner@example.org")
    assert me.scopes == {"issues:read"}


async def append_records(store: Store, org: OrgId, number: int) -> None:
    def do(tx: Transaction) -> None:
        for n in range(number):
            service.audit(tx, action="test.record", target=f"thing_{n}", detail={"n": n, "text": "ä"})

    await store.write(system(org), do)


async def test_the_chain_holds_and_is_each_organisations_own(store: Store, org: OrgId, clock: FakeClock, actor: ActorMaker) -> None:
    other = await new_org(store, clock, name="Other")
    await append_records(store, org, 3)
    await append_records(store, other, 2)
    by = actor()
    record = await store.write(by, lambda tx: service.audit(tx, action="key.create", target="key_1", outcome="denied"))
    assert (record.seq, record.actor_id, record.outcome) == (4, by.id, "denied")
    assert await store.read(system(org), service.verify) == Verdict(4, None)
    assert await store.read(system(other), service.verify) == Verdict(2, None)


async def test_records_are_found_by_action_target_and_time(store: Store, org: OrgId, clock: FakeClock) -> None:
    other = await new_org(store, clock, name="Other")
    await append_records(store, other, 2)
    await append_records(store, org, 3)
    clock.advance(60)
    await store.write(system(org), lambda tx: service.audit(tx, action="key.create", target="thing_1"))

    async def numbers(wanted: AuditFilter, page: PageRequest | None = None) -> list[int]:
        def look(tx: Transaction) -> tuple[list[int], int]:
            return [record.seq for record in service.find_audit(tx, wanted, page or PageRequest())], service.count_audit(tx, wanted)

        found, total = await store.read(system(org), look)
        assert page is not None or total == len(found)
        return found

    assert await numbers(AuditFilter()) == [4, 3, 2, 1]
    assert await numbers(AuditFilter(actions=frozenset({"key.create"}))) == [4]
    assert await numbers(AuditFilter(target="thing_1")) == [4, 2]
    assert await numbers(AuditFilter(since=clock.now())) == [4]
    assert await numbers(AuditFilter(until=clock.now())) == [3, 2, 1]
    assert await numbers(AuditFilter(), PageRequest(size=2, after=PageCursor(3, ""))) == [2, 1]


RECORDS = metadata.tables["audit_records"]
TAMPERING = {
    "a changed detail": (sa.update(RECORDS).where(RECORDS.c.org_id != "", RECORDS.c.seq == 3).values(detail='{"n":9}'), 3),
    "a changed actor": (sa.update(RECORDS).where(RECORDS.c.org_id != "", RECORDS.c.seq == 2).values(actor_id="key_z"), 2),
    "a removed record": (sa.delete(RECORDS).where(RECORDS.c.org_id != "", RECORDS.c.seq == 4), 4),
    "a cut end": (sa.delete(RECORDS).where(RECORDS.c.org_id != "", RECORDS.c.seq >= 5), 5),
    "all removed": (sa.delete(RECORDS).where(RECORDS.c.org_id != ""), 1),
}


def inserted(tx: Transaction, *, at: int, is_fitting: bool) -> None:
    """A record between others, whose numbers move up."""
    found = service.records_after(tx, 0)
    moved = [one for one in found if one.seq >= at]
    tx.execute(sa.delete(RECORDS).where(RECORDS.c.org_id == tx.org_id, RECORDS.c.seq >= at))
    given = {**{name: getattr(moved[0], name) for name in moved[0].__slots__}, "id": "aud_forged", "target": "forged"}
    forged = AuditRecord(**given)
    made = replace(forged, hash=chain.hash_of(forged, found[at - 2].hash)) if is_fitting else forged
    for one in [made, *(replace(one, seq=one.seq + 1) for one in moved)]:
        tx.execute(sa.insert(RECORDS), {name: getattr(one, name) for name in one.__slots__})
    heads = metadata.tables["audit_heads"]
    tx.execute(sa.update(heads).where(heads.c.org_id == tx.org_id).values(seq=heads.c.seq + 1))


def beyond(tx: Transaction) -> None:
    last = service.records_after(tx, 0)[-1]
    forged = replace(last, seq=last.seq + 1, id="aud_forged")
    tx.execute(sa.insert(RECORDS), {name: getattr(forged, name) for name in forged.__slots__})


NAMED: list[Any] = [
    pytest.param(lambda tx: tx.execute(TAMPERING["a changed detail"][0]).close(), "changed", 3, "thing_2", id="changed"),
    pytest.param(lambda tx: tx.execute(TAMPERING["a removed record"][0]).close(), "removed", 4, "thing_4", id="removed in the middle"),
    pytest.param(lambda tx: tx.execute(TAMPERING["a cut end"][0]).close(), "removed", 5, "thing_3", id="removed at the end"),
    pytest.param(lambda tx: tx.execute(TAMPERING["all removed"][0]).close(), "removed", 1, None, id="all removed"),
    pytest.param(partial(inserted, at=3, is_fitting=True), "inserted", 3, "forged", id="inserted with a fitting hash"),
    pytest.param(partial(inserted, at=3, is_fitting=False), "inserted", 3, "forged", id="inserted without one"),
    pytest.param(beyond, "inserted", 6, "thing_4", id="appended without the head"),
]


@pytest.mark.parametrize(("tamper", "kind", "seq", "target"), NAMED)
async def test_the_first_bad_record_is_named(
    store: Store, org: OrgId, monkeypatch: pytest.MonkeyPatch, tamper: Any, kind: str, seq: int, target: str | None
) -> None:
    monkeypatch.setattr(chain, "AT_ONCE", 4)  # so that five records take two batches
    await append_records(store, org, 5)
    assert (await flow.verify(store, system(org))).fault is None
    await store.write(system(org), tamper)
    fault = (await flow.verify(store, system(org))).fault
    assert fault is not None
    assert (fault.kind, fault.seq) == (kind, seq)
    found = {one.id: one for one in await store.read(system(org), lambda tx: service.records_after(tx, 0))}
    assert (None if fault.id is None else found[fault.id].target) == target
    assert target is None or fault.at == found[fault.id or ""].at


async def test_a_chain_that_was_rewritten_or_cut_with_its_head_shows_by_an_earlier_head(store: Store, org: OrgId) -> None:
    await append_records(store, org, 3)
    kept = await store.read(system(org), service.audit_place)
    await append_records(store, org, 2)
    assert (await flow.verify(store, system(org), kept=kept)).met is True
    later = await store.read(system(org), service.audit_place)
    heads = metadata.tables["audit_heads"]

    def cut(tx: Transaction) -> None:
        tx.execute(sa.delete(RECORDS).where(RECORDS.c.org_id == org, RECORDS.c.seq > 3))
        tx.execute(sa.update(heads).where(heads.c.org_id == org).values(seq=kept.seq, hash=kept.hash))

    await store.write(system(org), cut)
    assert (await flow.verify(store, system(org))).fault is None, "only a head that was kept shows it"
    fault = (await flow.verify(store, system(org), kept=later)).fault
    assert fault is not None and (fault.kind, fault.seq) == ("removed", 4)
    fault = (await flow.verify(store, system(org), kept=chain.Checkpoint(2, b"x" * 32))).fault
    assert fault is not None and (fault.kind, fault.seq) == ("changed", 2)


async def test_retention_does_not_look_like_tampering_also_while_a_walk_goes_on(
    store: Store, org: OrgId, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chain, "AT_ONCE", 2)
    await append_records(store, org, 6)
    kept = await store.read(system(org), service.audit_place)
    clock.advance(3600)
    await append_records(store, org, 3)
    walk = await store.read(system(org), lambda tx: chain.step(tx, chain.begin(tx)))
    assert (walk.read, walk.is_done) == (2, False)
    await store.write(system(org), lambda tx: service.prune_audit(tx, before=clock.now()))
    while not walk.is_done:
        walk = await store.read(system(org), partial(chain.step, before=walk))
    assert (walk.fault, walk.read) == (None, 5)
    again = await flow.verify(store, system(org), kept=kept)
    assert (again.fault, again.read, again.met) == (None, 3, True), "the head is the record that retention removed last"
    older = await flow.verify(store, system(org), kept=chain.Checkpoint(2, b"x" * 32))
    assert (older.fault, older.met) == (None, None), "retention has removed what could be compared"


@pytest.mark.parametrize("case", TAMPERING)
async def test_the_chain_shows(store: Store, org: OrgId, case: str) -> None:
    await append_records(store, org, 5)
    statement, broken_at = TAMPERING[case]
    await store.write(system(), lambda tx: tx.execute(statement).close())
    assert (await store.read(system(org), service.verify)).broken_at == broken_at


async def test_pruning_leaves_a_chain_that_still_proves_itself(store: Store, org: OrgId, clock: FakeClock) -> None:
    await append_records(store, org, 4)
    clock.advance(3600)
    await append_records(store, org, 2)
    before = clock.now() - timedelta(minutes=5)
    assert await store.write(system(org), lambda tx: service.prune_audit(tx, before=before, limit=3)) == 3
    assert await store.write(system(org), lambda tx: service.prune_audit(tx, before=before)) == 1
    assert await store.write(system(org), lambda tx: service.prune_audit(tx, before=before)) == 0
    assert await store.read(system(org), service.verify) == Verdict(2, None)
    await append_records(store, org, 1)
    assert await store.read(system(org), service.verify) == Verdict(3, None)


async def test_records_of_many_writers_make_one_chain(store: Store, org: OrgId) -> None:
    await asyncio.gather(*(append_records(store, org, 2) for _ in range(12)))
    assert await store.read(system(org), service.verify) == Verdict(24, None)


def test_every_scope_is_documented_by_its_form() -> None:
    assert all(scope.count(":") == 1 for scope in SCOPES)
