from typing import Any

import pytest

from optral.kube.objects import KubeObject
from tests.detectors.build import at, make, owned_by
from tests.detectors.risk.ask import where


def schedule(**spec: Any) -> KubeObject:
    return make("CronJob.batch", name="report", spec={"schedule": "0 * * * *"} | spec)


def run(of: KubeObject, *, began: float, ended: float | None) -> KubeObject:
    times = {"startTime": at(began)} | ({"completionTime": at(ended)} if ended is not None else {"active": 1})
    return make("Job.batch", name="report-1", meta={"ownerReferences": owned_by(of)}, status=times)


def test_a_schedule_without_a_deadline() -> None:
    assert where("CronJobNoDeadline", schedule()) == ["no startingDeadlineSeconds"]
    assert where("CronJobNoDeadline", schedule(startingDeadlineSeconds=60)) == []
    assert where("CronJobNoDeadline", schedule(suspend=True)) == []


@pytest.mark.parametrize(
    ("spec", "began", "ended", "is_risky"),
    [
        pytest.param({"concurrencyPolicy": "Forbid"}, 2 * 3600, None, True, id="still running when the next was due"),
        pytest.param({"concurrencyPolicy": "Forbid"}, 5 * 3600, 3 * 3600, True, id="ended after the next was due"),
        pytest.param({"concurrencyPolicy": "Forbid"}, 5 * 3600, 5 * 3600 - 60, False, id="ended in time"),
        pytest.param({"concurrencyPolicy": "Allow"}, 2 * 3600, None, False, id="runs may overlap"),
        pytest.param({"concurrencyPolicy": "Forbid", "schedule": "whenever"}, 2 * 3600, None, False, id="no schedule"),
    ],
)
def test_runs_that_outlast_their_interval(spec: dict[str, Any], began: float, ended: float | None, is_risky: bool) -> None:
    shown = schedule(**spec)
    assert bool(where("ConcurrencyForbidLongJobs", shown, run(shown, began=began, ended=ended))) is is_risky
