"""The whole agent against a scripted control plane with real TLS and an API server that can misbehave."""

import asyncio
import json
import stat
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from optral.agent.main import EXIT_REFUSED, AgentOptions, run
from optral.kube.kinds import BY_ID, EVENT
from optral.wire import frames
from optral.wire.agent.v1 import tunnel_pb2 as pb
from tests.agent.controlplane import ControlPlane
from tests.support.faultapi import FaultApi
from tests.support.kubeapi import RealApi

pytestmark = pytest.mark.slow  # whole agents

POD = BY_ID["Pod"]


@asynccontextmanager
async def agent(options: AgentOptions) -> AsyncIterator["asyncio.Task[int]"]:
    task = asyncio.create_task(run(options))
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _live(plane: ControlPlane, number: int) -> bool:
    return len(plane.sessions) > number and any(
        up.WhichOneof("message") == "kind_state" and up.kind_state.phase == pb.KindState.LIVE for up in plane.sessions[number]
    )


def _of_inventories(plane: ControlPlane, number: int) -> Iterator[str]:
    """What says something of inventories, in its order. Kubernetes Events have none, and come when they come."""
    for up in plane.sessions[number]:
        kind = up.WhichOneof("message")
        if kind == "kind_state" or (kind == "batch" and any(one.kind != EVENT.id for one in frames.unpack_batch(up.batch))):
            yield str(kind)


async def test_enrols_sends_a_snapshot_follows_changes_and_says_goodbye(plane: ControlPlane, api: FaultApi, options: AgentOptions) -> None:
    await api.put("one", containers=[{"name": "c", "env": [{"name": "PASSWORD", "value": "cnry-secret-1"}]}])
    await api.put("two")
    async with agent(options):
        await plane.until(lambda: _live(plane, 0))
        assert plane.kinds_of(0)[:2] == ["hello", "heartbeat"]
        assert next(_of_inventories(plane, 0)) == "kind_state"
        states = [up.kind_state for up in plane.sessions[0] if up.WhichOneof("message") == "kind_state"]
        assert [state.phase for state in states] == [pb.KindState.SNAPSHOT_BEGIN, pb.KindState.SNAPSHOT_END, pb.KindState.LIVE]
        assert states[1].count == 2
        await api.put("two", changed=True)
        await api.remove("one")
        await plane.until(lambda: plane.pods(0).get("one") == "gone" and plane.pods(0)["two"] == str(api.version - 1))
        beat = next(up.heartbeat for up in plane.sessions[0] if up.WhichOneof("message") == "heartbeat")
        assert beat.offset_known
    await plane.until(lambda: plane.kinds_of(0)[-1] == "goodbye")
    payloads = [change.raw for change in plane.changes(0)]
    assert payloads
    assert not any(b"cnry-secret" in raw for raw in payloads)


async def test_a_broken_stream_is_resumed_without_a_snapshot_and_loses_nothing(
    plane: ControlPlane, api: FaultApi, options: AgentOptions
) -> None:
    await api.put("one")
    async with agent(options):
        await plane.until(lambda: _live(plane, 0) and "digest" in plane.kinds_of(0))
        plane.mode, plane.cuts_at_batch = pb.KindDirective.RESUME, True
        await api.put("two")
        await plane.until(lambda: len(plane.sessions) > 1 and "two" in plane.pods(1))
        cursor = plane.sessions[1][0].hello.cursors[0]
        assert cursor.generation
        assert cursor.count == 1
        phases = [up.kind_state.phase for up in plane.sessions[1] if up.WhichOneof("message") == "kind_state"]
        assert pb.KindState.SNAPSHOT_BEGIN not in phases


async def test_a_kept_identity_needs_no_second_enrolment(plane: ControlPlane, api: FaultApi, options: AgentOptions) -> None:
    async with agent(options):
        await plane.until(lambda: _live(plane, 0))
    async with agent(replace(options, token="")):
        await plane.until(lambda: _live(plane, 1))
    assert plane.enrolled == 1
    assert options.state_dir is not None
    (kept,) = options.state_dir.iterdir()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


