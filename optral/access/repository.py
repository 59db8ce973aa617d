"""All SQL of access."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from optral.access.model import ApiKey, AuditFilter, AuditRecord, KeyFilter, Member, Organisation
from optral.access.tables import api_keys, audit_heads, audit_records, idempotent_answers, members, organisations, rate_windows
from optral.kit import records
from optral.kit.paging import MOST_COUNTED, PageRequest
from optral.store.lists import FEW, counted, numbered, unindexed
from optral.store.metadata import Timestamp
from optral.store.transaction import Transaction
from optral.terms.actor import Role
from optral.terms.ids import OrgId, UserId
from optral.terms.reach import Grant

_ORG: sa.BindParameter[str] = sa.bindparam("org")

_INSERT_ORG = sa.insert(organisations)
_SELECT_ORG = sa.select(organisations).where(organisations.c.org_id == _ORG)
_ORG_IDS = sa.select(organisations.c.org_id).order_by(organisations.c.org_id)
_COUNT_ORGS = sa.select(sa.func.count()).select_from(organisations)
_NAMED = sa.select(organisations.c.org_id).where(organisations.c.name == sa.bindparam("name"))
_INSERT_MEMBER = sa.insert(members)
_COUNT_MEMBERS = sa.select(sa.func.count()).select_from(members).where(members.c.org_id == _ORG, members.c.removed_at.is_(None))
_SELECT_MEMBER = sa.select(members).where(members.c.org_id == _ORG, members.c.id == sa.bindparam("id"))
_SELECT_OWNER = (
    sa.select(members)
    .where(members.c.org_id == _ORG, members.c.role == "owner", members.c.removed_at.is_(None))
    .order_by(members.c.created_at, members.c.id)
    .limit(1)
)
_INSERT_KEY = sa.insert(api_keys)
_SELECT_KEY = sa.select(api_keys).where(api_keys.c.org_id == _ORG, api_keys.c.id == sa.bindparam("id"))
_REVOKE_KEY = (
    sa.update(api_keys)
    .where(api_keys.c.org_id == _ORG, api_keys.c.id == sa.bindparam("key"), api_keys.c.revoked_at.is_(None))
    .values(revoked_at=sa.bindparam("at"))
)
_REPLACE_KEY = (
    sa.update(api_keys)
    .where(api_keys.c.org_id == _ORG, api_keys.c.id == sa.bindparam("key"), api_keys.c.replaced_by.is_(None))
    .values(replaced_by=sa.bindparam("by"), expires_at=sa.bindparam("ends", type_=Timestamp))
)
# Across organizations: who a key belongs to is what is being asked.
_IDENTIFY = (
    sa.select(api_keys, organisations.c.plan, members.c.role, members.c.is_limited)
    .join(organisations, organisations.c.org_id == api_keys.c.org_id)
    .join(members, members.c.id == api_keys.c.created_by)
    .where(members.c.removed_at.is_(None))
)
_BY_DIGEST = _IDENTIFY.where(api_keys.c.digest == sa.bindparam("digest"))
_BY_ID = _IDENTIFY.where(api_keys.c.org_id == _ORG, api_keys.c.id == sa.bindparam("id"))
_TOUCH = (
    sa.update(api_keys)
    .where(
        api_keys.c.org_id == _ORG,
        api_keys.c.id == sa.bindparam("key"),
        api_keys.c.last_used_at.is_(None) | (api_keys.c.last_used_at < sa.bindparam("at", type_=Timestamp)),
    )
    .values(last_used_at=sa.bindparam("at", type_=Timestamp))
)
_SORTS = {"createdAt": api_keys.c.created_at, "name": api_keys.c.name, "expiresAt": api_keys.c.expires_at}

_SELECT_HEAD = sa.select(audit_heads).where(audit_heads.c.org_id == _ORG).with_for_update()
_FIRST_HEAD: dict[str, sa.Executable] = {
    "sqlite": sqlite.insert(audit_heads).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(audit_heads).on_conflict_do_nothing(),
}
_INSERT_RECORD = sa.insert(audit_records)
_MOVE_HEAD = sa.update(audit_heads).where(audit_heads.c.org_id == _ORG).values(seq=sa.bindparam("new_seq"), hash=sa.bindparam("new_hash"))
_MOVE_BASE = (
    sa.update(audit_heads).where(audit_heads.c.org_id == _ORG).values(base_seq=sa.bindparam("new_seq"), base_hash=sa.bindparam("new_hash"))
)
_RECORDS = (
    sa.select(audit_records)
    .where(audit_records.c.org_id == _ORG, audit_records.c.seq > sa.bindparam("seq"))
    .order_by(audit_records.c.seq)
    .limit(sa.bindparam("limit", type_=sa.Integer))
)
_DELETE_RECORDS = sa.delete(audit_records).where(audit_records.c.org_id == _ORG, audit_records.c.seq <= sa.bindparam("seq"))

_ANSWER_KEY = (
    (idempotent_answers.c.org_id == _ORG)
    & (idempotent_answers.c.actor_id == sa.bindparam("actor"))
    & (idempotent_answers.c.key == sa.bindparam("name"))
)
_SELECT_ANSWER = sa.select(idempotent_answers).where(_ANSWER_KEY)
_DELETE_ANSWER = sa.delete(idempotent_answers).where(_ANSWER_KEY)
_DELETE_CLAIM = _DELETE_ANSWER.where(idempotent_answers.c.sealed.is_(None))
_FILL_ANSWER = sa.update(idempotent_answers).where(_ANSWER_KEY).values(sealed=sa.bindparam("answer"))
_OLD_ANSWERS = (
    sa.select(idempotent_answers.c.actor_id, idempotent_answers.c.key)
    .where(idempotent_answers.c.org_id == _ORG, idempotent_answers.c.created_at < sa.bindparam("before", type_=Timestamp))
    .order_by(idempotent_answers.c.created_at)
    .limit(sa.bindparam("limit", type_=sa.Integer))
)


def _claim(dialect: Any) -> sa.Executable:
    columns = ("org_id", "actor_id", "key", "digest", "created_at")
    insert = dialect.insert(idempotent_answers).values({name: sa.bindparam(name) for name in columns})
    claimed: sa.Executable = insert.on_conflict_do_update(
        index_elements=["org_id", "actor_id", "key"],
        set_={"digest": insert.excluded.digest, "created_at": insert.excluded.created_at, "sealed": None},
        where=(idempotent_answers.c.created_at < sa.bindparam("expired", type_=Timestamp))
        | (idempotent_answers.c.sealed.is_(None) & (idempotent_answers.c.created_at < sa.bindparam("abandoned", type_=Timestamp))),
    ).returning(idempotent_answers.c.key)
    return claimed


_CLAIM_ANSWER = {"sqlite": _claim(sqlite), "postgresql": _claim(postgresql)}


def _count_request() -> sa.Executable:
    insert = postgresql.insert(rate_windows).values(bucket=sa.bindparam("bucket"), used=sa.bindparam("cost"), ends_at=sa.bindparam("ends"))
    now, latest = sa.bindparam("now", type_=Timestamp), sa.bindparam("latest", type_=Timestamp)
    over = sa.or_(rate_windows.c.ends_at <= now, rate_windows.c.ends_at > latest)
    moved: sa.Executable = insert.on_conflict_do_update(
        index_elements=["bucket"],
        set_={
            "used": sa.case((over, insert.excluded.used), else_=rate_windows.c.used + insert.excluded.used),
            "ends_at": sa.case((over, insert.excluded.ends_at), else_=rate_windows.c.ends_at),
        },
    ).returning(rate_windows.c.used, rate_windows.c.ends_at)
    return moved


_COUNT_REQUEST = _count_request()
_OLD_WINDOWS = sa.delete(rate_windows).where(rate_windows.c.ends_at < sa.bindparam("before", type_=Timestamp))
_DELETE_WINDOW = sa.delete(rate_windows).where(rate_windows.c.bucket == sa.bindparam("bucket"))


class StoredKey(NamedTuple):
    """A key with what its use depends on."""

    key: ApiKey
    digest: bytes
    plan: str
    role: Role
    grants: tuple[Grant, ...] | None = None
    """Of the member who created it, if that member is limited; `()` until they are read."""


def insert_organisation(tx: Transaction, organisation: Organisation) -> None:
    tx.execute(
        _INSERT_ORG,
        {"org_id": organisation.id, "name": organisation.name, "plan": organisation.plan, "created_at": organisation.created_at},
    )


def organisation(tx: Transaction) -> Organisation | None:
    row = tx.execute(_SELECT_ORG, {"org": tx.org_id}).one_or_none()
    return None if row is None else Organisation(OrgId(row.org_id), row.name, row.plan, row.created_at)


def organisation_ids(tx: Transaction) -> list[OrgId]:
    """All there are; for the system, across organizations."""
    return list(tx.execute(_ORG_IDS).scalars())


def count_organisations(tx: Transaction) -> int:
    """All there are; for the system, across organizations."""
    number: int = tx.execute(_COUNT_ORGS).scalar_one()
    return number


def organisation_named(tx: Transaction, name: str) -> OrgId | None:
    """For the system, across organizations."""
    found = tx.execute(_NAMED, {"name": name}).scalar_one_or_none()
    return None if found is None else OrgId(found)


def is_organisation_name_taken(tx: Transaction, name: str) -> bool:
    return organisation_named(tx, name) is not None


def insert_member(tx: Transaction, member: Member) -> None:
    tx.execute(
        _INSERT_MEMBER,
        {"org_id": tx.org_id, "id": member.id, "email": member.email, "role": member.role.value, "created_at": member.created_at},
    )


def member(tx: Transaction, user_id: str) -> Member | None:
    """A member, also one who was removed."""
    row = tx.execute(_SELECT_MEMBER, {"org": tx.org_id, "id": user_id}).one_or_none()
    return None if row is None else to_member(row)


def count_members(tx: Transaction) -> int:
    return int(tx.execute(_COUNT_MEMBERS, {"org": tx.org_id}).scalar_one())


def owner(tx: Transaction) -> Member | None:
    """The first owner."""
    row = tx.execute(_SELECT_OWNER, {"org": tx.org_id}).one_or_none()
    return None if row is None else to_member(row)


def insert_key(tx: Transaction, key: ApiKey, digest: bytes) -> None:
    tx.execute(_INSERT_KEY, records.row(key) | {"digest": digest})


def key(tx: Transaction, key_id: str) -> ApiKey | None:
    row = tx.execute(_SELECT_KEY, {"org": tx.org_id, "id": key_id}).one_or_none()
    return None if row is None else _key(row)


def find_keys(tx: Transaction, wanted: KeyFilter, page: PageRequest) -> list[ApiKey]:
    column = _SORTS[page.sort or "createdAt"]
    query = sa.select(api_keys).where(*_conditions(tx, wanted))
    if page.after is not None:
        here, there = sa.tuple_(column, api_keys.c.id), sa.tuple_(sa.literal(page.after.value, column.type), sa.literal(page.after.id))
        query = query.where(here < there if page.descending else here > there)
    order = (column.desc(), api_keys.c.id.desc()) if page.descending else (column, api_keys.c.id)
    return [_key(row) for row in tx.execute(query.order_by(*order).limit(page.size).offset(page.offset))]


def count_keys(tx: Transaction, wanted: KeyFilter) -> int:
    number: int = tx.execute(sa.select(sa.func.count()).select_from(api_keys).where(*_conditions(tx, wanted))).scalar_one()
    return number


def revoke_key(tx: Transaction, key_id: str, at: datetime) -> None:
    tx.execute(_REVOKE_KEY, {"org": tx.org_id, "key": key_id, "at": at})


def replace_key(tx: Transaction, key_id: str, *, by: str, expires_at: datetime) -> bool:
    """Note what a key was rolled into, and when it ends itself; False when another transaction has rolled it since it was read."""
    return bool(tx.execute(_REPLACE_KEY, {"org": tx.org_id, "key": key_id, "by": by, "ends": expires_at}).rowcount)


def known_by_digest(tx: Transaction, digest: bytes) -> StoredKey | None:
    return _known(tx.execute(_BY_DIGEST, {"digest": digest}).one_or_none())


def known_by_id(tx: Transaction, key_id: str) -> StoredKey | None:
    return _known(tx.execute(_BY_ID, {"org": tx.org_id, "id": key_id}).one_or_none())


def touch_keys(tx: Transaction, used: Sequence[tuple[str, str, datetime]]) -> None:
    """Note the last use of keys (organization, key, when), of any organization; never moves backwards."""
    tx.execute(_TOUCH, [{"org": org_id, "key": key_id, "at": at} for org_id, key_id, at in used])


def count_request(tx: Transaction, bucket: str, *, cost: int, ends_at: datetime, latest: datetime) -> tuple[int, datetime]:
    """Add to a window, on PostgreSQL; return what is used of it and when it ends.

    A new one, which ends at `ends_at`, begins when the last has ended, or ends after `latest`.
    """
    row = tx.execute(_COUNT_REQUEST, {"bucket": bucket, "cost": cost, "ends": ends_at, "now": tx.now, "latest": latest}).one()
    return row.used, row.ends_at


def delete_windows(tx: Transaction, before: datetime) -> int:
    return tx.execute(_OLD_WINDOWS, {"before": before}).rowcount


def delete_window(tx: Transaction, bucket: str) -> None:
    tx.execute(_DELETE_WINDOW, {"bucket": bucket})


class Head(NamedTuple):
    seq: int
    hash: bytes
    base_seq: int
    base_hash: bytes


def lock_audit_head(tx: Transaction, fresh: bytes) -> Head:
    """The end of the chain, locked until the commit; made, on `fresh`, for an organization's first record."""
    row = tx.execute(_SELECT_HEAD, {"org": tx.org_id}).one_or_none()
    if row is None:
        first = {"org_id": tx.org_id, "seq": 0, "hash": fresh, "base_seq": 0, "base_hash": fresh}
        tx.execute(_FIRST_HEAD[tx.dialect], first)
        row = tx.execute(_SELECT_HEAD, {"org": tx.org_id}).one()
    return Head(row.seq, bytes(row.hash), row.base_seq, bytes(row.base_hash))


