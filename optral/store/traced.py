"""A span for each transaction that runs within a span; only where the operator collects traces.

Its events say when the job began, so that the time before is seen to be waiting: once for each run, of which a write may have several.
The statements are not in it, and neither are their parameters.
"""

from collections.abc import Awaitable, Callable

from optral.kit import tracing
from optral.kit.hub import Hubs
from optral.store.store import Job, Store, T
from optral.store.transaction import Transaction
from optral.terms.actor import Actor


class TracedStore:
    """A store whose jobs also run within the caller's span, on whichever thread."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.dialect, self.readers = store.dialect, store.readers

    @property
    def hubs(self) -> Hubs:
        return self._store.hubs

    @property
    def depth(self) -> int:
        return self._store.depth

    async def write(self, actor: Actor, job: Job[T]) -> T:
        return await self._traced("store.write", self._store.write, actor, job)

    async def read(self, actor: Actor, job: Job[T]) -> T:
        return await self._traced("store.read", self._store.read, actor, job)

    async def close(self) -> None:
        await self._store.close()

    async def _traced(self, name: str, run: Callable[[Actor, Job[T]], Awaitable[T]], actor: Actor, job: Job[T]) -> T:
        if (span := tracing.current()) is None:
            return await run(actor, job)
        if not span.is_recorded:
            return await run(actor, _spanned(job, span))
        with tracing.step(name, kind="client", attributes=self._about(actor, job)) as step:
            return await run(actor, _spanned(job, step))

    def _about(self, actor: Actor, job: Job[T]) -> dict[str, str]:
        function = f"{getattr(job, '__module__', '')}.{getattr(job, '__qualname__', '')}"
        about = {"db.system.name": self.dialect, "code.function.name": function}
        return about | ({"optral.organization.id": actor.org_id} if actor.org_id else {})


def _spanned(job: Job[T], span: tracing.Span) -> Job[T]:
    """The job within the span, on its thread."""

    def run(tx: Transaction) -> T:
        with tracing.within(span):
            span.note("job begins")
            return job(tx)

    return run
