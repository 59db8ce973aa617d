"""Routes in the configuration of a gateway or proxy: which requests go to which upstream, and the line that says so.

One function, `routes`, for the formats that gateways read from files: Spring Cloud Gateway, Envoy, the file provider of Traefik and Kong
(YAML, JSON, TOML or properties), and nginx, Caddy and HAProxy (`route_files.py`). It recognizes the format by its own words, so the name
of the file matters only for TOML and properties. A route whose upstream cannot be read from the file, such as a variable that
another part of the program sets, has the target "": a reader must know that the list has a gap. What the gateway itself answers, such as
by a redirect, is no route: its upstream is a placeholder.
"""

import re
import tomllib
from collections.abc import Iterator
from itertools import islice
from typing import Any

from optral.kube import route_files
from optral.kube.objects import ConfigRoute
from optral.kube.upstreams import REWRITTEN, STRIPPED, UNKNOWN, Upstream, one_of, rewriting, route, upstream

MAX_CHARS = 64 * 1024
MAX_ROUTES = 100  # of one file
MAX_NODES = 20_000
MAX_DEPTH = 40
_PROPERTY = re.compile(
    r"^[ \t]*[\w.-]*routes\[(\d+)\]\.(uri|predicates|filters)(?:\[\d+\])?\s*[=:][ \t]*(\S.*?)\s*$", re.MULTILINE | re.ASCII
)
_RULE = re.compile(r"(!?)\s*([A-Za-z]{3,20})\(([^()]*(?:\([^()]*\)[^()]*)*)\)")
_QUOTED = re.compile(r"[`\"']([^`\"']{1,300})[`\"']")


class Text(str):
    """A value of a file that knows its line."""

    __slots__ = ("line",)
    line: int

    @classmethod
    def at(cls, line: int, text: str) -> "Text":
        found = cls(text)
        found.line = line
        return found


def routes(text: str, name: str) -> list[ConfigRoute]:
    """The routes of a file with this name, in its order; empty for any other file. Never raises."""
    if len(text) > MAX_CHARS:
        return []
    reader = next((reader for words, reader in route_files.READERS if words.search(text) is not None), None)
    found = reader(text) if reader is not None else _of_tree(text, name) if _IN_TREES.search(text) is not None else iter(())
    return list(islice(dict.fromkeys(found), MAX_ROUTES))


# --- trees: YAML, JSON, TOML and properties


_IN_TREES = re.compile(r"\bpredicates\b|\bvirtual_hosts\b|\brouters\b|\b_format_version\b")


def _of_tree(text: str, name: str) -> Iterator[ConfigRoute]:
    tree = _tree(text, name)
    for node in _dicts(tree):
        if "predicates" in node and "://" in _word(node.get("uri")):
            yield from _spring(node)
        if "virtual_hosts" in node:
            yield from _envoy(tree, node)
        if isinstance(node.get("routers"), dict) and isinstance(node.get("services"), dict):
            yield from _traefik(node)
        if "_format_version" in node:
            yield from _kong(node)


def _tree(text: str, name: str) -> Any:
    if name.endswith((".properties", ".props")):
        return _properties(text)
    if name.endswith(".toml"):
        try:
            return _placed(tomllib.loads(text), text)
        except (tomllib.TOMLDecodeError, RecursionError):
            return None
    import yaml  # few agents see such a file, and this library takes 2 MiB

    from optral.kit import yamls

    left = iter(range(MAX_NODES))
    try:
        return [_plain(node, left, 0) for node in yaml.compose_all(text, Loader=yamls.LOADER) if node is not None]
    except (yaml.YAMLError, RecursionError, ValueError):
        return None


def _plain(node: Any, left: Iterator[int], depth: int) -> Any:
    if depth > MAX_DEPTH or next(left, None) is None:
        return None
    if node.id == "mapping":
        return {str(key.value): _plain(value, left, depth + 1) for key, value in node.value if key.id == "scalar"}
    if node.id == "sequence":
        return [_plain(item, left, depth + 1) for item in node.value]
    return Text.at(node.start_mark.line + 1, node.value)


