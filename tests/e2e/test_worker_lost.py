"""A node that dies is one issue. The last file: a node that has just joined gets five minutes, which the other files have used by then."""

import time

import pytest

from tests.e2e.faults import container, deployment, namespace
from tests.support.platform import Platform, until
from tests.support.real_cluster import Cluster

pytestmark = pytest.mark.cluster

NODE_LOST_WITHIN_S = 420  # run alone, on a new cluster
SETTLED_S = 45


def test_a_node_that_dies_with_ten_workloads_is_one_issue(platform: Platform, cluster: Cluster) -> None:
    cluster.apply(namespace("onenode"))
    pinned = {"nodeSelector": {"kubernetes.io/hostname": "node-2"}}
    cluster.apply(*[deployment("onenode", f"work-{number}", container(), **pinned) for number in range(10)])
    cluster.kubectl("-n", "onenode", "wait", "deployment", "--all", "--for=condition=Available", "--timeout=120s")
    cluster_id = platform.create_cluster("nodes")["id"]
    platform.start_agent(cluster_id, cluster.kubeconfig)
    until(
        lambda: platform.call("GET", f"/v1/clusters/{cluster_id}")["inventory"].get("syncedAt"),
        within_s=60,
        every_s=1,
        what="the inventory",
    )
    stream = platform.follow()
    cluster.part("stop", "node-2.kubelet")
    try:
        stream.wait_for(lambda frame: frame.event == "issue.created" and frame.data["type"] == "NodeNotReady", within_s=NODE_LOST_WITHIN_S)
        time.sleep(SETTLED_S)  # what would come of the node's pods has come by then
        shown = platform.call("GET", f"/v1/issues?cluster={cluster_id}&status=open&pageSize=100")["issues"]
        ours = [one for one in shown if one.get("namespace") in (None, "onenode")]
        print([(one["type"], one["resource"], one.get("symptomCount")) for one in ours])
        assert [one["type"] for one in ours] == ["NodeNotReady"]
    finally:
        cluster.part("start", "node-2.kubelet")
        cluster.kubectl("delete", "namespace", "onenode", "--wait=false")
