from typing import Any

import pytest

from optral import detectors
from optral.detectors import tuning
from optral.detectors.tuning import Settings, Tuning, TuningScope
from optral.kube.objects import KubeObject
from tests.detectors.build import HOUR, NOON, at, condition, make, only, owned_by, pod, status, terminated, tuned, view_of, when

TYPE = "JobNotCompleted"
CRON = make("CronJob.batch", name="report", spec={"schedule": "0 0 * * *"})


def job(
    started: float = 13 * HOUR, *, active: int = 1, took: float | None = None, cron: bool = False, name: str = "report-1", **spec: Any
) -> KubeObject:
    said: dict[str, Any] = {"startTime": at(started), "active": active}
    if took is not None:
        said |= {"completionTime": at(started - took), "conditions": [condition("Complete")], "active": 0}
    meta = {"ownerReferences": owned_by(CRON)} if cron else {}
    return make("Job.batch", name=name, ago=started, meta=meta, spec=spec, status=said)


def test_twelve_hours_are_too_long() -> None:
    shown = job()
    [finding] = only(TYPE, shown)
    assert (finding.since, finding.opens_at, finding.occurrence) == (when(13 * HOUR), when(HOUR), shown.uid)


def test_its_own_deadline_and_three_times_its_usual_time_are_waited_for() -> None:
    assert only(TYPE, job(activeDeadlineSeconds=20 * HOUR)) == []
    earlier = [job(100 * HOUR, took=8 * HOUR, cron=True, name="report-0")]
    assert only(TYPE, CRON, *earlier, job(cron=True)) == []
    [finding] = only(TYPE, CRON, *earlier, job(25 * HOUR, cron=True))
    assert (finding.facts["usualSeconds"], str(finding.subject)) == (8 * HOUR, "CronJob/shop/report")


def forbids(schedule: str, **spec: Any) -> KubeObject:
    """A CronJob of the same name as `CRON` that waits for the end of a run before it starts the next one."""
    return make("CronJob.batch", name="report", spec={"schedule": schedule, "concurrencyPolicy": "Forbid", **spec}, meta={"uid": CRON.uid})


@pytest.mark.parametrize(
    ("schedule", "started", "is_late"),
    [
        pytest.param("*/10 * * * *", 31 * 60, True, id="three runs were held back"),
        pytest.param("*/10 * * * *", 19 * 60, False, id="two runs were held back"),
        pytest.param("* * * * *", 9 * 60, False, id="ten minutes are never too long"),
        pytest.param("* * * * *", 11 * 60, True, id="eleven minutes of a run every minute"),
        pytest.param("0 0 * * *", 11 * HOUR, False, id="once a day"),
    ],
)
def test_a_run_that_holds_back_the_next_ones_is_judged_by_the_schedule(schedule: str, started: float, is_late: bool) -> None:
    assert bool(only(TYPE, forbids(schedule), job(started, cron=True))) is is_late


@pytest.mark.parametrize(("took", "is_late"), [(20, True), (150, False)])
def test_finished_runs_tell_how_long_a_run_takes(took: float, is_late: bool) -> None:
    earlier = [job(ran, name=f"report-{n + 2}", cron=True, took=took) for n, ran in enumerate((900, 1200, 1500))]
    assert bool(only(TYPE, forbids("* * * * *"), *earlier, job(240, cron=True))) is is_late
    assert only(TYPE, forbids("* * * * *"), *earlier[:2], job(240, cron=True)) == [], "two runs are not enough"


def test_a_run_that_holds_back_others_may_take_as_long_as_usual() -> None:
    earlier = job(9 * HOUR, took=1800, cron=True, name="report-0")
    assert only(TYPE, forbids("*/5 * * * *"), earlier, job(3600, cron=True)) == []
    [finding] = only(TYPE, forbids("*/5 * * * *"), earlier, job(3 * 1800 + 60, cron=True))
    assert finding.facts["heldRuns"] == 3
    assert "holds up" in finding.title


def test_runs_that_may_overlap_hold_nothing_back() -> None:
    allows = forbids("*/5 * * * *", concurrencyPolicy="Allow")
    assert only(TYPE, allows, job(3600, cron=True)) == []


def test_a_running_job_is_examined_again_when_it_would_be_too_long() -> None:
    shown = job(HOUR)
    examination = detectors.examine_all(view_of(shown), now=NOON)
    assert (examination.findings, examination.look_again) == ((), {shown.uid: when(-11 * HOUR)})


def test_names_the_container_that_does_not_exit() -> None:
    shown = job()
    pods = pod(status("work", state=terminated(ago=HOUR, code=0, reason="Completed")), status("proxy"), owner=shown, name="report-1-x")
    [finding] = only(TYPE, shown, pods)
    assert (finding.facts["runningContainers"], finding.facts["endedContainers"]) == (["proxy"], ["work"])


@pytest.mark.parametrize(
    "shown",
    [
        pytest.param(job(took=HOUR), id="complete"),
        pytest.param(job(active=0), id="no pod is active"),
        pytest.param(job(suspend=True), id="suspended"),
        pytest.param(make("Job.batch", name="new", status={"active": 1}), id="not started"),
        pytest.param(
            make("Job.batch", name="bad", status={"startTime": at(50_000), "active": 1, "conditions": [condition("FailureTarget")]}),
            id="about to fail",
        ),
    ],
)
def test_finished_or_suspended_jobs_are_no_issue(shown: KubeObject) -> None:
    assert only(TYPE, shown) == []


def test_both_thresholds_can_be_set() -> None:
    assert tuned(TYPE, job(), patienceSeconds=14 * HOUR) == []
    [finding] = tuned(TYPE, job(2 * HOUR), patienceSeconds=HOUR)
    assert (finding.opens_at, finding.facts["patienceSeconds"]) == (when(HOUR), HOUR)
    earlier = job(100 * HOUR, took=8 * HOUR, cron=True, name="report-0")
    [finding] = tuned(TYPE, CRON, earlier, job(17 * HOUR, cron=True), timesUsual=2)
    assert (finding.opens_at, finding.facts["timesUsual"]) == (when(HOUR), 2)


def test_a_job_that_may_run_longer_is_examined_again_then() -> None:
    shown = job()
    view = view_of(shown)
    settings = Settings(tunings={TYPE: {TuningScope(): Tuning(thresholds=(("patienceSeconds", 14 * HOUR),))}})
    examination = detectors.examine_all(view, now=NOON, limits=tuning.limits(settings, view, cluster_id="c1"))
    assert (examination.findings, examination.look_again) == ((), {shown.uid: when(-HOUR)})
