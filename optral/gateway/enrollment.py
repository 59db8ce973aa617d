"""The enrolment service: a one-use token and a certificate request in, a certificate out. Strangers may knock, but not often."""

from collections.abc import Callable
from typing import Any

import structlog

from optral.gateway import replies
from optral.gateway.front import Front
from optral.gateway.limits import Buckets
from optral.gateway.session import Parts
from optral.terms.errors import OptralError, TooMany
from optral.wire.agent.v1 import tunnel_pb2 as pb, tunnel_pb2_grpc as rpc

ATTEMPTS_AT_ONCE = 30  # per address: a fleet behind one gateway enrols together
ATTEMPTS_A_MINUTE = 30
_log = structlog.get_logger(__name__)


class Enrollment(rpc.EnrollmentServicer):
    """`tunnel_address` is where agents are told to dial."""

    def __init__(self, parts: Parts, tunnel_address: Callable[[], str], front: Front) -> None:
        self._parts, self._tunnel_address, self._front = parts, tunnel_address, front
        self._attempts = Buckets(parts.clock, burst=ATTEMPTS_AT_ONCE, per_minute=ATTEMPTS_A_MINUTE)

    async def Enroll(self, request: pb.EnrollRequest, context: Any) -> pb.Certificate:
        """Spend the token for a certificate."""
        try:
            if not self._attempts.take(self._front.address_of(context.peer())):
                raise TooMany(retry_after_s=60, say="too many enrolments from this address; try again in a minute")
            enrolled = await self._parts.connect.enrol(
                token=request.token, csr_der=request.csr_der, kube_system_uid=request.kube_system_uid, nonce=request.nonce
            )
        except OptralError as error:
            self._parts.counters["enrolments_refused"] += 1
            await replies.refuse(context, error)
            raise AssertionError("abort does not return") from None
        self._parts.counters["enrolments"] += 1
        return replies.certificate(enrolled, self._parts, self._tunnel_address())
