"""Errors as callers see them: RFC 9457 `application/problem+json`, one body for whatever went wrong, wherever it did.

Rooms raise kinds (terms/errors.py); this file alone knows their status numbers. Every code is documented in docs/errors.md;
a test fails on one that is not.
"""

import difflib
import math
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import msgspec
import structlog
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from optral.kit import tracing
from optral.kit.keyed_rate_limit import KeyedRateLimit
from optral.terms.errors import (
    Forbidden,
    Invalid,
    NotFound,
    OptralError,
    Refused,
    Stale,
    TooMany,
    Unauthenticated,
    Unavailable,
)

_log = structlog.get_logger(__name__)
_reports = KeyedRateLimit()  # on a full disk every request fails in the same way
MEDIA_TYPE = "application/problem+json"
SCIM_MEDIA_TYPE = "application/scim+json"
CONTEXT = "optral"
"""Where the gate leaves what it knows of a request in the ASGI scope."""
REFUSAL = "optral.refusal"
"""Where the listener leaves the `Problem` that answers what is not a request; the rest of such a scope means nothing."""

_STATUS: tuple[tuple[type[OptralError], int], ...] = (
    (NotFound, 404),
    (Invalid, 422),
    (Refused, 409),
    (Stale, 412),
    (Unauthenticated, 401),
    (Forbidden, 403),
    (TooMany, 429),
    (Unavailable, 503),
)
_FRAMEWORK_CODES = {404: "not_found", 405: "method_not_allowed", 413: "body_too_large", 415: "unsupported_media_type"}
_SAY = {
    404: "unknown endpoint; /v1/openapi.json lists all endpoints",
    405: "method not allowed; the Allow header lists the supported methods",
}


class Problem(OptralError):
    """An error of the edge itself, which knows its status."""

    def __init__(
        self,
        status: int,
        code: str,
        *,
        say: str,
        errors: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code, say=say)
        self.status = status
        self.errors = list(errors)
        self.headers = dict(headers or {})


def status_of(error: OptralError) -> int:
    """The status number of an error kind; 500 for a kind that was never meant for callers."""
    if isinstance(error, Problem):
        return error.status
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def body(
    *, status: int, code: str, detail: str, request_id: str, errors: Sequence[Mapping[str, str]] = (), next_allowed_at: str | None = None
) -> dict[str, Any]:
    """The members of the problem; `traceId`, `errors` and `nextAllowedAt` only when there are any."""
    members: dict[str, Any] = {
        "type": f"urn:optral:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        "requestId": request_id,
    }
    if trace_id := tracing.trace_id():
        members["traceId"] = trace_id
    if errors:
        members["errors"] = list(errors)
    if next_allowed_at is not None:
        members["nextAllowedAt"] = next_allowed_at
    return members


