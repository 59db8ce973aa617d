"""The script: what is there by second 20, what stays, and that the objects agree with each other at every moment."""

import json
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest

from optral.demo.cluster import SEED, simulate_past
from optral.demo.registry import Registry, Stored
from optral.demo.scenario import SCRIPT, Scenario
from optral.kube.kinds import BY_ID, EVENT, KINDS, Kind
from optral.scan import dump
from optral.scan.detection import IssueFilter, detect_issues
from optral.scan.explanation import Explainer
from optral.scan.intake import Intake

pytestmark = pytest.mark.slow  # whole demos

NOON = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
LIVE = [act for act in SCRIPT if -1600 < act.at_s <= 20]


def cluster_at(second: float) -> tuple[Registry, Scenario]:
    registry = Registry()
    _, scenario = simulate_past(registry, seed=SEED, now=NOON)
    scenario.advance(second)
    return registry, scenario


def seen_by_a_scan() -> Intake:
    registry, _ = cluster_at(20)
    intake = Intake(keep=True)
    for kind in (*KINDS, EVENT):
        intake.listed_kinds.add(kind.id)
        for item in registry.items(kind):
            intake.take(item.raw)
    dump.settle(intake)
    return intake


def test_every_failure_is_explained() -> None:
    """The demo is what people see first; a failure whose title says what is wrong must not be called inconclusive."""
    intake = seen_by_a_scan()
    issues = detect_issues(intake, IssueFilter())
    explainer = Explainer(intake)
    unexplained = [(root.type, root.lead.title) for root in issues.roots if explainer.explain(root).cause_id is None]
    assert unexplained == []


def test_what_only_a_person_decides_is_there_with_its_runbook() -> None:
    intake = seen_by_a_scan()
    explainer, found = Explainer(intake), {}
    for root in detect_issues(intake, IssueFilter(with_risk=True)).roots:
        if root.type in ("StuckFinalizer", "CertificateExpiring", "PersistentVolumeReleased"):
            found[root.type] = {one["runbook"] for one in explainer.explain(root).body["recommendedActions"] if "runbook" in one}
    assert found == {
        "StuckFinalizer": {"report-finalizers"},
        "CertificateExpiring": {"renew-certificate"},
        "PersistentVolumeReleased": {"report-released-volume"},
    }


class Shown:
    """What a cluster held at one moment."""

    def __init__(self, registry: Registry) -> None:
        self._items = {kind.id: [*registry.items(kind)] for kind in (*KINDS, EVENT)}

    def items(self, kind: Kind) -> list[Stored]:
        return self._items[kind.id]


@cache
def shown() -> dict[int, Shown]:
    """One cluster at each second that is looked at: the half hour before takes 2 s to play."""
    registry, scenario = cluster_at(0)
    moments = {}
    for second in (0, 20, 60, 95, 120, 180, 400, 720):
        scenario.advance(second)
        moments[second] = Shown(registry)
    return moments


def shown_at(second: int) -> Registry | Shown:
    return shown().get(second) or cluster_at(second)[0]


def every(registry: Registry | Shown, kind_id: str) -> list[dict[str, Any]]:
    return [json.loads(item.raw) for item in registry.items(BY_ID[kind_id])]


def reasons(registry: Registry | Shown) -> set[str]:
    """The failures of pods, jobs, claims, nodes and workloads that kubectl would show."""
    found = set()
    for pod in every(registry, "Pod"):
        for entry in pod["status"].get("containerStatuses", []):
            for state in (entry["state"], entry["lastState"]):
                found |= {value["reason"] for value in state.values() if "reason" in value}
        found |= {
            one["reason"] for one in pod["status"].get("conditions", []) if one["type"] == "PodScheduled" and one["status"] == "False"
        }
    for kind_id, type_, status in (
        ("Job.batch", "Failed", "True"), ("ReplicaSet.apps", "ReplicaFailure", "True"), ("Deployment.apps", "Progressing", "False"),
        ("Node", "Ready", "Unknown"),
    ):  # fmt: skip
        for one in every(registry, kind_id):
            for condition in one.get("status", {}).get("conditions", []):
                found |= {condition["reason"]} if (condition["type"], condition["status"]) == (type_, status) else set()
    events = {event["reason"] for event in every(registry, "Event") if event["type"] == "Warning"}
    found |= {"ImagePullBackOff"} if "ErrImagePull" in found else set()  # the same failure, between two attempts
    return found | (events & {"FailedMount", "ProvisioningFailed", "Unhealthy"})


