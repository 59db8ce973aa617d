"""One agent's session over real TLS: welcome, acknowledgement after the commit, heartbeats, and every way it ends."""

import asyncio

import grpc
import pytest

from optral.clusters import service
from optral.flows.clusters import manage as flow
from optral.flows.clusters.presence import Presence
from optral.flows.commands import Dispatch
from optral.gateway.server import Gateway, GatewayOptions
from optral.kit import trace_export
from optral.kube.changes import ChangeBatch, KindMark, ObjectChange, Op, Phase
from optral.resources import reports
from optral.terms import actor as actors
from optral.terms.errors import Misconfigured, Refused, Unavailable
from optral.wire import frames
from optral.wire.agent.v1 import tunnel_pb2 as pb
from tests.gateway.conftest import DEADLINE_S, ScriptedInventory, World, hello
from tests.gateway.test_identity import first_answer
from tests.support.agents import KUBE_UID, AgentKey
from tests.support.collector import collecting

POD = ObjectChange(Op.UPSERT, "Pod", "uid-1", "shop", "api-1", "42", b'{"kind":"Pod"}')
BATCH = frames.pack_batch([POD])
MARK = frames.pack_mark(KindMark("Pod", Phase.SNAPSHOT_BEGIN, "g"))


async def test_hello_is_answered_with_fence_window_and_a_directive_for_each_kind(world: World) -> None:
    welcome = await world.dial(await world.enrol()).hello()
    assert (welcome.fence, welcome.protocol, welcome.heartbeat_s, welcome.window_frames) == (1, 1, 15, 32)
    modes = {directive.kind: directive.mode for directive in welcome.kinds}
    assert modes == {"v1/pods": pb.KindDirective.SNAPSHOT, "v1/nodes": pb.KindDirective.RESUME}
    assert world.inventory.sessions[0].kinds == {"Pod", "Node"}


async def test_a_frame_is_acknowledged_after_its_commit_and_not_before(world: World) -> None:
    agent = world.dial(await world.enrol())
    await agent.hello()
    world.inventory.gate.clear()
    await agent.say(kind_state=MARK)
    await agent.say(batch=BATCH)
    await world.inventory.entered.wait()
    await agent.say(heartbeat=pb.Heartbeat(now_ms=7))
    down = await agent.hear()
    assert (down.heartbeat_ack.echo_ms, down.ack) == (7, 0), "heartbeats are answered while a commit hangs, and nothing is acknowledged"
    world.inventory.gate.set()
    await agent.hear_ack(3)
    kinds = [type(frame) for group in world.inventory.groups for frame in group]
    assert kinds == [KindMark, ChangeBatch]


async def test_frames_gather_while_a_commit_runs(world: World) -> None:
    agent = world.dial(await world.enrol())
    await agent.hello()
    world.inventory.gate.clear()
    await agent.say(batch=BATCH)
    await world.inventory.entered.wait()
    for _ in range(20):
        await agent.say(batch=BATCH)
    await agent.say(heartbeat=pb.Heartbeat(now_ms=1))
    await agent.hear()  # read behind all of them
    world.inventory.gate.set()
    await agent.hear_ack(22)
    assert [len(group) for group in world.inventory.groups] == [1, 12, 8]


