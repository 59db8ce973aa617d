"""The checked-in contracts are what the code says, and valid; every code an edge may answer with is documented."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest

from optral.api.events.event_shapes import BY_TYPE
from optral.api.http.openapi import walk
from optral.api.pages.contract import FOLDER, SCOPES, texts
from optral.events.model import EventType
from optral.webhooks.model import EventName

ROOT = Path(__file__).parents[2]
DOCUMENT: dict[str, Any] = json.loads((FOLDER / "openapi.json").read_text())
OPERATIONS = [(method, path, op) for path, item in DOCUMENT["paths"].items() for method, op in item.items()]
EDGE_KINDS = "NotFound|Invalid|Refused|Stale|Forbidden|TooMany|Unavailable|Unauthenticated"


@cache
def written() -> dict[str, str]:
    """What the code says now: 0.5 s, which only one worker needs."""
    return texts()


@pytest.mark.parametrize("name", ["openapi.json", "events.json", "runbook.schema.json", SCOPES])
def test_is_what_is_checked_in(name: str) -> None:
    assert (FOLDER / name).read_text() == written()[name], "run make contracts"


def test_is_valid_openapi_3_0_3() -> None:
    from openapi_spec_validator import OpenAPIV30SpecValidator  # half a second, which only one worker needs

    assert DOCUMENT["openapi"] == "3.0.3"
    OpenAPIV30SpecValidator(DOCUMENT).validate()


def test_holds_no_word_of_3_1() -> None:
    def judge(found: dict[str, Any]) -> None:
        assert not {"const", "prefixItems", "itemSchema", "contentMediaType", "$defs"} & set(found)
        assert found.get("type") != "null"

    walk(DOCUMENT["paths"], judge)
    walk(DOCUMENT["components"], judge)


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS)
def test_each_operation_is_complete(method: str, path: str, operation: dict[str, Any]) -> None:
    assert operation["summary"] and operation["operationId"] and operation["tags"] and operation["x-required-scope"]
    assert {"400", "401", "429", "500", "503"} <= set(operation["responses"])
    assert "{" not in path or "404" in operation["responses"]  # an identifier may be anything
    for status, response in operation["responses"].items():
        headers = response.get("headers") or DOCUMENT["components"]["responses"][response["$ref"].rpartition("/")[2]]["headers"]
        assert status == "304" or {"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"} <= set(headers)
    for parameter in operation.get("parameters", ()):
        assert "nullable" not in parameter["schema"]
        if parameter["in"] == "query" and parameter["schema"].get("type") == "array":
            assert (parameter["style"], parameter["explode"]) == ("form", False)


def test_operation_ids_are_unique() -> None:
    ids = [operation["operationId"] for _, _, operation in OPERATIONS]
    assert len(ids) == len(set(ids))


def test_every_code_is_documented() -> None:
    page = (ROOT / "docs" / "errors.md").read_text()
    pattern = re.compile(rf'(?:{EDGE_KINDS})\(\s*"([a-z_]+)"|Problem\(\s*\d+,\s*"([a-z_]+)"|_bad\("([a-z_]+)"|default_code = "([a-z_]+)"')
    codes = set()
    for room in ("api", "access", "clusters", "issues", "resources", "events", "runbooks", "webhooks", "analysis", "flows", "store"):
        for file in (ROOT / "optral" / room).rglob("*.py"):
            codes |= {next(filter(None, found)) for found in pattern.findall(file.read_text())}
    assert len(codes) > 50
    missing = sorted(code for code in codes - {"slow_client"} if f"`{code}`" not in page)
    assert not missing, f"not in docs/errors.md: {', '.join(missing)}"


def test_every_event_type_has_a_shape() -> None:
    assert list(BY_TYPE) == [*get_args(EventType), "stream.reset"]


def test_webhooks_subscribe_to_types_that_exist() -> None:
    assert set(get_args(EventName)) - {"digest.weekly"} < set(get_args(EventType)), "the digest is written on time, not after an event"


def test_no_schema_is_named_after_a_module() -> None:
    """Two classes of the same name would put the paths of their modules into the contract."""
    assert [name for name in DOCUMENT["components"]["schemas"] if "__" in name] == []
