"""The tools that plan a fix. A plan is an execution that another person approves; there is no tool that approves or runs one."""

import json
from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from optral.mcp import lookup
from optral.mcp.answers import Answer
from optral.mcp.rest import Refusal
from optral.mcp.tools import Asking, ClusterName, ExecutionId, IssueId, Tool

WAIT_S = 8
Slug = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$", description="Slug of a runbook, such as rollback-workload")]
APPROVAL = "another member, not the person behind this session, approves or rejects it in Optral; no tool can approve, run or change it"


class PlanFix(Tool, frozen=True, kw_only=True):
    """Plan a fix for another person to approve: a runbook with its parameters, for an issue or in a cluster. Nothing is changed: the API
    server does a dry run, and the plan waits. Without `runbook`, list what the analysis of the issue recommends."""

    name = "plan_fix"
    reads_only = False
    issue: IssueId | None = None
    cluster: ClusterName | None = None
    runbook: Slug | None = None
    parameters: Annotated[dict[str, str | int | bool], Meta(max_length=64)] = msgspec.field(default_factory=dict)
    reason: Annotated[str, Meta(max_length=500, description="Why, for the person who decides")] = ""

    async def run(self, asking: Asking) -> Answer:
        if self.issue is None and self.cluster is None:
            raise Refusal("invalid_arguments", say="name the issue that the fix is for, or the cluster")
        where = None if self.cluster is None else (await lookup.cluster(asking.rest, self.cluster))["id"]
        if self.runbook is None:
            return await self._recommended(asking)
        body = {"parameters": self.parameters, "reason": self.reason}
        body |= {name: value for name, value in (("issueId", self.issue), ("clusterId", where)) if value is not None}
        try:
            made = await asking.rest("POST", f"/v1/runbooks/{self.runbook}/plan", params={"wait": WAIT_S}, body=body)
        except Refusal as error:
            await self._explain(asking, error, where)
            raise
        return plan_answer(made)

    async def _recommended(self, asking: Asking) -> Answer:
        if self.issue is None:
            raise Refusal("invalid_arguments", say="name a runbook, or an issue to see what its analysis recommends")
        one = await asking.rest("GET", f"/v1/issues/{self.issue}")
        actions = [action for action in (one.get("analysis") or {}).get("recommendedActions", ()) if action.get("runbook")]
        rows = [f"{one['runbook']} {json.dumps(one.get('parameters') or {})} (risk {one['risk']}): {one['title']}" for one in actions]
        rows += [f"{one['slug']} (risk {one['risk']}): {one['name']}" for one in one.get("suggestedRunbooks", ())]
        return Answer(
            rows=rows, clusters=[one["clusterId"]], notes=["repeat the call with runbook and parameters"], if_empty="no runbook fits"
        )

    async def _explain(self, asking: Asking, error: Refusal, where: str | None) -> None:
        """Name what is near, where a name was wrong. Raises `Refusal`."""
        if error.code == "runbook_not_found":
            near = await lookup.runbook_names(asking.rest, str(self.runbook))
            raise Refusal(error.code, say="no runbook has this name; similar names:", rows=near) from None
        kind, name, namespace = (self.parameters.get(part) for part in ("kind", "name", "namespace"))
        if error.code == "target_not_found" and isinstance(kind, str) and isinstance(name, str):
            if where is None and self.issue is not None:
                where = (await asking.rest("GET", f"/v1/issues/{self.issue}"))["clusterId"]
            await lookup.resource(
                asking.rest, kind=kind, name=name, namespace=None if namespace is None else str(namespace), cluster_id=where
            )


class GetPlan(Tool, frozen=True, kw_only=True):
    """Show a plan or an execution: its diff, whether it waits for approval, and how it ended."""

    name = "get_plan"
    execution: ExecutionId

    async def run(self, asking: Asking) -> Answer:
        return plan_answer(await asking.rest("GET", f"/v1/executions/{self.execution}"))


def plan_answer(one: Mapping[str, Any]) -> Answer:
    """An execution: what it would change, in which object, and what it waits for."""
    plan, approval = one.get("plan") or {}, one.get("approval") or {}
    target = one["target"]
    rows = [
        f"{one['id']} {one['runbook']['slug']} on {target['kind']} {target.get('namespace') or ''}/{target['name']} in {one['cluster']}"
    ]
    expires = f", expires {approval['expiresAt']}" if approval.get("expiresAt") else ""
    rows.append(f"status: {one['status']}, risk {one['risk']}{expires}")
    rows += [f"plan hash: {plan['hash']}"] if plan.get("hash") else []
    for step in plan.get("steps", ()):
        rows.append(f"step: {step['summary']} (uid {step['object'].get('uid', 'unknown')})")
    rows += [f"diff: {diff['path']}: {json.dumps(diff.get('from'))} → {json.dumps(diff.get('to'))}" for diff in plan.get("diff", ())]
    if failure := one.get("failure"):
        rows.append(f"failure: {failure['code']}: {failure['message']}")
    has_begun = any(step["state"] in ("succeeded", "failed", "unknown") for step in one.get("steps", ()))
    so_far = "some of its steps have run already" if has_begun else "nothing has been changed"
    notes = [so_far, APPROVAL] if one["status"] == "pendingApproval" else []
    return Answer(rows=rows, clusters=[one["clusterId"]], notes=notes)


PLANS: tuple[type[Tool], ...] = (PlanFix, GetPlan)
