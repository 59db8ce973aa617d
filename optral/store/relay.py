"""Carries the news of hubs between the servers of one PostgreSQL database, by LISTEN and NOTIFY.

Nothing depends on it: a notification that is lost only means that followers look for themselves a little later, as they do anyway. What is
published is sent after its commit, in a transaction of its own and at most every 20 ms: a NOTIFY within the transaction of the change would
make PostgreSQL commit such transactions one after the other. One connection of each server listens.
"""

import asyncio
import json
import secrets
from collections.abc import Mapping
from contextlib import ExitStack
from functools import partial
from typing import Any

import msgspec
import psycopg
import sqlalchemy as sa
import structlog

from optral.kit.hub import Hub
from optral.kit.retry import Backoff
from optral.store.postgres import connection_arguments
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms.actor import system
from optral.terms.errors import Unavailable

CHANNEL = "optral_news"
GATHER_S = 0.02
MAX_KEYS = 1000  # of one hub, in one round; beyond that every follower of that hub is woken
MAX_BYTES = 7000  # PostgreSQL takes less than 8,000 in one notification
CHECK_EVERY_S = 30.0
CHECK_WITHIN_S = 10.0
_EVERY = "*"
_NOTIFY = sa.text(
    "SELECT set_config('synchronous_commit', 'off', true), pg_notify(:channel, payload) FROM unnest(CAST(:payloads AS text[])) AS payload"
)
_log = structlog.get_logger(__name__)


class Relay:
    """Own `run` as a task, on the loop of the hubs. `hubs` are by the name that other servers know them by."""

    def __init__(self, store: Store, url: str, hubs: Mapping[str, Hub[Any]]) -> None:
        self._store, self._url, self._hubs = store, url, hubs
        self._server = secrets.token_hex(8)  # to know our own notifications
        self._waiting: dict[str, set[str]] = {}
        self._news = asyncio.Event()
        self.counts = {"sent": 0, "received": 0, "interrupted": 0}
        """Since the start: notifications, and connections that did not listen or no longer do."""
        self.listening = asyncio.Event()
        """Set while the connection listens."""

    async def run(self) -> None:
        with ExitStack() as stack:
            for name, hub in self._hubs.items():
                stack.enter_context(hub.passing_on(partial(self._note, name)))
            async with asyncio.TaskGroup() as group:
                group.create_task(self._send_always(), name="notifications out")
                group.create_task(self._listen_always(), name="notifications in")

    def _note(self, name: str, key: str) -> None:
        keys = self._waiting.setdefault(name, set())
        if len(keys) < MAX_KEYS:
            keys.add(str(key))
        else:
            self._waiting[name] = {_EVERY}
        self._news.set()

    async def _send_always(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            waiting, self._waiting = self._waiting, {}
            payloads = [payload for name, keys in waiting.items() for payload in _payloads(self._server, name, keys)]
            try:
                await self._store.write(system(), partial(_notify, payloads=payloads))
            except Unavailable:
                pass  # the others look for themselves
            else:
                self.counts["sent"] += len(payloads)
            await asyncio.sleep(GATHER_S)

    async def _listen_always(self) -> None:
        backoff = Backoff(base_s=0.5, cap_s=15)
        while True:
            try:
                await self._listen(backoff)
            except (psycopg.Error, OSError, TimeoutError) as error:
                if self.listening.is_set() or not self.counts["interrupted"]:
                    _log.warning("no notifications from other servers for now; looking for changes instead", reason=_first_line(error))
                self.counts["interrupted"] += 1
            finally:
                self.listening.clear()
            await asyncio.sleep(backoff.next_s())

    async def _listen(self, backoff: Backoff) -> None:
        """Deliver what comes until the connection fails."""
        async with await psycopg.AsyncConnection.connect(**connection_arguments(self._url), autocommit=True) as connection:
            await connection.execute(f"LISTEN {CHANNEL}")
            self.listening.set()
            if self.counts["interrupted"]:
                _log.info("notifications from other servers arrive again")
            for hub in self._hubs.values():
                hub.deliver_all()  # for what was sent while nobody listened
            while True:
                async for notification in connection.notifies(timeout=CHECK_EVERY_S):
                    self._deliver(notification.payload)
                async with asyncio.timeout(CHECK_WITHIN_S):
                    await connection.execute("SELECT 1")  # a peer that is gone without a word is noticed
                backoff.reset()

    def _deliver(self, payload: str) -> None:
        try:
            server, name, keys = msgspec.json.decode(payload, type=tuple[str, str, list[str]])
        except msgspec.DecodeError:
            return  # not from us, or from a version that we do not know
        hub = self._hubs.get(name)
        if server == self._server or hub is None:
            return
        self.counts["received"] += 1
        if _EVERY in keys:
            hub.deliver_all()
        for key in keys:
            hub.deliver(key)


def _notify(tx: Transaction, *, payloads: list[str]) -> None:
    tx.execute(_NOTIFY, {"channel": CHANNEL, "payloads": payloads})


def _payloads(server: str, name: str, keys: set[str]) -> list[str]:
    """The keys in as many notifications as they need."""
    payloads: list[str] = []
    some: list[str] = []
    size = 0
    for key in sorted(keys):
        size += len(json.dumps(key)) + 2
        if some and size > MAX_BYTES:
            payloads.append(json.dumps([server, name, some]))
            some, size = [], len(key)
        some.append(key)
    return [*payloads, json.dumps([server, name, some])]


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).partition("\n")[0]
