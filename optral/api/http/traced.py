"""A span for each request of the API, around the gate; only where the operator collects traces.

It has the route's template, never a path or a query: these hold ids, names and what people search for. Streams have none, because they end
with the client. Health, pages and their files have none, because they would be most of what is recorded.
"""

from starlette.types import ASGIApp, Receive, Scope, Send

from optral.api.http.gate import STREAMS, is_metered
from optral.api.http.problems import CONTEXT
from optral.kit import tracing

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Traced:
    """The ASGI application handed to the listener."""

    def __init__(self, gate: ASGIApp) -> None:
        self._gate = gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not is_metered(scope["path"]) or scope["path"] in STREAMS:
            await self._gate(scope, receive, send)
            return
        method = scope["method"] if scope["method"] in _METHODS else "_OTHER"
        name = method if method != "_OTHER" else "HTTP"
        with tracing.begin(name, kind="server", attributes={"http.request.method": method}, parent=_parent(scope)) as span:
            await self._gate(scope, receive, send)
            if span.is_recorded:
                _describe(span, scope, name)


def _describe(span: tracing.Span, scope: Scope, name: str) -> None:
    """What is known of a request once it is answered."""
    context = scope[CONTEXT]
    if route := getattr(scope.get("route"), "path", ""):
        span.rename(f"{name} {route}")
        span.set("http.route", route)
    span.set("optral.request.id", context.request_id)
    if context.actor is not None and context.actor.org_id:
        span.set("optral.organization.id", context.actor.org_id)
    if context.status:
        span.set("http.response.status_code", context.status)
    if context.status >= 500 or not context.ended:
        span.fail(str(context.status) if context.ended else "incomplete")


def _parent(scope: Scope) -> str:
    """The caller's `traceparent`. Two of them are none (W3C Trace Context)."""
    given = [value for key, value in scope["headers"] if key == b"traceparent"]
    return str(given[0].decode("latin-1")) if len(given) == 1 else ""
