"""SQL of the logins of command lines. A login belongs to no organization until it is approved, so its table has no tenant."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from optral.access.device import Approval, DeviceLogin
from optral.access.tables import device_logins as logins
from optral.store.metadata import Timestamp
from optral.store.transaction import Transaction
from optral.terms.ids import OrgId, UserId

_NOW: sa.BindParameter[datetime] = sa.bindparam("now", type_=Timestamp)
_OPEN = logins.c.expires_at > _NOW
_BY_ADDRESS = sa.select(logins.c.address, sa.func.count().label("many")).where(_OPEN).group_by(logins.c.address)
_INSERT = sa.insert(logins)
_PENDING = sa.select(logins).where(logins.c.user_digest == sa.bindparam("digest"), logins.c.state == "pending", _OPEN)
_BY_DEVICE = sa.select(logins).where(logins.c.device_digest == sa.bindparam("digest"), _OPEN)
_DECIDE = (
    sa.update(logins)
    .where(logins.c.user_digest == sa.bindparam("digest"), logins.c.state == "pending", _OPEN)
    .values(
        state=sa.bindparam("new_state"),
        organisation_id=sa.bindparam("org"),
        user_id=sa.bindparam("user"),
        scopes=sa.bindparam("new_scopes", type_=logins.c.scopes.type),
        key_expires_at=sa.bindparam("until", type_=Timestamp),
    )
)
_TAKE = sa.delete(logins).where(logins.c.device_digest == sa.bindparam("digest"), logins.c.state == "approved", _OPEN)
_OLD = sa.select(logins.c.device_digest).where(logins.c.expires_at <= _NOW).limit(sa.bindparam("limit", type_=sa.Integer))
_DELETE = sa.delete(logins).where(logins.c.device_digest == sa.bindparam("digest"))


def open_by_address(tx: Transaction) -> dict[str, int]:
    """How many logins from each address have not expired."""
    return {row.address: row.many for row in tx.execute(_BY_ADDRESS, {"now": tx.now})}


def insert(tx: Transaction, login: DeviceLogin, *, device_digest: bytes, user_digest: bytes) -> None:
    tx.execute(
        _INSERT,
        {
            "device_digest": device_digest,
            "user_digest": user_digest,
            "name": login.name,
            "address": login.address,
            "state": "pending",
            "created_at": login.created_at,
            "expires_at": login.expires_at,
        },
    )


def pending(tx: Transaction, user_digest: bytes) -> DeviceLogin | None:
    return _login(tx.execute(_PENDING, {"digest": user_digest, "now": tx.now}).one_or_none())


def by_device(tx: Transaction, device_digest: bytes) -> DeviceLogin | None:
    return _login(tx.execute(_BY_DEVICE, {"digest": device_digest, "now": tx.now}).one_or_none())


def decide(tx: Transaction, user_digest: bytes, approval: Approval | None) -> bool:
    """Approve a pending login, or deny it (`approval` None). Tell whether it was still pending."""
    decided = {
        "digest": user_digest,
        "now": tx.now,
        "new_state": "denied" if approval is None else "approved",
        "org": None if approval is None else approval.org_id,
        "user": None if approval is None else approval.user_id,
        "new_scopes": None if approval is None else sorted(approval.scopes),
        "until": None if approval is None else approval.key_expires_at,
    }
    return bool(tx.execute(_DECIDE, decided).rowcount)


def take(tx: Transaction, device_digest: bytes) -> bool:
    """Delete an approved login. Of two who fetch its key at the same time, one finds it."""
    return bool(tx.execute(_TAKE, {"digest": device_digest, "now": tx.now}).rowcount)


def delete_old(tx: Transaction, *, limit: int) -> int:
    old = tx.execute(_OLD, {"now": tx.now, "limit": limit}).scalars().all()
    if old:
        tx.execute(_DELETE, [{"digest": one} for one in old])
    return len(old)


def _login(row: sa.Row[Any] | None) -> DeviceLogin | None:
    if row is None:
        return None
    approval = None
    if row.state == "approved":
        approval = Approval(
            org_id=OrgId(row.organisation_id),
            user_id=UserId(row.user_id),
            scopes=frozenset(row.scopes),
            key_expires_at=row.key_expires_at,
        )
    return DeviceLogin(
        name=row.name,
        address=row.address,
        created_at=row.created_at,
        expires_at=row.expires_at,
        is_denied=row.state == "denied",
        approval=approval,
    )
