"""What people do with issues over HTTP: snooze, assign, label, comment, many at once, and find them again."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from optral.flows.issues.triage import TriageWorker
from optral.terms import ids
from optral.terms.actor import Role
from optral.terms.severity import Severity
from tests.api.accounts import member, signed_in
from tests.api.conftest import Api, another_organisation
from tests.api.seeds import finding, observe


async def seeded(api: Api) -> tuple[str, dict[str, str]]:
    """A cluster with three issues, and their ids by workload."""
    cluster_id = await api.new_cluster("production")
    await observe(
        api,
        cluster_id,
        finding("api", api=api, severity=Severity.HIGH),
        finding("web", api=api, severity=Severity.HIGH, type="CrashLoopBackOff"),
        finding("db", api=api, severity=Severity.LOW),
    )
    return cluster_id, {one["owner"]["name"]: one["id"] for one in (await api.get("/v1/issues")).json()["issues"]}


async def patch(api: Api, issue: str, body: dict[str, Any], **more: Any) -> Any:
    return await api("PATCH", f"/v1/issues/{issue}", json=body, **more)


async def names(api: Api, query: str) -> set[str]:
    listed = (await api.get(f"/v1/issues?{query}")).json()
    assert listed["total"] == len(listed["issues"])
    return {one["owner"]["name"] for one in listed["issues"]}


async def news(api: Api) -> list[dict[str, Any]]:
    """The events about changes of issues, oldest first."""
    events = (await api.get("/v1/events?types=issue.updated&pageSize=100")).json()["events"]
    return [one["data"] for one in sorted(events, key=lambda one: int(one["id"]))]


async def history(api: Api, issue: str) -> list[tuple[str, str]]:
    acts = (await api.get(f"/v1/issues/{issue}/activity?pageSize=100")).json()["activity"]
    return [(one["action"], one["actorKind"]) for one in acts]


def later(api: Api, **span: float) -> str:
    moment: datetime = api.clock.now() + timedelta(**span)
    return moment.isoformat().replace("+00:00", "Z")


async def test_a_snooze_until_a_time_ends_by_itself(api: Api) -> None:
    _, issue = await seeded(api)
    done = await patch(api, issue["api"], {"snooze": {"until": later(api, hours=1)}})
    assert (done.status_code, done.json()["substatus"], done.json()["status"]) == (200, "snoozed", "open")
    assert done.json()["snooze"]["until"] == later(api, hours=1)
    assert await names(api, "snoozed=true") == {"api"}
    assert await names(api, "snoozed=false") == {"web", "db"}
    triage_worker = TriageWorker(api.store, api.clock)
    api.clock.advance(3599)
    await triage_worker.step()
    assert await names(api, "snoozed=true") == {"api"}
    api.clock.advance(1)
    await triage_worker.step()
    await triage_worker.step()
    after = (await api.get(f"/v1/issues/{issue['api']}")).json()
    assert ("snooze" in after, after["substatus"]) == (False, "preexisting")
    first, second = await news(api)
    assert first["changes"]["substatus"] == {"from": "preexisting", "to": "snoozed"}
    assert second["changes"]["substatus"] == {"from": "snoozed", "to": "preexisting"}
    assert (await history(api, issue["api"]))[-2:] == [("snoozed", "key"), ("woke", "system")]


async def test_a_snooze_ends_with_the_nth_happening(api: Api) -> None:
    cluster_id, issue = await seeded(api)
    shown = (await patch(api, issue["api"], {"snooze": {"occurrences": 2}})).json()["snooze"]
    assert (shown["occurrences"], shown["occurrencesLeft"]) == (2, 2)
    for expected in ("snoozed", "preexisting"):
        api.clock.advance(1)
        await observe(api, cluster_id, finding("api", api=api, severity=Severity.HIGH, occurrence=api.clock.now().isoformat()))
        assert (await api.get(f"/v1/issues/{issue['api']}")).json()["substatus"] == expected
    assert ("woke", "detector") in await history(api, issue["api"])


async def test_a_snooze_ends_when_it_gets_worse(api: Api) -> None:
    cluster_id, issue = await seeded(api)
    await patch(api, issue["api"], {"snooze": {"severityRises": True, "until": later(api, days=30)}})
    api.clock.advance(1)
    await observe(api, cluster_id, finding("api", api=api, severity=Severity.CRITICAL))
    after = (await api.get(f"/v1/issues/{issue['api']}")).json()
    assert (after["severity"], after["substatus"]) == ("critical", "escalating")


@pytest.mark.parametrize(
    "snooze",
    [
        pytest.param({}, id="nothing ends it"),
        pytest.param({"until": "2001-01-01T00:00:00Z"}, id="over already"),
        pytest.param({"until": "2999-01-01T00:00:00Z"}, id="for ever"),
        pytest.param({"occurrences": 0}, id="no occurrence"),
    ],
)
async def test_a_snooze_that_cannot_be_is_refused(api: Api, snooze: dict[str, Any]) -> None:
    _, issue = await seeded(api)
    assert (await patch(api, issue["api"], {"snooze": snooze})).status_code == 422
    assert await names(api, "snoozed=true") == set()


async def test_snoozes_are_taken_back_and_end_with_the_issue(api: Api) -> None:
    _, issue = await seeded(api)
    wish = {"snooze": {"occurrences": 5}}
    await patch(api, issue["api"], wish)
    assert (await patch(api, issue["api"], {"snooze": None})).json()["substatus"] == "preexisting"
    await patch(api, issue["api"], wish)
    assert "snooze" not in (await patch(api, issue["api"], {"status": "resolved"})).json()
    assert (await patch(api, issue["api"], wish)).json()["code"] == "issue_resolved"


async def test_an_issue_is_given_to_somebody_and_found_by_that(api: Api) -> None:
    _, issue = await seeded(api)
    owner, viewer = await signed_in(api), await member(api, Role.VIEWER, "v@example.org")
    mine = (await owner.get("/v1/me")).json()["member"]["id"]
    theirs = (await viewer.get("/v1/me")).json()["member"]["id"]
    assert (await patch(api, issue["api"], {"assignee": "me"})).json()["assignee"] == mine, "a key acts for who made it"
    await patch(api, issue["web"], {"assignee": theirs})
    assert await names(api, "assignee=me") == {"api"}
    assert await names(api, f"assignee={theirs},none") == {"web", "db"}
    assert await names(api, "assignee=none") == {"db"}
    assert "assignee" not in (await patch(api, issue["api"], {"assignee": None})).json()
    stranger = await another_organisation(api)
    for nobody in (ids.new("usr"), "x", stranger.id):
        assert (await patch(api, issue["api"], {"assignee": nobody})).json()["code"] == "unknown_member"
    assert (await viewer("PATCH", f"/v1/issues/{issue['db']}", json={"assignee": "me"})).status_code == 403
    assert (await news(api))[0]["changes"]["assignee"] == {"from": None, "to": mine}


async def test_a_severity_that_somebody_has_set_holds_until_it_is_changed_again(api: Api) -> None:
    cluster_id, issue = await seeded(api)
    done = (await patch(api, issue["api"], {"severity": "low"})).json()
    assert (done["severity"], done["computedSeverity"]) == ("low", "high")
    assert done["severitySetBy"]
    [event] = (await api.get("/v1/events?types=issue.updated")).json()["events"]
    assert event["data"]["changes"]["severity"] == {"from": "high", "to": "low"}
    assert (await patch(api, issue["api"], {"severity": "low"})).json()["version"] == done["version"]
    assert await names(api, "severity=low") == {"api", "db"}

    api.clock.advance(60)
    await observe(api, cluster_id, finding("api", api=api, severity=Severity.CRITICAL))
    worse = (await api.get(f"/v1/issues/{issue['api']}")).json()
    assert (worse["severity"], worse["computedSeverity"], worse["substatus"]) == ("low", "critical", "preexisting")
    await patch(api, issue["api"], {"status": "resolved"})
    assert (await patch(api, issue["api"], {"status": "open"})).json()["severity"] == "low"

    back = (await patch(api, issue["api"], {"severity": None})).json()
    assert (back["severity"], back.get("severitySetBy"), back.get("computedSeverity")) == ("critical", None, None)
    assert [action for action, _ in await history(api, issue["api"])][:2] == ["opened", "severity_set"]
    assert (await history(api, issue["api"]))[-1][0] == "severity_reset"
    assert (await patch(api, issue["api"], {"severity": "urgent"})).status_code == 422


async def test_nobody_looks_after_the_issues_of_who_has_left(api: Api) -> None:
    _, issue = await seeded(api)
    owner, operator = await signed_in(api), await member(api, Role.OPERATOR, "op@example.org")
    theirs = (await operator.get("/v1/me")).json()["member"]["id"]
    for name in ("api", "web"):
        await operator("PATCH", f"/v1/issues/{issue[name]}", json={"assignee": "me"})
    assert (await owner("DELETE", f"/v1/members/{theirs}")).status_code == 200
    assert await names(api, "assignee=none") == {"api", "web", "db"}
    assert (await history(api, issue["web"]))[-1] == ("unassigned", "person")


async def test_labels_are_put_over_each_other_and_taken_away(api: Api) -> None:
    _, issue = await seeded(api)
    await patch(api, issue["api"], {"labels": {"team": "pay", "app.example.org/tier": "1"}})
    after = await patch(api, issue["api"], {"labels": {"team": "shop", "app.example.org/tier": None, "x": ""}})
    assert after.json()["labels"] == {"team": "shop", "x": ""}
    await patch(api, issue["web"], {"labels": {"team": "shop"}})
    assert await names(api, "label=team:shop") == {"api", "web"}
    assert await names(api, "label=team:shop,x:") == {"api"}
    assert await names(api, "label=team:pay") == set()
    facets = (await api.get("/v1/issues/facets")).json()
    assert {one["value"]: one["count"] for one in facets["label"]} == {"team:shop": 2, "x:": 1}
    assert (await patch(api, issue["api"], {"status": None})).status_code == 422, "null takes no status away"
    for bad in ({"a b": "c"}, {"a": "c d"}, {"": "x"}, {f"k{n}": "" for n in range(33)}):
        assert (await patch(api, issue["api"], {"labels": bad})).status_code == 422


async def test_one_change_is_one_version_and_one_event(api: Api) -> None:
    _, issue = await seeded(api)
    seen = await api.get(f"/v1/issues/{issue['api']}")
    body = {"status": "acknowledged", "assignee": "me", "labels": {"a": "b"}, "snooze": {"occurrences": 3}}
    done = await patch(api, issue["api"], body, headers={"If-Match": seen.headers["etag"]})
    assert done.json()["version"] == seen.json()["version"] + 1
    [told] = await news(api)
    assert set(told["changes"]) == {"status", "assignee", "labels", "snooze", "substatus"}
    assert (await patch(api, issue["api"], {"assignee": None}, headers={"If-Match": seen.headers["etag"]})).status_code == 412
    for nothing in ({}, {"status": "acknowledged", "labels": {"a": "b"}}, {"assignee": "me"}):
        assert (await patch(api, issue["api"], nothing)).json()["version"] == done.json()["version"], nothing
    assert len(await news(api)) == 1
    actions = [action for action, _ in await history(api, issue["api"])]
    assert actions == ["opened", "acknowledged", "assigned", "labelled", "snoozed"]


async def test_filters_and_facets_of_care(api: Api) -> None:
    _, issue = await seeded(api)
    await patch(api, issue["api"], {"snooze": {"occurrences": 3}, "assignee": "me"})
    assert await names(api, "substatus=snoozed") == {"api"}
    assert await names(api, "substatus=preexisting,snoozed") == {"api", "web", "db"}
    assert await names(api, "category=resources&kind=Deployment&container=app") == {"api", "web", "db"}
    assert await names(api, "kind=StatefulSet") == set()
    assert await names(api, "parent=none&muted=false") == {"api", "web", "db"}
    assert await names(api, f"parent={issue['api']}") == set()
    facets = (await api.get("/v1/issues/facets?status=open")).json()
    assert {one["value"]: one["count"] for one in facets["substatus"]} == {"preexisting": 2, "snoozed": 1}
    assert [one["count"] for one in facets["assignee"] if one["value"] == "none"] == [2]
    assert facets["category"] == [{"value": "resources", "count": 3}]
    assert (await api.get("/v1/issues?substatus=asleep")).status_code == 400


async def test_many_are_changed_at_once_each_on_its_own(api: Api) -> None:
    _, issue = await seeded(api)
    await patch(api, issue["db"], {"status": "resolved"})
    absent = ids.new("iss")
    wanted = {"ids": [issue["api"], absent, issue["web"], issue["db"], issue["api"]], "change": {"status": "acknowledged"}}
    headers = {"Idempotency-Key": "once"}
    done = (await api("POST", "/v1/issues/bulk", json=wanted, headers=headers)).json()
    assert [(one["id"], one["result"], one.get("code")) for one in done["results"]] == [
        (issue["api"], "changed", None),
        (absent, "refused", "issue_not_found"),
        (issue["web"], "changed", None),
        (issue["db"], "refused", "issue_resolved"),
    ]
    assert (done["changed"], done["unchanged"], done["refused"]) == (2, 0, 2)
    assert (await api("POST", "/v1/issues/bulk", json=wanted, headers=headers)).headers["idempotent-replayed"] == "true"
    again = (await api("POST", "/v1/issues/bulk", json=wanted)).json()
    assert (again["changed"], again["unchanged"]) == (0, 2)
    assert await names(api, "status=acknowledged") == {"api", "web"}
    invalid: list[dict[str, Any]] = [
        {"ids": [], "change": {}},
        {"ids": ["x"], "change": {}},
        {"ids": [absent] * 501, "change": {}},
        {"ids": [absent]},
    ]
    for body in invalid:
        assert (await api("POST", "/v1/issues/bulk", json=body)).status_code == 422


async def bulk(api: Api, body: dict[str, Any], **more: Any) -> Any:
    return await api("POST", "/v1/issues/bulk", json=body, **more)


async def test_all_that_a_query_finds_are_changed(api: Api) -> None:
    _, issue = await seeded(api)
    wanted = {"query": "severity:high status:open", "expected": 2, "change": {"status": "acknowledged"}}
    done = (await bulk(api, wanted, headers={"Idempotency-Key": "once"})).json()
    assert (done["matching"], done["changed"], "nextCursor" in done) == (2, 2, False)
    assert {one["id"] for one in done["results"]} == {issue["api"], issue["web"]}
    assert (await bulk(api, wanted, headers={"Idempotency-Key": "once"})).json() == done
    assert await names(api, "status=acknowledged") == {"api", "web"}
    [record] = (await api.get("/v1/audit?action=issue.bulk")).json()["audit"]
    assert record["detail"]["query"] == "severity:high status:open"


async def test_another_number_than_was_seen_changes_nothing(api: Api) -> None:
    await seeded(api)
    refused = await bulk(api, {"query": "ns:shop", "expected": 2, "change": {"status": "resolved"}})
    assert (refused.status_code, refused.json()["code"]) == (409, "issue_count_changed")
    assert refused.json()["detail"] == "3 issues match now, not 2; nothing was changed"
    assert await names(api, "status=resolved") == set()


async def test_many_that_match_are_changed_in_parts(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optral.api.issues.triage.MAX_BULK", 2)
    cluster_id, _ = await seeded(api)
    wanted: dict[str, Any] = {"query": "status:open", "expected": 3, "change": {"status": "acknowledged"}}
    first = (await bulk(api, wanted)).json()
    await observe(api, cluster_id, finding("late", api=api))
    second = (await bulk(api, {**wanted, "cursor": first["nextCursor"]})).json()
    assert (first["matching"], first["changed"], second["changed"], "matching" in second, "nextCursor" in second) == (3, 2, 1, False, False)
    assert await names(api, "status=open") == {"late"}, "what opened after the first request is left alone"


async def test_too_many_at_once_are_refused(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optral.api.issues.triage.MOST_COUNTED", 2)
    await seeded(api)
    refused = await bulk(api, {"query": "ns:shop", "change": {"status": "resolved"}})
    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_issues")
    assert await names(api, "status=resolved") == set()


async def test_a_bulk_change_by_query_needs_a_query_and_nothing_else(api: Api) -> None:
    _, issue = await seeded(api)
    change = {"status": "resolved"}
    for body, field in (
        ({}, "query"),
        ({"ids": [issue["api"]], "query": "ns:shop"}, "query"),
        ({"ids": [issue["api"]], "expected": 1}, "expected"),
    ):
        refused = await bulk(api, {**body, "change": change})
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field)
    bad = await bulk(api, {"query": "severty:high", "change": change})
    assert (bad.status_code, bad.json()["code"], bad.json()["errors"][0]["field"]) == (400, "bad_query", "query")
    assert (await bulk(api, {"query": "ns:shop", "cursor": "x", "change": change})).status_code == 422
    assert (await bulk(api, {"query": "ns:nowhere", "expected": 0, "change": change})).json()["results"] == []
    assert await names(api, "status=resolved") == set()


async def test_a_query_changes_nothing_beyond_the_clusters_of_a_key(api: Api) -> None:
    first, _ = await seeded(api)
    other = await api.new_cluster("staging")
    await observe(api, other, finding("elsewhere", api=api))
    key = await api.new_key(clusters={first})
    done = (await bulk(api, {"query": "status:open", "expected": 3, "change": {"status": "resolved"}}, key=key)).json()
    assert (done["changed"], done["refused"]) == (3, 0)
    assert await names(api, "status=open") == {"elsewhere"}


async def test_comments_are_said_changed_and_taken_back(api: Api) -> None:
    _, issue = await seeded(api)
    owner, operator = await signed_in(api), await member(api, Role.OPERATOR, "op@example.org")
    path = f"/v1/issues/{issue['api']}/comments"
    first = await api("POST", path, json={"body": "looking at it"})
    assert (first.status_code, first.json()["author"], first.json()["keyId"][:4]) == (201, "owner@example.org", "key_")
    second = (await operator("POST", path, json={"body": "me too\n<b>"})).json()
    assert ("keyId" in second, second["author"], second["body"]) == (False, "op@example.org", "me too\n<b>")
    assert (await api.get(f"/v1/issues/{issue['api']}")).json()["commentCount"] == 2
    listed = (await api.get(f"{path}?sort=-at&pageSize=1")).json()
    assert ([one["id"] for one in listed["comments"]], listed["total"]) == ([second["id"]], 2)
    rest = (await api.get(f"{path}?sort=-at&pageSize=1&cursor={listed['nextCursor']}")).json()
    assert [one["id"] for one in rest["comments"]] == [first.json()["id"]]
    assert (await owner("PATCH", f"{path}/{second['id']}", json={"body": "mine"})).json()["code"] == "not_your_comment"
    changed = (await operator("PATCH", f"{path}/{second['id']}", json={"body": "me three"})).json()
    assert (changed["body"], "editedAt" in changed) == ("me three", True)
    assert (await operator("DELETE", f"{path}/{first.json()['id']}")).status_code == 403
    assert (await owner("DELETE", f"{path}/{second['id']}")).status_code == 200, "an owner may"
    assert (await operator("DELETE", f"{path}/{second['id']}")).json()["code"] == "comment_not_found"
    assert [one["changes"]["commentCount"] for one in await news(api)] == [
        {"from": 0, "to": 1},
        {"from": 1, "to": 2},
        {"from": 2, "to": 2},
        {"from": 2, "to": 1},
    ]
    for bad in ("", "  ", "x" * 10_001):
        assert (await api("POST", path, json={"body": bad})).status_code == 422


async def test_the_history_is_paged_both_ways(api: Api) -> None:
    _, issue = await seeded(api)
    for status in ("acknowledged", "open", "resolved", "open"):
        await patch(api, issue["api"], {"status": status})
    path = f"/v1/issues/{issue['api']}/activity"
    whole = [one["action"] for one in (await api.get(path)).json()["activity"]]
    assert whole == ["opened", "acknowledged", "unacknowledged", "resolved", "reopened"]
    walked, cursor = [], ""
    for _ in range(3):
        page = (await api.get(f"{path}?sort=-at&pageSize=2{cursor}")).json()
        walked += [one["action"] for one in page["activity"]]
        cursor = f"&cursor={page.get('nextCursor', '')}"
    assert (walked, page["total"], "nextCursor" in page) == (whole[::-1], 5, False)
    first = (await api.get(path)).json()["activity"][0]
    assert (first["actorKind"], first["actorId"]) == ("detector", "OOMKilled")


async def test_others_see_and_touch_nothing(api: Api) -> None:
    _, issue = await seeded(api)
    said = (await api("POST", f"/v1/issues/{issue['api']}/comments", json={"body": "ours"})).json()["id"]
    before = (await api.get(f"/v1/issues/{issue['api']}")).json()
    stranger = await api.new_key(maker=await another_organisation(api))
    blind = await api.new_key(clusters={await api.new_cluster("elsewhere")})
    one = f"/v1/issues/{issue['api']}"
    for key in (stranger, blind):
        asked: list[tuple[str, str, Any]] = [
            ("PATCH", one, {"assignee": "me", "labels": {"a": "b"}, "snooze": {"occurrences": 1}}),
            ("GET", f"{one}/activity", None),
            ("GET", f"{one}/comments", None),
            ("POST", f"{one}/comments", {"body": "theirs"}),
            ("PATCH", f"{one}/comments/{said}", {"body": "theirs"}),
            ("DELETE", f"{one}/comments/{said}", None),
        ]
        for method, path, body in asked:
            answer = await api(method, path, key=key, json=body)
            assert (answer.status_code, answer.json()["code"]) == (404, "issue_not_found"), (method, path)
        bulk = await api("POST", "/v1/issues/bulk", key=key, json={"ids": [issue["api"]], "change": {"status": "resolved"}})
        assert [one["code"] for one in bulk.json()["results"]] == ["issue_not_found"]
        facets = (await api.get("/v1/issues/facets", key=key)).json()
        assert all(not values for values in facets.values())
    assert (await api.get(one)).json() == before
    reader = await api.new_key(scopes={"issues:read"})
    for method, path, body in (("PATCH", one, {}), ("POST", f"{one}/comments", {"body": "x"}), ("POST", "/v1/issues/bulk", None)):
        assert (await api(method, path, key=reader, json=body)).status_code == 403
