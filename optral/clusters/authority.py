"""The two certificate authorities: one signs the control plane's server certificate, the other signs agents.

They are apart so that neither key can make the other's certificates. Agents pin the first (`ca_pin`) and trust nothing else; the tunnel
port trusts the second alone, which may sign only URIs of our trust domain (critical name constraints, which TLS itself enforces) and no
further authority (path length 0). Private keys rest sealed by AES-GCM under the key-encryption key, which lives outside the database.
Whether an agent's certificate still counts is decided by its row, never by X.509 alone. No SQL here.

Both are replaced together, as a generation (rotation.py). While two generations are published, each endorses the other's server CA with a
signature, so that an agent that trusts one can verify the other wherever it got it from.
"""

import hashlib
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from optral.clusters.rotation import Rotation
from optral.kit import sealed as sealing
from optral.terms.errors import Misconfigured, Refused

AGENTS, SERVERS = "agents", "servers"
DEFAULT_TRUST_DOMAIN = "agents.optral.internal"
AGENT_DAYS = 7
SERVER_DAYS = 30
AUTHORITY_DAYS = 3650
BACKDATE = timedelta(minutes=5)  # agents' clocks run a little behind
MAX_CSR_BYTES = 8 * 1024
ENDORSEMENT = b"optral ca endorsement v1\0"  # as in agent/connection/trust.py; no certificate or request begins with it


@dataclass(frozen=True, slots=True)
class Sealed:
    """An authority as it rests in the database."""

    name: str
    trust_domain: str
    certificate_pem: str
    sealed_key: bytes = field(repr=False)
    generation: int = 1


