"""Tells an agent which server CAs are valid and when to renew its certificate, and records what it trusts.

An update follows every Welcome and every change of the rotation (clusters/rotation.py). It goes only to agents with the capability
`trust.v1`; older ones keep the CA they pinned.
"""

import asyncio

import structlog

from optral.clusters.authority import Authority
from optral.clusters.model import Identity, SessionRef
from optral.flows.clusters.connect import Connect
from optral.gateway.stream import Stream
from optral.kit.hub import ANY, Follower, Hub
from optral.terms.errors import OptralError
from optral.wire.agent.v1 import tunnel_pb2 as pb

RENEW_WITHIN_S = 60  # a thousand agents: 17 handshakes a second
LOOK_AGAIN_S = 3600.0
RECORD_AGAIN_S = 5.0
MAX_PINS, MAX_PIN = 8, 80
_log = structlog.get_logger(__name__)


class TrustUpdates:
    """Updates and reports of one session. Own `run` as a task; `loaded` is the hub of `rotations.LOADED`."""

    def __init__(
        self, stream: Stream, connect: Connect, identity: Identity, loaded: Hub[str], *, renew_within_s: int = RENEW_WITHIN_S
    ) -> None:
        self._stream, self._connect, self._identity, self._renew_within_s = stream, connect, identity, renew_within_s
        self._loaded = loaded
        self._follower: Follower[str] = Follower()
        self._sent: int | None = None
        self._report: list[str] | None = None

    async def run(self, ref: SessionRef, *, takes_updates: bool) -> None:
        """Send an update now and at every change, and store reports; runs until canceled."""
        if not takes_updates:
            await asyncio.Event().wait()
        self._loaded.join(self._follower, ANY)
        try:
            while True:
                await self._publish()
                await self._record(ref)
                await self._follower.wait(LOOK_AGAIN_S if self._report is None else RECORD_AGAIN_S)
        finally:
            self._loaded.leave(self._follower, ANY)

    def reported(self, report: pb.TrustReport) -> None:
        """The agent stored an update. Only the last report counts."""
        self._report = [pin[:MAX_PIN] for pin in report.pins[:MAX_PINS]]
        self._follower.wake(ANY)

    async def _publish(self) -> None:
        authority = self._connect.authority
        version = authority.rotation.version
        if version != self._sent:
            must_renew = not authority.is_signed_by_signer(self._identity.issuer_key_id)
            await self._stream.write(pb.Down(trust_update=_update(authority, renew_within_s=self._renew_within_s if must_renew else 0)))
            self._sent = version

    async def _record(self, ref: SessionRef) -> None:
        report, self._report = self._report, None
        if report is None:
            return
        try:
            await self._connect.record_trust(ref, report)
        except OptralError as error:
            _log.warning("what an agent trusts could not be stored; trying again", cluster_id=ref.cluster_id, error=error.code)
            if self._report is None:
                self._report = report


def endorsements(authority: Authority) -> list[pb.Endorsement]:
    return [
        pb.Endorsement(root=endorsement.root, by=endorsement.by, signature=endorsement.signature) for endorsement in authority.endorsements
    ]


def _update(authority: Authority, *, renew_within_s: int) -> pb.TrustUpdate:
    return pb.TrustUpdate(roots_pem=authority.ca_pem.encode(), endorsements=endorsements(authority), renew_within_s=renew_within_s)
