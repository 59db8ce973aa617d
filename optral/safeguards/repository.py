"""All SQL of safeguards."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam as b
from sqlalchemy.dialects import postgresql, sqlite

from optral.kit import records
from optral.safeguards.model import ApprovalRule, Limit, Safeguards, Window
from optral.safeguards.tables import change_windows, safeguards
from optral.store.dialects import by_dialect
from optral.store.transaction import Transaction

_SAVED = ("unattended_risk", "limits", "approval_rules", "break_glass_roles", "updated_by", "updated_at", "version")
_WINDOW = records.names(Window)
_SETTINGS = sa.select(safeguards).where(safeguards.c.org_id == b("org"))
_LOCKED = _SETTINGS.with_for_update()
_windows = sa.select(*(change_windows.c[name] for name in _WINDOW)).where(change_windows.c.org_id == b("org"))
_ALL = _windows.order_by(change_windows.c.created_at, change_windows.c.id)
_ONE = _windows.where(change_windows.c.id == b("the_id"))
_COUNT = sa.select(sa.func.count()).select_from(change_windows).where(change_windows.c.org_id == b("org"))
_INSERT = sa.insert(change_windows)
_mine = sa.and_(change_windows.c.org_id == b("org"), change_windows.c.id == b("the_id"), change_windows.c.version == b("known"))
_UPDATE = (
    sa.update(change_windows)
    .where(_mine)
    .values({name: b("p_" + name, type_=change_windows.c[name].type) for name in _WINDOW if name != "id"})
)
_DELETE = sa.delete(change_windows).where(_mine)


def settings(tx: Transaction, *, lock: bool = False) -> Safeguards:
    row = tx.execute(_LOCKED if lock else _SETTINGS, {"org": tx.org_id}).first()
    if row is None:
        return Safeguards()
    return Safeguards(
        unattended_risk=row.unattended_risk,
        limits=tuple(Limit(*limit) for limit in row.limits),
        approval_rules=tuple(_as_rule(*rule) for rule in row.approval_rules),
        break_glass_roles=tuple(row.break_glass_roles),
        updated_by=row.updated_by,
        updated_at=row.updated_at,
        version=row.version,
    )


def _as_rule(risk: str, cluster_id: str, namespace: str, approvals: int, roles: list[str], members: list[str]) -> ApprovalRule:
    return ApprovalRule(risk, cluster_id, namespace, approvals, tuple(roles), tuple(members))


def _save(dialect: str) -> Any:
    statement = (sqlite.insert if dialect == "sqlite" else postgresql.insert)(safeguards)
    rest = {name: statement.excluded[name] for name in _SAVED}
    is_known = safeguards.c.version == statement.excluded.version - 1
    return statement.on_conflict_do_update(index_elements=["org_id"], set_=rest, where=is_known).returning(safeguards.c.version)


_SAVE = by_dialect(_save)


def save(tx: Transaction, made: Safeguards) -> bool:
    """False when somebody else saved this version first."""
    row = {
        "org_id": tx.org_id,
        "unattended_risk": made.unattended_risk,
        "limits": [list(limit) for limit in made.limits],
        "approval_rules": [list(rule) for rule in made.approval_rules],
        "break_glass_roles": list(made.break_glass_roles),
        "updated_by": made.updated_by,
        "updated_at": made.updated_at,
        "version": made.version,
    }
    return tx.execute(_SAVE[tx.dialect], row).first() is not None


def windows(tx: Transaction) -> list[Window]:
    return [records.from_row(Window, row) for row in tx.execute(_ALL, {"org": tx.org_id})]


def window(tx: Transaction, window_id: str) -> Window | None:
    row = tx.execute(_ONE, {"org": tx.org_id, "the_id": window_id}).first()
    return None if row is None else records.from_row(Window, row)


def count_windows(tx: Transaction) -> int:
    return int(tx.execute(_COUNT, {"org": tx.org_id}).scalar_one())


def insert_window(tx: Transaction, made: Window) -> None:
    tx.execute(_INSERT, records.row(made) | {"org_id": tx.org_id})


def update_window(tx: Transaction, made: Window, *, known: int) -> bool:
    values = {f"p_{name}": value for name, value in records.row(made).items() if name != "id"}
    return tx.execute(_UPDATE, {"org": tx.org_id, "the_id": made.id, "known": known, **values}).rowcount == 1


def delete_window(tx: Transaction, window_id: str, *, known: int) -> bool:
    return tx.execute(_DELETE, {"org": tx.org_id, "the_id": window_id, "known": known}).rowcount == 1
