"""Checks an organization's audit chain: a read transaction for each few hundred records, so that neither writers nor memory notice."""

from functools import partial

from optral.access import chain
from optral.access.chain import Checkpoint, VerificationState
from optral.store.store import Store
from optral.terms.actor import Actor


async def verify(store: Store, actor: Actor, *, kept: Checkpoint | None = None) -> VerificationState:
    """Walk the chain up to the head of now. `kept`: an earlier head that it has to contain."""
    walk = await store.read(actor, partial(chain.begin, kept=kept))
    while not walk.is_done:
        walk = await store.read(actor, partial(chain.step, before=walk))
    return walk
