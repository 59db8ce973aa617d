"""Reading what was captured when an issue opened: each log with where it stands, what was around it, and who read it."""

from dataclasses import replace
from datetime import UTC, timedelta

import pytest
import sqlalchemy as sa

from optral.access import service as access
from optral.analysis import model, service as analyses
from optral.analysis.model import CapturedLog, LogState
from optral.clusters.tables import clusters as clusters_table
from optral.flows.analysis import capture, read_capture
from optral.flows.analysis.capture import CaptureWorker, LogTail
from optral.flows.analysis.read_capture import Captured
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import actor, ids
from optral.terms.errors import NotFound
from optral.terms.ids import OrgId
from tests.flows.analysis.test_capture import SERVES, Agent, killed
from tests.flows.inventory.inventory import World, batch, deployment, pod, replica_set
from tests.support.clock import NOON, FakeClock
from tests.support.objects import change

WISH = CapturedLog(
    cluster_id="cls_1", issue_id="iss_1", namespace="shop", pod="web-a", container="api", previous=False, captured_at=NOON, due_at=NOON
)
HELD = model.fetching(WISH, now=NOON)


@pytest.fixture
async def world(store: Store, org: OrgId, clock: FakeClock) -> World:
    made = await World.begun(store, org, clock)
    await made.snapshot(deployment(), replica_set(), pod("web-a"))
    return made


async def found(world: World, issue_id: str) -> Captured:
    return await world.store.read(world.system, lambda tx: read_capture.find(tx, issue_id))


@pytest.mark.parametrize(
    ("log", "state"),
    [
        pytest.param(WISH, LogState.WANTED, id="nobody has begun"),
        pytest.param(HELD, LogState.WANTED, id="in somebody's hands"),
        pytest.param(
            model.not_fetched(model.fetching(WISH, now=NOON), "away", now=NOON, for_good=False), LogState.WANTED, id="tried again"
        ),
        pytest.param(model.not_fetched(WISH, "away", now=NOON, for_good=True), LogState.FAILED, id="given up"),
        pytest.param(model.not_fetched(WISH, model.UNWANTED, now=NOON, for_good=True), LogState.DROPPED, id="not wanted any more"),
        pytest.param(model.fetched(WISH, text="", truncated=False, now=NOON), LogState.CAPTURED, id="it wrote nothing"),
    ],
)
def test_a_log_says_where_it_stands(log: CapturedLog, state: LogState) -> None:
    assert log.state is state


async def test_what_was_captured_is_read_as_it_was(world: World) -> None:
    about = {"kind": "Pod", "apiVersion": "v1", "namespace": "shop", "name": "web-a", "uid": "uid-Pod-web-a"}
    at = world.clock.now().isoformat().replace("+00:00", "Z")
    times = {"firstTimestamp": at, "lastTimestamp": at, "count": 4}
    event = change("Event", "web-a.1", involvedObject=about, reason="Unhealthy", message="probe failed", type="Warning", **times)
    template = {"spec": {"containers": [{"name": "api", "image": "x:2"}]}}
    changed = change("Deployment.apps", "web", rv="2", spec={"replicas": 1, "template": template}, status=SERVES)
    await world.send(batch(event, changed))
    issue_id = await killed(world)
    before = await found(world, issue_id)
    assert [(one.previous, one.state) for one in before.logs] == [(True, LogState.WANTED), (False, LogState.WANTED)]
    assert (before.events, before.changes, before.around_at) == ((), (), None)
    opened = world.clock.now()
    await CaptureWorker(world.store, world.clock, Agent(LogTail(text="bye"))).step()
    world.clock.advance(3 * 86400)
    after = await found(world, issue_id)
    assert [(one.pod, one.container, one.previous, one.text, one.state) for one in after.logs] == [
        ("web-a", "api", True, "bye", LogState.CAPTURED),
        ("web-a", "api", False, "bye", LogState.CAPTURED),
    ]
    assert [(one.kind, one.name, one.reason, one.message, one.count) for one in after.events] == [
        ("Pod", "web-a", "Unhealthy", "probe failed", 4)
    ]
    assert after.around_at == opened
    assert ("Deployment.apps", "web") in {(one["kind"], one["name"]) for one in after.changes}
    assert after.version != before.version
    assert (await found(world, issue_id)).version == after.version, "the same is the same version"


