"""What differs between two manifests: one walk for all, in the two forms of path that Optral shows.

Lists of named things (containers, ports, volumes) are compared by name, so that one more does not shift the rest; other lists as a whole.

- `dotted`: `spec.template.spec.containers[api].image`, as people write it: in the results of commands.
- `pointer`: `/spec/template/spec/containers/api/image`, a JSON Pointer (RFC 6901) with names in place of indexes: in the history of the
  inventory and in explanations.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple

MAX_ENTRIES = 200
MAX_TEXT = 2000
_STEP = re.compile(r"\.?([^.\[\]]+)|\[([^\[\]]*)\]")
_PARTS = (("metadata", "labels"), ("metadata", "annotations"), ("spec",))


class _Absent:
    """Not there at all, which is not null."""


ABSENT = _Absent()


class Member(str):
    """A step of a path into a list: the name of one of its things."""

    __slots__ = ()


class Index(str):
    """A step of a path into a list: the place of one of its things, from 0. No difference has such a step."""

    __slots__ = ()

    def __new__(cls, number: int) -> "Index":
        return super().__new__(cls, str(number))


class Difference(NamedTuple):
    """What stands at a path before and after, `ABSENT` where nothing does; steps into lists are `Member`s."""

    path: tuple[str, ...]
    before: Any
    after: Any


def walk(
    before: Any, after: Any, *, path: tuple[str, ...] = (), limit: int, is_deep: bool = False, has_order: bool = False
) -> list[Difference]:
    """The differences, at most `limit`.

    `is_deep` goes down into maps that are on one side only; with `has_order` another order of the same named things is a difference.
    """
    found: list[Difference] = []
    _walk(path, before, after, found, _Way(limit, is_deep, has_order))
    return found


def dotted(path: tuple[str, ...]) -> str:
    text = ""
    for step in path:
        is_plain = not isinstance(step, Member) and step.replace("-", "").replace("_", "").isalnum()
        text += (f".{step}" if text else step) if is_plain else f"[{step}]"
    return text


def pointer(path: tuple[str, ...]) -> str:
    return "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in path)


def steps(path: str) -> tuple[str, ...]:
    """The steps of a dotted path. Raises `ValueError` for a text that is none."""
    found, at = [], 0
    while (match := _STEP.match(path, at)) is not None:
        found.append(match[2] if match[1] is None else match[1])
        at = match.end()
    if not found or at != len(path):
        raise ValueError(f"{path!r} is no dotted path")
    return tuple(found)


def value_at(tree: Any, path: Sequence[str]) -> Any:
    """What stands at a path, `ABSENT` where nothing does. A step into a list is the name of one of its things, or an `Index`."""
    for step in path:
        if isinstance(tree, Mapping):
            tree = tree.get(step, ABSENT)
        elif isinstance(tree, list) and isinstance(step, Index):
            tree = tree[int(step)] if int(step) < len(tree) else ABSENT
        elif isinstance(tree, list):
            tree = next((one for one in tree if isinstance(one, Mapping) and one.get("name") == step), ABSENT)
        else:
            return ABSENT
    return tree


def at(manifest: Mapping[str, Any], path: str) -> Any:
    """The value at a dotted path; None where there is none, or where the text is no path."""
    try:
        return present(value_at(manifest, steps(path)))
    except ValueError:
        return None


def changes(before: Mapping[str, Any], after: Mapping[str, Any], *, ignoring: Collection[str] = ()) -> list[dict[str, Any]]:
    """Differences in labels, annotations and spec as [{path, from, to}]: dotted paths, None for what is absent, long texts cut.

    At most 200 entries. `ignoring`: annotations that do not count.
    """
    found: list[Difference] = []
    for keys in _PARTS:
        old, new = _at(before, keys), _at(after, keys)
        if keys[-1] == "annotations":
            old, new = _without(old, ignoring), _without(new, ignoring)
        found += walk(old, new, path=keys, limit=MAX_ENTRIES, is_deep=True)
    entries = (
        {"path": dotted(one.path), "from": cut(present(one.before), MAX_TEXT), "to": cut(present(one.after), MAX_TEXT)} for one in found
    )
    return [entry for entry in entries if entry["from"] != entry["to"]][:MAX_ENTRIES]


def present(value: Any) -> Any:
    """The value, None where it is absent."""
    return None if value is ABSENT else value


def cut(value: Any, most: int) -> Any:
    """A text that is longer than `most` characters, cut; everything else as it is."""
    return value[:most] + "…" if isinstance(value, str) and len(value) > most else value


class _Way(NamedTuple):
    limit: int
    is_deep: bool
    has_order: bool


def _walk(path: tuple[str, ...], before: Any, after: Any, out: list[Difference], way: _Way) -> None:
    if before == after or len(out) >= way.limit:
        return
    if way.is_deep:
        before, after = _opened(before, after), _opened(after, before)
    if isinstance(before, dict) and isinstance(after, dict):
        _walk_members(path, before, after, out, way, str)
    elif _are_named(before) and _are_named(after):
        old, new = {item["name"]: item for item in before}, {item["name"]: item for item in after}
        if way.has_order and list(old) != list(new) and set(old) == set(new):
            out.append(Difference(path, list(old), list(new)))
        else:
            _walk_members(path, old, new, out, way, Member)
    else:
        out.append(Difference(path, before, after))


def _walk_members(
    path: tuple[str, ...], before: dict[Any, Any], after: dict[Any, Any], out: list[Difference], way: _Way, part: Callable[[Any], str]
) -> None:
    for name in [*before, *(name for name in after if name not in before)]:
        _walk((*path, part(name)), before.get(name, ABSENT), after.get(name, ABSENT), out, way)


def _opened(value: Any, other: Any) -> Any:
    """An empty map in place of nothing where the other side is a map with something in it."""
    return {} if (value is ABSENT or value is None) and isinstance(other, dict) and other else value


def _are_named(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) and isinstance(item.get("name"), str) for item in value)


def _at(tree: Mapping[str, Any], keys: tuple[str, ...]) -> Any:
    node: Any = tree
    for key in keys:
        node = node.get(key) if isinstance(node, Mapping) else None
    return {} if node is None else node


def _without(annotations: Any, ignoring: Collection[str]) -> Any:
    return {key: value for key, value in annotations.items() if key not in ignoring} if isinstance(annotations, dict) else annotations
