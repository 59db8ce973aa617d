"""Differences between an object before and after a change, as people read them."""

from typing import Any

import pytest

from optral.kube.diff import MAX_ENTRIES, changes


def workload(**container: Any) -> dict[str, Any]:
    containers = [{"name": "side", "image": "side:1"}, {"name": "api", **container}]
    return {"metadata": {"annotations": {"a/b.c": "1"}}, "spec": {"replicas": 2, "template": {"spec": {"containers": containers}}}}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(workload(), workload(), [], id="nothing"),
        pytest.param(
            workload(resources={"limits": {"memory": "128Mi"}}),
            workload(resources={"limits": {"memory": "256Mi", "cpu": "1"}}),
            [
                ("spec.template.spec.containers[api].resources.limits.memory", "128Mi", "256Mi"),
                ("spec.template.spec.containers[api].resources.limits.cpu", None, "1"),
            ],
            id="by the container's name",
        ),
        pytest.param(
            workload(),
            workload(resources={"limits": {"memory": "256Mi"}}),
            [("spec.template.spec.containers[api].resources.limits.memory", None, "256Mi")],
            id="down to the leaf where nothing was",
        ),
        pytest.param({"spec": {"unschedulable": True}}, {"spec": {}}, [("spec.unschedulable", True, None)], id="what goes"),
        pytest.param(
            {"metadata": {"annotations": {"a/b.c": "1", "ours": "x"}}},
            {"metadata": {"annotations": {"a/b.c": "2", "ours": "y"}}},
            [("metadata.annotations[a/b.c]", "1", "2")],
            id="annotations, but not our own",
        ),
        pytest.param(
            {"metadata": {"resourceVersion": "1", "generation": 1}, "status": {"x": 1}},
            {"metadata": {"resourceVersion": "2", "generation": 2}, "status": {"x": 2}},
            [],
            id="only what somebody wants",
        ),
        pytest.param(
            {"spec": {"list": [1, 2]}}, {"spec": {"list": [2]}}, [("spec.list", [1, 2], [2])], id="lists without names as a whole"
        ),
    ],
)
def test_changes(before: dict[str, Any], after: dict[str, Any], expected: list[tuple[str, Any, Any]]) -> None:
    assert [(one["path"], one["from"], one["to"]) for one in changes(before, after, ignoring={"ours"})] == expected


def test_a_great_change_is_cut() -> None:
    after = {"spec": {f"k{number}": "x" * 5000 for number in range(1000)}}
    found = changes({"spec": {}}, after)
    assert len(found) == MAX_ENTRIES
    assert len(found[0]["to"]) < 2100
