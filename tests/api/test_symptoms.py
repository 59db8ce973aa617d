"""Symptoms over HTTP: one list of roots, each with its symptoms, and all of them for who asks."""

from datetime import timedelta

from optral.clusters.model import ClusterFreshness
from optral.events import service as events
from optral.flows.issues import issue_events
from optral.grouping.model import Arrangement, Link
from optral.issues.lifecycle import grouping
from optral.store.transaction import Transaction
from optral.terms import actor
from tests.api.conftest import Api
from tests.api.seeds import finding, observe


async def family(api: Api) -> dict[str, str]:
    """Ids by name: `api` is what `web` and `db` suffer from, `lone` has nothing to do with it."""
    cluster_id = await api.new_cluster("production")
    await observe(api, cluster_id, *(finding(name, api=api) for name in ("api", "web", "db", "lone")))
    ids = {one["owner"]["name"]: one["id"] for one in (await api.get("/v1/issues")).json()["issues"]}

    def job(tx: Transaction) -> None:
        known = grouping.load(tx, cluster_id, offset=timedelta())
        links = {ids[name]: Link(ids["api"], "calls", ids["api"]) for name in ("web", "db")}
        moves = grouping.apply(tx, cluster_id, known, Arrangement(links))
        grouping.touch_roots(tx, moves)
        events.append(tx, issue_events.events_of(moves, cluster=ClusterFreshness("production", False, None)))

    await api.store.write(actor.system(api.org), job)
    return ids


async def test_a_list_shows_only_roots_by_default(api: Api) -> None:
    ids = await family(api)

    async def listed(query: str) -> dict[str, int]:
        answer = (await api.get(f"/v1/issues{query}")).json()
        assert answer["total"] == len(answer["issues"])
        return {one["owner"]["name"]: one["symptomCount"] for one in answer["issues"]}

    assert await listed("") == {"api": 2, "lone": 0}
    assert await listed("?parent=none") == {"api": 2, "lone": 0}
    assert await listed("?parent=any") == {"api": 2, "lone": 0, "web": 0, "db": 0}
    assert await listed(f"?parent={ids['api']}") == {"web": 0, "db": 0}
    facets = (await api.get("/v1/issues/facets")).json()
    assert sum(one["count"] for one in facets["status"]) == 2


async def test_a_search_lists_roots_before_symptoms(api: Api) -> None:
    ids = await family(api)
    found = [one["id"] for one in (await api.get("/v1/search?q=app")).json()["issues"]]
    assert (set(found[:2]), set(found[2:])) == ({ids["api"], ids["lone"]}, {ids["web"], ids["db"]})


async def test_a_root_tells_its_symptoms_and_a_symptom_its_root(api: Api) -> None:
    ids = await family(api)
    root = (await api.get(f"/v1/issues/{ids['api']}")).json()
    assert {(one["id"], one["relation"]) for one in root["symptoms"]} == {(ids["web"], "calls"), (ids["db"], "calls")}
    assert all(one["attachedAt"] and one["status"] == "open" for one in root["symptoms"])
    assert root["symptomCount"] == 2
    symptom = (await api.get(f"/v1/issues/{ids['web']}")).json()
    assert (symptom["parentIssueId"], symptom["symptoms"]) == (ids["api"], [])
    assert "parentIssueId" not in root


async def test_a_root_whose_symptoms_moved_is_another_version(api: Api) -> None:
    ids = await family(api)
    assert (await api.get(f"/v1/issues/{ids['api']}")).json()["version"] > (await api.get(f"/v1/issues/{ids['lone']}")).json()["version"]
