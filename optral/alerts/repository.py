"""All SQL of alerts and their receivers. Statements without an organization are those of the worker, which reads all organizations."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import bindparam as b

from optral.alerts.model import Alert, Receiver, Rejected
from optral.alerts.tables import FIRING, MAY_JOIN, alert_receivers, alert_rejections, alerts
from optral.kit import records
from optral.kit.paging import PageRequest
from optral.store import areas, lists
from optral.store.lists import counted
from optral.store.transaction import Transaction
from optral.terms.reach import Areas

_RECEIVER = records.names(Receiver)
_ALERT = records.names(Alert)
_REJECTED = records.names(Rejected)
_OCCURRENCE = ("id", "receiver_id", "fingerprint", "starts_at", "received_at")  # never change

_receiver = sa.select(*(alert_receivers.c[name] for name in _RECEIVER)).where(alert_receivers.c.org_id == b("org"))
_ONE = _receiver.where(alert_receivers.c.id == b("the_id"))
_LOCKED = _ONE.with_for_update()
_COUNT = sa.select(sa.func.count()).select_from(alert_receivers).where(alert_receivers.c.org_id == b("org"))
_ORGANISATION = sa.select(alert_receivers.c.org_id).where(alert_receivers.c.id == b("the_id"))
_mine = sa.and_(alert_receivers.c.org_id == b("org"), alert_receivers.c.id == b("the_id"), alert_receivers.c.version == b("known"))
_UPDATE = (
    sa.update(alert_receivers)
    .where(_mine)
    .values({name: b("p_" + name, type_=alert_receivers.c[name].type) for name in _RECEIVER if name not in ("id", "last_received_at")})
)
_now = b("now", type_=alert_receivers.c.last_received_at.type)
_RECEIVED = (
    sa.update(alert_receivers)
    .where(alert_receivers.c.org_id == b("org"), alert_receivers.c.id == b("the_id"))
    .values(last_received_at=_now)
)
_DELETE = sa.delete(alert_receivers).where(_mine)
_DELETE_ALERTS = sa.delete(alerts).where(alerts.c.org_id == b("org"), alerts.c.receiver_id == b("the_id"))
_DELETE_REJECTED = sa.delete(alert_rejections).where(alert_rejections.c.org_id == b("org"), alert_rejections.c.receiver_id == b("the_id"))


def get(tx: Transaction, receiver_id: str, *, lock: bool = False) -> Receiver | None:
    row = tx.execute(_LOCKED if lock else _ONE, {"org": tx.org_id, "the_id": receiver_id}).first()
    return None if row is None else records.from_row(Receiver, row)


def all_of(tx: Transaction, page: PageRequest) -> list[Receiver]:
    column, id_ = alert_receivers.c.created_at, alert_receivers.c.id
    query = lists.paged(_receiver, column, id_, descending=page.descending, after=page.after is not None)
    return [records.from_row(Receiver, row) for row in tx.execute(query, {"org": tx.org_id, **lists.place_of(page)})]


def count(tx: Transaction) -> int:
    return int(tx.execute(_COUNT, {"org": tx.org_id}).scalar_one())


def insert(tx: Transaction, made: Receiver) -> None:
    tx.execute(sa.insert(alert_receivers), records.row(made) | {"org_id": tx.org_id})


def update(tx: Transaction, made: Receiver, *, known: int) -> bool:
    values = {f"p_{name}": value for name, value in records.row(made).items() if name not in ("id", "last_received_at")}
    return tx.execute(_UPDATE, {"org": tx.org_id, "the_id": made.id, "known": known, **values}).rowcount == 1


def note_received(tx: Transaction, receiver_id: str) -> None:
    tx.execute(_RECEIVED, {"org": tx.org_id, "the_id": receiver_id, "now": tx.now})


def delete(tx: Transaction, receiver_id: str, *, known: int) -> bool:
    if tx.execute(_DELETE, {"org": tx.org_id, "the_id": receiver_id, "known": known}).rowcount != 1:
        return False
    for statement in (_DELETE_ALERTS, _DELETE_REJECTED):
        tx.execute(statement, {"org": tx.org_id, "the_id": receiver_id})
    return True


def organisation_of(tx: Transaction, receiver_id: str) -> str | None:
    found: str | None = tx.execute(_ORGANISATION, {"the_id": receiver_id}).scalar()
    return found


# --- what could not be read

_of_receiver = sa.select(*(alert_rejections.c[name] for name in _REJECTED)).where(
    alert_rejections.c.org_id == b("org"), alert_rejections.c.receiver_id == b("the_id")
)
_COUNT_REJECTED = (
    sa.select(sa.func.count())
    .select_from(alert_rejections)
    .where(alert_rejections.c.org_id == b("org"), alert_rejections.c.receiver_id == b("the_id"))
)
_OLDEST = (
    sa.select(alert_rejections.c.id)
    .where(alert_rejections.c.org_id == b("org"), alert_rejections.c.receiver_id == b("the_id"))
    .order_by(alert_rejections.c.at.desc(), alert_rejections.c.id.desc())
    .offset(b("keep", type_=sa.Integer))
    .limit(sa.literal(10_000))
)
_TRIM = sa.delete(alert_rejections).where(alert_rejections.c.org_id == b("org"), alert_rejections.c.id.in_(_OLDEST.scalar_subquery()))


def add_rejected(tx: Transaction, receiver_id: str, made: Sequence[Rejected], *, keep: int) -> None:
    tx.execute(sa.insert(alert_rejections), [records.row(one) | {"org_id": tx.org_id} for one in made[-keep:]])
    tx.execute(_TRIM, {"org": tx.org_id, "the_id": receiver_id, "keep": keep})


def rejected(tx: Transaction, receiver_id: str, page: PageRequest) -> list[Rejected]:
    column, id_ = alert_rejections.c.at, alert_rejections.c.id
    query = lists.paged(_of_receiver, column, id_, descending=page.descending, after=page.after is not None)
    return [records.from_row(Rejected, row) for row in tx.execute(query, {"org": tx.org_id, "the_id": receiver_id, **lists.place_of(page)})]


def count_rejected(tx: Transaction, receiver_id: str) -> int:
    return int(tx.execute(_COUNT_REJECTED, {"org": tx.org_id, "the_id": receiver_id}).scalar_one())


# --- alerts

_alert = sa.select(*(alerts.c[name] for name in _ALERT)).where(alerts.c.org_id == b("org"))
_ONE_ALERT = _alert.where(alerts.c.id == b("the_id"))
_KNOWN = _alert.where(alerts.c.receiver_id == b("receiver"), alerts.c.fingerprint.in_(b("fingerprints", expanding=True)))
_STARTED = _KNOWN.where(alerts.c.starts_at.in_(b("starts", expanding=True, type_=alerts.c.starts_at.type)))
_FIRING = _KNOWN.where(sa.text(FIRING))
_SAVE = (
    sa.update(alerts)
    .where(alerts.c.org_id == b("org"), alerts.c.id == b("the_id"))
    .values({name: b("p_" + name, type_=alerts.c[name].type) for name in _ALERT if name not in _OCCURRENCE})
)
_reported = b("since", type_=alerts.c.last_received_at.type)
_MAY_JOIN = (
    _alert.where(alerts.c.cluster_id == b("cluster"), sa.text(f"({MAY_JOIN})"), alerts.c.last_received_at >= _reported)
    .order_by(alerts.c.received_at.desc())
    .limit(b("limit", type_=sa.Integer))
)
_DUE = (
    sa.select(alerts.c.org_id, alerts.c.id)
    .where(alerts.c.due_at.is_not(None), alerts.c.due_at <= b("now", type_=alerts.c.due_at.type))
    .order_by(alerts.c.due_at)
    .limit(b("limit", type_=sa.Integer))
)
_before = b("before", type_=alerts.c.last_received_at.type)
_OLD = sa.select(alerts.c.id).where(alerts.c.last_received_at < _before).limit(b("limit", type_=sa.Integer))
_DELETE_OLD = sa.delete(alerts).where(alerts.c.id.in_(_OLD.scalar_subquery()))


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFilter:
    """None does not filter. `areas`: where the actor may look."""

    cluster_id: str | None = None
    status: str | None = None
    outcome: str | None = None
    name: str | None = None
    issue_ids: tuple[str, ...] | None = None
    areas: Areas = None

    @property
    def equal(self) -> dict[str, str]:
        """Columns that have one value."""
        named = {"cluster_id": self.cluster_id, "status": self.status, "outcome": self.outcome, "name": self.name}
        return {name: value for name, value in named.items() if value is not None}


@cache
def _filtered(columns: tuple[str, ...], has_issues: bool, pattern: areas.Pattern) -> sa.Select[Any]:
    query = _alert.where(*(alerts.c[name] == b(f"w_{name}") for name in columns))
    if has_issues:
        query = query.where(alerts.c.issue_id.in_(b("issues", expanding=True)))
    return query.where(*areas.inside(pattern, alerts.c.cluster_id, alerts.c.namespace))


@cache
def _page(columns: tuple[str, ...], has_issues: bool, pattern: areas.Pattern, descending: bool, after: bool) -> sa.Select[Any]:
    query = _filtered(columns, has_issues, pattern)
    return lists.paged(query, alerts.c.received_at, alerts.c.id, descending=descending, after=after)


@cache
def _count(columns: tuple[str, ...], has_issues: bool, pattern: areas.Pattern) -> sa.Select[Any]:
    return counted(_filtered(columns, has_issues, pattern).with_only_columns(alerts.c.id))


def _values(tx: Transaction, wanted: AlertFilter) -> dict[str, Any]:
    issues = {} if wanted.issue_ids is None else {"issues": list(wanted.issue_ids)}
    return {"org": tx.org_id, **{f"w_{name}": value for name, value in wanted.equal.items()}, **issues, **areas.values_of(wanted.areas)}


def _shape(wanted: AlertFilter) -> tuple[tuple[str, ...], bool, areas.Pattern]:
    return tuple(wanted.equal), wanted.issue_ids is not None, areas.pattern_of(wanted.areas)


def find(tx: Transaction, wanted: AlertFilter, page: PageRequest) -> list[Alert]:
    query = _page(*_shape(wanted), page.descending, page.after is not None)
    return [records.from_row(Alert, row) for row in tx.execute(query, _values(tx, wanted) | lists.place_of(page))]


class Occurrence(NamedTuple):
    """What the quality of alerts is judged by."""

    name: str
    fingerprint: str
    starts_at: datetime
    outcome: str
    issue_id: str | None
    status: str
    ends_at: datetime | None


@cache
def _since(pattern: areas.Pattern) -> sa.Select[Any]:
    columns = [alerts.c[name] for name in Occurrence._fields]
    received = alerts.c.received_at >= b("since", type_=alerts.c.received_at.type)
    query = sa.select(*columns).where(alerts.c.org_id == b("org"), received)
    query = query.where(*areas.inside(pattern, alerts.c.cluster_id, alerts.c.namespace))
    return query.order_by(alerts.c.received_at.desc()).limit(b("limit", type_=sa.Integer))


def occurrences(tx: Transaction, within: Areas, *, since: datetime, limit: int) -> list[Occurrence]:
    values = {"org": tx.org_id, "since": since, "limit": limit, **areas.values_of(within)}
    return [Occurrence._make(row) for row in tx.execute(_since(areas.pattern_of(within)), values)]


def count_alerts(tx: Transaction, wanted: AlertFilter) -> int:
    return int(tx.execute(_count(*_shape(wanted)), _values(tx, wanted)).scalar_one())


def alert(tx: Transaction, alert_id: str) -> Alert | None:
    row = tx.execute(_ONE_ALERT, {"org": tx.org_id, "the_id": alert_id}).first()
    return None if row is None else records.from_row(Alert, row)


def known(tx: Transaction, receiver_id: str, occurrences: Collection[tuple[str, datetime]]) -> Mapping[tuple[str, datetime], Alert]:
    """The alerts of a receiver that occurred then or fire, with these fingerprints, by fingerprint and start."""
    values = {
        "org": tx.org_id,
        "receiver": receiver_id,
        "fingerprints": sorted({fingerprint for fingerprint, _ in occurrences}),
        "starts": sorted({start for _, start in occurrences}),
    }
    found = [records.from_row(Alert, row) for query in (_STARTED, _FIRING) for row in tx.execute(query, values)]
    return {(one.fingerprint, one.starts_at): one for one in found}


def add(tx: Transaction, made: Sequence[Alert]) -> None:
    if made:
        tx.execute(sa.insert(alerts), [records.row(one) | {"org_id": tx.org_id} for one in made])


def save(tx: Transaction, changed: Sequence[Alert]) -> None:
    for one in changed:
        values = {f"p_{name}": value for name, value in records.row(one).items() if name not in _OCCURRENCE}
        tx.execute(_SAVE, {"org": tx.org_id, "the_id": one.id, **values})


def may_join(tx: Transaction, cluster_id: str, *, since: datetime, limit: int) -> list[Alert]:
    values = {"org": tx.org_id, "cluster": cluster_id, "since": since, "limit": limit}
    return [records.from_row(Alert, row) for row in tx.execute(_MAY_JOIN, values)]


def due(tx: Transaction, limit: int) -> list[tuple[str, str]]:
    return [(row.org_id, row.id) for row in tx.execute(_DUE, {"now": tx.now, "limit": limit})]


def delete_old(tx: Transaction, *, before: datetime, limit: int) -> int:
    return tx.execute(_DELETE_OLD, {"before": before, "limit": limit}).rowcount
