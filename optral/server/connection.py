"""One HTTP connection: uvicorn's protocol, with bounds on what a client may send and on how long it may take.

httptools itself bounds nothing: it gathers a header of any size before it calls anyone, in time that grows with the square of its size. So
bytes are fed to it in slices, and no further slice follows where a head is too large. What breaks HTTP is answered by the application like
any request (`problems.REFUSAL` in the scope says how), so each answer has one form and keeps its turn behind earlier requests.
"""

import asyncio
import contextlib
import socket
import struct
import urllib.parse
from collections.abc import Callable
from enum import Enum, auto
from typing import Any

import httptools
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from optral.api.http.problems import REFUSAL, Problem
from optral.kit.admission import ConnectionSlot

MAX_HEAD_BYTES = 16 * 1024
MAX_OVERHEAD_BYTES = 64 * 1024  # chunk sizes, chunk extensions and trailers: what a body's bytes hold beside the body
MAX_LINGER_BYTES = 16 * 1024 * 1024
HEAD_S = 10.0
STOPPING_HEAD_S = 1.0  # a connection that was accepted last may have a request on its way
BODY_S = 60.0  # the application answers 408 after 30; this is for what it does not read
UNREAD_S = 5.0
IDLE_S = 30.0
LINGER_S = 2.0
FLUSH_S = 10.0
_SLICE_BYTES = 4096
_RESET = struct.pack("ii", 1, 0)


class Phase(Enum):
    """Whose turn it is on the connection."""

    HEAD = auto()  # the client's, to finish a request's head
    BODY = auto()  # the client's, to finish the body
    ANSWER = auto()  # ours
    UNREAD = auto()  # answered before its body had ended, which is read and dropped
    IDLE = auto()  # nobody's: kept for the next request
    ENDING = auto()  # the last answer is written, the client is to close


class Cycle(RequestResponseCycle):
    """One request and its answer. `is_broken`: its body will not be finished, yet an answer can still be sent.

    The application may set `on_lost`, which is called when the client is gone before the answer has ended.
    """

    is_broken = False
    on_lost: Callable[[], None] | None = None
    connection: "Connection"

    async def receive(self) -> Any:
        if self.is_broken:
            return {"type": "http.disconnect"}
        message = await super().receive()
        return {"type": "http.disconnect"} if self.is_broken else message

    def cut(self) -> None:
        """End the connection at once and drop what was not sent: for a client that reads nothing."""
        self.disconnected = True
        self.message_event.set()
        self.connection.abort()

    def broken(self) -> None:
        self.is_broken, self.keep_alive = True, False
        self.message_event.set()


