from typing import Any

import pytest

from optral import detectors
from optral.detectors.finding import Finding
from tests.detectors.build import HOUR, NOON, at, condition, make, owned_by, view_of, when

TYPE = "CronJobSuspended"
DAY = 24 * HOUR


def cron(*, suspended: bool = True, changed: float = 8 * DAY) -> Any:
    meta = {"managedFields": [{"manager": "kubectl", "time": at(changed)}]}
    return make("CronJob.batch", name="report", ago=90 * DAY, meta=meta, spec={"suspend": suspended, "schedule": "@daily"})


def risks(*things: Any) -> list[Finding]:
    found = detectors.examine_all(view_of(*things), now=NOON, include_risk=True).findings
    return [finding for finding in found if finding.type == TYPE]


def test_reported_after_a_week_and_only_as_a_risk() -> None:
    [finding] = risks(cron())
    assert (finding.since, finding.opens_at, finding.category) == (when(8 * DAY), when(DAY), "risk")
    assert all(one.type != TYPE for one in detectors.examine_all(view_of(cron()), now=NOON).findings)


def test_a_job_records_since_when() -> None:
    job = make("Job.batch", name="import", spec={"suspend": True}, status={"conditions": [condition("Suspended", ago=9 * DAY)]})
    assert risks(job)[0].since == when(9 * DAY)


@pytest.mark.parametrize("suspended", [False])
def test_an_active_cron_job_is_no_risk(suspended: bool) -> None:
    assert risks(cron(suspended=suspended)) == []


def test_a_suspended_run_is_reported_for_its_cron_job() -> None:
    top = cron(suspended=False)
    assert risks(top, make("Job.batch", name="report-1", meta={"ownerReferences": owned_by(top)}, spec={"suspend": True})) == []
