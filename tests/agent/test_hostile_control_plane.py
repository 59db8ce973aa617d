"""Whatever a control plane sends: the agent goes on, its memory stays bounded, and the API server is asked at a pace the agent sets."""

import asyncio
import gc
import logging
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import structlog

from optral.agent.commands import commands as commanding
from optral.agent.connection import session, tunnel
from optral.agent.connection.clocks import Clocks
from optral.agent.connection.session import MAX_RETRY_S, Ended, Session, _rejected
from optral.agent.connection.tunnel import RECONNECT_S, Tunnel
from optral.agent.main import AgentOptions
from optral.kit.clock import SystemClock
from optral.kit.retry import Backoff
from optral.wire.agent.v1 import tunnel_pb2 as pb
from tests.agent.commanding import message
from tests.agent.controlplane import ControlPlane
from tests.agent.test_main import POD, _live, agent
from tests.support.faultapi import FaultApi

pytestmark = pytest.mark.slow  # servers that stall


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tunnel, "Backoff", lambda **_: Backoff(base_s=0.01, cap_s=0.05))


@pytest.mark.parametrize("server_ms", [-(2**63), 2**63 - 1, -1])
async def test_an_impossible_time_ends_the_session_and_not_the_agent(
    plane: ControlPlane,
    api: FaultApi,
    options: AgentOptions,
    server_ms: int,
) -> None:
    plane.server_time_ms = server_ms
    async with agent(options) as task:
        await _sessions(plane, 2)
        plane.server_time_ms = 1
        await plane.until(lambda: any(_live(plane, number) for number in range(len(plane.sessions))))
        assert not task.done()


async def _sessions(plane: ControlPlane, count: int) -> None:
    async with asyncio.timeout(20):
        while len(plane.sessions) < count:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_a_defect_in_what_a_message_leads_to_ends_the_session_and_not_the_agent(
    plane: ControlPlane,
    api: FaultApi,
    options: AgentOptions,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tunnel, "SUPERSEDED_S", 0)
    monkeypatch.setattr(session, "SUPERSEDED_S", 0)
    faults = [ValueError("odd"), KeyError("odd")]
    original = Session._receive

    def receive(self: Session, down: pb.Down) -> None:
        if faults:
            raise faults.pop()
        original(self, down)

    monkeypatch.setattr(Session, "_receive", receive)
    async with agent(options) as task:
        await _sessions(plane, 3)
        await plane.until(lambda: _live(plane, len(plane.sessions) - 1))
        assert not task.done()


async def test_bytes_that_are_no_message_end_the_session() -> None:
    class Call:
        async def read(self) -> None:
            return None

    session = Session.__new__(Session)
    session._call = Call()
    with pytest.raises(Ended) as caught:
        await session._read()
    assert (caught.value.code, caught.value.final) == ("protocol_error", False)


