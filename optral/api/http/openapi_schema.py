"""Converts one JSON schema of OpenAPI 3.1, as the framework writes it, to OpenAPI 3.0.3.

Every 3.1 keyword that the framework uses is known here; an unknown one raises `UnknownKeyword`, so that an update of the framework cannot
silently produce an invalid contract.
"""

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]

_KEYWORDS = frozenset(
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

_CONVERTED = frozenset({"const", "examples", "prefixItems", "contentMediaType", "itemSchema"})


class UnknownKeyword(Exception):
    """The framework uses a schema keyword without a conversion; add it to this module."""


def schema(value: Any) -> Any:
    """Convert a 3.1 schema to 3.0.3. Raises `UnknownKeyword`."""
    if not isinstance(value, Mapping):
        return value
    unknown = [keyword for keyword in value if keyword not in _KEYWORDS and keyword not in _CONVERTED and not keyword.startswith("x-")]
    if unknown:
        raise UnknownKeyword(f"{', '.join(unknown)} in {str(value)[:200]}")
    converted = {keyword: _convert(keyword, inner) for keyword, inner in value.items() if keyword not in _CONVERTED}
    _const(value, converted)
    _examples(value, converted)
    _tuples(value, converted)
    _bounds(converted)
    _types(converted)
    return _nullable_union(converted)


def _convert(keyword: str, inner: Any) -> Any:
    if keyword == "properties":
        return {name: schema(inner_schema) for name, inner_schema in inner.items()}
    if keyword in ("items", "additionalProperties", "not"):
        return schema(inner)
    if keyword in ("allOf", "anyOf", "oneOf"):
        return [schema(inner_schema) for inner_schema in inner]
    return inner


def _const(value: Mapping[str, Any], converted: Json) -> None:
    if "const" in value:
        converted["enum"] = [value["const"]]


def _examples(value: Mapping[str, Any], converted: Json) -> None:
    if value.get("examples"):
        converted.setdefault("example", value["examples"][0])


def _tuples(value: Mapping[str, Any], converted: Json) -> None:
    if "prefixItems" in value:
        kinds = [schema(inner_schema) for inner_schema in value["prefixItems"]]
        converted["items"] = kinds[0] if all(kind == kinds[0] for kind in kinds) else {"anyOf": kinds}
    if "contentMediaType" in value:
        converted["format"] = "binary"


def _bounds(converted: Json) -> None:
    for bound, keyword in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if bound in converted and not isinstance(converted[bound], bool):
            converted[keyword], converted[bound] = converted[bound], True


def _types(converted: Json) -> None:
    kinds = converted.get("type")
    if isinstance(kinds, list):
        rest = [kind for kind in kinds if kind != "null"]
        if len(rest) != 1:
            raise UnknownKeyword(f"type {kinds}")
        converted["type"] = rest[0]
        if len(rest) != len(kinds):
            converted["nullable"] = True


def _nullable_union(converted: Json) -> Json:
    """Convert `anyOf` with null to `nullable`. A nullable reference needs an `allOf`, since 3.0 ignores siblings of `$ref`."""
    for keyword in ("anyOf", "oneOf"):
        kinds = converted.get(keyword)
        if not kinds or not any(kind.get("type") == "null" for kind in kinds):
            continue
        rest = [kind for kind in kinds if kind.get("type") != "null"]
        outer = {name: inner for name, inner in converted.items() if name != keyword}
        if len(rest) > 1:
            return {**outer, keyword: rest, "nullable": True}
        if "$ref" in rest[0]:
            return {**outer, "allOf": rest, "nullable": True}
        return {**rest[0], **outer, "nullable": True}
    if "$ref" in converted and len(converted) > 1:
        reference = converted.pop("$ref")
        return {**converted, "allOf": [{"$ref": reference}]}
    return converted
