"""The contract: what the framework writes (OpenAPI 3.1) turned into valid, complete OpenAPI 3.0.3.

The framework can only relabel its document; 3.1 words in it make a 3.0 document invalid. The pass below knows each 3.1 word it may meet
and fails on one it does not know, so that a new version of the framework is noticed here and not in a generated client.
"""

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import FastAPI

from optral.api.http.cookies import SECURE as COOKIE
from optral.api.http.problems import MEDIA_TYPE
from optral.api.http.query import MAX_VALUES
from optral.api.http.routing import ANY_KEY, PUBLIC, PURE_MARK, REACH_MARK, SCOPE_MARK, SESSION

VERSION = "3.0.3"
Json = dict[str, Any]
TICKET_PARAMETER = "ticket"
"""The query parameter that stands in for the key where a stream is opened."""

_SCHEMA_WORDS = frozenset(
    [
        "$ref",
        "type",
        "format",
        "title",
        "description",
        "default",
        "enum",
        "items",
        "properties",
        "required",
        "additionalProperties",
        "allOf",
        "anyOf",
        "oneOf",
        "not",
        "nullable",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
        "minLength",
        "maxLength",
        "pattern",
        "minItems",
        "maxItems",
        "uniqueItems",
        "minProperties",
        "maxProperties",
        "example",
        "discriminator",
        "readOnly",
        "writeOnly",
        "deprecated",
    ]
)
_TURNED_WORDS = frozenset({"const", "examples", "prefixItems", "contentMediaType", "itemSchema"})

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


class UnknownWord(Exception):
    """The framework wrote a schema word this pass does not know; teach it here."""


def document(app: FastAPI, *, title: str, version: str, description: str) -> Json:
    """The whole contract of the app's routes."""
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


def schema(value: Any) -> Any:
    """One 3.1 schema as 3.0.3. Raises `UnknownWord`."""
    if not isinstance(value, Mapping):
        return value
    unknown = [word for word in value if word not in _SCHEMA_WORDS and word not in _TURNED_WORDS and not word.startswith("x-")]
    if unknown:
        raise UnknownWord(f"{', '.join(unknown)} in {str(value)[:200]}")
    made = {word: _turn(word, inner) for word, inner in value.items() if word not in _TURNED_WORDS}
    _const(value, made)
    _examples(value, made)
    _tuples(value, made)
    _bounds(made)
    _types(made)
    return _nullable_union(made)


def _turn(word: str, inner: Any) -> Any:
    if word == "properties":
        return {name: schema(one) for name, one in inner.items()}
    if word in ("items", "additionalProperties", "not"):
        return schema(inner)
    if word in ("allOf", "anyOf", "oneOf"):
        return [schema(one) for one in inner]
    return inner


def _const(value: Mapping[str, Any], made: Json) -> None:
    if "const" in value:
        made["enum"] = [value["const"]]


def _examples(value: Mapping[str, Any], made: Json) -> None:
    if value.get("examples"):
        made.setdefault("example", value["examples"][0])


def _tuples(value: Mapping[str, Any], made: Json) -> None:
    if "prefixItems" in value:
        kinds = [schema(one) for one in value["prefixItems"]]
        made["items"] = kinds[0] if all(kind == kinds[0] for kind in kinds) else {"anyOf": kinds}
    if "contentMediaType" in value:
        made["format"] = "binary"


def _bounds(made: Json) -> None:
    for bound, word in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if bound in made and not isinstance(made[bound], bool):
            made[word], made[bound] = made[bound], True


def _types(made: Json) -> None:
    kinds = made.get("type")
    if isinstance(kinds, list):
        rest = [kind for kind in kinds if kind != "null"]
        if len(rest) != 1:
            raise UnknownWord(f"type {kinds}")
        made["type"] = rest[0]
        if len(rest) != len(kinds):
            made["nullable"] = True


def _nullable_union(made: Json) -> Json:
    """`anyOf` with a null becomes `nullable`; a nullable reference needs `allOf` around it, since nothing may stand beside `$ref`."""
    for word in ("anyOf", "oneOf"):
        kinds = made.get(word)
        if not kinds or not any(kind.get("type") == "null" for kind in kinds):
            continue
        rest = [kind for kind in kinds if kind.get("type") != "null"]
        outer = {name: inner for name, inner in made.items() if name != word}
        if len(rest) > 1:
            return {**outer, word: rest, "nullable": True}
        if "$ref" in rest[0]:
            return {**outer, "allOf": rest, "nullable": True}
        return {**rest[0], **outer, "nullable": True}
    if "$ref" in made and len(made) > 1:
        reference = made.pop("$ref")
        return {**made, "allOf": [{"$ref": reference}]}
    return made


def _path_item(item: Json) -> Json:
    return {method: _operation(method, operation) for method, operation in item.items()}


