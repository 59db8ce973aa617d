"""gRPC channels to the control plane, with the options that make a dead peer visible, and enrollment over one of them.

Evidence for the options: `grpc.http2.ping_timeout_ms` defaults to 60 s and rules over the keepalive timeout, so a frozen peer was seen
after 61 s; with it, after 3 s. grpcio reads only the lower-case proxy variables, so the proxy is handed over explicitly.
"""

import secrets
from urllib.parse import urlsplit

import grpc

from optral.agent.connection.bootstrap import Bootstrap
from optral.agent.connection.identity import Identity, Request
from optral.kit.proxies import proxy_for
from optral.kit.retry import Backoff, retry
from optral.terms.errors import Misconfigured, Refused, Unavailable
from optral.wire.agent.v1 import tunnel_pb2 as pb, tunnel_pb2_grpc as rpc

CALL_S = 20
_RETRIABLE = frozenset(
    {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.INTERNAL,
     grpc.StatusCode.UNKNOWN, grpc.StatusCode.ABORTED, grpc.StatusCode.CANCELLED}
)  # fmt: skip


def options_for(address: str) -> list[tuple[str, int | str]]:
    """Channel options for host:port. Raises `Misconfigured` for a proxy gRPC cannot use."""
    options: list[tuple[str, int | str]] = [
        ("grpc.keepalive_time_ms", 20_000),
        ("grpc.keepalive_timeout_ms", 10_000),
        ("grpc.http2.ping_timeout_ms", 10_000),
        ("grpc.keepalive_permit_without_calls", 0),
        ("grpc.http2.max_pings_without_data", 0),
        ("grpc.max_receive_message_length", 4 * 1024 * 1024),
        ("grpc.max_send_message_length", 8 * 1024 * 1024),
        ("grpc.enable_retries", 0),
        ("grpc.use_local_subchannel_pool", 1),  # a renewed certificate must not ride on the old connection
    ]
    proxy = proxy_for(urlsplit(f"//{address}").hostname or "")
    if proxy is None:
        return [*options, ("grpc.enable_http_proxy", 0)]
    if not proxy.startswith("http://"):
        raise Misconfigured("proxy", say=f"the agent's tunnel can pass through an http:// proxy only, not {urlsplit(proxy).scheme}://")
    return [*options, ("grpc.http_proxy", proxy)]


def tunnel(identity: Identity, address: str) -> grpc.aio.Channel:
    """A channel with mutual TLS; trusts the CAs of the identity."""
    credentials = grpc.ssl_channel_credentials(identity.bundle_pem, identity.key_pem, identity.chain_pem)
    return grpc.aio.secure_channel(address, credentials, options=options_for(address))


async def enroll(
    bootstrap: Bootstrap, *, token: str, request: Request, kube_system_uid: str, info: pb.AgentInfo, cluster_name: str = ""
) -> pb.Certificate:
    """Trade the one-use token for a certificate; a lost answer is requested again with the same nonce.

    Raises `Refused` when the server says no, `Unavailable` when trying again may help.
    """
    message = pb.EnrollRequest(
        token=token, csr_der=request.csr_der, kube_system_uid=kube_system_uid, info=info, nonce=secrets.token_hex(16)
    )
    credentials = grpc.ssl_channel_credentials(bootstrap.ca_pem)
    address = bootstrap.enroll_address
    async with grpc.aio.secure_channel(address, credentials, options=options_for(address)) as channel:
        stub = rpc.EnrollmentStub(channel)  # type: ignore[no-untyped-call]
        metadata = (("optral-cluster-name", cluster_name),) if cluster_name else ()

        async def attempt() -> pb.Certificate:
            try:
                answer: pb.Certificate = await stub.Enroll(message, timeout=CALL_S, metadata=metadata)
            except grpc.aio.AioRpcError as error:
                raise problem_of(error, what=f"enrollment at {address}") from error
            return answer

        backoff = Backoff(steps=((1, 1), (2, 2)))
        return await retry(attempt, on=(Unavailable,), delay_s=lambda _: backoff.next_s(), attempts=3)


def problem_of(error: grpc.aio.AioRpcError, *, what: str) -> Refused | Unavailable:
    """The error for a failed gRPC call. The server's texts begin with a stable code: `token_used: …`."""
    text = (error.details() or error.code().name).splitlines()[0][:300]
    if error.code() in _RETRIABLE:
        return Unavailable("server_unavailable", say=f"{what} failed: {text}")
    code = text.partition(":")[0]
    return Refused(code if code.replace("_", "").isalpha() else "refused", say=f"{what} was refused: {text}")
