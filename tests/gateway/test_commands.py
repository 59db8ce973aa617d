"""Commands over a tunnel whose agent says what a test wants: sent under the fence, sent again, canceled, and no agent ends another's."""

import asyncio
import contextlib
from typing import Any

import grpc
import msgspec
import pytest
import zstandard

from optral.commands import service as commands
from optral.commands.model import Command, NewCommand, State
from optral.flows import commands as flow
from optral.terms import actor as actors, ids
from optral.terms.verbs import MAX_LOG_BYTES, MAX_RESULT_BYTES
from optral.wire.agent.v1 import tunnel_pb2 as pb
from tests.gateway.conftest import DEADLINE_S, Agent, Enrolled, World
from tests.support.agents import KUBE_UID

RESTART = {"kind": "Deployment", "namespace": "shop", "name": "api"}


async def join(
    world: World, enrolled: Enrolled, *, running: tuple[str, ...] = (), capabilities: tuple[str, ...] = ("commands.v1",)
) -> Agent:
    agent = world.dial(enrolled)
    info = pb.AgentInfo(agent_version="0.1.0", protocol_min=1, protocol_max=1, kube_system_uid=KUBE_UID, capabilities=capabilities)
    await agent.say(hello=pb.Hello(info=info, cursors=[pb.KindCursor(kind="v1/pods")], running_command_ids=running))
    assert (await agent.hear()).WhichOneof("message") == "welcome"
    return agent


async def enqueue(world: World, cluster_id: str, verb: str = "restart", **more: Any) -> Command:
    new = NewCommand(cluster_id=cluster_id, verb=verb, params=more or RESTART)
    return await world.store.write(actors.system(world.org), lambda tx: commands.enqueue(tx, new))


async def hear_command(agent: Agent) -> pb.Command:
    while (down := await agent.hear()).WhichOneof("message") != "command":
        pass
    return down.command


async def state_of(world: World, command: Command) -> Command:
    return await world.store.read(actors.system(world.org), lambda tx: commands.get(tx, command.id))


def state(command: Command, state: "pb.CommandState.State.ValueType", **more: Any) -> pb.CommandState:
    return pb.CommandState(command_id=command.id, attempt=1, state=state, **more)


async def test_a_command_goes_down_at_once_and_its_report_is_acknowledged_after_its_commit(world: World) -> None:
    enrolled = await world.enrol()
    agent = await join(world, enrolled)
    made = await enqueue(world, enrolled.cluster_id)
    down = await hear_command(agent)
    assert (down.command_id, down.attempt, down.fence, down.verb) == (made.id, 1, 1, "restart")
    assert msgspec.json.decode(down.params_json) == RESTART
    assert 0 < down.expires_in_ms <= 60_000
    await agent.say(command_state=state(made, pb.CommandState.SUCCEEDED, result_json=b'{"diff":[]}'))
    await agent.hear_ack(agent.seq)
    ended = await state_of(world, made)
    assert (ended.state, ended.result) == (State.SUCCEEDED, {"diff": []})


async def test_what_was_sent_and_not_confirmed_is_sent_again_by_the_next_session(world: World) -> None:
    enrolled = await world.enrol()
    first = await join(world, enrolled)
    lost, known = await enqueue(world, enrolled.cluster_id), await enqueue(world, enrolled.cluster_id)
    assert {(await hear_command(first)).command_id for _ in range(2)} == {lost.id, known.id}
    second = await join(world, enrolled, running=(known.id, "cmd_nonsense", ids.new("cmd")))
    again = await hear_command(second)
    assert (again.command_id, again.attempt, again.fence) == (lost.id, 2, 2)
    await second.say(command_state=state(known, pb.CommandState.SUCCEEDED))
    await second.hear_ack(second.seq)
    assert (await state_of(world, known)).state is State.SUCCEEDED


async def test_a_session_that_was_overtaken_ends_no_command(world: World) -> None:
    enrolled = await world.enrol()
    first = await join(world, enrolled)
    made = await enqueue(world, enrolled.cluster_id)
    await hear_command(first)
    await join(world, enrolled)
    with contextlib.suppress(grpc.aio.AioRpcError, asyncio.InvalidStateError):  # it may be cut off before it can say it
        await first.say(command_state=state(made, pb.CommandState.SUCCEEDED))
    await asyncio.sleep(0.2)
    assert not (await state_of(world, made)).is_final


async def test_no_agent_ends_another_clusters_command(world: World) -> None:
    mine, other = await world.enrol("shop"), await world.enrol("other")
    thief = await join(world, mine)
    made = await enqueue(world, other.cluster_id)
    await thief.say(command_state=state(made, pb.CommandState.SUCCEEDED, result_json=b'{"forged":1}'))
    await thief.hear_ack(thief.seq)
    assert (await state_of(world, made)).state is State.QUEUED


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(pb.CommandState(command_id="cmd_x", state=pb.CommandState.SUCCEEDED), id="no id"),
        pytest.param(pb.CommandState(command_id=ids.new("cmd"), state=pb.CommandState.UNSPECIFIED), id="no state"),
        pytest.param(
            pb.CommandState(command_id=ids.new("cmd"), state=pb.CommandState.FAILED, result_json=b"x" * (MAX_RESULT_BYTES + 1)),
            id="too large",
        ),
        pytest.param(pb.CommandState(command_id=ids.new("cmd"), state=pb.CommandState.FAILED, message="x" * 5000), id="too long"),
    ],
)
async def test_a_report_that_breaks_the_rules_ends_the_session(world: World, said: pb.CommandState) -> None:
    agent = await join(world, await world.enrol())
    await agent.say(command_state=said)
    assert (await agent.hear_reject()).code == "protocol_error"