def audit_head(tx: Transaction) -> Head | None:
    row = tx.execute(_READ_HEAD, {"org": tx.org_id}).one_or_none()
    return None if row is None else Head(row.seq, bytes(row.hash), row.base_seq, bytes(row.base_hash))


def chain_ends(tx: Transaction) -> tuple[Head, int | None, int | None] | None:
    """The head with the lowest and the highest number there is, as of one moment; None without a head."""
    row = tx.execute(_CHAIN_ENDS, {"org": tx.org_id}).one_or_none()
    return None if row is None else (Head(row.seq, bytes(row.hash), row.base_seq, bytes(row.base_hash)), row.lowest, row.highest)


_of_org = audit_records.c.org_id == _ORG
_CHAIN_ENDS = sa.select(
    audit_heads,
    sa.select(sa.func.min(audit_records.c.seq)).where(_of_org).scalar_subquery().label("lowest"),
    sa.select(sa.func.max(audit_records.c.seq)).where(_of_org).scalar_subquery().label("highest"),
).where(audit_heads.c.org_id == _ORG)
_READ_HEAD = sa.select(audit_heads).where(audit_heads.c.org_id == _ORG)


def append_record(tx: Transaction, record: AuditRecord) -> None:
    tx.execute(_INSERT_RECORD, {name: getattr(record, name) for name in _RECORD_COLUMNS})
    tx.execute(_MOVE_HEAD, {"org": tx.org_id, "new_seq": record.seq, "new_hash": record.hash})


