"""Refused requests of value in the audit log: writes that a known caller may not make, and requests to a trigger that are not signed by it.

A flood must not fill the log, which is never changed: the repeats of one caller, method, resource and error code within an hour are one
kind, of which the 1st, 10th, 100th … request is recorded, with the number so far. One organization gets at most `MOST_AN_HOUR` such records
an hour. Counts are of this process, and are lost when it stops.
"""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

MOST_AN_HOUR = 200
MOST_KINDS = 10_000
_TENS = frozenset(10**power for power in range(12))


@dataclass(slots=True)
class _Count:
    hour: int
    number: int = 0


class Refusals:
    """Counts refusals and tells which to record. The least recently counted kinds are forgotten."""

    def __init__(self) -> None:
        self._kinds: OrderedDict[tuple[str, ...], _Count] = OrderedDict()

    def take(self, org_id: str, kind: tuple[str, ...], *, now: datetime) -> int | None:
        """Count one; how many there were in this hour if it is to be recorded, else None."""
        hour = int(now.timestamp()) // 3600
        number = self._count((org_id, *kind), hour)
        if number not in _TENS or self._count((org_id,), hour) > MOST_AN_HOUR:
            return None
        return number

    def _count(self, key: tuple[str, ...], hour: int) -> int:
        known = self._kinds.get(key)
        if known is None or known.hour != hour:
            known = self._kinds[key] = _Count(hour)
        self._kinds.move_to_end(key)
        known.number += 1
        if len(self._kinds) > MOST_KINDS:
            self._kinds.popitem(last=False)
        return known.number
