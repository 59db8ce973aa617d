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


def web() -> list[dict[str, Any]]:
    """A Deployment with one pod."""
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "shop", "uid": "uid-web", "creationTimestamp": NOW},
        "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "web"}}, "template": {"spec": pod()["spec"]}},
        "status": {"replicas": 1, "readyReplicas": 1, "updatedReplicas": 1, "availableReplicas": 1},
    }
    owner = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "uid": "uid-web", "controller": True}
    own = pod()
    own["metadata"]["ownerReferences"] = [owner]
    return [deployment, own]


SLOW = {"web-rps": around(20, 12), "web-success_rate": around(1, 1), "web-p95latency": around(8, 900)}


def test_a_workload_whose_requests_take_longer_than_before_is_found(tmp_path: Path) -> None:
    intake = read(tmp_path, SLOW, *web())
    [issue] = roots(intake)
    assert (issue.type, issue.subject.name, issue.lead.facts["usualMs"]) == ("WorkloadSlow", "web", 8)
    found = Explainer(intake).explain(issue)
    assert found.cause_id == "slow_itself"


def test_what_answers_fewer_requests_and_sends_as_many_packets_has_a_slow_network(tmp_path: Path) -> None:
    few = {"web-rps": around(20, 0.1), "web-p50latency": around(4, 800), "web-network_transmit": around(100, 130)}
    intake = read(tmp_path, SLOW | few, *web())
    [issue] = roots(intake)
    assert Explainer(intake).explain(issue).cause_id == "slow_network_of_pods"


def test_segments_that_a_node_sends_again_are_counted_against_what_its_pods_send(tmp_path: Path) -> None:
    sent = {"web-network_transmit": around(100, 100), "n1-tcp_retans": around(0, 8)}
    intake = read(tmp_path, SLOW | sent, *web())
    [issue] = roots(intake)
    assert Explainer(intake).explain(issue).cause_id == "segments_sent_again"


@pytest.mark.parametrize(
    "series",
    [
        pytest.param(SLOW | {"web-rps": around(0, 0)}, id="no requests"),
        pytest.param(SLOW | {"web-p95latency": around(8, 60)}, id="a little slower"),
        pytest.param(SLOW | {"web-p95latency": around(900, 900)}, id="as slow as before"),
        pytest.param({name: values for name, values in SLOW.items() if name != "web-rps"}, id="requests are not counted"),
        pytest.param({"n1-tcp_retans": around(0, 8)}, id="segments sent again, and nothing is slow"),
    ],
)
def test_requests_that_are_not_slow_open_no_issue(tmp_path: Path, series: Mapping[str, Values]) -> None:
    assert roots(read(tmp_path, series, *web())) == []


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
