"""What an agent reports of its cluster, made the inventory.

Everything here is idempotent: the same changes and marks a second time change nothing and touch nobody. Digests and counts of kinds move in
the same transaction as the rows. Times of objects are the cluster's clock; `offset` (cluster minus server) turns them into ours.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa

from optral.kit.hub import Topic
from optral.kube.changes import BadFrame, KindCursor, KindDigest, KindMark, ObjectChange, Op, Phase
from optral.kube.kinds import is_discovered
from optral.kube.objects import KubeObject
from optral.resources import (
    events,
    history_repository,
    intent,
    model,
    object_sets,
    object_sets_repository,
    packing,
    placement,
    repository,
)
from optral.resources.model import EVENT_KIND, HISTORY_KINDS, MAX_REVISIONS, SPACE, Described, KindState
from optral.resources.object_sets import ObjectSet
from optral.resources.service import id_of
from optral.store.metadata import to_micros
from optral.store.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Marked:
    """What a mark did: objects it removed, and why the kind must be sent again, if it must."""

    removed: tuple[ObjectChange, ...] = ()
    resync: str | None = None


@dataclass(frozen=True, slots=True)
class Drift:
    """A kind whose rows were changed outside the server: how many there are, and how many the server wrote."""

    kind: str
    rows: int
    expected: int


RESYNCS: Topic[str] = Topic("resyncs")
"""The ids of clusters whose agent must list kinds again, although it sent nothing wrong."""

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
    work.prepare(newest)
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
    versions = history_repository.event_versions(tx, cluster_id, list(newest))
    touched: list[ObjectChange] = []
    rows: list[dict[str, Any]] = []
    for uid, change in newest.items():
        _check(change)
        facts = events.facts_of(change.raw)
        if facts is None or versions.get(uid) == change.resource_version:
            continue
        touched.append(change)
        rows.append(_event_row(tx, cluster_id, change, facts, offset))
    history_repository.save_events(tx, rows)
    return touched


def begin(tx: Transaction, cluster_id: str, kinds: frozenset[str], cursors: Sequence[KindCursor]) -> dict[str, str]:
    """Per kind "resume" where the agent's copy and ours are the same, else "snapshot". Kubernetes Events are never compared.

    The rows of a kind that is sent again are stale until the snapshot brings them.
    """
    states = repository.kind_states(tx, cluster_id)
    by_kind = {cursor.kind: cursor for cursor in cursors}
    modes = {kind: "resume" if _is_same(states.get(kind), by_kind.get(kind)) else "snapshot" for kind in sorted(kinds)}
    old = [state for kind, state in states.items() if modes.get(kind) == "snapshot" and state.phase == "live"]
    repository.save_kind_states(tx, cluster_id, [replace(state, phase="snapshot", incoming="", removed=0) for state in old])
    return modes


def remove_unannounced(tx: Transaction, cluster_id: str, kinds: frozenset[str]) -> int:
    """Remove the objects of custom kinds that the agent no longer announces, since their definition is gone; returns how many."""
    states = repository.kind_states(tx, cluster_id)
    left = [state for kind, state in states.items() if kind not in kinds and is_discovered(kind)]
    removed = 0
    for state in left:
        removed += len(_remove(tx, cluster_id, state.kind, repository.unstamped(tx, cluster_id, state.kind, _NO_SNAPSHOT)))
    repository.save_kind_states(tx, cluster_id, [KindState(state.kind) for state in left if state != KindState(state.kind)])
    return removed


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

    On a difference the rows themselves are counted, and a digest that does not fit them is corrected.
    """
    state = repository.kind_states(tx, cluster_id).get(said.kind)
    if state is None:
        return said.count == 0
    if state.incoming or (state.count == said.count and state.sum == said.sum):
        return True
    [counted] = _recounted(tx, cluster_id, [state])
    if counted != state:
        _keep_counted(tx, cluster_id, [counted])
    return counted.count == said.count and counted.sum == said.sum


def drifted(tx: Transaction, cluster_id: str, kinds: Iterable[str]) -> list[str]:
    """Those of these kinds that are live and whose rows are not what the server wrote, by count and digest.

    Reads the uid and resource version of each row, no manifest.
    """
    return [before.kind for before, after in _drifts(tx, cluster_id, kinds) if before != after]


