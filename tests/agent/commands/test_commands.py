"""Commands in one agent: told until acknowledged, in time or not at all, canceled on this side of the change, and never without a disk."""

import asyncio
import errno
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from optral.agent.commands.journal import Entry, Journal
from optral.agent.commands.policy import Policy
from optral.kube.kinds import Kind
from optral.terms import ids
from optral.wire.agent.v1 import tunnel_pb2 as pb
from tests.agent.commanding import EVERYTHING, Agent, again, message, name
from tests.support.changes import TARGET
from tests.support.kubedouble import KubeDouble, path_of

API = path_of("deployments", "api")
GET = {"kind": "Deployment", "namespace": "shop", "name": "api"}


@pytest.fixture
async def agent(double: KubeDouble, tmp_path: Path) -> AsyncIterator[Agent]:
    async with Agent(double, tmp_path) as made:
        yield made


async def test_a_change_is_received_running_and_done_in_this_order(agent: Agent) -> None:
    end = await agent.do("restart", **TARGET)
    assert [name(report) for report in agent.reports] == ["RECEIVED", "RUNNING", "SUCCEEDED"]
    assert end.attempt == 1 and not end.replayed


async def test_a_report_is_sent_until_it_is_acknowledged(agent: Agent) -> None:
    command = message("restart", **TARGET)
    agent.say(command)
    end = await agent.end_of(command.command_id)
    assert end is not None
    for seq, report in enumerate(agent.reports, 5):
        agent.commands.framed(seq, report)
    agent.commands.ack(5)
    assert agent.commands.running_ids() == [command.command_id], "its end is still to be reported"
    agent.commands.opened(1)
    told = []
    while (report := agent.commands.next_report()) is not None:
        told.append(name(report))
    assert told == ["RUNNING", "SUCCEEDED"]
    agent.commands.framed(9, end)
    agent.commands.ack(9)
    assert agent.commands.running_ids() == []
    agent.commands.opened(1)
    assert agent.commands.next_report() is None


async def test_a_command_that_comes_again_while_it_is_done_is_not_begun_again(agent: Agent, double: KubeDouble) -> None:
    double.gate.clear()
    command = message("restart", **TARGET)
    agent.say(command)
    await double.at_gate.wait()
    for attempt in range(2, 6):
        agent.say(again(command, attempt=attempt))
    double.gate.set()
    end = await agent.end_of(command.command_id)
    assert end is not None
    assert (name(end), end.attempt, double.changes) == ("SUCCEEDED", 5, 1)


async def test_a_read_is_cancelled_and_a_running_change_is_not(agent: Agent, double: KubeDouble) -> None:
    double.gate.clear()
    change = message("restart", **TARGET)
    agent.say(change)
    await double.at_gate.wait()
    agent.commands.cancel(pb.Cancel(command_id=change.command_id, reason="enough"))
    waits = [message("get", **GET) for _ in range(8)]
    for command in waits:
        agent.say(command)
        agent.commands.cancel(pb.Cancel(command_id=command.command_id, reason="enough"))
    for command in waits:
        end = await agent.end_of(command.command_id)
        assert end is not None and (name(end), end.message) == ("CANCELED", "enough")
    double.gate.set()
    end = await agent.end_of(change.command_id)
    assert end is not None and (name(end), double.changes) == ("SUCCEEDED", 1)


async def test_a_change_that_takes_too_long_is_unknown_and_a_read_is_not(agent: Agent, double: KubeDouble) -> None:
    double.gate.clear()
    end = await agent.do("restart", timeout_s=1, **TARGET)
    assert (name(end), end.code) == ("UNKNOWN_OUTCOME", "UNKNOWN_OUTCOME")
    double.gate.set()


async def test_what_waits_too_long_for_its_turn_is_not_begun(agent: Agent, double: KubeDouble) -> None:
    double.gate.clear()
    busy = [message("deletePod" if number else "restart", **_target(number)) for number in range(4)]
    for number in range(1, 4):
        double.put(path_of("pods", f"p{number}", group="v1"), {"metadata": {"name": f"p{number}"}})
    for command in busy:
        agent.say(command)
    late = message("scale", **{**TARGET, "name": "other"}, replicas=2, expires_in_ms=200)
    agent.say(late)
    end = await agent.end_of(late.command_id)
    assert end is not None and (name(end), end.code) == ("REJECTED", "EXPIRED")
    double.gate.set()
    for command in busy:
        ended = await agent.end_of(command.command_id)
        assert ended is not None and name(ended) == "SUCCEEDED"