@dataclass(frozen=True, slots=True)
class Endorsement:
    """The server CA whose key has the pin `by` vouches for the server CA certificate with this SHA-256 (hex, of the DER)."""

    root: str
    by: str
    signature: bytes


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate just signed. `fingerprint` is the hex SHA-256 of its DER."""

    chain_pem: str
    fingerprint: str
    serial: str
    not_after: datetime
    renew_at: datetime
    generation: int


@dataclass(frozen=True, slots=True)
class Request:
    """A certificate request whose signature was checked; `key_digest` names its public key."""

    public_key: ec.EllipticCurvePublicKey
    key_digest: str


class _Signer:
    def __init__(self, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
        self.certificate, self.key = certificate, key

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    @property
    def pin(self) -> str:
        return "sha256:" + _key_digest(self.certificate.public_key())


@dataclass(frozen=True, slots=True)
class _Generation:
    agents: _Signer
    servers: _Signer

    @property
    def expires_at(self) -> datetime:
        return min(self.agents.certificate.not_valid_after_utc, self.servers.certificate.not_valid_after_utc)


@dataclass(frozen=True, slots=True)
class _State:
    rotation: Rotation
    generations: dict[int, _Generation]
    endorsements: tuple[Endorsement, ...]


class Authority:
    """The open authorities of every generation. Signing costs about 0.4 ms.

    `adopt` replaces the state as a whole, so other threads see the old one or the new one.
    """

    def __init__(self, *, trust_domain: str, rotation: Rotation, generations: dict[int, _Generation], key_encryption_key: bytes) -> None:
        self.trust_domain = trust_domain
        self._key_encryption_key = key_encryption_key
        published = [generations[number].servers for number in rotation.published]
        endorsements = tuple(_endorse(by, root) for by in published for root in published if by is not root)
        self._state = _State(rotation, generations, endorsements)

    def reopened(self, rows: "Sequence[Sealed]", rotation: Rotation) -> "Authority":
        """The authorities of these rows, opened with the same key. Raises `Misconfigured`."""
        return open_sealed(rows, key_encryption_key=self._key_encryption_key, rotation=rotation)

    def adopt(self, other: "Authority") -> None:
        """Continue with the other's state."""
        self._state = other._state

    def new_generation(self, number: int, *, now: datetime) -> "list[Sealed]":
        """Create the authorities of another generation, sealed with the same key; nothing here uses them yet."""
        return create(key_encryption_key=self._key_encryption_key, trust_domain=self.trust_domain, now=now, generation=number)

    @property
    def rotation(self) -> Rotation:
        return self._state.rotation

    @property
    def ca_pem(self) -> str:
        """What agents trust: the published CA certificates that sign server certificates, the signing one first."""
        state = self._state
        return "".join(state.generations[number].servers.pem for number in state.rotation.published)

    @property
    def agents_ca_pem(self) -> str:
        """What the tunnel port trusts: the certificates of the authorities whose agents are accepted."""
        state = self._state
        return "".join(state.generations[number].agents.pem for number in state.rotation.accepted)

    @property
    def endorsements(self) -> tuple[Endorsement, ...]:
        """Each published server CA's word for each other one; empty while there is one."""
        return self._state.endorsements

    @property
    def accepted_key_ids(self) -> tuple[str, ...]:
        """The key identifiers (hex) of the authorities whose agents are accepted."""
        state = self._state
        return tuple(_key_id(state.generations[number].agents) for number in state.rotation.accepted)

    @property
    def ca_pin(self) -> str:
        """`sha256:` and the hex SHA-256 of the public key (SubjectPublicKeyInfo, DER) new agents pin: the signing CA's."""
        return self._signing(self._state).servers.pin

    @property
    def expires_at(self) -> datetime:
        """When the signing authorities' certificates end."""
        return self._signing(self._state).expires_at

    def pin_of(self, generation: int) -> str | None:
        """The pin of a generation's server CA; None when it is gone."""
        known = self._state.generations.get(generation)
        return None if known is None else known.servers.pin

    def expiry_of(self, generation: int) -> datetime | None:
        """When the first of a generation's certificates ends; None when it is gone."""
        known = self._state.generations.get(generation)
        return None if known is None else known.expires_at

    def generations_of(self, pins: Sequence[str]) -> frozenset[int]:
        """The generations that these pins name."""
        return frozenset(number for number, one in self._state.generations.items() if one.servers.pin in pins)

    def is_signed_by_signer(self, issuer_key_id: str) -> bool:
        """Whether an agent's certificate with this issuer (authority key identifier, hex) is of the generation that signs."""
        return issuer_key_id == _key_id(self._signing(self._state).agents)

    @staticmethod
    def _signing(state: _State) -> _Generation:
        return state.generations[state.rotation.signer]

    def spiffe_id(self, org_id: str, cluster_id: str) -> str:
        return f"spiffe://{self.trust_domain}/org/{org_id}/cluster/{cluster_id}/agent"

    def issue_agent(self, request: Request, *, org_id: str, cluster_id: str, now: datetime) -> Issued:
        """Sign an agent's key for its cluster: clientAuth, one URI name, no CA, 7 days, to be renewed at half life."""
        state = self._state
        not_after = now + timedelta(days=AGENT_DAYS)
        certificate = _sign(
            self._signing(state).agents,
            request.public_key,
            common_name=cluster_id,
            names=[x509.UniformResourceIdentifier(self.spiffe_id(org_id, cluster_id))],
            usage=ExtendedKeyUsageOID.CLIENT_AUTH,
            now=now,
            not_after=not_after,
        )
        return Issued(
            chain_pem=certificate.public_bytes(serialization.Encoding.PEM).decode(),
            fingerprint=certificate.fingerprint(hashes.SHA256()).hex(),
            serial=f"{certificate.serial_number:x}",
            not_after=certificate.not_valid_after_utc,
            renew_at=now + (not_after - now) / 2,
            generation=state.rotation.signer,
        )

    def issue_server(self, hosts: Sequence[str], *, now: datetime) -> tuple[bytes, bytes]:
        """Make a fresh server key and its certificate for these host names and addresses: (key PEM, chain PEM)."""
        signer = self._signing(self._state).servers
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _sign(
            signer,
            key.public_key(),
            common_name="optral",
            names=[_host_name(host) for host in dict.fromkeys(hosts)],
            usage=ExtendedKeyUsageOID.SERVER_AUTH,
            now=now,
            not_after=now + timedelta(days=SERVER_DAYS),
        )
        chain = certificate.public_bytes(serialization.Encoding.PEM) + signer.pem.encode()
        return _key_pem(key), chain


