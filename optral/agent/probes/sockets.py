"""The network as a probe uses it: one name resolved, one connection opened, a handshake or one request on it, and closed.

No credentials are sent and no body; of an answer only its first line is read. Certificates are fetched, not verified: the caller that
matters may trust another CA than the agent's system does.
"""

import asyncio
import errno
import functools
import re
import socket
import ssl
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

from cryptography import x509

from optral.terms.probes import MAX_ADDRESSES, MAX_NAMES, Certificate, ProbeFailed, Reason

RESOLVERS = 4
MAX_LINE = 1024  # bytes read of an answer
_STATUS = re.compile(rb"HTTP/\d(?:\.\d)? ([1-9]\d\d)(?: |\r?\n|$)")
_NO_ROUTE = frozenset({errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EACCES, errno.EPERM})


class Sockets:
    """The network of this pod. A name lookup cannot be interrupted, so lookups run on a bounded pool of threads."""

    def __init__(self) -> None:
        self._resolvers = ThreadPoolExecutor(RESOLVERS, "probe-resolver")
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._context.check_hostname = False
        self._context.verify_mode = ssl.CERT_NONE
        self._context.minimum_version = ssl.TLSVersion.TLSv1_2

    async def resolve(self, name: str) -> list[str]:
        """The addresses of a name, each once."""
        try:
            ask = functools.partial(socket.getaddrinfo, name, None, type=socket.SOCK_STREAM)
            found = await asyncio.get_running_loop().run_in_executor(self._resolvers, ask)
        except socket.gaierror as error:
            is_missing = error.errno in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))
            raise ProbeFailed(Reason.NAME_NOT_FOUND if is_missing else Reason.RESOLVER_FAILED) from error
        except (OSError, UnicodeError) as error:
            raise ProbeFailed(Reason.RESOLVER_FAILED) from error
        return list(dict.fromkeys(str(one[4][0]) for one in found))[:MAX_ADDRESSES]

    async def connect(self, address: str, port: int) -> None:
        """Open a TCP connection and close it."""
        async with _connection(address, port):
            return

    async def handshake(self, address: str, port: int, *, name: str) -> Certificate | None:
        """Complete a TLS handshake; what the server presents, None when it cannot be read."""
        async with _connection(address, port, context=self._context, name=name) as (_, writer):
            channel = writer.get_extra_info("ssl_object")
            return _certificate(channel.getpeercert(binary_form=True), name)

    async def request(self, address: str, port: int, *, name: str, path: str, is_tls: bool) -> int:
        """Send a GET request without a body; the status code of the answer. Redirects are not followed."""
        host = name or (f"[{address}]" if ":" in address else address)
        lines = (f"GET {path} HTTP/1.1", f"Host: {host}:{port}", "User-Agent: optral-agent", "Accept: */*", "Connection: close", "", "")
        async with _connection(address, port, context=self._context if is_tls else None, name=name) as (reader, writer):
            try:
                writer.write("\r\n".join(lines).encode("ascii"))
                await writer.drain()
                answer = await _first_line(reader)
            except OSError as error:
                raise ProbeFailed(Reason.CLOSED) from error
        if not answer:
            raise ProbeFailed(Reason.CLOSED)
        if (match := _STATUS.match(answer)) is None:
            raise ProbeFailed(Reason.NOT_HTTP)
        return int(match.group(1))


async def _first_line(reader: asyncio.StreamReader) -> bytes:
    """As much as is needed of the first line, at most 1 KiB."""
    answer = b""
    while b"\n" not in answer and len(answer) < MAX_LINE:
        piece = await reader.read(MAX_LINE - len(answer))
        if not piece:
            break
        answer += piece
    return answer


@asynccontextmanager
async def _connection(
    address: str, port: int, *, context: ssl.SSLContext | None = None, name: str = ""
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to exactly this address, aborted at the end: nothing is waited for."""
    kind = socket.AF_INET6 if ":" in address else socket.AF_INET
    plain = socket.socket(kind, socket.SOCK_STREAM)
    plain.setblocking(False)
    try:
        await asyncio.get_running_loop().sock_connect(plain, (address, port))
    except OSError as error:
        plain.close()
        raise ProbeFailed(_reason_of(error)) from error
    except asyncio.CancelledError:
        plain.close()
        raise
    try:
        reader, writer = await asyncio.open_connection(
            sock=plain, ssl=context, server_hostname=(name or address) if context else None, limit=MAX_LINE
        )
    except ssl.SSLError as error:
        raise ProbeFailed(_tls_reason(error)) from error
    except OSError as error:
        raise ProbeFailed(Reason.CLOSED) from error
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


def _reason_of(error: OSError) -> Reason:
    if isinstance(error, ConnectionRefusedError):
        return Reason.REFUSED
    if isinstance(error, ConnectionResetError):
        return Reason.CLOSED
    if error.errno == errno.ETIMEDOUT:
        return Reason.TIMEOUT
    return Reason.NO_ROUTE if error.errno in _NO_ROUTE else Reason.FAILED


def _tls_reason(error: ssl.SSLError) -> Reason:
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return Reason.CLOSED
    return Reason.HANDSHAKE_FAILED if "ALERT" in (error.reason or "") else Reason.NOT_TLS


def _certificate(der: bytes | None, name: str) -> Certificate | None:
    """The names, issuer and validity of a certificate; None when it cannot be read."""
    try:
        found = x509.load_der_x509_certificate(der or b"")
        names = _names(found)
        return Certificate(
            names=tuple(names[:MAX_NAMES]),
            issuer=found.issuer.rfc4514_string()[:300],
            not_before=found.not_valid_before_utc,
            not_after=found.not_valid_after_utc,
            covers_name=any(_covers(one.lower(), name) for one in names) if name else None,
            is_self_signed=found.issuer == found.subject,
        )
    except ValueError:
        return None


def _names(certificate: x509.Certificate) -> list[str]:
    """The names that it is for; of one without alternative names, its common name."""
    try:
        alternative = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        return [*alternative.get_values_for_type(x509.DNSName), *map(str, alternative.get_values_for_type(x509.IPAddress))]
    except (x509.ExtensionNotFound, ValueError):
        return [str(attribute.value)[:300] for attribute in certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)]


def _covers(pattern: str, name: str) -> bool:
    """Whether a name of a certificate covers a host, or a longer form of the same Service's name."""
    first = name.partition(".")[0]
    forms = {name, f"{name}.cluster.local"} if name.endswith(".svc") else {name}
    if name.endswith(".svc"):
        forms |= {first, name.removesuffix(".svc")}
    return any(pattern == form or (pattern.startswith("*.") and pattern[2:] == form.partition(".")[2]) for form in forms)
