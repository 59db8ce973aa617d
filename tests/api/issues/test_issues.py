"""Issues and resources over HTTP."""

import asyncio
from datetime import datetime, timedelta

import pytest

from optral.events import service as events
from optral.terms.actor import system
from optral.terms.severity import Severity
from tests.api.conftest import Api
from tests.api.overview.test_overview import explained
from tests.api.seeds import finding, objects, observe

PROMISED = ["id", "type", "severity", "status", "cluster", "resource", "namespace", "detectedAt", "hasAnalysis"]


async def seeded(api: Api) -> str:
    cluster_id = await api.new_cluster("production")
    await observe(
        api,
        cluster_id,
        finding("api", api=api),
        finding("web", api=api, severity=Severity.HIGH, type="CrashLoopBackOff"),
        finding("db", api=api, severity=Severity.LOW),
    )
    return cluster_id


async def test_the_list_has_the_promised_shape(api: Api) -> None:
    await seeded(api)
    answer = await api.get("/v1/issues?status=open&severity=critical")
    listed = answer.json()
    assert list(listed) == ["issues", "total", "page", "pageSize", "coverage"]
    assert list(listed["issues"][0])[:9] == PROMISED
    first = listed["issues"][0]
    assert [first[name] for name in PROMISED if name not in ("id", "detectedAt")] == [
        "OOMKilled",
        "critical",
        "open",
        "production",
        "api-7d4f8b9c6-xk2lm",
        "shop",
        False,
    ]
    assert (listed["total"], listed["page"], listed["pageSize"]) == (1, 1, 20)
    assert answer.content.startswith(b'{"issues":[{"id":"iss_')


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", {"api", "web", "db"}),
        ("?severity=critical,high", {"api", "web"}),
        ("?severity=critical&severity=high", {"api", "web"}),
        ("?type=CrashLoopBackOff", {"web"}),
        ("?type=NoSuchType", set()),
        ("?cluster=production", {"api", "web", "db"}),
        ("?cluster=elsewhere", set()),
        ("?cluster=elsewhere,production", {"api", "web", "db"}),
        ("?namespace=shop&status=open", {"api", "web", "db"}),
        ("?status=resolved", set()),
        ("?q=web", {"web"}),
        ("?q=%25", set()),
        ("?since=2030-01-01T00:00:00Z", set()),
        ("?until=2030-01-01T00:00:00Z", {"api", "web", "db"}),
    ],
)
async def test_filters(api: Api, query: str, names: set[str]) -> None:
    await seeded(api)
    listed = (await api.get(f"/v1/issues{query}")).json()
    assert {one["owner"]["name"] for one in listed["issues"]} == names
    assert listed["total"] == len(names)


@pytest.mark.parametrize("sort", ["severity", "-severity", "detectedAt", "-detectedAt", "lastSeenAt", "status"])
async def test_cursors_walk_every_sort_once(api: Api, sort: str) -> None:
    await seeded(api)
    walked, cursor = [], ""
    for _ in range(3):
        page = (await api.get(f"/v1/issues?pageSize=1&sort={sort}{cursor}")).json()
        walked += [one["owner"]["name"] for one in page["issues"]]
        cursor = f"&cursor={page.get('nextCursor', '')}"
    assert sorted(walked) == ["api", "db", "web"]
    assert "nextCursor" not in page
    if "severity" in sort:
        assert walked == (["api", "web", "db"] if sort == "-severity" else ["db", "web", "api"])


async def test_the_total_follows_every_change(api: Api) -> None:
    cluster_id = await seeded(api)
    assert (await api.get("/v1/issues?status=open")).json()["total"] == 3
    await observe(api, cluster_id, finding("new", api=api))
    assert (await api.get("/v1/issues?status=open")).json()["total"] == 4


