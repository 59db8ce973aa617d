"""A store whose writes fail on demand, as with a full disk, while its reads work."""

import asyncio

from optral.store.store import Job, Store, T
from optral.terms.actor import Actor
from optral.terms.errors import Unavailable


class FullStore:
    """Delegates to a real store; while `failure` is set, every write raises it. `tried` counts writes."""

    def __init__(self, store: Store) -> None:
        self._store, self.dialect, self.hubs = store, store.dialect, store.hubs
        self.failure: Exception | None = Unavailable("database_unavailable", say="the disk is full")
        self.tried = 0
        self._news = asyncio.Event()

    async def write(self, actor: Actor, job: Job[T]) -> T:
        self.tried += 1
        self._news.set()
        if self.failure is not None:
            raise self.failure
        return await self._store.write(actor, job)

    async def has_tried(self, times: int) -> None:
        """Returns after so many writes were tried, and a while in which more would have been."""
        async with asyncio.timeout(30):
            while self.tried < times:
                self._news.clear()
                await self._news.wait()
        await asyncio.sleep(0.05)

    async def read(self, actor: Actor, job: Job[T]) -> T:
        return await self._store.read(actor, job)

    async def close(self) -> None:
        await self._store.close()

    @property
    def depth(self) -> int:
        return self._store.depth
