"""The addresses in the values of a ConfigMap: what of them leaves the cluster, beside the masked values (docs/decisions/addresses.md).

A value is a setting of its own (`STORE_HOST: store`) or a file. A file is read line by line, without a parser for each format: YAML, JSON,
TOML, INI, properties, `.env`, and directives such as `proxy_pass http://store;`. An entry is named by its keys (`database.host`), so that a
host and its port stay together. Comments, text blocks, templates and manifests of Kubernetes are left out, and so is everything but
addresses by the rules for variables (`redact_settings.py`).
"""

import re
from collections.abc import Iterator, Mapping
from itertools import islice, takewhile
from typing import Any, NamedTuple

import msgspec

from optral.kube import addresses, calls, routes
from optral.kube.objects import ConfigRoute
from optral.kube.redact_keys import SECRET, class_of
from optral.kube.redact_settings import is_plain_address, store_of
from optral.kube.redact_values import is_opaque, looks_secret

MAX_CHARS = 64 * 1024  # of one ConfigMap, whose limit is a MiB
MAX_LINE = 1000
ADDRESSES, ROUTES, LIMITS = "optralAddresses", "optralRoutes", "optralLimits"
MAX_LIMITS = 20
MAX_FOUND = 100  # addresses of one ConfigMap, and routes
MAX_PATH = 200
MAX_DEPTH = 12
MAX_LOCAL_NAMES = 100
_FILES = re.compile(r"\.(?:ya?ml|json5?|toml|ini|conf|cfg|cnf|properties|props|env|xml|hcl|config)$", re.IGNORECASE)
_ANY_FILE = re.compile(r"\.[A-Za-z0-9]{1,10}$|^(?:readme|license|notes|changelog)", re.IGNORECASE)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,200}", re.ASCII)
_COMMENT = re.compile(r"\s*(?:#|//|;|--(?!-)|/\*|\*|<!--|!|%)")
_INLINE_COMMENT = re.compile(r"\s+(?:#|//).*$")
_TEMPLATE = re.compile(r"\{\{|\$\{|%\(|<%|@@")
_SECTION = re.compile(r"\s*\[{1,2}\s*([A-Za-z0-9_.\"': -]{1,100})\s*\]{1,2}\s*")
_ENTRY = re.compile(
    r"""(?:export\s+)?["']?([A-Za-z_][A-Za-z0-9_./-]{0,100})["']?(?:\s*(?::(?=\s|$)|(?<=["']):|=>?)\s*|\s+)(\S.*)?""",
    re.ASCII,
)
_OPENS = re.compile(r"""["']?([A-Za-z_][A-Za-z0-9_./-]{0,100})["']?\s*(?::|=)?\s*(?:\S+\s*)?[{\[]""", re.ASCII)
_BLOCK = re.compile(r"[|>][+-]?\d?")
_ELEMENT = re.compile(r"<([A-Za-z_][A-Za-z0-9_.:-]{0,100})>([^<>]{1,500})</\1>")
_OTHER_STAGE = re.compile(r"(?:^|_)(?:DEV|DEVELOPMENT|TESTS?|TESTING|LOCAL|MOCKS?)_")  # beside `production:` in the same file
_LOCAL = re.compile(
    r"^[ \t]*(?:upstream|backend|cluster|location)[ \t]+\"?@?([A-Za-z][A-Za-z0-9_.-]{0,100})\"?[ \t]*(?:\{|$)", re.MULTILINE
)
_MANIFEST = re.compile(r"^[ \t]*\"?apiVersion\"?[ \t]*:", re.MULTILINE), re.compile(r"^[ \t]*\"?kind\"?[ \t]*:", re.MULTILINE)
_URL = re.compile(r"[a-z][a-z0-9+.:-]{0,30}://", re.ASCII)
_PATH = re.compile(r"(://[^/?#,\s]+)[^,\s]*")
_OWN = re.compile(
    r"(?:^|_)(?:SERVER|HTTPS?|WEB|GRPC|ADMIN|METRICS|MANAGEMENT|BIND|LISTEN(?:ER)?|NODE|SELF|LOCAL)_(?:HOST(?:NAME)?|ADDR(?:ESS)?|PORT)$"
)
_IN_TREE = -1  # the line of an entry of JSON, which is looked up only for an address
_LIMIT = re.compile(
    r"read.?only|max.?(?:user.?|incoming.?)?(?:conn|client|session|memory)|(?:memory|connections?|clients?).?(?:limit|max)|memory.high",
    re.IGNORECASE,
)
_LIMIT_VALUE = re.compile(r"\d{1,12}(?:\.\d{1,6})?\s?(?:[kmgt]i?b?|b|%)?|on|off|true|false|yes|no", re.IGNORECASE | re.ASCII)
_MAY_COUNT = re.compile(r"host(?:name)?$|port$|^(?:en|dis)able|(?:en|dis)abled?$", re.IGNORECASE)
_LISTED = re.compile(r"[\s\[\]\"']+")


