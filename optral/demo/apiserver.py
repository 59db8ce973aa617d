"""The API server of the demo cluster: HTTPS on loopback, with the parts of the Kubernetes API that a watching agent uses.

Discovery, version, list in pages (`limit`, `continue`), get, watch with bookmarks and streaming lists (`sendInitialEvents`), pod logs, 410
for compacted versions, `Date` on every response, 401 without the token. What the agent's verbs change can be changed, including dry runs
and preconditions (`writes.py`); every other request is 405. Secrets do not exist here. Source: Kubernetes API concepts (efficient
detection of changes; streaming lists).
"""

import base64
import binascii
import hmac
import random
import re
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Protocol

import msgspec
from aiohttp import web

from optral.demo import certificates
from optral.demo.registry import Change as Logged, Expired, Registry, Stored
from optral.demo.writes import POD, Refused, Writes
from optral.kube.kinds import BY_ID, EVENT, KINDS, Kind

VERSION = {
    "major": "1",
    "minor": "34",
    "gitVersion": "v1.34.2",
    "gitTreeState": "clean",
    "goVersion": "go1.24.9",
    "compiler": "gc",
    "platform": "linux/amd64",
}
BOOKMARK_EVERY_S = 30.0  # kube-apiserver sends one about every minute, and one before it ends a watch
MAX_WATCH_S = 600.0
CERTIFICATE = BY_ID[certificates.KIND]
SERVED = (*(kind for kind in KINDS if not kind.optional), CERTIFICATE, EVENT)  # no other add-ons: requests for their kinds get a 404
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
ReadLog = Callable[[str, str, str, bool], str | None]


class Change(Protocol):
    """Patches or deletes an object; returns its JSON. Raises `Refused`."""

    def __call__(self, kind: Kind, namespace: str, name: str, body: dict[str, Any], /, *, dry_run: bool) -> bytes: ...


