"""All SQL of tuning."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam as b

from optral.detectors.tuning import Place
from optral.store.transaction import Transaction
from optral.tuning.model import Tuned
from optral.tuning.tables import detector_switches, detector_tunings as t

_all = sa.select(t).where(t.c.org_id == b("org")).order_by(t.c.type, t.c.cluster_id, t.c.namespace)
_count = sa.select(sa.func.count()).select_from(t).where(t.c.org_id == b("org"))
_delete = sa.delete(t).where(
    t.c.org_id == b("org"), t.c.type == b("the_type"), t.c.cluster_id == b("cluster"), t.c.namespace == b("the_namespace")
)
_insert = sa.insert(t)
_forget = sa.delete(t).where(t.c.org_id == b("org"), t.c.cluster_id == b("cluster"))
_switch = sa.select(detector_switches.c.has_risk).where(detector_switches.c.org_id == b("org"))
_delete_switch = sa.delete(detector_switches).where(detector_switches.c.org_id == b("org"))
_insert_switch = sa.insert(detector_switches)


def rows(tx: Transaction) -> Sequence[sa.Row[Any]]:
    """The organisation's tunings, by type and place."""
    return tx.execute(_all, {"org": tx.org_id}).all()


def count(tx: Transaction) -> int:
    found: int = tx.execute(_count, {"org": tx.org_id}).scalar_one()
    return found


def delete(tx: Transaction, issue_type: str, place: Place) -> None:
    tx.execute(_delete, {"org": tx.org_id, "the_type": issue_type, "cluster": place.cluster_id, "the_namespace": place.namespace})


def insert(tx: Transaction, tuned: Tuned) -> None:
    tx.execute(
        _insert,
        {
            "org_id": tx.org_id,
            "type": tuned.type,
            "cluster_id": tuned.place.cluster_id,
            "namespace": tuned.place.namespace,
            "is_enabled": tuned.tuning.is_enabled,
            "open_after_s": tuned.tuning.open_after_s,
            "resolve_after_s": tuned.tuning.resolve_after_s,
            "severity": tuned.tuning.severity,
            "updated_by": tuned.updated_by,
            "updated_at": tuned.updated_at,
        },
    )


def forget_cluster(tx: Transaction, cluster_id: str) -> None:
    tx.execute(_forget, {"org": tx.org_id, "cluster": cluster_id})


def has_risk(tx: Transaction) -> bool:
    return bool(tx.execute(_switch, {"org": tx.org_id}).scalar_one_or_none())


def switch(tx: Transaction, *, has_risk: bool) -> None:
    tx.execute(_delete_switch, {"org": tx.org_id})
    tx.execute(_insert_switch, {"org_id": tx.org_id, "has_risk": has_risk})
