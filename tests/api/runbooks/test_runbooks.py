"""Runbooks and executions over HTTP, with the driver and a played agent behind."""

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa

from optral.access.model import ROLE_SCOPES
from optral.analysis.tables import analyses
from optral.clusters.model import ClusterStatus
from optral.commands.model import State
from optral.runbooks import model
from optral.runbooks.builtin import builtin
from optral.terms.actor import Role
from tests.api.conftest import Api, another_organisation
from tests.flows.executions.shop import Shop, driven, report

WEB = {"kind": "Deployment", "namespace": "shop", "name": "web"}
SOURCE = """
slug: bounce
name: Bounce it
risk: low
match: {issueTypes: [CrashLoopBackOff]}
parameters:
  - {name: name, type: string, required: true}
steps:
  - name: Restart
    action: restart
    with: {kind: Deployment, namespace: shop, name: "${parameters.name}"}
"""


def execute(api: Api, runbook: str = "restart-workload", *, wait: int = 0, key: str | None = "", headers: Any = None, **body: Any) -> Any:
    sent = {"clusterId": "prod", "parameters": WEB} | body
    return api("POST", f"/v1/runbooks/{runbook}/execute?wait={wait}", json=sent, key=key, headers=headers or {})


async def test_the_builtin_ones_are_there(api: Api) -> None:
    listed = (await api.get("/v1/runbooks?pageSize=100")).json()
    assert listed["total"] == len(builtin.SLUGS)
    assert {one["slug"] for one in listed["runbooks"]} >= {"raise-memory-limit", "rollback-workload", "collect-diagnostics"}
    fits = (await api.get("/v1/runbooks?match=OOMKilled")).json()
    assert [one["slug"] for one in fits["runbooks"]] == ["raise-memory-limit"]
    one = (await api.get("/v1/runbooks/raise-memory-limit")).json()
    assert (await api.get(f"/v1/runbooks/{one['id']}")).json() == one
    assert (one["builtIn"], one["needsApproval"], one["recentExecutions"]) == (True, True, [])
    for method, body in (("PATCH", {"enabled": False}), ("DELETE", None)):
        answer = await api(method, f"/v1/runbooks/{one['id']}", json=body) if body else await api(method, f"/v1/runbooks/{one['id']}")
        assert (answer.status_code, answer.json()["code"]) == (409, "runbook_is_builtin")


async def test_the_schema_of_a_definition(api: Api) -> None:
    schema = (await api.get("/v1/runbooks/schema")).json()
    assert schema["required"] == ["slug", "name", "risk", "steps"]
    assert "OOMKilled" in schema["properties"]["match"]["properties"]["issueTypes"]["items"]["examples"]
    for slug in ("schema", "new"):
        refused = await api("POST", "/v1/runbooks", json={"source": SOURCE.replace("bounce", slug)})
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "slug")


async def test_pages_go_on_by_cursor(api: Api) -> None:
    slugs, cursor = [], ""
    while cursor is not None:
        page = (await api.get(f"/v1/runbooks?pageSize=5{cursor}")).json()
        slugs += [one["slug"] for one in page["runbooks"]]
        cursor = f"&cursor={page['nextCursor']}" if "nextCursor" in page else None
    assert len(slugs) == len(set(slugs)) == len(builtin.SLUGS)


