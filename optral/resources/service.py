"""The door of the inventory: apply what an agent reports, read what is there.

Everything here is idempotent: the same changes and marks a second time change nothing and touch nobody. Digests and counts of kinds move in
the same transaction as the rows. Times of objects are the cluster's clock; `offset` (cluster minus server) turns them into ours.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa

from optral.kit.paging import PageRequest, Place
from optral.kube.changes import BadFrame, KindCursor, KindDigest, KindMark, ObjectChange, Op, Phase
from optral.kube.objects import KubeObject
from optral.resources import model, packing, repository
from optral.resources.model import (
    EVENT_KIND,
    HISTORY_KINDS,
    MAX_REVISIONS,
    SPACE,
    Described,
    KindCount,
    KindState,
    KubernetesEvent,
    Resource,
    ResourceFilter,
    Revision,
    Tree,
)
from optral.store.metadata import from_micros, to_micros
from optral.store.transaction import Transaction
from optral.terms import ids
from optral.terms.errors import NotFound

TREE_LIMIT = 200
TREE_DEPTH = 5
OBJECT_EVENTS = 100
EVENTS_AT_ONCE = 400  # uids in one statement


class Stored(NamedTuple):
    """One stored object: what a view is rebuilt from. `raw` is its JSON."""

    kind: str
    uid: str
    namespace: str
    name: str
    raw: bytes


@dataclass(frozen=True, slots=True)
class Marked:
    """What a mark did: objects it removed, and why the kind must be sent again, if it must."""

    removed: tuple[ObjectChange, ...] = ()
    resync: str | None = None


@lru_cache(maxsize=32768)
def id_of(cluster_id: str, kind: str, uid: str) -> str:
    """The resource's id: the same object always has the same one."""
    return ids.derive("res", cluster_id, kind, uid)


# --- writing

Decode = Callable[[ObjectChange], KubeObject | None]


def _not_decoded(_change: ObjectChange) -> None:
    return None


def apply(
    tx: Transaction, cluster_id: str, changes: Sequence[ObjectChange], *, offset: timedelta, decode: Decode = _not_decoded
) -> list[ObjectChange]:
    """Make these changes the inventory; return those that changed something, the last of each object.

    `decode` gives the typed object of a change to a caller that needs it anyway. Raises `BadFrame` when a name or uid cannot be one.
    Kubernetes Events have their own door, `apply_events`.
    """
    newest = _newest(cluster_id, changes)
    if not newest:
        return []
    known = repository.known(tx, list(newest))
    states = repository.kind_states(tx, cluster_id)
    work = _Work(tx, cluster_id, offset, known, states, decode)
    for id_, change in newest.items():
        work.take(id_, change)
    work.save()
    _learn(tx, cluster_id, newest.values())
    return work.touched


def apply_events(tx: Transaction, cluster_id: str, changes: Sequence[ObjectChange], *, offset: timedelta) -> list[ObjectChange]:
    """Merge Kubernetes Events by uid; return those that are new or moved. An Event that the API server forgets stays until it is old."""
    newest = {change.uid: change for change in changes if change.op is Op.UPSERT and change.kind == EVENT_KIND}
    if not newest:
        return []
    versions = repository.event_versions(tx, cluster_id, list(newest))
    touched: list[ObjectChange] = []
    rows: list[dict[str, Any]] = []
    for uid, change in newest.items():
        _check(change)
        facts = model.event_facts(change.raw)
        if facts is None or versions.get(uid) == change.resource_version:
            continue
        touched.append(change)
        rows.append(_event_row(tx, cluster_id, change, facts, offset))
    repository.save_events(tx, rows)
    return touched


def begin(tx: Transaction, cluster_id: str, kinds: frozenset[str], cursors: Sequence[KindCursor]) -> dict[str, str]:
    """Per kind "resume" where the agent's copy and ours are the same, else "snapshot". Kubernetes Events are never compared."""
    states = repository.kind_states(tx, cluster_id)
    by_kind = {cursor.kind: cursor for cursor in cursors}
    return {kind: "resume" if _is_same(states.get(kind), by_kind.get(kind)) else "snapshot" for kind in sorted(kinds)}


