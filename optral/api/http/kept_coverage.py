"""The record beside lists and the overview: of many clusters it is kept for some seconds, since it takes a tenth of a second to gather.

Its member `at` has the time. `GET /v1/coverage` always gathers it.
"""

from collections import OrderedDict
from collections.abc import Collection, Hashable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from optral.flows import coverage
from optral.store.transaction import Transaction

MANY = 100  # clusters; of fewer it takes a few milliseconds
KEPT_FOR = timedelta(seconds=10)
MAX_KEPT = 1000


class Covered(NamedTuple):
    """`brief` and `gaps` of a `Coverage`."""

    brief: dict[str, Any]
    gaps: Mapping[str, Sequence[str]]


class CoverageRecords:
    """Records by organization, reach and question; the least recently gathered is evicted."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, tuple[datetime, Covered]] = OrderedDict()

    def brief(self, tx: Transaction, *, within: Collection[str] | None, namespaces: Collection[str] = ()) -> dict[str, Any]:
        """What `coverage.of` gives, without its lists."""
        return self.record(tx, within=within, namespaces=namespaces).brief

    def record(self, tx: Transaction, *, within: Collection[str] | None, namespaces: Collection[str] = ()) -> Covered:
        key = (tx.org_id, tx.actor.reach, None if within is None else frozenset(within), frozenset(namespaces))
        kept = self._kept.get(key)
        if kept is not None and abs(tx.now - kept[0]) < KEPT_FOR:
            return kept[1]
        record = coverage.of(tx, within=within, namespaces=namespaces)
        shown = Covered(record.brief(), record.gaps)
        if record.total > MANY:
            self._kept[key] = (tx.now, shown)
            self._kept.move_to_end(key)
            if len(self._kept) > MAX_KEPT:
                self._kept.popitem(last=False)
        return shown