EXPECTED = {
    "OOMKilled", "CrashLoopBackOff", "ImagePullBackOff", "CreateContainerConfigError", "RunContainerError", "Unschedulable",
    "BackoffLimitExceeded", "FailedCreate", "ProgressDeadlineExceeded", "NodeStatusUnknown", "FailedMount", "ProvisioningFailed",
    "Unhealthy",
}  # fmt: skip


@pytest.mark.parametrize("second", [20, 60, 120, 180])
def test_the_first_faults_are_there_by_second_20_and_stay(second: int) -> None:
    assert reasons(shown_at(second)) >= EXPECTED


def test_no_early_fault_heals_before_180_s_of_the_start() -> None:
    assert len(LIVE) >= 10
    assert all(act.at_s + act.lasts_s >= 180 for act in LIVE)


def test_a_service_loses_its_endpoints() -> None:
    slices = {one["metadata"]["labels"]["kubernetes.io/service-name"]: one["endpoints"] for one in every(shown_at(20), "EndpointSlice.discovery.k8s.io") if one["metadata"]["namespace"] == "shop"}  # fmt: skip # noqa: E501
    assert [name for name, endpoints in slices.items() if not endpoints] == ["reviews"]


@pytest.mark.parametrize("second", [0, 20, 95, 180, 400, *(pytest.param(second, marks=pytest.mark.slow) for second in (1000, 3000))])
def test_counts_agree_with_the_pods(second: int) -> None:
    registry = shown_at(second)
    pods = every(registry, "Pod")
    uids = {one["metadata"]["uid"] for kind in KINDS for one in every(registry, kind.id)}
    for pod in pods:
        assert all(owner["uid"] in uids for owner in pod["metadata"].get("ownerReferences", [])), pod["metadata"]["name"]
    for one in every(registry, "ReplicaSet.apps"):
        own = [pod for pod in pods if pod["metadata"].get("ownerReferences", [{}])[0].get("uid") == one["metadata"]["uid"]]
        assert one["status"]["replicas"] == len(own)
        assert one["status"].get("readyReplicas", 0) == sum(1 for pod in own if _is_ready(pod))
    for one in every(registry, "Deployment.apps"):
        assert one["status"]["observedGeneration"] == one["metadata"]["generation"]


def _is_ready(pod: dict[str, Any]) -> bool:
    return any(one["type"] == "Ready" and one["status"] == "True" for one in pod["status"].get("conditions", []))


def test_healed_faults_leave_nothing_behind() -> None:
    """When the last early fault has healed and before the first returns, most workloads are whole again."""
    broken = {one["metadata"]["name"] for one in every(shown_at(720), "Deployment.apps") if one["status"].get("unavailableReplicas")}
    assert broken <= {"fraud-check"}


def test_the_same_seed_gives_the_same_cluster() -> None:
    one, other = shown_at(60), cluster_at(60)[0]
    for kind in (*KINDS, EVENT):
        assert [item.raw for item in one.items(kind)] == [item.raw for item in other.items(kind)]


@pytest.mark.slow
def test_memory_stays_bounded_over_hours() -> None:
    registry, scenario = cluster_at(3600)
    early = sum(registry.count(kind) for kind in KINDS)
    scenario.advance(3 * 3600)
    assert sum(registry.count(kind) for kind in KINDS) < early * 1.3
    assert registry.count(EVENT) < 2500