def mark(tx: Transaction, cluster_id: str, said: KindMark) -> Marked:
    """Note where a kind stands; at the end of a snapshot remove what it did not bring."""
    states = repository.kind_states(tx, cluster_id)
    state = states.get(said.kind, KindState(said.kind))
    after, outcome = _marked(tx, cluster_id, state, said)
    if after != state:
        repository.save_kind_states(tx, cluster_id, [after])
    return outcome


def matches(tx: Transaction, cluster_id: str, said: KindDigest) -> bool:
    """Tell whether we hold what the agent believes. While a snapshot comes in there is nothing to compare.

    On a difference the rows themselves are counted: a digest that had drifted from its rows is mended here.
    """
    state = repository.kind_states(tx, cluster_id).get(said.kind)
    if state is None:
        return said.count == 0
    if state.incoming or (state.count == said.count and state.sum == said.sum):
        return True
    rows = list(repository.versions(tx, cluster_id, said.kind))
    total = sum(model.fingerprint(uid, version) for uid, version in rows) % SPACE
    if (len(rows), total) != (state.count, state.sum):
        repository.save_kind_states(tx, cluster_id, [replace(state, count=len(rows), sum=total)])
    return len(rows) == said.count and total == said.sum


_current: dict[str, tuple[int, datetime] | None] = {}  # by cluster, as of a commit; a dictionary in the making is not in it
RENEW_DICTIONARY = timedelta(days=7)


def _packer(tx: Transaction, cluster_id: str) -> Callable[[bytes], bytes]:
    """What compresses the cluster's manifests."""
    if cluster_id not in _current:
        _current[cluster_id] = repository.newest_dictionary(tx, cluster_id)
    current = _current[cluster_id]
    if current is None:
        return packing.pack
    number = current[0]
    return packing.packer((cluster_id, number), lambda: repository.dictionary(tx, cluster_id, number))


def _learn(tx: Transaction, cluster_id: str, changes: Iterable[ObjectChange]) -> None:
    """Make the cluster a dictionary out of a batch that is large enough, when it has none or an old one; used after the commit."""
    current = _current[cluster_id]
    if current is not None and tx.now - current[1] < RENEW_DICTIONARY:
        return
    number = packing.FIRST_NUMBER if current is None else current[0] + 1
    made = packing.train([change.raw for change in changes if change.op is Op.UPSERT], number)
    if made is not None:
        repository.add_dictionary(tx, cluster_id, number, made)
        tx.on_commit(lambda: _forget_dictionary(cluster_id))


def _forget_dictionary(cluster_id: str) -> None:
    _current.pop(cluster_id, None)  # the next batch reads what is committed


def _newest(cluster_id: str, changes: Sequence[ObjectChange]) -> dict[str, ObjectChange]:
    newest: dict[str, ObjectChange] = {}
    for change in changes:
        _check(change)
        newest[id_of(cluster_id, change.kind, change.uid)] = change
    return newest


def _check(change: ObjectChange) -> None:
    if not change.uid or len(change.uid) > 128 or len(change.name) > 253 or len(change.namespace) > 253:
        raise BadFrame(f"{change.kind} with a uid or name that cannot be one")
    if len(change.resource_version) > 64 or "\x00" in change.uid + change.name + change.namespace + change.resource_version:
        raise BadFrame(f"{change.kind} with a resource version or name that cannot be one")


