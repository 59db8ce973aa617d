"""What time alone changes: states that do not tell their onset, and looks that no finding asks for."""

from datetime import timedelta

from tests.issues.test_service import Room, finding, kinds, room as room
from tests.support.clock import NOON, FakeClock

PATIENCE = timedelta(seconds=300)


async def test_a_state_without_an_onset_opens_after_it_was_found_for_long_enough(room: Room, clock: FakeClock) -> None:
    for waited, opened in ((0, []), (200, []), (100, ["created"])):
        clock.advance(waited)
        now = clock.now()
        assert kinds(await room.observe(finding(since=now, opens_at=now + PATIENCE, is_onset_unknown=True))) == opened
    assert (await room.issue()).first_seen_at == NOON


async def test_the_debounce_restarts_after_an_examination_that_did_not_find_it(room: Room, clock: FakeClock) -> None:
    for found in (True, False, True):
        now = clock.now()
        await room.observe(*([finding(since=now, opens_at=now + PATIENCE, is_onset_unknown=True)] if found else []))
        clock.advance(200)
    assert await room.issues() == []
    assert await room.next_due() == NOON + timedelta(seconds=400) + PATIENCE


async def test_a_watch_beside_a_finding_keeps_its_own_time(room: Room) -> None:
    soon, late = NOON + timedelta(seconds=30), NOON + timedelta(hours=1)
    await room.observe(finding(opens_at=late), look_again={"uid-web-1": soon})
    assert await room.next_due() == soon


async def test_an_estimated_onset_counts_only_in_the_first_inventory(room: Room, clock: FakeClock) -> None:
    """Between a change and what its controller says of it lie moments in which an old object looks as if it had waited all along."""
    long_ago = NOON - timedelta(hours=2)
    guessed = finding(since=long_ago, opens_at=long_ago + PATIENCE, is_onset_unknown=True)
    assert kinds(await room.observe(guessed)) == []
    assert kinds(await room.observe()) == []
    clock.advance(400)
    assert kinds(await room.observe(guessed)) == []
    clock.advance(300)
    assert kinds(await room.observe(guessed)) == ["created"]


async def test_the_first_inventory_uses_the_estimate(room: Room) -> None:
    long_ago = NOON - timedelta(hours=2)
    guessed = finding(since=long_ago, opens_at=long_ago + PATIENCE, is_onset_unknown=True)
    assert kinds(await room.observe(guessed, synced_at=None)) == ["created"]
