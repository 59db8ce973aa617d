import pytest

from optral.kube.objects import KubeObject
from optral.kube.owners import RERUN_OF
from optral.terms.severity import Severity
from tests.detectors.build import at, condition, make, only, owned_by, pod, status, terminated, when

TYPE = "JobFailed"
FAILED = condition("Failed", reason="BackoffLimitExceeded", message="Job has reached the specified backoff limit", ago=60)
COMPLETE = condition("Complete", ago=30)
CRON = make("CronJob.batch", name="report")


def run(
    name: str = "report", *conditions: dict[str, object], ago: float = 600, cron: KubeObject | None = None, **more: object
) -> KubeObject:
    meta = {"ownerReferences": owned_by(cron)} if cron is not None else {}
    return make("Job.batch", name=name, ago=ago, meta=meta, status={"conditions": list(conditions), **more})


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        pytest.param(run("report", FAILED), 1, id="gave up"),
        pytest.param(run("report", failed=3), 0, id="still retrying"),
        pytest.param(run("report", condition("FailureTarget")), 0, id="about to fail"),
        pytest.param(run("report", COMPLETE, failed=3), 0, id="succeeded after retries"),
        pytest.param(run("report", condition("Failed", "False")), 0, id="condition says no"),
    ],
)
def test_only_a_failed_job_is_an_issue(shown: KubeObject, expected: int) -> None:
    assert len(only(TYPE, shown)) == expected


def test_a_bare_job_is_high_and_remembers_how_its_last_pod_ended() -> None:
    job = run("report", FAILED, failed=7)
    [finding] = only(
        TYPE, job, pod(status(state=terminated(ago=70, code=3)), phase="Failed", name="report-x", meta={"ownerReferences": owned_by(job)})
    )
    assert (finding.severity, finding.occurrence, finding.since) == (Severity.HIGH, job.uid, when(60))
    assert (finding.facts["exitCode"], finding.facts["lastPod"]) == (3, "report-x")


def test_a_later_run_that_succeeds_resolves_it() -> None:
    failed = run("report-1", FAILED, ago=600, cron=CRON)
    assert len(only(TYPE, CRON, failed)) == 1
    assert len(only(TYPE, CRON, failed, run("report-0", COMPLETE, ago=900, cron=CRON))) == 1
    assert only(TYPE, CRON, failed, run("report-2", COMPLETE, ago=300, cron=CRON)) == []


def test_a_rerun_that_succeeds_resolves_it() -> None:
    failed = run("report", FAILED, ago=600)

    def rerun(number: int, *conditions: dict[str, object], ago: float = 300, of: KubeObject = failed) -> KubeObject:
        return make(
            "Job.batch",
            name=f"report-rerun-{number}",
            ago=ago,
            meta={"labels": {RERUN_OF: of.uid}},
            status={"conditions": list(conditions)},
        )

    assert len(only(TYPE, failed, rerun(1))) == 1, "it still runs"
    assert len(only(TYPE, failed, rerun(1, COMPLETE, of=CRON))) == 1, "of another Job"
    assert len(only(TYPE, failed, rerun(1, FAILED))) == 2
    assert only(TYPE, failed, rerun(1, FAILED), rerun(2, COMPLETE, ago=200)) == []


def test_the_second_failed_run_in_a_row_is_high_and_both_belong_to_the_cron_job() -> None:
    findings = only(TYPE, CRON, run("report-1", FAILED, ago=900, cron=CRON), run("report-2", FAILED, ago=600, cron=CRON))
    assert sorted(finding.severity for finding in findings) == [Severity.HIGH, Severity.MEDIUM]
    assert {str(finding.subject) for finding in findings} == {"CronJob/shop/report"}
    assert len({finding.occurrence for finding in findings}) == 2


@pytest.mark.parametrize(
    ("succeeded_ago", "expected"),
    [(400, Severity.HIGH), (230, Severity.MEDIUM), (None, Severity.HIGH)],
)
def test_deleted_runs_are_inferred_from_the_schedule(succeeded_ago: float | None, expected: Severity) -> None:
    succeeded = {"lastSuccessfulTime": at(succeeded_ago)} if succeeded_ago is not None else {}
    cron = make("CronJob.batch", name="report", ago=86_400, spec={"schedule": "* * * * *"}, status=succeeded)
    [finding] = only(TYPE, cron, run("report-9", FAILED, ago=180, cron=cron))
    assert finding.severity is expected


def test_a_run_belongs_to_its_cron_job_even_if_that_is_unknown() -> None:
    [finding] = only(TYPE, run("report-29384720", FAILED, cron=CRON))
    assert str(finding.subject) == "CronJob/shop/report"
