"""Sets of objects with the same namespace, base name and labels, for search and label filters; the place of pods, for the map of a cluster.

Computes the set of every stored object: about 20 us each. The rules are those of the day of this migration, on purpose.
"""

import hashlib
import json
import re
import time
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from optral.store import tenancy

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

BATCH = 5_000
TERM = sa.String(length=64).with_variant(postgresql.VARCHAR(length=64, collation="C"), "postgresql")
_GENERATED = "bcdfghjklmnpqrstvwxz2456789"
_OF_POD = re.compile(rf"(?:-[{_GENERATED}]{{8,10}})?-[{_GENERATED}]{{5}}$")
_SCHEDULED = re.compile(r"^(.+)-\d{8,10}$")
_WORD = re.compile(r"[a-z0-9]+")
_SPEAKABLE = re.compile(r"(?=.*[aeiouy])[a-z]{3,}")


def upgrade() -> None:
    _create()
    _fill()
    op.create_index("ix_resources_set", "resources", ["org_id", "set_number"])


def _create() -> None:
    op.add_column("resources", sa.Column("set_number", sa.BigInteger(), nullable=True))
    op.add_column("resources", sa.Column("place", sa.String(length=300), nullable=True))
    op.create_table(
        "resource_sets",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("cluster_id", sa.String(length=30), nullable=False),
        sa.Column("namespace", sa.String(length=253), nullable=False),
        sa.Column("name", sa.String(length=253), nullable=False),
        sa.Column("is_derived", sa.Boolean(), nullable=False),
        sa.Column("labels", sa.Text(), nullable=False),
        sa.Column("checked_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_resource_sets")),
    )
    op.create_index("ix_resource_sets_checked_at", "resource_sets", ["checked_at"])
    op.create_index("ix_resource_sets_cluster_id", "resource_sets", ["org_id", "cluster_id", "number"])
    op.create_table(
        "resource_names",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("term", TERM, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("cluster_id", sa.String(length=30), nullable=False),
        sa.Column("namespace", sa.String(length=253), nullable=False),
        sa.Column("name", sa.String(length=253), nullable=False),
        sa.Column("is_derived", sa.Boolean(), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "term", "number", name=op.f("pk_resource_names")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "resource_labels",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("org_id", "label", "number", name=op.f("pk_resource_labels")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "resource_words",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("word", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "word", name=op.f("pk_resource_words")),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "postgresql":
        for table in ("resource_sets", "resource_names", "resource_labels", "resource_words"):
            for statement in tenancy.policy(table):
                op.execute(statement)


def _fill() -> None:
    connection = op.get_bind()
    sets = _Sets(connection)
    for rows in _batches(connection):
        sets.take(rows)


def _batches(connection: sa.Connection) -> Iterator[list[Any]]:
    columns = "id, org_id, cluster_id, namespace, name, owner_kind, owner_name, CAST(labels AS TEXT) AS labels"
    page = sa.text(f"SELECT {columns} FROM resources WHERE id > :after ORDER BY id LIMIT :size")
    after = ""
    while rows := list(connection.execute(page, {"after": after, "size": BATCH}).all()):
        yield rows
        after = rows[-1].id


class _Sets:
    """What is known of the sets so far, so that each is stored once."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._known: set[int] = set()
        self._words: set[tuple[str, str]] = set()
        self._now = time.time_ns() // 1000

    def take(self, rows: list[Any]) -> None:
        numbers = []
        new: dict[int, tuple[Any, str, bool, dict[str, str], str]] = {}
        for row in rows:
            labels = {str(name): str(value) for name, value in (json.loads(row.labels or "{}") or {}).items()}
            text = json.dumps(labels, separators=(",", ":"), ensure_ascii=False, sort_keys=True)
            base = _base(row, labels)
            said = "\0".join((row.cluster_id, row.namespace, base, str(base != row.name), text))
            number = int.from_bytes(hashlib.blake2b(said.encode(), digest_size=8).digest(), "big") >> 1
            numbers.append({"set_number": number, "id": row.id})
            if number not in self._known:
                self._known.add(number)
                new[number] = (row, base, base != row.name, labels, text)
        self._connection.execute(sa.text("UPDATE resources SET set_number = :set_number WHERE id = :id"), numbers)
        self._store(new)

    def _store(self, new: dict[int, tuple[Any, str, bool, dict[str, str], str]]) -> None:
        sets, names, labels, words = [], [], [], []
        for number, (row, base, is_derived, pairs, text) in new.items():
            place = {"org_id": row.org_id, "number": number}
            of = {**place, "cluster_id": row.cluster_id, "namespace": row.namespace, "name": base, "is_derived": is_derived}
            sets.append({**of, "labels": text, "checked_at": self._now})
            names += [{**of, "term": term, "place": at} for term, at in _terms(base).items()]
            labels += [{**place, "label": label} for label in dict.fromkeys(f"{name}={value}"[:400] for name, value in pairs.items())]
            words += [(row.org_id, word[0][:64]) for word in _WORD.finditer(base.lower()) if _SPEAKABLE.fullmatch(word[0])]
        self._insert("resource_sets", sets)
        self._insert("resource_names", names)
        self._insert("resource_labels", labels)
        fresh = dict.fromkeys(one for one in words if one not in self._words)
        self._words.update(fresh)
        self._insert("resource_words", [{"org_id": org_id, "word": word} for org_id, word in fresh])

    def _insert(self, table: str, rows: list[dict[str, Any]]) -> None:
        if rows:
            names = list(rows[0])
            values = ", ".join(f":{name}" for name in names)
            self._connection.execute(sa.text(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({values})"), rows)


def _base(row: Any, labels: dict[str, str]) -> str:
    owner: str | None = row.owner_name
    if not row.owner_kind or not owner or not (row.name == owner or row.name.startswith(f"{owner}-")):
        return str(row.name)
    if row.owner_kind == "Pod":
        return _OF_POD.sub("", owner) or owner
    if row.owner_kind == "ReplicaSet.apps":
        for name in ("pod-template-hash", "rollouts-pod-template-hash"):
            suffix = f"-{labels.get(name, '')}"
            if len(suffix) > 1 and owner.endswith(suffix) and len(owner) > len(suffix):
                return owner[: -len(suffix)]
    elif row.owner_kind == "Job.batch" and (match := _SCHEDULED.match(owner)):
        return match.group(1)
    return owner


def _terms(name: str) -> dict[str, int]:
    lowered = name.lower()
    found: dict[str, int] = {lowered[:64]: 0}
    for word in _WORD.finditer(lowered):
        found.setdefault(lowered[word.start() : word.start() + 64], word.start())
    return found
