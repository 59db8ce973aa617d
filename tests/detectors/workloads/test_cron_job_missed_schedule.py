from typing import Any

import pytest

from optral import detectors
from optral.kube.objects import KubeObject
from tests.detectors.build import HOUR, NOON, at, event, make, only, owned_by, view_of, when

TYPE = "CronJobMissedSchedule"


def cron(schedule: str, *, last: float | None, ago: float = 90 * 24 * HOUR, changed: float | None = None, **spec: Any) -> KubeObject:
    meta = {"managedFields": [{"manager": "kubectl", "time": at(changed)}]} if changed is not None else {}
    said = {"lastScheduleTime": at(last)} if last is not None else {}
    return make("CronJob.batch", name="report", ago=ago, meta=meta, spec={"schedule": schedule} | spec, status=said)


def test_two_runs_that_did_not_start() -> None:
    [finding] = only(TYPE, cron("*/10 * * * *", last=1800))
    assert (finding.since, finding.opens_at) == (when(1200), when(480))
    assert finding.facts["schedule"] == "*/10 * * * *"


def test_one_missed_run_of_a_daily_job_counts_after_an_hour() -> None:
    [finding] = only(TYPE, cron("0 10 * * *", last=26 * HOUR))
    assert (finding.since, finding.opens_at) == (when(2 * HOUR), when(HOUR))


def test_in_an_unknown_zone_one_missed_run_proves_nothing() -> None:
    shown = cron("0 10 * * *", last=18 * HOUR)  # 18:00 UTC: the controller's clock is eight hours ahead
    assert only(TYPE, shown) == []
    [finding] = only(TYPE, cron("0 18 * * *", last=18 * HOUR + 24 * HOUR, timeZone="Asia/Shanghai"))
    assert finding.since == when(26 * HOUR)


def test_it_is_examined_again_when_its_next_run_would_be_missed() -> None:
    shown = cron("0 * * * *", last=0)
    examination = detectors.examine_all(view_of(shown), now=NOON)
    assert (examination.findings, examination.look_again) == ((), {shown.uid: when(-2 * HOUR)})


def test_a_starting_deadline_is_waited_for() -> None:
    assert only(TYPE, cron("0 10 * * *", last=26 * HOUR, startingDeadlineSeconds=3 * HOUR)) == []


def test_a_cron_job_that_never_ran_counts_from_its_creation() -> None:
    assert len(only(TYPE, cron("*/10 * * * *", last=None, ago=3000))) == 1
    assert only(TYPE, cron("*/10 * * * *", last=None, ago=900)) == []


def test_the_message_of_the_controller_is_kept() -> None:
    shown = cron("*/10 * * * *", last=1800)
    [finding] = only(TYPE, shown, event(shown, "TooManyMissedTimes", "too many missed start times"))
    assert finding.facts["message"] == "too many missed start times"


@pytest.mark.parametrize(
    "shown",
    [
        pytest.param(cron("*/10 * * * *", last=0), id="ran just now"),
        pytest.param(cron("*/10 * * * *", last=1800, suspend=True), id="suspended"),
        pytest.param(cron("*/10 * * * *", last=90_000, changed=300), id="resumed or changed just now"),
        pytest.param(cron("0 10 * * 1", last=7 * 24 * HOUR + 2 * HOUR - 7 * 24 * HOUR), id="weekly, ran this week"),
        pytest.param(cron("every ten minutes", last=1800), id="no schedule: told as that"),
        pytest.param(cron("*/10 * * * *", last=1800, timeZone="Moon/Copernicus"), id="a zone that we do not know"),
    ],
)
def test_schedules_that_are_met_or_suspended_are_no_issue(shown: KubeObject) -> None:
    assert only(TYPE, shown) == []


@pytest.mark.parametrize(("policy", "expected"), [("Forbid", 0), ("Allow", 1), ("Replace", 1)])
def test_a_run_that_waits_for_the_one_before_is_not_missed(policy: str, expected: int) -> None:
    shown = cron("*/10 * * * *", last=1800, concurrencyPolicy=policy)
    run = make("Job.batch", name="report-1", meta={"ownerReferences": owned_by(shown)}, status={"active": 1, "startTime": at(1800)})
    assert len(only(TYPE, shown, run)) == expected
