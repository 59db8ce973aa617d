"""The buffer: newest wins, snapshots count exactly, nothing unacknowledged is lost, memory is bounded."""

import pytest
from hypothesis import given, strategies as st

from optral.agent.watching.buffer import BATCH_ITEMS, Buffer
from optral.agent.watching.outgoing import Outgoing, digest_of
from optral.kube.changes import Op, Phase
from optral.kube.kinds import BY_ID, EVENT
from optral.kube.redact import Redacted
from tests.support.clock import FakeClock
from tests.support.examples import examples

POD, NODE = BY_ID["Pod"], BY_ID["Node"]


class Peer:
    """A control plane in three dictionaries."""

    def __init__(self, buffer: Buffer) -> None:
        self.buffer = buffer
        self.rows: dict[str, dict[str, str]] = {}
        self.seen: set[str] = set()
        self.seq = 0
        self.marks: list[tuple[str, Phase, int]] = []

    def drain(self, *, ack: bool = True) -> list[Outgoing]:
        taken = []
        while (outgoing := self.buffer.take()) is not None:
            self.seq += 1
            self.buffer.framed(self.seq, outgoing)
            taken.append(outgoing)
            if ack:
                self.apply(outgoing)
                self.buffer.ack(self.seq)
        return taken

    def apply(self, outgoing: Outgoing) -> None:
        for change in outgoing.changes:
            rows = self.rows.setdefault(change.kind, {})
            self.seen.add(change.uid)
            if change.op is Op.UPSERT:
                rows[change.uid] = change.resource_version
            else:
                rows.pop(change.uid, None)
        if (mark := outgoing.mark) is not None:
            self.marks.append((mark.kind, mark.phase, mark.count))
            if mark.phase is Phase.SNAPSHOT_BEGIN:
                self.seen = set()
            elif mark.phase is Phase.SNAPSHOT_END:
                rows = self.rows.get(mark.kind, {})
                self.rows[mark.kind] = {uid: version for uid, version in rows.items() if uid in self.seen}
                assert mark.count == len(self.rows[mark.kind])
        if (digest := outgoing.digest) is not None:
            rows = self.rows.get(digest.kind, {})
            assert digest.count == len(rows)
            assert digest.sum == sum(digest_of(uid, version) for uid, version in rows.items()) % 2**128


def _buffer(**limits: int) -> Buffer:
    return Buffer(FakeClock(), (POD, NODE), **limits)


def _put(buffer: Buffer, uid: str, version: int, size: int = 10) -> None:
    buffer.upsert(POD, uid, "default", uid, str(version), Redacted(b"x" * size))


def _snapshot(buffer: Buffer, *uids: str) -> None:
    buffer.start_snapshot(POD)
    buffer.begin(POD)
    for uid in uids:
        _put(buffer, uid, 1)
    buffer.end(POD, "9")


def test_a_snapshot_is_begun_counted_ended_and_then_live() -> None:
    buffer = _buffer()
    peer = Peer(buffer)
    peer.rows["Pod"] = {"old": "1"}
    _snapshot(buffer, "a", "b")
    peer.drain()
    assert peer.marks == [("Pod", Phase.SNAPSHOT_BEGIN, 0), ("Pod", Phase.SNAPSHOT_END, 2), ("Pod", Phase.LIVE, 0)]
    assert peer.rows["Pod"] == {"a": "1", "b": "1"}
    assert buffer.standing(POD).objects == 2
    assert buffer.standing(POD).generation


def test_changes_during_a_snapshot_wait_behind_its_end() -> None:
    buffer = _buffer()
    peer = Peer(buffer)
    buffer.start_snapshot(POD)
    buffer.begin(POD)
    _put(buffer, "a", 1)
    _put(buffer, "b", 1)
    peer.drain()
    _put(buffer, "a", 2)
    buffer.delete(POD, "b", "default", "b", "3")
    _put(buffer, "c", 4)
    buffer.delete(POD, "c", "default", "c", "5")
    buffer.end(POD, "9")
    peer.drain()
    assert [mark for mark in peer.marks if mark[1] is Phase.SNAPSHOT_END] == [("Pod", Phase.SNAPSHOT_END, 2)]
    assert peer.rows["Pod"] == {"a": "2"}


