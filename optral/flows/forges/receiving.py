"""Takes the webhooks of forges: a pull request that was merged or closed there is looked at now instead of at the next poll.

Every request that is not signed with the secret of the connection gets the same answer, also for a connection that does not exist.
"""

import secrets
from collections.abc import Mapping
from functools import cache

from optral.forge import news, service as forges
from optral.forge.model import Kind
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import actor
from optral.terms.errors import NotFound, Unauthenticated
from optral.terms.ids import OrgId

UNSIGNED = "the request is not signed with the secret of this connection"


async def receive(store: Store, forge_id: str, *, headers: Mapping[str, str], body: bytes, key: bytes) -> bool:
    """Whether an execution waits for what the request reports. `key` opens sealed secrets.

    Raises `Unauthenticated("invalid_signature")`, `Invalid("invalid_body")`.
    """
    org_id = await store.read(actor.system(), lambda tx: forges.organisation_of(tx, forge_id))
    if org_id is None:
        news.is_signed(Kind.GITHUB, headers, body, secret=_nobody())
        raise Unauthenticated("invalid_signature", say=UNSIGNED)
    return await store.write(actor.system(OrgId(org_id)), lambda tx: _receive(tx, forge_id, headers, body, key))


@cache
def _nobody() -> str:
    return secrets.token_hex(32)


def _receive(tx: Transaction, forge_id: str, headers: Mapping[str, str], body: bytes, key: bytes) -> bool:
    try:
        forge = forges.get(tx, forge_id)
        secret = forges.secret_of(forge, key=key)
    except NotFound:  # deleted a moment ago
        forge, secret = None, None
    is_signed = news.is_signed(Kind.GITHUB if forge is None else forge.kind, headers, body, secret=secret or _nobody())
    if forge is None or not is_signed:
        raise Unauthenticated("invalid_signature", say=UNSIGNED)
    found = news.read(forge.kind, headers, body)
    return found is not None and forges.wake(tx, forge.id, repository_name=found.repository, number=found.number)
