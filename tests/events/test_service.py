"""The log: numbers in the order of commits, no gap, own organization and own clusters only, pruned from its oldest end."""

import asyncio
import threading
from datetime import timedelta

import pytest

from optral.events import service
from optral.events.model import Event, EventFilter, NewEvent, Retention
from optral.kit.paging import PageCursor, PageRequest
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms.actor import system
from optral.terms.errors import Refused
from optral.terms.ids import ClusterId, OrgId
from tests.conftest import ActorMaker, new_org
from tests.support.clock import FakeClock

CLUSTER_A, CLUSTER_B = ClusterId("cls_a"), ClusterId("cls_b")


def opened(subject: str, cluster: str | None = CLUSTER_A, kind: str = "issue.created") -> NewEvent:
    return NewEvent(kind, cluster, subject, {"id": subject})


async def tell(store: Store, org: OrgId, *events: NewEvent) -> None:
    await store.write(system(org), lambda tx: service.append(tx, events))


async def go_on(store: Store, org: OrgId, seen: list[Event]) -> list[Event]:
    return await store.read(system(org), lambda tx: service.read_after(tx, seen[-1].seq if seen else 0, limit=7))


def numbers(events: list[Event]) -> list[int]:
    return [event.seq for event in events]


async def test_numbers_rise_by_one_per_organisation(store: Store, org: OrgId, clock: FakeClock) -> None:
    other = await new_org(store, clock, name="Other")
    await tell(store, org, opened("iss_1"), opened("iss_2"))
    await tell(store, other, opened("iss_x"))
    await tell(store, org, opened("iss_3"))
    mine = await store.read(system(org), lambda tx: service.read_after(tx, 0))
    assert [(event.seq, event.subject_id, event.at) for event in mine] == [(n, f"iss_{n}", clock.now()) for n in (1, 2, 3)]
    assert (mine[0].type, mine[0].cluster_id, mine[0].data) == ("issue.created", CLUSTER_A, {"id": "iss_1"})
    assert await store.read(system(org), service.head) == 3
    assert await store.read(system(other), service.head) == 1


async def test_an_empty_log_begins_at_one(store: Store, org: OrgId) -> None:
    assert await store.read(system(org), lambda tx: (service.head(tx), service.oldest(tx), service.read_after(tx, 0))) == (0, 1, [])
    await store.write(system(org), lambda tx: service.append(tx, []))
    assert await store.read(system(org), service.head) == 0


async def test_a_rolled_back_change_leaves_no_event_and_no_gap(store: Store, org: OrgId) -> None:
    def fail(tx: Transaction) -> None:
        service.append(tx, [opened("iss_lost")])
        raise Refused("conflict", say="no")

    with store.hubs[service.APPENDED].follow(org) as follower:
        with pytest.raises(Refused):
            await store.write(system(org), fail)
        assert await follower.wait(0) == set()
        await tell(store, org, opened("iss_1"))
        assert await follower.wait(5) == {org}
    assert numbers(await store.read(system(org), lambda tx: service.read_after(tx, 0))) == [1]


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
async def test_a_late_commit_makes_no_gap_on_postgresql(store: Store, org: OrgId) -> None:
    """The first transaction takes its number and dawdles; the second may not become visible before it."""
    appended, go = threading.Event(), threading.Event()

    def slow(tx: Transaction) -> None:
        service.append(tx, [opened("iss_slow")])
        appended.set()
        go.wait(10)

    first = asyncio.create_task(store.write(system(org), slow))
    await asyncio.to_thread(appended.wait, 10)
    second = asyncio.create_task(tell(store, org, opened("iss_fast")))
    seen: list[Event] = []
    for _ in range(20):
        seen += await go_on(store, org, seen)
    assert seen == []
    assert not second.done()
    go.set()
    await asyncio.gather(first, second)
    seen += await store.read(system(org), lambda tx: service.read_after(tx, 0))
    assert [(event.seq, event.subject_id) for event in seen] == [(1, "iss_slow"), (2, "iss_fast")]


async def test_a_reader_that_goes_on_from_its_number_misses_nothing(store: Store, org: OrgId) -> None:
    writers = [asyncio.create_task(tell(store, org, *(opened(f"iss_{n}_{m}") for m in range(3)))) for n in range(20)]
    seen: list[Event] = []
    while len(seen) < 60:
        seen += await go_on(store, org, seen)
    await asyncio.gather(*writers)
    assert numbers(seen) == list(range(1, 61))


