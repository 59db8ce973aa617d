"""`/mcp`: the tools for assistants over streamable HTTP, with the caller's key.

The gate has authenticated the caller and read the body. Each request that a tool makes goes through the routes of the API inside the
process, as that caller: scopes, clusters and namespaces are checked where they are for everybody, and no rule is written twice. One call
of a tool counts as one request. There are no sessions and no streams, so that any replica can answer.
"""

import asyncio
import importlib
import secrets
from dataclasses import replace
from importlib.util import find_spec
from typing import Any, cast
from urllib.parse import quote, urlencode

import msgspec
from fastapi import FastAPI
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from optral.api.http.gate import Context
from optral.api.http.problems import CONTEXT, Problem
from optral.api.http.services import ApiServices
from optral.kit.mappings import without_none
from optral.mcp.rest import Params, Refusal, refused
from optral.terms.actor import Actor

PATH = "/mcp"
_SDK = "optral.mcp.server"


def add(app: FastAPI, services: ApiServices) -> None:
    async def endpoint(scope: Scope, receive: Receive, send: Send) -> None:
        if find_spec("mcp") is None:
            raise Problem(501, "mcp_not_installed", say="the server lacks the package mcp; install it with: pip install 'optral[mcp]'")
        sdk: Any = await asyncio.to_thread(importlib.import_module, _SDK)  # it takes 0.7 s the first time
        await sdk.serve_http(InProcess(app, scope), services.clock.now, scope, receive, send)

    app.router.routes.append(Route(PATH, _Application(endpoint), methods=["POST"], include_in_schema=False))


class _Application:
    """Makes of a function an application, so that a route hands it the scope and not a request."""

    def __init__(self, run: Any) -> None:
        self._run = run

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._run(scope, receive, send)


class InProcess:
    """Asks the routes of this process as the caller of `scope` (`optral.mcp.rest.Rest`)."""

    def __init__(self, app: FastAPI, scope: Scope) -> None:
        self._app, self._scope = app, scope

    async def __call__(self, method: str, path: str, *, params: Params | None = None, body: object = None, key: str | None = None) -> Any:
        """`key`: the Idempotency-Key of the request."""
        content = b"" if body is None else msgspec.json.encode(body)
        received, parts = False, [b""]
        status = 0

        async def receive() -> Message:
            nonlocal received
            if received:
                await asyncio.Event().wait()  # the client of a request inside the process never goes
            received = True
            return {"type": "http.request", "body": content, "more_body": False}

        async def send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            parts.append(message.get("body", b""))

        await self._app(self._request(method, path, params or {}, content, key), receive, send)
        decoded = msgspec.json.decode(b"".join(parts)) if any(parts) else None
        if status >= 400:
            raise _refusal(status, decoded)
        return decoded

    def _request(self, method: str, path: str, params: Params, content: bytes, key: str | None) -> Scope:
        """A scope of its own. The routes narrow the caller to what a route concerns, so that each request begins with the whole one."""
        query = urlencode(without_none(params), quote_via=quote).encode()
        context = replace(self._scope[CONTEXT], started=False, ended=False, deadline=None)
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode())]
        headers += [(b"idempotency-key", key.encode())] if key else []
        kept = ("type", "asgi", "http_version", "scheme", "server", "client", "root_path")
        return {name: self._scope[name] for name in kept if name in self._scope} | {
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": query,
            "headers": headers,
            CONTEXT: context,
        }


def as_member(app: FastAPI, services: ApiServices, who: Actor) -> InProcess:
    """Asks the routes of this process as this member."""
    context = Context(request_id=f"req_{secrets.token_hex(8)}", services=services)
    context.actor = replace(who, request_id=context.request_id)
    scope = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "http", "client": (who.address, 0)}
    return InProcess(app, {**scope, "root_path": "", CONTEXT: context})


def _refusal(status: int, problem: Any) -> Refusal:
    known = cast("dict[str, Any]", problem if isinstance(problem, dict) else {})
    return refused(str(known.get("code", status)), str(known.get("detail", "")))