async def test_acknowledge_resolve_and_reopen(api: Api) -> None:
    await seeded(api)
    issue = (await api.get("/v1/issues")).json()["issues"][0]
    path = f"/v1/issues/{issue['id']}"
    seen = await api.get(path)
    done = await api("PATCH", path, json={"status": "acknowledged"}, headers={"If-Match": seen.headers["etag"]})
    assert (done.status_code, done.json()["status"]) == (200, "acknowledged")
    assert (await api("PATCH", path, json={"status": "resolved"}, headers={"If-Match": seen.headers["etag"]})).status_code == 412
    assert (await api("PATCH", path, json={"status": "resolved"})).json()["resolution"] == "manual"
    refused = await api("PATCH", path, json={"status": "acknowledged"})
    assert (refused.status_code, refused.json()["code"]) == (409, "issue_resolved")
    assert (await api("PATCH", path, json={"status": "open"})).json()["status"] == "open"
    assert (await api("PATCH", path, json={"status": "gone"})).status_code == 422
    acts = (await api.get(f"{path}/activity")).json()["activity"]
    assert [one["action"] for one in acts][:3] == ["opened", "acknowledged", "resolved"]


async def test_an_issue_says_when_it_resolves_while_nothing_shows_its_failure(api: Api) -> None:
    cluster_id = await api.new_cluster("production")
    await observe(api, cluster_id, finding("api", api=api), finding("web", api=api), resolve_after_s=120)
    listed = (await api.get("/v1/issues")).json()["issues"]
    ids = {one["owner"]["name"]: one["id"] for one in listed}
    before = await api.get(f"/v1/issues/{ids['api']}")
    assert all("resolvesAt" not in one for one in [*listed, before.json()])
    gone_at = api.clock.now()
    await observe(api, cluster_id, gone=("api",))
    after = await api("GET", f"/v1/issues/{ids['api']}", headers={"If-None-Match": before.headers["ETag"]})
    assert datetime.fromisoformat(after.json()["resolvesAt"]) == gone_at + timedelta(seconds=120)
    assert after.json()["version"] == before.json()["version"]
    listed = (await api.get("/v1/issues")).json()["issues"]
    assert {one["owner"]["name"]: one.get("resolvesAt") for one in listed} == {"api": after.json()["resolvesAt"], "web": None}
    changed = await api("PATCH", f"/v1/issues/{ids['api']}", json={"assignee": None}, headers={"If-Match": after.headers["ETag"]})
    assert changed.status_code == 200, changed.text
    await observe(api, cluster_id, finding("api", api=api), resolve_after_s=120)
    assert "resolvesAt" not in (await api.get(f"/v1/issues/{ids['api']}")).json()


async def test_a_row_of_the_list_says_why_it_happens(api: Api) -> None:
    await seeded(api)
    ids = {one["owner"]["name"]: one["id"] for one in (await api.get("/v1/issues")).json()["issues"]}
    await explained(api, ids["api"])
    await api("POST", f"/v1/issues/{ids['web']}/analyze", json={})
    rows = {one["owner"]["name"]: one for one in (await api.get("/v1/issues")).json()["issues"]}
    assert (rows["api"]["cause"]["title"], rows["api"]["cause"]["confidenceLabel"]) == ("The memory limit is too low", "high")
    assert (rows["web"]["causeUnknown"], "cause" in rows["web"]) == ("Analysis is running", False)
    assert not {"cause", "causeUnknown", "action"} & rows["db"].keys()


async def test_of_two_changes_on_one_version_one_wins(api: Api) -> None:
    await seeded(api)
    path = f"/v1/issues/{(await api.get('/v1/issues')).json()['issues'][0]['id']}"
    for _ in range(5):
        seen = await api("PATCH", path, json={"status": "open"})
        changes = [
            api("PATCH", path, json={"status": one}, headers={"If-Match": seen.headers["etag"]}) for one in ("resolved", "acknowledged")
        ]
        assert sorted(answer.status_code for answer in await asyncio.gather(*changes)) == [200, 412]


async def test_facets_count(api: Api) -> None:
    await seeded(api)
    facets = (await api.get("/v1/issues/facets?status=open")).json()
    assert {one["value"]: one["count"] for one in facets["severity"]} == {"critical": 1, "high": 1, "low": 1}
    assert facets["cluster"] == [{"value": "production", "count": 3}]
    assert (await api.get("/v1/issues/facets?cluster=nowhere")).json()["severity"] == []


