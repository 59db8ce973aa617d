"""The kinds of a cluster over HTTP."""

from optral.kube.changes import KindMark, Phase
from optral.resources import reports
from optral.terms import actor
from tests.api.conftest import Api


async def test_the_kinds_that_an_agent_cannot_read_are_named_with_the_reason(api: Api) -> None:
    cluster_id = await api.new_cluster("a")
    marks = [
        KindMark("Pod", Phase.SNAPSHOT_BEGIN, "g1"),
        KindMark("Pod", Phase.SNAPSHOT_END, "g1", "", 0),
        KindMark("Node", Phase.SNAPSHOT_BEGIN, "g1"),
        KindMark("Widget.shop.example", Phase.FORBIDDEN, ""),
        KindMark("PolicyReport.wgpolicyk8s.io", Phase.GONE, ""),
    ]
    await api.store.write(actor.system(api.org), lambda tx: [reports.mark(tx, cluster_id, mark) for mark in marks])
    answer = (await api.get(f"/v1/clusters/{cluster_id}/kinds")).json()
    assert answer["total"] == 4
    shown = {one["kind"]: (one.get("group"), one["status"], one["metadataOnly"]) for one in answer["kinds"]}
    assert shown == {
        "Pod": (None, "live", False),
        "Node": (None, "listing", False),
        "Widget": ("shop.example", "forbidden", False),
        "PolicyReport": ("wgpolicyk8s.io", "notServed", True),
    }
    reasons = {one["kind"]: one.get("reason", "") for one in answer["kinds"]}
    assert "extraRules" in reasons["Widget"]
    assert reasons["Pod"] == ""


async def test_a_cluster_that_does_not_exist_has_no_kinds(api: Api) -> None:
    assert (await api.get("/v1/clusters/cls_01h455vb4pex5vsknk084sn02q/kinds")).status_code == 404


async def test_usage_that_is_not_reported_has_reasons_of_its_own(api: Api) -> None:
    cluster_id = await api.new_cluster("a")
    marks = [KindMark("PodUsage.usage.optral.io", Phase.FORBIDDEN, ""), KindMark("NodeUsage.usage.optral.io", Phase.GONE, "")]
    await api.store.write(actor.system(api.org), lambda tx: [reports.mark(tx, cluster_id, mark) for mark in marks])
    reasons = {one["kind"]: one["reason"] for one in (await api.get(f"/v1/clusters/{cluster_id}/kinds")).json()["kinds"]}
    assert "nodes/metrics" in reasons["PodUsage"] and "kubelets" in reasons["NodeUsage"]


async def test_a_connection_names_missing_metrics_as_metrics_and_not_as_kinds(api: Api) -> None:
    cluster_id = await api.new_cluster("a")
    marks = [KindMark(kind, Phase.FORBIDDEN, "") for kind in ("PodUsage.usage.optral.io", "NodeUsage.usage.optral.io", "Node")]
    await api.store.write(actor.system(api.org), lambda tx: [reports.mark(tx, cluster_id, mark) for mark in marks])
    warnings = (await api.get(f"/v1/clusters/{cluster_id}/connection")).json()["warnings"]
    assert [one["code"] for one in warnings] == ["kinds_forbidden", "metrics_forbidden"]
    assert "1 kind: Node." in warnings[0]["message"] and "usage.optral.io" not in str(warnings)