def create(*, key_encryption_key: bytes, trust_domain: str, now: datetime, generation: int = 1) -> list[Sealed]:
    """Make both authorities of a generation, sealed. `key_encryption_key` has 32 bytes."""
    constraints = x509.NameConstraints(
        permitted_subtrees=[x509.UniformResourceIdentifier(trust_domain)],
        excluded_subtrees=[
            x509.DNSName(""),  # every DNS name and address
            x509.IPAddress(ipaddress.ip_network("0.0.0.0/0")),
            x509.IPAddress(ipaddress.ip_network("::/0")),
        ],
    )
    ending = "" if generation == 1 else f"-{generation}"  # names of their own: TLS looks an issuer up by its subject

    def make(name: str, title: str, limits: x509.NameConstraints | None) -> Sealed:
        pem, sealed = _create(name + ending, title + ending.replace("-", " "), limits, key_encryption_key, now)
        return Sealed(name + ending, trust_domain, pem, sealed, generation)

    return [make(AGENTS, "Optral agents", constraints), make(SERVERS, "Optral control plane", None)]


def open_sealed(rows: Sequence[Sealed], *, key_encryption_key: bytes, rotation: Rotation | None = None) -> Authority:
    """Open every generation. Raises `Misconfigured` when the key-encryption key is not the one they were sealed with."""
    opened: dict[int, dict[str, _Signer]] = {}
    for row in rows:
        opened.setdefault(row.generation, {})[row.name.partition("-")[0]] = _open(row, key_encryption_key)
    return Authority(
        trust_domain=rows[0].trust_domain,
        rotation=rotation or Rotation(current=min(opened)),
        generations={number: _Generation(pair[AGENTS], pair[SERVERS]) for number, pair in opened.items()},
        key_encryption_key=key_encryption_key,
    )


def read_request(der: bytes) -> Request:
    """Check a certificate request (DER). Raises `Refused("csr_invalid")` unless it is a self-signed request with a P-256 key."""
    if len(der) > MAX_CSR_BYTES:
        raise Refused("csr_invalid", say="the certificate request is too large")
    try:
        request = x509.load_der_x509_csr(der)
        key = request.public_key()
        is_signed = request.is_signature_valid
    except (ValueError, TypeError, InvalidSignature, x509.UnsupportedGeneralNameType) as error:
        raise Refused("csr_invalid", say="the certificate request cannot be read", log=str(error)) from None
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1) or not is_signed:
        raise Refused("csr_invalid", say="the certificate request must be signed with its own P-256 key")
    return Request(key, _key_digest(key))


def _create(name: str, title: str, constraints: x509.NameConstraints | None, key_encryption_key: bytes, now: datetime) -> tuple[str, bytes]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, title)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATE)
        .not_valid_after(now + timedelta(days=AUTHORITY_DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if constraints is not None:
        builder = builder.add_extension(constraints, critical=True)
    certificate = builder.sign(key, hashes.SHA256())
    pem = certificate.public_bytes(serialization.Encoding.PEM).decode()
    return pem, sealing.seal(_key_pem(key), key=key_encryption_key, binding=name)


def _open(row: Sealed, key_encryption_key: bytes) -> _Signer:
    pem = sealing.unseal(row.sealed_key, key=key_encryption_key, binding=row.name)
    if pem is None:
        raise Misconfigured(
            "key_encryption_key_mismatch",
            say="the key-encryption key is not the one this database was made with; restore the secrets that belong to it",
        )
    key = serialization.load_pem_private_key(pem, password=None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return _Signer(x509.load_pem_x509_certificate(row.certificate_pem.encode()), key)


def _sign(
    signer: _Signer,
    public_key: ec.EllipticCurvePublicKey,
    *,
    common_name: str,
    names: Sequence[x509.GeneralName],
    usage: x509.ObjectIdentifier,
    now: datetime,
    not_after: datetime,
) -> x509.Certificate:
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)]))
        .issuer_name(signer.certificate.subject)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATE)
        .not_valid_after(not_after)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.key.public_key()), critical=False)
        .sign(signer.key, hashes.SHA256())
    )


def _endorse(by: _Signer, root: _Signer) -> Endorsement:
    digest = root.certificate.fingerprint(hashes.SHA256())
    return Endorsement(digest.hex(), by.pin, by.key.sign(ENDORSEMENT + digest, ec.ECDSA(hashes.SHA256())))


def _key_id(signer: _Signer) -> str:
    return x509.SubjectKeyIdentifier.from_public_key(signer.key.public_key()).digest.hex()


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _host_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def _key_digest(key: object) -> str:
    der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)  # type: ignore[attr-defined]
    return hashlib.sha256(der).hexdigest()