def test_only_the_newest_version_waits_and_delete_wins() -> None:
    buffer = _buffer()
    peer = Peer(buffer)
    _snapshot(buffer)
    peer.drain()
    for version in range(2, 50):
        _put(buffer, "a", version)
    _put(buffer, "b", 7)
    buffer.delete(POD, "b", "default", "b", "8")
    (batch,) = [outgoing for outgoing in peer.drain() if outgoing.changes]
    assert [(change.op, change.resource_version) for change in batch.changes] == [(Op.UPSERT, "49"), (Op.DELETE, "8")]


def test_batches_hold_at_most_32_objects_or_a_mebibyte() -> None:
    buffer = _buffer()
    _snapshot(buffer, *(f"p{number}" for number in range(100)))
    assert [len(outgoing.changes) for outgoing in Peer(buffer).drain() if outgoing.changes] == [32, 32, 32, 4]
    for number in range(10):
        _put(buffer, f"big{number}", 2, size=300_000)
    assert [len(outgoing.changes) for outgoing in Peer(buffer).drain() if outgoing.changes] == [3, 3, 3, 1]
    assert BATCH_ITEMS == 32


def test_what_was_not_acknowledged_is_sent_again_unless_newer_waits() -> None:
    buffer = _buffer()
    peer = Peer(buffer)
    _snapshot(buffer, "a", "b", "c")
    peer.drain()
    before = buffer.standing(POD)
    _put(buffer, "a", 2)
    _put(buffer, "b", 2)
    buffer.delete(POD, "c", "default", "c", "3")
    peer.drain(ack=False)
    assert buffer.standing(POD) == before
    _put(buffer, "b", 3)
    buffer.rewind()
    assert buffer.unacked == 0
    peer.drain()
    assert peer.rows["Pod"] == {"a": "2", "b": "3"}
    assert buffer.bytes == 0


def test_an_unfinished_snapshot_is_no_cursor() -> None:
    buffer = _buffer()
    _snapshot(buffer, "a")
    Peer(buffer).drain(ack=False)
    assert buffer.standing(POD).generation == ""


def test_a_listing_after_an_expired_watch_sends_the_difference_alone() -> None:
    buffer = _buffer()
    peer = Peer(buffer)
    _snapshot(buffer, "same", "changed", "gone")
    peer.drain()
    buffer.begin(POD)
    _put(buffer, "same", 1)
    _put(buffer, "changed", 5)
    _put(buffer, "new", 6)
    buffer.end(POD, "10")
    (batch,) = [outgoing for outgoing in peer.drain() if outgoing.changes]
    assert {(change.op, change.uid) for change in batch.changes} == {(Op.UPSERT, "changed"), (Op.UPSERT, "new"), (Op.DELETE, "gone")}
    assert Phase.SNAPSHOT_BEGIN not in [mark[1] for mark in peer.marks[3:]]


def test_beyond_its_limit_the_heaviest_kind_is_dropped_and_must_be_listed_again() -> None:
    buffer = _buffer(max_bytes=100_000)
    peer = Peer(buffer)
    _snapshot(buffer)
    peer.drain()
    for number in range(200):
        _put(buffer, f"p{number}", 1, size=1000)
    assert buffer.bytes <= 100_000
    assert buffer.dirty_kinds() == [POD]
    assert buffer.standing(POD).generation == ""
    _snapshot(buffer, "a")
    peer.drain()
    assert (buffer.dirty_kinds(), peer.rows["Pod"]) == ([], {"a": "1"})


