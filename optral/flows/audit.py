"""Checks an organization's audit chain: a read transaction for each few hundred records, so that neither writers nor memory notice."""

from functools import partial

from optral.access import chain, service as access
from optral.access.chain import Checkpoint, VerificationState
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms.actor import Actor
from optral.terms.errors import Invalid


def part(tx: Transaction, after: int | None, *, most: int) -> tuple[Checkpoint, Checkpoint]:
    """From where to where a part of the chain goes that begins after this record (None: with the first that is kept).

    Raises `Invalid` for a record that is not in the chain.
    """
    start = chain.begin(tx)
    base = start.at
    if after is not None and after != base.seq:
        found = access.records_after(tx, after - 1, limit=1)
        if not found or found[0].seq != after:
            raise Invalid(say=f"after: no record has the number {after}; it may have been removed by retention")
        base = Checkpoint(after, found[0].hash)
    if start.head.seq - base.seq <= most:
        return base, start.head
    last = access.records_after(tx, base.seq + most - 1, limit=1)
    return base, Checkpoint(last[0].seq, last[0].hash) if last else start.head


async def verify(store: Store, actor: Actor, *, kept: Checkpoint | None = None) -> VerificationState:
    """Walk the chain up to the head of now. `kept`: an earlier head that it has to contain."""
    walk = await store.read(actor, partial(chain.begin, kept=kept))
    while not walk.is_done:
        walk = await store.read(actor, partial(chain.step, before=walk))
    return walk
