"""All SQL of connection attempts: one row for each subject and code, counted up."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import bindparam as b
from sqlalchemy.dialects import postgresql, sqlite

from optral.clusters.connection import Attempt, Code, Contact
from optral.clusters.tables import connection_attempts as attempts, enrollment_tokens as tokens, fleet_tokens
from optral.kit.printable import one_line
from optral.store.dialects import by_dialect
from optral.store.transaction import Transaction

_KEY = ("org_id", "subject_id", "code")
_OF = sa.and_(attempts.c.org_id == b("org"), attempts.c.subject_id == b("subject"))
_FIND = sa.select(*(column for column in attempts.c if column.name != "count"), attempts.c.count.label("number")).where(_OF)
_FORGET = sa.delete(attempts).where(_OF)
_NEWEST_TOKEN = sa.select(sa.func.max(tokens.c.created_at)).where(tokens.c.org_id == b("org"), tokens.c.cluster_id == b("subject"))
_HINTED = sa.union_all(
    *(
        sa.select(table.c.org_id, subject.label("subject_id")).where(table.c.hash >= b("low"), table.c.hash < b("high"))
        for table, subject in ((tokens, tokens.c.cluster_id), (fleet_tokens, fleet_tokens.c.id))
    )
).limit(2)


def _record(dialect: str) -> sa.Executable:
    statement = (sqlite.insert if dialect == "sqlite" else postgresql.insert)(attempts)
    newest = {name: statement.excluded[name] for name in ("last_at", "address", "agent_version", "clock_offset_ms")}
    saved: sa.Executable = statement.on_conflict_do_update(index_elements=list(_KEY), set_={"count": attempts.c.count + 1, **newest})
    return saved


_RECORD = by_dialect(_record)


def record(tx: Transaction, subject_id: str, code: Code, contact: Contact) -> None:
    """Count an attempt of a cluster or a fleet token; the last one's details replace those before."""
    tx.execute(
        _RECORD[tx.dialect],
        {
            "org_id": tx.org_id,
            "subject_id": subject_id,
            "code": code.value,
            "count": 1,
            "first_at": tx.now,
            "last_at": tx.now,
            "address": one_line(contact.address[:64]),
            "agent_version": one_line(contact.agent_version[:100]),
            "clock_offset_ms": contact.clock_offset_ms,
        },
    )


def find(tx: Transaction, subject_id: str) -> tuple[Attempt, ...]:
    """What was seen of a cluster or a fleet token, one for each code, in no order."""
    rows = tx.execute(_FIND, {"org": tx.org_id, "subject": subject_id})
    return tuple(
        Attempt(
            code=Code(row.code),
            count=row.number,
            first_at=row.first_at,
            last_at=row.last_at,
            address=row.address,
            agent_version=row.agent_version,
            clock_offset_ms=row.clock_offset_ms,
        )
        for row in rows
    )


def forget(tx: Transaction, subject_id: str) -> None:
    tx.execute(_FORGET, {"org": tx.org_id, "subject": subject_id})


def newest_token_at(tx: Transaction, cluster_id: str) -> datetime | None:
    """When the cluster's newest token was created; None without one."""
    found: datetime | None = tx.execute(_NEWEST_TOKEN, {"org": tx.org_id, "subject": cluster_id}).scalar_one()
    return found


def hinted(tx: Transaction, hint: str) -> tuple[str, str] | None:
    """(organization, cluster or fleet token) of the only token whose SHA-256 begins with these digits.

    The system asks, of all organizations.
    """
    rows = tx.execute(_HINTED, {"low": hint, "high": hint + "g"}).all()
    return (rows[0].org_id, rows[0].subject_id) if len(rows) == 1 else None
