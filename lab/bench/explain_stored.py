"""What an explanation costs when its evidence is read from a database: clusters of growing size, namespaces of five hundred objects."""

import asyncio
import gc
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec

from lab.bench import explain
from lab.bench.rows import Options, Row
from optral.analysis.engine import engine
from optral.analysis.model import Question
from optral.analysis.reading import logs as log_reader
from optral.analysis.reading.snapshot import SYSTEM_NAMESPACE, LogKey
from optral.analysis.reading.stored_snapshot import StoredSnapshot
from optral.flows.analysis.evidence_source import LazyReservations, Reservations, StoredSource
from optral.kit.clock import SystemClock
from optral.kube.changes import ObjectChange, Op
from optral.kube.kinds import EVENT
from optral.resources import reports
from optral.server import schema
from optral.store.sqlite import SqliteStore, write_engine
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import ids
from optral.terms.actor import Actor, agent
from optral.terms.ids import ClusterId, OrgId
from tests.analysis.cluster import NAMESPACE, NOON, VISIBLE

SIZES = (500, 5_000, 50_000)
WANTED_MS = 30
FLAT = 1.5
ROUNDS = 10
AT_ONCE = 500  # objects stored in one transaction


def explain_stored(_: Options) -> Iterator[Row]:
    """CPU of the 95th of a hundred explanations, and of the median beside that in the smallest cluster."""
    smallest = 0.0
    for size in SIZES:
        took = asyncio.run(_measured(size))
        worst, middle = statistics.quantiles(took, n=20)[-1], statistics.median(took)
        smallest = smallest or middle
        yield Row(f"CPU of an explanation in {size:,} stored objects, p95", worst, "ms", f"<= {WANTED_MS}", worst <= WANTED_MS)
        yield Row(
            f"  median in {size:,}",
            middle,
            "ms",
            f"<= {FLAT}x",
            middle <= FLAT * smallest,
            f"in {SIZES[0]} {smallest:.1f} ms",
            middle / smallest,
        )


async def _measured(size: int) -> list[float]:
    rows, questions, logs, _ = explain.namespace()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "optral.db"
        made = write_engine(path)
        with made.begin() as connection:
            schema.create_all(connection)
        made.dispose()
        store = SqliteStore.open(path, SystemClock())
        try:
            cluster_id = ClusterId(ids.new("cls"))
            who = agent(OrgId(ids.new("org")), cluster_id)
            await _fill(store, who, cluster_id, list(_changes(rows, size)))
            return await _explained(store, who, cluster_id, questions, logs)
        finally:
            await store.close()


def _changes(rows: Sequence[tuple[str, bytes]], size: int) -> Iterator[ObjectChange]:
    """The namespace of the questions, and as many others as the size asks for."""
    bodies: list[dict[str, Any]] = [msgspec.json.decode(raw) for _, raw in rows]
    for number, start in enumerate(range(0, size, len(rows))):
        space = NAMESPACE if number == 0 else f"team-{number}"
        for (kind, _), body in zip(rows[: size - start], bodies, strict=False):
            metadata = body["metadata"]
            if not metadata.get("namespace"):
                if number == 0:
                    yield _change(kind, body)
                continue
            yield _change(kind, _in(space, number, body))


def _in(space: str, number: int, body: Mapping[str, Any]) -> dict[str, Any]:
    text = msgspec.json.encode(body).replace(b'"uid":"', b'"uid":"%d-' % number)
    moved: dict[str, Any] = msgspec.json.decode(text)
    moved["metadata"]["namespace"] = space
    return moved


def _change(kind: str, body: Mapping[str, Any]) -> ObjectChange:
    metadata = body["metadata"]
    version = metadata.get("resourceVersion", "1")
    return ObjectChange(
        Op.UPSERT, kind, metadata["uid"], metadata.get("namespace", ""), metadata["name"], version, msgspec.json.encode(body)
    )


async def _fill(store: Store, who: Actor, cluster_id: ClusterId, changes: Sequence[ObjectChange]) -> None:
    for start in range(0, len(changes), AT_ONCE):
        part = changes[start : start + AT_ONCE]

        def save(tx: Transaction, part: Sequence[ObjectChange] = part) -> None:
            reports.apply(tx, cluster_id, [one for one in part if one.kind != EVENT.id], offset=timedelta())
            reports.apply_events(tx, cluster_id, part, offset=timedelta())

        await store.write(who, save)


async def _explained(
    store: Store, who: Actor, cluster_id: ClusterId, questions: Sequence[Question], logs: Mapping[LogKey, str]
) -> list[float]:
    """Milliseconds of CPU of each explanation; the first round, in which reservations are read for the first time, counts too."""
    took, reservations = [], Reservations()
    gc.collect()
    gc.freeze()  # as the server does when it has started
    for _ in range(ROUNDS):
        for question in questions:
            log_reader.forget()
            began = time.process_time()
            await store.read(who, lambda tx, asked=question: _explain(tx, cluster_id, asked, logs, reservations))
            took.append((time.process_time() - began) * 1000)
    return took


def _explain(tx: Transaction, cluster_id: ClusterId, question: Question, logs: Mapping[LogKey, str], reservations: Reservations) -> None:
    spaces = [NAMESPACE, SYSTEM_NAMESPACE]
    source = StoredSource(tx, cluster_id, namespaces=spaces, kinds=VISIBLE, events_since=NOON - timedelta(days=36_500))
    elsewhere = LazyReservations(lambda: reservations.outside(tx, cluster_id, ["", *spaces]))
    snap = StoredSnapshot(source, now=NOON, visible=VISIBLE, logs=logs, reservations=elsewhere)
    if engine.explain(engine.investigate(question, snap)).root_cause is None:
        raise RuntimeError(f"nothing was found for {question.type}")


ROWS = {"explain-stored": explain_stored}
