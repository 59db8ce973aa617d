"""A real kube-apiserver and etcd on loopback, with certificates of their own. Found by KUBEBUILDER_ASSETS, else ~/.cache/optral/kube-*."""

import datetime
import ipaddress
import os
import shutil
import socket
import ssl
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

START_S = 60
ADMIN_TOKEN = "admin-token-of-this-test-run"


@dataclass(frozen=True, slots=True)
class RealApi:
    """A running API server: `kubeconfig` has the contexts `token` (current) and `cert`."""

    kubeconfig: Path
    url: str


def find_binaries() -> tuple[Path, Path] | None:
    """The paths of kube-apiserver and etcd, or None."""
    places = [Path(os.environ["KUBEBUILDER_ASSETS"])] if "KUBEBUILDER_ASSETS" in os.environ else []
    places += sorted(Path("~/.cache/optral").expanduser().glob("kube-*"), reverse=True)
    for place in places:
        if (place / "kube-apiserver").exists():
            etcd = place / "etcd" if (place / "etcd").exists() else shutil.which("etcd")
            if etcd:
                return place / "kube-apiserver", Path(etcd)
    return None


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def running(directory: Path, *, extra_flags: tuple[str, ...] = ()) -> Iterator[RealApi]:
    """Start both, wait until the API server answers, stop both."""
    found = find_binaries()
    if found is None:
        pytest.fail("kube-apiserver and etcd are missing: run `make kube` or set KUBEBUILDER_ASSETS")
    apiserver, etcd = found
    _certificates(directory)
    etcd_port, peer_port, port = free_port(), free_port(), free_port()
    etcd_url = f"http://127.0.0.1:{etcd_port}"
    with ExitStack() as stack:
        spawned(
            stack, directory / "etcd.log", str(etcd), f"--data-dir={directory}/etcd", f"--listen-client-urls={etcd_url}",
            f"--advertise-client-urls={etcd_url}", f"--listen-peer-urls=http://127.0.0.1:{peer_port}",
            f"--initial-advertise-peer-urls=http://127.0.0.1:{peer_port}", f"--initial-cluster=default=http://127.0.0.1:{peer_port}",
            "--unsafe-no-fsync",
        )  # fmt: skip
        process = spawned(
            stack, directory / "apiserver.log", str(apiserver), f"--etcd-servers={etcd_url}", "--bind-address=127.0.0.1",
            f"--secure-port={port}", f"--tls-cert-file={directory}/server.crt", f"--tls-private-key-file={directory}/server.key",
            f"--client-ca-file={directory}/ca.crt", f"--token-auth-file={directory}/tokens.csv", "--authorization-mode=RBAC",
            f"--service-account-key-file={directory}/sa.key", f"--service-account-signing-key-file={directory}/sa.key",
            "--service-account-issuer=https://kubernetes.default.svc", "--service-cluster-ip-range=10.0.0.0/24",
            "--disable-admission-plugins=ServiceAccount", "--advertise-address=127.0.0.1", "--event-ttl=10m", *extra_flags,
        )  # fmt: skip
        url = f"https://127.0.0.1:{port}"
        kubeconfig = _kubeconfig(directory, url)
        _ready(url, directory, process)
        yield RealApi(kubeconfig, url)


@pytest.fixture(scope="session")
def real_api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealApi]:
    """One API server for all tests of a run; each test works in a namespace of its own."""
    with running(tmp_path_factory.mktemp("kubeapi")) as api:
        yield api


def _ready(url: str, directory: Path, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_S
    tls = ssl.create_default_context(cafile=str(directory / "ca.crt"))
    for path in ("/readyz", "/api/v1/namespaces/kube-system", "/api/v1/namespaces/default"):
        request = urllib.request.Request(url + path, headers={"Authorization": f"Bearer {ADMIN_TOKEN}"})
        while True:
            try:
                with urllib.request.urlopen(request, timeout=5, context=tls):
                    break
            except OSError:
                if process.poll() is not None or time.monotonic() > deadline:
                    pytest.fail(f"kube-apiserver did not start; see {directory}/apiserver.log")
                time.sleep(0.1)


def spawned(stack: ExitStack, log: Path, *command: str, environment: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
    """A process that ends with the stack. `environment` in place of our own."""
    output = stack.enter_context(log.open("wb"))
    process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=environment)

    def end() -> None:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5)

    stack.callback(end)
    return process


def _certificates(directory: Path) -> None:
    ca_key = ec.generate_private_key(ec.SECP256R1())
    ca = _signed("test-ca", None, ca_key, ca_key.public_key(), None)
    (directory / "ca.crt").write_bytes(ca.public_bytes(Encoding.PEM))
    for name, organisation, server in (("server", None, True), ("admin", "system:masters", False)):
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _signed(name, organisation, ca_key, key.public_key(), ca, server=server)
        (directory / f"{name}.crt").write_bytes(certificate.public_bytes(Encoding.PEM))
        (directory / f"{name}.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    accounts = rsa.generate_private_key(65537, 2048)
    (directory / "sa.key").write_bytes(accounts.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()))
    (directory / "tokens.csv").write_text(f'{ADMIN_TOKEN},admin,1,"system:masters"\nnobody-token,nobody,2\n')


def _signed(
    name: str,
    organisation: str | None,
    ca_key: ec.EllipticCurvePrivateKey,
    key: ec.EllipticCurvePublicKey,
    ca: x509.Certificate | None,
    *,
    server: bool = False,
) -> x509.Certificate:
    names = [x509.NameAttribute(NameOID.COMMON_NAME, name)]
    if organisation:
        names.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation))
    subject = x509.Name(names)
    now = datetime.datetime.now(datetime.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if ca is None else ca.subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=ca is None, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )
    if ca is not None:
        usage = ExtendedKeyUsageOID.SERVER_AUTH if server else ExtendedKeyUsageOID.CLIENT_AUTH
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        builder = builder.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
    else:
        signing = {"key_cert_sign": True, "crl_sign": True}
        rest = (
            "digital_signature",
            "content_commitment",
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "encipher_only",
            "decipher_only",
        )
        builder = builder.add_extension(x509.KeyUsage(**signing, **dict.fromkeys(rest, False)), critical=True)
    if server:
        addresses = [x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName("localhost")]
        builder = builder.add_extension(x509.SubjectAlternativeName(addresses), critical=False)
    return builder.sign(ca_key, hashes.SHA256())


def _kubeconfig(directory: Path, url: str) -> Path:
    users = [
        {"name": "token", "user": {"token": ADMIN_TOKEN}},
        {"name": "cert", "user": {"client-certificate": "admin.crt", "client-key": "admin.key"}},
        {"name": "nobody", "user": {"token": "nobody-token"}},
    ]
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "token",
        "clusters": [{"name": "real", "cluster": {"server": url, "certificate-authority": "ca.crt"}}],
        "users": users,
        "contexts": [{"name": user["name"], "context": {"cluster": "real", "user": user["name"]}} for user in users],
    }
    path = directory / "kubeconfig"
    path.write_text(yaml.safe_dump(config))
    return path
