"""Totals of lists, kept while nothing has changed: one cache for each server."""

from collections import OrderedDict
from collections.abc import Callable, Hashable

MAX_TOTALS = 2048


class Totals:
    """Totals by key, each with the number of the newest event at which it was counted; the least recently counted is evicted."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, tuple[int, int]] = OrderedDict()

    def of(self, key: Hashable, head: int, count: Callable[[], int]) -> int:
        """The total for this key at event number `head`; it calls `count` where none is kept."""
        kept = self._kept.get(key)
        if kept is not None and kept[0] == head:
            return kept[1]
        total = count()
        self._kept[key] = (head, total)
        if len(self._kept) > MAX_TOTALS:
            self._kept.popitem(last=False)
        return total
