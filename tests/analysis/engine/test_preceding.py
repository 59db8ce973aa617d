"""What changed just before an issue, of what it depends on."""

from dataclasses import replace
from typing import Any

import pytest

from optral.analysis import veil
from optral.analysis.model import Explanation
from optral.analysis.reading.snapshot import Revision
from tests.analysis.cluster import (
    VISIBLE,
    Json,
    World,
    container,
    deployment,
    node,
    obj,
    pod,
    recorded,
    replica_set,
    service,
    state,
    template,
)

POLICIES = "NetworkPolicy.networking.k8s.io"
SCALERS = "HorizontalPodAutoscaler.autoscaling"
IMAGE = "/spec/template/spec/containers/api/image"
RESTARTED = "/spec/template/metadata/annotations/kubectl.kubernetes.io~1restartedAt"
ENV = [{"name": "STORE_HOST", "value": "store"}, {"name": "FLAG", "valueFrom": {"configMapKeyRef": {"name": "flags", "key": "a"}}}]


def shop(*others: Json) -> World:
    """A workload that calls Service store, its ready pod on node-1, and whatever else there is."""
    api = deployment(of=template(container(env=ENV)))
    current = replica_set(api)
    lives = pod(current, "api-1", ready=True, status={"containerStatuses": [state(ready=True)]})
    store = deployment(
        "store", of=template(container("db"), labels={"app": "store"}, volumes=[{"name": "c", "configMap": {"name": "store"}}])
    )
    store_set = replica_set(store)
    objects = [
        *(api, current, lives, store, store_set, pod(store_set, "store-1", ready=True), service("store", selector={"app": "store"})),
        *(
            config("flags"),
            config("store"),
            config("other"),
            deployment("other", of=template(labels={"app": "other"})),
            node(),
            node("node-2"),
        ),
        *others,
    ]
    return World(objects, visible=VISIBLE | {POLICIES, SCALERS})


def config(name: str) -> Json:
    return obj("v1", "ConfigMap", name, data={"a": "[redacted:configmap-2:0a1b2c3d]"})


def policy(name: str, labels: Json) -> Json:
    return obj("networking.k8s.io/v1", "NetworkPolicy", name, spec={"podSelector": {"matchLabels": labels}, "ingress": []})


