"""The name of a Job that is run again: it counts up from the original one and fits into a label."""

from typing import Any

import pytest

from optral.agent.commands import job_reruns
from optral.agent.commands.commands_common import Failure
from optral.kube.owners import RERUN_OF


def job(name: str, *, uid: str = "uid-1", **labels: str) -> dict[str, Any]:
    return {"metadata": {"name": name, "uid": uid, "labels": labels}, "spec": {"template": {}}}


@pytest.mark.parametrize(
    ("failed", "earlier", "name"),
    [
        pytest.param(job("report"), [], "report-rerun-1", id="the first"),
        pytest.param(job("report"), ["report-rerun-1", "report-rerun-9"], "report-rerun-10", id="after the ninth"),
        pytest.param(job("report-rerun-1", **{RERUN_OF: "uid-0"}), ["report-rerun-1"], "report-rerun-2", id="of a rerun"),
        pytest.param(job("report-rerun-1"), [], "report-rerun-1-rerun-1", id="of a Job that is merely called so"),
        pytest.param(job("a" * 62), [], "a" * 55 + "-rerun-1", id="a long name"),
        pytest.param(job("a" * 54 + "-" + "b" * 8), [], "a" * 54 + "-rerun-1", id="a name cut at its dash"),
    ],
)
def test_the_name_of_the_next_rerun(failed: dict[str, Any], earlier: list[str], name: str) -> None:
    made = job_reruns.manifest(failed, [job(one) for one in earlier])
    assert made["metadata"]["name"] == name
    assert len(name) <= job_reruns.MAX_NAME


def test_a_rerun_of_a_rerun_belongs_to_the_job_that_failed_first() -> None:
    again = job("report-rerun-1", uid="uid-2", **{RERUN_OF: "uid-1"})
    assert job_reruns.manifest(again, [again])["metadata"]["labels"] == {RERUN_OF: "uid-1"}


def test_a_job_with_a_selector_of_its_own_is_left_to_people() -> None:
    failed = job("report") | {"spec": {"manualSelector": True}, "status": {"conditions": [{"type": "Failed", "status": "True"}]}}
    with pytest.raises(Failure, match="manualSelector"):
        job_reruns.check(failed, is_cron_job_allowed=True)
