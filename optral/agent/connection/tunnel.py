"""The tunnel: one stream at a time, Hello → Welcome → the work the control plane requests, until it ends; then again, with jitter.

Whatever the control plane sends, it ends a session at most, never the agent.

One writer, so heartbeats and frames never cross; a frame goes at once while nothing is unacknowledged, else when a batch is full or
200 ms old: quick when idle, dense under load. A renewed certificate or a Drain opens the new session before the old one is let go.
The control plane says which CAs are valid (trust.py); when it rotates its CA, it asks for an early renewal too.
"""

import asyncio
import random
from contextlib import AsyncExitStack

import structlog

from optral.agent.connection import identity, trust
from optral.agent.connection.addresses import Addresses
from optral.agent.connection.identity import Identity, Keep
from optral.agent.connection.returning import Returning
from optral.agent.connection.session import MAX_RETRY_S, SUPERSEDED_S, Ended, Parts, Session
from optral.kit.durations import in_words
from optral.kit.retry import Backoff
from optral.terms.errors import OptralError, Refused, Unavailable
from optral.wire.agent.v1 import tunnel_pb2 as pb

LIVE_RESETS_S = 60
STEADY_S = 10  # a session that lived this long was no failure to connect
RECONNECT_S = ((0, 5), (15, 25), (45, 55))
"""Delays before each dial: two dials of an agent fall into an outage of 60 s, and all agents are back within 60 s after any."""
EXPIRED_RETRY_S = 60
RENEW_EVERY_S = 10
HAND_OVER_EVERY_S = 10  # each is a handshake and a session, whatever the control plane asks for
TRUST_EVERY_S = 1  # each update may be written to a Secret
SPREAD_S = 10  # of the delays above; it stays within an hour, too
SETTLE_S = 5  # for acknowledgements before a session is handed over
RENEW_AGAIN_S = 60
MAX_RENEW_WITHIN_S = 24 * 3600
log = structlog.get_logger()


