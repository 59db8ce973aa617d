"""All SQL of the silences of Alertmanagers."""

import dataclasses
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam as b

from optral.alerts.silences import Matcher, Silence
from optral.alerts.tables import alert_silences as table
from optral.kit import records
from optral.store.transaction import Transaction

_NAMES = records.names(Silence)
_ALL = sa.select(*(table.c[name] for name in _NAMES)).where(table.c.org_id == b("org"))
_CURRENT = _ALL.where(table.c.ends_at > b("now", type_=table.c.ends_at.type)).order_by(table.c.ends_at, table.c.id)
_OF_WEBHOOK = _ALL.where(table.c.webhook_id == b("webhook"))
_INSERT = sa.insert(table)
_DELETE = sa.delete(table).where(table.c.org_id == b("org"), table.c.webhook_id == b("webhook"))
_DELETE_SOME = _DELETE.where(table.c.id.in_(b("ids", expanding=True)))


def current(tx: Transaction) -> list[Silence]:
    """Of all Alertmanagers of the organization, those that end first first."""
    return [_silence(row) for row in tx.execute(_CURRENT, {"org": tx.org_id, "now": tx.now})]


def of_webhook(tx: Transaction, webhook_id: str) -> list[Silence]:
    return [_silence(row) for row in tx.execute(_OF_WEBHOOK, {"org": tx.org_id, "webhook": webhook_id})]


def insert(tx: Transaction, made: Sequence[Silence]) -> None:
    if made:
        tx.execute(_INSERT, [records.row(one) | {"org_id": tx.org_id, "matchers": [list(each) for each in one.matchers]} for one in made])


def delete(tx: Transaction, webhook_id: str, ids: Collection[str]) -> None:
    if ids:
        tx.execute(_DELETE_SOME, {"org": tx.org_id, "webhook": webhook_id, "ids": sorted(ids)})


def delete_of(tx: Transaction, webhook_id: str) -> None:
    tx.execute(_DELETE, {"org": tx.org_id, "webhook": webhook_id})


def replace(tx: Transaction, webhook_id: str, found: Sequence[Silence], *, read_at: datetime) -> None:
    """Keep these of an Alertmanager, which were read then; one that was created since is kept too, and so is where one was created."""
    known = {one.id: one for one in of_webhook(tx, webhook_id)}
    wanted = {one.id: one for one in found}
    gone = {one.id for one in known.values() if one.id not in wanted and one.seen_at < read_at}
    changed = [one for one in wanted.values() if one.id not in known or _content(one) != _content(known[one.id])]
    delete(tx, webhook_id, gone | {one.id for one in changed})
    origins = {one.id: one.issue_id for one in known.values()}
    insert(tx, [dataclasses.replace(one, issue_id=origins.get(one.id)) for one in changed])


def _content(one: Silence) -> tuple[Any, ...]:
    return one.matchers, one.starts_at, one.ends_at, one.created_by, one.comment


def _silence(row: Any) -> Silence:
    return Silence(**{**row._mapping, "matchers": tuple(Matcher(*each) for each in row.matchers)})