async def test_an_inventory_waits_for_room_until_frames_are_acknowledged() -> None:
    buffer = _buffer(high_water=50_000)
    buffer.start_snapshot(POD)
    buffer.begin(POD)
    for number in range(100):
        _put(buffer, f"p{number}", 1, size=1000)
    import asyncio

    waiting = asyncio.create_task(buffer.room())
    await asyncio.sleep(0)
    assert not waiting.done()
    Peer(buffer).drain()
    async with asyncio.timeout(30):
        await waiting


def test_kubernetes_events_have_a_ring_that_drops_the_oldest() -> None:
    buffer = _buffer()
    for number in range(2005):
        buffer.upsert(EVENT, f"e{number}", "default", "e", "1", Redacted(b"{}"))
    assert buffer.dropped_events == 5
    sent = [change.uid for outgoing in Peer(buffer).drain() for change in outgoing.changes]
    assert sent[0] == "e5"
    assert len(sent) == 900  # the burst; after that 50 a second


def test_a_refused_kind_is_reported_once_and_stays_no_cursor() -> None:
    buffer = _buffer()
    peer = Peer(buffer)
    buffer.start_snapshot(NODE)
    for _ in range(3):
        buffer.begin(NODE)
        buffer.mark(NODE, Phase.FORBIDDEN)
        peer.drain()
    assert peer.marks[-1] == ("Node", Phase.FORBIDDEN, 0)
    assert buffer.standing(NODE).generation == ""


_STEPS = st.lists(
    st.tuples(st.sampled_from(["put", "put", "delete", "drain", "lose", "relist", "snapshot"]), st.integers(0, 5)), max_size=60
)


@examples(150)
@given(steps=_STEPS)
def test_the_peer_always_converges(steps: list[tuple[str, int]]) -> None:
    buffer = _buffer()
    peer = Peer(buffer)
    truth: dict[str, str] = {}
    version = 0
    _snapshot(buffer)

    def relist() -> None:
        buffer.begin(POD)
        for uid, at in truth.items():
            _put(buffer, uid, int(at))
        buffer.end(POD, str(version))

    for step, number in steps:
        version += 1
        uid = f"u{number}"
        if step == "put":
            truth[uid] = str(version)
            _put(buffer, uid, version)
        elif step == "delete" and uid in truth:
            del truth[uid]
            buffer.delete(POD, uid, "default", uid, str(version))
        elif step == "drain":
            peer.drain()
        elif step == "lose":  # committed or not, the acknowledgement was lost with the connection
            taken = peer.drain(ack=False)
            for outgoing in taken[: number % (len(taken) + 1)]:
                peer.apply(outgoing)
            buffer.rewind()
            if buffer.standing(POD).generation == "":
                buffer.start_snapshot(POD)
                relist()
        elif step == "relist":
            relist()
        elif step == "snapshot":
            buffer.start_snapshot(POD)
            relist()
    buffer.digest_all()
    peer.drain()
    assert peer.rows.get("Pod", {}) == truth
    assert buffer.bytes == 0


def test_a_resumed_kind_says_again_that_it_is_live() -> None:
    buffer = _buffer()
    peer = Peer(buffer)
    _snapshot(buffer, "a", "b")
    peer.drain()
    peer.marks.clear()
    buffer.rewind()
    buffer.resume(POD)
    peer.drain()
    assert peer.marks == [(POD.id, Phase.LIVE, 0)]


@pytest.mark.parametrize(("told", "most"), [(0, 1024 * 1024), (200_000, 200_000), (1, 64 * 1024), (2**32 - 1, 1024 * 1024)])
def test_a_batch_holds_no_more_than_the_control_plane_takes(told: int, most: int) -> None:
    buffer = _buffer()
    buffer.limit(told)
    peer = Peer(buffer)
    _snapshot(buffer)
    for number in range(64):
        _put(buffer, f"pod-{number}", 1, size=50_000)
    _put(buffer, "large", 1, size=900_000)
    taken = [one for one in peer.drain() if one.changes]
    assert sum(len(one.changes) for one in taken) == 65
    assert all(one.size_bytes <= most or len(one.changes) == 1 for one in taken), "an object that exceeds it alone travels alone"
    assert len(peer.rows["Pod"]) == 65
