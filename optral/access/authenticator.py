"""Who sends a request: an `Authorization` header or a session's cookie in, an actor out.

A session is looked up each time, so that signing out ends it everywhere at once; a browser asks little. A key is looked up at most once
in 0.9 seconds, so a revoked key ends within a second on every replica without a word between them. Last uses of both are noted in memory,
to the minute, and written later by `run`: no request waits for that.
"""

import asyncio
import hmac
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

import structlog

from optral.access import bindings, model, people, people_repository, repository, rights
from optral.access.bindings_repository import Labelled, grants, no_clusters
from optral.access.model import Terms
from optral.access.people_repository import KnownSession
from optral.access.policy import AddressNotAllowed, check_address, is_allowed
from optral.access.repository import StoredKey
from optral.kit.clock import Clock
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import actor as actors
from optral.terms.actor import Actor, ActorKind
from optral.terms.errors import Unauthenticated, Unavailable
from optral.terms.ids import OrgId

FRESH_S = 0.9
CACHED = 10_000  # keys; the least lately used goes
FLUSH_EVERY_S = 10.0
SAY = "give a valid API key as Authorization: Bearer mht_…, or sign in"
_log = structlog.get_logger(__name__)


class _Cached(NamedTuple):
    known: StoredKey
    read_at_s: float


