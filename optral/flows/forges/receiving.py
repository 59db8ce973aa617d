"""Takes the webhooks of forges: a pull request that was merged or closed there is looked at now instead of at the next poll.

Every request that is not signed with the secret of the connection gets the same answer, also for a connection that does not exist.
"""

import secrets
from collections.abc import Mapping
from functools import cache

from optral.forges import pull_request_updates as news, service as forges
from optral.forges.model import Forge, Kind
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import actor
from optral.terms.errors import NotFound, Unauthenticated
from optral.terms.ids import OrgId

_NOWHERE = "org_none"  # an organization without connections
UNSIGNED = "the request is not signed with the secret of this connection"


async def receive(store: Store, forge_id: str, *, headers: Mapping[str, str], body: bytes, key: bytes) -> bool:
    """Whether an execution waits for what the request reports. `key` opens sealed secrets.

    Raises `Unauthenticated("invalid_signature")`, `Invalid("invalid_body")`.
    """
    org_id = await store.read(actor.system(), lambda tx: _signer(tx, forge_id, headers, body, key))
    if org_id is None:
        raise Unauthenticated("invalid_signature", say=UNSIGNED)
    return await store.write(actor.system(org_id), lambda tx: _receive(tx, forge_id, headers, body, key))


def _signer(tx: Transaction, forge_id: str, headers: Mapping[str, str], body: bytes, key: bytes) -> OrgId | None:
    """The organization whose forge signed the request; None for any other. Unsigned requests never take the write lock."""
    org_id = OrgId(forges.organisation_of(tx, forge_id) or _NOWHERE)
    return None if _signed(tx.acting_for(org_id), forge_id, headers, body, key) is None else org_id


@cache
def _nobody() -> str:
    return secrets.token_hex(32)


def _signed(tx: Transaction, forge_id: str, headers: Mapping[str, str], body: bytes, key: bytes) -> Forge | None:
    """The connection with whose secret the request is signed; does the same work for one that does not exist."""
    try:
        forge = forges.get(tx, forge_id)
        secret = forges.secret_of(forge, key=key)
    except NotFound:
        forge, secret = None, None
    is_signed = news.is_signed(Kind.GITHUB if forge is None else forge.kind, headers, body, secret=secret or _nobody())
    return forge if is_signed else None


def _receive(tx: Transaction, forge_id: str, headers: Mapping[str, str], body: bytes, key: bytes) -> bool:
    if (forge := _signed(tx, forge_id, headers, body, key)) is None:
        raise Unauthenticated("invalid_signature", say=UNSIGNED)
    found = news.read(forge.kind, headers, body)
    return found is not None and forges.wake(tx, forge.id, repository_name=found.repository, number=found.number)
