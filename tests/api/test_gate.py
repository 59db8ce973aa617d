"""Every path that starts an execution, and that each of them meets every check of the one gate.

The paths are listed here by hand. The last tests read the sources: a module, command or page that starts executions and is not in the list
fails.
"""

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from optral.access.model import ROLE_SCOPES
from optral.events import service as events
from optral.flows.executions import control
from optral.flows.triggers.firing import TriggerWorker
from optral.kit.records import changing
from optral.runbooks.model import Execution, ExecutionStatus
from optral.safeguards import service as safeguards
from optral.safeguards.model import ApprovalRule, Safeguards
from optral.terms.actor import Role
from optral.triggers.tables import triggers
from tests.api.conftest import Api
from tests.flows.executions.shop import Shop

ROOT = Path(__file__).parents[2]
WEB = {"kind": "Deployment", "namespace": "shop", "name": "web"}
SCALE = "scale-workload"
APPROVED = "scale-approved"
SOURCE = f"""
slug: {APPROVED}
name: Scale after an approval
risk: low
approval: {{required: always}}
parameters: [{{name: replicas, type: integer, required: true}}]
steps:
  - name: Scale
    action: scale
    with: {{kind: Deployment, namespace: shop, name: web, replicas: "${{parameters.replicas}}"}}
"""
COMMANDS_THAT_APPROVE = {"optral/cli/executions.py", "optral/cli/tui/cure.py"}
SCHEMA = "dashboard/src/api/schema.d.ts"
PATHS = ("execute", "suggestion", "retry", "undo", "again", "trigger")
Answer = tuple[int, str]
Attempt = Callable[[str], Awaitable[Answer]]
"""Starts an execution with this API key: the status of the response, and the code of its error or the status of the execution."""