def _target(number: int) -> dict[str, Any]:
    return {"namespace": "shop", "name": f"p{number}"} if number else TARGET


async def test_without_room_in_the_journal_nothing_is_begun(agent: Agent, double: KubeDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_self: Journal, entry: Entry) -> None:
        raise OSError(errno.ENOSPC, "no space left on device")

    monkeypatch.setattr(Journal, "write", full)
    end = await agent.do("restart", **TARGET)
    assert (name(end), end.code, double.changes) == ("FAILED", "JOURNAL", 0)


async def test_a_defect_is_an_end_too(agent: Agent, double: KubeDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: Any, **__: Any) -> Any:
        raise ZeroDivisionError("cnry-inner")

    monkeypatch.setattr("optral.agent.commands.commands.read", broken)
    end = await agent.do("get", **GET)
    assert (name(end), end.code) == ("FAILED", "INTERNAL")
    assert "cnry" not in end.message


async def test_the_policy_counts_up_to_the_last_moment(double: KubeDouble, tmp_path: Path) -> None:
    async with Agent(double, tmp_path) as agent:
        seen = []

        def now() -> Policy:
            seen.append(1)
            return EVERYTHING if len(seen) <= 1 else Policy()

        agent.commands.policy.now = now  # type: ignore[method-assign]
        end = await agent.do("restart", **TARGET)
    assert (name(end), end.code, double.changes) == ("REJECTED", "POLICY_DENIED", 0), "withdrawn while the dry run was made"


async def test_a_long_log_falls_back_to_its_end_when_its_stream_breaks(agent: Agent, double: KubeDouble) -> None:
    double.put(path_of("pods", "p", group="v1"), {"metadata": {"name": "p"}, "spec": {"nodeName": "n", "containers": [{"name": "c"}]}})
    double.logs[("p", "c", False)] = b"".join(b"line %06d and some more words, and some more\n" % number for number in range(10_000))

    async def broken(_id: str, _data: bytes) -> bool:
        return False

    agent.commands.opened(1, broken)
    end = await agent.do("logs", namespace="shop", pod="p", tailLines=2000, limitBytes=1024 * 1024)
    assert name(end) == "SUCCEEDED"
    assert 60_000 < len(end.result_json) < 80_000
    assert b"line 009999" in end.result_json and b'"truncated":true' in end.result_json


async def test_messages_of_the_api_server_are_redacted_too(agent: Agent, double: KubeDouble) -> None:
    double.put(path_of("pods", "p", group="v1"), {"metadata": {"name": "p"}, "spec": {"nodeName": "n", "containers": [{"name": "c"}]}})
    double.log_errors["p"] = (500, "Get https://admin:cnry-pass@10.0.0.1:10250/containerLogs: refused")
    end = await agent.do("logs", namespace="shop", pod="p")
    assert "cnry" not in end.message and "containerLogs" in end.message


async def test_an_agent_that_stops_lets_its_change_come_to_its_end(double: KubeDouble, tmp_path: Path) -> None:
    double.gate.clear()
    command = message("restart", **TARGET)
    async with Agent(double, tmp_path) as first:
        first.say(command)
        await double.at_gate.wait()
        asyncio.get_running_loop().call_later(0.2, double.gate.set)
    async with Agent(double, tmp_path) as second:
        second.say(again(command, attempt=2))
        end = await second.end_of(command.command_id)
    assert end is not None and (name(end), end.replayed, double.changes) == ("SUCCEEDED", True, 1)
    assert ids.is_id(end.command_id, "cmd")


WIDGET = Kind("shop.example", "v2", "Widget", "widgets", True, custom=True)


async def test_an_object_of_a_discovered_kind_can_be_read_and_not_changed(double: KubeDouble, tmp_path: Path) -> None:
    path = "/apis/shop.example/v2/namespaces/shop/widgets/w"
    double.put(path, {"apiVersion": "shop.example/v2", "kind": "Widget", "spec": {"size": 3, "password": "hunter2"}})
    target = {"kind": "Widget.shop.example", "namespace": "shop", "name": "w"}
    async with Agent(double, tmp_path, custom=(WIDGET,)) as agent:
        end = await agent.do("get", **target)
        read = msgspec.json.decode(end.result_json)["object"]
        assert (name(end), read["spec"]["size"]) == ("SUCCEEDED", 3)
        assert "hunter2" not in end.result_json.decode()
        assert name(await agent.do("restart", **target)) == "REJECTED"
    async with Agent(double, tmp_path) as agent:
        assert (await agent.do("get", **target)).code == "UNSUPPORTED", "of kinds that the agent does not watch nothing is read"
