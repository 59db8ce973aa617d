"""The demo cluster with an API server that counts what it really changed, and that often misbehaves; and a tunnel that can be cut."""

import asyncio
import random
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from optral.agent.commands_writes import ANNOTATION
from optral.demo import cluster as demo
from optral.demo.apiserver import ApiServer, Change
from optral.demo.objects import Manifest
from optral.demo.writes import Writes
from optral.kube.kinds import Kind

SLOW_S = 0.08
LATE_S = 3.0
applied: Counter[str] = Counter()
"""Real changes: of a patch by the id of its command, of an eviction by the uid of its pod."""
answered: Counter[str] = Counter()
"""How often the API server misbehaved, by the sort of misbehavior."""
SORTS = ("late", "twice", "409", "429", "cut")
_rng = random.Random(0)
share = 0.0
"""How many of all changes are answered wrongly. A dry run is only late: a plan that cannot be made ends before anything is changed."""


def misbehave(seed: int, of_all: float) -> None:
    global share
    _rng.seed(seed)
    share = of_all


class Counting(Writes):
    def patch(self, kind: Kind, namespace: str, name: str, body: Manifest, /, *, dry_run: bool) -> bytes:
        answer = super().patch(kind, namespace, name, body, dry_run=dry_run)
        if not dry_run:
            applied[str(((body.get("metadata") or {}).get("annotations") or {}).get(ANNOTATION))] += 1
        return answer

    def delete(self, kind: Kind, namespace: str, name: str, options: Manifest, /, *, dry_run: bool) -> bytes:
        answer = super().delete(kind, namespace, name, options, dry_run=dry_run)
        if not dry_run:
            applied[str((options.get("preconditions") or {}).get("uid"))] += 1
        return answer


class Misbehaving(ApiServer):
    """`late`: after three seconds. `twice`: the request arrives twice, and the second answer is sent. `409`, `429`: nothing is done. `cut`:
    it is done, and the connection breaks before the answer."""

    def _changing(self, change: Change, kind: Kind) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        inner = super()._changing(change, kind)

        async def handler(request: web.Request) -> web.StreamResponse:
            await asyncio.sleep(SLOW_S)  # so that kills fall into every step, also between a change and its answer
            is_dry = request.query.get("dryRun") == "All"
            sort = _rng.choice(SORTS[:1] if is_dry else SORTS) if _rng.random() < share else ""
            answered[sort or "well"] += 1
            if sort in ("409", "429"):
                return _refusal(int(sort))
            answer = await inner(request)
            if sort == "late":
                await asyncio.sleep(LATE_S)
            if sort == "twice":
                answer = await inner(request)
            if sort == "cut" and request.transport is not None:
                request.transport.abort()
            await asyncio.sleep(SLOW_S)
            return answer

        return handler


def _refusal(status: int) -> web.Response:
    reason = {409: "Conflict", 429: "TooManyRequests"}[status]
    body: dict[str, Any] = {
        "kind": "Status",
        "apiVersion": "v1",
        "status": "Failure",
        "reason": reason,
        "message": "not now",
        "code": status,
    }
    return web.json_response(body, status=status, headers={"Retry-After": "1"} if status == 429 else {})


@contextmanager
def demo_cluster(folder: Path) -> Iterator[Path]:
    """The demo cluster in a thread of its own; its kubeconfig."""
    ready, stop = threading.Event(), threading.Event()

    async def serve() -> None:
        async with demo.running(folder):
            ready.set()
            await asyncio.to_thread(stop.wait)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demo, "Writes", Counting)
        patch.setattr(demo, "ApiServer", Misbehaving)
        with _thread(serve, stop):
            assert ready.wait(60)
            yield folder / "kubeconfig.yaml"


class Cuttable:
    """A port in front of the tunnel, whose connections can all be cut at once."""

    def __init__(self, to_port: int) -> None:
        self._to_port, self.port = to_port, 0
        self._loop: asyncio.AbstractEventLoop
        self._open: set[asyncio.StreamWriter] = set()

    def cut(self) -> None:
        self._loop.call_soon_threadsafe(self._cut)

    def _cut(self) -> None:
        for writer in tuple(self._open):
            writer.transport.abort()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self._to_port)
        except OSError:
            writer.transport.abort()
            return
        self._open |= {writer, there_writer}
        await asyncio.gather(_pump(reader, there_writer), _pump(there_reader, writer))
        self._open -= {writer, there_writer}

    @contextmanager
    def listening(self) -> Iterator["Cuttable"]:
        ready, stop = threading.Event(), threading.Event()

        async def serve() -> None:
            self._loop = asyncio.get_running_loop()
            listener = await asyncio.start_server(self._connected, "127.0.0.1", 0)
            self.port = listener.sockets[0].getsockname()[1]
            ready.set()
            await asyncio.to_thread(stop.wait)
            listener.close()
            self._cut()

        with _thread(serve, stop):
            assert ready.wait(10)
            yield self


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.transport.abort()


@contextmanager
def _thread(serve: Callable[[], Any], stop: threading.Event) -> Iterator[None]:
    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(20)