class _Work:
    """One batch on its way into rows: gathers rows per statement, so that each statement runs once."""

    def __init__(
        self,
        tx: Transaction,
        cluster_id: str,
        offset: timedelta,
        known: dict[str, repository.Known],
        states: dict[str, KindState],
        decode: Decode,
    ) -> None:
        self._decode, self._pack = decode, _packer(tx, cluster_id)
        self._tx, self._cluster_id, self._offset, self._known, self._states = tx, cluster_id, offset, known, states
        self._now = to_micros(tx.now)
        self._org: str = tx.org_id
        self._inserts: list[tuple[Any, ...]] = []
        self._updates: list[tuple[Any, ...]] = []
        self._owners: list[tuple[Any, ...]] = []
        self._stamps: dict[str, list[str]] = {}
        self._deletes: list[str] = []
        self._counts: dict[str, int] = {}
        self._sums: dict[str, int] = {}
        self._removed: dict[str, int] = {}
        self._history: list[tuple[str, ObjectChange, str, int, int | None]] = []
        self.touched: list[ObjectChange] = []

    def take(self, id_: str, change: ObjectChange) -> None:
        known = self._known.get(id_)
        state = self._states.get(change.kind)
        stamp = state.stamp if state else ""
        if change.op is Op.DELETE:
            if known is not None:
                self._delete(id_, change, known, state)
        elif known is None:
            self._insert(id_, change, state, stamp)
        elif known.resource_version != change.resource_version:
            self._update(id_, change, known, stamp)
        elif known.snapshot != stamp:
            self._stamps.setdefault(stamp, []).append(id_)

    def save(self) -> None:
        tx = self._tx
        self._save_history()  # first: it compares with the manifests that are about to go
        repository.insert(tx, self._inserts)
        repository.update(tx, self._updates)
        repository.set_owner(tx, self._owners)
        for stamp, stamped in self._stamps.items():
            repository.stamp(tx, stamp, stamped)
        repository.delete(tx, self._deletes)
        moved = self._counts.keys() | self._sums.keys() | self._removed.keys()
        repository.save_kind_states(tx, self._cluster_id, [self._moved(kind) for kind in sorted(moved)])

    def _insert(self, id_: str, change: ObjectChange, state: KindState | None, stamp: str) -> None:
        facts, intent = self._facts(change)
        self._inserts.append(self._row(id_, change, facts, intent, stamp))
        self._count(change.kind, 1, model.fingerprint(change.uid, change.resource_version))
        if change.kind in HISTORY_KINDS and state is not None and state.phase == "live" and not state.incoming:
            self._history.append((id_, change, "created", 1, facts.generation))
        self.touched.append(change)

    def _update(self, id_: str, change: ObjectChange, known: repository.Known, stamp: str) -> None:
        facts, intent = self._facts(change)
        revision = known.revision
        if intent != known.intent and intent and known.intent:
            revision += 1
            self._history.append((id_, change, "changed", revision, facts.generation))
        self._updates.append(
            (
                change.resource_version,
                stamp,
                facts.generation,
                intent,
                revision,
                _labels(facts),
                facts.status,
                self._now,
                self._pack(change.raw),
                id_,
                self._org,
            )
        )
        if facts.owner_uid != known.owner_uid:
            self._owners.append((facts.owner_kind, facts.owner_name, facts.owner_uid, id_, self._org))
        self._count(
            change.kind,
            0,
            model.fingerprint(change.uid, change.resource_version) - model.fingerprint(change.uid, known.resource_version),
        )
        self.touched.append(change)

    def _delete(self, id_: str, change: ObjectChange, known: repository.Known, state: KindState | None) -> None:
        self._deletes.append(id_)
        self._count(change.kind, -1, -model.fingerprint(change.uid, known.resource_version))
        if state is not None and state.incoming and known.snapshot == state.incoming:
            self._removed[change.kind] = self._removed.get(change.kind, 0) + 1
        if change.kind in HISTORY_KINDS:
            self._history.append((id_, change, "deleted", known.revision + 1, None))
        self.touched.append(change)

    def _facts(self, change: ObjectChange) -> tuple[Described, str]:
        facts = model.describe(change, self._decode(change))
        return facts, model.intent_mark(change, facts.generation) if change.kind in HISTORY_KINDS else ""

    def _row(self, id_: str, change: ObjectChange, facts: Described, intent: str, stamp: str) -> tuple[Any, ...]:
        return (
            id_,
            self._org,
            self._cluster_id,
            change.kind,
            change.uid,
            change.namespace,
            change.name,
            change.resource_version,
            stamp,
            facts.generation,
            intent,
            1,
            facts.owner_kind,
            facts.owner_name,
            facts.owner_uid,
            _labels(facts),
            facts.status,
            None if facts.created is None else to_micros(facts.created - self._offset),
            self._now,
            self._pack(change.raw),
        )

    def _count(self, kind: str, objects: int, digest: int) -> None:
        self._counts[kind] = self._counts.get(kind, 0) + objects
        self._sums[kind] = self._sums.get(kind, 0) + digest

    def _moved(self, kind: str) -> KindState:
        state = self._states.get(kind, KindState(kind))
        return replace(
            state,
            count=state.count + self._counts.get(kind, 0),
            sum=(state.sum + self._sums.get(kind, 0)) % SPACE,
            removed=state.removed + self._removed.get(kind, 0),
        )

    def _save_history(self) -> None:
        if not self._history:
            return
        before = repository.manifests(self._tx, [id_ for id_, _, action, _, _ in self._history if action == "changed"])
        rows = []
        for id_, change, action, revision, generation in self._history:
            diff, truncated = model.intent_diff(change.kind, before.get(id_, b""), change.raw) if action == "changed" else ([], False)
            if action == "changed" and not diff:
                continue
            manager, operation = model.last_manager(change.raw) if change.raw else (None, None)
            rows.append(
                _history_row(self._tx, self._cluster_id, id_, change, action, revision)
                | {"generation": generation, "manager": manager, "operation": operation, "diff": diff, "truncated": truncated}
            )
        repository.add_history(self._tx, rows, keep=MAX_REVISIONS)


