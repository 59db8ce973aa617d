from datetime import UTC, datetime

import pytest
from hypothesis import given, strategies as st

from optral.kube import schedules
from optral.kube.schedules import BadSchedule
from tests.support.examples import examples

START = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)  # a Monday


def next_run(text: str, *, after: datetime = START, zone: str = "UTC") -> str:
    found = schedules.parse(text).after(after, schedules.zone_of(zone) or UTC)
    return "never" if found is None else found.strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("* * * * *", "2026-03-02 12:01"),
        ("*/15 * * * *", "2026-03-02 12:15"),
        ("0 12 * * *", "2026-03-03 12:00"),
        ("5,35 9-17/4 * * mon-fri", "2026-03-02 13:05"),
        ("0 0 1 * *", "2026-04-01 00:00"),
        ("0 0 1 jan ?", "2027-01-01 00:00"),
        ("0 0 13 * fri", "2026-03-06 00:00"),  # either day is enough
        ("0 0 13 * *", "2026-03-13 00:00"),
        ("30/10 * * * *", "2026-03-02 12:30"),
        ("0 0 29 2 *", "2028-02-29 00:00"),
        ("0 0 31 2 *", "never"),
        ("@hourly", "2026-03-02 13:00"),
        ("@weekly", "2026-03-08 00:00"),
        ("@every 1h30m", "2026-03-02 13:30"),
    ],
)
def test_tells_the_next_run(text: str, expected: str) -> None:
    assert next_run(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 7", "5-2 * * * *",
        "*/0 * * * *",
        "a * * * *", "1-2-3 * * * *", "1/2/3 * * * *", ", * * * *", "* * L * *", "* * * * 1#2", "@reboot", "@every", "@every soon",
        "-1 * * * *",
        "² * * * *", "1 " * 400,
    ],
)  # fmt: skip
def test_refuses_what_the_controller_refuses(text: str) -> None:
    with pytest.raises(BadSchedule):
        schedules.parse(text)


@pytest.mark.parametrize(
    ("zone", "after", "expected"),
    [
        pytest.param("America/New_York", START, "2026-03-03 07:30", id="winter"),
        pytest.param("America/New_York", datetime(2026, 7, 1, 12, tzinfo=UTC), "2026-07-02 06:30", id="summer"),
        pytest.param("Asia/Kolkata", START, "2026-03-02 21:00", id="half an hour off"),
    ],
)
def test_goes_by_the_clock_of_its_zone(zone: str, after: datetime, expected: str) -> None:
    assert next_run("30 2 * * *", zone=zone, after=after) == expected


def test_reads_the_zone_in_front_of_the_schedule() -> None:
    assert schedules.parse("CRON_TZ=Asia/Tokyo 0 6 * * *").zone == "Asia/Tokyo"
    assert schedules.parse("TZ=Asia/Tokyo @daily").zone == "Asia/Tokyo"


@pytest.mark.parametrize("name", ["Nowhere/City", "../../etc/passwd", "", "/etc/localtime", "America", "a\x00b"])
def test_an_unknown_zone_is_none(name: str) -> None:
    assert schedules.zone_of(name) is None


@pytest.mark.parametrize("moment", [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, tzinfo=UTC)])
def test_accepts_the_ends_of_the_calendar(moment: datetime) -> None:
    run = schedules.parse("* * * * *").after(moment, schedules.zone_of("Asia/Tokyo") or UTC)
    assert run is None or run > moment


@given(st.text(alphabet="0123456789*/,-? @TZ=every hdmon", max_size=40), st.datetimes(timezones=st.just(UTC)))
@examples(200)
def test_any_text_is_a_schedule_or_refused_and_runs_lie_ahead(text: str, moment: datetime) -> None:
    try:
        schedule = schedules.parse(text)
    except BadSchedule:
        return
    run = schedule.after(moment, UTC)
    assert run is None or run >= moment
