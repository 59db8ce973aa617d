"""The pure rules of the inventory: what a diff says, what a manager is, how many Events find room."""

import json
from typing import Any

import pytest

from optral.kube import objects, statuses
from optral.kube.changes import ObjectChange, Op
from optral.kube.statuses import State
from optral.resources import events, intent, model
from optral.resources.events import Budget


def raw(**body: Any) -> bytes:
    return json.dumps(body).encode()


@pytest.mark.parametrize(
    ("before", "after", "diff"),
    [
        pytest.param({"spec": {"replicas": 1}}, {"spec": {"replicas": 3}}, [("replace", "/spec/replicas", 1, 3)], id="a number"),
        pytest.param({"spec": {}}, {"spec": {"paused": True}}, [("add", "/spec/paused", None, True)], id="something new"),
        pytest.param({"data": {"a/b": "x"}}, {"data": {}}, [("remove", "/data/a~1b", "x", None)], id="something gone"),
        pytest.param(
            {"spec": {"c": [{"name": "a", "image": "1"}]}},
            {"spec": {"c": [{"name": "b", "image": "9"}, {"name": "a", "image": "2"}]}},
            [("replace", "/spec/c/a/image", "1", "2"), ("add", "/spec/c/b", None, {"name": "b", "image": "9"})],
            id="named things are compared by name",
        ),
        pytest.param({"spec": {"a": 1}, "status": {"x": 1}}, {"spec": {"a": 1}, "status": {"x": 2}}, [], id="status is not intent"),
    ],
)
def test_a_diff_names_what_was_wanted(before: dict[str, Any], after: dict[str, Any], diff: list[tuple[Any, ...]]) -> None:
    found, truncated = intent.diff("Deployment.apps", raw(**before), raw(**after))
    assert [(one["op"], one["path"], one.get("from"), one.get("to")) for one in found] == diff
    assert not truncated


def test_a_diff_of_a_config_map_shows_its_addresses_wherever_their_lines_are() -> None:
    def config(line: int, text: str) -> bytes:
        return raw(data={"a.yaml": f"[mark {line}]"}, optralAddresses=[{"key": "a.yaml", "line": line, "name": "db.url", "text": text}])

    found, _ = intent.diff("ConfigMap", config(3, "http://store:80"), config(9, "http://stroe:80"))
    assert found[1] == {"path": "/addresses/a.yaml db.url", "op": "replace", "from": "http://store:80", "to": "http://stroe:80"}
    assert len(intent.diff("ConfigMap", config(3, "http://store:80"), config(9, "http://store:80"))[0]) == 1


def test_a_diff_of_a_config_map_shows_where_its_routes_lead() -> None:
    def config(target: str) -> bytes:
        return raw(
            data={"a.conf": f"[mark {target}]"}, optralRoutes=[{"key": "a.conf", "line": 3, "path": "/x", "target": target, "port": 80}]
        )

    found, _ = intent.diff("ConfigMap", config("store"), config("cart"))
    assert found[1] == {"path": "/routes/a.conf ~1x", "op": "replace", "from": "store:80", "to": "cart:80"}


def test_a_diff_is_bounded() -> None:
    after = {f"k{n}": "x" * 5000 for n in range(200)}
    found, truncated = intent.diff("ConfigMap", raw(data={}), raw(data=after))
    assert (len(found), truncated) == (intent.MAX_DIFF, True)
    assert all(len(one["to"]) <= intent.MAX_VALUE + 1 for one in found)


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("Pod", {"phase": "Running"}, "Running"),
        ("Pod", {"phase": "Failed", "reason": "Evicted"}, "Evicted"),
        ("Pod", {"phase": "Pending", "containerStatuses": [{"state": {"waiting": {"reason": "ImagePullBackOff"}}}]}, "ImagePullBackOff"),
        ("Node", {"conditions": [{"type": "Ready", "status": "False"}]}, "NotReady"),
        ("Deployment.apps", {"replicas": 3, "readyReplicas": 2}, "2/3"),
        ("Job.batch", {"conditions": [{"type": "Failed", "status": "True"}]}, "Failed"),
        ("ConfigMap", {}, None),
    ],
)
def test_a_status_is_a_word(kind: str, body: dict[str, Any], status: str | None) -> None:
    change = ObjectChange(Op.UPSERT, kind, "u", "", "n", "1", raw(metadata={}, status=body))
    assert model.describe(change).status == status


