from datetime import UTC, datetime, timedelta

import pytest

from optral.kube import times

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "seconds", "expected"),
    [
        (NOON, 60, NOON + timedelta(seconds=60)),
        (NOON, -5, NOON),
        (NOON, 2**80, NOON + timedelta(seconds=times.MAX_STEP_S)),
        (datetime.max.replace(tzinfo=UTC), 60, times.LATEST),
    ],
)
def test_nothing_overflows(moment: datetime, seconds: float, expected: datetime) -> None:
    assert times.after(moment, seconds) == expected


def test_the_latest_of_what_is_known() -> None:
    assert times.latest(None, NOON, NOON - timedelta(days=1)) == NOON
    assert times.latest(None) is None


@pytest.mark.parametrize("year", [1, 9999])
def test_clamped_moments_can_be_calculated_with(year: int) -> None:
    assert abs((times.clamped(NOON.replace(year=year), now=NOON) - NOON).days) < 60 * 366


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-03-02T12:00:00+02:00"])
@pytest.mark.parametrize("offset", [timedelta(days=366), timedelta(days=-366)])
def test_a_clocks_offset_can_be_taken_from_bounded_moments(text: str, offset: timedelta) -> None:
    assert (times.bounded(datetime.fromisoformat(text)) - offset).astimezone(UTC)


def test_a_moment_of_our_days_stays_as_it_is() -> None:
    assert times.bounded(NOON) == NOON


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-02T12:00:00Z", datetime(2026, 3, 2, 12, tzinfo=UTC)),
        ("2026-03-02T14:00:00+02:00", datetime(2026, 3, 2, 12, tzinfo=UTC)),
        ("2026-03-02T12:00:00", datetime(2026, 3, 2, 12, tzinfo=UTC)),
        ("0001-01-01T00:00:00+05:00", times.EARLIEST),
        ("9999-12-31T23:59:59-05:00", datetime(9000, 1, 1, tzinfo=UTC)),
        ("noon", None),
        ("", None),
        (20260302, None),
        ("2026-03-02T12:00:00." + "0" * 40 + "Z", None),
    ],
)
def test_reads_moments_written_as_text(text: object, expected: datetime | None) -> None:
    assert times.moment(text) == expected
