"""What unary calls answer: a certificate, or a status whose text begins with a stable code."""

from typing import Any

import grpc

from optral.clusters.enrollment_service import Enrolled
from optral.gateway import trust
from optral.gateway.session import Parts
from optral.terms.errors import OptralError, TooMany, Unavailable
from optral.wire.agent.v1 import tunnel_pb2 as pb

_STATUS = {
    "token_unknown": grpc.StatusCode.UNAUTHENTICATED,
    "token_used": grpc.StatusCode.UNAUTHENTICATED,
    "token_expired": grpc.StatusCode.UNAUTHENTICATED,
    "token_revoked": grpc.StatusCode.UNAUTHENTICATED,
    "token_exhausted": grpc.StatusCode.UNAUTHENTICATED,
    "source_not_allowed": grpc.StatusCode.PERMISSION_DENIED,
    "approval_rejected": grpc.StatusCode.PERMISSION_DENIED,
    "approval_held": grpc.StatusCode.FAILED_PRECONDITION,
    "cluster_exists": grpc.StatusCode.FAILED_PRECONDITION,
    "name_required": grpc.StatusCode.FAILED_PRECONDITION,
    "name_invalid": grpc.StatusCode.FAILED_PRECONDITION,
    "name_taken": grpc.StatusCode.FAILED_PRECONDITION,
    "csr_invalid": grpc.StatusCode.INVALID_ARGUMENT,
    "cluster_mismatch": grpc.StatusCode.FAILED_PRECONDITION,
}


def certificate(enrolled: Enrolled, parts: Parts, tunnel_address: str) -> pb.Certificate:
    """The message that carries a certificate."""
    return pb.Certificate(
        chain_pem=enrolled.chain_pem.encode(),
        trust_bundle_pem=parts.connect.authority.ca_pem.encode(),
        cluster_id=enrolled.cluster_id,
        renew_at_ms=int(enrolled.renew_at.timestamp() * 1000),
        server_time_ms=int(parts.clock.now().timestamp() * 1000),
        tunnel_address=tunnel_address,
        endorsements=trust.endorsements(parts.connect.authority),
    )


async def refuse(context: Any, error: OptralError) -> None:
    """End the call with `<code>: <what happened>`; does not return."""
    if isinstance(error, TooMany):
        await context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, f"rate_limited: {error.say}")
    if isinstance(error, Unavailable):
        await context.abort(grpc.StatusCode.UNAVAILABLE, f"unavailable: {error.say}")
    status = _STATUS.get(error.code)
    if status is None:
        await context.abort(grpc.StatusCode.PERMISSION_DENIED, f"identity_refused: {error.code}: {error.say}")
    await context.abort(status, f"{error.code}: {error.say}")
