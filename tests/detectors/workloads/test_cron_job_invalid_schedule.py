from typing import Any

import pytest

from tests.detectors.build import event, make, only, when

TYPE = "CronJobInvalidSchedule"


def cron(schedule: str, **spec: Any) -> Any:
    return make("CronJob.batch", name="report", ago=500, spec={"schedule": schedule} | spec)


@pytest.mark.parametrize(
    ("schedule", "why"),
    [
        ("60 * * * *", "is invalid"),
        ("* * * *", "is invalid"),
        ("@fortnightly", "is invalid"),
        ("0 0 31 2 *", "never occurs"),
    ],
)
def test_a_schedule_without_runs_opens_it_at_once(schedule: str, why: str) -> None:
    [finding] = only(TYPE, cron(schedule))
    assert why in finding.title
    assert finding.opens_at == when(500)


@pytest.mark.parametrize("schedule", ["*/5 * * * *", "@daily", "0 0 29 2 *", "TZ=Europe/Berlin 0 3 * * mon-fri", ""])
def test_valid_schedules_are_no_issue(schedule: str) -> None:
    assert only(TYPE, cron(schedule)) == []


def test_a_suspended_cron_job_is_no_issue() -> None:
    assert only(TYPE, cron("60 * * * *", suspend=True)) == []


def test_an_unknown_zone_counts_if_the_controller_reports_it() -> None:
    shown = cron("0 3 * * *", timeZone="Moon/Copernicus")
    assert only(TYPE, shown) == []
    [finding] = only(TYPE, shown, event(shown, "UnknownTimeZone", "invalid timeZone"))
    assert "Moon/Copernicus" in finding.title
