"""The demo cluster as a whole: registry, world, scenario and API server, with a kubeconfig to reach it."""

import asyncio
import ipaddress
import secrets
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from optral.demo.apiserver import ApiServer, listening
from optral.demo.registry import Registry
from optral.demo.scenario import PAST_S, SCRIPT, Scenario
from optral.demo.shop import WORKLOADS
from optral.demo.world import World
from optral.demo.writes import Writes
from optral.kit.clock import Clock, SystemClock

NAME = "demo"
SEED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoCluster:
    """A running demo cluster; `kubeconfig` works with kubectl and with the agent."""

    url: str
    kubeconfig: Path
    workloads: int
    nodes: int


def simulate_past(registry: Registry, *, seed: int, now: datetime) -> tuple[World, Scenario]:
    """A world with its workloads, in which the half hour before `now` has already been simulated."""
    start = now.replace(microsecond=0)
    world = World(registry, seed=seed, start=start - timedelta(seconds=PAST_S))
    world.build(WORKLOADS)
    scenario = Scenario(world, SCRIPT, start=start)
    scenario.advance(0)
    registry.compact()  # nobody has watched yet
    return world, scenario


@asynccontextmanager
async def running(directory: Path, *, seed: int = SEED, port: int = 0, clock: Clock | None = None) -> AsyncIterator[DemoCluster]:
    """Run the demo cluster on loopback until the block ends; key, certificate and kubeconfig are written into `directory`."""
    clock = clock or SystemClock()
    directory = directory.absolute()  # noqa: ASYNC240 - no I/O; names in a kubeconfig count from its own folder
    registry = Registry()
    world, scenario = simulate_past(registry, seed=seed, now=clock.now())
    token = secrets.token_urlsafe(24)
    certificate = _certificate(directory)
    api = ApiServer(registry, token=token, read_log=world.read_log, writes=Writes(world, scenario.start))
    async with listening(api.app(), tls=certificate.context, port=port) as url:
        kubeconfig = directory / "kubeconfig.yaml"
        _write_private(kubeconfig, _kubeconfig(url, certificate.path, token))
        play = asyncio.create_task(scenario.run(clock), name="demo scenario")
        try:
            yield DemoCluster(url=url, kubeconfig=kubeconfig, workloads=len(world.apps), nodes=len(world.nodes))
        finally:
            registry.close()
            play.cancel()
            with suppress(asyncio.CancelledError):
                await play


@dataclass(frozen=True, slots=True)
class _Certificate:
    path: Path
    context: ssl.SSLContext


def _certificate(directory: Path) -> _Certificate:
    """A self-signed certificate for loopback, valid for a day, trusted only through the kubeconfig."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "demo-cluster")])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName("localhost")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    path, key_path = directory / "apiserver.crt", directory / "apiserver.key"
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    _write_private(key_path, pem.decode())
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(path, key_path)
    return _Certificate(path, context)


def _write_private(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text)


def _kubeconfig(url: str, ca: Path, token: str) -> str:
    return f"""apiVersion: v1
kind: Config
current-context: {NAME}
clusters:
- name: {NAME}
  cluster: {{server: "{url}", certificate-authority: "{ca}"}}
contexts:
- name: {NAME}
  context: {{cluster: {NAME}, user: {NAME}}}
users:
- name: {NAME}
  user: {{token: "{token}"}}
"""
