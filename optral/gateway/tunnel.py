"""The tunnel service: who comes in, which session of a cluster counts, and how all of them end when the server stops.

The newest session of a cluster wins. In this process the older one ends at once; a session on another replica finds out by its next
write, and at the latest by the look that every gateway takes at the rows of its open sessions every few seconds.
"""

import asyncio
import math
from collections import Counter, deque
from collections.abc import Callable
from typing import Any

import grpc
import structlog

from optral.clusters.model import Identity, Reason
from optral.clusters.service import LiveSession
from optral.gateway import bans, identity as identities, outputs, replies
from optral.gateway.bans import Bans
from optral.gateway.conflicts import Conflicts, Opening
from optral.gateway.ending import Ended, close_reason, why_over
from optral.gateway.front import FrontListener
from optral.gateway.session import HELLO_DEADLINE_S, Parts, Session
from optral.gateway.stream import PeerGone, SlowPeer, Stream
from optral.kit.tasks import Tasks
from optral.terms.errors import OptralError, Refused, TooMany, Unavailable
from optral.wire.agent.v1 import tunnel_pb2 as pb, tunnel_pb2_grpc as rpc

TAKEOVERS_A_MINUTE = 3  # more is two agents that fight over one identity
BAN_HOLD_S = 2.0  # before a banned agent gets its answer: dialing again at once must cost it more than us
DRAIN_WITHIN_S = 15
_log = structlog.get_logger(__name__)


