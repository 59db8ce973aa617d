"""A StatefulSet or DaemonSet whose newest revision fails: its rollback is suggested, and of one that fails for another reason it is not."""

from typing import Any

import pytest

from tests.analysis.cases.history import SPEC, crashed
from tests.analysis.cluster import World, container, ended, node, obj, pod, recorded, state, template

Json = dict[str, Any]
HASH = "controller-revision-hash"
LOG = "FATAL: required environment variable TIMETABLE_URL is not set"
ENV = f"{SPEC}/plan/env/TIMETABLE_URL/value"
REPLICAS = "/spec/replicas"
OLD, NEW = "planner-1", "planner-2"


def runbooks(kind: str, failing: str, others: dict[str, bool], *, change: str = ENV, update: str | None = NEW) -> list[str | None]:
    """What is suggested for a crashing pod of the revision `failing`; `others`: revisions of other pods, and whether they are ready."""
    spec = {"serviceName": "planner", "template": template(container("plan"), labels={"app": "planner"})}
    owner = obj("apps/v1", kind, "planner", spec=spec, status={"updateRevision": update} if update else {})
    broken = of_revision(owner, "planner-a", failing, containerStatuses=[crashed("plan")])
    running = [
        of_revision(owner, f"planner-{number}", name, ready=ready, containerStatuses=[state("plan", ready=ready)])
        for number, (name, ready) in enumerate(others.items())
    ]
    history = [recorded(owner, change, "http://timetable", None)]
    world = World([owner, broken, *running, node()], {("planner-a", "plan"): LOG}, history=history)
    found = world.ask("CrashLoopBackOff", broken, owner=owner, container="plan")
    return [action.get("runbook") for action in found.body["recommendedActions"]]


def of_revision(owner: Json, name: str, revision: str, *, ready: bool = False, **status: Any) -> Json:
    return pod(owner, name, ready=ready, status=status, metadata={"labels": {"app": "planner", HASH: revision}})


@pytest.mark.parametrize(
    ("kind", "update"), [("StatefulSet", NEW), ("DaemonSet", None)], ids=["StatefulSet", "DaemonSet, whose status names no revision"]
)
def test_the_rollback_of_a_revision_that_fails_is_suggested(kind: str, update: str | None) -> None:
    assert "rollback-workload" in runbooks(kind, NEW, {OLD: True} if update else {}, update=update)


@pytest.mark.parametrize(
    "shape",
    [
        pytest.param({"failing": OLD, "others": {}}, id="the failing pod is of the revision before"),
        pytest.param({"failing": NEW, "others": {OLD: False}}, id="pods of the revision before fail as well"),
        pytest.param({"failing": NEW, "others": {}, "change": REPLICAS}, id="something else than the template changed"),
    ],
)
def test_a_rollback_that_changes_nothing_of_the_failure_is_not_suggested(shape: dict[str, Any]) -> None:
    assert "rollback-workload" not in runbooks("StatefulSet", **shape)


@pytest.mark.parametrize(
    ("before", "now", "suggested"),
    [("1Gi", "512Mi", ["raise-memory-limit", "rollback-workload"]), ("1Gi", "64Mi", ["rollback-workload", None])],
    ids=["within what the runbook allows", "beyond it: an edit to copy"],
)
def test_a_limit_that_was_lowered_is_restored_by_what_can_run(before: str, now: str, suggested: list[str | None]) -> None:
    spec = {"template": template(container("plan", resources={"limits": {"memory": now}}), labels={"app": "planner"})}
    owner = obj("apps/v1", "StatefulSet", "planner", spec=spec)
    killed = pod(owner, "planner-0", status={"containerStatuses": [state("plan", restarts=2, last=ended(137, "OOMKilled"))]})
    history = [recorded(owner, f"{SPEC}/plan/resources/limits/memory", before, now)]
    found = World([owner, killed, node()], history=history).ask("OOMKilled", killed, owner=owner, container="plan")
    actions = found.body["recommendedActions"]
    assert [action.get("runbook") for action in actions][:2] == suggested
    assert f"Raise the memory limit of plan to {before}" in [action["title"] for action in actions]