class Gate:
    """What each path needs before it: an issue, an execution that can be retried, one that can be undone, or a trigger."""

    def __init__(self, api: Api, runbook: str) -> None:
        self.api, self.shop, self.runbook = api, Shop(api.store, api.org, api.clock), runbook
        self.parameters = {"replicas": 2} if runbook == APPROVED else {**WEB, "replicas": 2}

    async def open(self) -> None:
        await self.shop.open()
        assert (await self.api("POST", "/v1/runbooks", json={"source": SOURCE})).status_code == 201
        await self.api.store.write(
            self.shop.system, lambda tx: safeguards.save(tx, changing(Safeguards, {"unattended_risk": "low"}), by="usr_1")
        )

    async def prepare(self, path: str) -> Attempt:
        made: Attempt = await getattr(self, path)()
        return made

    async def rest(self, path: str, body: dict[str, Any], key: str) -> Answer:
        answer = await self.api("POST", path, json=body, key=key)
        return answer.status_code, answer.json()["code"] if answer.status_code >= 400 else answer.json()["status"]

    async def execute(self) -> Attempt:
        body = {"clusterId": "prod", "parameters": self.parameters}
        return lambda key: self.rest(f"/v1/runbooks/{self.runbook}/execute", body, key)

    async def suggestion(self) -> Attempt:
        body = {"issueId": await self.shop.observe(shown=True), "parameters": {"replicas": 2}}
        return lambda key: self.rest(f"/v1/runbooks/{self.runbook}/execute", body, key)

    async def retry(self) -> Attempt:
        one = await self.shop.start(self.runbook, parameters=self.parameters)
        await self.api.store.write(self.shop.owner, lambda tx: control.cancel(tx, one.id))
        return lambda key: self.rest(f"/v1/executions/{one.id}/retry", {}, key)

    async def undo(self) -> Attempt:
        done = await self.finished()
        return lambda key: self.rest(f"/v1/executions/{done.id}/undo", {}, key)

    async def again(self) -> Attempt:
        done = await self.finished()
        return lambda key: self.rest(f"/v1/executions/{done.id}/again", {}, key)

    async def finished(self) -> Execution:
        one = await self.shop.start(self.runbook, parameters=self.parameters)
        if (await self.shop.settle(one)).status is ExecutionStatus.PENDING_APPROVAL:
            await self.shop.approve(one, by=await self.shop.add_member())
        done = await self.shop.run(one)
        assert done.status is ExecutionStatus.SUCCEEDED
        self.api.clock.advance(3600)
        return done

    async def trigger(self) -> Attempt:
        given = {"source": "issue", "name": "t", "runbook": self.runbook, "match": {"types": ["OOMKilled"]}, "parameters": {"replicas": 2}}
        made = (await self.api("POST", "/v1/triggers", json=given)).json()

        async def attempt(_: str) -> Answer:
            issue = await self.shop.observe(shown=True)
            new = events.NewEvent("issue.created", self.shop.cluster_id, issue, {"id": issue, "status": "open"})
            await self.api.store.write(self.shop.system, lambda tx: events.append(tx, [new]))
            self.api.clock.advance(4)
            for _ in range(4):
                await TriggerWorker(self.api.store, self.api.clock).step()
            (fired,) = (await self.api.get(f"/v1/triggers/{made['id']}/firings")).json()["firings"]
            if "executionId" not in fired:
                return 409, fired["code"]
            return 202, (await self.api.get(f"/v1/executions/{fired['executionId']}")).json()["status"]

        return attempt

    # --- what stands in the way

    async def pause(self) -> None:
        await self.api("POST", "/v1/executions/stop", json={"reason": "a test"})

    async def freeze(self) -> None:
        start, end = (self.api.clock.now() + timedelta(hours=hours) for hours in (-1, 5))
        body = {"kind": "freeze", "name": "sale", "startsAt": start.isoformat(), "endsAt": end.isoformat()}
        assert (await self.api("POST", "/v1/change-windows", json=body)).status_code == 201

    async def rule(self) -> None:
        rules = [ApprovalRule("low", "", "", 2)]
        await self.api.store.write(
            self.shop.system, lambda tx: safeguards.save(tx, changing(Safeguards, {"approval_rules": rules}), by="usr_1")
        )

    async def limit(self) -> None:
        await self.shop.run(await self.shop.start("cordon-node", parameters={"node": "n1"}))
        await self.api("PATCH", "/v1/safeguards", json={"limits": [{"cluster": "prod", "changesPerHour": 1}]})

    async def change(self) -> None:
        """The same runbook changes the same object a moment before."""
        await self.shop.run(await self.shop.start(SCALE, parameters={**WEB, "replicas": 3}))
        self.api.clock.advance(-50)

    async def key_of_a_viewer(self) -> str:
        await self.api.store.write(
            self.shop.system, lambda tx: tx.execute(sa.update(triggers).where(triggers.c.org_id == tx.org_id).values(acts_for="usr_gone"))
        )
        return str(await self.api.new_key(scopes=set(ROLE_SCOPES[Role.VIEWER])))


@pytest.fixture
async def gate(api: Api) -> Gate:
    made = Gate(api, SCALE)
    await made.open()
    return made


@pytest.mark.parametrize("path", PATHS)
async def test_each_path_starts_an_execution(gate: Gate, path: str) -> None:
    attempt = await gate.prepare(path)
    assert await attempt("") == (202, "queued")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(("obstacle", "code"), [("pause", "executions_paused"), ("freeze", "frozen"), ("limit", "too_many_changes")])
async def test_each_path_meets_the_switch_a_freeze_and_a_limit(gate: Gate, path: str, obstacle: str, code: str) -> None:
    attempt = await gate.prepare(path)
    await getattr(gate, obstacle)()
    assert await attempt("") == (409, code)


@pytest.mark.parametrize("path", ["execute", "suggestion", "again", "trigger"])
async def test_each_path_meets_the_cooldown_but_retry_and_undo(gate: Gate, path: str) -> None:
    """A retry continues what did not succeed, and an undo takes back: neither repeats a change."""
    attempt = await gate.prepare(path)
    await gate.change()
    assert await attempt("") == (409, "cooling_down")


