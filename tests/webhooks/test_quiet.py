"""When quiet hours hold a notification, over midnight, days, time zones and the change of clocks."""

from datetime import UTC, datetime

import pytest

from optral.terms.errors import Invalid
from optral.terms.severity import Severity
from optral.webhooks.quiet import DAYS, QuietHours

NIGHT = QuietHours(start="22:00", end="07:00", time_zone="Europe/Berlin")
WEEKEND = QuietHours(start="00:00", end="00:00", days=frozenset({"sat", "sun"}))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "now", "leaves"),
    [
        (NIGHT, "2026-11-02T12:00", "2026-11-02T12:00"),
        (NIGHT, "2026-11-02T20:59", "2026-11-02T20:59"),
        (NIGHT, "2026-11-02T21:00", "2026-11-03T06:00"),
        (NIGHT, "2026-11-03T05:59", "2026-11-03T06:00"),
        (NIGHT, "2026-11-03T06:00", "2026-11-03T06:00"),
        (NIGHT, "2026-03-28T23:00", "2026-03-29T05:00"),  # an hour is skipped that night
        (NIGHT, "2026-10-24T23:00", "2026-10-25T06:00"),  # an hour occurs twice that night
        (WEEKEND, "2026-11-07T09:00", "2026-11-09T00:00"),  # Saturday, then Sunday
        (WEEKEND, "2026-11-06T23:59", "2026-11-06T23:59"),
        (QuietHours(start="22:00", end="07:00", days=frozenset({"fri"})), "2026-11-07T03:00", "2026-11-07T07:00"),
        (QuietHours(start="22:00", end="07:00", days=frozenset({"fri"})), "2026-11-08T03:00", "2026-11-08T03:00"),
    ],
)
def test_a_notification_leaves_when_the_hours_end(hours: QuietHours, now: str, leaves: str) -> None:
    assert hours.release_at(at(now), Severity.HIGH) == at(leaves)


def test_severe_issues_pass() -> None:
    hours = QuietHours(start="22:00", end="07:00", passing_severity=Severity.HIGH)
    night = at("2026-11-02T23:00")
    assert [hours.release_at(night, one) == night for one in (Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM)] == [True, True, False]
    assert hours.release_at(night, None) > night


@pytest.mark.parametrize(
    ("hours", "field"),
    [
        (QuietHours(start="00:00", end="00:00", days=frozenset(DAYS)), "quietHours.end"),
        (QuietHours(start="22:00", end="07:00", time_zone="Europe/Nowhere"), "quietHours.timeZone"),
    ],
)
def test_hours_that_cannot_be_are_refused(hours: QuietHours, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        hours.check()
    assert refused.value.errors[0]["field"] == field