def _labels(facts: Described) -> str:
    return msgspec.json.encode(facts.labels).decode() if facts.labels else "{}"


def _history_row(tx: Transaction, cluster_id: str, id_: str, change: ObjectChange, action: str, revision: int) -> dict[str, Any]:
    return {
        "org_id": tx.org_id,
        "resource_id": id_,
        "revision": revision,
        "cluster_id": cluster_id,
        "kind": change.kind,
        "namespace": change.namespace,
        "name": change.name,
        "action": action,
        "at": tx.now,
    }


def _event_row(tx: Transaction, cluster_id: str, change: ObjectChange, facts: model.EventFacts, offset: timedelta) -> dict[str, Any]:
    last = min(tx.now, facts.last - offset) if facts.last else tx.now
    row: dict[str, Any] = {
        "org_id": tx.org_id,
        "cluster_id": cluster_id,
        "uid": change.uid,
        "resource_version": change.resource_version,
        "namespace": facts.namespace[:253],
        "kind": facts.kind[:128],
        "name": facts.name[:253],
        "object_uid": facts.object_uid[:128],
        "type": facts.type[:32],
        "reason": facts.reason[:128],
        "message": facts.message,
        "source": facts.source[:253],
        "count": min(max(facts.count, 1), 2**31 - 1),
        "first_at": min(last, facts.first - offset) if facts.first else last,
        "last_at": last,
        "seen_at": tx.now,
        "manifest": packing.pack(change.raw),
    }
    return {key: value.replace("\x00", "") if isinstance(value, str) else value for key, value in row.items()}


def _is_same(state: KindState | None, cursor: KindCursor | None) -> bool:
    if state is None or cursor is None or state.phase != "live" or state.incoming or not cursor.generation:
        return False
    return (state.generation, state.count, state.sum) == (cursor.generation, cursor.count, cursor.sum)


def _marked(tx: Transaction, cluster_id: str, state: KindState, said: KindMark) -> tuple[KindState, Marked]:
    if said.phase is Phase.SNAPSHOT_BEGIN:
        return replace(state, phase="snapshot", incoming=said.generation, removed=0), Marked()
    if said.phase is Phase.SNAPSHOT_END:
        return _ended(tx, cluster_id, state, said)
    if said.phase in (Phase.FORBIDDEN, Phase.GONE):
        return replace(state, phase=said.phase.value, incoming="", removed=0), Marked()
    if said.phase is Phase.LIVE and state.phase in ("forbidden", "gone") and said.generation and state.generation == said.generation:
        return replace(state, phase="live"), Marked()  # seen again, and all that differs came before this mark
    return state, Marked()  # LIVE says nothing about rows


