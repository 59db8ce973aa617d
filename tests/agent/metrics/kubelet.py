"""A node for the tests: its kubelet over TLS, and the API server that knows it."""

import datetime
import ipaddress
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from optral.kubeapi.credentials import Access
from tests.agent.metrics import node
from tests.agent.metrics.node import Use
from tests.support.serving import on_loop

TOKEN = "token-of-the-agent"


@dataclass
class Kubelet:
    """What the double answers. `ca` signed its certificate."""

    directory: Path
    ca: Path
    uses: list[Use] = field(default_factory=lambda: [Use()])
    may: bool = True
    status: int = 200
    access: Access = field(init=False)
    port: int = 0
    at: float = node.NOON
    asked: list[str] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)

    async def metrics(self, request: web.Request) -> web.Response:
        self.asked.append(request.path)
        self.tokens.add(request.headers.get("Authorization", ""))
        if self.status != 200:
            return web.Response(status=self.status)
        if request.path == "/metrics/resource":
            self.at += 60
        for one in self.uses:
            one.cpu_s, one.periods, one.throttled = one.cpu_s + 6, one.periods + 600, one.throttled + 300
        bodies = {
            "/metrics/resource": node.resource(self.uses, at=self.at),
            "/metrics/cadvisor": node.cadvisor(self.uses, at=self.at),
            "/metrics/probes": node.probes(self.uses),
            "/stats/summary": node.summary(self.uses),
        }
        return web.Response(body=bodies[request.path])

    async def nodes(self, _request: web.Request) -> web.Response:
        one = {
            "metadata": {"name": "node-1", "uid": "node-uid"},
            "status": {
                "addresses": [{"type": "Hostname", "address": "node-1"}, {"type": "InternalIP", "address": "127.0.0.1"}],
                "daemonEndpoints": {"kubeletEndpoint": {"Port": self.port}},
                "capacity": {"cpu": "2", "memory": "8Gi"},
            },
        }
        return web.json_response({"metadata": {"resourceVersion": "1"}, "items": [one, {"metadata": {"name": "young"}}]})

    async def review(self, _request: web.Request) -> web.Response:
        return web.json_response({"status": {"allowed": self.may}})


@asynccontextmanager
async def serving(directory: Path) -> AsyncIterator[Kubelet]:
    ca, certificate = _certificates(directory)
    kubelet = Kubelet(directory, ca)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    app = web.Application()
    for path in ("/metrics/resource", "/metrics/cadvisor", "/metrics/probes", "/stats/summary"):
        app.router.add_get(path, kubelet.metrics)
    api = web.Application()
    api.router.add_get("/api/v1/nodes", kubelet.nodes)
    api.router.add_post("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", kubelet.review)
    async with on_loop(app, tls=tls) as url, on_loop(api) as server:
        kubelet.port = int(url.rpartition(":")[2])

        async def headers() -> dict[str, str]:
            return {"Authorization": f"Bearer {TOKEN}"}

        trusted = ssl.create_default_context(cafile=str(ca))
        kubelet.access = Access(server=server, name="test", tls=trusted, headers=headers)
        yield kubelet


def _certificates(directory: Path) -> tuple[Path, Path]:
    """(CA, certificate with its key) as files."""
    now = datetime.datetime.now(datetime.UTC)
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "cluster")])

    def signed(name: x509.Name, public: ec.EllipticCurvePublicKey, extension: x509.ExtensionType) -> x509.Certificate:
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(ca_name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(hours=1))
            .add_extension(extension, critical=True)
            .sign(ca_key, hashes.SHA256())
        )

    root = signed(ca_name, ca_key.public_key(), x509.BasicConstraints(ca=True, path_length=None))
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    leaf = signed(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "node-1")]), key.public_key(), names)
    pem = serialization.Encoding.PEM
    ca_file, leaf_file = directory / "ca.crt", directory / "kubelet.pem"
    ca_file.write_bytes(root.public_bytes(pem))
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    leaf_file.write_bytes(leaf.public_bytes(pem) + private)
    return ca_file, leaf_file
