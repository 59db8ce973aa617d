"""Analyses as rows, on both engines."""

from dataclasses import replace

import pytest

from optral.analysis import model, service as analyses
from optral.analysis.model import Analysis, AnalysisFilter, CapturedLog, Explanation, Status, Trigger
from optral.kit.paging import PageRequest
from optral.store.store import Store
from optral.terms import actor as actors, ids
from optral.terms.errors import NotFound
from optral.terms.ids import ClusterId, OrgId
from tests.conftest import ActorMaker, new_org
from tests.support.clock import FakeClock

CLUSTER = ids.new("cls")
ANSWER = Explanation(
    status=Status.READY, summary="s", root_cause={"id": "bad_rollout"}, confidence=0.8, body={"summary": "s"}, evidence_hash="h"
)


async def queue(store: Store, who: actors.Actor, issue: str, *, force: bool = False, after_s: float = 0) -> tuple[Analysis, bool]:
    return await store.write(who, lambda tx: analyses.queue(tx, issue, Trigger.MANUAL, cluster_id=CLUSTER, force=force, after_s=after_s))


async def test_folds_into_the_one_that_waits_or_runs(store: Store, actor: ActorMaker) -> None:
    who, issue = actor(), ids.new("iss")
    first, is_new = await queue(store, who, issue)
    again, is_new_again = await queue(store, who, issue, force=True)
    assert (is_new, is_new_again, again.id, again.force) == (True, False, first.id, True)
    held = await store.write(who, lambda tx: analyses.claim(tx, first.id))
    assert held is not None
    assert held.status is Status.RUNNING
    running, _ = await queue(store, who, issue)
    assert running.id == first.id
    done = await store.write(who, lambda tx: analyses.finish(tx, held, ANSWER))
    assert done is not None
    assert (done.status, done.cause_id, done.confidence) == (Status.READY, "bad_rollout", 0.8)
    other, is_other = await queue(store, who, issue)
    assert is_other
    assert other.id != first.id


async def test_two_workers_never_hold_the_same_row(store: Store, actor: ActorMaker, clock: FakeClock) -> None:
    who = actor()
    row, _ = await queue(store, who, ids.new("iss"))
    held = await store.write(who, lambda tx: analyses.claim(tx, row.id))
    assert held is not None
    assert await store.write(who, lambda tx: analyses.claim(tx, row.id)) is None
    clock.advance(model.DEADLINE_S + 1)
    taken_over = await store.write(who, lambda tx: analyses.claim(tx, row.id))
    assert taken_over is not None
    assert taken_over.attempts == 2
    assert await store.write(who, lambda tx: analyses.finish(tx, held, ANSWER)) is None
    assert (await store.write(who, lambda tx: analyses.finish(tx, taken_over, ANSWER))) is not None


async def test_gives_up_after_three_attempts(store: Store, actor: ActorMaker, clock: FakeClock) -> None:
    who = actor()
    row, _ = await queue(store, who, ids.new("iss"))
    for attempt in range(1, model.ATTEMPTS + 1):
        held = await store.write(who, lambda tx: analyses.claim(tx, row.id))
        assert held is not None
        after = await store.write(who, lambda tx, held=held: analyses.stumble(tx, held, "no luck"))  # type: ignore[misc]
        assert after is not None
        assert after.status is (Status.FAILED if attempt == model.ATTEMPTS else Status.QUEUED)
        clock.advance(60)
    assert (await store.read(who, lambda tx: analyses.get(tx, row.id))).failure == "no luck"


async def test_a_row_whose_worker_died_each_time_fails(store: Store, actor: ActorMaker, clock: FakeClock) -> None:
    who = actor()
    row, _ = await queue(store, who, ids.new("iss"))
    for _ in range(model.ATTEMPTS):
        assert await store.write(who, lambda tx: analyses.claim(tx, row.id)) is not None
        clock.advance(model.DEADLINE_S + 1)
    assert await store.write(who, lambda tx: analyses.claim(tx, row.id)) is None
    found = await store.read(who, lambda tx: analyses.get(tx, row.id))
    assert (found.status, found.due_at) == (Status.FAILED, None)