def correct(tx: Transaction, cluster_id: str, kinds: Iterable[str]) -> list[Drift]:
    """As `drifted`, and keep the digest of the rows as they are, so that it differs from the agent's until the kind was listed again."""
    found = [(before, after) for before, after in _drifts(tx, cluster_id, kinds) if before != after]
    _keep_counted(tx, cluster_id, [after for _, after in found])
    return [Drift(after.kind, rows=after.count, expected=before.count) for before, after in found]


def _keep_counted(tx: Transaction, cluster_id: str, counted: Sequence[KindState]) -> None:
    repository.save_kind_states(tx, cluster_id, counted)
    repository.count_again(tx, cluster_id, [state.kind for state in counted])


def _drifts(tx: Transaction, cluster_id: str, kinds: Iterable[str]) -> list[tuple[KindState, KindState]]:
    states = repository.kind_states(tx, cluster_id)
    live = [state for kind in sorted(kinds) if (state := states.get(kind)) is not None and state.phase == "live" and not state.incoming]
    return list(zip(live, _recounted(tx, cluster_id, live), strict=True))


def _recounted(tx: Transaction, cluster_id: str, states: Sequence[KindState]) -> list[KindState]:
    """The same with the count and digest of the rows as they are."""
    counts, sums = {state.kind: 0 for state in states}, {state.kind: 0 for state in states}
    if states:
        for kind, uid, resource_version in repository.versions(tx, cluster_id, list(counts)):
            counts[kind] += 1
            sums[kind] += model.fingerprint(uid, resource_version)
    return [replace(state, count=counts[state.kind], sum=sums[state.kind] % SPACE) for state in states]


