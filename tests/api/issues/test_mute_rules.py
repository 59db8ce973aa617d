"""Mute rules over HTTP: muted issues stay in lists and counts, and send no notifications until the rule ends."""

from datetime import timedelta
from typing import Any

import pytest

from optral.flows.issues.triage import TriageWorker
from tests.api.conftest import Api, another_organisation
from tests.api.issues.test_triage import history, later, names, news, patch, seeded
from tests.api.seeds import finding, observe


async def rule(api: Api, match: dict[str, Any], *, key: str = "", **more: Any) -> Any:
    body = {"match": match, "reason": "known", "expiresAt": later(api, days=7)} | more
    return await api("POST", "/v1/mute-rules", json=body, key=key)


async def test_a_rule_mutes_what_is_open_and_what_comes(api: Api) -> None:
    cluster_id, issue = await seeded(api)
    made = await rule(api, {"types": ["OOMKilled"], "names": ["a*", "new"], "clusters": ["production"], "namespaces": ["sh*"]})
    assert (made.status_code, made.json()["mutedIssues"]) == (201, 1)
    assert made.json()["match"]["clusters"] == [cluster_id]
    shown = (await api.get(f"/v1/issues/{issue['api']}")).json()
    assert (shown["substatus"], shown["status"], shown["muteRuleId"]) == ("muted", "open", made.json()["id"])
    await observe(api, cluster_id, finding("new", api=api), finding("other", api=api))
    assert await names(api, "muted=true") == {"api", "new"}
    assert await names(api, "muted=false&status=open") == {"web", "db", "other"}
    created = (await api.get("/v1/events?types=issue.created&pageSize=100")).json()["events"]
    assert [one["data"]["substatus"] for one in created if one["data"]["resource"].startswith("new-")] == ["muted"]
    [listed] = (await api.get("/v1/mute-rules")).json()["muteRules"]
    assert (listed["id"], listed["mutedIssues"], listed["reason"]) == (made.json()["id"], 2, "known")
    facets = (await api.get("/v1/issues/facets?status=open")).json()
    assert {one["value"]: one["count"] for one in facets["substatus"]}["muted"] == 2
    assert ("muted", "rule") in await history(api, issue["api"])


@pytest.mark.parametrize(
    ("match", "muted"),
    [
        ({"types": ["CrashLoopBackOff"]}, {"web"}),
        ({"types": ["CrashLoopBackOff", "OOMKilled"], "names": ["*b"]}, {"web", "db"}),
        ({"namespaces": ["shop"]}, {"api", "web", "db"}),
        ({"namespaces": ["sho"]}, set()),
        ({"names": ["*"], "kinds": ["StatefulSet"]}, set()),
        ({"kinds": ["Deployment"], "containers": ["a*p"]}, {"api", "web", "db"}),
        ({"labels": {"team": "pay"}}, {"db"}),
        ({"labels": {"team": "pay"}, "names": ["web"]}, set()),
        ({"names": ["a*a"]}, set()),
        ({"names": ["*a*p*i*"]}, {"api"}),
    ],
)
async def test_what_a_rule_is_about(api: Api, match: dict[str, Any], muted: set[str]) -> None:
    _, issue = await seeded(api)
    await patch(api, issue["db"], {"labels": {"team": "pay"}})
    assert (await rule(api, match)).json()["mutedIssues"] == len(muted)
    assert await names(api, "muted=true") == muted


async def test_a_label_brings_an_issue_under_a_rule_and_out_again(api: Api) -> None:
    _, issue = await seeded(api)
    await rule(api, {"labels": {"known": "yes"}})
    assert (await patch(api, issue["api"], {"labels": {"known": "yes"}})).json()["substatus"] == "muted"
    assert (await patch(api, issue["api"], {"labels": {"known": None}})).json()["substatus"] == "preexisting"
    assert [action for action, _ in await history(api, issue["api"])] == ["opened", "labelled", "muted", "labelled", "unmuted"]


async def test_an_expired_rule_lets_go_by_itself(api: Api) -> None:
    _, issue = await seeded(api)
    made = (await rule(api, {"names": ["api"]}, expiresAt=later(api, hours=1))).json()
    triage_worker = TriageWorker(api.store, api.clock)
    api.clock.advance(3600)
    while await triage_worker.step():
        api.clock.advance(6)
    assert await names(api, "muted=true") == set()
    assert (await api.get("/v1/mute-rules")).json()["total"] == 0
    ended = (await api.get(f"/v1/mute-rules/{made['id']}")).json()
    assert (ended["mutedIssues"], "endedAt" in ended) == (0, True)
    assert (await news(api))[-1]["changes"]["substatus"] == {"from": "muted", "to": "preexisting"}
    assert (await history(api, issue["api"]))[-1] == ("unmuted", "rule")


async def test_where_two_rules_overlap_the_other_goes_on(api: Api) -> None:
    _, issue = await seeded(api)
    first, second = (await rule(api, {"names": ["api"]})).json(), (await rule(api, {"types": ["OOMKilled"]})).json()
    assert (second["mutedIssues"], await names(api, "muted=true")) == (1, {"api", "db"})
    gone = await api("DELETE", f"/v1/mute-rules/{first['id']}", headers={"If-Match": '"v1"'})
    assert (gone.status_code, "endedAt" in gone.json()) == (200, True)
    assert (await api.get(f"/v1/issues/{issue['api']}")).json()["muteRuleId"] == second["id"]
    await api("DELETE", f"/v1/mute-rules/{second['id']}")
    assert await names(api, "muted=true") == set()
    assert (await api("DELETE", f"/v1/mute-rules/{second['id']}")).json()["code"] == "mute_rule_not_found"


