"""Commands as rows: requested once, claimed under a fence, moved forward only, ended once; on both engines."""

from dataclasses import replace
from typing import Any

import pytest

from optral.clusters import service as clusters
from optral.commands import service as commands
from optral.commands.model import Command, NewCommand, Precondition, Report, State
from optral.flows.clusters import manage as cluster_flow
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import actor as actors, ids
from optral.terms.errors import Invalid, NotFound, Refused
from optral.terms.ids import ClusterId, CommandId, OrgId
from tests.conftest import new_org
from tests.support.clock import FakeClock

RESTART = {"kind": "Deployment", "namespace": "shop", "name": "api"}


class Room:
    def __init__(self, store: Store, org: OrgId, clock: FakeClock, cluster_id: str) -> None:
        self.store, self.org, self.clock, self.cluster_id = store, org, clock, cluster_id

    async def do(self, job: Any, *, actor: actors.Actor | None = None) -> Any:
        return await self.store.write(actor or actors.system(self.org), job)

    async def enqueue(self, verb: str = "restart", /, **more: Any) -> Command:
        fields = {name: more.pop(name) for name in ("id", "dry_run", "precondition", "expires_in_s", "timeout_s") if name in more}
        new = NewCommand(cluster_id=self.cluster_id, verb=verb, params=more or RESTART, **fields)
        made: Command = await self.do(lambda tx: commands.enqueue(tx, new))
        return made

    async def claim(self, fence: int = 1, limit: int = 8) -> list[Command]:
        claimed: list[Command] = await self.do(lambda tx: commands.claim(tx, self.cluster_id, fence, limit))
        return claimed

    async def report(self, command: Command, state: State, *, attempt: int = 1, cluster_id: str = "", **more: Any) -> Command | None:
        report = Report(command_id=command.id, attempt=attempt, state=state, **more)
        moved: Command | None = await self.do(lambda tx: commands.record(tx, cluster_id or self.cluster_id, report))
        return moved

    async def get(self, command: Command) -> Command:
        found: Command = await self.do(lambda tx: commands.get(tx, command.id))
        return found

    async def expire(self) -> int:
        ended: int = await self.store.write(actors.system(), commands.expire)
        return ended


@pytest.fixture
async def room(store: Store, org: OrgId, clock: FakeClock) -> Room:
    made = await store.write(actors.system(org), lambda tx: clusters.create(tx, name="shop"))
    return Room(store, org, clock, made.id)


async def test_the_same_id_again_is_the_same_command(room: Room) -> None:
    command_id = ids.new("cmd")
    first = await room.enqueue(id=command_id)
    await room.claim()
    again = await room.enqueue(id=command_id)
    assert (again.id, again.state, first.state) == (command_id, State.SENT, State.QUEUED)
    with pytest.raises(Refused) as refusal:
        await room.enqueue("scale", id=command_id, **RESTART, replicas=0)
    assert refusal.value.code == "command_id_taken"


@pytest.mark.parametrize(
    ("verb", "params", "field"),
    [
        ("explode", RESTART, None),
        ("scale", {**RESTART, "replicas": -1}, "replicas"),
        ("scale", RESTART, "params"),
        ("restart", {**RESTART, "name": "a/b"}, "name"),
        ("logs", {"namespace": "shop", "pod": "a", "tailLines": 5000}, "tailLines"),
    ],
)
async def test_what_no_agent_would_take_is_not_written(room: Room, verb: str, params: dict[str, Any], field: str | None) -> None:
    with pytest.raises(Invalid) as refusal:
        await room.enqueue(verb, **params)
    assert field is None or refusal.value.errors[0]["field"] == field


async def test_commands_are_claimed_oldest_first_and_a_few_at_once(room: Room) -> None:
    made = []
    for _ in range(10):
        made.append(await room.enqueue())
        room.clock.advance(0.001)
    first = await room.claim(limit=8)
    assert [one.id for one in first] == [one.id for one in made[:8]]
    assert {(one.state, one.fence, one.attempt) for one in first} == {(State.SENT, 1, 1)}
    assert await room.claim(limit=8) == []
    await room.report(first[0], State.SUCCEEDED, result={})
    assert [one.id for one in await room.claim(limit=8)] == [made[8].id]


