"""What the edge reads from an endpoint's signature is what the contract says, and the framework is used by its public names alone."""

import ast
from pathlib import Path
from typing import Annotated, Any

import pytest
from fastapi import Depends, Query
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from starlette.requests import Request

from optral.api import app
from optral.api.http import signature
from optral.api.http.routing import Route

API = Path(app.__file__).parent


class Body(BaseModel):
    name: str


async def page(number: Annotated[int, Query(alias="pageNumber")] = 1) -> int:
    return number


async def query_only(call: Request, page: Annotated[int, Depends(page)], q: Annotated[list[str] | None, Query()] = None) -> None: ...
async def path_and_query(call: Request, cluster_id: str, q: Annotated[str | None, Query()] = None) -> None: ...
async def optional_body(call: Request, body: Body | None = None) -> None: ...
async def nothing(request: Request) -> None: ...


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [
        (query_only, signature.Signature("call", {"pageNumber": False, "q": True}, has_body=False, is_query_only=True)),
        (path_and_query, signature.Signature("call", {"q": False}, has_body=False, is_query_only=False)),
        (optional_body, signature.Signature("call", {}, has_body=True, is_query_only=False)),
        (nothing, signature.Signature("request", {}, has_body=False, is_query_only=False)),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_reads_a_signature(endpoint: Any, expected: signature.Signature) -> None:
    assert signature.read(endpoint) == expected


@pytest.mark.filterwarnings("ignore:Duplicate Operation ID")  # two routes of one function
def test_agrees_with_the_framework_about_every_route() -> None:
    routes = [route for route in app.framework().router.routes if isinstance(route, Route)]
    assert len(routes) > 90
    for route in routes:
        route.include_in_schema = True
    paths = get_openapi(title="", version="", routes=routes)["paths"]
    for route in routes:
        (operation,) = (paths[route.path_format][method.lower()] for method in route.methods)
        places = {one["in"] for one in operation.get("parameters", ())}
        kinds = {
            parameter["name"]: _kinds(parameter["schema"]) for parameter in operation.get("parameters", ()) if parameter["in"] == "query"
        }
        takes = signature.read(route.endpoint)
        assert takes.query == {name: "array" in kind for name, kind in kinds.items()}, route.path
        assert takes.has_body == ("requestBody" in operation), route.path
        assert takes.is_query_only == (places == {"query"} and "requestBody" not in operation), route.path


def _kinds(schema: dict[str, Any]) -> set[str]:
    return {schema.get("type", "")} | {kind.get("type", "") for kind in schema.get("anyOf", ())}


@pytest.mark.parametrize("file", sorted(API.rglob("*.py")), ids=lambda file: str(file.relative_to(API)))
def test_no_private_name_of_the_framework_is_used(file: Path) -> None:
    """A private name may change in any release without a word; `query_params` and `json` are overridden in public instead."""
    tree = ast.parse(file.read_text())
    imported = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    imported += [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom) for alias in node.names]
    attributes = [(node.attr, getattr(node.value, "id", "")) for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    private = [name for name in imported if any(map(_is_private, name.split(".")))]
    private += [name for name, owner in attributes if _is_private(name) and owner in ("request", "call", "route")]
    private += [name for name, _ in attributes if name in ("dependant", "body_field", "get_flat_params")]
    assert private == []


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")
