"""What every edge of a test would pay for again, paid once for a process: the routes, a listener, and passwords at their real price."""

import asyncio
import copy
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import cache
from unittest import mock

from fastapi import FastAPI
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from starlette.types import ASGIApp, Receive, Scope, Send

from optral.access import passwords
from optral.api import app
from optral.api.http.services import ApiServices
from optral.api.pages import explorer, pages
from optral.server.web import GRACE_S, bind, listening

FRAMEWORK = app.framework()
explorer.add(FRAMEWORK, FRAMEWORK.state.contract_texts)
pages.add(FRAMEWORK)
_free: list["Listener"] = []


def build(services: ApiServices) -> ASGIApp:
    """`optral.api.app.build` on a copy of the routes."""
    with ready_made():
        return app.build(services)


@contextmanager
def ready_made() -> Iterator[None]:
    """While open, edges are built on copies of the routes: they hold nothing of a server, and to make them costs 0.15 s."""

    def copied() -> FastAPI:
        made = copy.copy(FRAMEWORK)
        made.router = copy.copy(FRAMEWORK.router)
        made.router.routes = list(FRAMEWORK.router.routes)
        made.router.middleware_stack = made.router.app  # else the copy answers by the routes of the original
        return made

    with mock.patch.object(app, "framework", copied), mock.patch.object(explorer, "add"), mock.patch.object(pages, "add"):
        yield


class Listener:
    """A listener that serves one edge after the other: starting one is cheap, stopping one waits for the next tick of uvicorn."""

    def __init__(self) -> None:
        sock = bind("127.0.0.1:0", setting="OPTRAL_LISTEN")
        self.url = f"http://127.0.0.1:{sock.getsockname()[1]}"
        self._app: ASGIApp | None = None
        self._requests: set[asyncio.Task[object]] = set()
        self._opened = asyncio.Event()

        async def serve() -> None:
            with sock:
                async with listening(self, sock):
                    self._opened.set()
                    await asyncio.Event().wait()  # until the loop ends

        self._serving = asyncio.create_task(serve(), name="listener")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self._app is not None, f"{scope['path']} was asked of an edge that has ended"
        task = asyncio.current_task()
        assert task is not None
        self._requests.add(task)
        try:
            await self._app(scope, receive, send)
        finally:
            self._requests.discard(task)

    @asynccontextmanager
    async def serving(self, edge: ASGIApp) -> AsyncIterator[None]:
        """Serve the edge while the context is open; on leaving, let requests end as a server does, then cut them."""
        await self._opened.wait()
        self._app = edge
        try:
            yield
        finally:
            if self._requests:
                await asyncio.wait(self._requests, timeout=GRACE_S)
            if cut := list(self._requests):
                for task in cut:
                    task.cancel()
                await asyncio.wait(cut)
            self._app = None


@asynccontextmanager
async def served(edge: ASGIApp) -> AsyncIterator[str]:
    """The edge on a loopback socket; yields its address. Several may be open at once."""
    listener = _free.pop() if _free else Listener()
    async with listener.serving(edge):
        yield listener.url
    _free.append(listener)  # not after a failure


_REAL = passwords._hasher, passwords._nobodys
_cheap: list[None] = []


@cache
def _hasher() -> PasswordHash:
    return PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))


@cache
def _nobodys() -> str:
    return _hasher().hash("nobody's")


@contextmanager
def cheap_passwords() -> Iterator[None]:
    """Hash passwords with the least work; tests/access/test_people.py looks at the real one.

    The last to leave brings back the real one: servers that run at once need not end in the order in which they began.
    """
    _cheap.append(None)
    passwords._hasher, passwords._nobodys = _hasher, _nobodys
    try:
        yield
    finally:
        _cheap.pop()
        if not _cheap:
            passwords._hasher, passwords._nobodys = _REAL