def _ended(tx: Transaction, cluster_id: str, state: KindState, said: KindMark) -> tuple[KindState, Marked]:
    if state.incoming != said.generation or not said.generation:
        if state.phase == "live" and state.generation == said.generation and said.generation:
            return state, Marked()  # the same END again
        return replace(state, phase="", incoming="", removed=0), Marked(resync="unexpected_end")
    stamped = repository.count_stamped(tx, cluster_id, said.kind, said.generation)
    if stamped + state.removed != said.count:
        return replace(state, phase="", incoming="", removed=0), Marked(resync="count_mismatch")
    doomed = repository.unstamped(tx, cluster_id, said.kind, said.generation)
    if model.is_mass_deletion(rows=stamped + len(doomed), doomed=len(doomed)) and state.confirm in ("", said.generation):
        return replace(state, phase="", incoming="", removed=0, confirm=said.generation), Marked(resync="confirm_deletion")
    removed = _remove(tx, cluster_id, said.kind, doomed)
    after = replace(
        state,
        phase="live",
        generation=said.generation,
        incoming="",
        removed=0,
        confirm="",
        count=state.count - len(doomed),
        sum=(state.sum - sum(model.fingerprint(row.uid, row.resource_version) for row in doomed)) % SPACE,
    )
    return after, Marked(removed=tuple(removed))


def _remove(tx: Transaction, cluster_id: str, kind: str, doomed: Sequence[sa.Row[Any]]) -> list[ObjectChange]:
    repository.delete(tx, [row.id for row in doomed])
    removed = [ObjectChange(Op.DELETE, kind, row.uid, row.namespace, row.name, row.resource_version, b"") for row in doomed]
    if kind in HISTORY_KINDS:
        nothing: dict[str, Any] = {"generation": None, "manager": None, "operation": None, "diff": [], "truncated": False}
        rows = [
            _history_row(tx, cluster_id, row.id, change, "deleted", row.revision + 1) | nothing
            for row, change in zip(doomed, removed, strict=True)
        ]
        repository.add_history(tx, rows, keep=MAX_REVISIONS)
    return removed


# --- reading


def load(tx: Transaction, cluster_id: str) -> Iterator[Stored]:
    """Every stored object of a cluster, one after the other: what its view is rebuilt from.

    Kinds that went out of sight are in it as they were last seen: what is missing must not look healed.
    """
    for kind in repository.kind_states(tx, cluster_id):
        for row in repository.load(tx, cluster_id, kind):
            yield Stored(row.kind, row.uid, row.namespace, row.name, repository.unpacked(tx, cluster_id, row.manifest))


def load_events(tx: Transaction, cluster_id: str, *, since: datetime) -> Iterator[Stored]:
    """The Kubernetes Events last seen after `since` (server time), oldest first."""
    for row in sorted(repository.load_events(tx, cluster_id, since), key=lambda row: row.last_at):
        yield Stored(EVENT_KIND, row.uid, row.namespace, "", repository.unpacked(tx, cluster_id, row.manifest))


def load_in(tx: Transaction, cluster_id: str, *, kinds: Sequence[str], namespaces: Sequence[str]) -> Iterator[Stored]:
    """The stored objects of these kinds in these namespaces; "" stands for what has none."""
    for row in repository.load_in(tx, cluster_id, kinds, namespaces):
        yield Stored(row.kind, row.uid, row.namespace, row.name, repository.unpacked(tx, cluster_id, row.manifest))


def load_outside(tx: Transaction, cluster_id: str, *, kind: str, namespaces: Sequence[str], limit: int) -> Iterator[Stored]:
    """The stored objects of a kind in all namespaces but these, at most `limit`."""
    for row in repository.load_outside(tx, cluster_id, kind, namespaces, limit):
        yield Stored(row.kind, row.uid, row.namespace, row.name, repository.unpacked(tx, cluster_id, row.manifest))