async def test_many_issues_are_judged_bit_by_bit(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optral.flows.issues.triage.AT_ONCE", 2)
    cluster_id = await api.new_cluster("production")
    await observe(api, cluster_id, *(finding(f"w{n}", api=api) for n in range(7)))
    made = (await rule(api, {"names": ["w*"]})).json()
    assert made["mutedIssues"] == 2
    triage_worker = TriageWorker(api.store, api.clock)
    assert not await triage_worker.step(), "who read the rules before may still be writing"
    api.clock.advance(6)
    while await triage_worker.step():
        continue
    assert len(await names(api, "muted=true")) == 7
    await api("DELETE", f"/v1/mute-rules/{made['id']}")
    api.clock.advance(6)
    while await triage_worker.step():
        continue
    assert len(await names(api, "muted=false")) == 7


async def test_a_rule_gets_another_day_and_reason(api: Api) -> None:
    made = await rule(api, {"names": ["api"]})
    path = f"/v1/mute-rules/{made.json()['id']}"
    assert made.headers["location"] == path
    after = await api("PATCH", path, json={"reason": "still", "expiresAt": later(api, days=30)}, headers={"If-Match": made.headers["etag"]})
    assert (after.json()["reason"], after.json()["expiresAt"], after.json()["version"]) == ("still", later(api, days=30), 2)
    assert (await api("PATCH", path, json={"reason": "x"}, headers={"If-Match": made.headers["etag"]})).status_code == 412
    assert (await api("PATCH", path, json={"expiresAt": later(api, days=-1)})).json()["code"] == "invalid_mute_rule"
    assert (await api("PATCH", path, json={})).headers["etag"] == after.headers["etag"]
    api.clock.advance(timedelta(days=8).total_seconds())
    await TriageWorker(api.store, api.clock).step()
    assert (await api.get("/v1/mute-rules")).json()["total"] == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param({"match": {}}, "invalid_mute_rule", id="everything"),
        pytest.param({"match": {"names": []}}, "invalid_mute_rule", id="everything, in other words"),
        pytest.param({"match": {"names": ["*********"]}}, "invalid_mute_rule", id="too many stars"),
        pytest.param({"match": {"names": ["a b"]}}, "invalid_body", id="no pattern"),
        pytest.param({"match": {"clusters": ["nowhere"]}}, "unknown_cluster", id="unknown cluster"),
        pytest.param({"match": {"labels": {"a b": ""}}}, "invalid_request", id="no label"),
        pytest.param({"match": {"names": ["a"]}, "reason": " "}, "invalid_body", id="no reason"),
        pytest.param({"match": {"names": ["a"]}, "expiresAt": "2001-01-01T00:00:00Z"}, "invalid_mute_rule", id="over already"),
        pytest.param({"match": {"names": ["a"]}, "expiresAt": "2999-01-01T00:00:00Z"}, "invalid_mute_rule", id="for ever"),
        pytest.param({"match": {"names": ["a"]}, "expiresAt": None}, "invalid_body", id="no end"),
    ],
)
async def test_rules_that_cannot_be_are_refused(api: Api, body: dict[str, Any], code: str) -> None:
    whole = {"reason": "known", "expiresAt": later(api, days=7)} | body
    answer = await api("POST", "/v1/mute-rules", json=whole)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert (await api.get("/v1/mute-rules")).json()["total"] == 0


async def test_rules_are_bounded(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optral.issues.triage.mutes.MAX_RULES", 1)
    assert (await rule(api, {"names": ["a"]})).status_code == 201
    assert (await rule(api, {"names": ["a"]})).json()["code"] == "too_many_mute_rules"


async def test_a_rule_mutes_nothing_of_others_and_nobody_else_touches_it(api: Api) -> None:
    await seeded(api)
    stranger = await another_organisation(api)
    theirs = await api.new_key(maker=stranger)
    foreign = (await rule(api, {"namespaces": ["*"]}, key=theirs)).json()
    assert (foreign["mutedIssues"], await names(api, "muted=true")) == (0, set())
    path = f"/v1/mute-rules/{foreign['id']}"
    for method, body in (("GET", None), ("PATCH", {"reason": "x"}), ("DELETE", None)):
        assert (await api(method, path, json=body)).json()["code"] == "mute_rule_not_found"
    assert (await api.get("/v1/mute-rules")).json()["total"] == 0
    reader = await api.new_key(scopes={"issues:read"})
    assert (await rule(api, {"names": ["a"]}, key=reader)).status_code == 403


async def test_a_key_limited_to_clusters_mutes_in_those_alone(api: Api) -> None:
    _, _ = await seeded(api)
    elsewhere = await api.new_cluster("elsewhere")
    key = await api.new_key(clusters={elsewhere})
    assert (await rule(api, {"names": ["api"]}, key=key)).json()["code"] == "beyond_own_clusters"
    assert (await rule(api, {"clusters": ["production"]}, key=key)).json()["code"] == "unknown_cluster"
    own = await rule(api, {"clusters": ["elsewhere"]}, key=key)
    assert own.status_code == 201
    wide = (await rule(api, {"names": ["api"]})).json()
    assert {one["id"] for one in (await api.get("/v1/mute-rules", key=key)).json()["muteRules"]} == {own.json()["id"], wide["id"]}
    assert (await api("DELETE", f"/v1/mute-rules/{wide['id']}", key=key)).status_code == 403
    assert (await api("DELETE", f"/v1/mute-rules/{own.json()['id']}", key=key)).status_code == 200