class Connection(HttpToolsProtocol):
    """`place` is its place in the listener's admission; `check` is called about once a second with the loop's time.

    While the listener is `stopping`, each answer is the connection's last.
    """

    def __init__(self, config: uvicorn.Config, state: Any, *, place: ConnectionSlot, sock: socket.socket, stopping: asyncio.Event) -> None:
        super().__init__(config=config, server_state=state, app_state={})
        self._place, self._sock = place, sock
        self.phase = Phase.HEAD
        self._since_s = self.loop.time()
        self._running: Cycle | None = None
        self._held = b""
        self._in_head, self._in_body, self._is_refused = False, False, False
        self._head_bytes = self._overhead_bytes = self._body_bytes = 0
        self._unflushed = (0, 0.0)
        self._stopping = stopping

    # --- what happens to the connection ---
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._place.close = self.abort
        self._enter(Phase.HEAD)
        if not self._place.is_held:  # its place was given away while it was made
            self.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._place.leave()
        super().connection_lost(exc)
        waiting, self._held = [cycle for cycle, _ in self.pipeline], b""
        self.pipeline.clear()
        for cycle in (self._running, *waiting):
            if cycle is not None and not cycle.response_complete:
                cycle.disconnected = True
                cycle.message_event.set()
                if isinstance(cycle, Cycle) and cycle.on_lost is not None:
                    cycle.on_lost()
        self._unset_keepalive_if_required()

    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        if self.phase is Phase.ENDING or self._is_refused:
            self._drop(len(data))
            return
        self._held += data
        if self.pipeline and len(self._held) > MAX_HEAD_BYTES:
            self.flow.pause_reading()
        self._feed()

    def shutdown(self) -> None:
        """The listener stops: answer what has begun, and what may be on its way on a new connection; end the rest."""
        if self._running is not None and not self._running.response_complete:
            super().shutdown()
        elif self.phase is not Phase.HEAD:
            self.end()

    def check(self, now_s: float) -> None:
        """Act on what has taken too long."""
        age_s = now_s - self._since_s
        if self.transport.get_write_buffer_size() and self.phase is not Phase.ANSWER:
            self._check_flush(now_s)
            return
        match self.phase:
            case Phase.HEAD if age_s > (STOPPING_HEAD_S if self._stopping.is_set() else HEAD_S):
                self._head_too_slow()
            case Phase.IDLE | Phase.UNREAD if age_s > (IDLE_S if self.phase is Phase.IDLE else UNREAD_S):
                self.end()
            case Phase.ENDING if age_s > LINGER_S and not self.transport.is_closing():
                self.transport.close()
            case Phase.ENDING | Phase.BODY if age_s > (BODY_S if self.phase is Phase.BODY else LINGER_S + FLUSH_S):
                self.abort()

    def abort(self) -> None:
        """Close at once; what the client has not taken is dropped, here and in the kernel."""
        if self.transport.get_write_buffer_size() or self.phase is Phase.ANSWER:
            with contextlib.suppress(OSError):  # the client was faster
                self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self.transport.abort()

    def end(self) -> None:
        """Say that nothing follows. A client that is still sending gets a moment to read that: a close would reset the connection."""
        if self.phase is Phase.ENDING or self.transport.is_closing():
            return
        is_read = not (self._in_head or self._in_body or self._held or self._is_refused or self._stopping.is_set())
        self._enter(Phase.ENDING)
        self._held = b""
        self.flow.resume_reading()
        if is_read:
            self.transport.close()
        elif self.transport.can_write_eof():
            self.transport.write_eof()

    # --- what the client sends ---
    def _feed(self) -> None:
        """Hand the parser what has come, a slice at a time; while a request waits for its turn, the rest is held."""
        data, at, self._held = self._held, 0, b""
        while at < len(data) and not self.pipeline and not self._is_refused and self.phase is not Phase.ENDING and self.parser:
            part, at = data[at : at + _SLICE_BYTES], at + _SLICE_BYTES
            was_in_head, was_in_body, before = self._in_head, self._in_body, self._body_bytes
            try:
                self.parser.feed_data(part)
            except httptools.HttpParserUpgrade:
                return  # the answer is the last; what follows is not ours to read
            except httptools.HttpParserError as error:
                self._refuse(error.__context__ if isinstance(error.__context__, Problem) else _unreadable())
                return
            if was_in_head and self._in_head:
                self._head_bytes += len(part)
            if was_in_body and self._in_body:
                self._overhead_bytes += len(part) - (self._body_bytes - before)
            self._check_sizes()
        if not self._is_refused and self.phase is not Phase.ENDING:
            self._held = data[at:]

    def _check_sizes(self) -> None:
        if self._head_bytes > MAX_HEAD_BYTES:
            self._refuse(_too_large())
        elif self._overhead_bytes > MAX_OVERHEAD_BYTES + 8 * self._body_bytes:
            self._refuse(_unreadable())

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head, self._head_bytes, self._overhead_bytes, self._body_bytes = True, 0, 0, 0
        if self.phase in (Phase.IDLE, Phase.HEAD):
            self._enter(Phase.HEAD)

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._in_head:  # else a trailer, which nothing here reads
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        if len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers) > MAX_HEAD_BYTES:
            raise _too_large()
        if sum(name == b"host" for name, _ in self.headers) > 1:
            raise Problem(400, "bad_request", say="the request has more than one Host header; send one")
        self._locate()
        self.scope["method"] = self.parser.get_method().decode("ascii")
        if (version := self.parser.get_http_version()) != "1.1":
            self.scope["http_version"] = version
        # An Upgrade is not taken, but the parser reads nothing after it.
        keep_alive = version != "1.0" and self.parser.should_keep_alive() and not self.parser.should_upgrade()
        self._begin(keep_alive=keep_alive)

    def _locate(self) -> None:
        """Read the request target. Raises `Problem` for one that is neither a path nor an http address."""
        try:
            target = httptools.parse_url(self.url)
            raw_path = target.path or (b"/" if target.schema in (b"http", b"https") else b"")
            path = raw_path.decode("ascii")
        except (httptools.HttpParserInvalidURLError, UnicodeDecodeError):
            raise _bad_target() from None
        if not path.startswith("/"):
            raise _bad_target()
        self.scope["path"] = urllib.parse.unquote(path) if "%" in path else path
        self.scope["raw_path"] = raw_path
        self.scope["query_string"] = target.query or b""

    def _begin(self, *, keep_alive: bool) -> None:
        """Start the request that was read, or put it behind the one that is answered now."""
        self.cycle = cycle = Cycle(
            scope=self.scope,
            transport=_Closing(self),  # type: ignore[arg-type]
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=False,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=self.expect_100_continue,
            keep_alive=keep_alive and not self._stopping.is_set(),
            on_response=self.on_response_complete,
        )
        cycle.connection = self
        self._in_head, self._in_body = False, True
        if self._running is None or self._running.response_complete:
            self._enter(Phase.BODY)
            self._start_asgi_task(cycle, self.app)
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((cycle, self.app))

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    def on_body(self, body: bytes) -> None:
        self._body_bytes += len(body)
        if self.phase is Phase.UNREAD and self._body_bytes > MAX_LINGER_BYTES:
            self.end()
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._in_body = False
        super().on_message_complete()
        if self.phase is Phase.BODY and self.cycle is self._running:
            self._enter(Phase.ANSWER)
        elif self.phase is Phase.UNREAD:
            self._enter(Phase.IDLE)

    def on_response_complete(self) -> None:
        if self.phase is not Phase.ENDING:
            super().on_response_complete()
            if self._running is not None and not self._running.response_complete:
                self._enter(Phase.BODY if self._running.more_body else Phase.ANSWER)
            else:
                self._enter(Phase.HEAD if self._in_head else Phase.UNREAD if self._in_body else Phase.IDLE)
        if self._held and not self.pipeline:
            self.loop.call_soon(self._feed)

    # --- what breaks the rules ---
    def _refuse(self, problem: Problem) -> None:
        """Let the application answer this in its turn, and read no more."""
        self._is_refused = True
        if self._in_body and isinstance(self.cycle, Cycle):
            if self.cycle.response_complete:
                self.end()
            else:
                self.cycle.broken()
            return
        super().on_message_begin()
        scope: Any = self.scope
        scope |= {"method": "GET", "path": "/", "raw_path": b"/", "query_string": b"", REFUSAL: problem}
        self._begin(keep_alive=False)
        self.on_message_complete()

    def _head_too_slow(self) -> None:
        if self._in_head:
            self._refuse(_too_slow())
        else:
            self.end()

    def _drop(self, count: int) -> None:
        self._body_bytes += count
        if self._body_bytes > MAX_LINGER_BYTES:
            self.abort()

    # --- time ---
    def _enter(self, phase: Phase) -> None:
        self.phase, self._since_s = phase, self.loop.time()
        if phase is Phase.ANSWER:
            self._place.works()
        else:
            self._place.waits()

    def _check_flush(self, now_s: float) -> None:
        """Bytes that the client does not take: it must take some in every 10 seconds."""
        left, since_s = self._unflushed
        if (now_left := self.transport.get_write_buffer_size()) != left:
            self._unflushed = (now_left, now_s)
        elif now_s - since_s > FLUSH_S:
            self.abort()


class _Closing:
    """The transport as a cycle sees it: its close waits for a client that is still sending, which would otherwise lose the answer."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def write(self, data: bytes) -> None:
        self._connection.transport.write(data)

    def is_closing(self) -> bool:
        return self._connection.transport.is_closing()

    def close(self) -> None:
        self._connection.end()


def _too_large() -> Problem:
    return Problem(431, "head_too_large", say="the request line and headers are larger than 16 KiB together")


def _too_slow() -> Problem:
    return Problem(408, "head_too_slow", say="the request line and headers took longer than 10 seconds")


def _unreadable() -> Problem:
    return Problem(400, "bad_request", say="this is not a request that HTTP/1.1 allows")


def _bad_target() -> Problem:
    return Problem(400, "bad_request", say="the request target is not a path; send one that begins with /")