class AgentTunnel(rpc.AgentTunnelServicer):
    """Own `watch` as a task. `tunnel_address` is the address that agents get."""

    def __init__(self, parts: Parts, tasks: Tasks, tunnel_address: Callable[[], str], front: FrontListener) -> None:
        self._parts, self._tasks, self._tunnel_address, self._front = parts, tasks, tunnel_address, front
        self._sessions: dict[str, Session] = {}
        self._takeovers: dict[str, deque[float]] = {}
        self._conflicts = Conflicts()
        self._bans = Bans()
        self._left = asyncio.Event()
        self._is_stopping = False

    @property
    def open_sessions(self) -> int:
        return len(self._sessions)

    @property
    def counters(self) -> Counter[str]:
        return self._parts.counters

    async def Connect(self, request_iterator: Any, context: Any) -> None:
        """One agent's session, from hello to its end."""
        stream = Stream(context)
        try:
            identity = self._identify(context)
            if self._is_stopping:
                await self._let_speak(stream)
                raise Ended("unavailable", "the server is stopping")
            await self._keep_out(identity, stream, context.peer())
            await self._serve(Session(identity, stream, self._parts, address=self._front.address_of(context.peer())), context.peer())
        except Ended as ending:
            await self._send_end(stream, ending)
        except Refused as refusal:
            self._parts.counters["refused"] += 1
            _log.warning("agent refused", code=refusal.code, address=self._front.address_of(context.peer()))
            await self._let_speak(stream)
            await self._send_end(stream, Ended(refusal.code, refusal.say))

    async def Renew(self, request: pb.RenewRequest, context: Any) -> pb.Certificate:
        """A fresh certificate for whoever holds a valid one."""
        try:
            identity = self._identify(context)
            if (ban := self._bans.find(identity, self._parts.clock.monotonic())) is not None:
                raise Unavailable("refused", say=ban.say)
            await self._spend(identity, "Renew")
            renewed = await self._parts.connect.renew(identity, request.csr_der)
        except OptralError as error:
            await replies.refuse(context, error)
            raise AssertionError("abort does not return") from None
        return replies.certificate(renewed, self._parts, self._tunnel_address())

    async def Output(self, request_iterator: Any, context: Any) -> None:
        """The long output of one command, from the agent whose session is open here."""
        try:
            identity = self._identify(context)
        except OptralError as error:
            await replies.refuse(context, error)
            raise AssertionError("abort does not return") from None
        session = self._sessions.get(identity.cluster_id)
        if session is None or session.identity.fingerprint != identity.fingerprint:
            await context.abort(grpc.StatusCode.FAILED_PRECONDITION, "superseded: this agent has no session here")
            raise AssertionError("abort does not return")
        try:
            await self._spend(identity, "Output")
        except TooMany as error:
            await replies.refuse(context, error)
            raise AssertionError("abort does not return") from None
        await outputs.receive(context, self._parts.dispatch, session.ref)

    async def _spend(self, identity: Identity, call: str) -> None:
        """Raises `TooMany` when this agent calls too often; then its session ends as well."""
        try:
            await self._parts.budgets.spend(identity.cluster_id, call)
        except Ended as ending:
            if (session := self._sessions.get(identity.cluster_id)) is not None and session.identity.fingerprint == identity.fingerprint:
                session.end(ending.code, ending.say)
            raise TooMany("rate_limited", retry_after_s=bans.FIRST_S, say=ending.say) from None

    async def watch(self) -> None:
        """Every few seconds, end the sessions whose cluster, certificate or fence no longer counts, and wake those for which commands
        wait that another replica wrote."""
        while True:
            await asyncio.sleep(self._parts.check_every_s)
            try:
                self._end_episodes()
                await self._check_all()
                await self._parts.dispatch.waiting(tuple(self._sessions))
            except OptralError:
                _log.exception("open sessions could not be checked")

    async def drain(self, *, deadline_s: float) -> None:
        """Take no more agents, ask those here to come back, wait for them to leave, then end the rest."""
        self._is_stopping = True
        sessions = tuple(self._sessions.values())
        await asyncio.gather(*(session.send_drain(DRAIN_WITHIN_S) for session in sessions), return_exceptions=True)
        await self._wait_empty(deadline_s)
        for session in tuple(self._sessions.values()):
            session.end("unavailable", "the server is stopping")
        await self._wait_empty(1.0)

    async def _wait_empty(self, deadline_s: float) -> None:
        try:
            async with asyncio.timeout(deadline_s):
                while self._sessions:
                    self._left.clear()
                    await self._left.wait()
        except TimeoutError:
            pass

    def _identify(self, context: Any) -> Identity:
        certificates = context.auth_context().get("x509_pem_cert") or [b""]
        parts = self._parts
        identity = identities.read(certificates[0], trust_domain=parts.connect.authority.trust_domain, now=parts.clock.now())
        self._front.identified(context.peer())
        return identity

    async def _keep_out(self, identity: Identity, stream: Stream, peer: str) -> None:
        """Raises `Ended` for an agent that broke the protocol and comes back before its time: a session costs several transactions."""
        ban = self._bans.find(identity, self._parts.clock.monotonic())
        if ban is None:
            return
        self._parts.counters["kept_out"] += 1
        await self._let_speak(stream)
        self._front.hold(peer)
        await asyncio.sleep(BAN_HOLD_S)
        left_s = ban.until - self._parts.clock.monotonic()
        raise Ended("protocol_error", ban.say, retry_after_s=max(1, math.ceil(left_s)))

    async def _serve(self, session: Session, peer: str) -> None:
        try:
            await session.open()
            await self._run(session)
        except Ended as ending:
            if ending.code == "protocol_error":
                self._front.hold(peer)
                self._refuse(session, ending)
            raise

    def _refuse(self, session: Session, ending: Ended) -> None:
        """Let this agent in again after a while, and tell people once."""
        identity = session.identity
        ending.retry_after_s, is_new = self._bans.add(identity, ending.say, self._parts.clock.monotonic())
        self._parts.presence.remark(identity.cluster_id, Reason.PROTOCOL_ERROR)
        if is_new:
            self._parts.counters["refused_agents"] += 1
            told = {"address": session.address, "reason": ending.say}
            _log.warning("an agent broke the protocol and is refused for a while", cluster_id=identity.cluster_id, **told)
            self._tasks.start(f"refusal {identity.cluster_id}", self._parts.connect.broke_protocol(identity, told))

    async def _run(self, session: Session) -> None:
        ref, presence = session.ref, self._parts.presence
        self._enter(session)
        presence.opened(ref)
        code = "gone"
        try:
            await session.serve()
        except Ended as ending:
            code = ending.code
            raise
        except SlowPeer:
            code = "too_slow"
            raise Ended(code, "messages were not read in time") from None
        except PeerGone:
            raise Ended(code) from None
        except Exception:  # noqa: BLE001 - one session's fault is logged and ends that session alone
            code = "unavailable"
            _log.exception("a session broke", cluster_id=ref.cluster_id)
            raise Ended(code, "the server has a problem") from None
        finally:
            self._leave(session, code)

    def _enter(self, session: Session) -> None:
        cluster_id = session.ref.cluster_id
        older = self._sessions.get(cluster_id)
        if older is not None and older.ref.fence > session.ref.fence:
            raise Ended("superseded", "a newer session of this cluster has taken over")
        self._sessions[cluster_id] = session
        self._parts.counters["sessions"] += 1
        if older is not None:
            older.end("superseded", "a newer session of this cluster has taken over")
        self._note_opening(session)

    def _note_opening(self, session: Session) -> None:
        ref, now = session.ref, self._parts.clock.monotonic()
        if session.instance and self._conflicts.opened(ref.cluster_id, Opening(session.instance, session.address, now)):
            self._parts.counters["conflicts"] += 1
            self._parts.presence.remark(ref.cluster_id, Reason.TWO_AGENTS)
            agents = self._conflicts.agents(ref.cluster_id)
            self._tasks.start(f"conflict {ref.cluster_id}", self._parts.connect.conflict(ref, agents))
        if self._conflicts.may_log(ref.cluster_id, now):
            agents = self._conflicts.agents(ref.cluster_id)
            _log.warning(
                "two agents have the same identity and take the tunnel from each other; stop one", cluster_id=ref.cluster_id, agents=agents
            )

    def _end_episodes(self) -> None:
        for cluster_id in self._conflicts.over(self._parts.clock.monotonic()):
            self._parts.presence.withdraw(cluster_id, Reason.TWO_AGENTS)
            _log.info("two agents no longer take the tunnel from each other", cluster_id=cluster_id)
        for cluster_id in self._bans.over(self._parts.clock.monotonic()):
            self._parts.presence.withdraw(cluster_id, Reason.PROTOCOL_ERROR)

    def _leave(self, session: Session, code: str) -> None:
        ref = session.ref
        if self._sessions.get(ref.cluster_id) is session:
            del self._sessions[ref.cluster_id]
            self._left.set()
        self._parts.presence.closed(ref)
        self._parts.counters[f"ended_{code}"] += 1
        _log.info("session ended", cluster_id=ref.cluster_id, fence=ref.fence, code=code)
        if code == "superseded":  # counted here, since the row may end the older session before the newer one is entered
            self._count_takeover(ref.cluster_id)
        if (reason := close_reason(code)) is not None:
            self._tasks.start(f"close {ref.cluster_id}", self._parts.connect.close(ref, reason=reason))

    def _count_takeover(self, cluster_id: str) -> None:
        now = self._parts.clock.monotonic()
        times = self._takeovers.setdefault(cluster_id, deque(maxlen=TAKEOVERS_A_MINUTE + 1))
        times.append(now)
        self._parts.counters["takeovers"] += 1
        if len(times) > TAKEOVERS_A_MINUTE and now - times[0] <= 60:
            self._parts.counters["takeover_storms"] += 1

    async def _check_all(self) -> None:
        looked_at = dict(self._sessions)
        live = [LiveSession(s.ref.cluster_id, s.identity.fingerprint, s.ref.fence) for s in looked_at.values()]
        for cluster_id, code in (await self._parts.connect.ended(live)).items():
            # The answer is about the session that was asked about: a newer one may have come in meanwhile.
            if (session := self._sessions.get(cluster_id)) is not None and session is looked_at[cluster_id]:
                session.end(code, why_over(code))
        for cluster_id in [key for key in self._takeovers if key not in self._sessions]:
            del self._takeovers[cluster_id]

    async def _let_speak(self, stream: Stream) -> None:
        """Take the peer's first message: a stream ended before it came fails the peer's write, and our reason would go unread."""
        try:
            async with asyncio.timeout(HELLO_DEADLINE_S):
                await stream.read()
        except TimeoutError:
            pass

    async def _send_end(self, stream: Stream, ending: Ended) -> None:
        if ending.code in ("gone", "goodbye"):
            return
        try:
            await stream.write(ending.message(int(self._parts.clock.now().timestamp() * 1000)))
        except (SlowPeer, PeerGone):
            _log.info("a peer left before it got the reason", code=ending.code)
