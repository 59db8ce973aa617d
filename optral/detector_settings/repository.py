"""All SQL of detector settings."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam as b
from sqlalchemy.dialects import postgresql, sqlite

from optral.detector_settings.model import Tuned
from optral.detector_settings.tables import detector_switches, detector_tunings as t
from optral.detectors.tuning import TuningScope
from optral.kit import records
from optral.store.dialects import by_dialect
from optral.store.transaction import Transaction

_all = sa.select(t).where(t.c.org_id == b("org")).order_by(t.c.type, t.c.cluster_id, t.c.namespace)
_one = sa.and_(t.c.type == b("the_type"), t.c.cluster_id == b("cluster"), t.c.namespace == b("the_namespace"))
_count_others = sa.select(sa.func.count()).select_from(t).where(t.c.org_id == b("org"), sa.not_(_one))
_delete = sa.delete(t).where(t.c.org_id == b("org"), _one)
_forget = sa.delete(t).where(t.c.org_id == b("org"), t.c.cluster_id == b("cluster"))
_switch = sa.select(detector_switches.c.has_risk).where(detector_switches.c.org_id == b("org"))
_hold = _switch.with_for_update()
_KEY = ("org_id", "type", "cluster_id", "namespace")


def _insert(dialect: str, table: sa.Table) -> Any:
    return (sqlite.insert if dialect == "sqlite" else postgresql.insert)(table)


def _save(dialect: str) -> sa.Executable:
    statement = _insert(dialect, t)
    rest = {column.name: statement.excluded[column.name] for column in t.c if column.name not in _KEY}
    saved: sa.Executable = statement.on_conflict_do_update(index_elements=list(_KEY), set_=rest)
    return saved


def _set_switch(dialect: str) -> sa.Executable:
    statement = _insert(dialect, detector_switches)
    saved: sa.Executable = statement.on_conflict_do_update(index_elements=["org_id"], set_={"has_risk": statement.excluded.has_risk})
    return saved


def _first_switch(dialect: str) -> sa.Executable:
    made: sa.Executable = _insert(dialect, detector_switches).on_conflict_do_nothing(index_elements=["org_id"])
    return made


_SAVE = by_dialect(_save)
_SET_SWITCH = by_dialect(_set_switch)
_FIRST_SWITCH = by_dialect(_first_switch)


def hold(tx: Transaction) -> None:
    """Have others that would change the organization's settings wait for this transaction: the row of its switch stands for them all."""
    tx.execute(_FIRST_SWITCH[tx.dialect], {"org_id": tx.org_id, "has_risk": False})
    tx.execute(_hold, {"org": tx.org_id})


def rows(tx: Transaction) -> Sequence[sa.Row[Any]]:
    """The organization's tunings, by type and place."""
    return tx.execute(_all, {"org": tx.org_id}).all()


def count_others(tx: Transaction, issue_type: str, place: TuningScope) -> int:
    """How many tunings the organization has beside this one."""
    found: int = tx.execute(_count_others, _key(tx, issue_type, place)).scalar_one()
    return found


def delete(tx: Transaction, issue_type: str, place: TuningScope) -> None:
    tx.execute(_delete, _key(tx, issue_type, place))


def _key(tx: Transaction, issue_type: str, place: TuningScope) -> dict[str, str]:
    return {"org": tx.org_id, "the_type": issue_type, "cluster": place.cluster_id, "the_namespace": place.namespace}


def save(tx: Transaction, tuned: Tuned) -> None:
    tx.execute(
        _SAVE[tx.dialect],
        {
            "org_id": tx.org_id,
            "type": tuned.type,
            **tuned.place._asdict(),
            **records.row(tuned.tuning),
            "thresholds": dict(tuned.tuning.thresholds) or None,
            "updated_by": tuned.updated_by,
            "updated_at": tuned.updated_at,
        },
    )


def forget_cluster(tx: Transaction, cluster_id: str) -> None:
    tx.execute(_forget, {"org": tx.org_id, "cluster": cluster_id})


def has_risk(tx: Transaction) -> bool:
    return bool(tx.execute(_switch, {"org": tx.org_id}).scalar_one_or_none())


def switch(tx: Transaction, *, has_risk: bool) -> None:
    tx.execute(_SET_SWITCH[tx.dialect], {"org_id": tx.org_id, "has_risk": has_risk})
