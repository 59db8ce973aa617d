"""Saved views over HTTP: own and shared ones, who sees and changes them, their limits, and how many open issues each has."""

import asyncio
from typing import Any

import pytest

from optral.terms.actor import Role
from tests.api.accounts import Browser, member
from tests.api.conftest import Api, another_organisation
from tests.api.issues.test_triage import patch, seeded


async def save(by: Api | Browser, name: str, query: str = "severity:critical", **more: Any) -> Any:
    return await by("POST", "/v1/views", json={"name": name, "query": query} | more)


async def seen(by: Api | Browser) -> list[str]:
    return [one["name"] for one in (await by.get("/v1/views")).json()["views"]]


async def test_a_view_is_kept_changed_and_deleted(api: Api) -> None:
    made = await save(api, " Critical ", "severity:critical ns:shop", sort="detectedAt")
    assert made.status_code == 201, made.text
    shown = made.json()
    assert (shown["name"], shown["query"], shown["sort"]) == ("Critical", "severity:critical ns:shop", "detectedAt")
    assert (shown["shared"], shown["isOwn"], shown["openIssues"], shown["version"]) == (False, True, 0, 1)
    path = f"/v1/views/{shown['id']}"
    changed = await api("PATCH", path, json={"name": "Worst"}, headers={"If-Match": made.headers["etag"]})
    assert (changed.json()["name"], changed.json()["query"], changed.json()["version"]) == ("Worst", "severity:critical ns:shop", 2)
    stale = await api("PATCH", path, json={"name": "Other"}, headers={"If-Match": made.headers["etag"]})
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")
    assert await seen(api) == ["Worst"]
    assert (await api("DELETE", path)).json()["name"] == "Worst"
    assert (await api("DELETE", path)).json()["code"] == "view_not_found"
    assert await seen(api) == []


async def test_a_view_counts_the_open_issues_that_its_query_finds(api: Api) -> None:
    _, issue = await seeded(api)
    for name, query in (
        ("all", "ns:shop"),
        ("api", "owner:api"),
        ("resolved", "status:resolved"),
        ("not open", "-status:open"),
        ("text", "api"),
    ):
        assert (await save(api, name, query)).status_code == 201
    await patch(api, issue["api"], {"status": "acknowledged"})
    await patch(api, issue["web"], {"status": "resolved"})
    counts = {one["name"]: one["openIssues"] for one in (await api.get("/v1/views")).json()["views"]}
    assert counts == {"all": 2, "api": 1, "resolved": 0, "not open": 1, "text": 1}


async def test_mine_is_whose_key_asks(api: Api) -> None:
    _, issue = await seeded(api)
    await patch(api, issue["api"], {"assignee": "me"})
    assert (await save(api, "Mine", "assignee:me", shared=True)).json()["openIssues"] == 1
    other = await member(api, Role.OPERATOR, "op@example.org")
    [listed] = (await other.get("/v1/views")).json()["views"]
    assert (listed["openIssues"], listed["isOwn"]) == (0, False)


async def test_own_views_are_seen_by_their_owner_alone_and_shared_ones_by_everybody(api: Api) -> None:
    operator, viewer = await member(api, Role.OPERATOR, "op@example.org"), await member(api, Role.VIEWER, "view@example.org")
    own = (await save(operator, "Own")).json()
    await save(operator, "Shared", shared=True)
    assert await seen(operator) == ["Own", "Shared"]
    assert await seen(viewer) == ["Shared"]
    for method in ("PATCH", "DELETE"):
        answer = await viewer(method, f"/v1/views/{own['id']}", **({"json": {"name": "x"}} if method == "PATCH" else {}))
        assert (answer.status_code, answer.json()["code"]) == (404, "view_not_found")
    assert await seen(operator) == ["Own", "Shared"]