_RECORD_COLUMNS = tuple(column.name for column in audit_records.columns)


def records_after(tx: Transaction, seq: int, limit: int) -> list[AuditRecord]:
    found = tx.execute(_RECORDS, {"org": tx.org_id, "seq": seq, "limit": limit}).mappings()
    return [AuditRecord(**{**row, "hash": bytes(row["hash"])}) for row in found]


def find_records(tx: Transaction, wanted: AuditFilter, page: PageRequest) -> list[AuditRecord]:
    is_timed = wanted.since is not None or wanted.until is not None
    is_few = is_timed and count_records(tx, wanted) <= FEW
    split = [replace(wanted, actions=frozenset({action})) for action in sorted(wanted.actions)]
    parts = [sa.select(audit_records).where(*_record_conditions(tx, one, by_time=is_few)) for one in ((not is_few and split) or [wanted])]
    found = tx.execute(numbered(parts, audit_records.c.seq, page, is_few=is_few)).mappings()
    return [AuditRecord(**{**row, "hash": bytes(row["hash"])}) for row in found]


def count_records(tx: Transaction, wanted: AuditFilter, most: int = MOST_COUNTED) -> int:
    number: int = tx.execute(counted(sa.select(audit_records.c.seq).where(*_record_conditions(tx, wanted)), most)).scalar_one()
    return number