async def test_resyncs_without_end_list_a_kind_once_and_once_more_later(
    plane: ControlPlane,
    api: FaultApi,
    options: AgentOptions,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = _Ahead()
    async with agent(replace(options, clock=clock)):
        await plane.until(lambda: _live(plane, 0))
        for _ in range(300):
            await plane.streams[0].write(pb.Down(resync=pb.ResyncKind(kind=POD.wire, reason="digest")))

        def ends() -> int:
            states = [up.kind_state for up in plane.sessions[0] if up.WhichOneof("message") == "kind_state"]
            return sum(state.phase == pb.KindState.SNAPSHOT_END for state in states)

        await plane.until(lambda: ends() == 2)
        await plane.streams[0].write(pb.Down(command=message("get", kind="Pod", namespace="shop", name="gone")))
        await plane.until(lambda: "command_state" in plane.kinds_of(0))
        assert ends() == 2, "299 of them wait for their time"
        clock.ahead_s = session.RESYNC_EVERY_S + 1
        await plane.until(lambda: ends() == 3)


class _Ahead(SystemClock):
    """The machine's clock, of which the monotonic one can be moved ahead."""

    ahead_s = 0.0

    def since_boot(self) -> float:
        return self.monotonic()

    def monotonic(self) -> float:
        return super().monotonic() + self.ahead_s


async def test_certificates_that_are_due_at_once_are_renewed_at_a_pace(
    plane: ControlPlane,
    api: FaultApi,
    options: AgentOptions,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plane.first_hours = (-10, 1)
    monkeypatch.setattr(plane, "_certificate", _always_due(plane))
    async with agent(options):
        await plane.until(lambda: plane.renewed >= 1 and len(plane.sessions) >= 2)
        await plane.until(lambda: _live(plane, 1))
        await plane.streams[1].write(pb.Down(command=message("get", kind="Pod", namespace="shop", name="gone")))
        await plane.until(lambda: "command_state" in plane.kinds_of(1))
        assert plane.renewed == 1


def _always_due(plane: ControlPlane) -> Callable[..., pb.Certificate]:
    original = plane._certificate
    return lambda csr_der, hours: original(csr_der, (-10, 1))


async def test_drains_without_end_are_followed_at_a_pace(plane: ControlPlane, api: FaultApi, options: AgentOptions) -> None:
    async with agent(options):
        for number in range(2):
            await plane.until(lambda number=number: _live(plane, number))
            await plane.streams[number].write(pb.Down(drain=pb.Drain(within_s=0)))
        await _answers(plane, 1)
        assert len(plane.sessions) == 2, "the second drain waits for its time"


async def test_ids_that_are_none_are_logged_once_a_minute(plane: ControlPlane, api: FaultApi, options: AgentOptions) -> None:
    with structlog.testing.capture_logs() as lines:
        async with agent(options):
            await plane.until(lambda: _live(plane, 0))
            for number in range(100):
                await plane.streams[0].write(pb.Down(command=pb.Command(command_id=f"none-{number}")))
            await _answers(plane, 0)
    assert sum("without a usable id" in line["event"] for line in lines) == 1


async def _answers(plane: ControlPlane, number: int) -> None:
    """The session works: all that was written to it before was received."""
    await plane.streams[number].write(pb.Down(command=message("get", kind="Pod", namespace="shop", name="gone")))
    await plane.until(lambda: "command_state" in plane.kinds_of(number))


def test_the_delay_that_a_control_plane_asks_for_stays_within_an_hour_with_its_jitter() -> None:
    backoff = Backoff(steps=RECONNECT_S, rng=random.Random(1))
    delays = [backoff.next_s(at_least_s=MAX_RETRY_S - tunnel.SPREAD_S) for _ in range(200)]
    assert max(delays) <= MAX_RETRY_S and max(delays) - min(delays) > 5


@pytest.mark.parametrize(("told", "most_s"), [(2**32 - 1, MAX_RETRY_S), (7200, MAX_RETRY_S), (30, 30)])
def test_no_control_plane_silences_an_agent_for_more_than_an_hour(told: int, most_s: float) -> None:
    assert _rejected(pb.Reject(code="unavailable", retry_after_s=told)).retry_after_s == most_s


async def test_results_that_are_never_acknowledged_make_the_agent_busy(
    plane: ControlPlane,
    api: FaultApi,
    options: AgentOptions,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(commanding, "MAX_REPORT_BYTES", 1000)
    await api.put("one")
    plane.acks = False

    def codes() -> list[str]:
        return [up.command_state.code for up in plane.sessions[0] if up.WhichOneof("message") == "command_state"]

    async with agent(options):
        await plane.until(lambda: plane.sessions and len(plane.sessions[0]) > 1)
        for _ in range(40):
            await plane.streams[0].write(pb.Down(command=message("get", kind="Pod", namespace="default", name="one")))
        await plane.until(lambda: "BUSY" in codes())


@pytest.mark.parametrize(
    ("code", "valid_for", "server_ahead", "is_final", "words"),
    [
        pytest.param(
            "expired",
            timedelta(days=3),
            timedelta(days=8),
            False,
            "control plane's clock is ahead of this machine's by 8 days",
            id="its clock",
        ),
        pytest.param("expired", timedelta(days=3), None, False, "control plane's clock is ahead", id="its clock, unknown by how much"),
        pytest.param("expired", timedelta(days=-1), timedelta(0), True, "has expired", id="both agree"),
        pytest.param(
            "unavailable", timedelta(days=-1), timedelta(days=-9), False, "ahead of the control plane's by 9 days", id="our clock"
        ),
        pytest.param("unavailable", timedelta(days=-1), None, True, "has expired", id="nothing known of its clock"),
        pytest.param("unavailable", timedelta(days=3), timedelta(0), False, "away", id="no matter of clocks"),
        pytest.param("revoked", timedelta(days=3), timedelta(0), True, "away", id="revoked"),
    ],
)
def test_an_agent_ends_for_good_only_when_no_clock_disagrees(
    code: str, valid_for: timedelta, server_ahead: timedelta | None, is_final: bool, words: str
) -> None:
    held = _tunnel(datetime.now(UTC) + valid_for)
    server_ms = 0 if server_ahead is None else round((datetime.now(UTC) + server_ahead).timestamp() * 1000)
    ended = Ended(code, "away", final=code in ("expired", "revoked"), server_ms=server_ms)
    try:
        judged = held._judged(ended)
    except Ended as final:
        judged = final
        assert is_final
    else:
        assert not is_final
        assert code != "expired" or judged.retry_after_s > 0
    assert words in judged.say


def _tunnel(not_after: datetime) -> Tunnel:
    class Certificate:
        not_valid_after_utc = not_after

    class Identity:
        certificate = Certificate()

    class Parts:
        clock = SystemClock()
        clocks = Clocks()

    parts: Any = Parts()
    who: Any = Identity()
    unused: Any = None
    return Tunnel(who, unused, parts, unused, unused)


def test_an_outage_of_a_minute_costs_at_most_two_dials_an_agent_and_all_are_back_within_a_minute() -> None:
    rng = random.Random(1)
    back: list[float] = []
    for _ in range(1000):
        backoff = Backoff(steps=RECONNECT_S, rng=rng)
        at, dials = 0.0, 0
        while (at := at + backoff.next_s()) < 60:
            dials += 1
        assert dials <= 2
        back.append(at - 60)
    assert max(back) <= 60
    assert sum(after <= 5 for after in back) < 400, "they do not come back all at once"


def test_no_task_of_a_session_is_left_with_an_unseen_error(caplog: pytest.LogCaptureFixture) -> None:
    async def work() -> None:
        raise Ended("closed", "by itself")

    async def scene() -> None:
        session = Session.__new__(Session)
        session._run = work  # type: ignore[method-assign]
        session.start()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        del session

    with caplog.at_level(logging.ERROR, "asyncio"):
        asyncio.run(scene())
        gc.collect()
    assert "never retrieved" not in caplog.text
