"""The service of identity providers: create, change, delete, and whose identity a subject is. Client secrets are stored sealed."""

from dataclasses import replace

from optral.identity import model, repository, scim_repository
from optral.identity.model import Identity, Provider, ProviderSettings
from optral.kit import records, sealed
from optral.kit.records import Change
from optral.store.transaction import Transaction
from optral.terms import ids
from optral.terms.errors import NotFound, Refused, Stale

_CHANGED = "the identity provider was changed in the meantime; read it again, then repeat the change"


def create(tx: Transaction, given: ProviderSettings, *, key: bytes, secret: str | None) -> Provider:
    """A new provider. `key` seals the client secret (32 bytes). Raises `Invalid`, `Refused("too_many_providers")`."""
    if len(repository.all_of(tx)) >= model.MAX_PROVIDERS:
        raise Refused("too_many_providers", say=f"an organization has at most {model.MAX_PROVIDERS} identity providers; delete one")
    model.checked(given)
    provider_id = ids.new("idp")
    made = records.extended(
        Provider,
        given,
        id=provider_id,
        org_id=tx.org_id,
        client_secret=_sealed(secret, key=key, provider_id=provider_id),
        created_by=tx.actor.id,
        created_at=tx.now,
        updated_at=tx.now,
    )
    repository.insert(tx, made)
    return made


def get(tx: Transaction, provider_id: str) -> Provider:
    """Raises `NotFound`."""
    if (found := repository.get(tx, provider_id)) is None:
        raise NotFound("provider_not_found", say=f"there is no identity provider {provider_id}")
    return found


def find(tx: Transaction) -> list[Provider]:
    """All of the organization, the oldest first."""
    return repository.all_of(tx)


def enabled(tx: Transaction, provider_id: str) -> Provider | None:
    """An enabled provider; for the system, across organizations, since whoever signs in belongs to none yet."""
    found = repository.get_of_any(tx, provider_id)
    return found if found is not None and found.is_enabled else None


def change(
    tx: Transaction, provider_id: str, wanted: Change[Provider], *, key: bytes, secret: str | None = None, if_revision: int | None = None
) -> Provider:
    """Raises `NotFound`, `Invalid`, `Stale`. The issuer never changes: its subjects would be those of other people."""
    before = get(tx, provider_id)
    if if_revision is not None and if_revision != before.revision:
        raise Stale(say=_CHANGED)
    after = wanted(before)
    model.checked(after)
    if secret is not None:
        after = replace(after, client_secret=_sealed(secret, key=key, provider_id=provider_id))
    if after == before:
        return before
    after = replace(after, revision=before.revision + 1, updated_at=tx.now)
    if not repository.update(tx, after, known=before.revision):
        raise Stale(say=_CHANGED)
    return after


def delete(tx: Transaction, provider_id: str, *, if_revision: int | None = None) -> Provider:
    """Delete a provider with the identities that it knows and what it provisioned. Raises `NotFound`, `Stale`."""
    found = get(tx, provider_id)
    if if_revision is not None and if_revision != found.revision:
        raise Stale(say=_CHANGED)
    repository.forget_identities(tx, provider_id)
    scim_repository.delete_all(tx, provider_id)
    repository.delete(tx, provider_id)
    return found


def secret_of(provider: Provider, *, key: bytes) -> str | None:
    """The client secret, for a call and nothing else. Raises `Refused("provider_unreadable")` when another key sealed it."""
    if provider.client_secret is None:
        return None
    plain = sealed.unseal(provider.client_secret, key=key, binding=provider.id)
    if plain is None:
        raise Refused("provider_unreadable", say="the client secret was sealed with another key-encryption key; set it again")
    return plain.decode()


def identity(tx: Transaction, provider_id: str, subject: str) -> Identity | None:
    return repository.identity(tx, provider_id, subject)


def link(tx: Transaction, provider_id: str, subject: str, user_id: str) -> None:
    """From now on this subject of the provider is this member."""
    made = Identity(provider_id=provider_id, subject=subject, user_id=user_id, created_at=tx.now, signed_in_at=tx.now)
    repository.insert_identity(tx, made)


def is_linked(tx: Transaction, provider_id: str, user_id: str) -> bool:
    """Whether the provider has a subject that is this member."""
    return repository.is_linked(tx, provider_id, user_id)


def unlink(tx: Transaction, user_id: str) -> None:
    """From now on no subject and no provisioned user is this member, until an address finds it again."""
    repository.unlink(tx, user_id)
    scim_repository.unlink(tx, user_id)


def note_sign_in(tx: Transaction, provider_id: str, subject: str) -> None:
    repository.note_sign_in(tx, provider_id, subject, tx.now)


def _sealed(secret: str | None, *, key: bytes, provider_id: str) -> bytes | None:
    return None if secret is None else sealed.seal(secret.encode(), key=key, binding=provider_id)
