"""The service of connections to forges and of pull requests.

Tokens are stored sealed, and connections are changed by revision. A pull request is a row before anything is asked of the forge; what a
worker records counts only while the row is as the worker took it.
"""

import secrets
from dataclasses import replace
from datetime import datetime

from optral.forges import model, repository
from optral.forges.model import Forge, ForgeSettings, Proposal, State
from optral.kit import records, sealed
from optral.kit.hub import ANY, Topic
from optral.kit.records import Change
from optral.store.transaction import Transaction
from optral.terms import ids
from optral.terms.errors import NotFound, Refused, Stale

SECRET_BYTES = 32
DUE: Topic[str] = Topic("pull requests due")
"""Published with `ANY` when a pull request may be due now."""


def create(tx: Transaction, given: ForgeSettings, *, key: bytes, token: str) -> Forge:
    """A new connection. `key` seals the token (32 bytes).

    Raises `Invalid` for an address, a repository or a prefix that is none, and `Refused("too_many_forges")`.
    """
    if repository.count(tx) >= model.MAX_FORGES:
        raise Refused("too_many_forges", say=f"an organization has at most {model.MAX_FORGES} connections; delete one")
    forge_id = ids.new("frg")
    made = records.extended(
        Forge,
        model.checked(given),
        id=forge_id,
        org_id=tx.org_id,
        token=sealed.seal(token.encode(), key=key, binding=forge_id),
        created_by=tx.actor.id,
        created_at=tx.now,
        updated_at=tx.now,
    )
    repository.insert(tx, made)
    return made


def get(tx: Transaction, forge_id: str) -> Forge:
    """Raises `NotFound`."""
    found = repository.get(tx, forge_id)
    if found is None:
        raise NotFound("forge_not_found", say=f"there is no connection {forge_id}")
    return found


def find(tx: Transaction) -> list[Forge]:
    """All of the organization, the oldest first."""
    return repository.all_of(tx)


def for_repository(tx: Transaction, address: str) -> tuple[Forge, str] | None:
    """The connection that may open pull requests in the repository that Git clones from this address, and its path on the forge."""
    for forge in repository.all_of(tx):
        path = forge.repository_of(address)
        if path is not None and forge.allows(path):
            return forge, path
    return None


def change(
    tx: Transaction, forge_id: str, wanted: Change[Forge], *, key: bytes, token: str | None = None, if_revision: int | None = None
) -> Forge:
    """A new address needs a new token, so that nobody can send the token elsewhere. Raises as `create`, `NotFound`, `Stale`,
    `Refused("token_needed")`."""
    before = get(tx, forge_id)
    if if_revision is not None and if_revision != before.revision:
        raise Stale(say="the connection was changed in the meantime; read it again, then repeat the change")
    after = model.checked(wanted(before))
    if after.url != before.url and token is None:
        raise Refused("token_needed", say="a new address needs a token for it: give both")
    if token is not None:
        after = replace(after, token=sealed.seal(token.encode(), key=key, binding=before.id))
    if after == before:
        return before
    after = replace(after, revision=before.revision + 1, updated_at=tx.now)
    if not repository.update(tx, after, known=before.revision):
        raise Stale(say="the connection was changed in the meantime; read it again, then repeat the change")
    return after


def delete(tx: Transaction, forge_id: str, *, if_revision: int | None = None) -> Forge:
    """Raises `NotFound`, `Stale`."""
    found = get(tx, forge_id)
    if not repository.delete(tx, forge_id, known=if_revision) and if_revision is not None:
        raise Stale(say="the connection was changed in the meantime; read it again before you delete it")
    return found


def token_of(forge: Forge, *, key: bytes) -> str:
    """The decrypted token, for a call and nothing else. Raises `Refused("forge_unreadable")` when another key sealed it."""
    plain = sealed.unseal(forge.token, key=key, binding=forge.id)
    if plain is None:
        raise Refused("forge_unreadable", say="the token was sealed with another key-encryption key; set it again")
    return plain.decode()


def organisation_of(tx: Transaction, forge_id: str) -> str | None:
    """The organization of a connection; for a webhook, which names none."""
    return repository.organisation_of(tx, forge_id)