class Entry(NamedTuple):
    """A line of a file with the names of its keys from the outside in; `line` counts from 1, and is 0 for a value that is no file."""

    line: int
    path: tuple[str, ...]
    value: str


def notes(data: Mapping[str, object]) -> dict[str, list[dict[str, Any]]]:
    """What the agent notes of the data of a ConfigMap beside its masked values; the targets of its routes are addresses, too."""
    listed, found = routes_of(data), of_config(data)
    known = {(one["key"], one["line"]) for one in found}
    for route in listed:
        if route.target and not route.variable and (route.key, route.line) not in known and len(found) < MAX_FOUND:
            known.add((route.key, route.line))
            found.append({"key": route.key, "line": route.line, "name": "upstream", "text": f"http://{route.upstream}"})
    every = {ADDRESSES: found, ROUTES: [msgspec.to_builtins(route) for route in listed], LIMITS: list(islice(limits_of(data), MAX_LIMITS))}
    return {name: notes for name, notes in every.items() if notes}


def of_config(data: Mapping[str, object]) -> list[dict[str, Any]]:
    """The addresses in the data of a ConfigMap as `optralAddresses`: key, line, name and text of each; at most `MAX_FOUND`."""
    texts = {key: value for key, value in data.items() if isinstance(value, str)}
    switches = [Entry(0, (key,), value) for key, value in texts.items() if len(value) <= calls.MAX_SWITCH]
    found = (
        {"key": key, "line": entry.line if entry.line >= 0 else _line_in(value, entry), "name": ".".join(entry.path[-4:]), "text": text}
        for key, value in _readable(texts)
        for entry, text in _of_value(key, value, switches)
    )
    return list(islice(found, MAX_FOUND))


def routes_of(data: Mapping[str, object]) -> list[ConfigRoute]:
    """The routes in the data of a ConfigMap, as far as they may leave the cluster; at most `MAX_FOUND`."""
    texts = {key: value for key, value in data.items() if isinstance(value, str) and "\n" in value}
    found = (_without_secrets(key, route) for key, value in _readable(texts) for route in routes.routes(value, key))
    return list(islice(found, MAX_FOUND))


def limits_of(data: Mapping[str, object]) -> Iterator[dict[str, Any]]:
    """The numbers and switches that tell what a server accepts, as `optralLimits`: `max_connections = 50`, `read_only: true`."""
    texts = {key: value for key, value in data.items() if isinstance(value, str)}
    for key, value in _readable(texts):
        entries = _entries(key, value) if _LIMIT.search(key) or _LIMIT.search(value) else ()
        for entry in entries:
            name = entry.path[-1]
            if _LIMIT.search(name) and _LIMIT_VALUE.fullmatch(entry.value) and all(class_of(one) != SECRET for one in (key, *entry.path)):
                line = entry.line if entry.line >= 0 else _line_in(value, entry)
                yield {"key": key, "line": line, "name": name, "text": entry.value}


