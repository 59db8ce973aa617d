"""Differences between an object before and after a change, as people read them."""

from typing import Any

import pytest

from optral.kube.diff import ABSENT, MAX_ENTRIES, at, changes, dotted, pointer, walk


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


ONE = {"containers": [{"name": "a", "image": "x:1"}, {"name": "b", "image": "y:1"}]}
OTHER = {"containers": [{"name": "b", "image": "y:1"}, {"name": "a", "image": "x:2"}]}


def test_named_things_are_compared_by_name_and_their_order_only_on_request() -> None:
    assert walk(ONE, OTHER, path=("spec",), limit=9) == [(("spec", "containers", "a", "image"), "x:1", "x:2")]
    assert walk(ONE, OTHER, limit=9, has_order=True) == [(("containers",), ["a", "b"], ["b", "a"])]


def test_null_is_not_absent() -> None:
    assert walk({"a": None}, {}, limit=9) == [(("a",), None, ABSENT)]
    assert changes({"spec": {"a": None}}, {"spec": {}}) == []


def test_what_is_on_one_side_alone_stays_whole_or_is_opened() -> None:
    assert walk({}, {"a": {"b": 1}}, limit=9) == [(("a",), ABSENT, {"b": 1})]
    assert walk({}, {"a": {"b": 1}}, limit=9, is_deep=True) == [(("a", "b"), ABSENT, 1)]


def test_both_forms_of_a_path() -> None:
    [change] = walk({"m": {"a/b~c": [{"name": "x", "v": 1}]}}, {"m": {"a/b~c": [{"name": "x", "v": 2}]}}, limit=9)
    assert (dotted(change.path), pointer(change.path)) == ("m[a/b~c][x].v", "/m/a~1b~0c/x/v")


def test_a_walk_is_bounded() -> None:
    assert len(walk({}, {str(n): n for n in range(500)}, limit=40)) == 40


def test_a_dotted_path_leads_to_its_value() -> None:
    manifest = {
        "metadata": {"labels": {"app.kubernetes.io/name": "web"}},
        "spec": {"template": {"spec": {"containers": [{"name": "api", "resources": {"limits": {"memory": "64Mi"}}}]}}, "replicas": 0},
    }
    paths = {
        "spec.template.spec.containers[api].resources.limits.memory": "64Mi",
        "metadata.labels[app.kubernetes.io/name]": "web",
        "spec.replicas": 0,
        "spec.template.spec.containers[web].resources": None,
        "spec.replicas.more": None,
        "status.x": None,
    }
    assert {path: at(manifest, path) for path in paths} == paths