def _record_conditions(tx: Transaction, wanted: AuditFilter, *, by_time: bool = True) -> list[sa.ColumnElement[bool]]:
    at = audit_records.c.at if by_time else unindexed(audit_records.c.at)
    conditions: list[sa.ColumnElement[bool]] = [audit_records.c.org_id == tx.org_id]
    if wanted.actions:
        conditions.append(audit_records.c.action.in_(sorted(wanted.actions)))
    if wanted.actor_id is not None:
        conditions.append(audit_records.c.actor_id == wanted.actor_id)
    if wanted.cluster_id is not None:
        conditions.append(audit_records.c.cluster_id == wanted.cluster_id)
    if wanted.target is not None:
        conditions.append(audit_records.c.target == wanted.target)
    if wanted.since is not None:
        conditions.append(at >= wanted.since)
    if wanted.until is not None:
        conditions.append(at < wanted.until)
    return conditions


def delete_records(tx: Transaction, *, seq: int, hash: bytes) -> int:
    """Remove the chain up to this record, whose hash becomes the base that what is left is proved from."""
    tx.execute(_MOVE_BASE, {"org": tx.org_id, "new_seq": seq, "new_hash": hash})
    return tx.execute(_DELETE_RECORDS, {"org": tx.org_id, "seq": seq}).rowcount