async def test_own_runbooks_are_versioned(api: Api) -> None:
    made = await api("POST", "/v1/runbooks", json={"source": SOURCE})
    assert made.status_code == 201, made.text
    one = made.json()
    assert (one["version"], one["steps"][0]["with"]["name"]) == (1, "${parameters.name}")
    assert (await api("POST", "/v1/runbooks", json={"source": SOURCE})).json()["code"] == "slug_taken"
    definition = {name: one[name] for name in ("slug", "name", "risk", "match", "parameters", "steps")} | {"name": "Bounce it well"}
    changed = await api("PATCH", made.headers["location"], json={"definition": definition}, headers={"If-Match": made.headers["etag"]})
    assert (changed.status_code, changed.json()["version"], changed.json()["name"]) == (200, 2, "Bounce it well")
    stale = await api("PATCH", made.headers["location"], json={"enabled": False}, headers={"If-Match": made.headers["etag"]})
    assert stale.status_code == 412
    assert (await api("PATCH", made.headers["location"], json={"enabled": False})).json()["enabled"] is False
    assert (await api("DELETE", made.headers["location"])).status_code == 200
    assert (await api.get(made.headers["location"])).status_code == 404
    assert (await api("POST", "/v1/runbooks", json={"source": SOURCE})).status_code == 201