async def test_messages_of_one_commit_are_one_span_that_links_their_traces(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """It continues the first; a message without a trace, or with a wrong one, has no link."""
    ids = [f"{number:032x}" for number in range(1, 6)]
    traced = [f"00-{one}-{'b' * 16}-01" for one in ids]
    with collecting() as collector:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
        async with trace_export.running("optral-server"):
            agent = world.dial(await world.enrol())
            await agent.hello()
            world.inventory.gate.clear()
            await agent.say(batch=BATCH, traceparent=traced[0])
            await world.inventory.entered.wait()
            for one in ("", *traced[1:3], "garbage", traced[3] + "-" + "x" * 60, traced[4]):
                await agent.say(batch=BATCH, traceparent=one)
            await agent.say(heartbeat=pb.Heartbeat(now_ms=1))
            await agent.hear()  # read behind all of them
            world.inventory.gate.set()
            await agent.hear_ack(8)
            assert [len(group) for group in world.inventory.groups] == [1, 6]
    first, second = [one for one in collector.spans if one.name == "gateway.ingest"]
    assert (first.trace_id, first.parent_id, first.links) == (ids[0], "b" * 16, [])
    assert (second.trace_id, second.links, second.attributes["optral.changes"]) == (ids[1], [ids[2], ids[4]], 6)


async def test_what_was_not_acknowledged_comes_again_after_a_crash(world: World) -> None:
    enrolled = await world.enrol()
    agent = world.dial(enrolled)
    await agent.hello()
    world.inventory.errors.append(RuntimeError("killed between commit and acknowledgement"))
    await agent.say(batch=BATCH)
    assert (await agent.hear_reject()).code == "unavailable"
    again = world.dial(enrolled)
    assert (await again.hello()).fence == 2
    await again.say(batch=BATCH)
    await again.hear_ack(2)


async def test_a_busy_database_is_waited_for(world: World) -> None:
    agent = world.dial(await world.enrol())
    await agent.hello()
    world.inventory.errors.extend([Unavailable("store_busy", retry_after_s=0)] * 2)
    await agent.say(batch=BATCH)
    await agent.hear_ack(2)


async def test_kinds_to_send_again_are_named(world: World) -> None:
    agent = world.dial(await world.enrol())
    await agent.hello()
    world.inventory.resync.append(("Pod", "digest"))
    await agent.say(batch=BATCH)
    await agent.hear_ack(2)
    resync = (await agent.hear()).resync
    assert (resync.kind, resync.reason) == ("v1/pods", "digest")


async def test_kinds_whose_rows_were_lost_are_named_to_an_agent_that_sends_nothing(world: World) -> None:
    agent = world.dial(await world.enrol())
    await agent.hello()
    world.inventory.later.append(("Pod", "rows_changed"))
    world.store.hubs[reports.RESYNCS].publish(world.inventory.sessions[-1].cluster_id)
    resync = (await agent.hear()).resync
    assert (resync.kind, resync.reason) == ("v1/pods", "rows_changed")


async def test_an_unknown_message_is_ignored_and_counted(world: World) -> None:
    agent = world.dial(await world.enrol())
    await agent.hello()
    await agent.say()
    await agent.say(heartbeat=pb.Heartbeat(now_ms=1))
    await agent.hear()
    assert world.gateway.counters["unknown_messages"] == 1


@pytest.mark.parametrize(
    ("message", "code"),
    [
        pytest.param({"batch": BATCH}, "protocol_error", id="a batch before Hello"),
        pytest.param({"hello": hello(), "seq": 2}, "protocol_error", id="Hello with a gap"),
        pytest.param({"hello": hello(protocol_min=2, protocol_max=3)}, "unsupported_protocol", id="a protocol of the future"),
        pytest.param({"hello": hello(uid="another")}, "cluster_mismatch", id="another Kubernetes cluster"),
        pytest.param({"hello": pb.Hello(info=hello().info, cursors=[pb.KindCursor(kind="v1/pods")] * 2)}, "protocol_error", id="twins"),
    ],
)
async def test_a_bad_beginning_is_refused(world: World, message: dict[str, object], code: str) -> None:
    agent = world.dial(await world.enrol())
    await agent.say(**message)  # type: ignore[arg-type]
    assert (await agent.hear_reject()).code == code


@pytest.mark.parametrize(
    "message",
    [
        pytest.param({"batch": BATCH, "seq": 5}, id="a gap in the numbers"),
        pytest.param({"batch": BATCH, "seq": 1}, id="a number twice"),
        pytest.param({"hello": hello()}, id="a second Hello"),
        pytest.param({"kind_state": pb.KindState(kind="v1/secrets", phase=pb.KindState.LIVE)}, id="an unknown kind"),
        pytest.param({"batch": pb.Batch(payload_zstd=b"junk", raw_bytes=9, count=1)}, id="a batch that is none"),
    ],
)
async def test_a_broken_protocol_ends_the_session(world: World, message: dict[str, object]) -> None:
    agent = world.dial(await world.enrol())
    await agent.hello()
    await agent.say(**message)  # type: ignore[arg-type]
    assert (await agent.hear_reject()).code == "protocol_error"


async def test_the_newest_session_wins_and_the_older_one_gets_the_reason(world: World) -> None:
    enrolled = await world.enrol()
    older = world.dial(enrolled)
    await older.hello()
    newer = world.dial(enrolled)
    assert (await newer.hello()).fence == 2
    rejected = await older.hear_reject()
    assert (rejected.code, rejected.retry_after_s) == ("superseded", 60)
    await newer.say(batch=BATCH)
    await newer.hear_ack(2)
    assert world.gateway.open_sessions == 1


async def test_a_fight_over_one_identity_is_counted(world: World) -> None:
    enrolled = await world.enrol()
    agents = [world.dial(enrolled) for _ in range(6)]  # all kept: a call that is dropped is a call that is canceled
    for agent in agents:
        await agent.hello()
    for older in agents[:-1]:
        assert (await older.hear_reject()).code == "superseded"
    assert world.gateway.counters["takeovers"] == 5
    assert world.gateway.counters["takeover_storms"] == 2


async def test_a_write_under_an_older_fence_ends_the_session(world: World) -> None:
    agent = world.dial(await world.enrol())
    await agent.hello()
    world.inventory.errors.append(Refused("superseded"))
    await agent.say(batch=BATCH)
    assert (await agent.hear_reject()).code == "superseded"


@pytest.mark.parametrize("what", ["revoke", "delete", "expire", "another replica"])
async def test_an_open_stream_ends_when_its_right_ends(world: World, what: str) -> None:
    enrolled = await world.enrol()
    agent = world.dial(enrolled)
    await agent.hello()
    me, loop = actors.system(world.org), asyncio.get_running_loop()
    began = loop.time()
    if what == "revoke":
        await world.store.write(me, lambda tx: flow.revoke_credentials(tx, enrolled.cluster_id))
    elif what == "delete":
        await world.store.write(me, lambda tx: flow.delete(tx, enrolled.cluster_id))
    elif what == "expire":
        world.clock.advance(7 * 24 * 3600)
    else:  # the row alone changes, nothing is published
        await world.store.write(me, lambda tx: service.credentials_repository.revoke_all(tx, enrolled.cluster_id, reason="revoked"))
    rejected = await agent.hear_reject()
    codes = {"delete": "cluster_deleted", "expire": "expired"}
    assert (rejected.code, rejected.retry_after_s) == (codes.get(what, "revoked"), 0)
    assert what != "delete" or "create it again" in rejected.message
    assert loop.time() - began < 5


async def test_revoked_credentials_end_the_stream_and_a_new_token_connects_again(world: World) -> None:
    enrolled = await world.enrol()
    agent = world.dial(enrolled)
    await agent.hello()
    unused = await world.store.write(actors.system(world.org), lambda tx: flow.new_enrollment_token(tx, enrolled.cluster_id))
    revoked = await world.store.write(actors.system(world.org), lambda tx: flow.revoke_credentials(tx, enrolled.cluster_id))
    assert revoked == 1
    assert (await agent.hear_reject()).code == "revoked"
    again = world.dial(enrolled)
    await again.say(hello=hello())
    assert (await again.hear_reject()).code == "revoked"
    request = pb.EnrollRequest(token=unused.token, csr_der=AgentKey().csr_der, kube_system_uid=KUBE_UID, nonce="n")
    with pytest.raises(grpc.aio.AioRpcError, match="token_unknown"):
        await world.ask(request)
    fresh = await world.store.write(actors.system(world.org), lambda tx: flow.new_enrollment_token(tx, enrolled.cluster_id))
    key = AgentKey()
    answer = await world.ask(pb.EnrollRequest(token=fresh.token, csr_der=key.csr_der, kube_system_uid=KUBE_UID, nonce="n"))
    await world.dial_with(key.pem, answer.chain_pem).hello()


async def test_goodbye_is_a_clean_close_and_a_bare_end_is_not(world: World) -> None:
    enrolled = await world.enrol()
    for says_goodbye in (False, True):
        agent = world.dial(enrolled)
        await agent.hello()
        await agent.say(heartbeat=pb.Heartbeat(now_ms=1))
        await agent.hear()
        await world.presence.step()
        if says_goodbye:
            await agent.say(goodbye=pb.Goodbye(reason="stopping"))
        await agent.call.done_writing()
        async with asyncio.timeout(DEADLINE_S):
            assert await agent.call.read() is grpc.aio.EOF
        await _until_left(world)
        await _until_closed(world)
        world.clock.advance(11)
        world.clock.advance(60 if not says_goodbye else 0)
        await world.presence.step()
        cluster = await world.store.read(actors.system(world.org), lambda tx: service.get(tx, enrolled.cluster_id))
        reason = "agent_stopped" if says_goodbye else "heartbeats_missed"
        assert (cluster.status, cluster.status_reason) == ("offline", reason)


async def test_a_killed_agent_leaves_no_session(world: World) -> None:
    agent = world.dial(await world.enrol())
    await agent.hello()
    agent.call.cancel()
    await _until_left(world)
    assert world.gateway.counters["sessions"] == 1


async def test_a_stopping_server_asks_its_agents_to_come_back(world: World) -> None:
    agent = world.dial(await world.enrol())
    await agent.hello()
    stopping = asyncio.create_task(world.gateway.stop(deadline_s=0.2))
    assert (await agent.hear()).WhichOneof("message") == "drain"
    assert (await agent.hear()).reject.code == "unavailable"
    await stopping
    assert world.gateway.open_sessions == 0


async def test_renewal_works_over_the_tunnel_and_ends_the_old_certificate_at_first_use(world: World) -> None:
    enrolled = await world.enrol()
    agent = world.dial(enrolled)
    await agent.hello()
    key = AgentKey()
    world.clock.advance(60)
    answer = await agent.stub.Renew(pb.RenewRequest(csr_der=key.csr_der), timeout=DEADLINE_S)
    assert answer.tunnel_address == world.gateway.tunnel_address
    renewed = world.dial_with(key.pem, answer.chain_pem)
    await renewed.hello()
    assert (await agent.hear_reject()).code in ("superseded", "revoked")
    assert (await first_answer(world, enrolled.key_pem, enrolled.chain_pem)).code == "revoked"


async def test_a_taken_port_is_one_clear_line(world: World) -> None:
    options = GatewayOptions(enroll_listen=world.gateway.enroll_address, tunnel_listen="127.0.0.1:0")
    connect = world.gateway._tunnel._parts.connect
    other = Gateway(
        options,
        connect=connect,
        presence=Presence(world.store, world.clock),
        inventory=ScriptedInventory(),
        dispatch=Dispatch(world.store),
        clock=world.clock,
        hubs=world.store.hubs,
    )
    with pytest.raises(Misconfigured) as caught:
        await other.start()
    assert caught.value.code == "port_taken" and "--enroll-listen" in caught.value.say


async def _until_left(world: World) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while world.gateway.open_sessions:  # noqa: ASYNC110 - the gateway tells nobody when it is empty
            await asyncio.sleep(0.01)


async def _until_closed(world: World) -> None:
    """Wait until only the gateway's own watch is running: what a session sent at its end is written."""
    async with asyncio.timeout(DEADLINE_S):
        while len(world.gateway._tasks) > 1:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_a_look_at_an_older_session_does_not_end_the_newer_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    enrolled = await world.enrol()
    await world.dial(enrolled).hello()
    newer = world.dial(enrolled)
    look = world.gateway._tunnel._parts.connect.ended

    async def slowly(sessions: list[service.LiveSession]) -> dict[str, str]:
        if newer.seq == 0:
            await newer.hello()  # it comes in while the rows are read
        return await look(sessions)

    monkeypatch.setattr(world.gateway._tunnel._parts.connect, "ended", slowly)
    await world.gateway._tunnel._check_all()
    await newer.say(heartbeat=pb.Heartbeat(now_ms=7))
    assert (await newer.hear()).heartbeat_ack.echo_ms == 7
