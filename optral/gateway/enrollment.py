"""The enrollment service: a one-use token and a certificate request in, a certificate out. Failures are limited by address."""

import asyncio
from collections.abc import Callable
from typing import Any

import structlog

from optral.clusters.connection import Contact
from optral.gateway import replies
from optral.gateway.front import FrontListener
from optral.gateway.limits import Buckets
from optral.gateway.session import Parts
from optral.terms.errors import OptralError, TooMany, Unavailable
from optral.wire.agent.v1 import tunnel_pb2 as pb, tunnel_pb2_grpc as rpc

FAILURES_AT_ONCE = 30  # per address; a valid token costs nothing, so a fleet behind one gateway enrolls together
FAILURES_A_MINUTE = 30
AT_ONCE = 16  # in all: so many guesses more than the limit can be on their way
NAME_KEY = "optral-cluster-name"
_log = structlog.get_logger(__name__)


class Enrollment(rpc.EnrollmentServicer):
    """`tunnel_address` is the address that agents get."""

    def __init__(self, parts: Parts, tunnel_address: Callable[[], str], front: FrontListener) -> None:
        self._parts, self._tunnel_address, self._front = parts, tunnel_address, front
        self._failures = Buckets(parts.clock, burst=FAILURES_AT_ONCE, per_minute=FAILURES_A_MINUTE)
        self._places = asyncio.Semaphore(AT_ONCE)

    async def Enroll(self, request: pb.EnrollRequest, context: Any) -> pb.Certificate:
        """Spend the token for a certificate."""
        address = self._front.address_of(context.peer())
        try:
            async with self._places:
                if not self._failures.has(address):
                    raise TooMany(retry_after_s=60, say="too many failed enrollments from this address; try again in a minute")
                enrolled = await self._parts.connect.enrol(
                    token=request.token,
                    csr_der=request.csr_der,
                    kube_system_uid=request.kube_system_uid,
                    nonce=request.nonce,
                    contact=Contact(
                        address=address, agent_version=request.info.agent_version, cluster_name=_name_of(context.invocation_metadata())
                    ),
                )
        except OptralError as error:
            if not isinstance(error, (TooMany, Unavailable)):
                self._failures.take(address)
            self._parts.counters["enrolments_refused"] += 1
            await replies.refuse(context, error)
            raise AssertionError("abort does not return") from None
        self._parts.counters["enrolments"] += 1
        return replies.certificate(enrolled, self._parts, self._tunnel_address())


def _name_of(metadata: Any) -> str:
    """The name that the agent proposes for its cluster; only fleet tokens use it."""
    return next((str(value)[:100] for key, value in metadata or () if key == NAME_KEY), "")