async def test_the_versions_of_a_runbook(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    first = "# Ask the team of the shop first.\n" + SOURCE
    made = await api("POST", "/v1/runbooks", json={"source": first})
    address = made.headers["location"]
    assert (await api.get(address)).json()["source"] == first
    renamed = first.replace("Bounce it", "Bounce it well")
    assert (await api("PATCH", address, json={"source": renamed})).json()["version"] == 2
    assert (await api("PATCH", address, json={"source": renamed})).json()["version"] == 2  # nothing changed
    assert (await api("PATCH", address, json={"source": renamed + "# Done.\n"})).json()["version"] == 3  # a comment did
    listed = (await api.get(address + "/versions")).json()["versions"]
    assert [(one["version"], one["current"]) for one in listed] == [(3, True), (2, False), (1, False)]
    assert {one["createdBy"] for one in listed} == {made.json()["createdBy"]}
    assert (await api.get(address + "/versions/1")).json()["source"] == first
    tag = (await api.get(address)).headers["etag"]
    restored = await api("PATCH", address, json={"restoreVersion": 1}, headers={"If-Match": tag})
    assert (restored.status_code, restored.json()["version"], restored.json()["name"]) == (200, 4, "Bounce it")
    assert (await api.get(address)).json()["source"] == first
    assert (await api("PATCH", address, json={"restoreVersion": 2}, headers={"If-Match": tag})).status_code == 412
    records = (await api.get("/v1/audit?action=runbook.update")).json()["audit"]
    assert records[0]["detail"]["restoredFrom"] == 1
    for body in ({"restoreVersion": 1, "enabled": False}, {"restoreVersion": 0}):
        assert (await api("PATCH", address, json=body)).status_code in (400, 422)
    for missing in ("/versions/9", "/versions/0"):
        assert (await api.get(address + missing)).status_code in (400, 404)
    assert (await api("PATCH", address, json={"restoreVersion": 9})).json()["code"] == "version_not_found"
    monkeypatch.setattr(model, "MAX_VERSIONS", 2)
    await api("PATCH", address, json={"source": renamed})
    assert [one["version"] for one in (await api.get(address + "/versions")).json()["versions"]] == [5, 4]


async def test_a_definition_sent_as_an_object_has_a_text_too(api: Api) -> None:
    one = (await api.get("/v1/runbooks/raise-memory-limit")).json()
    assert (await api.get("/v1/runbooks/raise-memory-limit/versions")).json() == {
        "versions": [{"version": one["version"], "createdBy": "system", "current": True}]
    }
    source = one["source"].replace("slug: raise-memory-limit", "slug: own")
    own = await api("POST", "/v1/runbooks", json={"source": source})
    assert own.status_code == 201, own.text
    assert own.json()["steps"] == one["steps"]
    definition = {name: one[name] for name in ("slug", "name", "risk", "steps", "parameters")} | {"slug": "other"}
    other = await api("POST", "/v1/runbooks", json={"definition": definition})
    assert (await api.get(other.headers["location"])).json()["source"].startswith("slug: other\n")


@pytest.mark.parametrize(
    ("body", "says"),
    [
        pytest.param({"source": "a: [1, 2"}, "line", id="no YAML"),
        pytest.param({"source": "a: &x [1]\nb: *x"}, "line 1: anchors", id="an alias"),
        pytest.param({"source": "a: !!python/object:os.system x"}, "line 1: tags", id="a tag"),
        pytest.param({"source": SOURCE + "---\na: 1"}, "second document", id="two documents"),
        pytest.param({"source": "[" * 40 + "]" * 40}, "deeper than 32", id="deep"),
        pytest.param({"source": SOURCE.replace("action: restart", "action: exec")}, "line 10: must be one of", id="no such verb"),
        pytest.param(
            {"source": SOURCE.replace("${parameters.name}", "x-${parameters.name}")}, "line 11: a reference is the whole", id="text"
        ),
        pytest.param({"source": SOURCE + "shell: rm"}, "line 12: is not known", id="an unknown member"),
        pytest.param({}, "definition or source", id="nothing"),
        pytest.param({"source": SOURCE, "definition": {}}, "not both", id="both"),
        pytest.param({"definition": {"slug": "x"}}, "is missing", id="lacking"),
    ],
)
async def test_what_is_no_runbook_is_refused_with_its_line(api: Api, body: dict[str, Any], says: str) -> None:
    answer = await api("POST", "/v1/runbooks", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_runbook"), answer.text
    assert says in str(answer.json())


async def test_a_runbook_is_checked_without_being_stored(api: Api) -> None:
    async def check(source: str) -> dict[str, Any]:
        answer = await api("POST", "/v1/runbooks/validate", json={"source": source})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    assert await check(SOURCE) == {"valid": True, "errors": [], "needsApproval": False}
    assert (await check(SOURCE.replace("risk: low", "risk: high")))["needsApproval"] is True
    wrong = await check(SOURCE.replace("action: restart", "action: exec") + "shell: rm")
    assert wrong["valid"] is False
    assert [(one["line"], one["field"]) for one in wrong["errors"]] == [(10, "steps[0].action"), (12, "shell")]
    assert all("line" not in one["message"] for one in wrong["errors"])
    assert [one["line"] for one in (await check("a: [1, 2"))["errors"]] == [2]
    assert (await api.get("/v1/runbooks")).json()["total"] == len(builtin.SLUGS)


async def test_preview_approve_run_verify(api: Api, shop: Shop) -> None:
    """The whole promise: the diff, somebody's yes, the change, and that it helped."""
    body: dict[str, Any] = {"parameters": {**WEB, "container": "api", "limit": "128Mi"}}
    async with driven(shop):
        planned = (await execute(api, "raise-memory-limit", wait=10, dryRun=True, **body)).json()
        assert (planned["status"], shop.agent.applied) == ("succeeded", 0)
        assert planned["plan"]["diff"][0] | {"step": ""} == {
            "step": "",
            "path": "spec.template.spec.containers[api].resources.limits.memory",
            "from": "64Mi",
            "to": "128Mi",
        }
        assert planned["plan"]["steps"][0]["permissions"] == [{"verb": "patch", "resource": "deployments.apps", "namespace": "shop"}]
        begun = await execute(api, "raise-memory-limit", wait=10, reason="it dies", **body)
        assert (begun.status_code, begun.json()["status"]) == (202, "pendingApproval")
        address, plan_hash = begun.headers["location"], begun.json()["plan"]["hash"]
        answer = await api("POST", address + "/approve", json={"planHash": plan_hash})
        assert (answer.status_code, answer.json()["code"]) == (422, "confirmation_needed")
        answer = await api("POST", address + "/approve", json={"planHash": plan_hash, "reason": "yes, it dies", "confirm": "web"})
        assert (answer.status_code, answer.json()["status"]) == (200, "queued")
        done: dict[str, Any] = {}
        for _ in range(2000):
            done = (await api.get(address)).json()
            if done["status"] == "verifying":
                shop.clock.advance(4)
            if done["status"] == "succeeded":
                break
            await asyncio.sleep(0.01)
    assert (done["status"], done["verification"]["status"], shop.agent.limit) == ("succeeded", "passed", "128Mi")
    assert done["steps"][0]["preImage"] == {"spec.template.spec.containers[api].resources.limits.memory": "64Mi"}
    log = (await api.get(address + "/logs")).json()
    assert log["completed"]
    assert [entry["offset"] for entry in log["logs"]] == list(range(log["total"]))
    rest = (await api.get(address + f"/logs?offset={log['total'] - 1}&wait=5")).json()
    assert (len(rest["logs"]), rest["nextOffset"], rest["completed"]) == (1, log["total"], True)
    record = {"runs": 1, "verified": 1, "failed": 0, "inconclusive": 0, "byCause": []}
    listed = {one["slug"]: one["trackRecord"] for one in (await api.get("/v1/runbooks?pageSize=100")).json()["runbooks"]}
    assert listed["raise-memory-limit"].pop("medianSeconds") >= 60  # the checks pass for a minute
    assert listed["raise-memory-limit"] == record
    assert listed["restart-workload"] == record | {"runs": 0, "verified": 0}
    seen = (await api.get("/v1/runbooks/raise-memory-limit")).json()["recentExecutions"]
    assert [one["id"] for one in seen] == [done["id"], planned["id"]]
    listed = (await api.get("/v1/executions?runbook=raise-memory-limit&dryRun=false&cluster=prod&status=succeeded")).json()
    assert [one["id"] for one in listed["executions"]] == [done["id"]]
    types = [event["type"] for event in (await api.get("/v1/events?pageSize=100&sort=id")).json()["events"]]
    assert [one for one in types if one.startswith(("runbook.", "approval."))] == [
        "runbook.started",
        "approval.requested",
        "approval.approved",
        "runbook.completed",
    ]


async def test_a_plan_says_what_the_agent_lacks_and_what_grants_it(api: Api, shop: Shop) -> None:
    lacks = {"missingPermissions": [{"verb": "patch", "group": "apps", "resource": "deployments", "subresource": ""}]}
    shop.agent.answers["restart"] = lambda command: report(command, State.REJECTED, code="RBAC_DENIED", result=lacks)
    async with driven(shop):
        found = (await execute(api, wait=10)).json()
    assert (found["status"], found["failure"]["code"], found["failure"]["changed"]) == ("failed", "permissions_missing", False)
    assert found["plan"]["steps"][0]["isDryRun"] is False
    assert found["plan"]["missingPermissions"] == [
        {
            "step": "Restart",
            "verb": "patch",
            "resource": "deployments.apps",
            "namespace": "shop",
            "role": "Role",
            "rule": {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["patch"]},
            "chartValues": {"profile": "operate", "operate": {"namespaces": ["shop"], "verbs": ["restart"]}},
        }
    ]


async def test_one_idempotency_key_starts_one_execution(api: Api, shop: Shop) -> None:
    headers = {"Idempotency-Key": "once"}
    first, second = await execute(api, headers=headers), await execute(api, headers=headers)
    assert first.json() == second.json()
    assert second.headers["idempotent-replayed"] == "true"
    other = await execute(api, headers=headers, reason="another body")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")
    assert (await api.get("/v1/executions")).json()["total"] == 1


async def test_without_a_key_it_folds_into_the_running_one(api: Api, shop: Shop) -> None:
    first, second = await execute(api), await execute(api)
    assert (second.status_code, second.headers["location"]) == (202, first.headers["location"])
    other = await execute(api, "scale-workload", parameters={**WEB, "replicas": 3})
    assert (other.status_code, other.json()["code"]) == (409, "execution_running")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        pytest.param({"parameters": {}}, 422, "invalid_parameters", id="missing parameters"),
        pytest.param({"parameters": {**WEB, "x": 1}}, 422, "invalid_parameters", id="an extra parameter"),
        pytest.param({"parameters": {**WEB, "kind": "Pod"}}, 422, "invalid_parameters", id="a wrong parameter"),
        pytest.param({"parameters": []}, 422, "invalid_body", id="no object"),
        pytest.param({"clusterId": None}, 422, "invalid_parameters", id="no cluster"),
        pytest.param({"clusterId": "elsewhere"}, 404, "cluster_not_found", id="an unknown cluster"),
        pytest.param({"issueId": "iss_00000000000000000000000000"}, 404, "issue_not_found", id="an unknown issue"),
        pytest.param({"parameters": {**WEB, "namespace": "kube-system"}}, 422, "out_of_scope", id="kube-system"),
        pytest.param({"force": True}, 422, "invalid_body", id="an unknown member"),
    ],
)
async def test_bad_requests_start_nothing(api: Api, shop: Shop, body: dict[str, Any], status: int, code: str) -> None:
    answer = await execute(api, **body)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert (await api.get("/v1/executions")).json()["total"] == 0


