"""Upstreams and path patterns in the routes of gateways, whatever the format of their files (`routes.py`)."""

import re
from collections.abc import Collection, Iterator
from typing import NamedTuple

from optral.kube import addresses
from optral.kube.objects import ConfigRoute

STRIPPED, REWRITTEN = "strip", "rewrite"
_UPSTREAM = re.compile(
    r"(?:([a-z][a-z0-9+.-]{0,20})://)?(?:\$?\{\$?([A-Za-z_][A-Za-z0-9_.-]{0,100})(?::-?([^{}]{0,300}))?\}|([A-Za-z0-9.-]{1,253}))"
    r"(?::(\d{1,5}))?(/[^\s?#]*)?",
    re.ASCII,
)
_PORT = re.compile(r"\d{1,5}", re.ASCII)
_LITERAL = re.compile(r"(?:[A-Za-z0-9_~@%:,=/-]|\.(?![*+])|\\[/._-])*", re.ASCII)
_ANYTHING_BELOW = re.compile(r"/?(?:\*{1,2}|\(?\.[*+]\)?|\{[^{}/]{1,60}\}|\(\?P?<\w{1,30}>/?\.[*+]\)|\[\^/\][*+])?\$?")
_END_OF_SEGMENT = re.compile(r"(?:\((?:\?:)?/\|\$\)|\((?:\?:)?\$\|/\)|\((?:\?:)?/\(?\.\*\)?\)\?|/\?)(?:\(?\.\*\)?)?\$?")


class Upstream(NamedTuple):
    """A host, "" for one that cannot be read, its port, the variable that replaces it, and the path behind it."""

    target: str
    port: int | None = None
    variable: str = ""
    path: str = ""


UNKNOWN = Upstream("")


def upstream(text: str) -> Upstream:
    """The upstream that a URL or `host:port` names."""
    match = _UPSTREAM.fullmatch(text.strip())
    if match is None:
        return UNKNOWN
    scheme, variable, default, host, port, path = match.groups(default="")
    if "://" in default:
        return upstream(default)._replace(variable=variable)
    target, _, number = default.partition(":") if variable else (host.rstrip("."), "", "")
    is_named = scheme != "unix" and (addresses.is_host(target) or target == "localhost" or target[:1].isdigit())
    number = port or number
    return Upstream(target.lower() if is_named else "", int(number) if _PORT.fullmatch(number) is not None else None, variable, path)


def one_of(found: Collection[Upstream]) -> tuple[Upstream, bool]:
    """The first of several upstreams, and whether there are others of another host."""
    return next(iter(found), UNKNOWN), len({one.target for one in found}) > 1


def prefix(pattern: str) -> tuple[str, bool]:
    """What all paths of a pattern (a prefix, a glob or a regular expression) begin with, and whether they are all paths below it."""
    pattern = pattern.strip().lstrip("~^* ") or "/"
    literal = _LITERAL.match(pattern)
    found = literal.group() if literal is not None else ""
    rest = pattern[len(found) :]
    is_whole = not rest or any(end.fullmatch(rest) for end in (_END_OF_SEGMENT, *([_ANYTHING_BELOW] if found[-1:] == "/" else [])))
    path = found.replace("\\", "")
    return "/" + (path if is_whole else path.rpartition("/")[0]).strip("/"), is_whole and pattern.startswith("/")


def rewriting(path: str, target: str) -> str:
    """What becomes of a path where the upstream has a path of its own."""
    if not target or target.strip("/") == path.strip("/"):
        return ""
    return STRIPPED if target == "/" else REWRITTEN


def route(line: int, pattern: str, to: Upstream, *, host: str = "", rewrite: str = "", is_partial: bool = False) -> Iterator[ConfigRoute]:
    """The route of one pattern of paths; none where the upstream is the pod itself."""
    if to.target != "localhost" and not to.target.startswith("127."):
        path, is_whole = prefix(pattern)
        named = host if addresses.is_host(host.removeprefix("*.")) else ""
        yield ConfigRoute("", line, path, to.target, to.port, named, to.variable, rewrite, is_partial or not is_whole)
