"""Builds the contract: the OpenAPI 3.1 document of the framework, converted to valid and complete OpenAPI 3.0.3.

Schemas are converted by `openapi_schema.py`. This module adds what the framework does not know: errors, headers, authentication, scopes.
"""

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import FastAPI

from optral.api.http.cookies import SECURE as COOKIE
from optral.api.http.openapi_schema import Json, schema
from optral.api.http.problems import MEDIA_TYPE
from optral.api.http.query import MAX_VALUES
from optral.api.http.routing import ANY_KEY, PUBLIC, PURE_MARK, REACH_MARK, SCOPE_MARK, SESSION, WHOLE_CLUSTERS_MARK

VERSION = "3.0.3"
TICKET_PARAMETER = "ticket"
"""The query parameter with a one-time ticket, accepted instead of a key when a stream is opened."""


_COMMON_ERRORS: dict[int, str] = {
    400: "A parameter, header or the body is invalid; `code` tells which",
    401: "The API key or session is missing or invalid",
    403: "The caller lacks the scope named in `detail`",
    404: "No such object in this organization, or the caller has no access to it",
    405: "The endpoint does not support this method",
    409: "The current state does not allow the request; `code` tells why",
    412: "The version in If-Match is not the current version",
    413: "The body is larger than 1 MiB",
    414: "The URL is longer than 8 KiB",
    415: "The media type of the body is not supported",
    422: "The body is well-formed but invalid; `errors` lists the fields",
    429: "Too many requests; Retry-After tells when to retry",
    500: "Internal error; the server's log has the cause under `requestId`",
    503: "A component that the server needs is unavailable; nothing was changed",
}
_ALWAYS = (400, 401, 414, 429, 500, 503)
_RATE_HEADERS: Json = {
    "X-RateLimit-Limit": {"description": "Requests allowed per 60-second window", "schema": {"type": "integer", "minimum": 0}},
    "X-RateLimit-Remaining": {"description": "Requests left in the current window", "schema": {"type": "integer", "minimum": 0}},
    "X-RateLimit-Reset": {"description": "Unix time, in seconds, when the window ends", "schema": {"type": "integer", "minimum": 0}},
    "X-Request-Id": {"description": "Identifies the request in the server's log", "schema": {"type": "string"}},
}
_MORE_HEADERS: Json = {
    "ETag": {"description": "Version of the object, for If-Match and If-None-Match", "schema": {"type": "string"}},
    "Location": {"description": "URL of the created object", "schema": {"type": "string"}},
    "Retry-After": {"description": "Seconds to wait before the next attempt", "schema": {"type": "integer", "minimum": 1}},
    "WWW-Authenticate": {"description": "How to authenticate", "schema": {"type": "string"}},
    "Allow": {"description": "Methods that the endpoint supports", "schema": {"type": "string"}},
    "Idempotent-Replayed": {"description": "`true` if this is the stored response of an earlier request", "schema": {"type": "string"}},
}
_PROBLEM: Json = {
    "type": "object",
    "title": "Problem",
    "description": "Problem details as defined by RFC 9457",
    "required": ["type", "title", "status", "detail", "code", "requestId"],
    "properties": {
        "type": {"type": "string", "example": "urn:optral:problem:not_found"},
        "title": {"type": "string", "example": "Not Found"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599, "example": 404},
        "detail": {"type": "string"},
        "code": {"type": "string", "description": "Stable error code; docs/errors.md explains all codes", "example": "not_found"},
        "requestId": {"type": "string"},
        "traceId": {"type": "string", "description": "The request's trace, where the server's operator collects traces"},
        "nextAllowedAt": {"type": "string", "format": "date-time", "description": "When the request may succeed, if that is known"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "code", "message"],
                "properties": {"field": {"type": "string"}, "code": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}
_IF_MATCH: Json = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "ETag of the version to change; the request fails with 412 if the current version differs",
    "schema": {"type": "string"},
}
_IF_NONE_MATCH: Json = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "ETag of your copy; the response is 304 if it is still current",
    "schema": {"type": "string"},
}
_SESSION = (
    "The dashboard's sign-in session. Requests that change something also need `X-Optral-CSRF: 1` and a same-origin `Sec-Fetch-Site` or "
    "`Origin`. An API key in the same request takes precedence"
)
_CSRF: Json = {
    "name": "X-Optral-CSRF",
    "in": "header",
    "required": True,
    "description": "Must be `1`; protects against cross-site requests",
    "schema": {"type": "string", "enum": ["1"]},
}
_IDEMPOTENCY_KEY: Json = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Makes retries safe: for 24 hours, requests with the same key get the first response",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}