async def test_times_of_events_are_the_servers(world: World) -> None:
    def ahead(tx: Transaction) -> None:
        mine = sa.and_(clusters_table.c.org_id == tx.org_id, clusters_table.c.id == world.session.cluster_id)
        tx.execute(sa.update(clusters_table).where(mine).values(clock_offset_ms=60_000))

    about = {"kind": "Pod", "apiVersion": "v1", "namespace": "shop", "name": "web-a", "uid": "uid-Pod-web-a"}
    at = (world.clock.now() + timedelta(seconds=60)).isoformat().replace("+00:00", "Z")
    event = change("Event", "web-a.1", involvedObject=about, reason="Unhealthy", message="x", firstTimestamp=at, lastTimestamp=at)
    seen = world.clock.now()
    await world.send(batch(event))
    issue_id = await killed(world)
    await CaptureWorker(world.store, world.clock, Agent(LogTail(text="bye"))).step()
    await world.store.write(world.system, ahead)
    assert [(one.first_at, one.last_at) for one in (await found(world, issue_id)).events] == [(seen, seen)]


@pytest.mark.parametrize("first", ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
@pytest.mark.parametrize("offset", [timedelta(minutes=1), timedelta(minutes=-1)], ids=["ahead", "behind"])
async def test_an_event_from_the_ends_of_the_calendar_hides_nothing(world: World, first: str, offset: timedelta) -> None:
    issue_id = await killed(world)
    await world.clock_is_off_by(offset)
    about = {"kind": "Pod", "apiVersion": "v1", "namespace": "shop", "name": "web-a", "uid": "uid-Pod-web-a"}
    seen = world.clock.now()
    at = seen.isoformat().replace("+00:00", "Z")
    event = change("Event", "web-a.1", involvedObject=about, reason="Unhealthy", message="x", firstTimestamp=first, lastTimestamp=at)
    await world.send(batch(event))
    await CaptureWorker(world.store, world.clock, Agent(LogTail(text="bye"))).step()
    after = await found(world, issue_id)
    assert [(one.name, one.last_at) for one in after.events] == [("web-a", seen - offset)]
    assert after.has_words
    assert after.events[0].first_at.astimezone(UTC)


async def test_an_issue_of_which_nothing_was_captured_says_so(world: World) -> None:
    await world.store.write(world.system, lambda tx: capture.switch(tx, is_on=False))
    issue_id = await killed(world)
    after = await found(world, issue_id)
    assert (after.logs, after.events, after.changes, after.around_at) == ((), (), (), None)


async def test_who_read_it_is_written_down(world: World) -> None:
    issue_id = await killed(world)
    await CaptureWorker(world.store, world.clock, Agent(LogTail(text="bye"))).step()
    await world.store.write(world.system, lambda tx: read_capture.note_reading(tx, read_capture.find(tx, issue_id)))
    records = await world.store.read(world.system, lambda tx: access.records_after(tx, 0))
    assert [(one.target, one.detail) for one in records if one.action == "captured.read"] == [(issue_id, '{"logs":2}')]


async def test_the_newest_twenty_logs_are_given(world: World) -> None:
    issue_id = await killed(world)
    first = (await world.store.read(world.system, lambda tx: analyses.logs(tx, issue_id)))[0]
    later = world.clock.now() + timedelta(minutes=1)
    more = [model.fetched(replace(first, pod=f"web-{n:02}"), text="x", truncated=False, now=later) for n in range(25)]
    await world.store.write(world.system, lambda tx: analyses.save_logs(tx, more))
    assert len((await found(world, issue_id)).logs) == 20


async def test_an_actor_of_other_clusters_finds_no_such_issue(world: World) -> None:
    issue_id = await killed(world)
    limited = replace(actor.system(world.org), reach=actor.of_clusters({ids.new("cls")}))
    with pytest.raises(NotFound):
        await world.store.read(limited, lambda tx: read_capture.find(tx, issue_id))