async def test_waits_for_its_turn(store: Store, actor: ActorMaker, clock: FakeClock) -> None:
    who = actor()
    row, _ = await queue(store, who, ids.new("iss"), after_s=2)
    assert await store.read(actors.system(), lambda tx: analyses.due(tx, limit=5)) == []
    clock.advance(2)
    assert await store.read(actors.system(), lambda tx: analyses.due(tx, limit=5)) == [(row.id, who.org_id)]


async def test_shows_each_organisation_its_own(store: Store, actor: ActorMaker, clock: FakeClock) -> None:
    who, issue = actor(), ids.new("iss")
    row, _ = await queue(store, who, issue)
    stranger = actor(org_id=OrgId(await new_org(store, clock, "Other")))
    blind = actor(clusters={ClusterId(ids.new("cls"))})
    for other in (stranger, blind):
        with pytest.raises(NotFound):
            await store.read(other, lambda tx: analyses.get(tx, row.id))
        fits = AnalysisFilter(issues=frozenset({issue}))
        assert await store.read(other, lambda tx, fits=fits: analyses.find(tx, fits, PageRequest(sort="createdAt"))) == []  # type: ignore[misc]
        assert await store.read(other, lambda tx, fits=fits: analyses.count(tx, fits)) == 0  # type: ignore[misc]


async def test_the_newest_of_each_issue(store: Store, actor: ActorMaker, clock: FakeClock) -> None:
    who = actor()
    issues = [ids.new("iss"), ids.new("iss")]
    for issue in issues:
        row, _ = await queue(store, who, issue)
        held = await store.write(who, lambda tx, row=row: analyses.claim(tx, row.id))  # type: ignore[misc]
        assert held is not None
        await store.write(who, lambda tx, held=held: analyses.finish(tx, held, ANSWER))  # type: ignore[misc]
        clock.advance(1)
    latest, _ = await queue(store, who, issues[0])
    found = await store.read(who, lambda tx: analyses.newest_of(tx, issues))
    assert {issue: one.status for issue, one in found.items()} == {issues[0]: Status.QUEUED, issues[1]: Status.READY}
    assert found[issues[0]].id == latest.id


async def test_keeps_the_end_of_a_long_log(store: Store, actor: ActorMaker, clock: FakeClock) -> None:
    who, issue = actor(), ids.new("iss")
    log = CapturedLog(
        cluster_id=CLUSTER, issue_id=issue, namespace="shop", pod="api", container="api", previous=True, captured_at=clock.now()
    )
    long = "é" * analyses.MAX_LOG_BYTES + "\x00the end"
    await store.write(who, lambda tx: analyses.save_logs(tx, [replace(log, text=long)]))
    kept = await store.read(who, lambda tx: analyses.logs(tx, issue))
    assert kept[0].truncated
    assert kept[0].text.endswith("éthe end")
    assert len(kept[0].text.encode()) <= analyses.MAX_LOG_BYTES


async def test_removes_what_is_old_and_what_belongs_to_a_deleted_cluster(store: Store, actor: ActorMaker, clock: FakeClock) -> None:
    who, issue = actor(), ids.new("iss")
    await queue(store, who, issue)
    log = CapturedLog(cluster_id=CLUSTER, issue_id=issue, namespace="a", pod="b", container="c", previous=False, captured_at=clock.now())
    await store.write(who, lambda tx: analyses.save_logs(tx, [log]))
    clock.advance(10)
    assert await store.write(actors.system(), lambda tx: analyses.delete_old_logs(tx, before=tx.now, limit=10)) == 1
    while await store.write(who, lambda tx: analyses.purge(tx, CLUSTER)):
        pass
    assert await store.read(who, lambda tx: analyses.newest(tx, issue)) is None