def document(app: FastAPI, *, title: str, version: str, description: str) -> Json:
    """The OpenAPI 3.0.3 document of all routes of the app."""
    from fastapi.openapi.utils import get_openapi

    raw = get_openapi(title=title, version=version, description=description, routes=app.routes)
    components = raw.get("components", {}).get("schemas", {})
    schemas = {name: schema(value) for name, value in sorted(components.items()) if name not in ("HTTPValidationError", "ValidationError")}
    paths = {path: _path_item(item) for path, item in sorted(raw["paths"].items())}
    return {
        "openapi": VERSION,
        "info": raw["info"],
        "servers": [{"url": "/"}],
        "security": [{"apiKey": []}, {"session": []}],
        "tags": [{"name": name} for name in sorted({tag for item in paths.values() for op in item.values() for tag in op["tags"]})],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "apiKey": {"type": "http", "scheme": "bearer", "description": "An API key (`mht_…`), created under Settings, API Keys"},
                "session": {"type": "apiKey", "in": "cookie", "name": COOKIE, "description": _SESSION},
                "ticket": {
                    "type": "apiKey",
                    "in": "query",
                    "name": TICKET_PARAMETER,
                    "description": "A one-time ticket from POST /v1/events/tickets, for browsers, whose EventSource cannot send headers",
                },
            },
            "headers": {**_RATE_HEADERS, **_MORE_HEADERS},
            "responses": {_error_name(status): _error(status) for status in _COMMON_ERRORS},
            "schemas": {**schemas, "Problem": _PROBLEM},
        },
    }


_ADDED: Mapping[str, Json] = {
    "csrf": _CSRF,
    "idempotency": _IDEMPOTENCY_KEY,
    "ifMatch": _IF_MATCH,
    "ifNoneMatch": _IF_NONE_MATCH,
}
_SECURITY: Mapping[str, Json] = {PUBLIC: {"security": []}, SESSION: {"security": [{"session": []}]}}


def _path_item(item: Json) -> Json:
    return {method: _operation(method, operation) for method, operation in item.items()}


def _operation(method: str, raw: Json) -> Json:
    scope = raw.pop(SCOPE_MARK)
    errors, headers = raw.pop("x-errors"), raw.pop("x-headers")
    _, _, text = raw.get("description", "").partition("\n\n")  # the framework repeats the summary in the first paragraph
    words = raw | {"description": " ".join(text.split())}
    converted: Json = {word: words[word] for word in ("tags", "summary", "description", "operationId", "deprecated") if words.get(word)}
    converted[SCOPE_MARK] = scope
    is_of_whole_clusters = raw.pop(WHOLE_CLUSTERS_MARK)
    if raw.pop(REACH_MARK):
        converted[REACH_MARK] = True
    elif is_of_whole_clusters:
        converted[WHOLE_CLUSTERS_MARK] = True
    given = {parameter["name"]: parameter for parameter in raw.get("parameters", ())}
    if given.pop(TICKET_PARAMETER, None) is not None:
        converted["security"] = [{"apiKey": []}, {"session": []}, {"ticket": []}]
    is_idempotent = not raw.pop(PURE_MARK) and method == "post" and scope not in (PUBLIC, SESSION)
    added = {
        "csrf": scope == PUBLIC,
        "idempotency": is_idempotent,
        "ifMatch": 412 in errors,
        "ifNoneMatch": "ETag" in headers and method == "get",
    }
    if parameters := [*map(_parameter, given.values()), *(_ADDED[name] for name, is_added in added.items() if is_added)]:
        converted["parameters"] = parameters
    body = raw.get("requestBody")
    if body:
        converted["requestBody"] = _request_body(method, body)
    statuses = {*errors, *_ALWAYS, *(() if scope == ANY_KEY else (403,))}
    converted["responses"] = _responses(method, raw["responses"], statuses, headers, has_body=body is not None)
    return converted | _SECURITY.get(scope, {})