def _placed(value: Any, text: str) -> Any:
    """A tree of TOML, whose parser does not tell lines: that of the first place where a value stands."""
    if isinstance(value, dict):
        return {key: _placed(inner, text) for key, inner in value.items()}
    if isinstance(value, list):
        return [_placed(inner, text) for inner in value]
    return Text.at(text.count("\n", 0, max(0, text.find(str(value)))) + 1, str(value))


def _properties(text: str) -> Any:
    """The routes of Spring in a flat file: `spring.cloud.gateway.routes[0].uri=…`."""
    found: dict[str, Any] = {}
    for match in _PROPERTY.finditer(text):
        value = Text.at(text.count("\n", 0, match.start(3)) + 1, match.group(3))
        below = found.setdefault(match.group(1), {"predicates": [], "filters": []})
        below[match.group(2)] = [*below[match.group(2)], value] if match.group(2) != "uri" else value
    return found


def _dicts(tree: Any) -> Iterator[dict[str, Any]]:
    left = [tree]
    while left:
        node = left.pop()
        if isinstance(node, dict):
            yield node
        left.extend(reversed(_items(node)))


def _items(node: Any) -> list[Any]:
    return list(node.values()) if isinstance(node, dict) else node if isinstance(node, list) else []


def _map(node: Any, *steps: str) -> dict[str, Any]:
    for step in steps:
        node = node.get(step) if isinstance(node, dict) else None
    return node if isinstance(node, dict) else {}


def _maps(node: Any) -> list[dict[str, Any]]:
    return [item for item in _items(node) if isinstance(item, dict)]


def _word(node: Any) -> Text:
    return node if isinstance(node, Text) else Text.at(0, "")


def _words(node: Any) -> list[Text]:
    return [item for item in _items(node) if isinstance(item, Text)] if not isinstance(node, Text) else [node]


def _spring(node: dict[str, Any]) -> Iterator[ConfigRoute]:
    """Shortcuts (`Path=/a/**,/b/**`) and their long form, `{name: Path, args: …}`."""
    uri = _word(node["uri"])
    conditions = dict(map(_predicate, _items(node["predicates"])))
    host = next(iter(conditions.get("Host", ())), "").replace("**.", "*.")
    filters = {
        str(item).partition("=")[0] if isinstance(item, Text) else _word(_map(item).get("name")) for item in _items(node.get("filters"))
    }
    rewrite = next((kind for name, kind in _FILTERS.items() if name in filters), "")
    is_partial = bool(conditions.keys() - {"Path", "Host"})
    for path in conditions.get("Path", ["/**"]) if "RedirectTo" not in filters else ():
        yield from route(uri.line, path, upstream(uri), host=host, rewrite=rewrite, is_partial=is_partial)


def _predicate(item: Any) -> tuple[str, list[str]]:
    if isinstance(item, Text):
        return item.partition("=")[0].strip(), [value.strip() for value in item.partition("=")[2].split(",")]
    return _word(_map(item).get("name")), [word for part in _items(_map(item, "args")) for word in _words(part)]


_FILTERS = {"RewritePath": REWRITTEN, "SetPath": REWRITTEN, "PrefixPath": REWRITTEN, "StripPrefix": STRIPPED}


def _envoy(tree: Any, node: dict[str, Any]) -> Iterator[ConfigRoute]:
    listed = (one for below in _dicts(tree) for one in _maps(below.get("clusters")))
    clusters = {_word(one.get("name")): one for one in listed if "weight" not in one}
    for virtual in _maps(node["virtual_hosts"]):
        host = next((str(one).partition(":")[0] for one in _words(virtual.get("domains")) if one != "*"), "")
        for one in _maps(virtual.get("routes")):
            yield from _of_envoy(_map(one, "match"), _map(one, "route"), host, clusters)


_PATHS = ("prefix", "path", "path_separated_prefix")


def _of_envoy(match: dict[str, Any], action: dict[str, Any], host: str, clusters: dict[Text, Any]) -> Iterator[ConfigRoute]:
    path = next((_word(match[key]) for key in _PATHS if key in match), _word(_map(match, "safe_regex").get("regex")))
    weighted = [_word(one.get("name")) for one in _maps(_map(action, "weighted_clusters").get("clusters"))]
    name = next(iter(weighted), _word(action.get("cluster")))
    rewrite = REWRITTEN if "regex_rewrite" in action else rewriting(path, _word(action.get("prefix_rewrite")))
    is_partial = len(weighted) > 1 or bool(match.keys() - {*_PATHS, "safe_regex", "case_sensitive"})
    if path and action:
        yield from route((name or path).line, path, _endpoint(clusters.get(name)), host=host, rewrite=rewrite, is_partial=is_partial)