def _operation(method: str, raw: Json) -> Json:
    scope = raw.pop(SCOPE_MARK)
    errors, headers = raw.pop("x-errors"), raw.pop("x-headers")
    made: Json = {word: raw[word] for word in ("tags", "summary", "description", "operationId", "deprecated") if word in raw}
    if "description" in made:
        _, _, made["description"] = made["description"].partition("\n\n")  # it begins with the summary
        made["description"] = " ".join(made["description"].split())
    if not made.get("description"):
        made.pop("description", None)
    made[SCOPE_MARK] = scope
    if raw.pop(REACH_MARK):
        made[REACH_MARK] = True
    parameters = [_parameter(one) for one in raw.get("parameters", ()) if one["name"] != TICKET_PARAMETER]
    if len(parameters) < len(raw.get("parameters", ())):
        made["security"] = [{"apiKey": []}, {"session": []}, {"ticket": []}]
    if scope == PUBLIC:
        parameters.append(_CSRF)
    if not raw.pop(PURE_MARK) and method == "post" and scope not in (PUBLIC, SESSION):
        parameters.append(_IDEMPOTENCY_KEY)
    if 412 in errors:
        parameters.append(_IF_MATCH)
    if "ETag" in headers and method == "get":
        parameters.append(_IF_NONE_MATCH)
    if parameters:
        made["parameters"] = parameters
    body = raw.get("requestBody")
    if body:
        made["requestBody"] = _request_body(method, body)
    made["responses"] = _responses(
        method, raw["responses"], {*errors, *_ALWAYS, *(() if scope == ANY_KEY else (403,))}, headers, has_body=body is not None
    )
    if scope == PUBLIC:
        made["security"] = []
    if scope == SESSION:
        made["security"] = [{"session": []}]
    return made


def _parameter(raw: Json) -> Json:
    made: Json = {word: raw[word] for word in ("name", "in", "required", "description", "deprecated") if word in raw}
    inner = _without_null(schema(raw.get("schema", {})))
    inner.pop("title", None)
    if inner.pop("description", None) and "description" not in made:
        made["description"] = raw["schema"]["description"]
    if raw["in"] == "query" and inner.get("type") == "array":
        made["style"], made["explode"] = "form", False
        inner.setdefault("minItems", 1)  # `name=` says one empty value, which no list here takes
        inner.setdefault("maxItems", MAX_VALUES)
    made["schema"] = inner
    example = raw.get("example", inner.pop("example", None))
    if example is not None:
        made["example"] = example
    return made


def _without_null(made: Json) -> Json:
    """A parameter is there or not; null cannot be written in a query."""
    made = {word: inner for word, inner in made.items() if word != "nullable" and not (word == "default" and inner is None)}
    if set(made) - {"description", "title"} == {"allOf"}:
        return dict(made["allOf"][0])
    return made


def _request_body(method: str, raw: Json) -> Json:
    shape = schema(raw["content"]["application/json"]["schema"])
    content = {"application/json": {"schema": shape}}
    if method == "patch":
        content["application/merge-patch+json"] = {"schema": shape}
    return {"required": bool(raw.get("required", False)), "content": content}


def _responses(method: str, raw: Json, errors: set[int], headers: Json, *, has_body: bool) -> Json:
    made: Json = {}
    for status, response in raw.items():
        if status == "422" and "HTTPValidationError" in str(response):
            continue
        made[status] = _success(response, headers, method=method)
    if "ETag" in headers and method == "get":
        made["304"] = {"description": "Your copy is current", "headers": _header_refs("ETag")}
    if has_body:
        errors = errors | {413, 415, 422}
    if method == "post":
        errors = errors | {413, 415, 422}
    for error in sorted(errors):
        made[str(error)] = {"$ref": f"#/components/responses/{_error_name(error)}"}
    return dict(sorted(made.items()))


def _success(raw: Json, headers: Json, *, method: str) -> Json:
    names = list(headers) + (["Idempotent-Replayed"] if method == "post" else [])
    made: Json = {"description": raw["description"], "headers": _header_refs(*names)}
    content = raw.get("content")
    if content:
        made["content"] = {media: _media(one) for media, one in content.items() if media != "None"}
    return made


def _media(raw: Json) -> Json:
    made: Json = {}
    if "schema" in raw:
        made["schema"] = schema(raw["schema"])
    elif "itemSchema" in raw:  # a stream's item, a 3.2 word: 3.0 can only say text
        made["schema"], made["x-itemSchema"] = {"type": "string"}, schema(raw["itemSchema"])
    if "example" in raw:
        made["example"] = raw["example"]
    made.update({word: inner for word, inner in raw.items() if word.startswith("x-")})
    return made


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
    """Visit every object of the document; for tests."""
    if isinstance(document, dict):
        visit(document)
        for inner in document.values():
            walk(inner, visit)
    elif isinstance(document, list):
        for inner in document:
            walk(inner, visit)
