"""What an answer covers: every answer that could be read as "nothing is wrong" says what was looked at, and what was not and why."""

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from optral.clusters.tables import clusters as clusters_table
from optral.flows import coverage
from optral.flows.analysis import analyze
from optral.kube.changes import KindMark, Phase
from optral.kube.kinds import KINDS
from optral.resources import reports
from optral.store.transaction import Transaction
from optral.terms import actor as actors
from optral.terms.reach import Area, Reach
from tests.api.conftest import DOCUMENT, Api
from tests.api.resources.test_freshness import presence
from tests.api.seeds import finding, objects, observe

HAS_RECORD = {
    "/v1/analyses/{analysis_id}": "coverage",
    "/v1/coverage": "",
    "/v1/issues": "coverage",
    "/v1/overview": "coverage",
}
"""Answers that could be read as "nothing is wrong", and where their record is. `optral scan`: tests/scan/test_coverage.py."""
HAS_NONE = {
    "/v1/issues/facets": "counts for the filters of the list, which has the record",
    "/v1/issues/groups": "rows of the list in groups; the list has the record",
    "/v1/issues/trends": "counts of what happened in a range of time",
    "/v1/issues/{issue_id}": "an issue is a statement that something is wrong; its analysis has the record",
    "/v1/issues/{issue_id}/similar": "issues of the past",
    "/v1/search": "looks for a name; an empty answer says that nothing has it",
    "/v1/clusters": "each cluster has what was not read of it",
}


async def healthy(api: Api, name: str, *, forbidden: Collection[str] = (), unwatched: Collection[str] = (), watches: str = "") -> str:
    """An online cluster whose agent follows every kind but these."""
    cluster_id = await api.new_cluster(name)
    await presence(api, cluster_id, "online", last_seen=api.clock.now())

    async def mark(*marks: KindMark) -> None:
        await api.store.write(actors.system(api.org), lambda tx: [reports.mark(tx, cluster_id, one) for one in marks])

    followed = [kind.id for kind in KINDS if kind.id not in {*forbidden, *unwatched}]
    await mark(*(KindMark(kind, Phase.SNAPSHOT_BEGIN, "g1") for kind in followed))
    await mark(*(KindMark(kind, Phase.FORBIDDEN, "") for kind in forbidden))
    await objects(api, cluster_id, f"{name}-root-ca", kind="ConfigMap")
    await mark(*(KindMark(kind, Phase.SNAPSHOT_END, "g1", "", 1 if kind == "ConfigMap" else 0) for kind in followed))
    if watches:
        await capabilities(api, cluster_id, f"watches:{watches}")
    return cluster_id


async def capabilities(api: Api, cluster_id: str, *names: str) -> None:
    def job(tx: Transaction) -> None:
        mine = sa.and_(clusters_table.c.org_id == tx.org_id, clusters_table.c.id == cluster_id)
        tx.execute(sa.update(clusters_table).where(mine).values(agent_capabilities=list(names)))

    await api.store.write(actors.system(api.org), job)


async def record(api: Api, query: str = "", **more: Any) -> dict[str, Any]:
    answer = await api.get(f"/v1/coverage{query}", **more)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def needed(found: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one["reason"], one["message"]) for one in found["unread"] if one["needed"]]


@pytest.mark.parametrize(
    ("hidden", "said"),
    [
        pytest.param({}, None, id="all read"),
        pytest.param({"forbidden": {"Service"}}, "Service of cluster eu cannot be read", id="forbidden"),
        pytest.param({"unwatched": {"Node"}}, "Node of cluster eu is not watched", id="not watched"),
        pytest.param({"watches": "shop"}, "The agent of cluster eu reads only namespace shop", id="an agent of one namespace"),
    ],
)
async def test_the_overview_and_the_list_name_what_was_not_read_of_a_cluster(api: Api, hidden: dict[str, Any], said: str | None) -> None:
    await healthy(api, "eu", **hidden)
    await healthy(api, "us")
    found = (await api.get("/v1/overview")).json()
    shown = {one["name"]: (one["health"], one.get("unread")) for one in found["clusters"]}
    assert shown == {"eu": ("healthy", None) if said is None else ("incomplete", [said]), "us": ("healthy", None)}
    assert (found["fleet"]["incomplete"], found["fleet"]["healthy"]) == ((0, 2) if said is None else (1, 1))
    listed = (await api.get("/v1/clusters")).json()["clusters"]
    assert {one["name"]: one.get("unread") for one in listed} == {"eu": None if said is None else [said], "us": None}