async def test_an_offline_cluster_is_a_conflict(api: Api, shop: Shop) -> None:
    await shop.presence(ClusterStatus.OFFLINE)
    answer = await execute(api)
    assert (answer.status_code, answer.json()["code"]) == (409, "cluster_offline")


async def test_a_viewer_looks_and_does_nothing(api: Api, shop: Shop) -> None:
    begun = await execute(api)
    viewer = await api.new_key(scopes=set(ROLE_SCOPES[Role.VIEWER]))
    assert (await api.get(begun.headers["location"], key=viewer)).status_code == 200
    for call in (
        execute(api, key=viewer),
        api("POST", "/v1/runbooks", json={"source": SOURCE}, key=viewer),
        *(api("POST", f"{begun.headers['location']}/{word}", json={}, key=viewer) for word in ("approve", "reject", "cancel", "retry")),
        api("POST", "/v1/executions/pause", json={}, key=viewer),
    ):
        answer = await call
        assert (answer.status_code, answer.json()["code"]) == (403, "missing_scope")


async def test_an_operator_executes_and_does_not_approve(api: Api, shop: Shop) -> None:
    operator = await api.new_key(scopes=set(ROLE_SCOPES[Role.OPERATOR]))
    begun = await execute(api, key=operator)
    assert begun.status_code == 202
    answer = await api("POST", begun.headers["location"] + "/approve", json={}, key=operator)
    assert answer.status_code == 403


