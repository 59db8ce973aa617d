"""Records what the server sees of agents that connect, so that whoever connects a cluster learns what holds it back.

Only what belongs to a token or certificate of an organization is recorded, for that organization alone, and nothing that is secret. A
broken agent in a loop writes a row every few seconds and an event and an audit record once a minute.
"""

import re
from collections.abc import Callable

import structlog

from optral.access import service as access
from optral.clusters import connection_service as attempts, service as clusters
from optral.clusters.connection import Code, Contact
from optral.events import service as events
from optral.flows.clusters import cluster_events
from optral.kit.clock import Clock
from optral.kit.keyed_rate_limit import KeyedRateLimit
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import actor, ids
from optral.terms.actor import Actor
from optral.terms.errors import NotFound, OptralError
from optral.terms.ids import ClusterId, OrgId

ROWS_APART_S = 5.0
NEWS_APART_S = 60.0
REMEMBERED = 4096
FIRST_CONTACTS_AT_ONCE = 8
_HINT = re.compile(r"[0-9a-f]{16}")
_log = structlog.get_logger(__name__)


class Attempts:
    """One per process."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._rows = KeyedRateLimit(ROWS_APART_S, clock.monotonic, most=REMEMBERED // 2)
        self._news = KeyedRateLimit(NEWS_APART_S, clock.monotonic, most=REMEMBERED // 2)
        self._first_contacts = 0

    async def refused(self, org_id: OrgId, subject_id: str, code: str, contact: Contact) -> None:
        """Record a refused agent of a cluster or a fleet token. Never raises."""
        _log.warning("agent refused", code=code, org_id=org_id, cluster_id=subject_id)
        await self._record(org_id, subject_id, code, contact)

    async def reached(self, hint: str, contact: Contact, *, is_pinned: bool) -> None:
        """An agent asked where to enroll, with a hint of its token: the first 16 digits of its hash. Never raises.

        `is_pinned`: the agent's CA pin is this server's. A hint that fits no token is ignored, as are contacts while many are looked up:
        nobody has signed in here.
        """
        if _HINT.fullmatch(hint) is None or self._first_contacts >= FIRST_CONTACTS_AT_ONCE:
            return
        self._first_contacts += 1
        try:
            owner = await self._store.read(actor.system(), lambda tx: attempts.hinted(tx, hint))
            if owner is not None:
                await self._record(OrgId(owner[0]), owner[1], Code.REACHED if is_pinned else Code.CA_PIN_MISMATCH, contact)
        except OptralError:
            _log.exception("a first contact could not be recorded")
        finally:
            self._first_contacts -= 1

    async def seen(self, org_id: OrgId, subject_id: str, code: Code, contact: Contact) -> None:
        """Record something else that an agent did; its event was written with it. Never raises."""
        if _is_due(self._rows, subject_id, code):
            await self._save(actor.system(org_id), lambda tx: attempts.record(tx, subject_id, code, contact), subject_id, code)

    def note(self, tx: Transaction, cluster_id: str, code: Code, contact: Contact) -> None:
        """Record a success within the transaction that makes it one."""
        attempts.record(tx, cluster_id, code, contact)
        events.append(tx, [cluster_events.connection(clusters.get(tx, cluster_id), code, at=tx.now)])

    async def _record(self, org_id: OrgId, subject_id: str, code: str, contact: Contact) -> None:
        is_news = _is_due(self._news, subject_id, code)
        if not _is_due(self._rows, subject_id, code) and not is_news:
            return
        is_cluster = ids.is_id(subject_id, "cls")
        who = actor.agent(org_id, ClusterId(subject_id)) if is_cluster else actor.system(org_id)
        await self._save(who, lambda tx: _write(tx, subject_id, code, contact, is_news=is_news), subject_id, code)

    async def _save(self, who: Actor, job: Callable[[Transaction], None], subject_id: str, code: str) -> None:
        try:
            await self._store.write(who, job)
        except OptralError:
            _log.exception("an attempt to connect could not be recorded", code=code, cluster_id=subject_id)


def _is_due(limit: KeyedRateLimit, subject_id: str, code: str) -> bool:
    return limit.take(f"{subject_id} {code}") is not None


def _write(tx: Transaction, subject_id: str, code: str, contact: Contact, *, is_news: bool) -> None:
    known = Code(code) if code in set(Code) else None
    if known is not None:
        attempts.record(tx, subject_id, known, contact)
    if not is_news:
        return
    if known is not None and ids.is_id(subject_id, "cls"):
        _publish(tx, subject_id, known)
    if known is None or known.is_refusal:
        access.audit(tx, action="agent.connect", target=subject_id, outcome="refused", detail={"reason": code})


def _publish(tx: Transaction, cluster_id: str, code: Code) -> None:
    try:
        cluster = clusters.get(tx, cluster_id)
    except NotFound:
        return  # deleted since
    events.append(tx, [cluster_events.connection(cluster, code, at=tx.now)])