async def test_log_reads_take_no_place_of_other_commands(room: Room) -> None:
    reads = []
    for _ in range(20):
        reads.append(await room.enqueue("logs", namespace="shop", pod="api-1"))
        room.clock.advance(0.001)
    assert [one.id for one in await room.claim(limit=8)] == [one.id for one in reads[:8]]
    change = await room.enqueue()
    assert [one.id for one in await room.claim(limit=8)] == [change.id], "though twelve older log reads wait"
    await room.report(reads[0], State.SUCCEEDED, result={})
    assert [one.id for one in await room.claim(limit=8)] == [reads[8].id]


async def test_reports_move_a_command_forward_and_its_end_stays(room: Room) -> None:
    command = await room.enqueue()
    await room.claim()
    assert (await room.report(command, State.RUNNING)) is not None
    assert await room.report(command, State.RECEIVED) is None
    ended = await room.report(command, State.SUCCEEDED, result={"diff": [{"path": "spec.replicas", "from": 1, "to": 2}]})
    assert ended is not None and ended.result == {"diff": [{"path": "spec.replicas", "from": 1, "to": 2}]}
    assert None not in (ended.received_at, ended.started_at, ended.finished_at)
    for state in (State.FAILED, State.UNKNOWN, State.RUNNING):
        assert await room.report(command, state) is None
    assert (await room.get(command)).state is State.SUCCEEDED


async def test_another_cluster_and_another_organisation_end_nothing(room: Room, store: Store, clock: FakeClock) -> None:
    command = await room.enqueue()
    await room.claim()
    other = await room.do(lambda tx: clusters.create(tx, name="other"))
    assert await room.report(command, State.SUCCEEDED, cluster_id=other.id) is None
    stranger = await new_org(store, clock, "Other")
    with pytest.raises(NotFound):
        await store.read(actors.system(stranger), lambda tx: commands.get(tx, command.id))
    agent = actors.agent(room.org, ClusterId(other.id))
    with pytest.raises(NotFound):
        await store.read(agent, lambda tx: commands.get(tx, command.id))


async def test_a_new_session_goes_on_with_what_its_agent_knows_and_is_sent_the_rest_again(room: Room) -> None:
    known, lost, done = [await room.enqueue() for _ in range(3)]
    await room.claim(fence=1)
    await room.report(known, State.RUNNING)
    await room.report(done, State.SUCCEEDED, result={})
    await room.do(lambda tx: commands.reconcile(tx, room.cluster_id, 2, [known.id, ids.new("cmd")]))
    assert [(one.id, one.attempt, one.fence) for one in await room.claim(fence=2)] == [(lost.id, 2, 2)]
    kept = await room.get(known)
    assert (kept.state, kept.fence, kept.attempt) == (State.RUNNING, 2, 1)
    assert (await room.get(done)).state is State.SUCCEEDED
    assert await room.report(lost, State.RUNNING, attempt=1) is None, "progress of an older attempt is none"
    assert (await room.report(lost, State.SUCCEEDED, attempt=1, result={})) is not None, "an end always counts"


@pytest.mark.parametrize(
    ("verb", "params", "sent", "state"),
    [
        ("restart", RESTART, False, State.EXPIRED),
        ("restart", RESTART, True, State.UNKNOWN),
        ("get", RESTART, True, State.TIMED_OUT),
    ],
)
async def test_what_nobody_answers_for_ends_by_itself(room: Room, verb: str, params: dict[str, Any], sent: bool, state: State) -> None:
    command = await room.enqueue(verb, **params, expires_in_s=60, timeout_s=30)
    if sent:
        await room.claim()
    room.clock.advance(61)
    assert await room.expire() == (0 if sent else 1)
    room.clock.advance(60)
    await room.expire()
    ended = await room.get(command)
    assert (ended.state, ended.is_final) == (state, True)
    assert await room.report(command, State.SUCCEEDED, result={}) is None, "too late: it stays what was said"


async def test_an_expired_command_that_was_sent_is_still_asked_about(room: Room) -> None:
    command = await room.enqueue(expires_in_s=10, timeout_s=30)
    await room.claim(fence=1)
    room.clock.advance(20)
    await room.do(lambda tx: commands.reconcile(tx, room.cluster_id, 2, []))
    assert [one.id for one in await room.claim(fence=2)] == [command.id]
    fresh = await room.enqueue(expires_in_s=10)
    room.clock.advance(20)
    assert fresh.id not in [one.id for one in await room.claim(fence=2)]


