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

import structlog
import uvicorn

from optral.terms.errors import Misconfigured

_log = structlog.get_logger(__name__)
_RELOAD_EVERY_S = 10.0
GRACE_S = 5


class Tls(NamedTuple):
    certificate: Path
    key: Path


def bind(address: str, *, setting: str) -> socket.socket:
    """Bind `host:port` (port 0 draws one). Raises `Misconfigured` that names the setting when the port is taken or the host is not ours."""
    host, _, port = address.rpartition(":")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Its protocol is named, so asyncio switches Nagle off for what is accepted: else each body waits 40 ms for a client's delayed ACK.
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host.strip("[]"), int(port)))
    except OSError as error:
        sock.close()
        raise Misconfigured("address_in_use", say=f"cannot listen on {address}: {error.strerror}; choose another {setting}") from None
    sock.listen(1024)
    sock.setblocking(False)
    return sock


class _Server(uvicorn.Server):
    """uvicorn without its signal handling: stopping is the wiring's business."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.asynccontextmanager
async def listening(app: Any, sock: socket.socket, *, tls: Tls | None = None, trusted_proxies: tuple[str, ...] = ()) -> AsyncIterator[None]:
    """Serve the ASGI app on the socket while the context is open; on leaving, finish requests within `GRACE_S` seconds."""
    config = uvicorn.Config(
        app,
        http="httptools",
        loop="none",
        lifespan="off",
        ws="none",
        access_log=False,
        log_config=None,
        server_header=False,
        date_header=True,
        h11_max_incomplete_event_size=16 * 1024,
        proxy_headers=bool(trusted_proxies),
        forwarded_allow_ips=list(trusted_proxies) or None,
        timeout_graceful_shutdown=GRACE_S,
        timeout_keep_alive=30,
        ssl_certfile=tls.certificate if tls else None,
        ssl_keyfile=tls.key if tls else None,
    )
    try:
        config.load()
    except (OSError, ssl.SSLError) as error:
        raise Misconfigured("tls_unreadable", say=f"cannot use the certificate of OPTRAL_TLS_CERT and OPTRAL_TLS_KEY: {error}") from None
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[sock]), name="http")
    reloading = asyncio.create_task(_reload(config.ssl, tls), name="tls-reload") if tls and config.ssl else None
    try:
        while not server.started:
            if serving.done():
                serving.result()
                raise RuntimeError("the HTTP listener ended at once")
            await asyncio.sleep(0.005)
        yield
    finally:
        if reloading:
            reloading.cancel()
            await asyncio.wait([reloading])
        server.should_exit = True
        await asyncio.wait([serving], timeout=GRACE_S + 3)
        if not serving.done():
            server.force_exit = True
            serving.cancel()
            await asyncio.wait([serving], timeout=2)


async def _reload(context: ssl.SSLContext, tls: Tls) -> None:
    loaded = _stamp(tls)
    while True:
        await asyncio.sleep(_RELOAD_EVERY_S)
        if (stamp := _stamp(tls)) == loaded:
            continue
        try:
            context.load_cert_chain(tls.certificate, tls.key)
        except (OSError, ssl.SSLError) as error:
            _log.error("the renewed certificate cannot be used; the old one stays", error=str(error), file=str(tls.certificate))
        else:
            _log.info("certificate taken up", file=str(tls.certificate))
        loaded = stamp


def _stamp(tls: Tls) -> tuple[int, int] | None:
    try:
        return tls.certificate.stat().st_mtime_ns, tls.key.stat().st_mtime_ns
    except OSError:
        return None
