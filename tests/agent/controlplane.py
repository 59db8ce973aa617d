"""A scripted control plane with real TLS: bootstrap over HTTP, enrollment, and a tunnel that does what a test says."""

import asyncio
import datetime
import ipaddress
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from optral.agent.connection.trust import pin_of
from optral.kube.changes import ObjectChange, Op
from optral.wire import frames
from optral.wire.agent.v1 import tunnel_pb2 as pb, tunnel_pb2_grpc as rpc
from tests.support.serving import on_loop

TOKEN = "mhe_test"


class Authority:
    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test-ca")])
        self.certificate = self._build(name, name, self.key.public_key(), hours=(-1, 48)).add_extension(
            x509.BasicConstraints(ca=True, path_length=0), critical=True
        ).sign(self.key, hashes.SHA256())  # fmt: skip

    @staticmethod
    def _build(subject: x509.Name, issuer: x509.Name, key: Any, *, hours: tuple[float, float]) -> x509.CertificateBuilder:
        now = datetime.datetime.now(datetime.UTC)
        return (
            x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + datetime.timedelta(hours=hours[0]))
            .not_valid_after(now + datetime.timedelta(hours=hours[1]))
        )  # fmt: skip

    def issue(self, key: Any, *, server: bool, hours: tuple[float, float] = (-1, 24)) -> bytes:
        usage = ExtendedKeyUsageOID.SERVER_AUTH if server else ExtendedKeyUsageOID.CLIENT_AUTH
        names: list[x509.GeneralName] = (
            [x509.IPAddress(ipaddress.ip_address("127.0.0.1"))] if server else [x509.UniformResourceIdentifier("spiffe://test/agent")]
        )
        builder = self._build(x509.Name([]), self.certificate.subject, key, hours=hours)
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=True)
        return builder.sign(self.key, hashes.SHA256()).public_bytes(Encoding.PEM)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)


class OneWriter:
    """gRPC takes one write at a time, and a test may write beside the acknowledgements."""

    def __init__(self, context: Any) -> None:
        self._context, self._writing = context, asyncio.Lock()

    async def read(self) -> Any:
        return await self._context.read()

    async def write(self, message: pb.Down) -> None:
        async with self._writing:
            await self._context.write(message)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._context, name)


class ControlPlane(rpc.EnrollmentServicer, rpc.AgentTunnelServicer):
    """`sessions` holds what each stream brought. Script: `mode`, `reject`, `cuts_at_batch`, `first_hours`."""

    def __init__(self) -> None:
        self.authority = Authority()
        self.pin = pin_of(self.authority.certificate)
        self.url = self.enroll_address = self.tunnel_address = ""
        self.sessions: list[list[pb.Up]] = []
        self.streams: list[Any] = []
        self.cuts_at_batch = False
        self.heartbeat_s = 15
        self.answers_heartbeats = True
        self.mode = pb.KindDirective.SNAPSHOT
        self.reject: pb.Reject | None = None
        self.server_time_ms = 1
        self.acks = True
        self.first_hours: tuple[float, float] = (-1, 24)
        self.enrolled = 0
        self.renewed = 0
        self._news = asyncio.Event()

    async def until(self, true: Any) -> None:
        async with asyncio.timeout(20):
            while not true():
                self._news.clear()
                await self._news.wait()

    def kinds_of(self, number: int) -> list[str]:
        return [up.WhichOneof("message") or "" for up in self.sessions[number]]

    def changes(self, number: int) -> list[ObjectChange]:
        batches = [up.batch for up in self.sessions[number] if up.WhichOneof("message") == "batch"]
        return [change for batch in batches for change in frames.unpack_batch(batch)]

    def pods(self, number: int) -> dict[str, str]:
        rows: dict[str, str] = {}
        for change in self.changes(number):
            if change.kind == "Pod":
                rows[change.name] = change.resource_version if change.op is Op.UPSERT else "gone"
        return rows

    def _certificate(self, csr_der: bytes, hours: tuple[float, float]) -> pb.Certificate:
        csr = x509.load_der_x509_csr(csr_der)
        assert csr.is_signature_valid
        chain = self.authority.issue(csr.public_key(), server=False, hours=hours)
        return pb.Certificate(chain_pem=chain, trust_bundle_pem=self.authority.pem, cluster_id="cls_x", tunnel_address=self.tunnel_address)

    async def Enroll(self, request: pb.EnrollRequest, context: Any) -> pb.Certificate:
        if request.token != TOKEN:
            await context.abort(grpc.StatusCode.PERMISSION_DENIED, "token_invalid: this token is unknown or used")
        self.enrolled += 1
        return self._certificate(request.csr_der, self.first_hours)

    async def Renew(self, request: pb.RenewRequest, context: Any) -> pb.Certificate:
        self.renewed += 1
        return self._certificate(request.csr_der, (-1, 24))

    async def Connect(self, _: Any, context: Any) -> None:
        ups: list[pb.Up] = []
        context = OneWriter(context)
        self.sessions.append(ups)
        self.streams.append(context)
        hello = await context.read()
        ups.append(hello)
        if self.reject is not None:
            await context.write(pb.Down(reject=self.reject))
            return
        kinds = [pb.KindDirective(kind=cursor.kind, mode=self.mode) for cursor in hello.hello.cursors]
        await context.write(
            pb.Down(
                welcome=pb.Welcome(
                    fence=1, protocol=1, heartbeat_s=self.heartbeat_s, window_frames=16, server_time_ms=self.server_time_ms, kinds=kinds
                )
            )
        )
        while (up := await context.read()) is not grpc.aio.EOF:
            ups.append(up)
            assert up.seq == len(ups)
            self._news.set()
            if up.WhichOneof("message") == "heartbeat":
                if not self.answers_heartbeats:
                    continue
                await context.write(pb.Down(heartbeat_ack=pb.HeartbeatAck(echo_ms=up.heartbeat.now_ms, server_time_ms=up.heartbeat.now_ms)))
            elif self.cuts_at_batch and up.WhichOneof("message") == "batch":
                self.cuts_at_batch = False
                return
            elif self.acks:
                await context.write(pb.Down(ack=up.seq))


@asynccontextmanager
async def serving() -> AsyncIterator[ControlPlane]:
    plane = ControlPlane()
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    pair = [(pem, plane.authority.issue(key.public_key(), server=True))]
    enroll, tunnel = grpc.aio.server(), grpc.aio.server()
    rpc.add_EnrollmentServicer_to_server(plane, enroll)  # type: ignore[no-untyped-call]
    rpc.add_AgentTunnelServicer_to_server(plane, tunnel)  # type: ignore[no-untyped-call]
    one_way = grpc.ssl_server_credentials(pair)
    mutual = grpc.ssl_server_credentials(pair, root_certificates=plane.authority.pem, require_client_auth=True)
    plane.enroll_address = f"127.0.0.1:{enroll.add_secure_port('127.0.0.1:0', one_way)}"
    plane.tunnel_address = f"127.0.0.1:{tunnel.add_secure_port('127.0.0.1:0', mutual)}"
    await enroll.start()
    await tunnel.start()

    async def answer(_: web.Request) -> web.Response:
        addresses = {"enrollAddress": plane.enroll_address, "tunnelAddress": plane.tunnel_address}
        return web.json_response({"caPem": plane.authority.pem.decode(), **addresses})

    app = web.Application()
    app.router.add_get("/agent/bootstrap.json", answer)
    try:
        async with on_loop(app) as plane.url:
            yield plane
    finally:
        await enroll.stop(0)
        await tunnel.stop(0)