async def test_a_viewer_keeps_own_views_and_shares_none(api: Api) -> None:
    viewer = await member(api, Role.VIEWER, "view@example.org")
    own = (await save(viewer, "Own")).json()
    shared = (await save(api, "Shared", shared=True)).json()
    assert (await viewer("PATCH", f"/v1/views/{own['id']}", json={"name": "Renamed"})).status_code == 200
    for answer in (
        await save(viewer, "More", shared=True),
        await viewer("PATCH", f"/v1/views/{own['id']}", json={"shared": True}),
        await viewer("PATCH", f"/v1/views/{shared['id']}", json={"name": "Taken over"}),
        await viewer("DELETE", f"/v1/views/{shared['id']}"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "missing_scope")
    assert await seen(viewer) == ["Renamed", "Shared"]


async def test_a_shared_view_is_changed_by_others_and_made_private_by_its_owner_alone(api: Api) -> None:
    operator = await member(api, Role.OPERATOR, "op@example.org")
    path = f"/v1/views/{(await save(operator, 'Shared', shared=True)).json()['id']}"
    assert (await api("PATCH", path, json={"query": "ns:shop", "shared": True})).json()["query"] == "ns:shop"
    refused = await api("PATCH", path, json={"shared": False})
    assert (refused.status_code, refused.json()["code"]) == (403, "view_of_another")
    assert (await operator("PATCH", path, json={"shared": False})).json()["shared"] is False
    assert await seen(api) == []


@pytest.mark.parametrize(
    ("query", "expected"), [("severty:high", "character 1"), ("ns:", "character"), ("severity:urgent", "critical, high, medium, low")]
)
async def test_a_query_that_cannot_be_read_is_refused_with_its_position(api: Api, query: str, expected: str) -> None:
    kept = (await save(api, "Kept")).json()
    for answer in (await save(api, "New", query), await api("PATCH", f"/v1/views/{kept['id']}", json={"query": query})):
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_query")
        [error] = answer.json()["errors"]
        assert error["field"] == "query"
        assert expected in error["message"]
    assert await seen(api) == ["Kept"]


async def test_names_are_unique_among_own_and_among_shared_views(api: Api) -> None:
    own = (await save(api, "Critical")).json()
    taken = await save(api, "CRITICAL")
    assert (taken.status_code, taken.json()["code"]) == (409, "view_name_taken")
    assert (await save(api, "Critical", shared=True)).status_code == 201
    sharing = await api("PATCH", f"/v1/views/{own['id']}", json={"shared": True})
    assert (sharing.status_code, sharing.json()["code"]) == (409, "view_name_taken")
    assert (await api("PATCH", f"/v1/views/{own['id']}", json={"name": "critical"})).status_code == 200


async def test_a_view_is_renamed_by_the_rules_of_a_new_one(api: Api) -> None:
    own = (await save(api, "Critical")).json()
    await save(api, "Worst")
    path = f"/v1/views/{own['id']}"
    assert (await api("PATCH", path, json={"name": "   "})).json()["code"] == "invalid_name"
    assert (await api("PATCH", path, json={"name": " Worst "})).json()["code"] == "view_name_taken"
    assert (await api("PATCH", path, json={"name": " Mine "})).json()["name"] == "Mine"


@pytest.mark.parametrize("shared", [False, True])
async def test_of_views_of_one_name_that_are_made_at_once_one_is_kept(api: Api, shared: bool) -> None:
    for number in range(3):
        answers = await asyncio.gather(*(save(api, f"View {number}", shared=shared) for _ in range(6)))
        assert sorted(one.status_code for one in answers) == [201] + [409] * 5


@pytest.mark.parametrize("shared", [False, True])
async def test_there_are_at_most_50_views_of_a_person_and_50_shared_ones(api: Api, shared: bool) -> None:
    for number in range(50):
        assert (await save(api, f"View {number}", shared=shared)).status_code == 201
    refused = await save(api, "One more", shared=shared)
    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_views")
    assert (await save(api, "One more", shared=not shared)).status_code == 201


async def test_another_organization_sees_and_changes_none(api: Api) -> None:
    made = (await save(api, "Shared", shared=True)).json()
    key = await api.new_key(maker=await another_organisation(api))
    assert (await api.get("/v1/views", key=key)).json()["views"] == []
    for answer in (
        await api("PATCH", f"/v1/views/{made['id']}", json={"name": "x"}, key=key),
        await api("DELETE", f"/v1/views/{made['id']}", key=key),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "view_not_found")


async def test_who_leaves_takes_own_views_along_and_leaves_the_shared_ones(api: Api) -> None:
    operator = await member(api, Role.OPERATOR, "op@example.org")
    own = (await save(operator, "Own")).json()
    await save(operator, "Shared", shared=True)
    browser = await member(api, Role.ADMIN, "admin@example.org")
    gone = await browser("DELETE", f"/v1/members/{own['ownerId']}")
    assert gone.status_code == 200, gone.text
    [shared] = (await api.get("/v1/views")).json()["views"]
    assert shared["name"] == "Shared"
    assert (await api("DELETE", f"/v1/views/{shared['id']}")).status_code == 200


async def test_changes_are_in_the_audit_log(api: Api) -> None:
    path = f"/v1/views/{(await save(api, 'Worst')).json()['id']}"
    await api("PATCH", path, json={"name": "Worst"})  # nothing changes
    await api("PATCH", path, json={"name": "Best"})
    await api("DELETE", path)
    records = (await api.get("/v1/audit?sort=at&pageSize=100")).json()["audit"]
    assert [one["action"] for one in records if one["action"].startswith("view.")] == ["view.create", "view.update", "view.delete"]
