"""Names that were probably meant: near by a few slips of the finger, or by one part too many."""

from collections.abc import Iterable


def nearest(name: str, candidates: Iterable[str], *, at_most: int = 2) -> str | None:
    """The candidate that is most like the name: by few edits, or as the name with one more part; None when none is."""
    best: tuple[int, str] | None = None
    for candidate in candidates:
        if candidate == name:
            continue
        cost = edits(name, candidate, limit=at_most)
        if cost > at_most and has_one_more_part(name, candidate):
            cost = at_most
        if cost <= at_most and (best is None or (cost, candidate) < best):
            best = (cost, candidate)
    return best[1] if best is not None and 2 * best[0] <= len(name) else None


def has_one_more_part(a: str, b: str) -> bool:
    """One is the other with one more part: `db` and `db-main`."""
    short, long = sorted((a, b), key=len)
    return len(short) >= 3 and (long.startswith(short + "-") or long.endswith("-" + short))


def edits(a: str, b: str, *, limit: int) -> int:
    """Insertions, deletions, replacements and swaps of neighbors between two words; `limit` + 1 as soon as it is more."""
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
