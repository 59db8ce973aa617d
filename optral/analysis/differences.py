"""What differs: two specs, two names, two sets of labels."""

from collections.abc import Iterable, Iterator
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


def nearest(name: str, candidates: Iterable[str], *, at_most: int = 2) -> str | None:
    """The candidate that is most like the name: by few edits, or as the name with one more part; None when none is."""
    best: tuple[int, str] | None = None
    for candidate in candidates:
        if candidate == name:
            continue
        cost = edits(name, candidate, limit=at_most)
        if cost > at_most and _contains(name, candidate):
            cost = at_most
        if cost <= at_most and (best is None or (cost, candidate) < best):
            best = (cost, candidate)
    return best[1] if best is not None and 2 * best[0] <= len(name) else None


def _contains(a: str, b: str) -> bool:
    """One is the other with one more part: `db` and `db-main`."""
    short, long = sorted((a, b), key=len)
    return len(short) >= 3 and (long.startswith(short + "-") or long.endswith("-" + short))


def edits(a: str, b: str, *, limit: int) -> int:
    """Insertions, deletions, replacements and swaps of neighbours between two words; `limit` + 1 as soon as it is more."""
    if abs(len(a) - len(b)) > limit:
        return limit + 1
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, start=1):
        before, last, row = row, before, [i]
        for j, y in enumerate(b, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
    return min(row[-1], limit + 1)
