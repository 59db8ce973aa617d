"""All SQL of identity providers and identities."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import bindparam as b

from optral.identity.model import Identity, Provider
from optral.identity.tables import identities, identity_providers as providers
from optral.kit import records
from optral.store.metadata import Timestamp
from optral.store.transaction import Transaction

_PROVIDER = records.names(Provider)
_FIXED = ("id", "org_id")
_every = sa.select(*(providers.c[name] for name in _PROVIDER))
_all = _every.where(providers.c.org_id == b("org"))
_listed = _all.order_by(providers.c.created_at, providers.c.id)
_one = _all.where(providers.c.id == b("the_id"))
_of_any = _every.where(providers.c.id == b("the_id"))
_insert = sa.insert(providers)
_update = (
    sa.update(providers)
    .where(providers.c.org_id == b("org"), providers.c.id == b("the_id"), providers.c.revision == b("known"))
    .values({name: b("p_" + name, type_=providers.c[name].type) for name in _PROVIDER if name not in _FIXED})
)
_delete = sa.delete(providers).where(providers.c.org_id == b("org"), providers.c.id == b("the_id"))

_IDENTITY = records.names(Identity)
_identity = sa.select(*(identities.c[name] for name in _IDENTITY)).where(
    identities.c.org_id == b("org"), identities.c.provider_id == b("provider"), identities.c.subject == b("the_subject")
)
_linked = sa.select(identities.c.subject).where(
    identities.c.org_id == b("org"), identities.c.provider_id == b("provider"), identities.c.user_id == b("user")
)
_insert_identity = sa.insert(identities)
_seen = (
    sa.update(identities)
    .where(identities.c.org_id == b("org"), identities.c.provider_id == b("provider"), identities.c.subject == b("the_subject"))
    .values(signed_in_at=b("at", type_=Timestamp))
)
_unlink = sa.delete(identities).where(identities.c.org_id == b("org"), identities.c.user_id == b("user"))
_forget = sa.delete(identities).where(identities.c.org_id == b("org"), identities.c.provider_id == b("provider"))


def all_of(tx: Transaction) -> list[Provider]:
    """All of the organization, the oldest first; their number is limited."""
    return [records.from_row(Provider, row) for row in tx.execute(_listed, {"org": tx.org_id})]


def get(tx: Transaction, provider_id: str) -> Provider | None:
    row = tx.execute(_one, {"org": tx.org_id, "the_id": provider_id}).first()
    return None if row is None else records.from_row(Provider, row)


def get_of_any(tx: Transaction, provider_id: str) -> Provider | None:
    """For the system, across organizations."""
    row = tx.execute(_of_any, {"the_id": provider_id}).first()
    return None if row is None else records.from_row(Provider, row)


def insert(tx: Transaction, made: Provider) -> None:
    tx.execute(_insert, records.row(made))


def update(tx: Transaction, made: Provider, *, known: int) -> bool:
    values = {f"p_{name}": value for name, value in records.row(made).items() if name not in _FIXED}
    return tx.execute(_update, {"org": tx.org_id, "the_id": made.id, "known": known, **values}).rowcount == 1


def delete(tx: Transaction, provider_id: str, *, known: int | None = None) -> bool:
    """Whether it was there, at the revision that is known."""
    query = _delete if known is None else _delete.where(providers.c.revision == known)
    return tx.execute(query, {"org": tx.org_id, "the_id": provider_id}).rowcount == 1


def identity(tx: Transaction, provider_id: str, subject: str) -> Identity | None:
    row = tx.execute(_identity, {"org": tx.org_id, "provider": provider_id, "the_subject": subject}).first()
    return None if row is None else records.from_row(Identity, row)


def insert_identity(tx: Transaction, made: Identity) -> None:
    tx.execute(_insert_identity, records.row(made) | {"org_id": tx.org_id})


def note_sign_in(tx: Transaction, provider_id: str, subject: str, at: datetime) -> None:
    tx.execute(_seen, {"org": tx.org_id, "provider": provider_id, "the_subject": subject, "at": at})


def is_linked(tx: Transaction, provider_id: str, user_id: str) -> bool:
    return tx.execute(_linked.limit(1), {"org": tx.org_id, "provider": provider_id, "user": user_id}).first() is not None


def unlink(tx: Transaction, user_id: str) -> None:
    tx.execute(_unlink, {"org": tx.org_id, "user": user_id})


def forget_identities(tx: Transaction, provider_id: str) -> int:
    return tx.execute(_forget, {"org": tx.org_id, "provider": provider_id}).rowcount