_NO_SNAPSHOT = "-"
"""No snapshot is called so: every row counts as left over by it."""
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
        known: dict[str, repository.ObjectVersion],
        states: dict[str, KindState],
        decode: Decode,
    ) -> None:
        self._decode, self._pack = decode, _packer(tx, cluster_id)
        self._tx, self._cluster_id, self._offset, self._known, self._states = tx, cluster_id, offset, known, states
        self._now = to_micros(tx.now)
        self._org: str = tx.org_id
        self._new: list[repository.Row] = []
        self._changed = repository.Changed([], [], [], [])
        self._sets: dict[int, ObjectSet] = {}
        self._stamps: dict[str, list[str]] = {}
        self._deletes: list[str] = []
        self._counts: dict[str, int] = {}
        self._places: Counter[tuple[str, str]] = Counter()
        self._sums: dict[str, int] = {}
        self._removed: dict[str, int] = {}
        self._revisions: dict[str, int] = {}
        self._history: list[tuple[str, ObjectChange, str, int, int | None]] = []
        self.touched: list[ObjectChange] = []

    def prepare(self, newest: Mapping[str, ObjectChange]) -> None:
        """Look up where the history of new rows goes on: an object whose row was lost may have one."""
        new = [id_ for id_, change in newest.items() if change.kind in HISTORY_KINDS and change.op is Op.UPSERT and id_ not in self._known]
        self._revisions = history_repository.newest_revisions(self._tx, new)

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
        if self._sets:
            object_sets_repository.add(tx, self._cluster_id, list(self._sets.values()))
        repository.save(tx, new=self._new, changed=self._changed)
        for stamp, stamped in self._stamps.items():
            repository.stamp(tx, stamp, stamped)
        repository.delete(tx, self._deletes)
        moved = self._counts.keys() | self._sums.keys() | self._removed.keys()
        repository.save_kind_states(tx, self._cluster_id, [self._moved(kind) for kind in sorted(moved)])
        repository.add_counts(tx, self._cluster_id, self._places)

    def _insert(self, id_: str, change: ObjectChange, state: KindState | None, stamp: str) -> None:
        facts, intent = self._facts(change)
        revision = self._revisions.get(id_, 0)
        is_created = change.kind in HISTORY_KINDS and state is not None and state.phase == "live" and not state.incoming
        revision = revision + 1 if is_created else max(1, revision)
        created_at = None if facts.created is None else to_micros(facts.created - self._offset)
        belongs = self._set_of(change, facts)
        self._sets[belongs.number] = belongs
        place = None if facts.pod is None else placement.place_of(facts.pod)
        self._new.append(self._row(id_, change, facts, intent, stamp, revision, created_at, belongs, place))
        self._places[change.kind, change.namespace] += 1
        self._count(change.kind, 1, model.fingerprint(change.uid, change.resource_version))
        if is_created:
            self._history.append((id_, change, "created", revision, facts.generation))
        self.touched.append(change)

    def _update(self, id_: str, change: ObjectChange, known: repository.ObjectVersion, stamp: str) -> None:
        facts, intent = self._facts(change)
        revision = known.revision
        if intent != known.intent and intent and known.intent:
            revision += 1
            self._history.append((id_, change, "changed", revision, facts.generation))
        belongs, place = self._set_of(change, facts), _place(facts, known)
        row = self._row(id_, change, facts, intent, stamp, revision, None, belongs, place)  # when it was created stays as it is stored
        self._changed.rows.append(row)
        if facts.owner_uid != known.owner_uid:
            self._changed.owner.append(row)
        if facts.state != known.state:
            self._changed.state.append(row)
        if belongs.number != known.set_number:
            self._changed.set.append(row)
            self._sets[belongs.number] = belongs
        self._count(
            change.kind,
            0,
            model.fingerprint(change.uid, change.resource_version) - model.fingerprint(change.uid, known.resource_version),
        )
        self.touched.append(change)

    def _delete(self, id_: str, change: ObjectChange, known: repository.ObjectVersion, state: KindState | None) -> None:
        self._deletes.append(id_)
        self._places[change.kind, known.namespace] -= 1
        self._count(change.kind, -1, -model.fingerprint(change.uid, known.resource_version))
        if state is not None and state.incoming and known.snapshot == state.incoming:
            self._removed[change.kind] = self._removed.get(change.kind, 0) + 1
        if change.kind in HISTORY_KINDS:
            self._history.append((id_, change, "deleted", known.revision + 1, None))
        self.touched.append(change)

    def _facts(self, change: ObjectChange) -> tuple[Described, str]:
        facts = model.describe(change, self._decode(change))
        return facts, intent.mark(change, facts.generation) if change.kind in HISTORY_KINDS else ""

    def _set_of(self, change: ObjectChange, facts: Described) -> ObjectSet:
        return object_sets.set_of(self._cluster_id, change.namespace, change.name, facts.owner_kind, facts.owner_name, _labels(facts))

    def _row(
        self,
        id_: str,
        change: ObjectChange,
        facts: Described,
        intent: str,
        stamp: str,
        revision: int,
        created_at: int | None,
        belongs: ObjectSet,
        place: str | None,
    ) -> repository.Row:
        return repository.Row(
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
            revision,
            facts.owner_kind,
            facts.owner_name,
            facts.owner_uid,
            belongs.labels,
            belongs.number,
            place,
            facts.status,
            int(facts.state),
            created_at,
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
            diff, truncated = intent.diff(change.kind, before.get(id_, b""), change.raw) if action == "changed" else ([], False)
            if action == "changed" and not diff:
                continue
            manager, operation = intent.last_manager(change.raw) if change.raw else (None, None)
            rows.append(
                _history_row(self._tx, self._cluster_id, id_, change, action, revision)
                | {"generation": generation, "manager": manager, "operation": operation, "diff": diff, "truncated": truncated}
            )
        history_repository.add_history(self._tx, rows, keep=MAX_REVISIONS)


def _place(facts: Described, known: repository.ObjectVersion) -> str | None:
    """As it is stored, unless the pod got a node or ended, or somebody changed it: to sum up requests costs more than the rest of a row."""
    if facts.pod is None:
        return None
    is_same = facts.generation == known.generation and placement.is_at(facts.pod, known.place)
    return known.place if is_same else placement.place_of(facts.pod)


def _labels(facts: Described) -> str:
    return msgspec.json.encode(facts.labels, order="sorted").decode() if facts.labels else "{}"


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


def _event_row(tx: Transaction, cluster_id: str, change: ObjectChange, facts: events.Facts, offset: timedelta) -> dict[str, Any]:
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
    places = Counter((kind, row.namespace) for row in doomed)
    repository.add_counts(tx, cluster_id, {place: -number for place, number in places.items()})
    removed = [ObjectChange(Op.DELETE, kind, row.uid, row.namespace, row.name, row.resource_version, b"") for row in doomed]
    if kind in HISTORY_KINDS:
        nothing: dict[str, Any] = {"generation": None, "manager": None, "operation": None, "diff": [], "truncated": False}
        rows = [
            _history_row(tx, cluster_id, row.id, change, "deleted", row.revision + 1) | nothing
            for row, change in zip(doomed, removed, strict=True)
        ]
        history_repository.add_history(tx, rows, keep=MAX_REVISIONS)
    return removed
