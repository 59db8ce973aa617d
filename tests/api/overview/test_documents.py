"""Post-mortem, change record and handover over HTTP, for whoever asks: what they say, and what they do not show."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from optral.flows.documents import handover
from optral.terms.severity import Severity
from tests.api.analyses.test_analyses import seeded, working
from tests.api.conftest import Api
from tests.api.runbooks.test_fix import fixed
from tests.api.seeds import alerted, finding, observe
from tests.api.test_bound_members import World, world as world
from tests.flows.executions.shop import Shop


async def document(api: Api, path: str, **more: Any) -> dict[str, Any]:
    answer = await api.get(path, **more)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def section(found: Mapping[str, Any], key: str) -> dict[str, Any]:
    one: dict[str, Any] = next(one for one in found["sections"] if one["key"] == key)
    return one


def texts(found: Mapping[str, Any], key: str) -> list[str]:
    return [one["text"] for one in section(found, key)["facts"]]


async def test_a_post_mortem_tells_an_incident_from_its_records(api: Api, shop: Shop) -> None:
    issue_id, done = await fixed(shop)
    await alerted(api, shop.cluster_id, "web-1")
    await api("PATCH", f"/v1/issues/{issue_id}", json={"status": "acknowledged", "assignee": shop.owner.id})
    await api("POST", f"/v1/issues/{issue_id}/comments", json={"body": "[click](javascript:alert(1)) it was the cache"})
    shop.clock.advance(301)
    await shop.observe(shown=False)
    found = await document(api, f"/v1/issues/{issue_id}/post-mortem")
    assert (found["kind"], found["subjectId"], found["title"]) == (
        "postMortem",
        issue_id,
        "Post-mortem: Container api was killed at its memory limit",
    )
    said = texts(found, "timeline")
    steps = ("opened the issue", "requested the runbook", "waited for approval", "approved the plan", "changes of", "ended: succeeded, ver")
    places = [next(number for number, text in enumerate(said) if step in text) for step in (*steps, "resolved it: recovered")]
    assert places == sorted(places), said
    assert "The alert `web-1 is down` started." in said and "assigned it to `owner@example.org`." in "".join(said)
    assert "Runbook `raise-memory-limit` version 3 on `Deployment shop/web` in `prod`: succeeded; verification passed." in texts(
        found, "fix"
    )
    assert done.id in section(found, "fix")["facts"][0]["ids"]
    assert section(found, "cause")["missing"][0] == "There is no finished analysis of this issue, so no cause is known."
    assert all(one["ids"] for part in found["sections"] for one in part["facts"])
    assert [one["key"] for one in found["sections"] if one["forPeople"]] == ["detection", "wentWell", "wentBadly", "followUp"]
    markdown = await api.get(f"/v1/issues/{issue_id}/post-mortem", headers={"Accept": "text/markdown"})
    assert (markdown.headers["content-type"], markdown.text) == ("text/markdown; charset=utf-8", found["markdown"])
    assert r"\[click\](javascript:alert(1)) it was the cache" in markdown.text


async def test_a_post_mortem_names_the_cause_with_its_evidence_and_what_is_not_known(api: Api) -> None:
    issue_id = await seeded(api)
    async with working(api):
        await api("POST", f"/v1/issues/{issue_id}/analyze?wait=10")
    found = await document(api, f"/v1/issues/{issue_id}/post-mortem")
    analysis = (await api.get(f"/v1/issues/{issue_id}")).json()["analysis"]
    known = {one["id"] for one in analysis["evidence"]}
    claims = [one for one in section(found, "cause")["facts"] if one.get("label") != "Cause"]
    assert claims and all(set(one["ids"]) <= known for one in claims)
    assert [one["text"] for one in analysis["rootCause"]["claims"]] == [one["text"] for one in claims if "label" not in one]
    assert section(found, "fix")["missing"] == ["The issue is not resolved."]
    assert section(found, "changes")["missing"] == ["No change before the issue is recorded."]
    assert "No alert was joined to the issue." in section(found, "timeline")["missing"]
    assert "The inventory of `production` is not current: what happened since is not known." in section(found, "coverage")["missing"]


async def test_executions_are_left_out_for_whoever_may_not_read_them(api: Api, shop: Shop) -> None:
    issue_id, done = await fixed(shop)
    key = await api.new_key(scopes={"issues:read"})
    found = await api.get(f"/v1/issues/{issue_id}/post-mortem", key=key)
    assert done.id not in found.text and "Your access does not include executions." in found.text
    handed = await document(api, "/v1/handover", key=key)
    assert [section(handed, one)["missing"][0] for one in ("waiting", "ending", "unseen")] == [
        "Your access does not include executions.",
        "Your access does not include freezes and maintenance windows.",
        "Your access does not include alert receivers.",
    ]
    assert (await api.get(f"/v1/executions/{done.id}/change-record", key=key)).json()["code"] == "missing_scope"


async def test_a_change_record_says_who_did_what_to_which_object(api: Api, shop: Shop) -> None:
    issue_id, done = await fixed(shop)
    found = await document(api, f"/v1/executions/{done.id}/change-record")
    assert "`owner@example.org`." in texts(found, "request") and f"`{issue_id}`." in texts(found, "request")
    assert texts(found, "targets")[1] == "`setResources` changes `Deployment shop/web`, uid `uid-web`."
    assert f"`{done.plan_hash}`. Approvals are bound to it." in texts(found, "preview")
    assert "`spec.template.spec.containers[api].resources.limits.memory` from `64Mi` to `128Mi`." in texts(found, "preview")
    assert f"`{shop.person('approver').id}` approved the plan." in texts(found, "approvals")
    assert texts(found, "verification")[0] == "passed."
    audit = (await api.get(f"/v1/audit?target={done.id}&sort=at")).json()["audit"]
    assert [one["ids"] for one in section(found, "audit")["facts"]] == [[one["id"]] for one in audit]
    unread = await document(api, f"/v1/executions/{done.id}/change-record", key=await api.new_key(scopes={"runbooks:read"}))
    assert section(unread, "audit")["missing"] == ["Your access does not include the audit log."]
    assert (section(found, "rollback")["facts"], section(found, "rollback")["missing"]) == ([], ["It was not undone."])
    undo = await api("POST", f"/v1/executions/{done.id}/undo", json={})
    again = await shop.get(await shop.settle(await _of(shop, undo.json()["id"])))
    await shop.approve(again, by=shop.person("approver"))
    assert (await shop.run(again)).status == "succeeded"
    undone = await document(api, f"/v1/executions/{done.id}/change-record")
    assert texts(undone, "rollback") == [f"The execution `{again.id}` has undone it."]
    assert f"`{done.id}`." in texts(await document(api, f"/v1/executions/{again.id}/change-record"), "request")


async def _of(shop: Shop, execution_id: str) -> Any:
    from optral.runbooks import service as runbooks

    return await shop.store.read(shop.system, lambda tx: runbooks.get_execution(tx, execution_id))


async def test_a_handover_says_what_is_open_what_happened_and_what_ends(api: Api, shop: Shop) -> None:
    await observe(api, shop.cluster_id, finding("old", api=api), finding("gone", api=api), finding("back", api=api))
    await observe(api, shop.cluster_id, gone=("back",))
    shop.clock.advance(timedelta(hours=9).total_seconds())
    await observe(api, shop.cluster_id, finding("back", api=api), finding("new", api=api), gone=("gone",))
    ids = {one["owner"]["name"]: one["id"] for one in (await api.get("/v1/issues?status=open&status=resolved")).json()["issues"]}
    await api("PATCH", f"/v1/issues/{ids['old']}", json={"assignee": shop.owner.id})
    waiting = await shop.settle(await shop.raise_limit())
    soon, later = ((api.clock.now() + timedelta(hours=hours)).isoformat() for hours in (2, 20))
    for name, end in (("ends", soon), ("stays", later)):
        await api("POST", "/v1/mute-rules", json={"match": {"names": ["none"]}, "reason": name, "expiresAt": end})
        window = {"kind": "freeze", "name": name, "startsAt": (api.clock.now() - timedelta(hours=1)).isoformat(), "endsAt": end}
        assert (await api("POST", "/v1/change-windows", json=window)).status_code == 201
    await api("POST", "/v1/alert-receivers", json={"name": "platform", "clusterRule": {"cluster": shop.cluster_id}})
    found = await document(api, "/v1/handover")
    listed = {
        key: {id_ for one in section(found, key)["facts"] for id_ in one["ids"]} for key in ("open", "opened", "resolved", "returned")
    }
    assert listed == {
        "open": {ids["old"], ids["back"], ids["new"]},
        "opened": {ids["new"]},
        "resolved": {ids["gone"]},
        "returned": {ids["back"]},
    }
    old = next(one["text"] for one in section(found, "open")["facts"] if one["ids"] == [ids["old"]])
    assert "in `prod`, open, for 9 hours. Cause unknown. Assigned to `owner@example.org`." in old
    assert [one["ids"] for one in section(found, "waiting")["facts"]] == [[waiting.id]]
    assert sorted(texts(found, "ending")) == ["`ends` ends.", "ends: ends"]
    assert "`platform` has received nothing yet." in texts(found, "unseen")
    assert "Do not conclude that nothing else is wrong: not everything that is needed was read." in section(found, "coverage")["missing"]
    assert {*texts(await document(api, "/v1/handover?hours=24"), "ending")} >= {"`stays` ends.", "ends: stays"}
    for hours in ("0", "169", "x"):
        assert (await api.get(f"/v1/handover?hours={hours}")).status_code == 400


async def test_a_digest_has_causes_returned_failures_and_the_time_to_resolve(api: Api, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    await observe(api, shop.cluster_id, finding("gone", api=api), finding("back", api=api))
    await observe(api, shop.cluster_id, gone=("back",))
    shop.clock.advance(timedelta(hours=9).total_seconds())
    await observe(api, shop.cluster_id, finding("back", api=api), finding("new", api=api), gone=("gone",))
    ids = {one["owner"]["name"]: one["id"] for one in (await api.get("/v1/issues?status=open&status=resolved")).json()["issues"]}
    found = await document(api, "/v1/digest")
    [cause] = section(found, "causes")["facts"]
    assert set(cause["ids"]) >= set(ids.values()) and cause["text"].startswith("Cause unknown: 3 issues, such as ")
    assert [one["ids"] for one in section(found, "returned")["facts"]] == [[ids["back"]]]
    assert texts(found, "resolving") == ["The issue that was resolved in the last 7 days took 9 hours."]
    assert section(found, "alerts")["missing"] == ["No alert was received."]
    only = await document(api, "/v1/digest?q=owner:new")
    assert [one["ids"] for one in section(only, "causes")["facts"]] == [[ids["new"]]] and "owner:new" in only["title"]
    assert section(only, "resolving")["missing"] == ["No issue was resolved in the last 7 days."]
    monkeypatch.setattr(handover, "MOST_EXAMINED", 1)
    cut = section(await document(api, "/v1/digest?q=owner:new"), "resolving")
    assert cut["missing"] == ["Only the 1 issues that were resolved last were compared with the query."], "there may be others"
    for query in ("days=0", "days=31", "q=colour:red"):
        assert (await api.get(f"/v1/digest?{query}")).status_code in (400, 422)


async def test_a_digest_begins_with_the_most_severe_cause(api: Api, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    found = [finding(name, api=api, severity=Severity.MEDIUM) for name in ("a", "b")]
    await observe(api, shop.cluster_id, *found, finding("worst", api=api, severity=Severity.CRITICAL))
    mild = [one["id"] for one in (await api.get("/v1/issues")).json()["issues"] if one["severity"] == "medium"]
    monkeypatch.setattr(handover, "_causes", lambda *_: dict.fromkeys(mild, "A ResourceQuota is exhausted"))
    causes = section(await document(api, "/v1/digest"), "causes")["facts"]
    assert [one["label"] for one in causes] == ["Critical", "Medium"]


async def test_a_handover_counts_the_resolved_issues_of_the_issue_list(api: Api, shop: Shop) -> None:
    names = [f"web-{number}" for number in range(handover.MOST_LISTED + 5)]
    await observe(api, shop.cluster_id, *(finding(name, api=api) for name in names))
    await observe(api, shop.cluster_id, gone=tuple(names[1:]))
    listed = (await api.get("/v1/issues?status=resolved")).json()["total"]
    found = section(await document(api, "/v1/handover"), "resolved")
    assert (len(found["facts"]), len(found["facts"]) + found["leftOut"]) == (handover.MOST_LISTED, listed) == (50, 54)


async def test_a_handover_of_nothing_never_says_that_nothing_is_wrong(api: Api, shop: Shop) -> None:
    found = await document(api, "/v1/handover")
    (said,) = section(found, "open")["missing"]
    assert said.startswith("No open issue found in what could be read, which does not mean that there is none.")


async def test_nothing_of_other_namespaces_is_shown(world: World) -> None:
    for path in (
        f"/v1/issues/{world.own['issue_id']}/post-mortem",
        f"/v1/executions/{world.own['execution_id']}/change-record",
        "/v1/handover",
        "/v1/digest",
    ):
        for media in ("application/json", "text/markdown"):
            answer = await world.caller.get(path, headers={"Accept": media})
            assert answer.status_code == 200 and "zulu" not in answer.text, answer.text
    for path in (f"/v1/issues/{world.other['issue_id']}/post-mortem", f"/v1/executions/{world.other['execution_id']}/change-record"):
        assert (await world.caller.get(path)).status_code == 404
    whole = (await world.api.get(f"/v1/issues/{world.own['issue_id']}/post-mortem")).text
    assert "zulu" in whole  # the cause, which is in the other namespace
