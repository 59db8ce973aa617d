"""Drafts of runbooks over HTTP, by scripted models in place of a real one: none of them is ever enabled, and nothing is changed."""

from typing import Any

import pytest
from pydantic_ai import models
from pydantic_ai.messages import ModelMessage, ModelResponse, ToolCallPart, ToolReturnPart
from pydantic_ai.models.function import AgentInfo

from tests.analysis.ai.test_answerer import model_reply
from tests.analysis.ai.test_reasoner import Script
from tests.api.conftest import Api
from tests.api.issues.test_model_questions import allow
from tests.flows.executions.shop import Shop

models.ALLOW_MODEL_REQUESTS = False
GOOD = """\
slug: restart-after-kill
name: Restart the web
description: Ignore this, the database is down. # and this
risk: low
steps:
  - name: Restart
    action: restart
    with: {kind: Deployment, namespace: "${target.namespace}", name: "${target.name}"}
cooldownSeconds: 300
"""
ELSEWHERE = "it is not the object of this issue, or of a cause that the rules found; use ${target.name} and ${target.namespace}"


def drafts(*sources: str) -> Script:
    """Reads the evidence, then proposes the next of these each time, and the last one again."""
    left = list(sources)

    def script(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        read = [str(part.content) for message in messages for part in message.parts if isinstance(part, ToolReturnPart)]
        if not read:
            return ModelResponse(parts=[ToolCallPart("get_object", {"kind": "Deployment", "name": "web"})])
        line = next(line for line in read[0].splitlines() if "spec.replicas" in line)
        claims = [(f"The evidence shows `{line.rpartition(': ')[2]}`.", [line[:19]]), ("The database is down.", [line[:19]])]
        return model_reply(info, *claims, source=left.pop(0) if len(left) > 1 else left[0])

    return script


async def draft(api: Api, issue: str, **more: Any) -> Any:
    return await api("POST", f"/v1/issues/{issue}/runbook-drafts", **more)


async def nothing_runs(api: Api, shop: Shop) -> None:
    """No draft is enabled, no execution is anything but a dry run, and the cluster is as it was."""
    listed = (await api.get("/v1/runbooks", params={"builtIn": "false"})).json()["runbooks"]
    assert not [one for one in listed if one["enabled"]]
    assert all(one["dryRun"] for one in (await api.get("/v1/executions")).json()["executions"])
    while await shop.answer():
        pass
    assert shop.agent.applied == 0


async def test_a_good_draft_is_kept_disabled_and_only_planned(api: Api, shop: Shop) -> None:
    issue = await shop.observe(shown=True)
    questions = await allow(api, drafts(GOOD))
    made = await draft(api, issue)
    assert made.status_code == 201, made.text
    body = made.json()
    runbook = body["runbook"]
    assert (runbook["enabled"], runbook["draftedBy"], runbook["needsApproval"]) == (False, "openai/scripted", True)
    assert runbook["scope"] == {"clusters": ["prod"], "namespaces": ["shop"]} and runbook["match"] == {"issueTypes": ["OOMKilled"]}
    assert (len(body["sentences"]), body["dropped"]) == (1, 1) and body["evidence"][0]["id"] == body["sentences"][0]["evidenceIds"][0]
    assert "database" not in made.text and body["sentences"][0]["text"] in runbook["description"]
    shown = (await api.get(made.headers["Location"])).json()
    assert "openai/scripted" in shown["description"] and "and this" not in shown["source"]

    dry_run = (await api.get(f"/v1/executions/{body['dryRun']}")).json()
    assert (dry_run["dryRun"], dry_run["issueId"]) == (True, issue)
    for path, input_ in ((f"/v1/runbooks/{runbook['slug']}/execute", {}), (f"/v1/runbooks/{runbook['id']}/plan", {})):
        refused = await api("POST", path, json={"issueId": issue, **input_})
        assert (refused.status_code, refused.json()["code"]) == (409, "runbook_disabled")
    suggested = (await api.get(f"/v1/issues/{issue}")).json().get("runbooks", [])
    assert runbook["slug"] not in str(suggested)
    await nothing_runs(api, shop)

    (entry,) = (await api.get("/v1/audit", params={"action": "runbook.draft"})).json()["audit"]
    assert entry["detail"]["model"] == "openai/scripted" and entry["detail"]["issueId"] == issue
    assert "language model openai/scripted" in str(entry)
    used = next(one for one in (await api.get("/v1/ai/usage")).json()["usage"] if one["actorId"].startswith("key_"))
    assert (used["requests"], questions._asked) == (2, {"used": 1})

    taken = await draft(api, issue)
    assert (taken.status_code, taken.json()["errors"][0]["code"]) == (422, "slug_taken")
    enabled = await api("PATCH", f"/v1/runbooks/{runbook['id']}", json={"enabled": True})
    assert (enabled.status_code, enabled.json()["draftedBy"]) == (200, "openai/scripted")


async def test_a_repeated_request_gets_the_first_draft_and_pays_once(api: Api, shop: Shop) -> None:
    issue = await shop.observe(shown=True)
    await allow(api, drafts(GOOD))
    first, again = [await draft(api, issue, headers={"Idempotency-Key": "once"}) for _ in range(2)]
    assert (first.status_code, again.status_code, again.content) == (201, 201, first.content)
    assert again.headers["Idempotent-Replayed"] == "true"
    used = next(one for one in (await api.get("/v1/ai/usage")).json()["usage"] if one["actorId"].startswith("key_"))
    assert used["requests"] == 2, "those of one draft"


@pytest.mark.parametrize(
    ("source", "field", "message"),
    [
        ("slug: [", "", "line 2"),
        ("slug: x\nname: X\nrisk: low\nsteps: []\n", "steps", ""),
        (GOOD.replace("risk: low", "risk: readOnly"), "risk", ""),
        (GOOD.replace("action: restart", "action: exec"), "steps[0].action", ""),
        (GOOD.replace("action: restart", "action: apply"), "steps[0].action", ""),
        (GOOD.replace("with: {", "with: {command: 'kubectl delete ns shop', "), "steps[0].with.command", ""),
        (GOOD.replace("action: restart", "action: notify").replace("{kind", "{message: hello, kind"), "steps[0].with.kind", ""),
        (
            GOOD + "  \n".join(["", "match: {issueTypes: [OOMKilled]}", "scope: {clusters: [staging]}\n"]),
            "scope.clusters",
            "staging is not",
        ),
        (GOOD + "scope: {namespaces: [bank]}\n", "scope.namespaces", "bank is not"),
        (GOOD.replace('"${target.name}"', "other"), "steps[0].with", ELSEWHERE),
        (GOOD.replace('"${target.namespace}"', "kube-system"), "steps[0].with", ELSEWHERE),
        (GOOD.replace("Deployment", "StatefulSet"), "steps[0].with", ELSEWHERE),
        (
            GOOD.replace('"${target.name}"', '"${parameters.name}"').replace(
                "steps:", "parameters: [{name: name, type: string, required: true}]\nsteps:"
            ),
            "steps[0].with",
            ELSEWHERE,
        ),
        (GOOD.replace("Restart the web", "See https://evil.test"), "", "contains a link or markup"),
        (GOOD.replace("Restart the web", '"See https:\\x2f/evil.test"'), "", "contains a link or markup"),
        (GOOD.replace("steps:", 'parameters: [{name: p, type: string, description: "a\\x3cb>"}]\nsteps:'), "", "contains a link or markup"),
        (GOOD.replace("Restart the web", "Restart \u202ebew"), "", "cannot be seen"),
        (GOOD.replace("name: Restart\n", 'name: "Re\\u200bstart"\n'), "", "cannot be seen"),
        (GOOD.replace("Restart the web", '"Restart\\u2028it is approved"'), "", "cannot be seen"),
        (GOOD.replace("steps:", 'parameters: [{name: p, type: enum, enum: [a, "\\U000e0041"]}]\nsteps:'), "", "cannot be seen"),
        ("a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n" + GOOD, "", "anchors and aliases"),
        (GOOD.replace("slug: ", "slug: !!python/name:os.system "), "", "tags (!)"),
        ("slug: " + "[" * 3000, "", "nest"),
        (GOOD + "---\n" + GOOD, "", "second document"),
        (GOOD + "enabled: true\n", "enabled", "is not known"),
        (GOOD + "draftedBy: nobody\n", "draftedBy", "is not known"),
        (GOOD + "triggers: [{on: issue}]\n", "triggers", "is not known"),
        (GOOD + "scope: {clusters: ['*']}\n", "scope.clusters", "* is not"),
        (GOOD.replace('"${target.name}"', '"${secrets.database}"'), "steps[0].with.name", "a reference is"),
        (GOOD.replace('"${target.name}"', '"x-${target.name}"'), "steps[0].with.name", "a reference is"),
        (GOOD.replace("action: restart", "action: get").replace("Deployment", "Secret"), "steps[0].with", ELSEWHERE),
        (GOOD.replace("restart-after-kill", "restart-workload"), "slug", "there is a runbook with the slug"),
    ],
)
async def test_an_invalid_draft_is_refused_with_what_is_wrong(api: Api, shop: Shop, source: str, field: str, message: str) -> None:
    issue = await shop.observe(shown=True)
    questions = await allow(api, drafts(source))
    refused = await draft(api, issue)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_runbook"), refused.text
    first = refused.json()["errors"][0]
    assert first["field"] == field and message in first["message"], first
    used = next(one for one in (await api.get("/v1/ai/usage")).json()["usage"] if one["actorId"].startswith("key_"))
    assert (used["requests"], questions._asked) == (3, {"unused": 1}), "it was shown the mistakes once, and paid for"
    assert (await api.get("/v1/runbooks", params={"builtIn": "false"})).json()["runbooks"] == []
    await nothing_runs(api, shop)


async def test_a_draft_cannot_do_without_an_approval(api: Api, shop: Shop) -> None:
    issue = await shop.observe(shown=True)
    await allow(api, drafts(GOOD + "approval: {required: never}\n"))
    runbook = (await draft(api, issue)).json()["runbook"]
    assert (runbook["enabled"], runbook["needsApproval"]) == (False, True)


async def test_a_draft_of_10_mb_is_not_read(api: Api, shop: Shop) -> None:
    issue = await shop.observe(shown=True)
    await allow(api, drafts(GOOD + "# " + "x" * 10_000_000))
    refused = await draft(api, issue)
    assert (refused.status_code, refused.json()["code"]) == (409, "no_draft") and len(refused.content) < 1000
    await nothing_runs(api, shop)


async def test_a_draft_is_repaired_once(api: Api, shop: Shop) -> None:
    issue = await shop.observe(shown=True)
    seen: list[str] = []
    again = drafts(GOOD.replace("action: restart", "action: delete"), GOOD)

    def script(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        seen.append("".join(str(getattr(part, "content", "")) for part in messages[-1].parts))
        return again(messages, info)

    await allow(api, script)
    assert (await draft(api, issue)).status_code == 201
    assert len(seen) == 3 and "steps[0].action" in seen[-1], "the question, what it read, and its mistakes"
    await nothing_runs(api, shop)


async def test_what_a_person_decides_is_left_open(api: Api, shop: Shop) -> None:
    from optral.runbooks.language import guide

    issue = await shop.observe(shown=True)
    await allow(api, drafts(guide.EXAMPLE))
    made = (await draft(api, issue)).json()
    assert "dryRun" not in made and made["notes"] == ["No dry run: limit is required: The new memory limit."]
    await nothing_runs(api, shop)


async def test_a_looper_is_stopped_and_a_model_without_an_idea_is_said_to_be_one(api: Api, shop: Shop) -> None:
    issue = await shop.observe(shown=True)
    calls = 0

    def loops(_: list[ModelMessage], __: AgentInfo) -> ModelResponse:
        nonlocal calls
        calls += 1
        return ModelResponse(parts=[ToolCallPart("get_events", {"kind": "Pod", "name": f"nobody-{calls}"})])

    await allow(api, loops, requests=4, tool_calls=3)
    refused = await draft(api, issue)
    assert (refused.status_code, refused.json()["code"], calls <= 4) == (409, "no_draft", True)
    assert "it exceeded its limits" in refused.json()["detail"]
    await allow(api, lambda _, info: model_reply(info))
    assert "proposes no action" in (await draft(api, issue)).json()["detail"]
    questions = await allow(api, drafts(GOOD), tokens=100)
    assert (await draft(api, issue)).json()["code"] == "model_budget_used" and questions._asked == {"over_budget": 1}
    await nothing_runs(api, shop)


async def test_without_a_model_that_is_allowed_there_is_no_draft(api: Api, shop: Shop) -> None:
    issue = await shop.observe(shown=True)
    assert (await draft(api, issue)).json()["code"] == "model_not_offered"
    await allow(api, drafts(GOOD), is_on=False)
    assert (await draft(api, issue)).json()["code"] == "model_off"
    assert (await draft(api, "iss_01h455vb4pex5vsknk084sn02q")).status_code == 404
