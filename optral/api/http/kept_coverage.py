"""The record beside lists and the overview: of many clusters it is kept for some seconds, since it takes a tenth of a second to gather.

Its member `at` has the time. `GET /v1/coverage` always gathers it.
"""

from collections import OrderedDict
from collections.abc import Collection, Hashable
from datetime import datetime, timedelta
from typing import Any

from optral.flows import coverage
from optral.store.transaction import Transaction

MANY = 100  # clusters; of fewer it takes a few milliseconds
KEPT_FOR = timedelta(seconds=10)
MAX_KEPT = 1000


class CoverageRecords:
    """Records by organization, reach and question; the least recently gathered is evicted."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, tuple[datetime, dict[str, Any]]] = OrderedDict()

    def brief(self, tx: Transaction, *, within: Collection[str] | None, namespaces: Collection[str] = ()) -> dict[str, Any]:
        """What `coverage.of` gives, without its lists."""
        key = (tx.org_id, tx.actor.reach, None if within is None else frozenset(within), frozenset(namespaces))
        kept = self._kept.get(key)
        if kept is not None and abs(tx.now - kept[0]) < KEPT_FOR:
            return kept[1]
        record = coverage.of(tx, within=within, namespaces=namespaces)
        shown = record.brief()
        if record.total > MANY:
            self._kept[key] = (tx.now, shown)
            self._kept.move_to_end(key)
            if len(self._kept) > MAX_KEPT:
                self._kept.popitem(last=False)
        return shown
