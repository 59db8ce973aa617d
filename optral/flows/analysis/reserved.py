"""What is put aside for one analysis or question while it runs, counted as it is used (`optral.analysis.spending`)."""

import asyncio
from collections.abc import Mapping
from typing import Any

from optral.analysis import spending
from optral.analysis.spending import Reservation
from optral.store.store import Store
from optral.terms.actor import Actor


class Reserved:
    """A reservation of a run, which may be canceled at any time."""

    def __init__(self, store: Store, who: Actor, reservation: Reservation) -> None:
        self._store, self._who, self._held = store, who, reservation
        self._counting: asyncio.Future[Reservation] | None = None

    async def count(self, usage: Mapping[str, Any]) -> None:
        """Count what the run has used at most once its next request is answered."""
        self._counting = asyncio.ensure_future(self._store.write(self._who, lambda tx: spending.count(tx, self._held, usage)))
        self._held = await asyncio.shield(self._counting)

    async def settle(self, usage: Mapping[str, Any] | None) -> None:
        """Replace what was put aside by what the run did use; None: all of it."""
        if self._counting is not None:  # canceled meanwhile, it may have been written
            (counted,) = await asyncio.gather(self._counting, return_exceptions=True)
            self._held = self._held if isinstance(counted, BaseException) else counted
        await self._store.write(self._who, lambda tx: spending.settle(tx, self._held, usage))
