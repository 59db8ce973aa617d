"""An issue whose occurrences come faster than usual escalates; one that slows down by itself does not."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from optral.issues.model import Substatus
from tests.issues.test_service import Room, finding, room
from tests.support.clock import NOON, FakeClock

__all__ = ["room"]
MINUTE = 60.0


async def happen(room: Room, clock: FakeClock, minutes: list[float]) -> list[Substatus]:
    """Kills at these minutes; what the issue was called after each."""
    seen: list[Substatus] = []
    for number, minute in enumerate(minutes):
        clock.advance((NOON + timedelta(minutes=minute) - clock.now()).total_seconds())
        await room.observe(finding(type="OOMKilled", occurrence=f"kill-{number}", since=clock.now(), opens_at=clock.now()))
        seen.append((await room.issue()).substatus)
    return seen


@pytest.mark.parametrize(
    ("minutes", "last"),
    [
        pytest.param([0, 0.5, 1, 2, 4, 8, 13, 18, 23, 28, 33, 38], Substatus.ONGOING, id="a back-off slows down"),
        pytest.param([0, 10, 20, 30, 40, 50, 60], Substatus.ONGOING, id="steady"),
        pytest.param([0, 10, 20, 30, 40, 41, 42, 43, 44, 45], Substatus.ESCALATING, id="five in a window where one is usual"),
        pytest.param([0, 10, 20, 30, 40, 41, 42, 43], Substatus.ONGOING, id="four are not many"),
    ],
)
async def test_escalates_by_rate(room: Room, clock: FakeClock, minutes: list[float], last: Substatus) -> None:
    assert (await happen(room, clock, minutes))[-1] is last


async def test_what_escalated_settles_and_may_escalate_again(room: Room, clock: FakeClock) -> None:
    calm, burst = [0.0, 10, 20, 30], [40.0, 41, 42, 43, 44]
    assert (await happen(room, clock, calm + burst))[-1] is Substatus.ESCALATING
    later: list[Any] = await happen(room, clock, [76.0])
    assert later[-1] is Substatus.ONGOING
    assert datetime.fromisoformat((await room.issue()).pace["since"]) <= clock.now()
