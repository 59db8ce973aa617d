"""The pass from 3.1 to 3.0.3, word by word."""

from typing import Any

import pytest

from optral.api.http.openapi_schema import UnknownKeyword, schema

REF = {"$ref": "#/components/schemas/A"}


@pytest.mark.parametrize(
    ("given", "made"),
    [
        pytest.param({"anyOf": [{"type": "string"}, {"type": "null"}]}, {"type": "string", "nullable": True}, id="optional"),
        pytest.param(
            {"anyOf": [{"type": "string", "maxLength": 3}, {"type": "null"}], "title": "T", "default": None},
            {"type": "string", "maxLength": 3, "title": "T", "default": None, "nullable": True},
            id="optional with more",
        ),
        pytest.param({"anyOf": [REF, {"type": "null"}]}, {"allOf": [REF], "nullable": True}, id="optional reference"),
        pytest.param(
            {"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}]},
            {"anyOf": [{"type": "string"}, {"type": "integer"}], "nullable": True},
            id="optional union",
        ),
        pytest.param({**REF, "description": "d"}, {"description": "d", "allOf": [REF]}, id="a reference with company"),
        pytest.param({"type": ["string", "null"]}, {"type": "string", "nullable": True}, id="a list of types"),
        pytest.param({"const": "a", "type": "string"}, {"type": "string", "enum": ["a"]}, id="const"),
        pytest.param({"type": "integer", "exclusiveMinimum": 0}, {"type": "integer", "minimum": 0, "exclusiveMinimum": True}, id="above"),
        pytest.param({"type": "integer", "exclusiveMaximum": 9}, {"type": "integer", "maximum": 9, "exclusiveMaximum": True}, id="below"),
        pytest.param({"type": "string", "examples": ["a", "b"]}, {"type": "string", "example": "a"}, id="examples"),
        pytest.param(
            {"type": "array", "prefixItems": [{"type": "string"}, {"type": "string"}]},
            {"type": "array", "items": {"type": "string"}},
            id="tuple",
        ),
        pytest.param({"type": "string", "contentMediaType": "x/y"}, {"type": "string", "format": "binary"}, id="bytes"),
        pytest.param(
            {"type": "object", "properties": {"const": {"const": 1}}},
            {"type": "object", "properties": {"const": {"enum": [1]}}},
            id="a property called like a word",
        ),
        pytest.param({"additionalProperties": True}, {"additionalProperties": True}, id="anything"),
    ],
)
def test_turns(given: Any, made: Any) -> None:
    assert schema(given) == made


@pytest.mark.parametrize("word", ["patternProperties", "$defs", "if", "unevaluatedProperties", "dependentRequired", "contains"])
def test_fails_on_a_word_it_does_not_know(word: str) -> None:
    with pytest.raises(UnknownKeyword, match=word.replace("$", r"\$")):
        schema({"type": "object", "properties": {"inner": {word: {}}}})


def test_fails_on_a_union_of_types() -> None:
    with pytest.raises(UnknownKeyword):
        schema({"type": ["string", "integer"]})
