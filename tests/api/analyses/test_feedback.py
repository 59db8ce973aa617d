"""Feedback on analyses over HTTP: one row for each person and analysis, the counts, and who sees what."""

from typing import Any

import pytest

from optral.flows.analysis.analyze import AnalysisWorker
from optral.terms.actor import Role
from tests.api.accounts import Browser, member
from tests.api.analyses.test_analyses import seeded
from tests.api.conftest import Api

NOBODY = "/v1/analyses/ana_01jd3q4m6ve5jt8cmykq3rzm0a/feedback"
NOT_HELPFUL = {"helpful": False, "reason": "wrongCause", "cause": "memory_leak", "comment": "it was a leak"}


async def analyzed(api: Api) -> str:
    """The address of the feedback on an analysis that is finished."""
    issue = await seeded(api)
    queued = (await api("POST", f"/v1/issues/{issue}/analyze")).json()["id"]
    await AnalysisWorker(api.store, api.clock).step()
    return f"/v1/analyses/{queued}/feedback"


async def counts(by: Api | Browser, query: str = "") -> dict[str, Any]:
    answer = await by.get(f"/v1/analyses/feedback{query}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_each_person_has_one_word_changes_it_and_takes_it_back(api: Api) -> None:
    path = await analyzed(api)
    other = await member(api, Role.OPERATOR, "op@example.org")
    assert (await api("PUT", path, json={"helpful": True})).json()["helpful"] == 1
    theirs = (await other("PUT", path, json=NOT_HELPFUL)).json()
    assert (theirs["helpful"], theirs["notHelpful"], theirs["own"]["reason"]) == (1, 1, "wrongCause")
    changed = (await api("PUT", path, json={"helpful": False})).json()
    assert (changed["helpful"], changed["notHelpful"]) == (0, 2)
    assert "reason" not in changed["own"]
    listed = (await api.get(path)).json()
    assert (listed["total"], [one["helpful"] for one in listed["feedback"]]) == (2, [False, False])
    assert {one["by"] for one in listed["feedback"]} == {changed["own"]["by"], theirs["own"]["by"]}
    gone = (await other("DELETE", path)).json()
    assert gone == {"helpful": 0, "notHelpful": 1}
    again = await other("DELETE", path)
    assert (again.status_code, again.json()["code"]) == (404, "feedback_not_found")


async def test_an_analysis_shows_the_counts_and_what_the_reader_said(api: Api) -> None:
    path = await analyzed(api)
    reader = await member(api, Role.VIEWER, "viewer@example.org")
    one = path.removesuffix("/feedback")
    before = await api.get(one)
    assert before.json()["feedback"] == {"helpful": 0, "notHelpful": 0}
    await api("PUT", path, json=NOT_HELPFUL)
    after = await api.get(one)
    assert after.headers["etag"] != before.headers["etag"]
    assert after.json()["feedback"]["own"]["comment"] == "it was a leak"
    assert (await reader.get(one)).json()["feedback"] == {"helpful": 0, "notHelpful": 1}
    issue = await api.get(f"/v1/issues/{after.json()['issueId']}")
    inline = issue.json()["analysis"]["feedback"]
    listed = (await api.get(f"/v1/issues/{after.json()['issueId']}/analyses")).json()["analyses"][0]["feedback"]
    assert inline == listed == after.json()["feedback"]
    assert (await reader("PUT", path, json={"helpful": True})).status_code == 403
    known = {"If-None-Match": issue.headers["etag"]}
    assert (await api.get(f"/v1/issues/{issue.json()['id']}", headers=known)).status_code == 304
    await api("DELETE", path)
    assert (await api.get(f"/v1/issues/{issue.json()['id']}", headers=known)).status_code == 200, "a browser would show the old counts"
    changed = await api(
        "PATCH", f"/v1/issues/{issue.json()['id']}", json={"status": "acknowledged"}, headers={"If-Match": known["If-None-Match"]}
    )
    assert changed.status_code == 200


async def test_an_api_key_speaks_for_the_person_who_created_it(api: Api) -> None:
    path = await analyzed(api)
    await api("PUT", path, json={"helpful": True})
    second = await api.new_key(scopes={"issues:read", "issues:analyze"})
    assert (await api("PUT", path, key=second, json={"helpful": False})).json()["notHelpful"] == 1
    assert (await api.get(path)).json()["total"] == 1


async def test_feedback_is_counted_by_type_and_cause_and_over_time(api: Api) -> None:
    path = await analyzed(api)
    other = await member(api, Role.OPERATOR, "op@example.org")
    await other("PUT", path, json={"helpful": True})
    api.clock.advance(3 * 24 * 3600)
    await api("PUT", path, json=NOT_HELPFUL)
    found = await counts(api)
    assert (found["helpful"], found["notHelpful"], found["range"], found["totalGroups"]) == (1, 1, "30d", 1)
    [group] = found["groups"]
    assert (group["issueType"], group["cause"], group["helpful"], group["notHelpful"]) == ("OOMKilled", "memory_limit_too_low", 1, 1)
    assert group["reasons"] == [{"reason": "wrongCause", "number": 1}]
    said = {position: one for position, one in enumerate(found["buckets"]) if one["helpful"] or one["notHelpful"]}
    assert [(one["helpful"], one["notHelpful"]) for one in said.values()] == [(1, 0), (0, 1)]
    first, last = said
    assert (last, last - first) == (29, 3)
    assert (await counts(api, "?range=24h"))["helpful"] == 0


async def test_a_key_sees_the_counts_of_its_clusters_only(api: Api) -> None:
    path = await analyzed(api)
    await api("PUT", path, json={"helpful": True})
    idle = await api.new_key(scopes={"issues:read", "issues:analyze"}, clusters={await api.new_cluster("idle")})
    assert (await api.get("/v1/analyses/feedback", key=idle)).json()["groups"] == []
    assert (await api.get(path, key=idle)).status_code == 404
    assert (await api("PUT", path, key=idle, json={"helpful": True})).status_code == 404
    assert (await counts(api, "?cluster=idle"))["helpful"] == 0
    assert (await counts(api, "?cluster=production"))["helpful"] == 1


async def test_each_change_is_an_event_and_a_record_and_a_repetition_is_neither(api: Api) -> None:
    path = await analyzed(api)
    for body in (NOT_HELPFUL, NOT_HELPFUL, {"helpful": True}):
        await api("PUT", path, json=body)
    await api("DELETE", path)
    sent = [one["data"] for one in (await api.get("/v1/events?types=analysis.feedback")).json()["events"]]
    assert sorted((one["helpful"], one["notHelpful"]) for one in sent) == [(0, 0), (0, 1), (1, 0)]
    assert {(one["issueType"], one["rootCause"]) for one in sent} == {("OOMKilled", "memory_limit_too_low")}
    assert not any("comment" in one or "by" in one for one in sent), "an event goes to everybody who follows; the text is read on request"
    recorded = (await api.get("/v1/audit?action=analysis.feedback,analysis.feedback_withdrawn")).json()["audit"]
    assert [one["summary"] for one in recorded] == ["withdrew their feedback on an analysis", *["rated an analysis"] * 2]


async def test_feedback_goes_with_its_cluster_and_with_time(api: Api) -> None:
    path = await analyzed(api)
    await api("PUT", path, json={"helpful": True})
    from optral.analysis import service as analyses
    from optral.terms import actor

    def delete(tx: Any) -> int:
        return analyses.delete_old_feedback(tx, before=tx.now, limit=10)

    assert await api.store.write(actor.system(), delete) == 0
    api.clock.advance(1)
    assert await api.store.write(actor.system(), delete) == 1
    assert (await api.get(path)).json()["total"] == 0


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"helpful": True}, 404, "analysis_not_found"),
        ({"helpful": "yes"}, 422, "invalid_body"),
        ({}, 422, "invalid_body"),
        ({"helpful": False, "reason": "banana"}, 422, "invalid_body"),
        ({"helpful": False, "cause": "Not A Cause"}, 422, "invalid_body"),
        ({"helpful": False, "comment": "x" * 2001}, 422, "invalid_body"),
    ],
)
async def test_refuses_what_cannot_be(api: Api, body: object, status: int, code: str) -> None:
    answer = await api("PUT", NOBODY, json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_refuses_what_says_nothing_about_this_analysis(api: Api) -> None:
    issue = await seeded(api)
    queued = (await api("POST", f"/v1/issues/{issue}/analyze")).json()["id"]
    path = f"/v1/analyses/{queued}/feedback"
    assert (await api("PUT", path, json={"helpful": True})).json()["code"] == "analysis_not_finished"
    await AnalysisWorker(api.store, api.clock).step()
    for body, code in (({"helpful": False, "cause": "gremlins"}, "unknown_cause"), (NOT_HELPFUL | {"helpful": True}, "reason_of_helpful")):
        answer = await api("PUT", path, json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, code)
