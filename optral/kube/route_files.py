"""Routes in the files of nginx, Caddy and HAProxy (`routes.py`), by the blocks and lines of their languages.

Sources: documentation of nginx (ngx_http_core_module, ngx_http_proxy_module), Caddyfile concepts, HAProxy configuration manual.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import NamedTuple

from optral.kube.objects import ConfigRoute
from optral.kube.upstreams import REWRITTEN, STRIPPED, Upstream, one_of, rewriting, route, upstream

MAX_TOKENS = 20_000
MAX_DEPTH = 20
_TOKEN = re.compile(
    r"\n|#[^\n]*|\"(?:[^\"\\\n]|\\.){0,1000}\"|'(?:[^'\\\n]|\\.){0,1000}'|(?:\$?\{[^\s{};]+\}|[^\s{};\"'#])(?:\$\{[^\s{};]+\}|[^\s{};\"'])*|[{};]"
)
_PASS = frozenset({"proxy_pass", "grpc_pass", "fastcgi_pass", "uwsgi_pass"})
_VARIABLE = re.compile(r"\$\{?([A-Za-z_]\w{0,60})\}?")


class Block(NamedTuple):
    """A statement: its words, and the statements in its braces."""

    line: int
    words: tuple[str, ...]
    inner: list["Block"]

    @property
    def name(self) -> str:
        return self.words[0] if self.words else ""

    @property
    def arguments(self) -> tuple[str, ...]:
        return self.words[1:]


def _blocks(text: str, *, by_line: bool) -> list[Block]:
    """The statements of a file. They end with a semicolon, or, `by_line`, with their line."""
    top: list[Block] = []
    open_: list[list[Block]] = [top]
    words: list[str] = []
    line = at = 1
    for match in islice(_TOKEN.finditer(text), MAX_TOKENS):
        part = match.group()
        if part == "\n":
            line += 1
        if part in ("{", "}", ";") or (by_line and part == "\n"):
            block = Block(at, tuple(words), [])
            if words or part == "{":
                open_[-1].append(block)
            if part == "{":
                open_.append(block.inner)
            elif part == "}" and len(open_) > 1:
                open_.pop()
            words = []
        elif part != "\n" and part[0] != "#":
            at = at if words else line
            words.append(part[1:-1] if part[0] in "\"'" else part)
    return top


def _all(blocks: Iterable[Block], name: str, depth: int = 0) -> Iterator[Block]:
    for block in blocks if depth <= MAX_DEPTH else ():
        if block.name == name:
            yield block
        yield from _all(block.inner, name, depth + 1)


def _argument(block: Block | None, at: int = 0) -> str:
    return block.arguments[at] if block is not None and len(block.arguments) > at else ""


# --- nginx


def _nginx(text: str) -> Iterator[ConfigRoute]:
    blocks = _blocks(text, by_line=False)
    groups = {_argument(group): _servers(group.inner, 0) for group in _all(blocks, "upstream")}
    for server in _all(blocks, "server"):
        host = next((_argument(one) for one in server.inner if one.name == "server_name"), "")
        for at in _all(server.inner, "location"):
            if at.arguments:
                values = {_argument(one): _argument(one, 1) for one in (*server.inner, *at.inner) if one.name == "set"}
                yield from _of_location(at, host.lstrip("~_"), values, groups)


def _of_location(at: Block, host: str, values: dict[str, str], groups: dict[str, list[Upstream]]) -> Iterator[ConfigRoute]:
    pattern, conditional = at.arguments[-1], [one for branch in _all(at.inner, "if") for one in branch.inner]
    for passed in [one for one in (*at.inner, *conditional) if one.name in _PASS][:1]:
        target = _VARIABLE.sub(lambda found: values.get(f"${found.group(1)}", found.group()), _argument(passed))
        target = re.sub(r"\$(?!\{).*", "", target)
        name, slash, path = target.rpartition("://")[2].partition("/")
        found, has_others = one_of(groups.get(name.partition(":")[0]) or [upstream(target)])
        names = {one.name for one in at.inner}
        is_partial = has_others or passed in conditional or "internal" in names or pattern.startswith("@")
        rewrite = REWRITTEN if "rewrite" in names else rewriting(pattern, slash + path)
        yield from route(passed.line, pattern, found, host=host, rewrite=rewrite, is_partial=is_partial)


def _servers(blocks: Iterable[Block], at: int) -> list[Upstream]:
    """The servers of a group that are no reserve."""
    return [upstream(_argument(one, at)) for one in blocks if one.name == "server" and "backup" not in one.words]


# --- Caddy


def _caddy(text: str) -> Iterator[ConfigRoute]:
    top = _blocks(text, by_line=True)
    if any(block.name == "reverse_proxy" for block in top):
        yield from _of_caddy(top, "", "/", "", 0)  # one site without braces
        return
    for site in top:
        host = site.name.rstrip(",").partition("://")[2] or site.name.rstrip(",")
        yield from _of_caddy(site.inner, host.partition(":")[0], "/", "", 0)


def _of_caddy(blocks: list[Block], host: str, path: str, rewrite: str, depth: int) -> Iterator[ConfigRoute]:
    matchers = {one.name: _paths_of(one) for one in blocks if one.name.startswith("@")}
    rewrite = _changed(blocks) or rewrite
    for one in blocks if depth <= MAX_DEPTH else ():
        for inner in _matched(_argument(one), path, matchers):
            if one.name in ("handle", "handle_path", "route"):
                yield from _of_caddy(one.inner, host, inner, STRIPPED if one.name == "handle_path" else rewrite, depth + 1)
            elif one.name in ("reverse_proxy", "php_fastcgi"):
                words = chain(one.arguments, *(to.arguments for to in one.inner if to.name == "to"))
                found, has_others = one_of([upstream(word) for word in words if word[:1] not in "/@*"])
                yield from route(one.line, inner, found, host=host, rewrite=rewrite, is_partial=not inner or has_others)


def _changed(blocks: list[Block]) -> str:
    changes = {_argument(one) for one in blocks if one.name in ("uri", "rewrite")}
    return STRIPPED if changes == {"strip_prefix"} else REWRITTEN if changes else ""


def _matched(first: str, path: str, matchers: dict[str, list[str]]) -> list[str]:
    """The paths that the first argument of a directive matches: those around it without a matcher, "" for another kind of matcher."""
    if first.startswith("@"):
        return matchers.get(first) or [""]
    return [first] if first.startswith("/") else [path]


def _paths_of(matcher: Block) -> list[str]:
    """The paths of a named matcher; none where it has other conditions as well."""
    found = [(one.name, one.arguments) for one in matcher.inner] or [(_argument(matcher), matcher.arguments[1:])]
    return [path for name, paths in found if name == "path" for path in paths] if all(name == "path" for name, _ in found) else []


# --- HAProxy


_PATH_TESTS = frozenset({"path", "path_beg", "path_dir", "path_reg", "path_str"})
_HOST_TESTS = re.compile(r"(?:req\.)?hdr(?:_beg|_dom|_str)?\((?i:host).*\)")


def _haproxy(text: str) -> Iterator[ConfigRoute]:
    sections = _sections(text)
    backends = {_argument(section): section for section in sections if section.name in ("backend", "listen")}
    for section in (one for one in sections if one.name in ("frontend", "listen")):
        acls = {_argument(one): one.arguments[1:] for one in section.inner if one.name == "acl"}
        for use in (one for one in section.inner if one.name in ("use_backend", "default_backend")):
            yield from _of_backend(use, backends.get(_argument(use)), acls)


def _sections(text: str) -> list[Block]:
    found: list[Block] = []
    for number, line in enumerate(text.splitlines(), start=1):
        words = tuple(line.partition(" #")[0].split()) if not line.lstrip().startswith("#") else ()
        if words and not line[:1].isspace():
            found.append(Block(number, words, []))
        elif words and found:
            found[-1].inner.append(Block(number, words, []))
    return found


def _of_backend(use: Block, backend: Block | None, acls: dict[str, tuple[str, ...]]) -> Iterator[ConfigRoute]:
    statements = [] if backend is None else backend.inner
    changes = tuple(_argument(one) for one in statements if one.name == "http-request")
    rewrite = REWRITTEN if any(one.startswith(("set-path", "replace-path", "set-uri", "replace-uri")) for one in changes) else ""
    found, has_others = one_of(_servers(statements, 1))
    line = next((one.line for one in statements if one.name == "server"), use.line)
    paths, host, is_partial = _conditions(use.arguments[1:], acls) if use.name == "use_backend" else (["/"], "", False)
    for path in paths:
        yield from route(line, path, found, host=host, rewrite=rewrite, is_partial=is_partial or has_others)


def _conditions(words: tuple[str, ...], acls: dict[str, tuple[str, ...]]) -> tuple[list[str], str, bool]:
    """The paths, the host, and whether there are conditions of another kind."""
    paths, host, is_partial = ["/"], "", words[:1] != ("if",)
    for inline, name in re.findall(r"\{\s+(.*?)\s+\}|(\S+)", " ".join(words[1:])):
        kind, *rest = inline.split() if inline else (acls.get(name) or ("",))
        values = [value for value in rest if not value.startswith("-") and value not in ("beg", "str", "dir", "reg", "dom")]
        if kind in _PATH_TESTS and values:
            paths = values
        elif _HOST_TESTS.fullmatch(kind) and values:
            host = values[0]
        else:
            is_partial = True
    return paths, host, is_partial


READERS: tuple[tuple[re.Pattern[str], Callable[[str], Iterator[ConfigRoute]]], ...] = (
    (re.compile(r"(?:^|[{;])[ \t]*(?:proxy|grpc|fastcgi|uwsgi)_pass\s", re.MULTILINE), _nginx),
    (re.compile(r"^[ \t]*(?:use|default)_backend\s", re.MULTILINE), _haproxy),
    (re.compile(r"(?:^|\{)[ \t]*reverse_proxy\s", re.MULTILINE), _caddy),
)
"""By the words of a language, the reader of its files."""
