"""What an issue is in another system: kept once for each webhook, found from both sides, never of another organization."""

from dataclasses import replace
from datetime import timedelta

from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms.actor import system
from optral.terms.ids import OrgId
from optral.webhooks import threads
from tests.conftest import new_org
from tests.support.clock import FakeClock


async def test_a_thread_that_was_begun_twice_is_one(store: Store, org: OrgId) -> None:
    def job(tx: Transaction) -> tuple[tuple[threads.Thread, bool], ...]:
        return threads.begin(tx, "whk_a", "iss_1"), threads.begin(tx, "whk_a", "iss_1"), threads.begin(tx, "whk_b", "iss_1")

    (first, is_new), (again, is_newer), (_, is_other_new) = await store.write(system(org), job)
    assert (is_new, is_newer, is_other_new) == (True, False, True)
    assert first == again
    assert first.remote_id is None
    found = await store.read(system(org), lambda tx: threads.of_issue(tx, "iss_1"))
    assert [one.webhook_id for one in found] == ["whk_a", "whk_b"]


async def test_a_thread_is_found_by_issue_and_by_remote_id(store: Store, org: OrgId, clock: FakeClock) -> None:
    begun, _ = await store.write(system(org), lambda tx: threads.begin(tx, "whk_a", "iss_1"))
    clock.advance(5)
    known = replace(begun, remote_id="C1:17.5", remote_url="https://chat.example.com/17", state={"status": "open"})
    assert await store.write(system(org), lambda tx: threads.save(tx, known))
    (found,) = await store.read(system(org), lambda tx: threads.of_remote(tx, "whk_a", "C1:17.5"))
    assert found == replace(known, updated_at=begun.created_at + timedelta(seconds=5))
    assert await store.read(system(org), lambda tx: threads.get(tx, "whk_a", "iss_1")) == found
    assert await store.read(system(org), lambda tx: threads.of_remote(tx, "whk_b", "C1:17.5")) == []


async def test_a_deleted_thread_is_not_saved(store: Store, org: OrgId) -> None:
    begun, _ = await store.write(system(org), lambda tx: threads.begin(tx, "whk_a", "iss_1"))
    await store.write(system(org), lambda tx: threads.delete(tx, "whk_a", "iss_1"))
    assert not await store.write(system(org), lambda tx: threads.save(tx, begun))
    await store.write(system(org), lambda tx: [threads.begin(tx, "whk_a", "iss_1"), threads.begin(tx, "whk_b", "iss_1")])
    await store.write(system(org), lambda tx: threads.delete_of(tx, "whk_a"))
    assert [one.webhook_id for one in await store.read(system(org), lambda tx: threads.of_issue(tx, "iss_1"))] == ["whk_b"]


async def test_another_organization_finds_none(store: Store, org: OrgId, clock: FakeClock) -> None:
    begun, _ = await store.write(system(org), lambda tx: threads.begin(tx, "whk_a", "iss_1"))
    await store.write(system(org), lambda tx: threads.save(tx, replace(begun, remote_id="17")))
    who = system(await new_org(store, clock, "Other"))
    assert await store.read(who, lambda tx: (threads.get(tx, "whk_a", "iss_1"), threads.of_remote(tx, "whk_a", "17"))) == (None, [])
    assert not await store.write(who, lambda tx: threads.save(tx, begun))


async def test_an_old_thread_that_was_touched_is_not_old(store: Store, org: OrgId, clock: FakeClock) -> None:
    await store.write(system(org), lambda tx: [threads.begin(tx, "whk_a", "iss_1"), threads.begin(tx, "whk_a", "iss_2")])
    clock.advance(60)
    await store.write(system(org), lambda tx: threads.touch(tx, [("whk_a", "iss_1")]))
    assert await store.read(system(), lambda tx: threads.old(tx, before=clock.now(), limit=10)) == [(org, "whk_a", "iss_2")]
    assert await store.read(system(org), lambda tx: threads.among(tx, "whk_a", ["iss_2", "iss_3"])) == {"iss_2"}
