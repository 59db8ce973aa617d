"""From a kill in a real cluster to an issue a client sees, and what happens to it when agent or server die. Black box: HTTP and SSE only.

The tests of this file are one story and run in order. `pytest -s` shows what a client sees.
"""

import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from tests.support.platform import Platform, Stream, until
from tests.support.real_cluster import Cluster

pytestmark = pytest.mark.cluster

NAMESPACE = "walk"
NEEDS_BYTES = 60_000_000
EVENT_WITHIN_S = 30
RESOLVE_AFTER_S = 60  # the least that can be set; two minutes by default
RESOLVED_WITHIN_S = 180  # and the rollout before it
OFFLINE_WITHIN_S = 75  # 45 s without a heartbeat
ONLINE_WITHIN_S = 90  # a returning agent backs off with jitter


@pytest.fixture(scope="module")
def namespace(cluster: Cluster) -> Iterator[str]:
    cluster.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
    yield NAMESPACE
    cluster.kubectl("delete", "namespace", NAMESPACE, "--wait=false")


@pytest.fixture(scope="module")
def connected(platform: Platform, cluster: Cluster, namespace: str) -> dict[str, Any]:
    """The cluster as the API shows it, its agent connected and its first inventory there."""
    platform.call("PATCH", "/v1/detectors/OOMKilled", json={"resolveAfterSeconds": RESOLVE_AFTER_S})
    created = platform.create_cluster("real")
    platform.start_agent(created["id"], cluster.kubeconfig)
    return _online(platform, created["id"])


@pytest.fixture(scope="module")
def stream(platform: Platform) -> Stream:
    return platform.follow()


def test_a_pod_killed_for_memory_becomes_an_issue(platform: Platform, cluster: Cluster, stream: Stream, connected: dict[str, Any]) -> None:
    cluster.apply(hungry(limit="32Mi"))
    frame = stream.wait_for(_issue("issue.created"), within_s=EVENT_WITHIN_S)
    killed_at = _kill_time(cluster)
    answer = platform.call("GET", "/v1/issues?status=open&severity=high&type=OOMKilled")
    print(f"\n{answer}\n{frame.text}\nbetween the kill (its time is in whole seconds) and the event: {frame.at - killed_at:.2f} s")

    issue = answer["issues"][0]
    assert answer["total"] == 1
    assert list(issue)[:9] == ["id", "type", "severity", "status", "cluster", "resource", "namespace", "detectedAt", "hasAnalysis"]
    assert issue["cluster"] == "real"
    assert issue["namespace"] == NAMESPACE
    assert issue["resource"].startswith("hungry-")
    assert issue["owner"] == {"kind": "Deployment", "name": "hungry"}
    assert issue["container"] == "main"
    assert issue["clusterId"] == connected["id"]


def test_many_kills_of_one_workload_are_one_issue(platform: Platform, cluster: Cluster, stream: Stream) -> None:
    cluster.kubectl("-n", NAMESPACE, "scale", "deployment", "hungry", "--replicas=3")
    until(lambda: _oom_issues(platform)[0]["count"] >= 3, within_s=60, every_s=1, what="the count to rise")
    assert len(_oom_issues(platform)) == 1
    created = [frame for frame in stream.frames if _issue("issue.created")(frame)]
    assert len(created) == 1


def test_a_killed_agent_takes_the_cluster_offline_once(platform: Platform, stream: Stream, connected: dict[str, Any]) -> None:
    since = len(stream.frames)
    platform.kill_agent(connected["id"])
    stream.wait_for(lambda frame: frame.event == "cluster.offline", within_s=OFFLINE_WITHIN_S, since=since)
    shown = platform.call("GET", f"/v1/clusters/{connected['id']}")
    assert shown["status"] == "offline"
    assert shown["inventory"]["stale"] is True
    assert _oom_issues(platform)[0]["status"] == "open"
    assert [frame.event for frame in stream.frames[since:]].count("cluster.offline") == 1


def test_a_returning_agent_brings_no_second_issue(platform: Platform, cluster: Cluster, stream: Stream, connected: dict[str, Any]) -> None:
    since = len(stream.frames)
    platform.start_agent(connected["id"], cluster.kubeconfig)
    stream.wait_for(lambda frame: frame.event == "cluster.online", within_s=ONLINE_WITHIN_S, since=since)
    _online(platform, connected["id"])
    until(lambda: _differences(platform, cluster) == [], within_s=60, every_s=1, what="the inventory to equal the cluster")
    assert len(_oom_issues(platform)) == 1
    assert not [frame for frame in stream.frames[since:] if _issue("issue.created")(frame)]