def _parameter(raw: Json) -> Json:
    converted: Json = {word: raw[word] for word in ("name", "in", "required", "description", "deprecated") if word in raw}
    inner = _without_null(schema(raw.get("schema", {})))
    inner.pop("title", None)
    if inner.pop("description", None) and "description" not in converted:
        converted["description"] = raw["schema"]["description"]
    if raw["in"] == "query" and inner.get("type") == "array":
        converted["style"], converted["explode"] = "form", False
        inner.setdefault("minItems", 1)  # `name=` is a list with one empty value, which no parameter accepts
        inner.setdefault("maxItems", MAX_VALUES)
    converted["schema"] = inner
    example = raw.get("example", inner.pop("example", None))
    if example is not None:
        converted["example"] = example
    return converted


def _without_null(converted: Json) -> Json:
    """Remove null from the schema of a parameter: a query cannot contain null."""
    converted = {word: inner for word, inner in converted.items() if word != "nullable" and not (word == "default" and inner is None)}
    if set(converted) - {"description", "title"} == {"allOf"}:
        return dict(converted["allOf"][0])
    return converted


def _request_body(method: str, raw: Json) -> Json:
    shape = schema(raw["content"]["application/json"]["schema"])
    content = {"application/json": {"schema": shape}}
    if method == "patch":
        content["application/merge-patch+json"] = {"schema": shape}
    return {"required": bool(raw.get("required", False)), "content": content}


def _responses(method: str, raw: Json, errors: set[int], headers: Json, *, has_body: bool) -> Json:
    converted: Json = {}
    for status, response in raw.items():
        if status == "422" and "HTTPValidationError" in str(response):
            continue
        converted[status] = _success(response, headers, method=method)
    if "ETag" in headers and method == "get":
        converted["304"] = {"description": "Your copy is current", "headers": _header_refs("ETag")}
    if has_body:
        errors = errors | {413, 415, 422}
    if method == "post":
        errors = errors | {413, 415, 422}
    for error in sorted(errors):
        converted[str(error)] = {"$ref": f"#/components/responses/{_error_name(error)}"}
    return dict(sorted(converted.items()))


def _success(raw: Json, headers: Json, *, method: str) -> Json:
    names = list(headers) + (["Idempotent-Replayed"] if method == "post" else [])
    converted: Json = {"description": raw["description"], "headers": _header_refs(*names)}
    content = raw.get("content")
    if content:
        converted["content"] = {media: _media(one) for media, one in content.items() if media != "None"}
    return converted


def _media(raw: Json) -> Json:
    converted: Json = {}
    if "schema" in raw:
        converted["schema"] = schema(raw["schema"])
    elif "itemSchema" in raw:  # the item of a stream; `itemSchema` is a 3.2 keyword, 3.0 has only text
        converted["schema"], converted["x-itemSchema"] = {"type": "string"}, schema(raw["itemSchema"])
    if "example" in raw:
        converted["example"] = raw["example"]
    converted.update({word: inner for word, inner in raw.items() if word.startswith("x-")})
    return converted


def _header_refs(*names: str) -> Json:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in (*_RATE_HEADERS, *names)}


def _error_name(status: int) -> str:
    from http import HTTPStatus

    return "".join(word.capitalize() for word in HTTPStatus(status).name.split("_"))


def _error(status: int) -> Json:
    more = {401: ("WWW-Authenticate",), 405: ("Allow",), 429: ("Retry-After",), 503: ("Retry-After",)}.get(status, ())
    return {
        "description": _COMMON_ERRORS[status],
        "headers": _header_refs(*more),
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def walk(document: Any, visit: Callable[[Json], None]) -> None:
    """Call `visit` on every object of the document; for tests."""
    if isinstance(document, dict):
        visit(document)
        for inner in document.values():
            walk(inner, visit)
    elif isinstance(document, list):
        for inner in document:
            walk(inner, visit)