def _without_secrets(key: str, route: ConfigRoute) -> ConfigRoute:
    """Its path ends before a part that may be a secret. A Service may have digits in one of its words: `rooms2-booking-service`."""
    steps = route.path[:MAX_PATH].split("/")
    path = "/".join(takewhile(lambda step: not is_opaque(step) and not looks_secret(step), steps)) or "/"
    words = re.split(r"[.-]" if addresses.services(route.target, "") else r"\.", route.target)
    is_secret = any(map(is_opaque, words)) or class_of(route.variable) == SECRET  # a default of `DB_PASSWORD` may look like a host
    target, host = "" if is_secret else route.target, "" if any(map(is_opaque, route.host.split("."))) else route.host
    is_partial = route.is_partial or path != route.path
    return msgspec.structs.replace(route, key=key, path=path, target=target, host=host, is_partial=is_partial)


def _readable(texts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The values that are read: `MAX_CHARS` of them in all, without examples and other stages."""
    left = MAX_CHARS
    for key, value in texts.items():
        file = f"CONFIG_{calls.canonical(key)}"
        is_other = calls.is_uncalled(file) or (_FILES.search(key) and _OTHER_STAGE.search(file))
        if not is_other and 0 < len(value) <= left:
            left -= len(value)
            yield key, value


def _of_value(key: str, value: str, switches: list[Entry]) -> Iterator[tuple[Entry, str]]:
    """The addresses in a value that may leave the cluster; `switches` are the short values of all keys."""
    local = {match.group(1) for match in islice(_LOCAL.finditer(value), MAX_LOCAL_NAMES)}
    entries = [entry for entry in _entries(key, value) if ":" in entry.value or "=" in entry.value or _MAY_COUNT.search(entry.path[-1])]
    off = calls.switched_off((_names(entry), entry.value) for entry in (*entries, *switches))
    for entry in entries:
        if not _names(entry).startswith(off) and (text := _address(entry, local)) is not None:
            yield entry, text


def _entries(key: str, value: str) -> Iterator[Entry]:
    is_file = _FILES.search(key) is not None
    if not is_file and "\n" not in value.strip():
        if _VARIABLE.fullmatch(key):
            yield Entry(0, (key,), value.strip())
        return
    if (not is_file and _ANY_FILE.search(key)) or all(mark.search(value) for mark in _MANIFEST):
        return
    if value.lstrip()[:1] in ("{", "[") and (tree := _json(value)) is not None:
        yield from _of_tree(value, tree, (), 0)
    else:
        yield from _lines(value)


def _address(entry: Entry, local: set[str]) -> str | None:
    """The address in an entry as far as it may leave the cluster; None for anything else, and for what its file itself defines."""
    names = _names(entry)
    if calls.is_uncalled(names) or (entry.line and (_OWN.search(names) or _OTHER_STAGE.search(names))):
        return None
    is_url = _URL.match(entry.value) is not None
    if is_url:
        names = names.removesuffix("_PASS")  # `proxy_pass` holds no password
    if entry.line and not is_url and not addresses.ADDRESS_SETTING.search(names):
        return None
    text = _PATH.sub(r"\1", entry.value) if is_plain_address(names, entry.value) else store_of(names, entry.value)
    if text is None or not _is_call(names, text) or any(found.host in local for found in addresses.in_setting(text)):
        return None
    return text


def _names(entry: Entry) -> str:
    """Its keys in the form of a variable. For a value that is no file, a container chooses the name, so that a key `host` may be one."""
    return calls.canonical(".".join(entry.path if entry.line else ("config", *entry.path)))


def _is_call(names: str, text: str) -> bool:
    """Whether it names a host, or may be the port of one."""
    return bool(addresses.in_setting(text)) or addresses.is_host(text) or "$(" in text or addresses.is_port_setting(names)


# --- JSON


def _json(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None


def _of_tree(text: str, node: Any, path: tuple[str, ...], depth: int) -> Iterator[Entry]:
    if depth > MAX_DEPTH:
        return
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _of_tree(text, value, (*path, key), depth + 1)
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _of_tree(text, value, (*path, *(() if isinstance(value, str) else (str(index),))), depth + 1)
    elif isinstance(node, str | int) and not isinstance(node, bool) and path:
        value = str(node)
        yield Entry(_IN_TREE, path, value)


def _line_in(text: str, entry: Entry) -> int:
    """The line of an entry of JSON: of its value, or of a number that follows its key."""
    at = text.find(f'"{entry.value}"')
    if at < 0:
        at = text.find(entry.value, max(0, text.find(f'"{entry.path[-1]}"')))
    return text.count("\n", 0, max(0, at)) + 1


# --- lines


class _Open(NamedTuple):
    """A key above the current line: where it is indented, and whether it is an item of a list."""

    indent: int
    name: str
    is_item: bool = False


def _lines(text: str) -> Iterator[Entry]:
    """The entries of a file, by indentation, sections and braces."""
    above: list[_Open] = []
    block: int | None = None  # the indentation of the key of a text block
    for number, line in _content(text):
        indent, stripped = len(line) - len(line.lstrip()), line.strip()
        if block is not None and indent > block:
            continue
        if (section := _SECTION.fullmatch(line)) is not None:
            above, block = [_Open(-1, section.group(1).strip("\"' "))], None
            continue
        indent, stripped = _enter(above, indent, stripped)
        entry = _ENTRY.fullmatch(stripped)
        name, value = (entry.group(1), _clean(entry.group(2) or "")) if entry is not None else ("", _clean(stripped))
        block = indent if name and _BLOCK.fullmatch(value) else None
        if name and (not value or (stripped[-1] in "{[" and _OPENS.fullmatch(stripped))):
            above.append(_Open(indent, name))
        elif block is None and not _TEMPLATE.search(stripped):
            yield from _entries_in(number, stripped, above, name, value)


def _content(text: str) -> Iterator[tuple[int, str]]:
    """The lines of a file that are no comments, with their numbers."""
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip() and len(line) <= MAX_LINE and not _COMMENT.match(line):
            yield number, line


def _entries_in(number: int, line: str, above: list[_Open], name: str, value: str) -> Iterator[Entry]:
    """The entry of a line, or the item of a list of words (`- kafka-0:9092` under `brokers:`), or XML elements."""
    path = tuple(one.name for one in above)
    if name and len(path) <= MAX_DEPTH:
        yield Entry(number, (*path, name), value)
    elif len(path) > 1 and above[-1].is_item:
        yield Entry(number, path[:-1], value)
    if "<" in line:
        yield from (Entry(number, (found.group(1),), found.group(2).strip()) for found in _ELEMENT.finditer(line))


def _enter(above: list[_Open], indent: int, stripped: str) -> tuple[int, str]:
    """Leave the keys that a line is not under, enter the items that it begins; where its entry is indented, and the rest of it."""
    is_item, place = stripped.startswith("- "), 0
    while above and (above[-1].indent > indent or (above[-1].indent == indent and (above[-1].is_item or not is_item))):
        left = above.pop()
        place = int(left.name) + 1 if left.is_item and left.indent == indent else 0
    while stripped.startswith("- ") and len(above) <= MAX_DEPTH:
        above.append(_Open(indent, str(place), is_item=True))
        place = 0
        rest = stripped[2:].lstrip()
        indent, stripped = indent + len(stripped) - len(rest), rest
    return indent, stripped


def _clean(value: str) -> str:
    """A value without its comment, its quotes and what ends it; the items of a list with commas between them."""
    if "#" in value or "//" in value:
        value = _INLINE_COMMENT.sub("", value)
    value = value.strip().rstrip(",;").strip()
    if value[:1] == "[" and value[-1:] == "]":
        return ",".join(part for part in _LISTED.sub("", value).split(",") if part)
    return value[1:-1] if len(value) > 1 and value[0] in "\"'" and value[-1] == value[0] else value
