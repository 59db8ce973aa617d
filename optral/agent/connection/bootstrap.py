"""First contact: fetch the addresses and the CA, and believe them only because the CA's public key has the pinned hash.

Plain HTTP and unknown TLS certificates are fine here: nothing secret is sent, and a forged answer fails the pin.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

import aiohttp
import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

import optral
from optral.agent.connection import trust
from optral.agent.connection.trust import pin_of
from optral.kit.proxies import proxy_for
from optral.terms.errors import Misconfigured, Refused, Unavailable

FETCH_S = 15
HINT_DIGITS = 16
MAX_BYTES = 256 * 1024
_PIN = re.compile(r"^sha256:[0-9a-f]{64}$")


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """Where to enroll and where to tunnel (host:port), and the CAs to trust: the pinned one and those it endorses."""

    ca_pem: bytes
    enroll_address: str
    tunnel_address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What the server says, unproven. `agent_authorities`: key identifiers (hex) of the CAs whose agents it accepts; empty: not told."""

    roots_pem: bytes
    endorsements: tuple[trust.Endorsement, ...]
    agent_authorities: frozenset[str]
    enroll_address: str
    tunnel_address: str


class _Endorsement(msgspec.Struct):
    root: str
    by: str
    signature: bytes  # base64


class _Answer(msgspec.Struct):
    caPem: str
    enrollAddress: str
    tunnelAddress: str
    endorsements: list[_Endorsement] = msgspec.field(default_factory=list)
    agentAuthorities: list[str] = msgspec.field(default_factory=list)


def check_pin_form(pin: str) -> str:
    """The pin in lower case. Raises `Misconfigured` when it is not `sha256:` and 64 hex digits."""
    pin = pin.strip().lower()
    if not _PIN.match(pin):
        raise Misconfigured("ca_pin", say="--ca-pin must be sha256: and 64 hexadecimal digits, as the install command prints it")
    return pin


def pinned(ca_pem: bytes, pin: str) -> bytes:
    """Those certificates of a bundle whose key has the pinned hash. Raises `Refused` when there is none."""
    try:
        certificates = x509.load_pem_x509_certificates(ca_pem)
    except ValueError as error:
        raise Refused("bootstrap_invalid", say="the server's CA certificate cannot be read; is this an Optral server?") from error
    matching = [certificate for certificate in certificates if hmac.compare_digest(pin_of(certificate), pin)]
    if not matching:
        raise Refused(
            "ca_pin_mismatch",
            say="the server's CA does not have the pinned key: its CA was replaced, or this is another server;"
            " create a new enrollment token and use its install command (token and --ca-pin)",
        )
    return b"".join(certificate.public_bytes(Encoding.PEM) for certificate in matching)


def introduction(token: str, pin: str, *, now: datetime) -> dict[str, str]:
    """Headers with which the server can tell whoever connects this cluster how far the agent came. They hold no secret.

    The hint is a part of the token's hash: it names the token to the server that created it, and to nobody else.
    """
    return {
        "Optral-Token-Hint": hashlib.sha256(token.encode()).hexdigest()[:HINT_DIGITS],
        "Optral-CA-Pin": pin,
        "Optral-Agent-Version": optral.__version__,
        "Optral-Agent-Time": str(int(now.timestamp() * 1000)),
    }


async def fetch(server_url: str, pin: str, *, headers: Mapping[str, str] | None = None) -> Bootstrap:
    """Fetch and check the bootstrap document. Raises `Misconfigured`, `Refused`, or `Unavailable` when trying again may help."""
    pin = check_pin_form(pin)
    document = await fetch_document(server_url, headers=headers)
    ca_pem = pinned(document.roots_pem, pin)
    every = trust.followed(ca_pem, document.roots_pem, document.endorsements)  # while the CA is rotated, either of the two may answer
    return Bootstrap(every or ca_pem, document.enroll_address, document.tunnel_address)


async def fetch_document(server_url: str, *, headers: Mapping[str, str] | None = None) -> Document:
    """Fetch the bootstrap document, not yet checked against anything. Raises as `fetch`."""
    parts = urlsplit(server_url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Misconfigured("server_url", say=f"--server must be a URL such as https://optral.example, not {server_url!r}")
    url = server_url.rstrip("/") + "/agent/bootstrap.json"
    proxy = proxy_for(parts.hostname, scheme=parts.scheme)
    try:
        timeout = aiohttp.ClientTimeout(total=FETCH_S)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(url, ssl=False, proxy=proxy, headers=headers) as response,
        ):
            if response.status >= 500 or response.status == 429:
                raise Unavailable("server_unavailable", say=f"{url} returned {response.status}")
            if response.status != 200:
                raise Refused("bootstrap_invalid", say=f"{url} returned {response.status}; is this an Optral server?")
            body = await response.content.read(MAX_BYTES)
            while len(body) < MAX_BYTES and (more := await response.content.read(MAX_BYTES - len(body))):
                body += more
        answer = msgspec.json.decode(body, type=_Answer)
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise Unavailable("server_unreachable", say=f"{url} cannot be reached: {error or type(error).__name__}") from error
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise Refused("bootstrap_invalid", say=f"{url} does not answer with bootstrap data; is this an Optral server?") from error
    return Document(
        roots_pem=answer.caPem.encode(),
        endorsements=tuple(
            trust.Endorsement(endorsement.root, endorsement.by, endorsement.signature) for endorsement in answer.endorsements
        ),
        agent_authorities=frozenset(answer.agentAuthorities),
        enroll_address=answer.enrollAddress,
        tunnel_address=answer.tunnelAddress,
    )
