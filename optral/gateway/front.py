"""The front of a gRPC listener: accepts the connections, and passes their bytes on to gRPC over a Unix socket of this process.

gRPC itself bounds connections by a handshake time-out and by one number for all addresses, so that a few hundred silent connections of one
stranger could keep every agent out. The front bounds them per address and closes the one that has waited longest when a newcomer needs
its place (`kit/admission.py`). It connects to gRPC only when the client has sent its first bytes. A connection waits until a call on it has
shown a valid certificate: the service calls `identified` with the peer that gRPC names, which is the front's own end of the connection.
"""

import asyncio
import contextlib
import os
import shutil
import socket
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import structlog

from optral.kit.accepting import Acceptor
from optral.kit.admission import Admission, ConnectionLimit, ConnectionSlot
from optral.kit.keyed_rate_limit import KeyedRateLimit

SILENT_S = 10.0
IDENTIFIED_WITHIN_S = 30.0
FLUSH_S = 10.0
HOLD_S = 5.0  # until the client has its answer
CHECK_EVERY_S = 0.5
MAX_FIRST_BYTES = 64 * 1024
_log = structlog.get_logger(__name__)
_reports = KeyedRateLimit()


class FrontListener:
    """`make_back`, `listen`, and once gRPC listens on the back `start`."""

    def __init__(self, room: ConnectionLimit) -> None:
        self._admission = Admission(room)
        self._links: dict[str, _Link] = {}
        self._folder: Path | None = None
        self._acceptor: Acceptor | None = None
        self._sock: socket.socket | None = None
        self._watching: asyncio.Task[None] | None = None
        self._opened = 0

    def make_back(self, fallback: Path | None = None) -> str:
        """The address for gRPC to listen on, in a folder of its own; `fallback` holds it where there is no folder for temporary files."""
        try:
            self._folder = Path(tempfile.mkdtemp(prefix="optral-"))
        except FileNotFoundError:
            self._folder = Path(tempfile.mkdtemp(prefix="gateway-", dir=fallback))
        return f"unix:{self._back}"

    @property
    def port(self) -> int:
        assert self._sock is not None
        return int(self._sock.getsockname()[1])

    def listen(self, sock: socket.socket) -> None:
        """Take over a bound socket; nothing is accepted before `start`."""
        self._sock = sock

    def start(self) -> None:
        assert self._sock is not None
        self._acceptor = Acceptor(self._sock, self._make, self._admission, report=_report)
        self._acceptor.start()
        self._watching = asyncio.create_task(self._watch(), name="front-watch")

    def close(self) -> None:
        """Accept no more; what is open stays. Idempotent."""
        if self._acceptor is not None:
            self._acceptor.stop()
        if self._sock is not None:
            self._sock.close()

    async def stop(self) -> None:
        """End every connection and leave nothing behind. Idempotent; also after a start that failed."""
        self.close()
        if self._acceptor is not None:
            await self._acceptor.closed()
        for link in tuple(self._links.values()):
            link.abort()
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.wait([self._watching])
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def address_of(self, peer: str) -> str:
        """The network address of the client that gRPC knows as `peer`; empty when it is gone."""
        link = self._links.get(_name(peer))
        return link.address if link is not None else ""

    def identified(self, peer: str) -> None:
        """The client has shown who it is: its connection may stay."""
        if (link := self._links.get(_name(peer))) is not None:
            link.identified()

    def hold(self, peer: str) -> None:
        """Read nothing more from this client, so that what it sends costs nothing; its connection ends once it has its answer."""
        if (link := self._links.get(_name(peer))) is not None:
            link.hold()

    @property
    def _back(self) -> Path:
        assert self._folder is not None
        return self._folder / "grpc"

    def _make(self, place: ConnectionSlot, sock: socket.socket) -> "_Outer":
        self._opened += 1
        name = f"{self._folder}/{self._opened}"
        link = _Link(name, str(self._back), place, sock)
        self._links[name] = link
        link.on_lost = lambda: self._links.pop(name, None)
        return _Outer(link)

    async def _watch(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(CHECK_EVERY_S)
            for number, link in enumerate(tuple(self._links.values())):
                if number % 256 == 255:
                    await asyncio.sleep(0)
                link.check(loop.time())


class _Link:
    """One client's connection, and from its first bytes on the connection to gRPC behind it."""

    def __init__(self, name: str, back: str, place: ConnectionSlot, sock: socket.socket) -> None:
        self._name, self._back, self._place = name, back, place
        peer: Any = sock.getpeername()
        self.address = str(peer[0])
        self._loop = asyncio.get_running_loop()
        self._since_s = self._loop.time()
        self._ending_s: float | None = None
        self._held_s: float | None = None
        self._is_identified = False
        self._first: bytearray | None = bytearray()
        self._opening: asyncio.Task[None] | None = None
        self.outer: asyncio.Transport | None = None
        self.inner: asyncio.Transport | None = None
        self.on_lost: Any = None

    def opened(self, transport: asyncio.Transport) -> None:
        self.outer = transport
        self._place.close = self.abort
        if not self._place.is_held:
            self.abort()

    def came(self, data: bytes) -> None:
        """Bytes of the client."""
        if self.inner is not None:
            self.inner.write(data)
            return
        if self._first is None or self.outer is None:
            return
        self._first += data
        if len(self._first) > MAX_FIRST_BYTES:
            self.outer.pause_reading()
        if self._opening is None:
            self._place.waits()  # it has spoken: others have waited longer
            self._opening = self._loop.create_task(self._open(), name="front-open")

    async def _open(self) -> None:
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        sock.setblocking(False)
        try:
            sock.bind(self._name)
            sock.connect(self._back)
            inner, _ = await self._loop.create_unix_connection(lambda: _Inner(self), sock=sock)
        except OSError as error:
            sock.close()
            _report(error)
            self.abort()
            return
        finally:
            with contextlib.suppress(OSError):
                os.unlink(self._name)  # noqa: PTH108 - gRPC has its name; the file has done its part
        first, self._first = self._first, None
        if self.outer is None or self.outer.is_closing():
            inner.abort()
            return
        self.inner = inner
        inner.write(bytes(first or b""))
        self.outer.resume_reading()

    def identified(self) -> None:
        if not self._is_identified:
            self._is_identified = True
            self._place.works()

    def hold(self) -> None:
        if self._held_s is None and self.outer is not None:
            self._held_s = self._loop.time()
            self.outer.pause_reading()

    def go_on(self) -> None:
        """gRPC takes more."""
        if self._held_s is None and self.outer is not None:
            self.outer.resume_reading()

    def check(self, now_s: float) -> None:
        """End a connection that has said nothing, or not who it is, or that does not take the rest of what gRPC sent, or that is held."""
        for since_s, most_s in ((self._ending_s, FLUSH_S), (self._held_s, HOLD_S)):
            if since_s is not None and now_s - since_s > most_s:
                self.abort()
        if self._is_identified:
            return
        if now_s - self._since_s > (SILENT_S if self._opening is None else IDENTIFIED_WITHIN_S):
            self.abort()

    def abort(self) -> None:
        for transport in (self.outer, self.inner):
            if transport is not None:
                transport.abort()

    def lost(self, *, is_outer: bool) -> None:
        """One side has ended: let the other send what it holds, and end."""
        self._ending_s = self._loop.time()
        other = self.inner if is_outer else self.outer
        if other is not None and not other.is_closing():
            other.close()
        if is_outer:
            self._place.leave()
            self.on_lost()


class _Outer(asyncio.Protocol):
    """The client's side."""

    def __init__(self, link: _Link) -> None:
        self._link = link

    def connection_made(self, transport: Any) -> None:  # uvloop's are no asyncio.Transport
        self._link.opened(transport)

    def data_received(self, data: bytes) -> None:
        self._link.came(data)

    def pause_writing(self) -> None:
        if self._link.inner is not None:
            self._link.inner.pause_reading()

    def resume_writing(self) -> None:
        if self._link.inner is not None:
            self._link.inner.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        self._link.lost(is_outer=True)


class _Inner(asyncio.Protocol):
    """gRPC's side."""

    def __init__(self, link: _Link) -> None:
        self._link = link

    def data_received(self, data: bytes) -> None:
        if self._link.outer is not None:
            self._link.outer.write(data)

    def pause_writing(self) -> None:
        if self._link.outer is not None:
            self._link.outer.pause_reading()

    def resume_writing(self) -> None:
        self._link.go_on()

    def connection_lost(self, exc: Exception | None) -> None:
        self._link.lost(is_outer=False)


def _name(peer: str) -> str:
    return unquote(peer.removeprefix("unix:"))


def _report(error: OSError) -> None:
    if (left_out := _reports.take("accept")) is not None:
        _log.error("agents' connections cannot be accepted", error=str(error), left_out=left_out)