@pytest.mark.parametrize("path", PATHS)
async def test_each_path_needs_the_right_to_run_runbooks(gate: Gate, path: str) -> None:
    attempt = await gate.prepare(path)
    key = await gate.key_of_a_viewer()
    assert await attempt(key) == ((409, "creator_lost_rights") if path == "trigger" else (403, "missing_scope"))


@pytest.mark.parametrize("path", PATHS)
async def test_each_path_waits_for_the_approval_that_the_runbook_requires(api: Api, path: str) -> None:
    gate = Gate(api, APPROVED)
    await gate.open()
    attempt = await gate.prepare(path)
    assert await attempt("") == (202, "pendingApproval")


@pytest.mark.parametrize("path", PATHS)
async def test_each_path_waits_for_the_approvals_that_a_rule_requires(gate: Gate, path: str) -> None:
    """The runbook asks for none, and triggers may run this risk unattended."""
    attempt = await gate.prepare(path)
    await gate.rule()
    assert await attempt("") == (202, "pendingApproval")


# --- there is no other path


def _sources(folder: str, *endings: str) -> dict[str, str]:
    found = (path for ending in endings for path in (ROOT / folder).rglob(f"*{ending}"))
    return {str(path.relative_to(ROOT)): path.read_text() for path in found}


def test_only_these_modules_start_executions() -> None:
    starts = re.compile(r"from optral\.flows\.executions\.start import [^\n]*\b(?:start|launch)\b")
    assert {name for name, text in _sources("optral", ".py").items() if starts.search(text)} == {
        "optral/api/runbooks/runbooks.py",  # execute, with or without an issue
        "optral/flows/executions/control.py",  # retry, and propose, which changes nothing in a cluster
        "optral/flows/executions/undo.py",  # undo, by a person or by `onError: rollback`, and again
        "optral/flows/triggers/firing.py",
    }


def test_only_the_gate_writes_executions() -> None:
    writes = re.compile(r"\brunbooks\.insert\(|\binsert_execution\(")
    assert {name for name, text in _sources("optral", ".py").items() if writes.search(text)} == {
        "optral/flows/executions/start.py",
        "optral/runbooks/repository.py",
        "optral/runbooks/service.py",
    }


def test_the_command_line_and_the_pages_use_the_routes_of_this_list() -> None:
    routes = re.compile(r'send<Execution>\("POST"|"POST", [`"]/v1/(?:runbooks/[^`"]*/execute|executions/[^`"]*/(?:retry|undo|again))')
    commands = {name for name, text in _sources("optral/cli", ".py").items() if "runbooks.execute(" in text or "executions.decide(" in text}
    assert commands == {"optral/cli/executions.py", "optral/cli/runbooks.py", "optral/cli/tui/cure.py"}
    pages = {name for name, text in _sources("dashboard/src/pages", ".ts", ".tsx").items() if routes.search(text)}
    assert pages == {"dashboard/src/pages/runbooks/queries.ts"}


def test_only_one_flow_approves_and_only_one_route_calls_it() -> None:
    """A new way to approve, such as a chat, goes through the same function, which counts people and asks for their rights."""
    decides, calls = re.compile(r"\brequests\.(?:approve|break_glass)\("), re.compile(r"executions import (?:\w+, )*control\b")
    sources = _sources("optral", ".py")
    assert {name for name, text in sources.items() if decides.search(text)} == {"optral/flows/executions/control.py"}
    assert {name for name, text in sources.items() if calls.search(text) and ".approve(" in text} == {
        "optral/api/runbooks/execution_control.py"
    }
    commands = {name for name, text in _sources("optral/cli", ".py").items() if "executions.approve(" in text}
    assert commands == COMMANDS_THAT_APPROVE
    approves = re.compile(r'word: "approve" \||/v1/executions/[^`"]*/approve')
    pages = {name for name, text in _sources("dashboard/src", ".ts", ".tsx").items() if approves.search(text)} - {SCHEMA}
    assert pages == {"dashboard/src/pages/runbooks/queries.ts"}
