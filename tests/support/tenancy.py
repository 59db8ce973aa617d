"""Checks SQL statements: each statement on a tenant table for an organization must filter by `org_id`.

PostgreSQL also has row-level security; SQLite has only this check. Transactions of the system across organizations (`org_id` None) are
exempt.
"""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from optral.store import tenancy
from optral.store.metadata import metadata
from optral.store.transaction import Transaction

_TABLE = re.compile(r'\b(?:FROM|JOIN|UPDATE|INTO)\s+"?(\w+)"?', re.IGNORECASE)
_WHERE = re.compile(r"\b(?:WHERE|ON|JOIN)\b(.*?)(?:\bRETURNING\b.*)?$", re.IGNORECASE | re.DOTALL)


@lru_cache(8192)  # the same few hundred statements, a hundred thousand times
def forgets_org(statement: str, tenants: frozenset[str]) -> str | None:
    """The tenant table that the statement touches without a condition on `org_id`, if any."""
    touched = sorted(tenants.intersection(_TABLE.findall(statement)))
    if not touched:
        return None
    if statement.lstrip()[:6].upper() == "INSERT":  # the column is NOT NULL: an insert names it or fails
        return None if "org_id" in statement else touched[0]
    condition = _WHERE.search(statement)
    return touched[0] if condition is None or "org_id" not in condition.group(1) else None


class _Watch(threading.local):
    """Of this thread: whether the statement at hand is an organization's."""

    strict = False


_inside = _Watch()
_violations: list[str] = []  # of the test at hand


@cache
def _listen() -> None:
    """Look at every statement from now on, once a process: to begin and end with each test takes longer than most tests ask."""
    tenants = frozenset(table.name for table in tenancy.tenant_tables(metadata))

    def check(_connection: sa.Connection, _cursor: Any, statement: str, _parameters: Any, _context: Any, _many: bool) -> None:
        if _inside.strict and (table := forgets_org(statement, tenants)):
            _violations.append(f"{table} without org_id: {statement}")
            raise AssertionError(_violations[-1])

    event.listen(sa.Engine, "before_cursor_execute", check)


def _watching(execute: Callable[..., Any]) -> Callable[..., Any]:
    def watching(tx: Transaction, *arguments: Any, **options: Any) -> Any:
        _inside.strict = tx.actor.org_id is not None
        try:
            return execute(tx, *arguments, **options)
        finally:
            _inside.strict = False

    return watching


@contextmanager
def watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Watch every statement of every transaction; yields the violations. A violation also raises where it happens."""
    _listen()
    _violations.clear()
    for name in ("execute", "fetch", "send", "send_many"):
        monkeypatch.setattr(Transaction, name, _watching(getattr(Transaction, name)))
    yield _violations
