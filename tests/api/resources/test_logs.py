"""A pod's log over HTTP: text or JSON, and an answer that says what to do when there is none."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa

from optral.access import service as access
from optral.clusters.tables import clusters as table
from optral.commands import service as commands
from optral.commands.model import Command, Report, State
from optral.flows.clusters import logs
from optral.store.transaction import Transaction
from optral.terms import actor as actors
from optral.terms.ids import ClusterId
from tests.api.conftest import Api
from tests.api.seeds import objects

RESULT = {"text": "one\ntwo\n", "container": "app", "previous": False, "lines": 2, "truncated": False, "podUid": "uid-api-1"}


@dataclass
class Agent:
    """Answers every command of one cluster; `asked` holds what came."""

    api: Api
    cluster_id: str
    answer: Callable[[Command], Report | None]
    asked: list[Command]

    async def run(self) -> None:
        doer = actors.agent(self.api.org, ClusterId(self.cluster_id))
        with self.api.store.hubs[commands.QUEUED].follow(ClusterId(self.cluster_id)) as follower:
            while True:
                for command in await self.api.store.write(doer, lambda tx: commands.claim(tx, self.cluster_id, 1)):
                    self.asked.append(command)
                    if (report := self.answer(command)) is not None:
                        await self.api.store.write(doer, lambda tx, report=report: commands.record(tx, self.cluster_id, report))
                await follower.wait(30)


@asynccontextmanager
async def agent(api: Api, cluster_id: str, answer: Callable[[Command], Report | None]) -> AsyncIterator[Agent]:
    await present(api, cluster_id)
    made = Agent(api, cluster_id, answer, [])
    task = asyncio.create_task(made.run())
    try:
        yield made
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def present(api: Api, cluster_id: str, *, status: str = "online", capabilities: tuple[str, ...] = ("commands.v1",)) -> None:
    def job(tx: Transaction) -> None:
        mine = sa.and_(table.c.org_id == tx.org_id, table.c.id == cluster_id)
        tx.execute(sa.update(table).where(mine).values(status=status, agent_capabilities=list(capabilities)))

    await api.store.write(actors.system(api.org), job)


def done(result: dict[str, Any] | None = None) -> Callable[[Command], Report]:
    return lambda command: Report(command_id=command.id, attempt=command.attempt, state=State.SUCCEEDED, result=result or RESULT)


def ended(state: State, code: str, message: str = "because") -> Callable[[Command], Report]:
    return lambda command: Report(command_id=command.id, attempt=command.attempt, state=state, code=code, message=message)


@pytest.fixture
async def pod(api: Api) -> tuple[str, str]:
    """(cluster id, resource id)"""
    cluster_id = await api.new_cluster("shop")
    await objects(api, cluster_id, "api-1", spec={"containers": [{"name": "app"}]})
    await objects(api, cluster_id, "api", kind="Deployment.apps")
    listed = (await api.get("/v1/resources?kind=Pod")).json()
    return cluster_id, listed["resources"][0]["id"]


async def test_a_log_is_json_or_text_as_asked(api: Api, pod: tuple[str, str]) -> None:
    cluster_id, resource_id = pod
    async with agent(api, cluster_id, done()) as there:
        path = f"/v1/resources/{resource_id}/logs?container=app&previous=true&tailLines=7&sinceSeconds=60"
        answer = await api.get(path)
        assert answer.json() == {"container": "app", "previous": False, "text": "one\ntwo\n", "lines": 2, "truncated": False}
        text = await api.get(path, headers={"Accept": "text/plain"})
    assert (text.text, text.headers["content-type"]) == ("one\ntwo\n", "text/plain; charset=utf-8")
    asked = there.asked[0]
    assert asked.verb == "logs"
    wanted = {"namespace": "shop", "pod": "api-1", "container": "app", "previous": True, "tailLines": 7, "sinceSeconds": 60}
    assert wanted.items() <= dict(asked.params).items()
    records = await api.store.read(actors.system(api.org), lambda tx: access.records_after(tx, 0))
    assert [one.target for one in records if one.action == "command.logs"] == [one.id for one in there.asked], "who read a log is known"


@pytest.mark.parametrize(
    ("answer", "status", "code"),
    [
        (ended(State.FAILED, "CONTAINER_NOT_FOUND"), 404, "container_not_found"),
        (ended(State.FAILED, "NO_PREVIOUS"), 404, "no_previous_log"),
        (ended(State.FAILED, "NOT_FOUND"), 404, "pod_gone"),
        (done({**RESULT, "podUid": "uid-of-its-successor"}), 404, "pod_gone"),
        (ended(State.FAILED, "NOT_STARTED", "waiting to start: trying and failing to pull image"), 409, "container_not_started"),
        (ended(State.FAILED, "KUBELET_UNREACHABLE"), 409, "node_unreachable"),
        (ended(State.REJECTED, "POLICY_DENIED"), 409, "agent_refuses"),
        (ended(State.FAILED, "RBAC_DENIED"), 409, "agent_refuses"),
        (ended(State.TIMED_OUT, "TIMED_OUT"), 503, "agent_slow"),
        (ended(State.FAILED, "API_UNREACHABLE"), 503, "agent_slow"),
    ],
)
async def test_no_log_says_why(api: Api, pod: tuple[str, str], answer: Callable[[Command], Report], status: int, code: str) -> None:
    cluster_id, resource_id = pod
    async with agent(api, cluster_id, answer):
        response = await api.get(f"/v1/resources/{resource_id}/logs")
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response.json()["detail"]


@pytest.mark.parametrize("status", ["offline", "pending"])
async def test_a_cluster_that_is_away_is_said_at_once(api: Api, pod: tuple[str, str], status: str) -> None:
    await present(api, pod[0], status=status)
    response = await api.get(f"/v1/resources/{pod[1]}/logs")
    assert (response.status_code, response.json()["code"]) == (409, "cluster_offline")


async def test_an_agent_from_before_commands_is_to_be_upgraded(api: Api, pod: tuple[str, str]) -> None:
    await present(api, pod[0], capabilities=("sync.v1",))
    response = await api.get(f"/v1/resources/{pod[1]}/logs")
    assert (response.status_code, response.json()["code"]) == (409, "agent_too_old")


async def test_an_agent_that_says_nothing_is_not_waited_for_without_end(api: Api, pod: tuple[str, str], monkeypatch: Any) -> None:
    monkeypatch.setattr(logs, "WAIT_S", 1.0)
    monkeypatch.setitem(logs.read.__kwdefaults__, "wait_s", 0.3)
    async with agent(api, pod[0], lambda _command: None):
        response = await api.get(f"/v1/resources/{pod[1]}/logs")
    assert (response.status_code, response.json()["code"]) == (503, "agent_slow")


async def test_only_pods_have_logs(api: Api, pod: tuple[str, str]) -> None:
    await present(api, pod[0])
    other = (await api.get("/v1/resources?kind=Deployment")).json()["resources"][0]["id"]
    response = await api.get(f"/v1/resources/{other}/logs")
    assert (response.status_code, response.json()["code"]) == (422, "not_a_pod")
    assert (await api.get("/v1/resources/res_01jd3q4m6ve5jt8cmykq3rzm0a/logs")).status_code == 404


@pytest.mark.parametrize(
    "query", ["tailLines=0", "tailLines=2001", "sinceSeconds=0", "container=A", "container=", "previous=maybe", "follow=true"]
)
async def test_parameters_beyond_the_contract_are_refused(api: Api, pod: tuple[str, str], query: str) -> None:
    assert (await api.get(f"/v1/resources/{pod[1]}/logs?{query}")).status_code == 400


async def test_a_key_without_the_scope_or_of_another_cluster_reads_no_log(api: Api, pod: tuple[str, str]) -> None:
    await present(api, pod[0])
    blind = await api.new_key(scopes={"resources:read"})
    assert (await api.get(f"/v1/resources/{pod[1]}/logs", key=blind)).status_code == 403
    elsewhere = await api.new_cluster("elsewhere")
    stranger = await api.new_key(scopes={"logs:read", "resources:read"}, clusters={elsewhere})
    assert (await api.get(f"/v1/resources/{pod[1]}/logs", key=stranger)).status_code == 404
