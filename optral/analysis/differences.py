"""What differs between two specs. Near names are in `kube/names.py`."""

from collections.abc import Iterator
from typing import Any

MAX_DIFFERENCES = 40


def between(before: Any, after: Any, path: str) -> list[tuple[str, Any, Any]]:
    """(path, before, after) of everything that differs, None for what is not there; lists of named things are compared by name."""
    found: list[tuple[str, Any, Any]] = []
    for entry in _walk(before, after, path):
        found.append(entry)
        if len(found) >= MAX_DIFFERENCES:
            break
    return found


def _walk(before: Any, after: Any, path: str) -> Iterator[tuple[str, Any, Any]]:
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for key in dict.fromkeys((*before, *after)):
            yield from _walk(before.get(key), after.get(key), f"{path}/{key}")
    elif _named(before) and _named(after):
        yield from _walk({one["name"]: one for one in before}, {one["name"]: one for one in after}, path)
    else:
        yield path, before, after


def _named(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, dict) and isinstance(one.get("name"), str) for one in value)