async def test_a_cluster_without_a_first_inventory_is_not_healthy(api: Api) -> None:
    cluster_id = await api.new_cluster("eu")
    await presence(api, cluster_id, "online", last_seen=api.clock.now())
    assert (await api.get("/v1/overview")).json()["clusters"][0]["health"] == "incomplete"


async def test_a_fleet_that_is_read_completely_has_a_complete_record(api: Api) -> None:
    await healthy(api, "eu")
    await healthy(api, "us")
    found = await record(api)
    assert (found["complete"], needed(found)) == (True, [])
    assert found["summary"] == f"Looked at 2 clusters, {len(KINDS)} kinds."
    assert (found["clusterTotal"], found["clustersLookedAt"], found["kindsLookedAt"]) == (2, 2, len(KINDS))
    assert "oldestAt" not in found and [one["stale"] for one in found["clusters"]] == [False, False]
    assert [one["reason"] for one in found["unread"]] == ["neverRead"], "Secrets are never read, and that is said"


async def test_a_kind_that_an_agent_may_not_read_is_named_with_its_clusters(api: Api) -> None:
    await healthy(api, "eu", forbidden={"Service", "Ingress.networking.k8s.io"})
    await healthy(api, "us", forbidden={"Service", "Ingress.networking.k8s.io"})
    await healthy(api, "ap", forbidden={"Node"})
    found = await record(api)
    assert found["complete"] is False
    assert needed(found) == [
        ("forbidden", "Node of cluster ap cannot be read"),
        ("forbidden", "Ingress and Service of clusters eu and us cannot be read"),
    ]
    one = found["unread"][1]
    assert (one["kinds"], one["clusters"]) == (["Ingress.networking.k8s.io", "Service"], ["eu", "us"])
    assert "role" in one["fix"]
    assert found["summary"].endswith("Ingress and Service of clusters eu and us cannot be read.")


async def test_a_custom_kind_that_is_forbidden_is_named_and_does_not_make_the_record_incomplete(api: Api) -> None:
    cluster_id = await healthy(api, "eu")
    marks = [KindMark("Widget.shop.example", Phase.FORBIDDEN, ""), KindMark("Gadget.shop.example", Phase.GONE, "")]
    await api.store.write(actors.system(api.org), lambda tx: [reports.mark(tx, cluster_id, mark) for mark in marks])
    found = await record(api)
    assert found["complete"] is True
    assert [one["message"] for one in found["unread"] if one["reason"] == "forbidden"] == ["Widget of cluster eu cannot be read"]


async def test_a_kind_that_an_old_agent_does_not_watch_or_still_lists_is_named(api: Api) -> None:
    cluster_id = await healthy(api, "eu", unwatched={"Role.rbac.authorization.k8s.io"})
    begin = KindMark("Pod", Phase.SNAPSHOT_BEGIN, "g2")
    await api.store.write(actors.system(api.org), lambda tx: reports.mark(tx, cluster_id, begin))
    assert needed(await record(api)) == [
        ("notWatched", "Role of cluster eu is not watched"),
        ("listing", "Pod of cluster eu is not listed completely yet"),
    ]


async def test_a_cluster_that_cannot_be_found_makes_the_record_incomplete(api: Api) -> None:
    eu = await healthy(api, "eu")
    assert (await record(api, f"?cluster=eu&cluster={eu}"))["complete"] is True
    assert needed(await record(api, "?cluster=eu&cluster=ue")) == [("noCluster", "1 cluster of the filter cannot be found")]
    assert needed(await record(api, "?cluster=ue")) == [("noCluster", "There is no cluster to look at")]


