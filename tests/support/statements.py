"""Counts what a store sends to its database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from optral.store.postgres import PostgresStore
from optral.store.sqlite import SqliteStore
from optral.store.store import Store


@contextmanager
def of(store: Store) -> Iterator[list[str]]:
    """The statements of writes, and on PostgreSQL of reads, within the block; an `executemany` is one. COMMIT is not among them."""
    assert isinstance(store, SqliteStore | PostgresStore)
    engine = store._writer if isinstance(store, SqliteStore) else store._transactions
    sent: list[str] = []

    def on_execute(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    event.listen(engine, "before_cursor_execute", on_execute)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", on_execute)
