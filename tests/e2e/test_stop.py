"""A drain that a PodDisruptionBudget holds, and the stop of everything while it waits, on a real cluster through the REST API."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.faults import container, deployment, namespace
from tests.e2e.test_cures import connect
from tests.support.platform import Platform, until
from tests.support.real_cluster import Cluster

pytestmark = [pytest.mark.cluster, pytest.mark.full, pytest.mark.timeout(600)]
HOME, NODE = "held", "node-2"
FINAL = {"succeeded", "failed", "timedOut", "canceled", "lost"}


@pytest.fixture
def home(cluster: Cluster, platform: Platform, tmp_path: Path) -> Iterator[str]:
    selector = {"matchLabels": {"app": "kept"}}
    budget = {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": "kept", "namespace": HOME},
        "spec": {"minAvailable": 2, "selector": selector},
    }
    cluster.apply(namespace(HOME))
    cluster.apply(deployment(HOME, "kept", container(), replicas=2, nodeSelector={"kubernetes.io/hostname": NODE}), budget)
    cluster.kubectl("-n", HOME, "wait", "deployment", "kept", "--for=condition=Available", "--timeout=120s")
    connect(platform, cluster, tmp_path, (HOME,))
    yield HOME
    cluster.kubectl("uncordon", NODE)
    cluster.kubectl("delete", "namespace", HOME, "--wait=false")


def drain(platform: Platform) -> dict[str, Any]:
    """A drain that was approved."""
    body = {"clusterId": "production", "parameters": {"node": NODE}, "reason": "the node is replaced"}
    one: dict[str, Any] = platform.call("POST", "/v1/runbooks/drain-node/execute", json=body)
    path = f"/v1/executions/{one['id']}"
    until(lambda: platform.call("GET", path)["approval"]["ready"], within_s=60, every_s=0.5, what="the plan")
    one = platform.call("GET", path)
    platform.call("POST", f"{path}/approve", json={"reason": "read the plan", "confirm": NODE, "planHash": one["plan"]["hash"]})
    return one


def test_a_budget_holds_a_drain_and_the_stop_ends_it(platform: Platform, cluster: Cluster, home: str) -> None:
    one = drain(platform)
    path = f"/v1/executions/{one['id']}"
    assert one["plan"]["impact"]["steps"][0]["budgets"] == [f"{HOME}/kept"]
    until(lambda: bool(_cordoned(cluster)), within_s=60, every_s=0.5, what="the cordon")
    assert platform.call("GET", path)["status"] == "running"

    began = time.monotonic()
    stopped = platform.call("POST", "/v1/executions/stop", json={"reason": "the other nodes are full"})
    until(lambda: platform.call("GET", path)["status"] in FINAL, within_s=30, every_s=0.02, what="the end")
    print(f"\nstopped a drain that a budget holds {(time.monotonic() - began) * 1000:.0f} ms after the request")

    done = platform.call("GET", path)
    assert one["id"] in str(stopped["canceled"])
    assert done["failure"]["changed"] is True
    assert f"PodDisruptionBudget {HOME}/kept allows no eviction now" in str(done)
    assert len(cluster.items("pods", "-n", HOME, "-l", "app=kept")) == 2
    platform.call("POST", "/v1/executions/resume", json={"reason": "done"})


def _cordoned(cluster: Cluster) -> str:
    return cluster.kubectl("get", "node", NODE, "-o", "jsonpath={.spec.unschedulable}")