class Authenticator:
    """Use on one event loop. Own a task of `run`, and call `flush` at the end."""

    def __init__(self, store: Store, clock: Clock, pepper: bytes, *, labelled: Labelled = no_clusters) -> None:
        """`labelled` finds the clusters of bindings that name them by labels."""
        self._store, self._clock, self._pepper, self._labelled = store, clock, pepper, labelled
        self._cache: OrderedDict[bytes, _Cached] = OrderedDict()
        self._terms: OrderedDict[str, Terms] = OrderedDict()
        self._used: dict[str, tuple[str, datetime]] = {}
        self._written: OrderedDict[str, datetime] = OrderedDict()
        self._seen: dict[str, tuple[str, datetime]] = {}

    async def authenticate(self, header: str | None, *, audience: str | None = None, address: str | None = None) -> Actor:
        """The actor of `Bearer mht_…`, at the part of the API that is called `audience`. `address`: where the request comes from.

        Raises `Unauthenticated`, the same for every bad key (`log` says which kind of bad it was), and `AddressNotAllowed`
        outside of the networks of the key.
        """
        secret = self._secret(header)
        known = await self._known(model.digest(self._pepper, secret))
        if known is None:
            raise Unauthenticated(say=SAY, log="unknown key")
        if not known.key.is_usable(self._clock.now()):
            raise Unauthenticated(say=SAY, log=f"{known.key.status(self._clock.now())} key {known.key.id}")
        if known.key.audience not in (None, audience):
            raise Unauthenticated(say=SAY, log=f"key {known.key.id} is for {known.key.audience}")
        found = _from(address, known.key.networks, self._key(known))
        self._note_use(known)
        return found

    async def authenticate_session(self, token: str, *, address: str | None = None) -> Actor:
        """The person behind a session's token. Raises `Unauthenticated`, the same for every bad one; `address` as in `authenticate`."""
        if not people.is_token(token):
            raise Unauthenticated(say=SAY, log="malformed session")
        digest = model.digest(self._pepper, token)
        known = await self._store.read(actors.system(), lambda tx: self._bound_session(tx, people_repository.session_by_digest(tx, digest)))
        if known is None or not known.session.is_usable(self._clock.now()):
            raise Unauthenticated(say=SAY, log="unknown or ended session")
        found = _from(address, known.networks, self._person(known))
        self._note_seen(known)
        self._remember_terms(known.session.user_id, Terms(known.plan, None))
        return found

    async def is_valid(self, actor: Actor) -> bool:
        """Tell whether the key or session behind this actor still works, by the database; for streams that stay open. Others do.

        That of a limited member does not when the bindings changed, nor a session outside of networks that were set since.
        """
        if actor.org_id is None:
            return True
        if actor.grants is not None:
            current = await self.actor_of(actor.org_id, actor.credential)
            if current is None or current.grants != actor.grants:
                return False
        if actor.session_id:
            found = await self._store.read(actors.system(actor.org_id), lambda tx: people_repository.session_by_id(tx, actor.session_id))
            return found is not None and found.session.is_usable(self._clock.now()) and is_allowed(actor.address, found.networks)
        if actor.kind is not ActorKind.KEY:
            return True
        known = await self._store.read(actors.system(actor.org_id), lambda tx: repository.known_by_id(tx, actor.id))
        return known is not None and known.key.is_usable(self._clock.now())

    async def keeps_rights(self, actor: Actor) -> bool:
        """Tell whether the actor still has every right that it had, by the database; a limited member must have the same bindings."""
        if actor.org_id is None or actor.kind not in (ActorKind.PERSON, ActorKind.KEY):
            return True
        if actor.kind is ActorKind.PERSON and not actor.session_id:  # known by the address that Slack confirmed
            who = actors.system(actor.org_id)
            current = await self._store.read(who, lambda tx: rights.person(tx, actor.id, labelled=self._labelled))
        else:
            current = await self.actor_of(actor.org_id, actor.credential)
        if current is None or actor.grants is not None:
            return current is not None and current.grants == actor.grants
        return current.grants is None and current.reach == actor.reach and current.scopes >= actor.scopes

    async def actor_of(self, org_id: str, credential: str) -> Actor | None:
        """The actor of a key's or session's id, with the rights it has now; None when it no longer works. For what we sealed ourselves."""

        def look(tx: Transaction) -> tuple[StoredKey | None, KnownSession | None]:
            session = people_repository.session_by_id(tx, credential)
            return self._bound_key(tx, repository.known_by_id(tx, credential)), self._bound_session(tx, session)

        known, session = await self._store.read(actors.system(OrgId(org_id)), look)
        now = self._clock.now()
        if session is not None and session.session.is_usable(now):
            self._remember_terms(session.session.user_id, Terms(session.plan, None))
            return self._person(session)
        return self._key(known) if known is not None and known.key.is_usable(now) else None

    async def terms(self, actor: Actor) -> Terms:
        """The plan and the lower cap that this actor's requests count against."""
        if (remembered := self._terms.get(actor.id)) is not None:
            return remembered
        if actor.org_id is None:
            raise Unauthenticated(say=SAY, log="an actor without an organization")
        terms = await self._store.read(actors.system(actor.org_id), lambda tx: _terms(tx, actor))
        if terms is None:
            raise Unauthenticated(say=SAY, log=f"no terms for {actor.id}")
        self._remember_terms(actor.id, terms)
        return terms

    async def run(self) -> None:
        """Write last uses every 10 seconds; a task to own."""
        while True:
            await asyncio.sleep(FLUSH_EVERY_S)
            await self.flush()

    async def flush(self) -> None:
        """Write the last uses noted so far; they wait for the next time when the database cannot."""
        await self._flush_seen()
        used, self._used = self._used, {}
        if not used:
            return
        rows = [(org_id, key_id, at) for key_id, (org_id, at) in sorted(used.items())]
        try:
            await self._store.write(actors.system(), lambda tx: repository.touch_keys(tx, rows))
        except Unavailable as error:
            _log.warning("last uses of keys wait for the database", waiting=len(used), reason=error.code)
            self._used = used | self._used

    async def _flush_seen(self) -> None:
        seen, self._seen = self._seen, {}
        if not seen:
            return
        rows = [(org_id, session_id, at) for session_id, (org_id, at) in sorted(seen.items())]
        try:
            await self._store.write(actors.system(), lambda tx: people_repository.touch_sessions(tx, rows))
        except Unavailable as error:
            _log.warning("last uses of sessions wait for the database", waiting=len(seen), reason=error.code)
            self._seen = seen | self._seen

    def _note_seen(self, known: KnownSession) -> None:
        now, session = self._clock.now(), known.session
        if now - session.seen_at < people.SEEN_EVERY or (len(self._seen) >= CACHED and session.id not in self._seen):
            return
        self._seen[session.id] = (session.org_id, now)

    def _secret(self, header: str | None) -> str:
        if header is None:
            raise Unauthenticated(say=SAY, log="no Authorization header")
        scheme, _, secret = header.strip().partition(" ")
        secret = secret.strip()
        if scheme.lower() != "bearer" or not model.is_key(secret):
            raise Unauthenticated(say=SAY, log="malformed key")
        return secret

    async def _known(self, digest: bytes) -> StoredKey | None:
        cached = self._cache.get(digest)
        now_s = self._clock.monotonic()
        if cached is not None and now_s - cached.read_at_s < FRESH_S:
            self._cache.move_to_end(digest)
            return cached.known
        self._cache.pop(digest, None)
        known = await self._store.read(actors.system(), lambda tx: self._bound_key(tx, repository.known_by_digest(tx, digest)))
        if known is None or not hmac.compare_digest(known.digest, digest):
            return None
        self._cache[digest] = _Cached(known, now_s)
        self._remember_terms(known.key.id, Terms(known.plan, known.key.limit_per_minute))
        if len(self._cache) > CACHED:
            self._cache.popitem(last=False)
        return known

    def _bound_key(self, tx: Transaction, known: StoredKey | None) -> StoredKey | None:
        """With the grants of a limited creator."""
        if known is None or known.grants is None:
            return known
        return known._replace(grants=grants(tx, known.key.org_id, known.key.created_by, labelled=self._labelled))

    def _bound_session(self, tx: Transaction, known: KnownSession | None) -> KnownSession | None:
        """With the grants of a limited member."""
        if known is None or known.grants is None:
            return known
        return known._replace(grants=grants(tx, known.session.org_id, known.session.user_id, labelled=self._labelled))

    def _key(self, known: StoredKey) -> Actor:
        key = known.key
        if known.grants is None:
            scopes = model.effective_scopes(key.scopes, known.role, is_limited=key.clusters is not None)
            return actors.key(key.org_id, key.id, scopes=scopes, clusters=key.clusters, role=known.role)
        allowed = key.scopes & model.key_scopes(is_limited=key.clusters is not None)
        current = bindings.in_force(known.grants, self._clock.now())
        made = actors.key(key.org_id, key.id, scopes=frozenset(), clusters=key.clusters, role=known.role)
        return actors.bound(made, bindings.of_key(current, scopes=allowed, clusters=key.clusters))

    def _person(self, known: KnownSession) -> Actor:
        session = known.session
        made = actors.person(session.org_id, session.user_id, scopes=model.ROLE_SCOPES[known.role], role=known.role)
        made = replace(made, session_id=session.id, confirmed_at=session.confirmed_at)
        return made if known.grants is None else actors.bound(made, bindings.in_force(known.grants, self._clock.now()))

    def _remember_terms(self, actor_id: str, terms: Terms) -> None:
        self._terms[actor_id] = terms
        self._terms.move_to_end(actor_id)
        if len(self._terms) > CACHED:
            self._terms.popitem(last=False)

    def _note_use(self, known: StoredKey) -> None:
        minute = model.whole_minute(self._clock.now())
        key = known.key
        if self._written.get(key.id) == minute or (key.last_used_at is not None and key.last_used_at >= minute):
            return
        if len(self._used) >= CACHED and key.id not in self._used:
            return  # the database has been away for long; a last use may be lost, memory may not
        self._used[key.id] = (OrgId(key.org_id), minute)
        self._written[key.id] = minute
        if len(self._written) > CACHED:
            self._written.popitem(last=False)


def _from(address: str | None, networks: Collection[str] | None, who: Actor) -> Actor:
    """The actor, if it may come from there. Raises `AddressNotAllowed` with the actor."""
    try:
        if address is not None:
            check_address(address, networks)
    except AddressNotAllowed as error:
        error.actor = who
        raise
    return who


def _terms(tx: Transaction, actor: Actor) -> Terms | None:
    if actor.kind is ActorKind.KEY:
        known = repository.known_by_id(tx, actor.id)
        return None if known is None else Terms(known.plan, known.key.limit_per_minute)
    organisation = repository.organisation(tx)
    return None if organisation is None else Terms(organisation.plan, None)