@pytest.mark.parametrize(
    ("types", "clusters", "expected"),
    [
        pytest.param(None, None, [1, 2, 3, 4], id="no filter"),
        pytest.param({"issue.created"}, None, [1, 3], id="by type"),
        pytest.param(None, {CLUSTER_B}, [3], id="by cluster"),
        pytest.param({"cluster.online"}, {CLUSTER_B}, [], id="both, nothing"),
        pytest.param(set(), None, [], id="no type at all"),
    ],
)
async def test_reading_filters(store: Store, org: OrgId, types: set[str] | None, clusters: set[str] | None, expected: list[int]) -> None:
    await tell(
        store,
        org,
        opened("iss_1"),
        opened("cls_a", kind="cluster.online"),
        opened("iss_2", CLUSTER_B),
        opened("ana_1", None, "analysis.ready"),
    )
    assert numbers(await store.read(system(org), lambda tx: service.read_after(tx, 0, types=types, clusters=clusters))) == expected
    wanted = EventFilter(types=None if types is None else frozenset(types), clusters=None if clusters is None else frozenset(clusters))
    found = await store.read(system(org), lambda tx: service.find(tx, wanted, PageRequest(descending=False)))
    assert numbers(found) == expected
    assert await store.read(system(org), lambda tx: service.count(tx, wanted)) == len(expected)


async def test_a_key_of_one_cluster_sees_that_cluster_alone(store: Store, org: OrgId, actor: ActorMaker) -> None:
    await tell(store, org, opened("iss_1"), opened("iss_2", CLUSTER_B), opened("ana_1", None, "analysis.ready"))
    limited = actor(clusters={CLUSTER_A})
    assert numbers(await store.read(limited, lambda tx: service.read_after(tx, 0))) == [1]
    assert numbers(await store.read(limited, lambda tx: service.read_after(tx, 0, clusters={CLUSTER_B}))) == []
    assert await store.read(limited, service.count) == 1


async def test_history_goes_by_pages_and_by_places(store: Store, org: OrgId, clock: FakeClock) -> None:
    start = clock.now()
    for n in range(5):
        await tell(store, org, opened(f"iss_{n}"))
        clock.advance(60)
    read = lambda job: store.read(system(org), job)  # noqa: E731
    assert numbers(await read(lambda tx: service.find(tx, page=PageRequest(size=2)))) == [5, 4]
    assert numbers(await read(lambda tx: service.find(tx, page=PageRequest(size=2, number=3)))) == [1]
    assert numbers(await read(lambda tx: service.find(tx, page=PageRequest(size=2, after=PageCursor(4, ""))))) == [3, 2]
    ascending = PageRequest(size=2, after=PageCursor(2, ""), descending=False)
    assert numbers(await read(lambda tx: service.find(tx, page=ascending))) == [3, 4]
    span = EventFilter(since=start + timedelta(seconds=60), until=start + timedelta(seconds=180))
    assert numbers(await read(lambda tx: service.find(tx, span))) == [3, 2]
    assert numbers(await read(lambda tx: service.find(tx, EventFilter(subject_id="iss_0")))) == [1]


@pytest.mark.parametrize(
    ("older_s", "keep", "limit", "removed", "left"),
    [
        pytest.param(0, 100, 500, 0, [1, 2, 3, 4, 5, 6], id="nothing is old"),
        pytest.param(120, 100, 500, 2, [3, 4, 5, 6], id="by age"),
        pytest.param(0, 1, 500, 5, [6], id="by number"),
        pytest.param(3600, 100, 4, 4, [5, 6], id="at most so many a call"),
        pytest.param(3600, 100, 500, 6, [], id="all"),
    ],
)
async def test_pruning_takes_the_oldest(
    store: Store, org: OrgId, clock: FakeClock, older_s: int, keep: int, limit: int, removed: int, left: list[int]
) -> None:
    start = clock.now()
    for n in range(6):
        await tell(store, org, opened(f"iss_{n}"))
        clock.advance(60)
    retention = Retention(before=start + timedelta(seconds=older_s), keep=keep)
    assert await store.write(system(org), lambda tx: service.prune(tx, retention, limit=limit)) == removed
    assert numbers(await store.read(system(org), lambda tx: service.read_after(tx, 0))) == left
    assert await store.read(system(org), service.oldest) == (left[0] if left else 7)
    await tell(store, org, opened("iss_next"))
    assert await store.read(system(org), service.head) == 7  # numbers are never given again


def test_the_types_are_closed() -> None:
    for kind in ("issue.exploded", "stream.reset"):
        with pytest.raises(ValueError, match=kind):
            NewEvent(kind, None, "iss_1", {})


async def test_the_time_of_the_newest_event_is_the_organisations_own(store: Store, org: OrgId, clock: FakeClock) -> None:
    other = await new_org(store, clock, name="Other")
    assert await store.read(system(org), service.newest_at) is None
    await tell(store, org, opened("iss_1"))
    first = clock.now()
    clock.advance(60)
    await tell(store, other, opened("iss_x"))
    assert await store.read(system(org), service.newest_at) == first
    assert await store.read(system(other), service.newest_at) == clock.now()