async def test_other_organisations_and_other_clusters_see_nothing(api: Api, shop: Shop) -> None:
    begun = await execute(api)
    stranger = await api.new_key(maker=await another_organisation(api))
    elsewhere = await api.new_key(clusters={await api.new_cluster("elsewhere")})
    for key in (stranger, elsewhere):
        for path in ("", "/logs"):
            assert (await api.get(begun.headers["location"] + path, key=key)).status_code == 404
        assert (await api("POST", begun.headers["location"] + "/cancel", json={}, key=key)).status_code == 404
        assert (await api.get("/v1/executions", key=key)).json()["total"] == 0
        assert (await execute(api, key=key)).status_code == 404


async def test_pausing_holds_everything(api: Api, shop: Shop) -> None:
    assert (await api("POST", "/v1/executions/pause", json={"reason": "freeze"})).json()["paused"] is True
    assert (await api.get("/v1/executions/pause")).json()["reason"] == "freeze"
    assert (await execute(api)).json()["code"] == "executions_paused"
    assert (await api("POST", "/v1/executions/resume", json={})).json()["paused"] is False
    assert (await execute(api)).status_code == 202


async def test_stopping_cancels_what_runs_and_holds_the_rest(api: Api, shop: Shop) -> None:
    begun = await execute(api)
    blank = await api("POST", "/v1/executions/stop", json={"reason": "  x "})
    assert (blank.status_code, blank.json()["code"]) == (422, "reason_needed")
    assert (await api.get(begun.headers["location"])).json()["status"] == "queued"
    operator = await api.new_key(scopes=set(ROLE_SCOPES[Role.OPERATOR]))
    stopped = (await api("POST", "/v1/executions/stop", json={"reason": "the rollout breaks checkout"}, key=operator)).json()
    assert (stopped["paused"], stopped["canceled"], stopped["held"]) == (True, [begun.json()["id"]], 0)
    ended = (await api.get(begun.headers["location"])).json()
    assert (ended["status"], ended["failure"]["changed"]) == ("canceled", False)
    assert "the rollout breaks checkout" in ended["failure"]["message"]
    assert (await execute(api)).json()["code"] == "executions_paused"
    again = (await api("POST", "/v1/executions/stop", json={"reason": "once more"})).json()
    assert again["canceled"] == []
    assert (await api("POST", "/v1/executions/resume", json={}, key=operator)).status_code == 403
    assert (await api("POST", "/v1/executions/resume", json={})).json()["paused"] is False


