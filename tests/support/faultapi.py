"""A small API server that misbehaves on demand: one list of objects, a log of changes, and a script of faults played once each."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from optral.kubeapi.credentials import Access
from tests.support.serving import on_loop


class FaultApi:
    """Serves one kind at any path. `faults` are taken one per request, in order; "" means: behave.

    Faults: `410`, `429`, `403`, `404`, `500`, `422` answer with that status; `gone` is a 410 inside the stream; `future` is a 504
    "Too large resource version"; `half` cuts the stream within a line; `silent` says nothing more; `end` closes at once; `nolist` ignores
    sendInitialEvents as an old server does.
    """

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, Any]] = {}
        self.version = 100
        self.faults: deque[str] = deque()
        self.streams_lists = True
        self.requests: list[dict[str, str]] = []
        self._log: list[tuple[int, str, dict[str, Any]]] = []
        self._news = asyncio.Condition()
        self.handlers: set[asyncio.Task[Any]] = set()
        self.access = Access(server="", name="faults", tls=False)

    async def put(self, name: str, **spec: Any) -> None:
        self.version += 1
        kind = "MODIFIED" if name in self.objects else "ADDED"
        meta = {"name": name, "namespace": "default", "uid": f"uid-{name}", "resourceVersion": str(self.version)}
        self.objects[name] = {"metadata": meta, "spec": spec}
        await self._tell(kind, self.objects[name])

    async def remove(self, name: str) -> None:
        self.version += 1
        gone = self.objects.pop(name)
        gone = {**gone, "metadata": {**gone["metadata"], "resourceVersion": str(self.version)}}
        await self._tell("DELETED", gone)

    async def _tell(self, kind: str, obj: dict[str, Any]) -> None:
        async with self._news:
            self._log.append((self.version, kind, obj))
            self._news.notify_all()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        if (handler := asyncio.current_task()) is not None:
            self.handlers.add(handler)
            handler.add_done_callback(self.handlers.discard)
        if request.path == "/version":
            return web.json_response({"gitVersion": "v1.36.0-fault"})
        if request.path.startswith("/api/v1/namespaces/kube-system"):
            return web.json_response({"metadata": {"name": "kube-system", "uid": "kube-system-uid"}})
        if request.path in ("/api", "/apis") or request.path.startswith("/apis/authorization.k8s.io/"):
            return web.json_response({}, status=404)  # no discovery: it serves one kind
        self.requests.append(dict(request.query))
        fault = self.faults.popleft() if self.faults else ""
        if fault.isdigit():
            headers = {"Retry-After": "0.01"} if fault == "429" else {}
            reason = {"410": "Expired", "403": "Forbidden"}.get(fault, "Fault")
            body = {"kind": "Status", "code": int(fault), "reason": reason, "message": "injected fault"}
            return web.json_response(body, status=int(fault), headers=headers)
        if fault == "future":
            body = {"kind": "Status", "code": 504, "reason": "Timeout", "message": "Too large resource version: 9999, current: 101"}
            return web.json_response(body, status=504)
        if "watch" in request.query:
            return await self._watch(request, fault)
        return self._list(request)

    def _list(self, request: web.Request) -> web.Response:
        names = sorted(self.objects)
        start, limit = int(request.query.get("continue") or 0), int(request.query.get("limit") or 500)
        meta = {"resourceVersion": str(self.version)} | ({"continue": str(start + limit)} if start + limit < len(names) else {})
        return web.json_response({"metadata": meta, "items": [self.objects[name] for name in names[start : start + limit]]})

    async def _watch(self, request: web.Request, fault: str) -> web.StreamResponse:
        initial = request.query.get("sendInitialEvents") == "true"
        if initial and not self.streams_lists:
            return web.json_response({"code": 422, "reason": "Invalid", "message": "sendInitialEvents is forbidden"}, status=422)
        answer = web.StreamResponse()
        await answer.prepare(request)

        async def line(kind: str, obj: dict[str, Any]) -> None:
            await answer.write(json.dumps({"type": kind, "object": obj}).encode() + b"\n")

        if fault == "gone":
            await line("ERROR", {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old resource version"})
            return answer
        if fault == "end":
            return answer
        since = int(request.query.get("resourceVersion") or self.version)
        if initial and fault != "nolist":
            for obj in list(self.objects.values()):
                await line("ADDED", obj)
            since = self.version
            annotations = {"k8s.io/initial-events-end": "true"}
            await line("BOOKMARK", {"metadata": {"resourceVersion": str(since), "annotations": annotations}})
        if fault == "bookmark":
            await line("BOOKMARK", {"metadata": {"resourceVersion": str(self.version)}})
            fault = "silent"
        while True:
            if fault in ("silent", "nolist"):
                await asyncio.sleep(3600)
            for version, kind, obj in [entry for entry in self._log if entry[0] > since]:
                if fault == "half":
                    await answer.write(json.dumps({"type": kind, "object": obj}).encode()[:40])
                    return answer
                await line(kind, obj)
                since = version
            async with self._news:
                if not self._log or self._log[-1][0] <= since:
                    await self._news.wait()


@asynccontextmanager
async def serving() -> AsyncIterator[FaultApi]:
    api = FaultApi()
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", api._serve)
    try:
        async with on_loop(app, shutdown_timeout=0.1) as url:
            api.access = Access(server=url, name="faults", tls=False)
            yield api
    finally:
        watching = tuple(api.handlers)  # aiohttp lets go of those that wait for news
        for handler in watching:
            handler.cancel()
        await asyncio.gather(*watching, return_exceptions=True)