async def test_cancelling(room: Room) -> None:
    queued, sent = await room.enqueue(), await room.enqueue("get")
    assert (await room.do(lambda tx: commands.cancel(tx, queued.id, reason="no"))).state is State.CANCELED
    await room.claim()
    asked = await room.do(lambda tx: commands.cancel(tx, sent.id, reason="enough"))
    assert (asked.state, asked.cancel_reason) == (State.SENT, "enough")
    cancels = [await room.do(lambda tx, fence=fence: commands.cancels(tx, room.cluster_id, fence)) for fence in (1, 1, 2)]
    assert cancels == [[(sent.id, "enough")], [], [(sent.id, "enough")]], "each session gets it once"
    await room.report(sent, State.CANCELED)
    assert (await room.do(lambda tx: commands.cancel(tx, sent.id))).state is State.CANCELED


async def test_followers_wake_after_the_commit(room: Room) -> None:
    with room.store.hubs[commands.QUEUED].follow(ClusterId(room.cluster_id)) as arrivals:
        command = await room.enqueue()
        assert await arrivals.wait(5) == {room.cluster_id}
        await room.claim()
        with room.store.hubs[commands.FINISHED].follow(CommandId(command.id)) as ends:
            await room.report(command, State.RECEIVED)
            await room.report(command, State.SUCCEEDED, result={})
            assert await ends.wait(5) == {command.id}
        assert await arrivals.wait(5) == {room.cluster_id}, "there is room for the next"


async def test_what_waits_is_found_by_a_process_that_was_not_notified(room: Room) -> None:
    async def waiting() -> set[str]:
        found: set[str] = await room.store.read(actors.system(), lambda tx: commands.waiting(tx, [room.cluster_id, "cls_x"]))
        return found

    assert await waiting() == set()
    command = await room.enqueue()
    assert await waiting() == {room.cluster_id}
    await room.claim()
    assert await waiting() == set()
    await room.do(lambda tx: commands.cancel(tx, command.id))
    assert await waiting() == {room.cluster_id}


async def test_a_long_output_becomes_the_text_of_the_result(room: Room) -> None:
    command = await room.enqueue("logs", namespace="shop", pod="api-1")
    await room.claim()
    for text in ("half", "the whole"):
        assert await room.do(lambda tx, text=text: commands.keep_output(tx, room.cluster_id, command.id, text))
    ended = await room.report(command, State.SUCCEEDED, result={"text": "", "lines": 1})
    assert ended is not None and ended.result == {"text": "the whole", "lines": 1}
    assert not await room.do(lambda tx: commands.keep_output(tx, room.cluster_id, command.id, "late"))


async def test_a_deleted_cluster_ends_its_commands_and_loses_their_rows(room: Room) -> None:
    queued, sent = await room.enqueue(), await room.enqueue()
    await room.do(lambda tx: tx.execute(_sent(tx, sent)))
    await room.do(lambda tx: cluster_flow.delete(tx, room.cluster_id))
    states = [(await room.get(one)).state for one in (queued, sent)]
    assert states == [State.CANCELED, State.UNKNOWN]
    await cluster_flow.PurgeWorker(room.store, room.clock).step()
    with pytest.raises(NotFound):
        await room.get(queued)


async def test_old_reads_go_before_old_writes(room: Room) -> None:
    read, write = await room.enqueue("get"), await room.enqueue()
    await room.claim()
    for command in (read, write):
        await room.report(command, State.SUCCEEDED, result={})
    room.clock.advance(3600)
    now = room.clock.now()
    long_ago = replace_year(now)
    removed = await room.store.write(
        actors.system(), lambda tx: commands.delete_old(tx, reads_before=now, writes_before=long_ago, limit=500)
    )
    assert removed == 1
    with pytest.raises(NotFound):
        await room.get(read)
    assert (await room.get(write)).state is State.SUCCEEDED


async def test_a_precondition_and_a_dry_run_are_part_of_what_is_asked(room: Room) -> None:
    command = await room.enqueue(dry_run=True, precondition=Precondition("uid-1", "42"))
    assert (command.precondition, command.dry_run, command.is_write, command.target.uid) == (
        Precondition("uid-1", "42"),
        True,
        False,
        "uid-1",
    )
    read = await room.enqueue("get", dry_run=True)
    assert not read.dry_run
    assert replace(read).target.short_kind == "Deployment"


def replace_year(now: Any) -> Any:
    return now.replace(year=now.year - 1)


def _sent(tx: Transaction, command: Command) -> Any:
    from optral.commands.tables import commands as table

    return table.update().where(table.c.org_id == tx.org_id, table.c.id == command.id).values(state="sent", attempt=1, fence=1)
