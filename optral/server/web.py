"""HTTP listeners: uvicorn in our own loop, on sockets we bind ourselves so that a taken port is one clear line.

With a certificate the listener speaks TLS and takes a renewed certificate up without a restart.
"""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import structlog
import uvicorn

from optral.api.http.problems import REFUSAL, answer_to, body
from optral.kit import accepting
from optral.kit.accepting import Acceptor
from optral.kit.admission import Admission, ConnectionLimit
from optral.kit.keyed_rate_limit import KeyedRateLimit
from optral.server.connection import IDLE_S, Connection
from optral.terms.errors import Misconfigured

_log = structlog.get_logger(__name__)
_RELOAD_EVERY_S = 10.0
CHECK_EVERY_S = 0.5
GRACE_S = 5


class Tls(NamedTuple):
    certificate: Path
    key: Path

    def load(self, context: ssl.SSLContext) -> None:
        """Raises `OSError` (`ssl.SSLError`). A key that needs a passphrase is refused; OpenSSL would prompt for it on the terminal."""
        context.load_cert_chain(self.certificate, self.key, password=lambda: b"")

    def check(self) -> None:
        """Raises `Misconfigured` when the files are not a certificate and its private key."""
        try:
            self.load(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
        except OSError as error:
            raise _unusable(error) from None


def bind(address: str, *, setting: str) -> socket.socket:
    """Bind `host:port` (port 0 draws one). Raises `Misconfigured` that names the setting when the port is taken or the host is not ours."""
    try:
        return accepting.bound(address)
    except OSError as error:
        raise Misconfigured("address_in_use", say=f"cannot listen on {address}: {error.strerror}; choose another {setting}") from None


_reports = KeyedRateLimit()


_ROOM = ConnectionLimit()
_FULL_BODY = msgspec.json.encode(
    body(status=503, code="too_many_connections", detail="the server holds as many connections as it can; try again", request_id="")
)
_FULL = (
    b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/problem+json\r\nretry-after: 5\r\nconnection: close\r\n"
    b"content-length: %d\r\n\r\n%b" % (len(_FULL_BODY), _FULL_BODY)
)


class _Server(uvicorn.Server):
    """uvicorn without its signal handling and its accepting: stopping is the wiring's business, and accepting is ours."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self.servers: list[asyncio.base_events.Server] = []
        await self.lifespan.startup()
        self.started = True


def refusing(app: Any) -> Any:
    """An app that is not the gate, where what is not a request is answered by its problem alone."""

    async def answered(scope: Any, receive: Any, send: Any) -> None:
        problem = scope.get(REFUSAL)
        await (app if problem is None else answer_to(problem, request_id=""))(scope, receive, send)

    return answered


@contextlib.asynccontextmanager
async def listening(
    app: Any, sock: socket.socket, *, tls: Tls | None = None, trusted_proxies: tuple[str, ...] = (), room: ConnectionLimit = _ROOM
) -> AsyncIterator[Admission]:
    """Serve the ASGI app on the socket while the context is open; on leaving, finish requests within `GRACE_S` seconds.

    The app answers also what is not a request (`connection.py`). Yields the places of its connections.
    """
    config = _config(app, tls, trusted_proxies)
    server, stopping = _Server(config), asyncio.Event()
    admission = Admission(room, exempt=trusted_proxies)
    acceptor = Acceptor(
        sock,
        lambda place, accepted: Connection(config, server.server_state, place=place, sock=accepted, stopping=stopping),
        admission,
        report=_report,
        tls=config.ssl if tls else None,
        refuse=None if tls else _refuse,
    )
    serving = asyncio.create_task(server.serve(), name="http")
    watching = [asyncio.create_task(_watch(server), name="http-watch")]
    if tls and config.ssl:
        watching.append(asyncio.create_task(_reload(config.ssl, tls), name="tls-reload"))
    try:
        while not server.started:
            if serving.done():
                serving.result()
                raise RuntimeError("the HTTP listener ended at once")
            await asyncio.sleep(0.005)
        acceptor.start()
        yield admission
    finally:
        stopping.set()
        acceptor.stop()
        sock.close()
        server.should_exit = True
        await asyncio.wait([serving], timeout=GRACE_S + 3)
        if not serving.done():
            server.force_exit = True
            serving.cancel()
            await asyncio.wait([serving], timeout=2)
        await acceptor.closed()
        for task in watching:
            task.cancel()
        await asyncio.wait(watching)


def _config(app: Any, tls: Tls | None, trusted_proxies: tuple[str, ...]) -> uvicorn.Config:
    config = uvicorn.Config(
        app,
        http=Connection,
        loop="none",
        lifespan="off",
        ws="none",
        access_log=False,
        log_config=None,
        server_header=False,
        date_header=True,
        proxy_headers=bool(trusted_proxies),
        forwarded_allow_ips=list(trusted_proxies) or None,
        timeout_graceful_shutdown=GRACE_S,
        timeout_keep_alive=2 * int(IDLE_S),  # `Connection.check` is first
        ssl_certfile=tls.certificate if tls else None,
        ssl_keyfile=tls.key if tls else None,
    )
    try:
        config.load()
    except OSError as error:
        raise _unusable(error) from None
    return config


def _unusable(error: OSError) -> Misconfigured:
    return Misconfigured("tls_unreadable", say=f"cannot use the certificate of OPTRAL_TLS_CERT and OPTRAL_TLS_KEY: {error}")


async def _watch(server: uvicorn.Server) -> None:
    """Look at every connection about once a second, a few hundred at a time."""
    loop = asyncio.get_running_loop()
    while True:
        await asyncio.sleep(CHECK_EVERY_S)
        for number, connection in enumerate(tuple(server.server_state.connections)):
            if number % 256 == 255:
                await asyncio.sleep(0)
            if isinstance(connection, Connection):
                connection.check(loop.time())


def _refuse(sock: socket.socket) -> None:
    """Every place is taken by a request that is being answered: say so, as far as the socket takes it at once."""
    with contextlib.suppress(OSError):
        sock.send(_FULL)


def _report(error: OSError) -> None:
    if (left_out := _reports.take("accept")) is not None:
        _log.error("connections cannot be accepted", error=str(error), left_out=left_out)


async def _reload(context: ssl.SSLContext, tls: Tls) -> None:
    loaded = _stamp(tls)
    while True:
        await asyncio.sleep(_RELOAD_EVERY_S)
        if (stamp := _stamp(tls)) == loaded:
            continue
        try:
            tls.load(context)
        except OSError as error:
            _log.error("the renewed certificate cannot be used; the old one stays", error=str(error), file=str(tls.certificate))
        else:
            _log.info("certificate taken up", file=str(tls.certificate))
        loaded = stamp


def _stamp(tls: Tls) -> tuple[int, int] | None:
    try:
        return tls.certificate.stat().st_mtime_ns, tls.key.stat().st_mtime_ns
    except OSError:
        return None
