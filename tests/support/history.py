"""History in bulk: copies of rows that were made through the API, with other ids and earlier times, written by the database itself.

A copy keeps whatever its original holds, so it can be read and shown like it. Ten million rows take a few minutes on either engine.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from optral.server import schema

CHUNK = 250_000  # rows in a statement
MILLION = 1_000_000
DAYS = 30
_SPAN_US = DAYS * 24 * 3600 * MILLION
_TABLES = schema.gather().tables


@dataclass(frozen=True)
class Copies:
    """How many rows of a table one million rows of history have, and the columns in which a copy differs from its original.

    In the SQL of a column, `{n}` is the number of the copy (a higher one is newer), `{id:abc}` an id with this prefix and that number,
    `{of:issues:abc}` the id of one of the copied issues, and `{at:column}` the original's time, moved back. `log` is the table with the
    highest `seq` of a log: copies go on from there. `is_present`: the rows are not history, but what is there now.
    """

    table: str
    share: int
    columns: dict[str, str] = field(default_factory=dict)
    log: str = ""
    is_present: bool = False


def _at(*columns: str) -> dict[str, str]:
    return {column: f"{{at:{column}}}" for column in columns}


_MOVED = _at("detected_at", "first_seen_at", "last_seen_at", "moved_at")
_RESOLVED = {"status": "'resolved'", "status_rank": "3", "resolved_at": "{at:detected_at}"}
_ENDED = {"lock": "NULL", "due_at": "NULL", "status": "'succeeded'"}
_FAILED = {"status": "'failed'", "due_at": "NULL"}
COPIES = (
    Copies(
        "resources", 20_000, {"id": "{id:res}", "uid": "{id:uid}", "name": "o.name || '-' || {n}", **_at("updated_at")}, is_present=True
    ),
    Copies("issues", 19_000, {"id": "{id:iss}", "fingerprint": "{id:fpr}", **_MOVED, **_RESOLVED}),
    Copies("issue_texts", 19_000, {"issue_id": "{id:iss}"}),
    Copies("issues", 1_000, {"id": "{id:isl}", "fingerprint": "{id:fpl}", **_MOVED}, is_present=True),
    Copies("executions", 10_000, {"id": "{id:exe}", **_ENDED, **_at("created_at", "finished_at")}),
    Copies("execution_steps", 20_000, {"id": "{id:stp}", "execution_id": "{of:executions:exe}", "position": "{n}", "lock": "NULL"}),
    Copies("execution_logs", 40_000, {"execution_id": "{of:executions:exe}", "offset": "{n}", **_at("at")}),
    Copies("resource_history", 280_000, {"resource_id": "{of:resources:res}", "revision": "{n}", **_at("at")}),
    Copies("kubernetes_events", 150_000, {"uid": "{id:evt}", "object_uid": "{of:resources:uid}", **_at("last_at", "seen_at")}),
    Copies("audit_records", 150_000, {"seq": "o.seq + s.n", "id": "{id:aud}", **_at("at")}, log="audit_heads"),
    Copies("events", 100_000, {"seq": "o.seq + s.n", **_at("at")}, log="event_heads"),
    Copies("issue_activity", 80_000, {"id": "{id:act}", "issue_id": "{of:issues:iss}", **_at("at")}),
    Copies("webhook_deliveries", 80_000, {"id": "{id:dlv}", "event_seq": "-{n}", "due_at": "NULL", **_at("created_at")}),
    Copies(
        "analyses", 20_000, {"id": "{id:ana}", "issue_id": "{of:issues:iss}", "status": "'failed'", "due_at": "NULL", **_at("created_at")}
    ),
    Copies("issue_comments", 15_000, {"id": "{id:cmt}", "issue_id": "{of:issues:iss}", **_at("created_at")}),
    Copies(
        "alerts",
        20_000,
        {"id": "{id:alt}", "fingerprint": "{id:fpa}", "due_at": "NULL", "status": "'resolved'", **_at("received_at", "last_received_at")},
    ),
    Copies("commands", 10_000, {"id": "{id:cmd}", **_at("created_at", "finished_at")}),
    Copies("captured_logs", 5_000, {"issue_id": "{of:issues:iss}", "pod": "o.pod || '-' || {n}", "due_at": "NULL", **_at("captured_at")}),
)
GROWING = frozenset(copies.table for copies in COPIES)


PRESENT = tuple(copies for copies in COPIES if copies.is_present)
PAST = tuple(copies for copies in COPIES if not copies.is_present)


def add(connection: sa.Connection, *, rows: int, present: int = 0, which: Sequence[Copies] = COPIES) -> Iterator[str]:
    """Write so many rows in all, yielding the name of each table that is done; `present` are so many that an earlier call wrote.

    Each table must hold a row to copy. The caller commits, after each table if there are many rows.
    """
    for copies in which:
        count, past = _count(copies, rows), _count(copies, present) if present else 0
        original = _original(copies)
        if copies.log:  # what was there first is older than what comes now
            connection.exec_driver_sql(f'UPDATE "{copies.table}" SET at = at - {_SPAN_US}')
            base = connection.exec_driver_sql(f'SELECT max(seq) FROM "{copies.table}"').scalar_one()
            original = f'SELECT * FROM "{copies.table}" WHERE seq = {base}'
        for first in range(1, count + 1, CHUNK):
            numbers = (first, min(first + CHUNK - 1, count))
            connection.exec_driver_sql(_insert(copies, connection.dialect.name, original, numbers, rows=rows, past=past))
        if copies.log:
            newest = f'SELECT max(seq) FROM "{copies.table}" AS t WHERE t.org_id = "{copies.log}".org_id'
            connection.exec_driver_sql(f'UPDATE "{copies.log}" SET seq = ({newest})')
        yield copies.table


def _count(copies: Copies, rows: int) -> int:
    return max(1, rows * copies.share // MILLION)


def _original(copies: Copies) -> str:
    """The row with the largest key: ids of copies begin with zeros, those of others with the time."""
    keys = ", ".join(f'"{column.name}" DESC' for column in _TABLES[copies.table].primary_key)
    return f'SELECT * FROM "{copies.table}" ORDER BY {keys} LIMIT 1'


def _insert(copies: Copies, dialect: str, original: str, numbers: tuple[int, int], *, rows: int, past: int) -> str:
    first, last = numbers
    names = [column.name for column in _TABLES[copies.table].columns]
    assert copies.columns.keys() <= set(names), copies.columns.keys() - set(names)
    values = ", ".join(
        _value(copies.columns[name], copies, dialect, rows, past) if name in copies.columns else f'o."{name}"' for name in names
    )
    series = f"(SELECT * FROM generate_series({first}, {last})) AS s(n)"
    if dialect == "sqlite":
        series = f"(WITH RECURSIVE r(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM r WHERE n < {last}) SELECT n FROM r) AS s"
    columns = ", ".join(f'"{name}"' for name in names)
    return f'INSERT INTO "{copies.table}" ({columns}) SELECT {values} FROM {series} CROSS JOIN ({original}) AS o'


def _value(given: str, copies: Copies, dialect: str, rows: int, past: int) -> str:
    number = f"({past} + s.n)"
    if not given.startswith("{") or given == "{n}":
        return given.replace("{n}", number)
    word, *more = given.strip("{}").split(":")
    if word == "at":
        count = _count(copies, rows)
        return f'o."{more[0]}" - ({count} - s.n) * CAST({max(1, _SPAN_US // count)} AS BIGINT)'
    if word == "of":
        parents = _count(next(one for one in COPIES if one.table == more[0]), rows)
        number = f"(1 + s.n - s.n / {parents} * {parents})"
    prefix = more[-1]
    return f"printf('{prefix}_%026d', {number})" if dialect == "sqlite" else f"'{prefix}_' || lpad({number}::text, 26, '0')"
