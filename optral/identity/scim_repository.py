"""All SQL of SCIM: tokens, users, groups and who is in them. Lists are in the order of their ids."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

import sqlalchemy as sa

from optral.identity.scim import ScimGroup, ScimToken, ScimUser
from optral.identity.scim_filter import Joined, Node, invalid
from optral.identity.tables import (
    identities,
    scim_groups as groups,
    scim_memberships as memberships,
    scim_tokens as tokens,
    scim_users as users,
)
from optral.kit import records
from optral.store.transaction import Transaction

R = TypeVar("R", ScimUser, ScimGroup)
_ACTIVE = users.c.is_active & ~users.c.is_removed
_TABLES: Mapping[type, sa.Table] = {ScimUser: users, ScimGroup: groups}
_FILTERS: Mapping[type, Mapping[str, sa.ColumnElement[Any]]] = {
    ScimUser: {
        "id": users.c.id,
        "username": users.c.user_key,
        "externalid": users.c.external_id,
        "displayname": users.c.display_name,
        "active": _ACTIVE,
        "emails": users.c.email,
        "emails.value": users.c.email,
    },
    ScimGroup: {"id": groups.c.id, "displayname": groups.c.display_name, "externalid": groups.c.external_id},
}
_IN_LOWER_CASE = (users.c.user_key, users.c.email)
_CHUNK = 500


class Counts(NamedTuple):
    users: int
    active: int
    matched: int
    groups: int


def token(tx: Transaction, provider_id: str) -> ScimToken | None:
    row = tx.execute(_of_token().where(tokens.c.org_id == tx.org_id, tokens.c.provider_id == provider_id)).first()
    return None if row is None else records.from_row(ScimToken, row)


def token_by_digest(tx: Transaction, digest: bytes) -> ScimToken | None:
    """For the system, across organizations."""
    is_old = (tokens.c.old_digest == digest) & (tokens.c.old_until > tx.now)
    row = tx.execute(_of_token().where((tokens.c.digest == digest) | is_old)).first()
    return None if row is None else records.from_row(ScimToken, row)


def save_token(tx: Transaction, made: ScimToken) -> None:
    delete_token(tx, made.provider_id)
    tx.execute(sa.insert(tokens), records.row(made))


def note_use(tx: Transaction, provider_id: str, at: datetime) -> None:
    mine = (tokens.c.org_id == tx.org_id) & (tokens.c.provider_id == provider_id)
    tx.execute(sa.update(tokens).where(mine).values(last_used_at=at))


def delete_token(tx: Transaction, provider_id: str) -> bool:
    mine = (tokens.c.org_id == tx.org_id) & (tokens.c.provider_id == provider_id)
    return tx.execute(sa.delete(tokens).where(mine)).rowcount == 1


def delete_all(tx: Transaction, provider_id: str) -> None:
    """Everything of a provider."""
    delete_token(tx, provider_id)
    of_provider = sa.select(groups.c.id).where(groups.c.org_id == tx.org_id, groups.c.provider_id == provider_id)
    tx.execute(sa.delete(memberships).where(memberships.c.org_id == tx.org_id, memberships.c.group_id.in_(of_provider)))
    for table in (groups, users):
        tx.execute(sa.delete(table).where(table.c.org_id == tx.org_id, table.c.provider_id == provider_id))


def counts(tx: Transaction, provider_id: str) -> Counts:
    mine = (users.c.org_id == tx.org_id) & (users.c.provider_id == provider_id)
    numbers = (sa.func.count(), sa.func.count().filter(_ACTIVE), sa.func.count(users.c.member_id))
    every, active, matched = (int(one) for one in tx.execute(sa.select(*numbers).where(mine)).one())
    return Counts(every, active, matched, count(tx, ScimGroup, provider_id))


def unprovisioned(tx: Transaction, provider_id: str, *, limit: int) -> list[str]:
    """Members that the provider knows, also removed ones, who are none of its users."""
    mine = (identities.c.org_id == tx.org_id) & (identities.c.provider_id == provider_id)
    is_user = sa.exists().where(users.c.org_id == tx.org_id, users.c.provider_id == provider_id, users.c.member_id == identities.c.user_id)
    return list(tx.execute(sa.select(identities.c.user_id).distinct().where(mine, ~is_user).limit(limit)).scalars())


def find(tx: Transaction, of: type[R], provider_id: str, *, wanted: Node | None, start: int, size: int) -> list[R]:
    """A page of the users or groups that match; `start` counts from 0."""
    table = _TABLES[of]
    query = _every(of).where(*_where(tx, of, provider_id, wanted)).order_by(table.c.id).offset(start).limit(size)
    return [records.from_row(of, row) for row in tx.execute(query)]


def count(tx: Transaction, of: type[R], provider_id: str, *, wanted: Node | None = None) -> int:
    return int(tx.execute(sa.select(sa.func.count()).select_from(_TABLES[of]).where(*_where(tx, of, provider_id, wanted))).scalar_one())


def one(tx: Transaction, of: type[R], provider_id: str, **columns: Any) -> R | None:
    """The one with these values; the first if there are several."""
    table = _TABLES[of]
    mine = _where(tx, of, provider_id, None)
    row = tx.execute(_every(of).where(*mine, *(table.c[name] == value for name, value in columns.items())).order_by(table.c.id)).first()
    return None if row is None else records.from_row(of, row)


def by_address(tx: Transaction, provider_id: str, address: str) -> list[ScimUser]:
    """Users with this name or primary email address, those that are active first."""
    has = (users.c.user_key == address) | (users.c.email == address)
    query = _every(ScimUser).where(*_where(tx, ScimUser, provider_id, None), has).order_by(users.c.is_active.desc(), users.c.id)
    return [records.from_row(ScimUser, row) for row in tx.execute(query)]


def insert(tx: Transaction, made: ScimUser | ScimGroup) -> None:
    tx.execute(sa.insert(_TABLES[type(made)]), records.row(made))


def update(tx: Transaction, made: ScimUser | ScimGroup, *, known: int) -> bool:
    table = _TABLES[type(made)]
    mine = (table.c.org_id == tx.org_id) & (table.c.id == made.id) & (table.c.revision == known)
    return tx.execute(sa.update(table).where(mine).values(records.row(made))).rowcount == 1


def delete(tx: Transaction, gone: ScimUser | ScimGroup) -> None:
    table = _TABLES[type(gone)]
    column = memberships.c.user_id if isinstance(gone, ScimUser) else memberships.c.group_id
    tx.execute(sa.delete(memberships).where(memberships.c.org_id == tx.org_id, column == gone.id))
    tx.execute(sa.delete(table).where(table.c.org_id == tx.org_id, table.c.id == gone.id))


def unlink(tx: Transaction, member_id: str) -> None:
    mine = (users.c.org_id == tx.org_id) & (users.c.member_id == member_id)
    tx.execute(sa.update(users).where(mine).values(member_id=None, has_ended=False, is_removed=False, revision=users.c.revision + 1))


def note_removal(tx: Transaction, member_id: str, *, is_removed: bool, but: str) -> None:
    """Of the users of all providers but this one."""
    mine = (users.c.org_id == tx.org_id) & (users.c.member_id == member_id) & (users.c.provider_id != but)
    tx.execute(sa.update(users).where(mine).values(is_removed=is_removed, revision=users.c.revision + 1))


def known_users(tx: Transaction, provider_id: str, user_ids: Collection[str]) -> set[str]:
    """Those of these that are users of the provider."""
    found: set[str] = set()
    wanted = sorted(user_ids)
    for start in range(0, len(wanted), _CHUNK):
        mine = _where(tx, ScimUser, provider_id, None)
        found.update(tx.execute(sa.select(users.c.id).where(*mine, users.c.id.in_(wanted[start : start + _CHUNK]))).scalars())
    return found


def members(tx: Transaction, group_id: str) -> list[str]:
    """The ids of the users in a group."""
    mine = (memberships.c.org_id == tx.org_id) & (memberships.c.group_id == group_id)
    return list(tx.execute(sa.select(memberships.c.user_id).where(mine).order_by(memberships.c.user_id)).scalars())


def groups_of(tx: Transaction, user_id: str) -> list[ScimGroup]:
    query = _every(ScimGroup).join(memberships, memberships.c.group_id == groups.c.id)
    mine = (groups.c.org_id == tx.org_id) & (memberships.c.org_id == tx.org_id) & (memberships.c.user_id == user_id)
    return [records.from_row(ScimGroup, row) for row in tx.execute(query.where(mine).order_by(groups.c.id))]


def add_members(tx: Transaction, group_id: str, user_ids: Collection[str]) -> None:
    if user_ids:
        rows = [{"org_id": tx.org_id, "group_id": group_id, "user_id": one} for one in sorted(user_ids)]
        tx.execute(sa.insert(memberships), rows)


def remove_members(tx: Transaction, group_id: str, user_ids: Collection[str]) -> None:
    mine = (memberships.c.org_id == tx.org_id) & (memberships.c.group_id == group_id)
    gone = sorted(user_ids)
    for start in range(0, len(gone), _CHUNK):
        tx.execute(sa.delete(memberships).where(mine, memberships.c.user_id.in_(gone[start : start + _CHUNK])))


def _every(of: type) -> sa.Select[Any]:
    return sa.select(*(_TABLES[of].c[name] for name in records.names(of)))


def _of_token() -> sa.Select[Any]:
    return sa.select(*(tokens.c[name] for name in records.names(ScimToken)))


def _where(tx: Transaction, of: type, provider_id: str, wanted: Node | None) -> list[sa.ColumnElement[bool]]:
    table = _TABLES[of]
    mine = [table.c.org_id == tx.org_id, table.c.provider_id == provider_id]
    return mine if wanted is None else [*mine, _matches(wanted, _FILTERS[of])]


def _matches(node: Node, columns: Mapping[str, sa.ColumnElement[Any]]) -> sa.ColumnElement[bool]:
    """Raises `ScimInvalid` for an attribute that nothing can be found by."""
    if isinstance(node, Joined):
        parts = [_matches(part, columns) for part in node.parts]
        return sa.and_(*parts) if node.is_and else sa.or_(*parts)
    if (column := columns.get(node.path)) is None:
        raise invalid("invalidFilter", f"the filter cannot be used: {node.path[:50]} is not one of {', '.join(columns)}")
    if node.value is None:
        return column.is_not(None)
    if column is _ACTIVE:
        return column == (str(node.value).lower() == "true")
    if isinstance(node.value, bool):
        raise invalid("invalidFilter", f"the filter cannot be used: {node.path[:50]} is text")
    return column == (node.value.lower() if any(column is one for one in _IN_LOWER_CASE) else node.value)
