"""First contact: fetch the addresses and the CA, and believe them only because the CA's public key has the pinned hash.

Plain HTTP and unknown TLS certificates are fine here: nothing secret is sent, and a forged answer fails the pin.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp
import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from optral.kit.proxies import proxy_for
from optral.terms.errors import Misconfigured, Refused, Unavailable

FETCH_S = 15
MAX_BYTES = 256 * 1024
_PIN = re.compile(r"^sha256:[0-9a-f]{64}$")


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """Where to enrol and where to tunnel (host:port), and the one CA to trust."""

    ca_pem: bytes
    enroll_address: str
    tunnel_address: str


class _Answer(msgspec.Struct):
    caPem: str
    enrollAddress: str
    tunnelAddress: str


def pin_of(certificate: x509.Certificate) -> str:
    """`sha256:` and the hex SHA-256 of the certificate's SubjectPublicKeyInfo."""
    spki = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return "sha256:" + hashlib.sha256(spki).hexdigest()


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
            "ca_pin_mismatch", say="the server's CA does not have the pinned key; take a new install command from the right server"
        )
    return b"".join(certificate.public_bytes(Encoding.PEM) for certificate in matching)


async def fetch(server_url: str, pin: str) -> Bootstrap:
    """Fetch and check the bootstrap document. Raises `Misconfigured`, `Refused`, or `Unavailable` when trying again may help."""
    pin = check_pin_form(pin)
    parts = urlsplit(server_url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Misconfigured("server_url", say=f"--server must be a URL such as https://optral.example, not {server_url!r}")
    url = server_url.rstrip("/") + "/agent/bootstrap.json"
    proxy = proxy_for(parts.hostname, scheme=parts.scheme)
    try:
        timeout = aiohttp.ClientTimeout(total=FETCH_S)
        async with aiohttp.ClientSession(timeout=timeout) as session, session.get(url, ssl=False, proxy=proxy) as response:
            if response.status >= 500 or response.status == 429:
                raise Unavailable("server_unavailable", say=f"{url} answers {response.status}")
            if response.status != 200:
                raise Refused("bootstrap_invalid", say=f"{url} answers {response.status}; is this an Optral server?")
            body = await response.content.read(MAX_BYTES)
            while len(body) < MAX_BYTES and (more := await response.content.read(MAX_BYTES - len(body))):
                body += more
        answer = msgspec.json.decode(body, type=_Answer)
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise Unavailable("server_unreachable", say=f"{url} cannot be reached: {error or type(error).__name__}") from error
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise Refused("bootstrap_invalid", say=f"{url} does not answer with bootstrap data; is this an Optral server?") from error
    return Bootstrap(pinned(answer.caPem.encode(), pin), answer.enrollAddress, answer.tunnelAddress)