class Tunnel:
    """Holds a session to the control plane for as long as the agent lives."""

    def __init__(
        self,
        who: Identity,
        keep: Keep,
        parts: Parts,
        returning: Returning,
        addresses: Addresses,
        *,
        rng: random.Random | None = None,
        backoff: Backoff | None = None,
    ) -> None:
        self.identity = who
        self._keep, self._parts, self._returning, self._addresses = keep, parts, returning, addresses
        self._renew_by: float | None = None  # on the monotonic clock: requested by the control plane
        self._rng = rng or random.Random()  # noqa: S311 - spreads load
        self._backoff = backoff or Backoff(steps=RECONNECT_S, rng=self._rng)
        self._renewed_at = self._handed_over_at = float("-inf")
        self._renew_jitter = self._rng.uniform(-1, 1)
        self._session: Session | None = None
        self._said = ""

    async def run(self) -> None:
        """Connect, work, connect again. Raises `Ended` (final) when there is no use in coming back."""
        while True:
            try:
                await self._hold(await self._connect())
            except Ended as ended:
                judged = self._judged(ended)
                if judged is ended and self._session is None:
                    judged = await self._after_failure(ended)
                await self._wait(judged)
            except OptralError:
                raise
            except Exception as error:  # whatever the server sent: the agent goes on watching, and connects again
                log.exception("a session broke")
                await self._wait(Ended("internal", f"the agent has a defect: {type(error).__name__}", retry_after_s=SUPERSEDED_S))

    async def stop(self, reason: str) -> None:
        """Say Goodbye and close. Call after `run` was canceled."""
        if self._session is not None:
            await self._session.close(reason)
            self._session = None

    def reconnect(self) -> None:
        """Open a new session that takes over from the current one: it announces other kinds."""
        if self._session is not None and not self._session.drain_within_s.done():
            self._session.drain_within_s.set_result(0)

    def is_connected(self) -> bool:
        return self._session is not None

    def _judged(self, ended: Ended) -> Ended:
        """What to wait for; raises `Ended` when there is no use in coming back. No clock alone makes a certificate expire for good."""
        if ended.final and ended.code != "expired":
            raise ended
        clock, ends = self._parts.clock, self.identity.certificate.not_valid_after_utc
        ours_s = (ends - clock.now()).total_seconds()
        known_ms = ended.server_ms or self._parts.clocks.server_now_ms(clock.monotonic())
        ahead_s = None if known_ms is None else known_ms / 1000 - clock.now().timestamp()
        if ended.code == "expired" and ours_s > 0:
            by = "" if ahead_s is None else f" by {in_words(ahead_s)}"
            say = f"the control plane says that the certificate has expired, but it is valid until {ends:%Y-%m-%d %H:%M} UTC"
            say += f": the control plane's clock is ahead of this machine's{by}; correct the one that is wrong"
            return Ended("clock", say, retry_after_s=EXPIRED_RETRY_S)
        if ours_s > 0:
            return ended
        if ended.code != "expired" and ahead_s is not None and ours_s > ahead_s:
            say = "by this machine's clock the certificate has expired, but that clock is ahead of the control plane's"
            say += f" by {in_words(ahead_s)}; correct the one that is wrong"
            return Ended("clock", say, retry_after_s=EXPIRED_RETRY_S)
        raise Ended("expired", "the agent's certificate has expired; create a new enrollment token and start the agent with it", final=True)

    async def _after_failure(self, ended: Ended) -> Ended:
        """No session could be opened: perhaps the CA was rotated."""
        outcome = await self._returning.after_failure(self.identity, ended.say)
        await self._addresses.after_failure()
        if outcome.identity is not None:
            await self._trust(outcome.identity)
            self._backoff.reset()
        return Ended("ca_replaced", outcome.say, retry_after_s=ended.retry_after_s) if outcome.say else ended

    async def _trust(self, who: Identity) -> None:
        """Trust the CAs of this identity from now on."""
        await self._keep.save(who)
        self.identity = who
        log.info("trusting other CAs of the control plane", pins=trust.pins(who.bundle_pem))

    async def _wait(self, ended: Ended) -> None:
        session, self._session = self._session, None
        if session is not None:
            lived_s = self._parts.clock.monotonic() - session.opened_at
            if lived_s >= STEADY_S:
                self._backoff.reset(to=0 if lived_s >= LIVE_RESETS_S else 1)
            await session.close()
        delay_s = self._backoff.next_s(at_least_s=min(ended.retry_after_s, MAX_RETRY_S - SPREAD_S))
        if ended.say != self._said:  # the same failure is logged once, not every minute
            log.warning("no tunnel to the control plane", reason=ended.say, retry_s=round(delay_s, 1))
            self._said = ended.say
        await asyncio.sleep(delay_s)

    async def _connect(self, previous: Session | None = None) -> Session:
        session = Session(self.identity, self._parts, self._addresses.current)
        async with AsyncExitStack() as undo:
            undo.push_async_callback(session.close)
            welcome = await session.open()
            undo.pop_all()
        if previous is not None:
            previous.detach()
        self._parts.buffer.rewind()
        self._parts.buffer.limit(welcome.max_batch_bytes)
        self._parts.commands.opened(welcome.fence, session.send_output)
        self._follow(welcome)
        self._session = session
        self._returning.opened()
        self._addresses.opened()
        self._said = ""
        self._parts.progress()
        log.info("tunnel open", address=self._addresses.current, fence=welcome.fence)
        await self._keep_address()
        return session

    async def _keep_address(self) -> None:
        """The agent begins at the address that works, also after a restart."""
        if self.identity.tunnel_address == self._addresses.current:
            return
        self.identity = identity.at_address(self.identity, self._addresses.current)
        await self._keep.save(self.identity)

    def _follow(self, welcome: pb.Welcome) -> None:
        modes = {directive.kind: directive.mode for directive in welcome.kinds}
        for kind in self._parts.catalog.kinds:
            if kind.wire not in modes:  # an older control plane that does not know it
                self._parts.watches.leave(kind)
                continue
            is_denied = self._parts.watches.is_denied(kind)
            resumable = not is_denied and self._parts.watches.is_running(kind) and self._parts.buffer.standing(kind).generation
            if modes.get(kind.wire) != pb.KindDirective.RESUME or not resumable:
                self._parts.watches.snapshot(kind)
            else:
                self._parts.buffer.resume(kind)
        self._parts.watches.follow_events()
        self._parts.buffer.digest_all()

    async def _hold(self, session: Session) -> None:
        """Serve this session and those that take over from it, until one ends by itself."""
        while True:
            await self._until_handover(session, session.start())
            successor = await self._hand_over(session)
            await session.close("handed over")
            session = successor

    async def _until_handover(self, session: Session, work: asyncio.Task[None]) -> None:
        """Return when a new session should be opened; raises `Ended` when this one ends."""
        again_at = 0.0  # a failed renewal is tried again in a minute
        while True:
            waits = (work, session.drain_within_s, session.trust_news)
            timeout_s = max(self._renew_in_s(), again_at - self._parts.clock.monotonic(), 0)
            done, _ = await asyncio.wait(waits, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
            if work in done:
                work.result()
            if session.drain_within_s in done:
                paced_s = self._handed_over_at + HAND_OVER_EVERY_S - self._parts.clock.monotonic()
                await asyncio.wait((work,), timeout=max(paced_s, self._rng.uniform(0, session.drain_within_s.result())))
                if work.done():
                    work.result()
                return
            if session.trust_news in done:
                await self._follow_trust(session, session.next_trust_news())
                await asyncio.wait(waits[:2], timeout=TRUST_EVERY_S, return_when=asyncio.FIRST_COMPLETED)
            elif await self._renewed(session):
                return
            else:
                again_at = self._parts.clock.monotonic() + RENEW_AGAIN_S

    def _renew_in_s(self) -> float:
        due_s = (self.identity.renew_at(self._renew_jitter) - self._parts.clock.now()).total_seconds()
        now = self._parts.clock.monotonic()
        due_s = due_s if self._renew_by is None else min(due_s, self._renew_by - now)
        return max(due_s, self._renewed_at + RENEW_EVERY_S - now)

    async def _follow_trust(self, session: Session, update: pb.TrustUpdate) -> None:
        """Take over which CAs are valid, tell what is trusted now, and renew soon if this certificate's CA goes."""
        words = [
            trust.Endorsement(endorsement.root, endorsement.by, endorsement.signature)
            for endorsement in update.endorsements[: trust.MAX_ENDORSEMENTS]
        ]
        bundle = trust.followed(self.identity.bundle_pem, update.roots_pem, words)
        if bundle is None:
            if (left_out := self._parts.complaints.take("CAs")) is not None:
                log.warning("the control plane names CAs that no trusted CA endorses; they are ignored", left_out=left_out)
        elif bundle != self.identity.bundle_pem:
            await self._trust(identity.with_bundle(self.identity, bundle))
        session.report_trust(trust.pins(self.identity.bundle_pem))
        within_s = min(update.renew_within_s, MAX_RENEW_WITHIN_S)
        self._renew_by = self._parts.clock.monotonic() + self._rng.uniform(0, within_s) if within_s else None

    async def _renewed(self, session: Session) -> bool:
        asked = identity.request()
        try:
            answer = await session.renew(asked.csr_der)
        except (Refused, Unavailable) as error:
            log.warning("the certificate was not renewed", reason=error.say)
            return False
        if not identity.fits(asked.key_pem, answer.chain_pem):
            log.warning("the certificate was not renewed", reason="the answer is not for our key")
            return False
        words = [
            trust.Endorsement(endorsement.root, endorsement.by, endorsement.signature)
            for endorsement in answer.endorsements[: trust.MAX_ENDORSEMENTS]
        ]
        bundle = trust.followed(self.identity.bundle_pem, answer.trust_bundle_pem, words)
        self.identity = identity.with_certificate(
            self.identity,
            key_pem=asked.key_pem,
            chain_pem=answer.chain_pem,
            bundle_pem=bundle or self.identity.bundle_pem,
            cluster_id=answer.cluster_id,
            tunnel_address=answer.tunnel_address,
        )
        self._addresses.moved(self.identity.tunnel_address)
        self._renew_jitter, self._renew_by, self._renewed_at = self._rng.uniform(-1, 1), None, self._parts.clock.monotonic()
        await self._keep.save(self.identity)
        log.info("certificate renewed", not_after=self.identity.certificate.not_valid_after_utc.isoformat())
        return True

    async def _hand_over(self, session: Session) -> Session:
        session.pause()
        self._handed_over_at = self._parts.clock.monotonic()
        deadline = self._parts.clock.monotonic() + SETTLE_S
        while self._parts.buffer.unacked and self._parts.clock.monotonic() < deadline:  # noqa: ASYNC110 - a few rounds, once in days
            await asyncio.sleep(0.02)
        try:
            return await self._connect(session)
        except Ended:
            session.go_on()
            raise