def test_a_server_killed_in_the_middle_loses_and_doubles_nothing(
    platform: Platform, cluster: Cluster, stream: Stream, connected: dict[str, Any]
) -> None:
    cluster.apply(*[config_map(number, round_=0) for number in range(150)])
    platform.kill_server()
    cluster.apply(*[config_map(number, round_=1) for number in range(50, 250)])
    cluster.kubectl("-n", NAMESPACE, "delete", "configmap", *[f"churn-{number}" for number in range(25)])
    platform.start_server()
    cluster.apply(*[config_map(number, round_=2) for number in range(100, 150)])
    platform.kill_server()
    platform.start_server()

    _online(platform, connected["id"])
    until(lambda: _differences(platform, cluster) == [], within_s=90, every_s=1, what="the inventory to equal the cluster")
    assert len(_oom_issues(platform)) == 1
    ids = [frame.id for frame in stream.frames]
    assert ids == sorted(set(ids)), "an event came twice or out of order"


def test_a_higher_limit_resolves_the_issue(platform: Platform, cluster: Cluster, stream: Stream) -> None:
    issue_id = _oom_issues(platform)[0]["id"]
    cluster.apply(hungry(limit="512Mi"))
    frame = stream.wait_for(_issue("issue.resolved"), within_s=RESOLVED_WITHIN_S)
    print(f"\n{frame.text}")
    issue = platform.call("GET", f"/v1/issues/{issue_id}")
    assert issue["status"] == "resolved"
    assert issue["resolvedAt"]
    assert _oom_issues(platform) == []


def hungry(*, limit: str) -> dict[str, Any]:
    """A Deployment whose container needs more memory than a limit of 32Mi gives, and less than 512Mi."""
    grow = f'BEGIN {{ s = "x"; while (length(s) < {NEEDS_BYTES}) s = s s; while (1) system("sleep 3600") }}'
    container = {
        "name": "main",
        "image": "docker.io/library/busybox:1.36",
        "imagePullPolicy": "IfNotPresent",
        "command": ["awk", grow],
        "resources": {"requests": {"memory": "16Mi"}, "limits": {"memory": limit}},
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "hungry", "namespace": NAMESPACE},
        "spec": {
            "selector": {"matchLabels": {"app": "hungry"}},
            "template": {
                "metadata": {"labels": {"app": "hungry"}},
                "spec": {"terminationGracePeriodSeconds": 0, "containers": [container]},
            },
        },
    }


def config_map(number: int, *, round_: int) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": f"churn-{number}", "namespace": NAMESPACE, "labels": {"round": str(round_)}},
    }


def _online(platform: Platform, cluster_id: str) -> dict[str, Any]:
    def synced() -> dict[str, Any] | None:
        shown: dict[str, Any] = platform.call("GET", f"/v1/clusters/{cluster_id}")
        inventory = shown.get("inventory") or {}
        return shown if shown["status"] == "online" and inventory.get("syncedAt") and not inventory.get("stale") else None

    found = until(synced, within_s=ONLINE_WITHIN_S, every_s=0.25, what="the cluster to be online", log=platform.log(f"agent-{cluster_id}"))
    assert found is not None
    return found


def _issue(event: str) -> Any:
    return lambda frame: frame.event == event and "OOMKilled" in frame.text


def _oom_issues(platform: Platform) -> list[dict[str, Any]]:
    return list(platform.all("/v1/issues?status=open&type=OOMKilled", "issues"))


def _kill_time(cluster: Cluster) -> float:
    """When the kernel killed the container first, as the kubelet wrote it (whole seconds), in Unix seconds."""
    times = [
        datetime.fromisoformat(state["terminated"]["finishedAt"]).timestamp()
        for pod in cluster.items("pods", "-n", NAMESPACE, "-l", "app=hungry")
        for status in pod["status"].get("containerStatuses", [])
        for state in (status.get("lastState", {}), status.get("state", {}))
        if "terminated" in state
    ]
    return min(times, default=time.time())


def _differences(platform: Platform, cluster: Cluster) -> list[str]:
    """What the inventory and the cluster do not agree on, as text; watches run on, so both are read until they agree."""
    found = []
    for kind, short in (("ConfigMap", "configmaps"), ("Pod", "pods"), ("Deployment", "deployments"), ("ReplicaSet", "replicasets")):
        real = {(item["metadata"]["namespace"], item["metadata"]["name"]): item["metadata"]["uid"] for item in cluster.items(short, "-A")}
        rows = list(platform.all(f"/v1/resources?kind={kind}", "resources"))
        ours = {(row["namespace"], row["name"]): row["uid"] for row in rows}
        if len(rows) != len(ours):
            found.append(f"{kind}: {len(rows) - len(ours)} doubled")
        found += [f"{kind} {key}" for key in sorted(set(real.items()) ^ set(ours.items()))]
    return found
