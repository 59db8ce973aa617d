"""Twenty cures on a real cluster: a fault, the analysis suggests a runbook, a person approves it, and the issue resolves by itself."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from optral.terms.verbs import WRITES
from tests.e2e.cures import NODE, Cure, cures
from tests.e2e.faults import namespace
from tests.support.platform import Platform, until
from tests.support.real_cluster import Cluster

pytestmark = [pytest.mark.cluster, pytest.mark.full, pytest.mark.timeout(2 * 900)]

HOME = "cures"
AT_LEAST = 20
HEALTHY_WITHIN_S = 240
LONG_S = 60
"""A Job may run this long in these tests."""
CURED_WITHIN_S = 1200  # one change at a time for a cluster, and an issue is resolved after two minutes without its fault


@dataclass
class Course:
    """How far one cure has come; times in seconds since the fault."""

    cure: Cure
    issue: dict[str, Any] = field(default_factory=dict)
    action: dict[str, Any] = field(default_factory=dict)
    execution: dict[str, Any] = field(default_factory=dict)
    suggested_s: float = 0
    executed_s: float = 0
    resolved_s: float = 0

    def __str__(self) -> str:
        cause = (self.issue.get("analysis") or {}).get("rootCause") or "-"
        cause = cause if isinstance(cause, str) else cause["id"]
        status = self.execution.get("status", "-")
        times = f"suggested {self.suggested_s:5.0f} s, executed {self.executed_s:5.0f} s, resolved {self.resolved_s:5.0f} s"
        return f"{self.cure.owner:20} {self.issue.get('type', '-'):28} {cause:30} {self.cure.runbook:22} {status:10} {times}"


@pytest.fixture(scope="module")
def injected(cluster: Cluster, platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Course]]:
    found = cures(HOME)
    homes = (HOME, f"{HOME}-full")
    cluster.apply(*[namespace(name) for name in homes])
    cluster.apply(*[obj for cure in found for obj in cure.before])
    cluster.kubectl("-n", HOME, "wait", "deployment", "--all", "--for=condition=Available", f"--timeout={HEALTHY_WITHIN_S}s")
    for kind in ("statefulset", "daemonset"):
        cluster.kubectl("-n", HOME, "rollout", "status", kind, f"--timeout={HEALTHY_WITHIN_S}s")
    connect(platform, cluster, tmp_path_factory.mktemp("agent"), homes)
    platform.call("PATCH", "/v1/detectors/JobNotCompleted", json={"thresholds": {"patienceSeconds": LONG_S}})
    cluster.kubectl("cordon", NODE)
    cluster.apply(*[obj for cure in found for obj in cure.fault])
    yield [Course(cure) for cure in found]
    cluster.kubectl("uncordon", NODE)
    for name in homes:
        cluster.kubectl("delete", "namespace", name, "--wait=false")


def connect(platform: Platform, cluster: Cluster, folder: Path, homes: tuple[str, ...]) -> None:
    policy = folder / "policy.yaml"
    policy.write_text(f"allowWrites: true\nnamespaces: [{', '.join(homes)}]\nverbs: [{', '.join(sorted(WRITES))}]\n")
    created = platform.create_cluster("production")
    platform.start_agent(created["id"], cluster.kubeconfig, "--policy", str(policy))

    def is_synced() -> bool:
        return bool(platform.call("GET", f"/v1/clusters/{created['id']}")["inventory"].get("syncedAt"))

    until(is_synced, within_s=60, every_s=1, what="the inventory", log=platform.log(f"agent-{created['id']}"))


def test_each_fault_is_cured_by_the_runbook_that_its_analysis_suggests(
    injected: list[Course], platform: Platform, cluster: Cluster
) -> None:
    began = time.monotonic()

    def all_cured() -> bool:
        for one in injected:
            _go_on(platform, cluster, one, began)
        return all(one.resolved_s for one in injected)

    try:
        until(all_cured, within_s=CURED_WITHIN_S, every_s=3, what="all cures")
    except AssertionError as error:
        pytest.fail("\n".join([str(error), *(_problem(platform, one) for one in injected if not one.resolved_s)]))
    finally:
        print("", *injected, sep="\n")
    assert len(injected) >= AT_LEAST


def _go_on(platform: Platform, cluster: Cluster, one: Course, began: float) -> None:
    """Take the next step of a cure, if it is time for it."""
    if not one.action:
        _suggest(platform, one)
        one.suggested_s = time.monotonic() - began
    elif not one.execution:
        if one.cure.first:
            cluster.apply(*one.cure.first)
        _start(platform, one)
    elif not one.executed_s:
        _execute(platform, one)
        one.executed_s = time.monotonic() - began if one.execution.get("finishedAt") else 0
    elif not one.resolved_s and platform.call("GET", f"/v1/issues/{one.issue['id']}")["status"] == "resolved":
        one.resolved_s = time.monotonic() - began


def _problem(platform: Platform, one: Course) -> str:
    """How far it came, with what the analysis suggests instead or why the execution failed."""
    analysis = (one.issue.get("analysis") or {}).get("id")
    suggested = platform.call("GET", f"/v1/analyses/{analysis}")["recommendedActions"] if analysis else []
    named = [(action.get("runbook"), action["title"], action.get("toDecide")) for action in suggested]
    return f"{one}: {one.execution.get('failure') or named}"


def _suggest(platform: Platform, one: Course) -> None:
    """Find an analysis of an issue of this fault that suggests the runbook."""
    for issue in platform.all("/v1/issues?cluster=production&status=open", "issues"):
        if issue["type"] not in one.cure.types.split() or not _is_about(issue, one.cure):
            continue
        one.issue = platform.call("GET", f"/v1/issues/{issue['id']}")
        if (analysis := one.issue.get("analysis") or {}).get("status") == "ready":
            actions = platform.call("GET", f"/v1/analyses/{analysis['id']}")["recommendedActions"]
            one.action = next((action for action in actions if action.get("runbook") == one.cure.runbook), {})


def _is_about(issue: dict[str, Any], cure: Cure) -> bool:
    owner = (issue.get("owner") or {}).get("name", "") or issue["resource"]
    return (issue.get("namespace") or HOME).startswith(HOME) and owner in cure.owner.split()


def _start(platform: Platform, one: Course) -> None:
    """Run what the analysis suggests as it is, with only what it leaves to a person."""
    left = set(one.action.get("toDecide", ()))
    decided = {name: value for name, value in one.cure.decided.items() if name in left}
    assert left == set(decided), f"{one.cure.owner}: {one.action}"
    body = {"issueId": one.issue["id"], "parameters": one.action["parameters"] | decided, "reason": "suggested by the analysis"}
    one.execution = platform.call("POST", f"/v1/runbooks/{one.cure.runbook}/execute", json=body)


def _execute(platform: Platform, one: Course) -> None:
    """Approve the plan when it is ready."""
    path = f"/v1/executions/{one.execution['id']}"
    one.execution = platform.call("GET", path)
    if one.execution["status"] == "pendingApproval" and one.execution["approval"]["ready"]:
        confirm = {"reason": "read the plan", "confirm": one.execution["target"]["name"], "planHash": one.execution["plan"]["hash"]}
        platform.call("POST", f"{path}/approve", json=confirm)
