"""Issues in groups: by workload, type, cluster and namespace, exact for what is open, and plain about what is not counted."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from optral.issues.lists import groups
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity
from tests.api.conftest import Api
from tests.api.seeds import finding, observe


async def seeded(api: Api) -> str:
    """Two failures of `api`, one of a workload with the same name elsewhere, one of `web`, and one of a node; in two clusters."""
    first, second = await api.new_cluster("prod-east"), await api.new_cluster("staging")
    web = replace(finding("web", severity=Severity.LOW, api=api), subject=ObjectRef("StatefulSet.apps", "shop", "web"))
    node = replace(finding("node-1", type="NodeNotReady", api=api), part=None, subject=ObjectRef("Node", None, "node-1"))
    node = replace(node, shown_by=ObjectRef("Node", None, "node-1", "uid-n"))
    again = replace(finding("api", type="CrashLoopBackOff", severity=Severity.HIGH, api=api), part="sidecar")
    await observe(api, first, finding("api", api=api), again, web, node)
    await observe(api, second, finding("api", namespace="pay", api=api))
    return first


async def grouped(api: Api, by: str, **filters: Any) -> dict[str, Any]:
    answer = await api.get("/v1/issues/groups", params={"by": by, **filters})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_workload_is_one_group_whatever_fails_in_it(api: Api) -> None:
    await seeded(api)
    found = await grouped(api, "workload")
    assert (found["total"], found["issues"], found["issuesCapped"]) == (4, 5, False)
    first, *rest = found["groups"]
    assert (first["count"], first["severity"], first["owner"]) == (2, "critical", {"kind": "Deployment", "name": "api"})
    assert (first["cluster"], first["namespace"]) == ("prod-east", "shop")
    assert {(one["owner"]["name"], one["count"], one["severity"]) for one in rest} == {
        ("api", 1, "critical"),
        ("node-1", 1, "critical"),
        ("web", 1, "low"),
    }
    assert rest[-1]["owner"]["name"] == "web"  # of equal size, the most severe first


@pytest.mark.parametrize("by", ["workload", "type", "cluster", "namespace"])
async def test_the_query_of_a_group_finds_its_issues_and_no_others(api: Api, by: str) -> None:
    await seeded(api)
    found = await grouped(api, by)
    assert sum(one["count"] for one in found["groups"]) == found["issues"] == 5
    for one in found["groups"]:
        listed = (await api.get("/v1/issues", params={"q": one["query"]})).json()
        assert listed["total"] == one["count"], one["query"]


@pytest.mark.parametrize("by", ["workload", "type", "cluster", "namespace"])
async def test_a_small_group_comes_with_its_issues_and_a_larger_one_without(api: Api, by: str) -> None:
    await seeded(api)
    assert all("issues" not in one for one in (await grouped(api, by))["groups"])
    for one in (await grouped(api, by, withIssues=1))["groups"]:
        listed = (await api.get("/v1/issues", params={"q": one["query"]})).json()["issues"]
        assert one.get("issues") == (listed if one["count"] == 1 else None)
    [two] = [one for one in (await grouped(api, "workload", withIssues=3))["groups"] if one["count"] == 2]
    assert [one["severity"] for one in two["issues"]] == ["critical", "high"], "the most severe first"


async def test_a_group_says_when_its_issues_of_the_last_day_opened(api: Api) -> None:
    cluster = await api.new_cluster("prod-east")
    for name, hours in (("long-ago", 23), ("api", 2.5), ("web", 0)):
        await observe(api, cluster, *(finding(each, api=api) for each in (name, f"{name}-2")))
        api.clock.advance(timedelta(hours=hours).total_seconds())
    [group] = (await grouped(api, "cluster"))["groups"]
    assert (group["count"], group["opened"]) == (6, [0] * 10 + [2, 2])


async def test_groups_follow_the_filters_and_come_in_pages(api: Api) -> None:
    cluster = await seeded(api)
    assert [one["owner"]["name"] for one in (await grouped(api, "workload", q="ns:pay"))["groups"]] == ["api"]
    assert (await grouped(api, "type", cluster=cluster, severity="critical"))["issues"] == 2
    assert (await grouped(api, "type", cluster="nowhere"))["groups"] == []
    pages = [await grouped(api, "workload", page=number, pageSize=3) for number in (1, 2, 3)]
    assert [(len(one["groups"]), one["total"], one["issues"]) for one in pages] == [(3, 4, 5), (1, 4, 5), (0, 4, 5)]
    assert (await api.get("/v1/issues/groups?by=colour")).status_code == 400


async def test_open_issues_are_counted_beyond_the_limit_of_history(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    await seeded(api)
    monkeypatch.setattr(groups, "MOST_COUNTED", 3)
    groups._groups.cache_clear()
    of_open = await grouped(api, "type", status="open,acknowledged")
    assert (of_open["issues"], of_open["issuesCapped"]) == (5, False)
    of_all = await grouped(api, "type")
    assert (of_all["issues"], of_all["issuesCapped"]) == (3, True)
    groups._groups.cache_clear()


async def test_groups_of_one_size_and_severity_are_in_the_order_of_their_names(api: Api) -> None:
    """Not of the titles of their worst issues."""
    cluster_id = await api.new_cluster("production")
    await observe(api, cluster_id, *(finding(name, api=api) for name in ("b", "c", "a")))
    found = (await api.get("/v1/issues/groups?by=workload")).json()["groups"]
    assert [(one["owner"]["name"], one["severities"]["critical"]) for one in found] == [("a", 1), ("b", 1), ("c", 1)]
    assert found[0]["title"] == "Container app of a was killed at its memory limit"
