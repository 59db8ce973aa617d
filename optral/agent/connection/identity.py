"""Who this agent is: its key, its certificate and where it is kept.

The key is made here and never leaves. A directory holds one private file, so that key and certificate change together; in a cluster one
Secret, read and patched by its name alone, holds the same. The cluster's redaction salt lives beside them: it must outlast a restart,
or every marker would change and look like an edit.
"""

import base64
import hashlib
import os
import secrets
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from optral.agent.connection import trust
from optral.kubeapi.client import ApiError, KubeClient
from optral.terms.errors import Misconfigured

SECRET_NAME = "optral-agent-identity"  # noqa: S105 - a name
_FILE = "identity.json"


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """All that is kept. Without a `chain_pem` it is a fresh one, not enrolled yet."""

    salt: bytes
    key_pem: bytes = b""
    chain_pem: bytes = b""
    bundle_pem: bytes = b""
    cluster_id: str = ""
    tunnel_address: str = ""
    token_digest: str = ""
    pin: str = ""

    @property
    def certificate(self) -> x509.Certificate:
        return x509.load_pem_x509_certificates(self.chain_pem)[0]

    def is_enrolled(self) -> bool:
        return bool(self.chain_pem and self.key_pem)

    def is_expired(self, now: datetime) -> bool:
        """The server only closes the socket on an expired certificate, so the agent looks for itself."""
        return now >= self.certificate.not_valid_after_utc

    def renew_at(self, jitter: float) -> datetime:
        """Half of the certificate's life; `jitter` from -1 to 1 moves it by up to a tenth of the life."""
        start, end = self.certificate.not_valid_before_utc, self.certificate.not_valid_after_utc
        return start + (end - start) * (0.5 + 0.1 * jitter)

    def knows(self, pin: str) -> bool:
        """Whether this identity was enrolled with that pin, or trusts that CA since a rotation."""
        return pin == self.pin or pin in trust.pins(self.bundle_pem)

    def was_enrolled_with(self, token: str, pin: str) -> bool:
        """Whether this certificate came from that token and CA (a token works once: keep what it gave)."""
        return self.is_enrolled() and self.token_digest in ("", digest_of(token)) and self.knows(pin)


def fresh() -> Identity:
    return Identity(salt=secrets.token_bytes(32))


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Request:
    """A new key and the request to sign it."""

    key_pem: bytes
    csr_der: bytes


def request() -> Request:
    """Draw a P-256 key and make its certificate request. The server ignores the subject and names us itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    csr = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(key, hashes.SHA256())
    return Request(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), csr.public_bytes(Encoding.DER))


def fits(key_pem: bytes, chain_pem: bytes) -> bool:
    """Whether the certificate is for this key."""
    try:
        key = load_pem_private_key(key_pem, None)
        leaf = x509.load_pem_x509_certificates(chain_pem)[0]
    except (ValueError, IndexError, TypeError):
        return False
    return isinstance(key, ec.EllipticCurvePrivateKey) and key.public_key() == leaf.public_key()


class Keep(Protocol):
    """Where an identity is kept."""

    async def load(self) -> Identity | None: ...

    async def save(self, identity: Identity) -> None: ...


class Memory:
    """Nowhere: a restarted agent needs a new token."""

    def __init__(self) -> None:
        self._identity: Identity | None = None

    async def load(self) -> Identity | None:
        return self._identity

    async def save(self, identity: Identity) -> None:
        self._identity = identity


class Directory:
    """One file of mode 0600 in a directory of mode 0700; replaced as a whole."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    async def load(self) -> Identity | None:
        path = self._directory / _FILE
        try:
            return msgspec.json.decode(path.read_bytes(), type=Identity)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.MsgspecError) as error:
            raise Misconfigured("state_dir", say=f"{path} is not a valid agent identity; remove it and enroll again") from error

    async def save(self, identity: Identity) -> None:
        try:
            self._write(msgspec.json.encode(identity))
        except OSError as error:
            raise Misconfigured("state_dir", say=f"the state directory {self._directory} cannot be written: {error.strerror}") from error

    def _write(self, raw: bytes) -> None:
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self._directory)  # mode 0600 from its birth
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(raw)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(self._directory / _FILE)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise


class _SecretData(msgspec.Struct):
    data: dict[str, str] | None = None


class KubeSecret:
    """One named Secret, which the install manifest made: the agent may get and patch that one and no other."""

    def __init__(self, client: KubeClient, namespace: str, name: str = SECRET_NAME) -> None:
        self._client, self._path = client, f"/api/v1/namespaces/{namespace}/secrets/{name}"

    async def load(self) -> Identity | None:
        try:
            secret = msgspec.json.decode(await self._client.get(self._path), type=_SecretData)
            raw = (secret.data or {}).get(_FILE)
            return msgspec.json.decode(base64.b64decode(raw), type=Identity) if raw else None
        except ApiError as error:
            raise Misconfigured(
                "identity_secret", say=f"the Secret {self._path} cannot be read: {error}; apply the install manifest"
            ) from error
        except (msgspec.MsgspecError, ValueError) as error:
            raise Misconfigured(
                "identity_secret", say=f"the Secret {self._path} does not contain an agent identity; clear it and enroll again"
            ) from error

    async def save(self, identity: Identity) -> None:
        raw = base64.b64encode(msgspec.json.encode(identity)).decode()
        try:
            await self._client.patch(self._path, msgspec.json.encode({"data": {_FILE: raw}}))
        except ApiError as error:
            raise Misconfigured(
                "identity_secret", say=f"the Secret {self._path} cannot be patched: {error}; apply the install manifest"
            ) from error


def enrolled_by(identity: Identity, *, token: str, pin: str) -> Identity:
    """The identity, knowing which token and CA it comes from."""
    changed: Identity = msgspec.structs.replace(identity, token_digest=digest_of(token), pin=pin, cluster_id="", tunnel_address="")
    return changed


def with_certificate(
    identity: Identity, *, key_pem: bytes, chain_pem: bytes, bundle_pem: bytes, cluster_id: str, tunnel_address: str
) -> Identity:
    """The identity with a new key and certificate."""
    changed: Identity = msgspec.structs.replace(
        identity,
        key_pem=key_pem,
        chain_pem=chain_pem,
        bundle_pem=bundle_pem,
        cluster_id=cluster_id or identity.cluster_id,
        tunnel_address=tunnel_address or identity.tunnel_address,
    )
    return changed


def at_address(identity: Identity, tunnel_address: str) -> Identity:
    """The identity, beginning at this address of the tunnel."""
    changed: Identity = msgspec.structs.replace(identity, tunnel_address=tunnel_address)
    return changed


def with_bundle(identity: Identity, bundle_pem: bytes) -> Identity:
    """The identity, trusting these CAs."""
    changed: Identity = msgspec.structs.replace(identity, bundle_pem=bundle_pem)
    return changed
