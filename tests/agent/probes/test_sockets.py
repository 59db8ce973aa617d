"""The checks on real sockets of loopback, which only a prober of tests may connect to."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from optral.agent.probes import prober
from optral.agent.probes.addresses import in_cluster
from optral.agent.probes.sockets import MAX_LINE, Sockets
from optral.terms import probes
from optral.terms.probes import Outcome, ProbeResult, Reason
from tests.agent.probes.world import World, put_pod
from tests.support import kubedouble

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read()


async def closing(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


def saying(text: bytes, received: list[bytes] | None = None) -> Serve:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.read(4096)
        if received is not None:
            received.append(asked)
        writer.write(text)
        await writer.drain()
        writer.close()

    return serve


@asynccontextmanager
async def listening(serve: Serve, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def certified(folder: Path, *names: str, days: int = 30) -> ssl.SSLContext:
    """A server's context with a certificate that ends in so many days."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test issuer")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
    builder = builder.not_valid_before(now - timedelta(days=60)).not_valid_after(now + timedelta(days=days))
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(one) for one in names]), critical=False)
    made = builder.sign(key, hashes.SHA256())
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = folder / "server.pem"
    path.write_bytes(pem + made.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


async def probed(port: int, check: str, *, path: str = "/", scheme: str = "HTTP", is_loopback_allowed: bool = True) -> ProbeResult:
    """Probe a pod of the double whose address is loopback."""
    async with kubedouble.serving() as double:
        get = {"httpGet": {"port": port, "path": path, "scheme": scheme}}
        put_pod(double, "web-1", address="127.0.0.1", containers=[{"name": "web", "readinessProbe": get}])
        rule = (lambda _: None) if is_loopback_allowed else in_cluster
        world = World(double, in_cluster=rule, network=Sockets())
        try:
            return await world.probe(kind="Pod", name="web-1", port=port, check=check)
        finally:
            await world.tools.client.close()


async def unused_port() -> int:
    async with listening(silent) as port:
        return port


@pytest.mark.parametrize(
    ("serve", "check", "outcome", "reason"),
    [
        pytest.param(silent, "tcp", Outcome.REACHABLE, None, id="something listens"),
        pytest.param(None, "tcp", Outcome.UNREACHABLE, Reason.REFUSED, id="nothing listens"),
        pytest.param(None, "tls", Outcome.UNREACHABLE, Reason.REFUSED, id="nothing listens, by TLS"),
        pytest.param(None, "http", Outcome.UNREACHABLE, Reason.REFUSED, id="nothing listens, by HTTP"),
        pytest.param(silent, "tls", Outcome.UNKNOWN, Reason.TIMEOUT, id="no handshake"),
        pytest.param(silent, "http", Outcome.UNKNOWN, Reason.TIMEOUT, id="no response"),
        pytest.param(closing, "tls", Outcome.UNREACHABLE, Reason.CLOSED, id="closed in the handshake"),
        pytest.param(closing, "http", Outcome.UNREACHABLE, Reason.CLOSED, id="closed before the response"),
        pytest.param(saying(b"-ERR unknown command\r\n"), "tls", Outcome.UNREACHABLE, Reason.NOT_TLS, id="no TLS server"),
        pytest.param(saying(b"-ERR unknown command\r\n"), "http", Outcome.UNREACHABLE, Reason.NOT_HTTP, id="no HTTP server"),
        pytest.param(saying(b"x" * 10 * MAX_LINE), "http", Outcome.UNREACHABLE, Reason.NOT_HTTP, id="a long line"),
        pytest.param(saying(b"HTTP/1.1 503 Service Unavailable\r\n\r\n"), "http", Outcome.REACHABLE, None, id="an HTTP error is an answer"),
    ],
)
async def test_what_a_server_answers(
    monkeypatch: pytest.MonkeyPatch, serve: Serve | None, check: str, outcome: Outcome, reason: Reason | None
) -> None:
    monkeypatch.setattr(prober, "DEADLINE_S", 0.3 if serve is silent and check != "tcp" else 3.0)
    if serve is None:
        result = await probed(await unused_port(), check)
    else:
        async with listening(serve) as port:
            result = await probed(port, check)
    assert (result.outcome, result.reason) == (outcome, reason)


async def test_a_request_has_no_credentials_and_no_body_and_follows_no_redirect() -> None:
    received: list[bytes] = []
    async with listening(saying(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n", received)) as port:
        result = await probed(port, "http", path="/healthz")
    assert (result.http_status, result.path) == (302, "/healthz")
    assert received == [
        f"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUser-Agent: optral-agent\r\nAccept: */*\r\nConnection: close\r\n\r\n".encode()
    ]


@pytest.mark.parametrize(("days", "is_expired"), [(30, False), (-1, True)])
async def test_a_certificate_is_read_and_not_verified(tmp_path: Path, days: int, is_expired: bool) -> None:
    async with listening(saying(b"HTTP/1.1 200 OK\r\n\r\n"), tls=certified(tmp_path, "web.shop.svc", days=days)) as port:
        result = await probed(port, "tls")
        answer = await probed(port, "http", scheme="HTTPS")
    assert answer.http_status == 200
    assert (result.outcome, result.is_expired) == (Outcome.REACHABLE, is_expired)
    certificate = result.certificate
    assert certificate is not None
    assert (certificate.names, certificate.issuer, certificate.is_self_signed) == (("web.shop.svc",), "CN=test issuer", True)
    assert ("expired at" in probes.text(result)) is is_expired


@pytest.mark.parametrize(
    ("name", "asked", "is_covered"),
    [
        ("web.shop.svc", "web.shop.svc", True), ("web.shop.svc.cluster.local", "web.shop.svc", True), ("web", "web.shop.svc", True),
        ("*.shop.svc", "web.shop.svc", True), ("web.shop", "web.shop.svc", True), ("api.shop.svc", "web.shop.svc", False),
        ("*.svc", "web.shop.svc", False), ("example.com", "api.example.com", False), ("*.example.com", "api.example.com", True),
        ("*.example.com", "a.b.example.com", False), ("api", "api.example.com", False),
    ],
)  # fmt: skip
async def test_whether_a_certificate_covers_the_name(tmp_path: Path, name: str, asked: str, is_covered: bool) -> None:
    async with listening(silent, tls=certified(tmp_path, name)) as port:
        found = await Sockets().handshake("127.0.0.1", port, name=asked)
    assert found is not None
    assert found.covers_name is is_covered


async def test_loopback_is_refused_by_the_rule_that_agents_have() -> None:
    async with listening(silent) as port:
        with pytest.raises(Exception, match="loopback"):
            await probed(port, "tcp", is_loopback_allowed=False)


async def test_names_are_resolved_by_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    answers: dict[str, Any] = {
        "web.shop.svc": [(socket.AF_INET, 1, 6, "", ("10.96.0.10", 0)), (socket.AF_INET, 1, 6, "", ("10.96.0.10", 0))],
        "gone.shop.svc": socket.gaierror(socket.EAI_NONAME, "Name or service not known"),
        "slow.shop.svc": socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"),
    }

    def answer(name: str, *_: Any, **__: Any) -> Any:
        if isinstance(answers[name], Exception):
            raise answers[name]
        return answers[name]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    network = Sockets()
    assert await network.resolve("web.shop.svc") == ["10.96.0.10"]
    for name, reason in (("gone.shop.svc", Reason.NAME_NOT_FOUND), ("slow.shop.svc", Reason.RESOLVER_FAILED)):
        with pytest.raises(Exception, match=reason):
            await network.resolve(name)
