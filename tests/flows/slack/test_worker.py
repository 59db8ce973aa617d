"""Buttons and commands in Slack: over a real WebSocket to the routes of the API, as the member whose address Slack has confirmed."""

import asyncio
import ipaddress
from collections.abc import AsyncIterator
from typing import Any

import pytest
import structlog
from pydantic_ai.messages import ModelMessage, ModelResponse
from pydantic_ai.models.function import AgentInfo

from optral.access import delegations_service, people_repository, people_service, policy, service as access
from optral.access.model import AuditFilter
from optral.flows.slack import actions
from optral.flows.slack.worker import FAILED, MAX_A_MINUTE, MAX_QUESTIONS_A_MINUTE, SlackWorker
from optral.flows.webhooks import manage as flow, slack_blocks as blocks
from optral.kit.guarded_sockets import Dialer
from optral.kit.outbound_lazy import CallerOnDemand
from optral.kit.paging import PageRequest
from optral.terms.actor import Actor, Role, system
from optral.webhooks.model import Credentials, Form, WebhookSettings
from tests.api.accounts import member
from tests.api.conftest import Api, api as api
from tests.api.issues.test_changed_access import Ask, paused
from tests.api.issues.test_model_questions import UNKNOWN, allow, reads_pod
from tests.api.seeds import finding, objects, observe
from tests.flows.executions.shop import Shop, driven
from tests.support.serving import on_loop
from tests.support.slack import APP, BOT, CHANNEL, Workspace

SHOP_WEB = {"kind": "Deployment", "namespace": "shop", "name": "web"}
PRIVATE = [ipaddress.ip_network("127.0.0.0/8")]


class Desk:
    """A workspace whose app is connected, and people who press buttons in it."""

    def __init__(self, slack: Workspace, worker: SlackWorker) -> None:
        self.slack, self.worker, self.sent = slack, worker, 0

    async def _send(self, kind: str, payload: dict[str, Any], envelope: str | None) -> str:
        self.sent += 1
        self.slack.acked.clear()
        before = len(self.slack.calls)
        await self.slack.send(kind, payload, envelope_id=envelope or f"e{self.sent}")
        async with asyncio.timeout(30):
            await self.slack.acked.wait()
        await self.worker.idle()
        said = [given for name, given in self.slack.calls[before:] if name.startswith(("chat.", "response_url"))]
        return "\n".join(block["text"]["text"] for one in said for block in one["blocks"] if block["type"] == "section")

    async def press(self, action: str, value: str, *, user: str = "U1", team: str = "T1", envelope: str | None = None) -> str:
        """What Slack shows to whoever pressed a button."""
        key = {"selected_option": {"value": value}} if action == blocks.SNOOZE else {"value": value}
        payload = {
            "type": "block_actions",
            "user": {"id": user, "team_id": team},
            "team": {"id": "T1"},
            "channel": {"id": CHANNEL},
            "message": {"ts": "1.1"},
            "trigger_id": "t1",
            "actions": [{"action_id": action, **key}],
        }
        return await self._send("interactive", payload, envelope)

    async def command(self, text: str, *, user: str = "U1") -> str:
        who = {"user_id": user, "team_id": "T1", "channel_id": CHANNEL}
        return await self._send("slash_commands", {**who, "text": text, "response_url": f"{self.slack.url}/response/{user}"}, None)

    async def ask(self, issue_id: str, question: str, *, user: str = "U1") -> str:
        state = {"values": {blocks.ASK: {blocks.ASK: {"value": question}}}}
        view = {"callback_id": blocks.ASK, "private_metadata": f"{issue_id}:{CHANNEL}:1.1", "state": state}
        return await self._send("interactive", {"type": "view_submission", "user": {"id": user}, "team": {"id": "T1"}, "view": view}, None)


@pytest.fixture
async def shop(api: Api) -> Shop:
    made = Shop(api.store, api.org, api.clock)
    await made.open("prod")
    await observe(api, made.cluster_id, finding("api", api=api))
    await objects(api, made.cluster_id, "api")
    return made