async def test_clusters_beyond_the_bound_make_the_record_incomplete(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ap", "eu", "us"):
        await healthy(api, name)
    monkeypatch.setattr(coverage, "MOST_CLUSTERS", 2)
    found = await record(api)
    assert found["complete"] is False and needed(found) == [("unreadable", "Not examined: 1 cluster beyond the first 2")]
    assert (await record(api, "?cluster=us"))["complete"] is True


@pytest.mark.parametrize(("status", "reason", "says"), [("offline", "offline", "is offline"), ("degraded", "late", "reports late")])
async def test_a_cluster_that_does_not_report_is_not_looked_at(api: Api, status: str, reason: str, says: str) -> None:
    await healthy(api, "eu")
    gone, seen_at = await healthy(api, "us"), api.clock.now()
    api.clock.advance(3600)
    await presence(api, gone, status, last_seen=seen_at)
    found = await record(api)
    assert found["summary"] == f"Looked at 1 of 2 clusters, {len(KINDS)} kinds. Cluster us {says}."
    assert [(one["reason"], one["since"]) for one in found["unread"] if one["needed"]] == [(reason, found["oldestAt"])]
    assert [(one["name"], one["lookedAt"]) for one in found["clusters"]] == [("eu", True), ("us", False)]


async def test_without_a_cluster_nothing_was_looked_at(api: Api) -> None:
    assert needed(await record(api)) == [("noCluster", "There is no cluster to look at")]
    await healthy(api, "eu")
    assert needed(await record(api, "?cluster=ue")) == [("noCluster", "There is no cluster to look at")]
    await api.new_cluster("us")
    assert needed(await record(api)) == [("neverConnected", "Cluster us has never connected")]


async def test_an_agent_of_one_namespace_covers_that_namespace(api: Api) -> None:
    outside = {kind.id for kind in KINDS if not kind.namespaced or kind.only_in}
    await healthy(api, "eu", forbidden=outside, watches="shop")
    found = await record(api)
    assert needed(found) == [("agentScope", "The agent of cluster eu reads only namespace shop")]
    assert found["clusters"][0]["namespaces"] == ["shop"]
    assert (await record(api, "?namespace=shop"))["complete"] is True
    assert (await record(api, "?namespace=other"))["complete"] is False


async def test_a_misspelled_namespace_is_not_reported_as_healthy(api: Api) -> None:
    await healthy(api, "eu")
    assert (await record(api, "?namespace=shop"))["complete"] is True
    assert needed(await record(api, "?namespace=shpo")) == [("unknownNamespace", "Cluster eu has no namespace shpo")]


async def test_kinds_outside_of_namespaces_are_not_needed_for_a_namespace(api: Api) -> None:
    await healthy(api, "eu", forbidden={"Node"})
    assert (await record(api, "?namespace=shop"))["complete"] is True
    assert (await record(api))["complete"] is False


async def test_detectors_that_are_off_and_mute_rules_are_counted(api: Api) -> None:
    cluster_id = await healthy(api, "eu")
    before = (await record(api))["rules"]
    assert before["risk"] is False and 0 < before["on"] < before["types"] and before["off"] == []
    assert (await api("PATCH", "/v1/detectors/OOMKilled", json={"enabled": False})).status_code == 200
    elsewhere = {"enabled": False, "cluster": cluster_id, "namespace": "shop"}
    assert (await api("PATCH", "/v1/detectors/PodFailed", json=elsewhere)).status_code == 200
    rule = {"match": {"types": ["CrashLoopBackOff"]}, "reason": "known", "expiresAt": (api.clock.now() + timedelta(days=1)).isoformat()}
    assert (await api("POST", "/v1/mute-rules", json=rule)).status_code == 201
    found = await record(api)
    rules = found["rules"]
    assert (rules["off"], rules["partlyOff"], rules["on"], rules["muteRules"]) == (["OOMKilled"], ["PodFailed"], before["on"] - 1, 1)
    said = {one["reason"]: one["message"] for one in found["unread"]}
    assert (said["detectorsOff"], said["muted"]) == ("2 issue types are switched off", "1 mute rule hides issues")
    assert found["complete"] is True, "a person decided that"
    assert (await record(api, "?namespace=other"))["rules"]["partlyOff"] == []


async def test_a_key_of_one_cluster_learns_nothing_of_the_others(api: Api) -> None:
    own = await healthy(api, "eu")
    await healthy(api, "zulu", forbidden={"Service"})
    key = await api.new_key(clusters={own})
    found = await record(api, key=key)
    assert found["complete"] is True and "zulu" not in str(found)
    assert (found["clusterTotal"], [one["name"] for one in found["clusters"]]) == (1, ["eu"])
    assert [one["message"] for one in found["unread"] if one["reason"] == "access"] == ["Your access is limited to some clusters"]
    assert needed(await record(api, "?cluster=zulu", key=key)) == [("noCluster", "There is no cluster to look at")]


async def test_a_member_of_one_namespace_reads_that_another_may_not_be_seen(api: Api) -> None:
    await healthy(api, "eu")
    bound = replace(api.owner, reach=Reach((Area(None, frozenset({"shop"})),)))
    own = await api.store.read(bound, coverage.of)
    assert (own.is_complete, own.namespaces) == (True, frozenset({"shop"}))
    assert [one.message for one in own.unread if one.reason == "access"] == ["Your access is limited to some namespaces"]
    other = await api.store.read(bound, lambda tx: coverage.of(tx, namespaces={"zulu"}))
    assert [one.message for one in other.unread if one.is_needed] == ["Your access does not include 1 namespace of the filter"]
    assert other.nothing_found().startswith("No problem found in what could be read, which does not mean that there is none.")


def test_every_answer_about_issues_has_a_decision() -> None:
    listed = {path for path, item in DOCUMENT["paths"].items() if "get" in item}
    assert HAS_RECORD.keys() | HAS_NONE.keys() <= listed
    about = {path for path in listed if path.startswith(("/v1/issues", "/v1/overview", "/v1/search", "/v1/coverage"))}
    parts = {path for path in about if path.startswith("/v1/issues/{issue_id}/")}  # of an issue that is known to exist
    assert about - parts <= HAS_RECORD.keys() | HAS_NONE.keys()


@pytest.mark.parametrize("template", HAS_RECORD)
async def test_an_answer_that_could_be_read_as_nothing_is_wrong_has_the_record(api: Api, template: str) -> None:
    cluster_id = await healthy(api, "eu", forbidden={"Service"})
    await observe(api, cluster_id, finding("api", api=api))
    issue_id = str((await api.get("/v1/issues")).json()["issues"][0]["id"])
    analysis = await api.store.write(api.owner, lambda tx: analyze.ask(tx, issue_id))
    worker = analyze.AnalysisWorker(api.store, api.clock)
    api.clock.advance(60)
    await worker.step()
    answer = (await api.get(template.format(analysis_id=analysis.id))).json()
    found = answer[HAS_RECORD[template]] if HAS_RECORD[template] else answer
    assert found["complete"] is False
    assert found["summary"].endswith("Service of cluster eu cannot be read.")
    assert found["rules"]["on"] > 0


async def test_the_record_of_a_list_is_of_the_clusters_and_namespaces_of_its_filters(api: Api) -> None:
    await healthy(api, "eu", forbidden={"Node"})
    await healthy(api, "us")

    async def of(query: str) -> dict[str, Any]:
        found: dict[str, Any] = (await api.get(f"/v1/issues?{query}")).json()["coverage"]
        return found

    assert (await of(""))["complete"] is False
    assert (await of("cluster=us"))["complete"] is True
    assert (await of("q=cluster:us"))["clusterTotal"] == 1
    assert ((await of("cluster=eu&namespace=shop"))["complete"], (await of("q=ns:shop"))["namespaces"]) == (True, ["shop"])
    assert (await of("cluster=gone"))["complete"] is False
    assert "unread" not in await of(""), "the list costs a line, not the record"