def scaler(target: str) -> Json:
    spec = {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": target}}
    return obj("autoscaling/v2", "HorizontalPodAutoscaler", target, spec=spec)


def of(world: World, kind: str, name: str) -> Json:
    return next(one for one in world.objects if (one["kind"], one["metadata"]["name"]) == (kind, name))


def explanation(world: World, type_: str = "CredentialsRejected", **facts: Any) -> Explanation:
    return world.ask(type_, of(world, "Pod", "api-1"), owner=of(world, "Deployment", "api"), container="api", **facts)


def texts(found: Explanation) -> list[str]:
    return [one["text"].replace("`", "") for one in found.body["changes"] if "precedesS" in one]


def evidence_of_changes(found: Explanation) -> set[str]:
    return {one["excerpt"].partition(" by ")[0] for one in found.body["evidence"] if one["kind"] == "change"}


def changed(world: World, kind: str, name: str, path: str, before: object, after: object, minutes_ago: float = 5) -> Revision:
    return recorded(of(world, kind, name), path, before, after, minutes_ago=minutes_ago)


def happened(world: World, kind: str, name: str, action: str, minutes_ago: float = 5) -> Revision:
    return replace(changed(world, kind, name, "", None, None, minutes_ago), diff=(), action=action)


TAINTED = [{"key": "node.kubernetes.io/unreachable", "effect": "NoExecute"}]
CALLS, USES = "which Deployment api calls,", "which Deployment api uses,"
MASKED = ("[redacted:configmap-2:0a1b2c3d]", "[redacted:configmap-3:1a1b2c3d]")
MODE = {"name": "MODE", "value": "fast"}
COMMAND = "/spec/template/spec/containers/api/command"
VARIABLE = "/spec/template/spec/containers/api/env/MODE"
SHOWN = [
    ("Deployment api", IMAGE, "api:1", "api:2", "", "containers/api/image from api:1 to api:2"),
    ("Deployment api", VARIABLE, None, MODE, "", "containers/api/env/MODE was added: fast"),
    ("Deployment api", VARIABLE, MODE, None, "", "containers/api/env/MODE was removed: fast"),
    ("Deployment api", f"{VARIABLE}/value", "slow", "fast", "", "containers/api/env/MODE from slow to fast"),
    ("Deployment api", COMMAND, ["run"], ["run", "-v"], "", 'containers/api/command from ["run"] to ["run","-v"]'),
    ("Deployment api", COMMAND, ["x" * 90], ["run"], "", "containers/api/command, whose values are not shown"),
    ("ConfigMap flags", "/data/checkout", "on", "off", USES, "data/checkout from on to off"),
    ("ConfigMap flags", "/data/a", *MASKED, USES, "data/a, whose values are not shown"),
    ("Deployment store", "/spec/replicas", 2, 0, CALLS, "replicas from 2 to 0"),
    ("Service store", "/spec/ports/sql/port", 5432, 5433, CALLS, "ports/sql/port from 5432 to 5433"),
    ("ConfigMap store", "/data/limit", "100", "5", "which Deployment store uses,", "data/limit from 100 to 5"),
    ("Node node-1", "/spec/unschedulable", None, True, "on which its pods run,", "unschedulable was added: true"),
]


@pytest.mark.parametrize(("which", "path", "before", "after", "relation", "field"), SHOWN)
def test_shows_what_changed_with_both_values(which: str, path: str, before: object, after: object, relation: str, field: str) -> None:
    world = shop()
    world.history = [changed(world, *which.split(" "), path, before, after)]
    found = explanation(world)
    text = f"{which}, {relation} changed 2 minutes before: {field}" if relation else f"{which} changed 2 minutes before: {field}"
    assert texts(found) == [text]
    assert found.summary.startswith(f"{text}. ")
    first = found.body["changes"][0]
    assert first["evidenceId"] in {one["id"] for one in found.body["evidence"]}, "or who may not see the object would read of it"


@pytest.mark.parametrize("name", ["kubectl.kubernetes.io/restartedAt", "checksum/config"])
def test_a_change_of_annotations_alone_is_a_restart(name: str) -> None:
    world = shop()
    path = f"/spec/template/metadata/annotations/{name.replace('/', '~1')}"
    world.history = [changed(world, "Deployment", "api", path, "a1", "b2")]
    assert texts(explanation(world)) == [
        f"Deployment api was restarted 2 minutes before; only annotations of its pod template changed: {name}"
    ]


NOT_SHOWN = [
    pytest.param("Deployment", "api", IMAGE, "api:1", "api:2", 60, id="long before"),
    pytest.param("Deployment", "api", IMAGE, "api:1", "api:2", 1, id="after the issue began"),
    pytest.param("Deployment", "other", IMAGE, "api:1", "api:2", 5, id="a workload that it does not call"),
    pytest.param("ConfigMap", "other", "/data/a", "1", "2", 5, id="a ConfigMap that it does not use"),
    pytest.param("Node", "node-2", "/spec/unschedulable", None, True, 5, id="another node"),
    pytest.param("Node", "node-1", "/spec/taints", None, TAINTED, 5, id="taint that says how the node is"),
    pytest.param("Node", "node-1", "/labels/feature.example~1cpu", None, "1", 5, id="label of a node that the pod has"),
]


@pytest.mark.parametrize(("kind", "name", "path", "before", "after", "minutes_ago"), NOT_SHOWN)
def test_does_not_show_what_is_unrelated(kind: str, name: str, path: str, before: object, after: object, minutes_ago: float) -> None:
    world = shop()
    world.history = [changed(world, kind, name, path, before, after, minutes_ago)]
    found = explanation(world)
    assert texts(found) == []
    assert "before" not in found.summary


@pytest.mark.parametrize(("type_", "is_shown"), [("CredentialsRejected", False), ("DependencyOverloaded", True)])
def test_replicas_that_an_autoscaler_sets_count_where_load_does(type_: str, is_shown: bool) -> None:
    world = shop(scaler("api"))
    world.history = [changed(world, "Deployment", "api", "/spec/replicas", 2, 9)]
    assert bool(texts(explanation(world, type_))) is is_shown


@pytest.mark.parametrize(("labels", "is_shown"), [({"app": "api"}, True), ({}, True), ({"app": "store"}, True), ({"app": "other"}, False)])
def test_a_new_policy_counts_if_it_selects_the_pods_or_those_that_they_call(labels: Json, is_shown: bool) -> None:
    world = shop(policy("deny", labels))
    world.history = [happened(world, "NetworkPolicy", "deny", "created")]
    assert bool(texts(explanation(world))) is is_shown


@pytest.mark.parametrize("is_isolated", [True, False])
def test_a_deleted_policy_counts_while_another_one_isolates_the_pods(is_isolated: bool) -> None:
    world = shop(*([policy("deny", {"app": "api"})] if is_isolated else []), gone := policy("allow", {"app": "api"}))
    world.history = [happened(world, "NetworkPolicy", "allow", "deleted")]
    world.objects.remove(gone)
    assert bool(texts(explanation(world))) is is_isolated


def test_a_deleted_config_map_and_a_deleted_service_that_it_calls_count() -> None:
    world = shop()
    world.history = [happened(world, "ConfigMap", "flags", "deleted"), happened(world, "Service", "store", "deleted", 6)]
    for kind, name in (("ConfigMap", "flags"), ("Service", "store")):
        world.objects.remove(of(world, kind, name))
    assert texts(explanation(world)) == [
        "ConfigMap flags, which Deployment api uses, was deleted 2 minutes before",
        "Service store, which Deployment api calls, was deleted 3 minutes before",
    ]
    assert evidence_of_changes(explanation(world)) == {"deleted"}


def test_what_came_with_the_workload_is_part_of_it() -> None:
    world = shop(policy("own", {"app": "api"}))
    world.history = [happened(world, "NetworkPolicy", "own", "created"), happened(world, "Deployment", "api", "created")]
    found = explanation(world)
    assert texts(found) == ["Deployment api was created 2 minutes before"]
    assert evidence_of_changes(found) == {"created"}
    assert "was created" not in found.summary, "that it is new does not come before the cause"


def test_an_object_that_changes_all_the_time_triggers_nothing() -> None:
    world = shop()
    world.history = [changed(world, "ConfigMap", "flags", "/data/leader", str(at), str(at + 1), 5 + at / 2) for at in range(8)]
    assert texts(explanation(world)) == []


def test_the_closest_comes_first_within_five_minutes_and_the_nearest_after_that() -> None:
    world = shop()
    world.history = [
        changed(world, "Deployment", "store", IMAGE, "s:1", "s:2", 3.5),
        changed(world, "Deployment", "api", IMAGE, "a:1", "a:2", 6),
        changed(world, "ConfigMap", "flags", "/data/a", "1", "2", 20),
    ]
    assert [text.split(",")[0].split(" changed")[0] for text in texts(explanation(world))] == [
        "Deployment api",
        "Deployment store",
        "ConfigMap flags",
    ]


def test_a_restart_puts_earlier_changes_of_its_config_into_effect() -> None:
    world = shop()
    world.history = [
        changed(world, "Deployment", "api", RESTARTED, None, "2026-03-01T11:55:00Z", 5),
        changed(world, "ConfigMap", "flags", "/data/a", "1", "2", 200),
        changed(world, "ConfigMap", "other", "/data/a", "1", "2", 200),
    ]
    first, second = texts(explanation(world))
    assert first == "ConfigMap flags, which Deployment api uses, changed 3 hours before: data/a from 1 to 2; the restart put it into effect"
    assert second.startswith("Deployment api was restarted")


def test_the_host_that_a_log_names_counts_as_called() -> None:
    world = shop(service("ledger", selector={"app": "other"}))
    world.history = [changed(world, "Deployment", "other", IMAGE, "o:1", "o:2")]
    assert texts(explanation(world, host="ledger.orders.svc")) == [
        "Deployment other, which Deployment api calls, changed 2 minutes before: containers/api/image from o:1 to o:2"
    ]


@pytest.mark.parametrize("minutes_ago", [5, 50])
def test_without_a_history_the_replica_sets_show_a_rollout(minutes_ago: float) -> None:
    web = deployment(of=template(container(image="api:2")))
    old = replica_set(web, 1, of=template(container(image="api:1")), replicas=0, minutes_ago=90)
    new = replica_set(web, 2, of=template(container(image="api:2")), minutes_ago=minutes_ago)
    world = World([web, old, new, pod(new, "api-1", ready=True, status={"containerStatuses": [state(ready=True)]})])
    expected = ["Deployment api changed 2 minutes before: containers/api/image from api:1 to api:2"] if minutes_ago == 5 else []
    assert texts(explanation(world)) == expected


def test_who_may_not_see_nodes_reads_nothing_of_their_changes() -> None:
    world = shop()
    world.history = [
        changed(world, "Node", "node-1", "/spec/unschedulable", None, True, 4),
        changed(world, "ConfigMap", "flags", "/data/a", "1", "2", 20),
    ]
    whole = explanation(world).body
    seen = veil.over(whole, lambda namespace: namespace == "orders")
    assert ([one["ref"]["name"] for one in whole["changes"]], [one["ref"]["name"] for one in seen["changes"]]) == (
        ["node-1", "flags"],
        ["flags"],
    )
    assert "node-1" in str(whole["summary"])
    assert "node-1" not in f"{seen['changes']}{seen['summary']}{seen['timeline']}{seen['evidence']}"


def test_a_service_without_endpoints_shows_that_its_pods_lost_their_label() -> None:
    world = shop()
    api, serves = of(world, "Deployment", "api"), service("api", selector={"app": "api", "tier": "web"})
    world.objects.append(serves)
    world.history = [recorded(api, "/spec/template/metadata/labels/tier", "web", "front")]
    found = world.ask("ServiceNoEndpoints", serves)
    assert texts(found) == ["Deployment api, which it selects, changed 2 minutes before: metadata/labels/tier from web to front"]
