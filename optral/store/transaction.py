"""A transaction as the packages see it: a connection, who acts, when, and what to do once it is committed.

A job has no effect outside its transaction: it may be run again after its group failed. Whatever must happen outside is
registered with `on_commit` or `publish` and is dropped with a rollback.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa
import structlog

from optral.kit.hub import News, Topic
from optral.store import prepared
from optral.store.prepared import Prepared, Values
from optral.terms.actor import Actor, ActorKind
from optral.terms.ids import OrgId

K = TypeVar("K")
_log = structlog.get_logger(__name__)


class Transaction:
    """One unit of work of one actor. `now` is the server's time at its start, the same for all that is written in it."""

    __slots__ = ("_news", "_on_commit", "actor", "connection", "dialect", "now")

    def __init__(self, connection: sa.Connection, actor: Actor, now: datetime) -> None:
        self.connection = connection
        self.actor = actor
        self.now = now
        self.dialect: str = connection.dialect.name
        self._on_commit: list[Callable[[], None]] = []
        self._news: list[News] = []

    @property
    def org_id(self) -> OrgId:
        """The organization acted for. A programming error when the system acts across organizations."""
        if self.actor.org_id is None:
            raise RuntimeError("this work needs an organization; the actor has none")
        return self.actor.org_id

    def acting_for(self, org_id: OrgId) -> "Transaction":
        """This same transaction, acting for one organization: for the system, which at set-up creates the organization that it then acts
        for."""
        if self.actor.org_id not in (None, org_id):
            raise RuntimeError("a transaction of one organization cannot act for another")
        acting = Transaction(self.connection, replace(self.actor, org_id=org_id), self.now)
        acting._on_commit, acting._news = self._on_commit, self._news
        return acting

    def acting_as(self, person_id: str) -> "Transaction":
        """This same transaction, acting as a person of its organization: for the system, which knows who somebody is before they are
        signed in. It has no scopes.
        """
        if self.actor.kind is not ActorKind.SYSTEM:
            raise RuntimeError("only the system acts as a person")
        acting = Transaction(self.connection, replace(self.actor, kind=ActorKind.PERSON, id=person_id), self.now)
        acting._on_commit, acting._news = self._on_commit, self._news
        return acting

    def execute(
        self, statement: sa.Executable, parameters: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> sa.CursorResult[Any]:
        """Run a prebuilt statement; a list of parameters runs it once per row (executemany)."""
        return self.connection.execute(statement, parameters)

    def fetch(self, statement: Prepared, values: Values) -> list[Any]:
        """The rows of a query of the hot path, as named tuples."""
        return prepared.fetch(self.connection, statement, values)

    def send(self, statement: Prepared, values: Values) -> int:
        """Run a statement of the hot path that returns no rows; returns how many rows it changed."""
        return prepared.send(self.connection, statement, values)

    def send_many(self, statement: Prepared, rows: Sequence[Values]) -> None:
        """Run a statement of the hot path once per row (executemany)."""
        prepared.send_many(self.connection, statement, rows)

    def on_commit(self, effect: Callable[[], None]) -> None:
        """Run on the store's thread right after the commit, before any later job sees the database. Must not raise or block."""
        self._on_commit.append(effect)

    def publish(self, topic: Topic[K], key: K) -> None:
        """Wake the followers of this key, on the event loop, after the commit."""
        self._news.append((topic, key))

    def committed(self) -> list[News]:
        """For the store alone: run the effects of the commit, and return what to publish on the event loop."""
        for effect in self._on_commit:
            try:
                effect()
            except Exception:  # noqa: BLE001 - the rows are committed: a failing effect must not look like a failed write
                _log.exception("an effect of a committed transaction failed")
        return self._news
