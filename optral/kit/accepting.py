"""Accepts connections from a listening socket, each with a place of its own (`admission.py`), also when descriptors run out."""

import asyncio
import errno
import socket
import ssl
from collections.abc import Callable
from typing import Any

from optral.kit.admission import Admission, ConnectionSlot

BACKLOG = 1024
ACCEPTS_AT_ONCE = 64  # then the loop turns to its other work
PAUSE_S = 0.2
HANDSHAKE_S = 10.0
_OUT_OF_ROOM = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})


def bound(address: str) -> socket.socket:
    """A listening socket on `host:port` (port 0 draws one). Raises `OSError` when the port is taken or the host is not this machine's."""
    host, _, port = address.rpartition(":")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host.strip("[]"), int(port)))
        sock.listen(BACKLOG)
    except OSError:
        sock.close()
        raise
    sock.setblocking(False)
    return sock


class Acceptor:
    """Accepts from `sock` while started. `report(error)` is called when the listener cannot accept; it must bound its own log.

    With `tls`, a handshake that takes longer than 10 seconds is cut. `refuse` is handed a socket for which there is no place.
    """

    def __init__(
        self,
        sock: socket.socket,
        make: Callable[[ConnectionSlot, socket.socket], asyncio.BaseProtocol],
        admission: Admission,
        *,
        report: Callable[[OSError], None],
        tls: ssl.SSLContext | None = None,
        refuse: Callable[[socket.socket], None] | None = None,
    ) -> None:
        self._sock, self._make, self._admission, self._report, self._tls = sock, make, admission, report, tls
        self._refuse = refuse
        self._openings: set[asyncio.Task[None]] = set()
        self._loop = asyncio.get_running_loop()
        self._pause: asyncio.TimerHandle | None = None
        self._is_started = False

    def start(self) -> None:
        self._is_started = True
        self._pause = None
        self._loop.add_reader(self._sock, self._accept)

    def stop(self) -> None:
        """Take what waits in the backlog, then accept no more. The socket stays open: closing it is its owner's part."""
        if not self._is_started:
            return
        self._accept()
        self._is_started = False
        self._loop.remove_reader(self._sock)
        if self._pause is not None:
            self._pause.cancel()

    async def closed(self) -> None:
        """Cut the handshakes that are still open, and wait for them. Call after `stop`."""
        for task in tuple(self._openings):
            task.cancel()
        if self._openings:
            await asyncio.wait(self._openings)

    def _accept(self) -> None:
        for _ in range(ACCEPTS_AT_ONCE):
            try:
                sock, address = self._sock.accept()
            except (BlockingIOError, InterruptedError):
                return
            except ConnectionAbortedError:
                continue
            except OSError as error:
                self._report(error)
                if error.errno in _OUT_OF_ROOM:
                    self._rest()
                return
            self._enter(sock, str(address[0]) if isinstance(address, tuple) else "")

    def _rest(self) -> None:
        """Without a free descriptor the socket stays readable: accepting again at once would spin."""
        if self._pause is None and self._is_started:
            self._loop.remove_reader(self._sock)
            self._pause = self._loop.call_later(PAUSE_S, self.start)

    def _enter(self, sock: socket.socket, address: str) -> None:
        sock.setblocking(False)
        if sock.family in (socket.AF_INET, socket.AF_INET6):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if (place := self._admission.enter(address, sock.close)) is None:
            if self._refuse is not None:
                self._refuse(sock)
            sock.close()
            return
        task = self._loop.create_task(self._open(sock, place), name="accept")
        place.close = task.cancel
        self._openings.add(task)
        task.add_done_callback(self._openings.discard)

    async def _open(self, sock: socket.socket, place: ConnectionSlot) -> None:
        """Until this returns, `place.close` cancels it; the protocol puts its own way to close there when its connection is made."""
        tls: dict[str, Any] = {"ssl": self._tls, "ssl_handshake_timeout": HANDSHAKE_S} if self._tls is not None else {}
        try:
            await self._loop.connect_accepted_socket(lambda: self._make(place, sock), sock, **tls)
        except OSError:  # the peer left, or its handshake failed or took too long
            place.leave()
            sock.close()
        except asyncio.CancelledError:
            place.leave()
            sock.close()
            raise
