"""What flows and edges use: `await store.write(actor, job)` and `await store.read(actor, job)`; nothing else awaits the database.

A job is a plain synchronous function of a `Transaction`. `sqlite.py` and `postgres.py` are the two stores.
"""

from collections.abc import Callable
from typing import Protocol, TypeVar

from optral.kit.hub import Hubs
from optral.store.readers import Readers
from optral.store.transaction import Transaction
from optral.terms.actor import Actor
from optral.terms.errors import Unavailable

T = TypeVar("T")
Job = Callable[[Transaction], T]

WRITE_DEADLINE_S = 30.0
"""How long a caller waits for its write. The job may still commit afterwards; its result is then dropped."""

LATE_WRITE = "the database did not answer in time; the change may still be made"
UNCONFIRMED = "the database did not confirm the change, and it may have been made; look, or repeat with the same Idempotency-Key"


def unconfirmed(log: str) -> Unavailable:
    """The error for a COMMIT that failed in a way which leaves open whether the change was made."""
    return Unavailable("commit_unconfirmed", say=UNCONFIRMED, retry_after_s=5, log=log)


class Store(Protocol):
    """Both methods raise what the job raises; `Unavailable` when the queue is full, the deadline passed or the database refuses.

    `Unavailable("database_unavailable")` means that nothing was changed. After `store_slow` and `commit_unconfirmed` the change may have
    been made.
    """

    dialect: str
    """`sqlite` or `postgresql`: the latter is shared by replicas."""

    readers: Readers
    """The reads that wait and run, which organizations share fairly."""

    @property
    def hubs(self) -> Hubs:
        """Wake those who wait for what this server commits, or publishes itself; use them on the store's event loop."""
        ...

    async def write(self, actor: Actor, job: Job[T]) -> T: ...

    async def read(self, actor: Actor, job: Job[T]) -> T: ...

    async def close(self) -> None: ...

    @property
    def depth(self) -> int:
        """Writes waiting now."""
        ...