@pytest.mark.parametrize("raw", [b"{", b"[1]", b'"text"', b"\xff", b"[" * 50_000])
async def test_a_result_that_cannot_be_read_does_not_undo_the_end(world: World, raw: bytes) -> None:
    enrolled = await world.enrol()
    agent = await join(world, enrolled)
    made = await enqueue(world, enrolled.cluster_id)
    await hear_command(agent)
    await agent.say(command_state=state(made, pb.CommandState.SUCCEEDED, result_json=raw))
    await agent.hear_ack(agent.seq)
    ended = await state_of(world, made)
    assert (ended.state, ended.result) == (State.SUCCEEDED, None)
    assert ended.message is not None and "cannot be read" in ended.message


async def test_a_secret_that_an_agent_let_through_is_masked_and_nul_is_no_text(world: World) -> None:
    enrolled = await world.enrol()
    agent = await join(world, enrolled)
    made = await enqueue(world, enrolled.cluster_id, "logs", namespace="shop", pod="api-1")
    await hear_command(agent)
    text = "one\\u0000 ghp_0123456789abcdefghijABCDEFGHIJ012345"
    said = state(made, pb.CommandState.SUCCEEDED, result_json=f'{{"text":"{text}"}}'.encode(), message="nul \x00 here")
    await agent.say(command_state=said)
    await agent.hear_ack(agent.seq)
    ended = await state_of(world, made)
    assert ended.result is not None
    assert "ghp_" not in ended.result["text"] and "[redacted:" in ended.result["text"]
    assert "\x00" not in f"{ended.result['text']}{ended.message}"


async def test_a_cancel_goes_down_once(world: World) -> None:
    enrolled = await world.enrol()
    agent = await join(world, enrolled)
    made = await enqueue(world, enrolled.cluster_id)
    await hear_command(agent)
    await world.store.write(actors.system(world.org), lambda tx: flow.cancel(tx, made.id, reason="enough"))
    while (down := await agent.hear()).WhichOneof("message") != "cancel":
        pass
    assert (down.cancel.command_id, down.cancel.reason) == (made.id, "enough")


async def test_an_agent_from_before_commands_gets_none(world: World) -> None:
    enrolled = await world.enrol()
    agent = await join(world, enrolled, capabilities=())
    made = await enqueue(world, enrolled.cluster_id)
    await agent.say(heartbeat=pb.Heartbeat(now_ms=1))
    assert (await agent.hear()).WhichOneof("message") == "heartbeat_ack"
    assert (await state_of(world, made)).state is State.QUEUED


async def test_what_another_process_wrote_is_found_within_seconds(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    enrolled = await world.enrol()
    agent = await join(world, enrolled)
    monkeypatch.setattr(world.store.hubs[commands.QUEUED], "publish", lambda _key: None)
    queued = await enqueue(world, enrolled.cluster_id)
    assert (await hear_command(agent)).command_id == queued.id


# --- long outputs


def chunk(command: Command, offset: int, data: bytes, *, eof: bool = False) -> pb.OutputChunk:
    return pb.OutputChunk(command_id=command.id, offset=offset, data_zstd=zstandard.ZstdCompressor().compress(data), eof=eof)


async def started(world: World) -> tuple[Agent, Command]:
    enrolled = await world.enrol()
    agent = await join(world, enrolled)
    made = await enqueue(world, enrolled.cluster_id, "logs", namespace="shop", pod="api-1")
    await hear_command(agent)
    return agent, made


async def test_an_output_is_kept_before_it_is_acknowledged(world: World) -> None:
    agent, made = await started(world)
    call: Any = agent.stub.Output()
    async with asyncio.timeout(DEADLINE_S):
        await call.write(chunk(made, 0, b"half "))
        assert (await call.read()).received_through == 5
        await call.write(chunk(made, 5, b"whole\n", eof=True))
        last = await call.read()
    assert (last.received_through, last.stop) == (11, False)
    await agent.say(command_state=state(made, pb.CommandState.SUCCEEDED, result_json=b'{"text":""}', output_bytes=11))
    await agent.hear_ack(agent.seq)
    assert (await state_of(world, made)).result == {"text": "half whole\n"}


async def test_nobody_wants_the_output_of_an_ended_command(world: World) -> None:
    agent, made = await started(world)
    await agent.say(command_state=state(made, pb.CommandState.FAILED))
    await agent.hear_ack(agent.seq)
    call: Any = agent.stub.Output()
    async with asyncio.timeout(DEADLINE_S):
        await call.write(chunk(made, 0, b"late", eof=True))
        assert (await call.read()).stop is True


@pytest.mark.parametrize("fault", ["gap", "other", "bomb", "junk", "endless"])
async def test_an_output_that_breaks_the_rules_is_cut(world: World, fault: str) -> None:
    agent, made = await started(world)
    call: Any = agent.stub.Output()
    bad = {
        "gap": chunk(made, 7, b"x"),
        "other": pb.OutputChunk(command_id="nobody's", data_zstd=b"", eof=False),
        "bomb": chunk(made, 0, b"x" * 10_000_000),
        "junk": pb.OutputChunk(command_id=made.id, data_zstd=b"junk"),
    }
    with pytest.raises(grpc.aio.AioRpcError) as broken:
        async with asyncio.timeout(DEADLINE_S):
            if fault == "endless":
                piece = b"y" * 65536
                for number in range(MAX_LOG_BYTES // len(piece) + 1):
                    await call.write(chunk(made, number * len(piece), piece))
                    await call.read()
            await call.write(bad.get(fault, chunk(made, 0, b"")))
            while await call.read() is not grpc.aio.EOF:
                continue
            raise AssertionError(await call.code())
    assert broken.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    await agent.say(heartbeat=pb.Heartbeat(now_ms=1))
    await agent.hear()  # the session itself goes on