def events_about(tx: Transaction, cluster_id: str, uids: Sequence[str], *, since: datetime, limit: int) -> Iterator[Stored]:
    """Kubernetes Events about any of these objects, last seen after `since` (server time)."""
    for start in range(0, len(uids), EVENTS_AT_ONCE):
        for row in repository.events_about(tx, cluster_id, uids[start : start + EVENTS_AT_ONCE], since, limit):
            yield Stored(EVENT_KIND, row.uid, row.namespace, "", repository.unpacked(tx, cluster_id, row.manifest))


def recent_changes(tx: Transaction, cluster_id: str, *, namespaces: Sequence[str], since: datetime, limit: int) -> list[Revision]:
    """Changes of intent in these namespaces since then, newest first."""
    return [_revision(row) for row in repository.recent_history(tx, cluster_id, namespaces, since, limit)]


def kind_states(tx: Transaction, cluster_id: str) -> dict[str, KindState]:
    """How the copies of the cluster's kinds stand, by kind id."""
    return repository.kind_states(tx, cluster_id)


def blind_kinds(tx: Transaction, cluster_id: str) -> frozenset[str]:
    """Kinds whose rows are stale because the agent may not see them, or the API server no longer knows them."""
    return frozenset(kind for kind, state in repository.kind_states(tx, cluster_id).items() if state.phase in ("forbidden", "gone"))


def find(tx: Transaction, wanted: ResourceFilter, page: PageRequest) -> list[Resource]:
    """A page of the objects the actor may see; `page.sort` is one of `model.SORTS` (default name, ascending unless it says so)."""
    if (allowed := _allowed(tx, wanted)) is None:
        return []
    page = replace(page, sort=page.sort or "name", descending=page.descending if page.sort else False)
    return [_resource(row) for row in repository.find(tx, allowed, page)]


def place_of(resource: Resource, sort: str) -> Place:
    """Where a page that ends with this object goes on, in that order."""
    values: dict[str, Any] = {
        "name": resource.name,
        "kind": resource.kind,
        "namespace": resource.namespace or "",
        "updatedAt": resource.updated_at,
        "createdAt": resource.created_at or from_micros(0),
    }
    return Place(values[sort or "name"], resource.id)


def count(tx: Transaction, wanted: ResourceFilter) -> int:
    allowed = _allowed(tx, wanted)
    return 0 if allowed is None else repository.count(tx, allowed)


def counts(tx: Transaction, wanted: ResourceFilter) -> list[KindCount]:
    """How many objects there are by cluster, kind and namespace."""
    allowed = _allowed(tx, wanted)
    rows: Sequence[Any] = () if allowed is None else repository.counts(tx, allowed)
    return [KindCount(cluster_id=row[0], kind=row[1], namespace=row[2] or None, count=row[3]) for row in rows]


def get(tx: Transaction, resource_id: str) -> Resource:
    """The object. Raises `NotFound` for none, another organisation's, and one in a cluster the actor's key may not see."""
    row = repository.get(tx, resource_id)
    if row is None or not tx.actor.may_see(row.cluster_id):
        raise NotFound("resource_not_found", say=f"there is no resource {resource_id}")
    return _resource(row)


def manifest(tx: Transaction, resource_id: str) -> bytes:
    """The object's redacted JSON. Raises `NotFound`."""
    get(tx, resource_id)
    return repository.manifests(tx, [resource_id])[resource_id]


def history(tx: Transaction, resource_id: str) -> list[Revision]:
    """Changes of intent, newest first; also of an object that is gone. Raises `NotFound` when there never was one."""
    rows = repository.history(tx, resource_id)
    if not rows:
        get(tx, resource_id)
        return []
    if not tx.actor.may_see(rows[0].cluster_id):
        raise NotFound("resource_not_found", say=f"there is no resource {resource_id}")
    return [_revision(row) for row in rows]