def test_intent_of_kinds_without_generation_is_their_spec() -> None:
    def node(labels: dict[str, str], **status: Any) -> str:
        return intent.mark(ObjectChange(Op.UPSERT, "Node", "u", "", "n", "1", raw(metadata={"labels": labels}, status=status)), None)

    assert node({"a": "1"}, x=1) == node({"a": "1"}, x=2)
    assert node({"a": "1"}) != node({"a": "2"})


def test_events_beyond_the_budget_are_dropped_and_counted() -> None:
    budget = Budget(0)
    assert sum(budget.admits(0) for _ in range(2000)) == events.BURST
    assert sum(budget.admits(1) for _ in range(100)) == events.PER_S
    assert budget.dropped == 1050


def test_a_pod_that_is_decoded_already_is_described_without_nul_too() -> None:
    raw = (
        b'{"metadata":{"name":"a","labels":{"a\\u0000":"x\\u0000y"},"ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet",'
        b'"name":"r\\u0000s","uid":"u\\u0000","controller":true}]},"status":{"phase":"Run\\u0000ning"}}'
    )
    change = ObjectChange(Op.UPSERT, "Pod", "u1", "shop", "a", "1", raw)
    described = model.describe(change, objects.decode("Pod", raw, uid="u1", namespace="shop", name="a"))
    assert described == model.describe(change)
    assert (described.labels, described.owner_name, described.owner_uid, described.status) == ({"a": "xy"}, "rs", "u", "Running")


TREES: list[tuple[str, dict[str, Any], tuple[str | None, State]]] = [
    ("Pod", {"status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "False"}]}}, ("Running", State.PENDING)),
    ("Pod", {"status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}}, ("Running", State.HEALTHY)),
    ("Pod", {"status": {"phase": "Running"}, "metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z"}}, ("Terminating", State.PENDING)),
    ("Pod", {"status": {"containerStatuses": [{"state": {"waiting": {"reason": "Boom"}}}]}}, ("Boom", State.FAILING)),
    ("Deployment.apps", {"spec": {"replicas": 3}, "status": {"readyReplicas": 2}}, ("2/3", State.PENDING)),
    ("Deployment.apps", {"spec": {"replicas": "three"}, "status": {"replicas": 2}}, ("0/2", State.FAILING)),
    ("Deployment.apps", {"spec": {"replicas": 3}}, (None, State.HEALTHY)),
    ("DaemonSet.apps", {"status": {"numberReady": 4, "desiredNumberScheduled": 4}}, ("4/4", State.HEALTHY)),
    ("Node", {"status": {"conditions": "none"}}, (None, State.HEALTHY)),
    ("Node", {"status": {}}, ("NotReady", State.FAILING)),
    ("Job.batch", {"status": {"conditions": [{"type": "Failed", "status": "True"}]}}, ("Failed", State.FAILING)),
    ("PersistentVolumeClaim", {"status": {"phase": "Pending"}}, ("Pending", State.PENDING)),
    ("Service", {"spec": {"type": "ClusterIP"}}, (None, State.HEALTHY)),
    ("Widget.shop.example", {"status": {"conditions": [{"type": "Ready", "status": "True"}]}}, ("Healthy", State.HEALTHY)),
]


@pytest.mark.parametrize(("kind", "tree", "judged"), TREES)
def test_the_inventory_and_a_topology_judge_an_object_alike(kind: str, tree: dict[str, Any], judged: tuple[str | None, State]) -> None:
    whole = {"metadata": {}, **tree}
    described = model.describe(ObjectChange(Op.UPSERT, kind, "u", "", "n", "1", raw(**whole)))
    assert (described.status, described.state) == judged
    assert statuses.of(kind, whole) == judged