class ApiServer:
    """Serves one registry. `read_log(namespace, pod, container, previous)` returns the log of a container or None."""

    served: Sequence[Kind] = SERVED

    def __init__(self, registry: Registry, *, token: str, read_log: ReadLog, writes: Writes | None = None) -> None:
        self._registry, self._token, self._read_log, self._writes = registry, token, read_log, writes

    def app(self) -> web.Application:
        app = web.Application(middlewares=[self._gate])
        app.router.add_get("/version", _answer(VERSION))
        app.router.add_get("/livez", _text("ok"))
        app.router.add_get("/readyz", _text("ok"))
        app.router.add_get("/api", _answer({"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []}))
        app.router.add_get("/apis", _answer(_groups(self.served)))
        for api_version in sorted({kind.api_version for kind in self.served}):
            app.router.add_get(_root(api_version), _answer(_resources(self.served, api_version)))
        for kind in self.served:
            self._add_kind(app, kind)
        app.router.add_get("/api/v1/namespaces/{namespace}/pods/{name}/log", self._pod_log)
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "status": {"allowed": self._writes is not None},
        }
        app.router.add_post("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", _answer(review, status=201))
        return app

    def _add_kind(self, app: web.Application, kind: Kind) -> None:
        async def many(request: web.Request) -> web.StreamResponse:
            return await self._list_or_watch(request, kind)

        async def one(request: web.Request) -> web.StreamResponse:
            stored = self._registry.get(kind, request.match_info.get("namespace", ""), request.match_info["name"])
            if stored is None:
                return _status(404, "NotFound", f'{kind.plural} "{request.match_info["name"]}" not found')
            return web.Response(body=stored.raw, content_type="application/json")

        app.router.add_get(kind.path, many)
        inner = f"{_root(kind.api_version)}/namespaces/{{namespace}}/{kind.plural}" if kind.namespaced else kind.path
        if kind.namespaced:
            app.router.add_get(inner, many)
        app.router.add_get(f"{inner}/{{name}}", one)
        if self._writes is not None:
            app.router.add_patch(f"{inner}/{{name}}", self._changing(self._writes.patch, kind))
            app.router.add_delete(f"{inner}/{{name}}", self._changing(self._writes.delete, kind))
            app.router.add_post(inner, self._changing(self._writes.create, kind))
            if kind.id == CERTIFICATE.id:
                app.router.add_patch(f"{inner}/{{name}}/status", self._changing(self._writes.patch_status, kind))
            if kind.id == POD.id:
                app.router.add_post(f"{inner}/{{name}}/eviction", self._changing(self._writes.evict, kind))

    def _changing(self, change: Change, kind: Kind) -> Handler:
        async def handler(request: web.Request) -> web.StreamResponse:
            try:
                body = msgspec.json.decode(await request.read() or b"{}", type=dict[str, Any])
            except msgspec.DecodeError as error:
                return _status(400, "BadRequest", str(error))
            dry_run = request.query.get("dryRun") == "All"
            try:
                raw = change(kind, request.match_info.get("namespace", ""), request.match_info.get("name", ""), body, dry_run=dry_run)
            except Refused as refusal:
                return _status(refusal.status, refusal.reason, refusal.message)
            return web.Response(body=raw, content_type="application/json")

        return handler

    @web.middleware
    async def _gate(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        given = request.headers.get("Authorization", "")
        if not hmac.compare_digest(given.encode("utf-8", "replace"), f"Bearer {self._token}".encode()):
            return _status(401, "Unauthorized", "Unauthorized")
        try:
            return await handler(request)
        except web.HTTPNotFound:
            return _status(404, "NotFound", "the server could not find the requested resource")
        except web.HTTPMethodNotAllowed:
            return _status(405, "MethodNotAllowed", "the demo cluster does not do this")

    async def _list_or_watch(self, request: web.Request, kind: Kind) -> web.StreamResponse:
        watch = request.query.get("watch", "") in ("1", "true")
        if watch and request.query.get("labelSelector"):
            return _status(400, "BadRequest", "the demo cluster knows no label selectors of watches")
        return await self._watch(request, kind) if watch else self._list(request, kind)

    def _list(self, request: web.Request, kind: Kind) -> web.Response:
        """One page. A page reads the current state, so a later page may be newer than the first; its version shows which."""
        items = self._selected(request, kind)
        version, start = self._registry.version, ("", "")
        if token := request.query.get("continue"):
            try:
                version, start = msgspec.json.decode(base64.urlsafe_b64decode(token), type=tuple[int, tuple[str, str]])
            except (binascii.Error, msgspec.DecodeError):
                return _status(400, "BadRequest", "continue key is not valid")
            items = [item for item in items if (item.namespace, item.name) > start]
        try:
            limit = int(request.query.get("limit", "0"))
        except ValueError:
            return _status(400, "BadRequest", "limit is not a number")
        metadata: dict[str, object] = {"resourceVersion": str(version)}
        if 0 < limit < len(items):
            metadata["remainingItemCount"] = len(items) - limit
            items = items[:limit]
            mark = msgspec.json.encode((version, (items[-1].namespace, items[-1].name)))
            metadata["continue"] = base64.urlsafe_b64encode(mark).decode()
        body: dict[str, object] = {"kind": f"{kind.name}List", "apiVersion": kind.api_version, "metadata": metadata}
        body["items"] = [msgspec.Raw(item.raw) for item in items]
        return web.Response(body=msgspec.json.encode(body), content_type="application/json")

    def _selected(self, request: web.Request, kind: Kind) -> list[Stored]:
        items = self._registry.items(kind, request.match_info.get("namespace"))
        if selector := request.query.get("fieldSelector"):
            field, _, value = selector.partition("=")
            if field == "metadata.name":
                return [item for item in items if item.name == value]
            if field == "spec.nodeName":
                return [item for item in items if (msgspec.json.decode(item.raw).get("spec") or {}).get("nodeName") == value]
        if pairs := request.query.get("labelSelector"):
            wanted = dict(pair.partition("=")[::2] for pair in pairs.split(","))
            return [item for item in items if wanted.items() <= _labels(item).items()]
        return items

    async def _watch(self, request: web.Request, kind: Kind) -> web.StreamResponse:
        stream = _WatchStream(self._registry, kind, request.match_info.get("namespace"))
        initial = request.query.get("sendInitialEvents", "") in ("1", "true")
        if initial and request.query.get("resourceVersionMatch") != "NotOlderThan":
            return _status(422, "Invalid", "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan")
        since = request.query.get("resourceVersion", "")
        if since and not since.isdigit():
            return _status(400, "BadRequest", f'invalid resource version "{since}"')
        bookmarks = request.query.get("allowWatchBookmarks", "") in ("1", "true")
        response = web.StreamResponse(headers={"Content-Type": "application/json", "Cache-Control": "no-cache, private"})
        response.enable_chunked_encoding()
        await response.prepare(request)
        try:
            timeout_s = min(float(request.query.get("timeoutSeconds") or 300), MAX_WATCH_S)
        except ValueError:
            timeout_s = 300.0
        try:
            async for line in stream.lines(since=since, initial=initial, bookmarks=bookmarks, timeout_s=timeout_s):
                await response.write(line)
            await response.write_eof()
        except ConnectionError:
            pass  # the watcher went away; it comes back with its resourceVersion
        return response

    async def _pod_log(self, request: web.Request) -> web.StreamResponse:
        namespace, name = request.match_info["namespace"], request.match_info["name"]
        previous = request.query.get("previous", "") in ("1", "true")
        text = self._read_log(namespace, name, request.query.get("container", ""), previous)
        if text is None:
            return _status(404, "NotFound", f'pods "{name}" not found')
        lines = text.splitlines(keepends=True)
        if request.query.get("timestamps") in ("1", "true"):
            lines = _stamped(lines, request.query.get("sinceTime", "")[:_SECONDS])
        if tail := request.query.get("tailLines"):
            lines = lines[-int(tail) :] if tail.isdigit() and int(tail) else []
        return web.Response(text="".join(lines))


_SECONDS = len("2026-01-02T03:04:05")
_OWN_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?Z")


def _stamped(lines: list[str], since: str) -> list[str]:
    """The lines from `since` on, with the time at which the container wrote them: the one with which a line or one before it begins."""
    at = ""
    found: list[str] = []
    for line in lines:
        own = _OWN_TIME.match(line)
        at = f"{own[1]}{own[2] or ''}Z" if own else at
        if at[:_SECONDS] >= since:
            found.append(f"{at or '2026-01-01T00:00:00Z'} {line}")
    return found


class _WatchStream:
    """The lines of one watch: the current state first if requested, then every change, and bookmarks when nothing happens."""

    def __init__(self, registry: Registry, kind: Kind, namespace: str | None) -> None:
        self._registry, self._kind, self._namespace = registry, kind, namespace

    async def lines(self, *, since: str, initial: bool, bookmarks: bool, timeout_s: float) -> AsyncIterator[bytes]:
        seen = int(since) if since else 0
        if initial or seen == 0:  # a watch from "" or "0" also begins with the present state
            seen = self._registry.version
            for item in self._registry.items(self._kind, self._namespace):
                yield _line("ADDED", item.raw)
            if initial and bookmarks:
                yield self._bookmark(seen, initial_events_end=True)
        ends_at, bookmark_at = time.monotonic() + timeout_s, _next_bookmark()
        while (now := time.monotonic()) < ends_at and not self._registry.is_closed:
            try:
                changes = self._registry.since(seen)
            except Expired as error:
                yield _line("ERROR", msgspec.json.encode(_status_body(410, "Expired", str(error))))
                return
            for change in changes:
                seen = change.version
                if self._is_ours(change):
                    yield _line(change.type, change.raw)
            if bookmarks and now >= bookmark_at:  # by the clock, not by silence: other kinds wake this watch too
                yield self._bookmark(seen)
                bookmark_at = _next_bookmark()
            await self._registry.wait_after(seen, min(ends_at, bookmark_at) - now)

    def _is_ours(self, change: Logged) -> bool:
        return change.kind_id == self._kind.id and self._namespace in (None, change.namespace)

    def _bookmark(self, version: int, *, initial_events_end: bool = False) -> bytes:
        metadata: dict[str, object] = {"resourceVersion": str(version), "creationTimestamp": None}
        if initial_events_end:
            metadata["annotations"] = {"k8s.io/initial-events-end": "true"}
        body = {"kind": self._kind.name, "apiVersion": self._kind.api_version, "metadata": metadata}
        return _line("BOOKMARK", msgspec.json.encode(body))


@asynccontextmanager
async def listening(app: web.Application, *, tls: ssl.SSLContext, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[str]:
    """Serve the app over HTTPS and yield the base URL. Port 0 picks a free one."""
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port, ssl_context=tls)
        await site.start()
        yield f"https://{host}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def _labels(item: Stored) -> dict[str, str]:
    found: dict[str, str] = msgspec.json.decode(item.raw)["metadata"].get("labels") or {}
    return found


def _next_bookmark() -> float:
    return time.monotonic() + BOOKMARK_EVERY_S * random.uniform(0.8, 1.2)  # noqa: S311 - spreads them


def _line(type_: str, raw: bytes) -> bytes:
    return b'{"type":"' + type_.encode() + b'","object":' + raw + b"}\n"


def _status_body(code: int, reason: str, message: str) -> dict[str, object]:
    body: dict[str, object] = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure"}
    return body | {"message": message, "reason": reason, "code": code}


def _status(code: int, reason: str, message: str) -> web.Response:
    return web.Response(status=code, body=msgspec.json.encode(_status_body(code, reason, message)), content_type="application/json")


def _answer(body: object, *, status: int = 200) -> Handler:
    raw = msgspec.json.encode(body)

    async def handler(_: web.Request) -> web.Response:
        return web.Response(status=status, body=raw, content_type="application/json")

    return handler


def _text(text: str) -> Handler:
    async def handler(_: web.Request) -> web.Response:
        return web.Response(text=text)

    return handler


def _root(api_version: str) -> str:
    return f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"


def _groups(served: Sequence[Kind]) -> dict[str, object]:
    groups = []
    for group, version in sorted({(kind.group, kind.version) for kind in served if kind.group}):
        entry = {"groupVersion": f"{group}/{version}", "version": version}
        groups.append({"name": group, "versions": [entry], "preferredVersion": entry})
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}


def _resources(served: Sequence[Kind], api_version: str) -> dict[str, object]:
    resources: list[dict[str, object]] = [
        {
            "name": kind.plural,
            "singularName": kind.name.lower(),
            "namespaced": kind.namespaced,
            "kind": kind.name,
            "verbs": ["get", "list", "watch"],
        }
        for kind in served
        if kind.api_version == api_version
    ]
    if api_version == "v1":
        resources.append({"name": "pods/log", "singularName": "", "namespaced": True, "kind": "Pod", "verbs": ["get"]})
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": api_version, "resources": resources}
