"""What an endpoint takes, read from its signature: which query parameters, which of them are lists, and whether a body.

Only `inspect`, `typing` and the declarations of this package are read, never the framework's own analysis of the endpoint, which is
private to it. A test compares the result with the contract that the framework writes.
"""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from fastapi import params
from pydantic import BaseModel
from starlette.requests import Request


@dataclass(frozen=True, slots=True)
class Signature:
    """`request` names the parameter that receives the call; `query` maps each query name to whether it is a list."""

    request: str
    query: dict[str, bool]
    has_body: bool
    is_query_only: bool  # the arguments follow from the query string alone, and there are some


def read(endpoint: Callable[..., Any]) -> Signature:
    """The signature of an endpoint. Raises `TypeError` when no parameter receives the call."""
    query: dict[str, bool] = {}
    request, has_body, has_others = "", False, False
    for parameter in _parameters(endpoint):
        kind, declared = _split(parameter.annotation)
        if isinstance(declared, params.Query):
            query[declared.alias or parameter.name] = any(get_origin(member) is list for member in _members(kind))
        elif any(_is_class(member, Request) for member in _members(kind)):
            request = parameter.name
        else:
            is_body = any(_is_class(member, BaseModel) for member in _members(kind))
            has_body, has_others = has_body or is_body, has_others or not is_body
    if not request:
        raise TypeError(f"{getattr(endpoint, '__qualname__', endpoint)} has no parameter for the request")
    return Signature(request=request, query=query, has_body=has_body, is_query_only=bool(query) and not has_body and not has_others)


def _parameters(function: Callable[..., Any]) -> Iterator[inspect.Parameter]:
    """The parameters, with those of a dependency in its place."""
    for parameter in inspect.signature(function, eval_str=True).parameters.values():
        declared = _split(parameter.annotation)[1]
        if isinstance(declared, params.Depends):
            assert declared.dependency is not None
            yield from _parameters(declared.dependency)
        else:
            yield parameter


def _split(annotation: Any) -> tuple[Any, Any]:
    """`Annotated[int, Query()]` as `int` and the declaration; None where nothing is declared."""
    if get_origin(annotation) is not Annotated:
        return annotation, None
    kind, *metadata = get_args(annotation)
    return kind, next((one for one in metadata if isinstance(one, params.Param | params.Depends)), None)


def _members(kind: Any) -> tuple[Any, ...]:
    """The members of a union; a type that is no union is its only member."""
    return get_args(kind) if get_origin(kind) in (Union, UnionType) else (kind,)


def _is_class(kind: Any, base: type) -> bool:
    return isinstance(kind, type) and issubclass(kind, base)