def _revision(row: Any) -> Revision:
    return Revision(
        resource_id=row.resource_id,
        revision=row.revision,
        action=row.action,
        kind=row.kind,
        namespace=row.namespace or None,
        name=row.name,
        at=row.at,
        generation=row.generation,
        manager=row.manager,
        operation=row.operation,
        diff=row.diff,
        truncated=row.truncated,
    )


def events(tx: Transaction, resource_id: str) -> list[KubernetesEvent]:
    """The Kubernetes Events about an object, newest first, at most 100. Raises `NotFound`."""
    about = get(tx, resource_id)
    return [
        KubernetesEvent(
            uid=row.uid,
            cluster_id=row.cluster_id,
            namespace=row.namespace,
            kind=row.kind,
            name=row.name,
            object_uid=row.object_uid,
            type=row.type,
            reason=row.reason,
            message=row.message,
            source=row.source,
            count=row._mapping["count"],
            first_at=row.first_at,
            last_at=row.last_at,
        )
        for row in repository.events_of(tx, about.cluster_id, about.uid, OBJECT_EVENTS)
    ]


def tree(tx: Transaction, resource_id: str) -> Tree:
    """The object between its owners and what it owns, to five levels and 200 objects. Raises `NotFound`."""
    root = get(tx, resource_id)
    children: list[Resource] = []
    level, truncated = [root.uid], False
    for _ in range(TREE_DEPTH):
        rows = repository.children(tx, root.cluster_id, level, TREE_LIMIT - len(children) + 1) if level else ()
        found = [_resource(row) for row in rows]
        truncated = truncated or len(children) + len(found) > TREE_LIMIT
        children += found[: TREE_LIMIT - len(children)]
        level = [child.uid for child in found]
        if truncated:
            break
    return Tree(root=root, owners=_owners(tx, root), children=children, truncated=truncated)


def _owners(tx: Transaction, root: Resource) -> list[Resource]:
    owners: list[Resource] = []
    child = root
    for _ in range(TREE_DEPTH):
        if not child.owner_uid or not child.owner_kind:
            break
        row = repository.get(tx, id_of(root.cluster_id, child.owner_kind, child.owner_uid))
        if row is None:
            break
        child = _resource(row)
        owners.append(child)
    return owners


def _allowed(tx: Transaction, wanted: ResourceFilter) -> ResourceFilter | None:
    """The filter as far as the actor may see; None when that is nothing."""
    kinds = model.kind_ids(wanted.kinds)
    clusters = wanted.clusters
    if tx.actor.clusters is not None:
        clusters = frozenset(tx.actor.clusters & clusters if clusters else tx.actor.clusters)
        if not clusters:
            return None
    return replace(wanted, clusters=clusters, kinds=kinds)


def _resource(row: Any) -> Resource:
    return Resource(
        id=row.id,
        cluster_id=row.cluster_id,
        kind=row.kind,
        uid=row.uid,
        namespace=row.namespace or None,
        name=row.name,
        resource_version=row.resource_version,
        generation=row.generation,
        owner_kind=row.owner_kind,
        owner_name=row.owner_name,
        owner_uid=row.owner_uid,
        labels=row.labels,
        status=row.status,
        created_at=row.created_at,
        updated_at=row.updated_at,
        stale=row.phase in ("forbidden", "gone"),
    )


# --- cleaning


def purge(tx: Transaction, cluster_id: str, limit: int = 500) -> bool:
    """Delete up to `limit` rows of a cluster that is gone; True while there may be more."""
    return repository.purge(tx, cluster_id, limit) > 0


def delete_old_events(tx: Transaction, *, before: datetime, limit: int) -> int:
    """Delete up to `limit` Kubernetes Events last seen before that moment, of all organisations; how many."""
    return repository.delete_old_events(tx, before, limit)


def delete_old_history(tx: Transaction, *, before: datetime, limit: int) -> int:
    """Delete up to `limit` revisions older than that moment, of all organisations; how many."""
    return repository.delete_old_history(tx, before, limit)
