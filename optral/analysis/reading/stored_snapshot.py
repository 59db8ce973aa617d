"""A snapshot of stored objects that reads what a question asks for, when it asks.

A cluster has fifty thousand objects; the cause of an issue is a few owners, pods, Services and a node away. Each answer of the source is
kept, so a rule that asks twice reads once, and an object is one `SnapshotObject` whichever way it was reached.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, Protocol

import msgspec

from optral.analysis.reading.snapshot import CLUSTER_WIDE, Listing, Snapshot, SnapshotObject, decoded, dig_steps, steps
from optral.terms.refs import ObjectRef

LOOKUPS = 12  # of one kind in one namespace; more cost more than the whole list
_members = msgspec.json.Decoder(dict[str, msgspec.Raw])


class StoredObject(SnapshotObject):
    """An object known by its columns. Of its manifest only the members that a rule reads (`metadata`, `spec`, `status`) are decoded."""

    __slots__ = ("_labels", "_members", "_owner", "_read", "_values")

    def __init__(self, ref: ObjectRef, labels: dict[str, str], owner: ObjectRef | None, read: Callable[[], bytes]) -> None:
        """`read` gives the manifest as JSON bytes."""
        super().__init__(ref.kind, {}, ref=ref)
        self._labels, self._owner, self._read = labels, owner, read
        self._members: Mapping[str, msgspec.Raw] | None = None
        self._values: dict[str, Any] = {}

    @property
    def is_read(self) -> bool:
        return self._members is not None

    @property
    def raw(self) -> Mapping[str, Any]:
        if not self._raw:
            self._raw = {name: self._member(name) for name in self._split()}
        return self._raw

    @property
    def labels(self) -> dict[str, str]:
        return self._labels

    def owner(self) -> ObjectRef | None:
        return self._owner

    def get(self, path: str) -> Any:
        first, *rest = steps(path)
        return dig_steps(self._member(first), rest) if isinstance(first, str) else None

    def _member(self, name: str) -> Any:
        if name not in self._values:
            member = self._split().get(name)
            self._values[name] = None if member is None else decoded(member)
        return self._values[name]

    def _split(self) -> Mapping[str, msgspec.Raw]:
        if self._members is None:
            try:
                self._members = _members.decode(self._read())
            except (msgspec.MsgspecError, UnicodeDecodeError):
                self._members = {}  # nothing is concluded from it
        return self._members


class Source(Protocol):
    """The stored objects that one question may see, as they are at one moment. Lists are in the order of namespace and name."""

    def kinds(self) -> Collection[str]:
        """The kinds of which there may be objects."""
        ...

    def named(self, kind: str, namespace: str | None, name: str) -> SnapshotObject | None: ...

    def every(self, kind: str, namespace: str | None) -> Sequence[SnapshotObject]:
        """The objects of a kind in one namespace; in all that the question may see without one."""
        ...

    def owned(self, uid: str) -> Sequence[SnapshotObject]:
        """The objects whose controller has this uid."""
        ...

    def events(self, uid: str) -> Sequence[SnapshotObject]:
        """The Events about the object with this uid, in any order."""
        ...

    def names_among(self, words: Collection[str]) -> set[str]:
        """The words that are names of objects."""
        ...


class StoredSnapshot(Snapshot):
    """See the module. Use it while its source may be read; `complete` reads all that is left for a use after that."""

    __slots__ = ("_lists", "_lookups", "_misses", "_owned_by", "_source", "_with_events", "_words")

    def __init__(self, source: Source, **facts: Any) -> None:
        super().__init__(**facts)
        self._source: Source | None = source
        self._lists: dict[tuple[str, str | None], list[SnapshotObject]] = {}
        self._owned_by: dict[str, list[SnapshotObject]] = {}
        self._misses: set[tuple[str, str | None, str]] = set()
        self._with_events: set[str] = set()
        self._words: dict[str, bool] = {}
        self._lookups: dict[tuple[str, str | None], int] = {}

    def complete(self) -> None:
        """Read everything that the question may see, so that the snapshot can be asked when its source is gone."""
        assert self._source is not None
        for kind in sorted(self._source.kinds()):
            for obj in self.all(kind):
                self._index_owners(obj)
                self.events(obj)
        len(self.reservations)  # reads them
        self._source, self.anywhere = None, frozenset()

    def _count(self, kind: str, namespace: str | None) -> int:
        """How many objects of a kind and namespace were looked up one by one, this one included."""
        count = self._lookups[kind, namespace] = self._lookups.get((kind, namespace), 0) + 1
        return count

    @property
    def manifests_read(self) -> int:
        """How many manifests were decoded so far: what the answers cost."""
        return sum(isinstance(obj, StoredObject) and obj.is_read for named in self._named.values() for obj in named.values())

    def _same(self, obj: SnapshotObject) -> SnapshotObject:
        """The object itself, or the one that is here already under its name."""
        known = self._named.setdefault(obj.kind, {}).setdefault((obj.namespace, obj.name), obj)
        if known.uid:
            self._by_uid[known.uid] = known
        return known

    # --- asking

    def kinds(self) -> Iterator[str]:
        yield from sorted(self._source.kinds() if self._source is not None else self._named)

    def names_among(self, words: Collection[str]) -> set[str]:
        if self._source is None:
            return super().names_among(words)
        unknown = [word for word in words if word not in self._words]
        if unknown:
            found = self._source.names_among(unknown)
            self._words.update((word, word in found) for word in unknown)
        return {word for word in words if self._words[word]}

    def find(self, kind: str, namespace: str | None, name: str) -> SnapshotObject | None:
        known = super().find(kind, namespace, name)
        if known is not None or self._source is None or (kind, namespace) in self._lists or (kind, namespace, name) in self._misses:
            return known
        if self._count(kind, namespace) > LOOKUPS:
            next(self.all(kind, namespace), None)
            return super().find(kind, namespace, name)
        found = self._source.named(kind, namespace, name)
        if found is None:
            self._misses.add((kind, namespace, name))
            return None
        return self._same(found)

    def at(self, ref: ObjectRef) -> SnapshotObject | None:
        found = self._by_uid.get(ref.uid) if ref.uid else None
        return found or self.find(ref.kind, None if ref.kind in CLUSTER_WIDE else ref.namespace, ref.name)

    def all(self, kind: str, namespace: str | None = None) -> Iterator[SnapshotObject]:
        if (kind, namespace) not in self._lists:
            if self._source is None:
                yield from super().all(kind, namespace)
                return
            self._lists[kind, namespace] = [self._same(one) for one in self._source.every(kind, namespace)]
        yield from self._lists[kind, namespace]

    def owned(self, owner: SnapshotObject, kind: str) -> list[SnapshotObject]:
        if not owner.uid:
            return []
        if owner.uid not in self._owned_by and self._source is not None:
            self._owned_by[owner.uid] = [self._same(one) for one in self._source.owned(owner.uid)]
        known = self._owned_by.get(owner.uid)
        return super().owned(owner, kind) if known is None else [obj for obj in known if obj.kind == kind]

    def events(self, obj: SnapshotObject, *reasons: str) -> list[SnapshotObject]:
        if obj.uid and self._source is not None and obj.uid not in self._with_events:
            self._with_events.add(obj.uid)
            self._add_events(obj.uid, self._source.events(obj.uid))
        return super().events(obj, *reasons)


class NearbySnapshot(StoredSnapshot):
    """A snapshot whose source gives only the first objects of a list: what a list lacks is looked up by its name."""

    __slots__ = ()

    def find(self, kind: str, namespace: str | None, name: str) -> SnapshotObject | None:
        known = Snapshot.find(self, kind, namespace, name)
        if known is not None or self._source is None or (kind, namespace, name) in self._misses:
            return known
        found = self._source.named(kind, namespace, name)
        if found is None:
            self._misses.add((kind, namespace, name))
        return None if found is None else self._same(found)

    def listed(self, kind: str, namespace: str | None = None) -> Listing | None:
        return None