async def test_renews_past_half_of_its_life_and_takes_the_new_session_first(
    plane: ControlPlane, api: FaultApi, options: AgentOptions
) -> None:
    plane.first_hours, plane.mode = (-10, 1), pb.KindDirective.RESUME
    async with agent(options):
        await plane.until(lambda: len(plane.sessions) > 1 and plane.kinds_of(0)[-1] == "goodbye")
        assert plane.renewed == 1
        await api.put("later")
        await plane.until(lambda: "later" in plane.pods(1))


@pytest.mark.parametrize(
    ("change", "reject"),
    [
        pytest.param({"token": "mhe_wrong"}, None, id="an unknown token"),
        pytest.param({"ca_pin": "sha256:" + "0" * 64}, None, id="another CA"),
        pytest.param({"token": None}, None, id="no token and no identity"),
        pytest.param({}, pb.Reject(code="revoked", message="the certificate was revoked"), id="a revoked certificate"),
        pytest.param({}, pb.Reject(code="unsupported_protocol", message="protocol 9"), id="another protocol"),
    ],
)
async def test_a_final_refusal_ends_with_78(
    plane: ControlPlane, options: AgentOptions, change: dict[str, str | None], reject: pb.Reject | None
) -> None:
    plane.reject = reject
    async with asyncio.timeout(20):
        assert await run(replace(options, **change)) == EXIT_REFUSED  # type: ignore[arg-type]


async def test_a_kind_requested_again_is_sent_as_a_snapshot(plane: ControlPlane, api: FaultApi, options: AgentOptions) -> None:
    await api.put("one")
    async with agent(options):
        await plane.until(lambda: _live(plane, 0))
        await plane.streams[0].write(pb.Down(resync=pb.ResyncKind(kind=POD.wire, reason="digest")))

        def ends() -> int:
            states = [up.kind_state for up in plane.sessions[0] if up.WhichOneof("message") == "kind_state"]
            return sum(state.phase == pb.KindState.SNAPSHOT_END for state in states)

        await plane.until(lambda: ends() == 2)


async def test_tunnels_through_a_connect_proxy_named_in_upper_case(
    plane: ControlPlane, api: FaultApi, options: AgentOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        asked.append(head.split(b" ")[1])
        host, _, port = asked[-1].decode().rpartition(":")
        there_reader, there_writer = await asyncio.open_connection(host, int(port))
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")

        async def pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
            while data := await source.read(65536):
                target.write(data)
            target.close()

        await asyncio.gather(pump(reader, there_writer), pump(there_reader, writer), return_exceptions=True)

    proxy = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.sockets[0].getsockname()[1]}")
        async with agent(options):
            await plane.until(lambda: _live(plane, 0))
        assert asked == [plane.enroll_address.encode(), plane.tunnel_address.encode()]
    finally:
        proxy.close()


@pytest.mark.kubeapi
async def test_reports_a_real_api_server(plane: ControlPlane, options: AgentOptions, real_api: RealApi) -> None:
    kinds = (BY_ID["Namespace"], BY_ID["ConfigMap"], BY_ID["Deployment.apps"], BY_ID["NetworkPolicy.networking.k8s.io"])
    async with agent(replace(options, kubeconfig=real_api.kubeconfig, kinds=kinds)):
        await plane.until(lambda: {change.name for change in plane.changes(0)} >= {"kube-system", "default"} if plane.sessions else False)
        raw = next(change.raw for change in plane.changes(0) if change.name == "kube-system")
        assert json.loads(raw)["kind"] == "Namespace"
        assert plane.sessions[0][0].hello.info.kubernetes_version.startswith("v1.")


async def test_a_silent_control_plane_is_left_after_three_heartbeats(plane: ControlPlane, api: FaultApi, options: AgentOptions) -> None:
    plane.heartbeat_s, plane.answers_heartbeats = 1, False
    async with agent(options):
        await plane.until(lambda: len(plane.sessions) > 1)
        assert plane.kinds_of(0).count("heartbeat") == 3