@pytest.fixture
async def desk(api: Api, shop: Shop) -> AsyncIterator[Desk]:
    slack = Workspace(emails={"U1": "owner@example.org", "U2": "second@example.org", "U3": "nobody@example.org", "U4": None})
    assert api.services.as_member is not None
    caller = CallerOnDemand(private=PRIVATE, uses_proxy=False)
    worker = SlackWorker(
        api.store, api.clock, key=b"k" * 32, caller=caller, dialer=Dialer(private=PRIVATE), rest_for=api.services.as_member
    )
    async with on_loop(slack.app()) as url:
        slack.url = url
        wanted = WebhookSettings(name="ops", form=Form.SLACK_APP, channel=CHANNEL)
        tokens = Credentials(token=BOT, app_token=APP)
        await api.store.write(api.owner, lambda tx: flow.create(tx, wanted, key=b"k" * 32, url=f"{url}/api", credentials=tokens))
        running = asyncio.create_task(worker.run())
        async with asyncio.timeout(30):
            await slack.connected.wait()
        slack.messages["1.1"] = {"ts": "1.1", "channel": CHANNEL}
        yield Desk(slack, worker)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        for socket in slack.sockets:
            await socket.close()
        await caller.close()


async def issue_of(api: Api) -> dict[str, Any]:
    found: dict[str, Any] = (await api.get("/v1/issues")).json()["issues"][0]
    return found


async def test_a_member_acknowledges_and_snoozes_as_over_the_api(api: Api, desk: Desk) -> None:
    issue_id = (await issue_of(api))["id"]
    assert await desk.press(blocks.ACKNOWLEDGE, issue_id) == "Acknowledged."
    assert (await issue_of(api))["status"] == "acknowledged"
    assert "Snoozed until" in await desk.press(blocks.SNOOZE, f"{issue_id}:8")
    assert (await api.get(f"/v1/issues/{issue_id}")).json()["substatus"] == "snoozed"
    records = await api.store.read(api.owner, lambda tx: access.find_audit(tx, AuditFilter(target=issue_id), PageRequest(size=50)))
    assert {(one.actor_id, one.address) for one in records} == {(api.owner.id, "slack")}


@pytest.mark.parametrize("user", ["U3", "U4"])
async def test_a_stranger_learns_how_to_become_a_member(api: Api, desk: Desk, user: str) -> None:
    assert "has no member in Optral" in await desk.press(blocks.ACKNOWLEDGE, (await issue_of(api))["id"], user=user)
    assert (await issue_of(api))["status"] == "open"


async def test_somebody_of_another_workspace_is_nobody(api: Api, desk: Desk) -> None:
    desk.slack.team = "T-other"
    assert "has no member in Optral" in await desk.press(blocks.ACKNOWLEDGE, (await issue_of(api))["id"])
    assert (await issue_of(api))["status"] == "open"


async def test_a_viewer_is_refused_and_a_member_who_left_is_nobody(api: Api, desk: Desk) -> None:
    await member(api, Role.VIEWER, "second@example.org")
    issue_id = (await issue_of(api))["id"]
    assert "missing_scope" in await desk.press(blocks.ACKNOWLEDGE, issue_id, user="U2")
    me = await api.store.read(api.owner, lambda tx: delegations_service.find_member(tx, "second@example.org"))
    assert me is not None
    await api.store.write(system(api.org), lambda tx: people_service.remove_member(tx, me.id))
    assert "has no member in Optral" in await desk.press(blocks.ACKNOWLEDGE, issue_id, user="U2")
    assert (await issue_of(api))["status"] == "open"


async def test_an_organization_that_allows_some_networks_only_is_not_reached_from_slack(api: Api, desk: Desk) -> None:
    limits = policy.SignInPolicy(session_networks=frozenset({"192.0.2.0/24"}))
    await api.store.write(api.owner, lambda tx: people_repository.set_policy(tx, limits))
    assert "network" in await desk.press(blocks.ACKNOWLEDGE, (await issue_of(api))["id"])
    assert (await issue_of(api))["status"] == "open"


