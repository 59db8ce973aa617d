"""Routes that lead to another Service than the one that their path names, by how the other routes of the file are named.

Paths may lead anywhere, so a name alone proves nothing: the other routes of the file lead to the Services that their paths name, the
Service that this path names has no route at all, and the Service that it leads to has its own. A path that some requests take, that is
rewritten otherwise than usual, or that leads to a variant of its Service (`orders-canary`) is left as it is, unless no Service has the
name that it leads to.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from optral.kube.objects import ConfigMap, ConfigRoute
from optral.kube.upstreams import upstream

MIN_ALIKE = 2
_GENERIC = re.compile(r"(?:apis?|rest|v\d+(?:\.\d+)?|services?|svc|public|internal|app|web|gateway|rpc|grpc|https?|)", re.IGNORECASE)
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_AFFIXES = frozenset({"service", "services", "svc", "srv", "api", "server", "app", "ms", "backend"})
_GLUED = re.compile(r"(?<=...)(?:services?|svc|api)$")


class Target(NamedTuple):
    """A route, and the Service that it leads to: its name, "" for what is not known, None for a host that no Service has."""

    route: ConfigRoute
    service: str | None


class Misroute(NamedTuple):
    """A route that leads to `wrong`, a Service or, `is_missing`, a host that no Service has. `expected` is the Service of its path.

    `table` is the index of its file. `alike` are the routes of the file that lead to the Services of their paths; the first of them is that
    of `wrong`, if it has one.
    """

    table: int
    route: ConfigRoute
    wrong: str
    is_missing: bool
    expected: str
    alike: list[Target]


class _Names(NamedTuple):
    """The Services by what their names say without `start`, which most of them begin with, and those that have a route."""

    start: str
    by_stem: dict[str, list[str]]
    routed: frozenset[str | None]

    def stem(self, service: str) -> str:
        return stem(service.removeprefix(self.start))

    def expected(self, key: str) -> str | None:
        """The only Service of a path, if it has no route."""
        found = self.by_stem.get(key, []) if key else []
        return found[0] if len(found) == 1 and found[0] not in self.routed else None


def table(config: ConfigMap, key: str, variables: Mapping[str, str], find: Callable[[str], str | None]) -> list[Target]:
    """The routes of a file. `variables` are those of its reader, as far as they are known; `find` gives the Service of a host."""
    routes = [route for route in config.routes if route.key == key]
    hosts = [upstream(variables[one.variable]).target if one.variable in variables else one.target for one in routes]
    return [Target(route, find(host) if host else "") for route, host in zip(routes, hosts, strict=True)]


def find(tables: Sequence[Sequence[Target]], services: Collection[str]) -> Iterator[Misroute]:
    """The misroutes of files, each with its routes, in a namespace that has these Services."""
    names = _Names(_shared_start(services), {}, frozenset(target.service for each in tables for target in each))
    for name in services:
        names.by_stem.setdefault(names.stem(name), []).append(name)
    for index, each in enumerate(tables):
        if all(target.service != "" for target in each):  # a Service without a route may have one that is not known
            yield from _of_table(index, each, names)


def _of_table(index: int, targets: Sequence[Target], names: _Names) -> Iterator[Misroute]:
    judged = _judged(targets)
    keys = _keys([one.route.path for one in judged])
    alike = [one for one in judged if one.service and keys[one.route.path] == names.stem(one.service)]
    if len(alike) < MIN_ALIKE or 3 * len(alike) < 2 * (len(judged) - 1):
        return
    found = [one for target in judged if (one := _misroute(index, target, keys[target.route.path], alike, names)) is not None]
    missing = [one for one in found if one.is_missing]
    yield from found if len(missing) < 2 else (one for one in found if one not in missing)  # hosts of another registry


def _judged(targets: Sequence[Target]) -> list[Target]:
    usual = [rewrite for rewrite, _ in Counter(target.route.rewrite for target in targets).most_common(1)]
    return [one for one in targets if not one.route.is_partial and one.route.path != "/" and one.route.rewrite in ("", *usual)]


def _misroute(index: int, target: Target, key: str, alike: list[Target], names: _Names) -> Misroute | None:
    expected, service = names.expected(key), target.service
    if expected is None:
        return None
    own = [one for one in alike if one.service == service]
    if service is not None and (not own or _are_related(key, names.stem(service))):
        return None
    wrong = target.route.target.partition(".")[0] if service is None else service
    return Misroute(index, target.route, wrong, service is None, expected, [*own, *(one for one in alike if one not in own)])


def _keys(paths: list[str]) -> dict[str, str]:
    """What each path is about, without the parts that most of them have."""
    shared = Counter(step for path in set(paths) for step in set(path.split("/")[1:-1]))
    return {path: key_of(path, {step for step, count in shared.items() if 2 * count > len(paths)}) for path in paths}


def _are_related(first: str, second: str) -> bool:
    return bool(first and second) and (first in second or second in first)


def key_of(path: str, shared: Collection[str] = ()) -> str:
    """What a path is about, as `stem`: its first part that is no version and the like, and that not most of the paths have."""
    parts = [part.rpartition(".")[2] for part in path.split("/") if not _GENERIC.fullmatch(part) and part not in shared]
    return stem(parts[0]) if parts else ""


def stem(name: str) -> str:
    """What a name says without words such as `service`: `order` of `orders`, `OrderService`, `orderservice` and `order-svc`."""
    words = [word.lower() for word in _WORD.findall(name)]
    whole = "".join(word for word in words if word not in _AFFIXES) or "".join(words)
    whole = _GLUED.sub("", whole)
    return re.sub(r"(?<=...)ie$", "y", re.sub(r"(?<=...)(?<!s)s$", "", whole))


def _shared_start(names: Collection[str], start: str = "") -> str:
    """What most of the names begin with, up to a hyphen: the name of a release or a product."""
    rests = (name[len(start) :].partition("-") for name in names if name.startswith(start))
    found = Counter(start + part + hyphen for part, hyphen, _ in rests if hyphen).most_common(1)
    return _shared_start(names, found[0][0]) if found and found[0][1] >= 3 and 2 * found[0][1] > len(names) else start
