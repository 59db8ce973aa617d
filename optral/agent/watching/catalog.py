"""The kinds that this agent watches: those that every agent knows, and the custom kinds that the API server serves at the moment.

Definitions come and go while an agent runs. A change of a CustomResourceDefinition or an APIService has the custom kinds looked up again
after a moment; nothing else is polled, beside one look every ten minutes for permissions. A control plane takes only kinds that a session
announced, so a changed set opens a new session before the old one ends, at most every 30 s; kinds that stay keep their watches.
"""

import asyncio
from collections.abc import Callable, Sequence

import structlog

from optral.agent.watching.buffer import Buffer
from optral.agent.watching.watch import Watches
from optral.kube.kinds import Kind
from optral.kubeapi.client import ApiError, ApiUnreachable
from optral.kubeapi.discovery import Discovered, Discovery

QUIET_S = 2  # after a change of a definition: others follow it, and the API server serves a new one after about a second
APART_S = 30  # between two changes of the set
EVERY_S = 600
RETRY_S = 60
FIRST_TRIES = 3
log = structlog.get_logger()


class Catalog:
    """Keeps the set of kinds. `kinds` is what the next session announces; `on_change` is called after it changed."""

    def __init__(self, discovery: Discovery | None, buffer: Buffer, watches: Watches, base: Sequence[Kind]) -> None:
        self._discovery, self._buffer, self._watches = discovery, buffer, watches
        self._base = tuple(base)
        self._custom: dict[str, Kind] = {}
        self._unreadable: frozenset[str] = frozenset()
        self._wanted = asyncio.Event()
        self._reported = ""
        self._notes: tuple[int, str] = (0, "")
        self.on_change: Callable[[], None] = lambda: None

    @property
    def kinds(self) -> tuple[Kind, ...]:
        return (*self._base, *self._custom.values())

    @property
    def custom(self) -> tuple[Kind, ...]:
        """The custom ones of `kinds`."""
        return tuple(self._custom.values())

    def by_wire(self, wire: str) -> Kind | None:
        """The kind of this name in the tunnel, if it is watched."""
        return next((kind for kind in self.kinds if kind.wire == wire), None)

    def look_soon(self) -> None:
        """A definition changed."""
        self._wanted.set()

    async def begin(self) -> None:
        """Look before the first session, which then announces every kind. What cannot be looked up is announced later."""
        for _ in range(FIRST_TRIES if self._discovery is not None else 0):
            if await self._look():
                return
            await asyncio.sleep(1)

    async def run(self) -> None:
        """Follow the definitions until canceled."""
        if self._discovery is None:
            return
        while True:
            try:
                async with asyncio.timeout(EVERY_S if not self._reported else RETRY_S):
                    await self._wanted.wait()
            except TimeoutError:
                pass
            await asyncio.sleep(QUIET_S)
            self._wanted.clear()
            before = (tuple(self._custom.values()), self._unreadable)
            await self._look()
            if before != (tuple(self._custom.values()), self._unreadable):
                self.on_change()
                await asyncio.sleep(APART_S)

    async def _look(self) -> bool:
        assert self._discovery is not None
        try:
            self._follow(await self._discovery.look())
        except (ApiError, ApiUnreachable) as error:
            if str(error) != self._reported:
                log.warning("the custom kinds could not be looked up", error=str(error)[:300], retry_s=RETRY_S)
            self._reported = str(error)
            return False
        self._reported = ""
        return True

    def _log_notes(self, found: Discovered) -> None:
        """What a look could not learn, once for as long as it stays so."""
        if (notes := (found.left_out, found.rights_error)) == self._notes:
            return
        self._notes = notes
        if found.left_out:
            log.warning("more custom kinds than can be watched; the rest is left out", watched=len(found.kinds), left_out=found.left_out)
        if found.rights_error:
            log.info("the API server does not say what this agent may read; each custom kind is tried", error=found.rights_error[:300])

    def _follow(self, found: Discovered) -> None:
        self._log_notes(found)
        kept = {kind.id: kind for kind in self._custom.values() if kind.group in found.unknown}
        now = dict(sorted((kept | {kind.id: kind for kind in found.kinds}).items()))
        for kind in [kind for kind_id, kind in self._custom.items() if now.get(kind_id) != kind]:
            self._watches.leave(kind)  # gone, or served in another version
            self._buffer.remove(kind)
        for kind in now.values():
            self._buffer.add(kind)
        added, gone = sorted(now.keys() - self._custom.keys()), sorted(self._custom.keys() - now.keys())
        if added or gone:
            log.info("custom kinds", kinds=len(now), unreadable=len(found.unreadable), added=added[:20], gone=gone[:20])
        self._custom, self._unreadable = now, found.unreadable
        self._watches.deny(found.unreadable)