async def test_a_limited_key_sees_no_issue_of_another_cluster(api: Api) -> None:
    await seeded(api)
    key = await api.new_key(clusters={await api.new_cluster("other")})
    issue = (await api.get("/v1/issues")).json()["issues"][0]
    assert (await api.get("/v1/issues", key=key)).json()["total"] == 0
    assert (await api.get(f"/v1/issues/{issue['id']}", key=key)).status_code == 404
    assert (await api("PATCH", f"/v1/issues/{issue['id']}", key=key, json={"status": "resolved"})).status_code == 404


async def test_resources_with_manifest_tree_history_and_counts(api: Api) -> None:
    cluster_id = await api.new_cluster("production")
    await objects(api, cluster_id, "a", "b", "c", spec={"x": [1, "é"]})
    await objects(api, cluster_id, "web", kind="Deployment.apps", spec={"replicas": 1})
    listed = (await api.get("/v1/resources?kind=Pod&cluster=production&pageSize=2")).json()
    assert ([one["name"] for one in listed["resources"]], listed["total"]) == (["a", "b"], 3)
    rest = (await api.get(f"/v1/resources?kind=Pod&cluster=production&pageSize=2&cursor={listed['nextCursor']}")).json()
    assert [one["name"] for one in rest["resources"]] == ["c"]
    assert (await api.get("/v1/resources?label=app:b")).json()["total"] == 1
    assert {(one["kind"], one.get("group")) for one in (await api.get("/v1/resources")).json()["resources"]} == {
        ("Pod", None),
        ("Deployment", "apps"),
    }
    one = await api.get(f"/v1/resources/{listed['resources'][0]['id']}")
    assert "name: a\n" in one.json()["manifest"] and "é" in one.json()["manifest"]
    for part in ("history", "events", "tree"):
        assert (await api.get(f"/v1/resources/{listed['resources'][0]['id']}/{part}")).status_code == 200
    counts = (await api.get("/v1/resources/counts")).json()
    assert counts["total"] == 4
    blind = await api.new_key(scopes={"resources:read"})
    assert "manifest" not in (await api.get(f"/v1/resources/{listed['resources'][0]['id']}", key=blind)).json()


@pytest.mark.parametrize("sort", ["name", "-name", "kind", "-kind", "namespace", "updatedAt", "createdAt", "-createdAt"])
async def test_cursors_walk_every_sort_of_resources(api: Api, sort: str) -> None:
    cluster_id = await api.new_cluster("production")
    await objects(api, cluster_id, "a", "b", "c")
    walked, cursor = [], ""
    for _ in range(3):
        page = (await api.get(f"/v1/resources?pageSize=1&sort={sort}{cursor}")).json()
        walked += [one["name"] for one in page["resources"]]
        cursor = f"&cursor={page.get('nextCursor', '')}"
    assert sorted(walked) == ["a", "b", "c"]


async def test_an_issue_that_changes_its_type_is_listed_under_the_new_one(api: Api) -> None:
    cluster_id = await seeded(api)
    probe = "LivenessProbeFailed"
    [before] = (await api.get("/v1/issues?type=CrashLoopBackOff")).json()["issues"]
    api.clock.advance(5)
    await observe(api, cluster_id, finding("web", api=api, severity=Severity.HIGH, type=probe, occurrence="2"))
    assert (await api.get("/v1/issues?type=CrashLoopBackOff")).json()["issues"] == []
    [after] = (await api.get(f"/v1/issues?type={probe}&status=open")).json()["issues"]
    assert (after["id"], after["type"]) == (before["id"], probe)
    log = await api.store.read(system(api.org), lambda tx: events.read_after(tx, 0))
    published = [(one.type, one.data.get("changes", {}).get("type")) for one in log if one.subject_id == before["id"]]
    assert published == [("issue.created", None), ("issue.updated", {"from": "CrashLoopBackOff", "to": probe})]
    activity = (await api.get(f"/v1/issues/{before['id']}/activity")).json()["activity"]
    assert ["CrashLoopBackOff", probe] in [one["detail"].get("type") for one in activity]
