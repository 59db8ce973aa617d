"""Times of cron expressions, through both changes of daylight saving time."""

from datetime import UTC, datetime, timedelta

import pytest

from optral.kit import cron
from optral.kit.cron import BadSchedule

BERLIN = "Europe/Berlin"
SPRING = datetime(2026, 3, 29, 0, 0, tzinfo=UTC)
"""01:00 in Berlin; 02:00 to 03:00 does not exist that night."""
AUTUMN = datetime(2026, 10, 24, 23, 0, tzinfo=UTC)
"""01:00 in Berlin; 02:00 to 03:00 occurs twice that night."""


def times(expression: str, zone: str, start: datetime, *, until: timedelta) -> list[str]:
    found, moment = [], start
    while (moment := cron.next_after(expression, zone, moment)) <= start + until:
        found.append(moment.astimezone(cron.zone_of(zone)).strftime("%d %H:%M%z"))
    return found


@pytest.mark.parametrize(
    ("expression", "start", "expected"),
    [
        pytest.param("30 2 * * *", SPRING, ["29 03:00+0200", "30 02:30+0200"], id="a skipped time runs after the gap"),
        pytest.param("0,30 2 * * *", SPRING, ["29 03:00+0200", "30 02:00+0200"], id="two skipped times run once"),
        pytest.param("30 2 * * *", AUTUMN, ["25 02:30+0200"], id="a doubled time runs once"),
        pytest.param("0 * * * *", SPRING, None, id="every hour of elapsed time in spring"),
        pytest.param("0 * * * *", AUTUMN, None, id="every hour of elapsed time in autumn"),
        pytest.param("30 12 * * *", AUTUMN, ["25 12:30+0100"], id="noon is not concerned"),
    ],
)
def test_daylight_saving_time(expression: str, start: datetime, expected: list[str] | None) -> None:
    if expected is None:
        assert len(times(expression, BERLIN, start, until=timedelta(hours=5))) == 5
    else:
        assert times(expression, BERLIN, start, until=timedelta(hours=25))[: len(expected)] == expected


@pytest.mark.parametrize("minutes", range(0, 180, 10))
def test_a_time_is_always_in_the_future(minutes: int) -> None:
    """Also within the second pass of a doubled hour, of which the fixed time has passed."""
    now = AUTUMN + timedelta(minutes=minutes)
    assert cron.next_after("30 2 * * *", BERLIN, now) > now
    last = cron.last_before("30 2 * * *", BERLIN, now)
    assert last is not None
    assert last <= now


CHANGES = [
    pytest.param(BERLIN, SPRING + timedelta(hours=1), id="Berlin, spring"),
    pytest.param(BERLIN, AUTUMN + timedelta(hours=2), id="Berlin, autumn"),
    pytest.param("America/New_York", datetime(2026, 11, 1, 6, tzinfo=UTC), id="New York, autumn"),
    pytest.param("Africa/Cairo", datetime(2026, 10, 29, 21, tzinfo=UTC), id="Cairo, where the hour before midnight occurs twice"),
    pytest.param("America/Santiago", datetime(2026, 9, 6, 4, tzinfo=UTC), id="Santiago, where midnight does not exist"),
    pytest.param("Australia/Lord_Howe", datetime(2026, 10, 3, 15, 30, tzinfo=UTC), id="Lord Howe, by half an hour"),
]


@pytest.mark.parametrize(
    "expression", ["30 2 * * *", "0,30 1-3 * * *", "*/20 * * * *", "15 * * * *", "59 23 * * *", "30 1 * * 0", "0 0 * * *"]
)
@pytest.mark.parametrize(("zone", "change"), CHANGES)
def test_forward_and_backward_tell_the_same_times(zone: str, change: datetime, expression: str) -> None:
    found = [cron.next_after(expression, zone, change - timedelta(days=8))]
    while found[-1] < change + timedelta(days=8):
        found.append(cron.next_after(expression, zone, found[-1]))
    for minutes in range(-240, 300, 10):
        now = change + timedelta(minutes=minutes)
        assert cron.next_after(expression, zone, now) == next(one for one in found if one > now)
        assert cron.last_before(expression, zone, now) == next(one for one in reversed(found) if one <= now)


def test_the_latest_time_includes_now() -> None:
    noon = datetime(2026, 6, 1, 12, tzinfo=UTC)
    assert cron.last_before("0 12 * * *", "UTC", noon) == noon
    assert cron.last_before("0 12 * * *", "UTC", noon + timedelta(microseconds=5)) == noon
    assert cron.last_before("0 12 * * *", "UTC", noon - timedelta(seconds=1)) == noon - timedelta(days=1)
    assert cron.next_after("0 12 * * *", "UTC", noon) == noon + timedelta(days=1)


@pytest.mark.parametrize(
    ("expression", "zone", "said"),
    [
        ("* * * *", "UTC", "five fields"),
        ("0 30 2 * * *", "UTC", "five fields"),
        ("@daily", "UTC", "five fields"),
        ("61 * * * *", "UTC", "minute"),
        ("0 0 30 2 *", "UTC", "day-of-month"),
        ("* " * 200, "UTC", "not a cron expression"),
        ("30 2 * * *", "Mars/Olympus", "time zone"),
        ("30 2 * * *", "../../etc/passwd", "time zone"),
        ("30 2 * * *", "", "time zone"),
        ("30 2 * * *", "a" * 5000, "time zone"),
        ("30 2 * * *", "Europe", "time zone"),
        ("30 2 * * *", "a\x00b", "time zone"),
    ],
)
def test_what_cannot_be_read_is_named(expression: str, zone: str, said: str) -> None:
    with pytest.raises(BadSchedule, match=said):
        cron.check(expression, zone)


@pytest.mark.parametrize("expression", ["30 2 * * 1-5", "*/5 * * * *", "0 0 1 JAN *", "0 4 L * *", "0 0 29 2 *"])
def test_usual_expressions_are_accepted(expression: str) -> None:
    cron.check(expression, BERLIN)