def roll(tx: Transaction, forge_id: str, *, key: bytes) -> tuple[Forge, str]:
    """A new secret for webhooks, shown this once. The old one is void: until the forge has the new one, pull requests are polled.

    Raises `NotFound`, `Stale`.
    """
    before = get(tx, forge_id)
    secret = secrets.token_hex(SECRET_BYTES)
    sealed_secret = sealed.seal(secret.encode(), key=key, binding=f"{before.id}/secret")
    after = replace(before, secret=sealed_secret, revision=before.revision + 1, updated_at=tx.now)
    if not repository.update(tx, after, known=before.revision):
        raise Stale(say="the connection was changed in the meantime; read it again, then repeat the change")
    return after, secret


def secret_of(forge: Forge, *, key: bytes) -> str | None:
    """What signs its webhooks; None where there is none, and when another key sealed it."""
    plain = None if forge.secret is None else sealed.unseal(forge.secret, key=key, binding=f"{forge.id}/secret")
    return None if plain is None else plain.decode()


# --- pull requests


def put_down(tx: Transaction, made: Proposal) -> None:
    """Store a pull request that is to be opened."""
    repository.insert_proposal(tx, made)
    tx.publish(DUE, ANY)


def proposal_of(tx: Transaction, execution_id: str) -> Proposal | None:
    """That of the execution."""
    return repository.proposal_of(tx, execution_id)


def due_proposals(tx: Transaction, *, limit: int) -> list[tuple[str, str]]:
    """(organization, pull request) of what is due, over all organizations."""
    return repository.due(tx, now=tx.now, limit=limit)


def next_due(tx: Transaction) -> datetime | None:
    """When the next one will be due, of all organizations."""
    return repository.next_due(tx, now=tx.now)


def claim(tx: Transaction, proposal_id: str) -> Proposal | None:
    """Take a pull request in hand until its lease ends; None when another worker has it or nothing is to be done."""
    found = repository.proposal(tx, proposal_id)
    if found is None or found.due_at is None or found.due_at > tx.now:
        return None
    taken = replace(found, due_at=tx.now + model.LEASE)
    return taken if repository.save(tx, found, taken) else None


def wake(tx: Transaction, forge_id: str, *, repository_name: str, number: int) -> bool:
    """Look at an open pull request now; whether somebody waits for it. At most every `WAKE_EVERY`, however often it is called, and never
    while the forge limits requests."""
    wanted = repository_name.lower()
    found = [one for one in repository.followed(tx, forge_id, number) if one.repository.lower() == wanted]
    for one in found:
        due_at = max(tx.now, one.updated_at + model.WAKE_EVERY)
        if one.due_at is not None and due_at < one.due_at and one.code != "rate_limited":
            repository.save(tx, one, replace(one, due_at=due_at))
    if found:
        tx.publish(DUE, ANY)
    return bool(found)


def record(tx: Transaction, held: Proposal, after: Proposal) -> bool:
    """Note what was found or done; False when the pull request is no longer the worker's."""
    after = replace(after, updated_at=tx.now, ended_at=tx.now if after.due_at is None else None)
    return repository.save(tx, held, after)


def end(tx: Transaction, execution_id: str, *, leaves_open: bool) -> None:
    """The execution ended before the sync: close its pull request unless it `leaves_open`, or has been merged.

    One that is being opened at this moment is closed when the lease of its worker has ended: the worker may have opened it by then.
    """
    found = repository.proposal_of(tx, execution_id)
    if found is None or found.due_at is None or found.state is State.CLOSING:
        return
    ended = replace(found, due_at=None, ended_at=tx.now, updated_at=tx.now)
    if found.state is not State.MERGED:
        closing = replace(found, state=State.CLOSING, due_at=found.due_at if found.state is State.OPENING else tx.now, updated_at=tx.now)
        ended = replace(ended, state=State.LEFT_OPEN) if leaves_open else closing
    repository.save(tx, found, ended)
    tx.publish(DUE, ANY)


def delete_old(tx: Transaction, *, before: datetime, limit: int) -> int:
    """Delete up to `limit` pull requests that ended and were made before that moment, of all organizations; how many."""
    return repository.delete_old(tx, before=before, limit=limit)