def answer(
    *,
    status: int,
    code: str,
    detail: str,
    request_id: str,
    errors: Sequence[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
    next_allowed_at: str | None = None,
) -> Response:
    """The problem as a response."""
    members = body(status=status, code=code, detail=detail, request_id=request_id, errors=errors, next_allowed_at=next_allowed_at)
    return Response(msgspec.json.encode(members), status, dict(headers or {}), MEDIA_TYPE)


def answer_to(error: OptralError, *, request_id: str) -> Response:
    """The response to an error of a package or of the edge; inner detail goes to the log alone."""
    status = status_of(error)
    if (error.log or status >= 500) and (left_out := _reports.take(error.code)) is not None:
        _log.warning("request failed", code=error.code, request_id=request_id, inner=error.log, say=error.say, left_out=left_out)
    headers: dict[str, str] = dict(error.headers) if isinstance(error, Problem) else {}
    if isinstance(error, (TooMany, Unavailable)):
        headers["Retry-After"] = str(max(1, math.ceil(error.retry_after_s)))
    if status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="optral"'
    return answer(
        status=status,
        code=error.code if status != 500 else "internal",
        detail=(error.say or _say_nothing_known(error)) if status != 500 else INTERNAL,
        request_id=request_id,
        errors=getattr(error, "errors", ()),
        headers=headers,
        next_allowed_at=error.detail.get("nextAllowedAt"),
    )


def as_scim(problem: Response, scim_type: str = "") -> Response:
    """The same error in the form of SCIM (RFC 7644, 3.12), which knows 400 instead of 422."""
    known = msgspec.json.decode(problem.body)
    status = 400 if problem.status_code == 422 else problem.status_code
    members = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": str(status), "detail": known["detail"]}
    headers = {name: value for name, value in problem.headers.items() if name not in ("content-type", "content-length")}
    return Response(msgspec.json.encode(members | ({"scimType": scim_type} if scim_type else {})), status, headers, SCIM_MEDIA_TYPE)


INTERNAL = "internal server error; the server's log has the cause under this requestId"


UNAUTHENTICATED = "send a valid API key as `Authorization: Bearer mht_…` (create one under Settings, API Keys), or sign in"
"""One text for every key or session that does not open, so that nobody learns which of them is nearly right."""


def _say_nothing_known(error: OptralError) -> str:
    return error.code.replace("_", " ")


def request_id_of(request: Request) -> str:
    context = request.scope.get(CONTEXT)
    return context.request_id if context is not None else ""


async def on_room_error(request: Request, error: Exception) -> Response:
    """For the framework: an error kind became an answer."""
    assert isinstance(error, OptralError)
    if isinstance(error, (Forbidden, Unauthenticated)) and (context := request.scope.get(CONTEXT)) is not None:
        context.refused = error.code
    return answer_to(error, request_id=request_id_of(request))


async def on_http_error(request: Request, error: Exception) -> Response:
    """For the framework's own errors: unknown routes and methods, unreadable bodies."""
    assert isinstance(error, HTTPException)
    status = error.status_code
    code = _FRAMEWORK_CODES.get(status, "bad_request" if status < 500 else "internal")
    detail = _SAY.get(status, str(error.detail)) if status < 500 else INTERNAL
    return answer(status=status, code=code, detail=detail, request_id=request_id_of(request), headers=error.headers)


async def on_validation_error(request: Request, error: Exception) -> Response:
    """What does not fit the contract: 400 for addresses, parameters and headers, 422 for a well-formed body."""
    assert isinstance(error, RequestValidationError)
    found = [_field_error(item) for item in error.errors()]
    in_body = all(item["loc"][:1] == ("body",) for item in error.errors())
    if in_body:
        return answer(
            status=422,
            code="invalid_body",
            detail="invalid body: " + _summary(found),
            request_id=request_id_of(request),
            errors=found,
        )
    return answer(
        status=400,
        code="bad_parameter",
        detail="invalid parameter: " + _summary(found),
        request_id=request_id_of(request),
        errors=found,
    )


def _summary(found: Iterable[Mapping[str, str]]) -> str:
    return "; ".join(f"{item['field'] or 'body'}: {item['message']}" for item in list(found)[:5])


def _field_error(item: Mapping[str, Any]) -> dict[str, str]:
    field = ".".join(str(part) for part in item["loc"][1:])
    message = str(item["msg"])
    if item["type"] in ("enum", "literal_error") and isinstance(item.get("input"), str):
        allowed = str(item.get("ctx", {}).get("expected", "")).replace("'", "").replace(" or ", ", ").split(", ")
        message += nearest(item["input"], allowed)
    return {"field": _printable(field), "code": str(item["type"]), "message": _printable(message)}


def _printable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()[:500]


def nearest(word: str, known: Iterable[str]) -> str:
    """`; did you mean …?` or nothing."""
    close = difflib.get_close_matches(word[:100], list(known), n=1, cutoff=0.5)
    return f"; did you mean {close[0]}?" if close else ""


async def on_unexpected(request: Request, _error: Exception) -> Response:
    """What nobody meant to happen; the gate writes the cause to the log."""
    return answer(status=500, code="internal", detail=INTERNAL, request_id=request_id_of(request))