def _endpoint(cluster: dict[str, Any] | None) -> Upstream:
    """The only host that a cluster has."""
    sockets = [_map(one["socket_address"]) for one in _dicts(cluster) if "socket_address" in one]
    found, has_others = one_of([upstream(f"{_word(one.get('address'))}:{_word(one.get('port_value')) or 80}") for one in sockets])
    return UNKNOWN if has_others else found


def _traefik(node: dict[str, Any]) -> Iterator[ConfigRoute]:
    for router in _maps(node["routers"]):
        service, _, provider = _word(router.get("service")).partition("@")
        urls = [_word(server.get("url")) for server in _maps(_map(node, "services", service, "loadBalancer").get("servers"))]
        found, has_others = one_of([upstream(url) for url in urls])
        used = [key for name in _words(router.get("middlewares")) for key in _map(node, "middlewares", name.partition("@")[0])]
        rewrite = next((kind for name, kind in _MIDDLEWARES.items() for one in used if one.startswith(name)), "")
        is_answered = provider == "internal" or any(key.startswith("redirect") for key in used)
        if "rule" in router and not is_answered:
            yield from _of_rule(_word(router["rule"]), urls, found, rewrite=rewrite, is_partial=has_others)


_MIDDLEWARES = {"replacePath": REWRITTEN, "addPrefix": REWRITTEN, "stripPrefix": STRIPPED}


def _of_rule(rule: Text, urls: list[Text], found: Upstream, *, rewrite: str, is_partial: bool) -> Iterator[ConfigRoute]:
    matchers = [(negated, kind, _QUOTED.findall(values)) for negated, kind, values in _RULE.findall(rule)]
    paths = [path for _, kind, values in matchers if kind.startswith("Path") for path in values]
    host = next((host for _, kind, values in matchers if kind == "Host" for host in values), "")
    is_partial = is_partial or any(negated or not kind.startswith(("Path", "Host")) for negated, kind, _ in matchers)
    for path in paths or ["/"]:
        yield from route((urls or [rule])[0].line, path, found, host=host, rewrite=rewrite, is_partial=is_partial)


def _kong(node: dict[str, Any]) -> Iterator[ConfigRoute]:
    services = _maps(node.get("services"))
    by_name = {_word(one.get("name")): one for one in services}
    listed = [(service, one) for service in services for one in _maps(service.get("routes"))]
    names = ((_word(one.get("service")) or _word(_map(one, "service").get("name")), one) for one in _maps(node.get("routes")))
    listed += [(by_name.get(name, {}), one) for name, one in names]
    balanced = {_word(one.get("name")): one for one in _maps(node.get("upstreams"))}
    for service, one in listed:
        plugins = {_word(plugin.get("name")) for owner in (service, one) for plugin in _maps(owner.get("plugins"))}
        if service.get("enabled") != "false" and plugins.isdisjoint(_ANSWERING):
            yield from _of_kong(service, one, balanced)


_ANSWERING = ("request-termination", "redirect")
"""Plugins that answer without the upstream."""


def _of_kong(service: dict[str, Any], one: dict[str, Any], balanced: dict[Text, dict[str, Any]]) -> Iterator[ConfigRoute]:
    at = _word(service.get("url") or service.get("host"))
    port, path = _word(service.get("port")), _word(service.get("path"))
    found = upstream(f"http://{at}:{port or 80}{path}" if "url" not in service else at)
    has_others = False
    if (pool := balanced.get(Text.at(0, found.target))) is not None:
        found, has_others = one_of([upstream(_word(target.get("target"))) for target in _maps(pool.get("targets"))])
    rewrite = REWRITTEN if found.path.strip("/") else "" if one.get("strip_path") == "false" else STRIPPED
    is_partial = has_others or any(key in one for key in ("headers", "methods", "snis", "sources"))
    host = next(iter(_words(one.get("hosts"))), "")
    for pattern in _words(one.get("paths")) or [Text.at(0, "/")]:
        yield from route(at.line, pattern, found, host=host, rewrite=rewrite, is_partial=is_partial)