async def test_canceling_and_trying_again(api: Api, shop: Shop) -> None:
    begun = await execute(api)
    canceled = await api("POST", begun.headers["location"] + "/cancel", json={"reason": "wrong one"})
    assert (canceled.status_code, canceled.json()["status"], canceled.json()["failure"]["changed"]) == (200, "canceled", False)
    assert (await api("POST", begun.headers["location"] + "/cancel", json={})).json()["code"] == "execution_finished"
    again = await api("POST", begun.headers["location"] + "/retry", json={})
    assert (again.status_code, again.json()["retryOf"]) == (202, begun.json()["id"])
    tag = (await api.get(again.headers["location"])).headers["etag"]
    assert (await api.get(again.headers["location"], headers={"If-None-Match": tag})).status_code == 304


async def test_ids_of_nothing_are_not_found(api: Api) -> None:
    for path in ("/v1/runbooks/no-such", "/v1/runbooks/No%20Such", "/v1/executions/exe_00000000000000000000000000", "/v1/executions/x"):
        assert (await api.get(path)).status_code == 404


async def test_a_runbook_says_where_it_is_suggested(api: Api, shop: Shop) -> None:
    """By the analysis of an issue, or by its type; a muted issue suggests nothing."""
    issue = await shop.observe(shown=True)
    by_type = (await api.get("/v1/runbooks/raise-memory-limit/suggestions")).json()
    assert (by_type["matching"], by_type["isWhole"]) == (1, True)
    assert [(one["id"], one["by"], one["stale"]) for one in by_type["issues"]] == [(issue, "type", False)]
    assert "memory_limit_too_low" in by_type["causes"] and "OOMKilled" in by_type["issueTypes"]
    other = (await api.get("/v1/runbooks/cordon-node/suggestions")).json()
    assert (other["matching"], other["issues"]) == (0, [])
    assert (await api.get("/v1/runbooks/no-such/suggestions")).status_code == 404


async def test_an_analysis_that_recommends_a_runbook_counts_as_a_suggestion(api: Api, shop: Shop) -> None:
    issue = await shop.observe(shown=True)
    action = {"title": "Restart", "why": "it hangs", "runbook": "cordon-node", "parameters": {"node": "n1"}}
    begun = (await api("POST", f"/v1/issues/{issue}/analyze", json={})).json()["id"]
    answer = {"status": "ready", "cause_id": "node_damaged", "result": {"recommendedActions": [action]}}
    row = sa.update(analyses).where(analyses.c.id == begun, analyses.c.org_id == api.org).values(**answer)
    await api.store.write(api.owner, lambda tx: tx.execute(row).close())
    (one,) = (await api.get("/v1/runbooks/cordon-node/suggestions")).json()["issues"]
    assert (one["id"], one["by"], one["cause"]) == (issue, "analysis", "node_damaged")


async def test_suggestions_need_the_right_to_read_issues(api: Api, shop: Shop) -> None:
    key = await api.new_key(scopes={"runbooks:read"})
    assert (await api.get("/v1/runbooks/raise-memory-limit/suggestions", key=key)).json()["code"] == "missing_scope"