async def test_a_second_person_approves_the_plan_that_was_shown(api: Api, desk: Desk, shop: Shop) -> None:
    await member(api, Role.ADMIN, "second@example.org")
    body = {"clusterId": "prod", "parameters": SHOP_WEB}
    async with driven(shop):
        one = (await api("POST", "/v1/runbooks/restart-workload/plan?wait=20", json=body)).json()
        value = f"{one['id']}:{one['plan']['hash']}"
        assert "own_request" in await desk.press(blocks.APPROVE, value)
        assert "plan" in (await desk.press(blocks.APPROVE, f"{one['id']}:sha256:0", user="U2")).lower()
        assert (await api.get(f"/v1/executions/{one['id']}")).json()["status"] == "pendingApproval"
        assert "Approved" in await desk.press(blocks.APPROVE, value, user="U2")
        assert (await api.get(f"/v1/executions/{one['id']}")).json()["status"] != "pendingApproval"


async def test_an_internal_error_is_answered_and_logged(api: Api, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("of a test")

    monkeypatch.setattr(actions, "press", fails)
    with structlog.testing.capture_logs() as logs:
        said = await desk.press(blocks.ACKNOWLEDGE, (await issue_of(api))["id"])
    assert said == FAILED.format("e1")
    [logged] = [one for one in logs if one["event"] == "slack.failed"]
    assert logged["envelope"] == "e1"


async def test_an_envelope_that_is_repeated_is_handled_once(api: Api, desk: Desk) -> None:
    issue_id = (await issue_of(api))["id"]
    assert await desk.press(blocks.ACKNOWLEDGE, issue_id, envelope="same")
    assert await desk.press(blocks.ACKNOWLEDGE, issue_id, envelope="same") == ""
    assert [one["envelope_id"] for one in desk.slack.acks] == ["same", "same"]


async def test_the_command_answers_with_what_was_looked_at(api: Api, desk: Desk) -> None:
    issue_id = (await issue_of(api))["id"]
    assert issue_id in await desk.command("status")
    assert "coverage:" in await desk.command("search nothing-has-this-name")
    assert "OOMKilled" in await desk.command(f"issue {issue_id}")
    assert "Use `/optral status`" in await desk.command("delete everything")
    for name in ("facets", f"{issue_id}/activity", "iss_1"):
        assert "the arguments do not fit" in await desk.command(f"issue {name}"), "it is no other path of the API"


async def test_a_question_opens_a_dialog_and_is_answered(api: Api, desk: Desk) -> None:
    issue_id = (await issue_of(api))["id"]
    await desk.press(blocks.ASK, issue_id)
    assert desk.slack.of("views.open")[0]["view"]["private_metadata"] == f"{issue_id}:{CHANNEL}:1.1"
    assert "What changed?" in await desk.ask(issue_id, "What changed?")


@pytest.mark.parametrize("change", ["role", "removed", "kept"])
async def test_the_model_answers_a_member_in_slack_whose_rights_stay_the_same(api: Api, desk: Desk, change: str) -> None:
    issue_id, sent = (await issue_of(api))["id"], list[list[ModelMessage]]()
    person = await member(api, Role.ADMIN, "second@example.org")
    person_id = (await person.get("/v1/me")).json()["member"]["id"]
    other = await member(api, Role.OWNER, "other@example.org")

    def script_of(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        sent.append(messages)
        return reads_pod(messages, info)

    script, meanwhile = paused(api, script_of)
    questions = await allow(api, script)
    changes: dict[str, Ask] = {
        "role": lambda: other("PATCH", f"/v1/members/{person_id}", json={"role": "viewer"}),
        "removed": lambda: other("DELETE", f"/v1/members/{person_id}"),
        "kept": lambda: other("GET", "/v1/me"),
    }
    said = await meanwhile(lambda: desk.ask(issue_id, UNKNOWN, user="U2"), changes[change])
    assert ("The evidence shows" in said) is (change == "kept"), said
    assert ("your access changed" in said) is (change != "kept"), said
    assert (len(sent), questions._spent["requests"]) == ((2, 2) if change == "kept" else (1, 1))
    (used,) = (await api.get("/v1/ai/usage")).json()["usage"]
    assert used["actorId"] == person_id


async def test_one_person_is_limited_told_so_and_let_in_again(api: Api, desk: Desk) -> None:
    """Others are not; what is refused asks nothing of Slack or of the API but the answer."""
    await member(api, Role.VIEWER, "second@example.org")
    for _ in range(MAX_A_MINUTE):
        assert "too many" not in await desk.command("status")
    api.clock.advance(20)
    before = len(desk.slack.of("users.info"))
    assert await desk.command("status") == "You have sent too many requests. Try again in 40 seconds."
    assert "too many requests" in await desk.press(blocks.ACKNOWLEDGE, (await issue_of(api))["id"])
    assert (await issue_of(api))["status"] == "open"
    assert len(desk.slack.of("users.info")) == before
    assert "too many" not in await desk.command("status", user="U2")
    api.clock.advance(40)
    assert "too many" not in await desk.command("status")


async def test_questions_are_limited_on_their_own(api: Api, desk: Desk) -> None:
    issue_id = (await issue_of(api))["id"]
    for _ in range(MAX_QUESTIONS_A_MINUTE):
        assert "too many" not in await desk.ask(issue_id, "What changed?")
    assert await desk.ask(issue_id, "What changed?") == "You have sent too many questions. Try again in 60 seconds."
    assert "too many" not in await desk.command("status")


async def test_a_connection_that_slack_refreshes_is_opened_again(desk: Desk) -> None:
    desk.slack.connected.clear()
    await desk.slack.sockets[-1].send_json({"type": "disconnect", "reason": "refresh_requested"})
    async with asyncio.timeout(30):
        await desk.slack.connected.wait()
    assert len(desk.slack.sockets) == 2


async def test_a_fix_is_planned_with_its_diff_and_approved_from_the_thread(api: Api, desk: Desk, shop: Shop) -> None:
    """The recommendation is scripted: what an analysis recommends is tested with the analysis."""
    issue_id = (await issue_of(api))["id"]
    restart = {"title": "Restart the workload", "runbook": "restart-workload", "parameters": SHOP_WEB}
    rest_for = desk.worker._rest_for

    def scripted(who: Actor) -> Any:
        rest = rest_for(who)

        async def ask(method: str, path: str, **more: Any) -> Any:
            found = await rest(method, path, **more)
            return found | {"analysis": {"recommendedActions": [restart]}} if path == f"/v1/issues/{issue_id}" else found

        return ask

    desk.worker._rest_for = scripted
    await member(api, Role.ADMIN, "second@example.org")
    async with driven(shop):
        shown = await desk.press(blocks.FIX, issue_id)
        assert "Plan: Restart the workload on Deployment shop/web in prod" in shown
        assert "Another member approves it" in shown
        [message] = [one for one in desk.slack.messages.values() if one.get("thread_ts") == "1.1"]
        approve, reject = message["blocks"][-1]["elements"]
        assert (approve["text"]["text"], reject["text"]["text"]) == ("Approve", "Reject")
        assert "own_request" in await desk.press(approve["action_id"], approve["value"])
        assert "Approved" in await desk.press(approve["action_id"], approve["value"], user="U2")


async def test_new_tokens_open_a_new_connection_and_a_disabled_webhook_closes_it(api: Api, desk: Desk) -> None:
    [hook] = (await api.get("/v1/webhooks")).json()["webhooks"]
    desk.slack.connected.clear()
    desk.slack.tokens = ("xoxb-2-test", "xapp-2-test")
    tokens = {"token": "xoxb-2-test", "appToken": "xapp-2-test"}
    assert (await api("PATCH", f"/v1/webhooks/{hook['id']}", json={"credentials": tokens})).status_code == 200
    await desk.worker.step()
    async with asyncio.timeout(30):
        await desk.slack.connected.wait()
    assert await desk.press(blocks.ACKNOWLEDGE, (await issue_of(api))["id"]) == "Acknowledged."
    assert (await api("PATCH", f"/v1/webhooks/{hook['id']}", json={"enabled": False})).status_code == 200
    await desk.worker.step()
    async with asyncio.timeout(30):
        await desk.slack.disconnected.wait()
