"""The series of a bundle become reports of usage, and the rules say of them what they say of an agent's."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from optral.scan import dump
from optral.scan.detection import IssueFilter, ScanIssue, detect_issues
from optral.scan.explanation import Explainer
from optral.scan.intake import Intake

NOW = "2026-01-15T12:00:00Z"
POINTS = 48
Values = Sequence[float | None]


def around(before: float, during: float, after: float | None = None) -> Values:
    """What was measured every five seconds, with a fault in the middle."""
    third = POINTS // 3
    return [before] * third + [during] * third + [before if after is None else after] * third


def pod(name: str = "web-1", *, cpu: str | None = "200m", ready: bool = True) -> dict[str, Any]:
    limits = {"memory": "256Mi"} | ({} if cpu is None else {"cpu": cpu})
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "shop", "uid": f"uid-{name}", "labels": {"app": "web"}, "creationTimestamp": NOW},
        "spec": {
            "nodeName": "n1",
            "containers": [{"name": "api", "image": "x", "resources": {"limits": limits}}, {"name": "proxy", "image": "p"}],
        },
        "status": {
            "phase": "Running",
            "conditions": [{"type": "Ready", "status": str(ready)}],
            "containerStatuses": [{"name": one, "ready": ready, "state": {"running": {"startedAt": NOW}}} for one in ("api", "proxy")],
        },
    }


NODE = {
    "apiVersion": "v1",
    "kind": "Node",
    "metadata": {"name": "n1", "uid": "uid-n1"},
    "status": {"allocatable": {"cpu": "4", "memory": "8Gi"}, "conditions": [{"type": "Ready", "status": "True"}]},
}


def read(folder: Path, series: Mapping[str, Values], *objects: dict[str, Any]) -> Intake:
    listed = {"apiVersion": "v1", "kind": "List", "metadata": {}, "items": [NODE, *objects]}
    bundle = {"meta": {"now": NOW}, "objects": listed, "metrics": {"times": [NOW] * POINTS, "series": series}}
    (folder / "case.json").write_text(json.dumps(bundle))
    intake = Intake(keep=True)
    dump.read(folder / "case.json", intake)
    dump.settle(intake)
    return intake


def roots(intake: Intake) -> list[ScanIssue]:
    return detect_issues(intake, IssueFilter(within_s=600)).roots


STARVED = {"web-cpu": around(0.03, 0.19), "web-mem": around(8e7, 8e7), "web-cpu_cfs": around(0, 0.9)}


def test_a_container_that_is_stopped_at_its_limit_is_found_and_explained(tmp_path: Path) -> None:
    intake = read(tmp_path, STARVED, pod())
    [issue] = roots(intake)
    assert (issue.type, issue.lead.part) == ("CPUThrottled", "api")
    found = Explainer(intake).explain(issue)
    assert found.cause_id == "cpu_limit_too_low"
    assert found.root_cause is not None
    assert {"name": "share", "value": "90 %"} in found.root_cause["facts"]


def test_a_node_without_cpu_left_is_found(tmp_path: Path) -> None:
    [issue] = roots(read(tmp_path, {"n1-cpu": around(20, 99), "n1-mem": around(10, 10)}, pod()))
    assert (issue.type, issue.subject.name) == ("NodeSaturated", "n1")


@pytest.mark.parametrize(
    ("series", "objects"),
    [
        pytest.param({"web-cpu": around(0.03, 0.19), "web-cpu_cfs": around(0, 0.1)}, [pod()], id="stopped now and then"),
        pytest.param(STARVED, [pod(cpu=None)], id="no limit"),
        pytest.param(STARVED, [pod(ready=False)], id="a pod that is not ready was not measured"),
        pytest.param({f"other{label[3:]}": values for label, values in STARVED.items()}, [pod()], id="another workload"),
        pytest.param({label: [None] * POINTS for label in STARVED}, [pod()], id="nothing was measured"),
        pytest.param({label: values[:9] for label, values in STARVED.items()}, [pod()], id="too few points"),
        pytest.param({"web-cpu_cfs": around(0.9, 0, after=0.9)}, [pod()], id="before and after, but not at the moment of the case"),
        pytest.param({"n1-cpu": around(20, 80)}, [pod()], id="a busy node"),
        pytest.param({"nonsense": around(1, 1), "web-unheard_of": around(0, 1)}, [pod()], id="series that are not known"),
    ],
)
def test_what_proves_nothing_opens_no_issue_of_usage(tmp_path: Path, series: Mapping[str, Values], objects: list[dict[str, Any]]) -> None:
    assert {issue.type for issue in roots(read(tmp_path, series, *objects))} <= {"PodNotReady", "ReadinessProbeFailed"}


def test_a_bundle_without_series_is_as_blind_as_a_cluster_without_metrics(tmp_path: Path) -> None:
    intake = read(tmp_path, {}, pod())
    assert {"PodUsage.usage.optral.io", "NodeUsage.usage.optral.io"}.isdisjoint(intake.listed_kinds)
