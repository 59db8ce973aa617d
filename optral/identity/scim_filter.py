"""Filters of SCIM (RFC 7644, 3.4.2.2): `eq` and `pr`, joined by `and`, `or` and parentheses. No I/O."""

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple, TypeAlias

from optral.terms.errors import Invalid

MAX_LENGTH = 2_000
MAX_COMPARISONS = 50
MAX_IN_PATH = 4  # comparisons, which are made for each value of an attribute
_NAME = r"[A-Za-z][\w$-]*"
PATH = re.compile(rf"(?P<name>{_NAME})(?:\[(?P<filter>[^\]]*)\])?(?:\.(?P<sub>[$A-Za-z][\w$-]*))?", re.ASCII)
"""An attribute, a filter of its values, and a sub-attribute."""
_TOKEN = re.compile(r'\s*([()]|"(?:[^"\\]|\\.)*"|[^\s()"]+)')
_URN = re.compile(r"urn:ietf:params:scim:schemas:core:2\.0:(?:User|Group):", re.IGNORECASE)


class ScimInvalid(Invalid):
    """A request that breaks the rules of SCIM; `scim_type` is the word of RFC 7644, table 9."""

    default_code = "invalid_scim"
    scim_type: str = ""


class Comparison(NamedTuple):
    """`path` in lower case. `value` None: it is present."""

    path: str
    value: str | bool | None


class Joined(NamedTuple):
    is_and: bool
    parts: "tuple[Node, ...]"


Node: TypeAlias = Comparison | Joined


def invalid(scim_type: str, say: str) -> ScimInvalid:
    error = ScimInvalid(say=say)
    error.scim_type = scim_type
    return error


def parse(text: str, *, most: int = MAX_COMPARISONS) -> Node:
    """The tree of a filter. Raises `ScimInvalid` for what is no filter, or is not supported."""
    if len(text) > MAX_LENGTH:
        raise _bad(f"a filter has at most {MAX_LENGTH} characters")
    tokens, at = [], 0
    while at < len(text.rstrip()):
        if (found := _TOKEN.match(text, at)) is None:
            raise _bad("a quotation mark is not closed")
        tokens.append(found[1])
        at = found.end()
    if sum(token.lower() in ("and", "or") for token in tokens) >= most or tokens.count("(") > most:
        raise _bad(f"a filter has at most {most} comparisons here")
    tokens.reverse()
    node = _joined(tokens, is_and=False)
    if tokens:
        raise _bad(f"unexpected {tokens[-1][:50]}")
    return node


def _joined(tokens: list[str], *, is_and: bool) -> Node:
    word = "and" if is_and else "or"
    parts = [_part(tokens, is_and=is_and)]
    while tokens and tokens[-1].lower() == word:
        tokens.pop()
        parts.append(_part(tokens, is_and=is_and))
    return parts[0] if len(parts) == 1 else Joined(is_and, tuple(parts))


def _part(tokens: list[str], *, is_and: bool) -> Node:
    if not is_and:
        return _joined(tokens, is_and=True)
    if not tokens:
        raise _bad("it ends too early")
    if (first := tokens.pop()) != "(":
        return _comparison(first, tokens)
    inner = _joined(tokens, is_and=False)
    if not tokens or tokens.pop() != ")":
        raise _bad("a parenthesis is not closed")
    return inner


def _comparison(path: str, tokens: list[str]) -> Comparison:
    path = _URN.sub("", path)
    if not re.fullmatch(rf"{_NAME}(?:\.[$A-Za-z][\w$-]*)?", path, re.ASCII):
        raise _bad(f"not an attribute: {path[:50]}")
    operator = tokens.pop().lower() if tokens else ""
    if operator == "pr":
        return Comparison(path.lower(), None)
    if operator != "eq":
        raise _bad(f"{operator[:20] or 'nothing'} after {path[:50]}; use eq, pr, and, or")
    try:
        value = json.loads(tokens.pop() if tokens else "")
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, bool) and not (isinstance(value, str) and value.isprintable()):
        raise _bad(f"{path[:50]} eq needs text in quotation marks, true or false")
    return Comparison(path.lower(), value)


def matches(node: Node, value: Mapping[str, Any]) -> bool:
    """Whether an element of a list matches; the names of its members are in lower case."""
    if isinstance(node, Joined):
        return (all if node.is_and else any)(matches(part, value) for part in node.parts)
    found = value.get(node.path)
    if node.value is None or type(found) is type(node.value):
        return found is not None if node.value is None else bool(found == node.value)
    return bool(_plain(found) == _plain(node.value))


def described(node: Node) -> dict[str, Any] | None:
    """The element that a filter of `eq` and `and` describes; None for another filter."""
    if isinstance(node, Comparison):
        return None if node.value is None else {node.path: node.value}
    parts = [described(part) for part in node.parts] if node.is_and else [None]
    return None if None in parts else {name: one for part in parts for name, one in (part or {}).items()}


def _plain(value: Any) -> Any:
    """Booleans come as text too."""
    return value.lower() == "true" if isinstance(value, str) and value.lower() in ("true", "false") else value


def _bad(say: str) -> ScimInvalid:
    return invalid("invalidFilter", f"the filter cannot be used: {say}")
