"""All SQL of threads: what an issue is in another system, such as a message in a chat or a ticket, for each webhook.

Write a thread before the first request that creates it there, and its remote id after. A thread without a remote id is one whose creation
was not confirmed: look for it in the other system before you create it again.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam as b

from optral.kit import records
from optral.store.transaction import Transaction
from optral.webhooks.tables import threads


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """`remote_id` is its id in the other system, None until it is confirmed; `remote_url` where people open it; `state` what the sender
    noted of it."""

    webhook_id: str
    issue_id: str
    remote_id: str | None = None
    remote_url: str | None = None
    state: Mapping[str, Any] = field(default_factory=dict)
    created_at: datetime
    updated_at: datetime


_NAMES = records.names(Thread)
_ALL = sa.select(*(threads.c[name] for name in _NAMES)).where(threads.c.org_id == b("org"))
_OF_ISSUE = _ALL.where(threads.c.issue_id == b("issue")).order_by(threads.c.webhook_id)
_ONE = _OF_ISSUE.where(threads.c.webhook_id == b("webhook"))
_OF_REMOTE = _ALL.where(threads.c.webhook_id == b("webhook"), threads.c.remote_id == b("remote")).order_by(threads.c.issue_id)
_THIS = sa.and_(threads.c.org_id == b("org"), threads.c.webhook_id == b("webhook"), threads.c.issue_id == b("issue"))
_INSERT = sa.insert(threads)
_CHANGED = ("remote_id", "remote_url", "state", "updated_at")
_UPDATE = sa.update(threads).where(_THIS).values({name: b("p_" + name, type_=threads.c[name].type) for name in _CHANGED})
_DELETE = sa.delete(threads).where(_THIS)
_DELETE_OF = sa.delete(threads).where(threads.c.org_id == b("org"), threads.c.webhook_id == b("webhook"))
_AMONG = sa.select(threads.c.issue_id).where(
    threads.c.org_id == b("org"), threads.c.webhook_id == b("webhook"), threads.c.issue_id.in_(b("among", expanding=True))
)
_OLD = (
    sa.select(threads.c.org_id, threads.c.webhook_id, threads.c.issue_id)
    .where(threads.c.updated_at < b("before", type_=threads.c.updated_at.type))
    .order_by(threads.c.updated_at)
    .limit(b("limit", type_=sa.Integer))
)
_TOUCH = sa.update(threads).where(_THIS).values(updated_at=b("now", type_=threads.c.updated_at.type))


def get(tx: Transaction, webhook_id: str, issue_id: str) -> Thread | None:
    row = tx.execute(_ONE, {"org": tx.org_id, "webhook": webhook_id, "issue": issue_id}).first()
    return None if row is None else records.from_row(Thread, row)


def of_issue(tx: Transaction, issue_id: str) -> list[Thread]:
    """What an issue is in other systems, by webhook."""
    return [records.from_row(Thread, row) for row in tx.execute(_OF_ISSUE, {"org": tx.org_id, "issue": issue_id})]


def of_remote(tx: Transaction, webhook_id: str, remote_id: str) -> list[Thread]:
    """The issues that have this message or ticket."""
    found = tx.execute(_OF_REMOTE, {"org": tx.org_id, "webhook": webhook_id, "remote": remote_id})
    return [records.from_row(Thread, row) for row in found]


def begin(tx: Transaction, webhook_id: str, issue_id: str) -> tuple[Thread, bool]:
    """The thread of an issue, and whether it was written by this call. Call it in a transaction before the one that creates it there."""
    if (known := get(tx, webhook_id, issue_id)) is not None:
        if known.remote_id is None:  # as late as this, it may be created there
            touch(tx, [(webhook_id, issue_id)])
        return known, False
    begun = Thread(webhook_id=webhook_id, issue_id=issue_id, created_at=tx.now, updated_at=tx.now)
    tx.execute(_INSERT, records.row(begun) | {"org_id": tx.org_id})
    return begun, True


def save(tx: Transaction, thread: Thread) -> bool:
    """Keep its remote id, address and state as of now; False when it was deleted meanwhile."""
    values = records.row(thread) | {"updated_at": tx.now}
    given = {"p_" + name: values[name] for name in _CHANGED}
    return tx.execute(_UPDATE, {"org": tx.org_id, "webhook": thread.webhook_id, "issue": thread.issue_id, **given}).rowcount == 1


def delete(tx: Transaction, webhook_id: str, issue_id: str) -> None:
    """Delete the thread of an issue: the next change creates another."""
    tx.execute(_DELETE, {"org": tx.org_id, "webhook": webhook_id, "issue": issue_id})


def delete_of(tx: Transaction, webhook_id: str) -> None:
    tx.execute(_DELETE_OF, {"org": tx.org_id, "webhook": webhook_id})


def among(tx: Transaction, webhook_id: str, issue_ids: Collection[str]) -> frozenset[str]:
    """Those of the issues that have a thread of this webhook."""
    return frozenset(tx.execute(_AMONG, {"org": tx.org_id, "webhook": webhook_id, "among": sorted(issue_ids)}).scalars())


def old(tx: Transaction, *, before: datetime, limit: int) -> list[tuple[str, str, str]]:
    """(organization id, webhook id, issue id) of up to `limit` threads that last changed before that moment; of all organizations."""
    return [(row.org_id, row.webhook_id, row.issue_id) for row in tx.execute(_OLD, {"before": before, "limit": limit})]


def touch(tx: Transaction, pairs: Sequence[tuple[str, str]]) -> None:
    """Keep these threads (webhook id, issue id) as if they had changed now."""
    for webhook_id, issue_id in pairs:
        tx.execute(_TOUCH, {"org": tx.org_id, "webhook": webhook_id, "issue": issue_id, "now": tx.now})