def answer(tx: Transaction, name: str) -> sa.Row[Any] | None:
    return tx.execute(_SELECT_ANSWER, _answer_key(tx, name)).one_or_none()


def claim_answer(tx: Transaction, name: str, *, digest: str, expired: datetime, abandoned: datetime) -> bool:
    """Take the place of an answer that is missing, expired or abandoned; a second transaction waits here for the first one's end."""
    row = {
        "org_id": tx.org_id,
        "actor_id": tx.actor.id,
        "key": name,
        "digest": digest,
        "created_at": tx.now,
        "expired": expired,
        "abandoned": abandoned,
    }
    return tx.execute(_CLAIM_ANSWER[tx.dialect], row).first() is not None


def fill_answer(tx: Transaction, name: str, sealed: bytes) -> None:
    tx.execute(_FILL_ANSWER, {**_answer_key(tx, name), "answer": sealed})


def delete_claim(tx: Transaction, name: str) -> None:
    tx.execute(_DELETE_CLAIM, _answer_key(tx, name))


def delete_answers(tx: Transaction, before: datetime, limit: int) -> int:
    old = tx.execute(_OLD_ANSWERS, {"org": tx.org_id, "before": before, "limit": limit}).all()
    if old:
        doomed = [{"org": tx.org_id, "actor": row.actor_id, "name": row.key} for row in old]
        tx.execute(_DELETE_ANSWER, doomed)
    return len(old)


def _answer_key(tx: Transaction, name: str) -> dict[str, str]:
    return {"org": tx.org_id, "actor": tx.actor.id, "name": name}


def _conditions(tx: Transaction, wanted: KeyFilter) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = [api_keys.c.org_id == tx.org_id]
    if not wanted.with_revoked:
        conditions.append(api_keys.c.revoked_at.is_(None))
    return conditions


def to_member(row: sa.Row[Any]) -> Member:
    return Member(
        UserId(row.id), row.email, Role(row.role), row.created_at, row.signed_in_at, row.removed_at, row.is_limited, row.provider_id
    )


def _known(row: sa.Row[Any] | None) -> StoredKey | None:
    return None if row is None else StoredKey(_key(row), bytes(row.digest), row.plan, Role(row.role), () if row.is_limited else None)


def _key(row: sa.Row[Any]) -> ApiKey:
    return records.from_columns(ApiKey, row)
