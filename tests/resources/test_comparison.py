"""Comparisons: what two objects cannot share is left out and named, and earlier revisions follow from the history."""

import itertools
import json
from typing import Any

import pytest

from optral.kube import diff
from optral.resources import comparison, intent


def deployment(image: str = "shop/web:1", replicas: int = 2, **more: Any) -> dict[str, Any]:
    containers = [{"name": "app", "image": image}, {"name": "proxy", "image": "envoy:1"}]
    return {"metadata": {"uid": image, "labels": {"app": "web"}}, "spec": {"replicas": replicas, "containers": containers}} | more


def paths(found: comparison.Comparison) -> list[str]:
    return [diff.dotted(one.path) for one in found.differences]


def test_what_no_two_objects_share_is_left_out_and_named() -> None:
    left, right = deployment("shop/web:1", status={"replicas": 1}), deployment("shop/web:2", status={"replicas": 2})
    found = comparison.of_objects("Deployment.apps", left, right, with_status=False)
    assert paths(found) == ["spec.containers[app].image"]
    assert found.ignored == ["metadata.uid", "status"]
    assert "status.replicas" in paths(comparison.of_objects("Deployment.apps", left, right, with_status=True))


@pytest.mark.parametrize(
    ("kind", "field", "is_ignored"),
    [("Service", "clusterIP", True), ("Service", "type", False), ("Pod", "nodeName", True), ("Widget.example.com", "clusterIP", False)],
)
def test_what_the_api_server_assigns_is_ignored_for_its_kind_alone(kind: str, field: str, is_ignored: bool) -> None:
    found = comparison.of_objects(kind, {"spec": {field: "a"}}, {"spec": {field: "b"}}, with_status=False)
    assert (paths(found) == [], found.ignored == [f"spec.{field}"]) == (is_ignored, is_ignored)


def test_more_differences_than_are_shown_are_said() -> None:
    left, right = ({"data": {f"key{number}": value for number in range(1500)}} for value in "ab")
    found = comparison.of_objects("ConfigMap", left, right, with_status=False)
    assert (len(found.differences), found.is_cut) == (comparison.MAX_DIFFERENCES, True)


STEPS: list[dict[str, Any]] = [
    {"replicas": 1, "containers": [{"name": "app", "image": "a:1"}]},
    {"replicas": 3, "containers": [{"name": "app", "image": "a:1"}, {"name": "proxy", "image": "p:1"}]},
    {"replicas": 3, "containers": [{"name": "proxy", "image": "p:1"}, {"name": "app", "image": "a:1"}], "paused": True},
    {"containers": [{"name": "proxy", "image": "p:2", "args": ["x", "y"]}], "strategy": {"type": "Recreate"}},
    {"containers": [], "strategy": {"type": "Recreate", "a/b~c": 1}},
]


def test_every_revision_follows_from_the_object_and_its_history() -> None:
    raws = [json.dumps({"spec": spec}).encode() for spec in STEPS]
    changes = [intent.diff("Deployment.apps", before, after)[0] for before, after in itertools.pairwise(raws)]
    for number, spec in enumerate(STEPS):
        tree, fits = comparison.at_revision("Deployment.apps", raws[-1], changes[number:][::-1])
        assert (tree["spec"], fits) == (spec, True), number


@pytest.mark.parametrize(
    "change",
    [
        {"path": "/spec/nowhere/at/all", "op": "replace", "from": 1, "to": 2},
        {"path": "/spec/containers/gone", "op": "add", "to": {"name": "gone"}},
        {"path": "/spec/containers/app", "op": "replace", "from": '{"name":"app","args":["x…', "to": {}},
    ],
)
def test_a_change_that_does_not_fit_is_said_and_breaks_nothing(change: dict[str, Any]) -> None:
    raw = json.dumps({"spec": STEPS[0]}).encode()
    tree, fits = comparison.at_revision("Deployment.apps", raw, [[change]])
    assert (tree["spec"], fits) == (STEPS[0], False)
