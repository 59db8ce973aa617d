"""The store of a view: objects by kind and uid, with their index. `ClusterView` decides what is in it.

An index without `typed_at_most` keeps every object typed. With it, at most that many namespaced objects are typed and the others packed
(`view_packing.py`): what arrives when there is no room is packed, and an object that is read or changed is typed and takes the place of one
chosen at random. Unlike the least recently used, a random one costs no bookkeeping when an object is read, and changes that go round more
objects than fit still find most of them typed.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from random import Random
from sys import intern
from typing import cast

from optral.kube import view_keys
from optral.kube.kinds import BY_ID
from optral.kube.objects import Event, KubeObject
from optral.kube.view_keys import Key
from optral.kube.view_packing import PACKED, Kept, Packed, Packing

_MANY = 8  # a lookup of more than an eighth of the limit displaces nothing
_SHRINK = 256  # objects packed at once, when the limit has fallen
_PACKED = frozenset(kind.id for kind in BY_ID.values() if kind.namespaced)  # the others are few, and detectors walk over all of them

Limit = Callable[[], int]


class ObjectIndex:
    """Objects by kind and uid, uids by what they are looked up for. Changed in place; shared by nobody but its view.

    `_kept` is not read without `_typed`: what it holds may be packed.
    """

    __slots__ = ("_clean", "_kept", "_limit", "_names", "_packing", "_places", "_random", "index")

    def __init__(self, typed_at_most: Limit | None = None) -> None:
        self._kept: dict[str, dict[str, Kept]] = {}
        self._names: dict[tuple[str, str], dict[str, str]] = {}  # by kind and namespace; one flat map would take a tuple for each object
        self.index: dict[Key, dict[str, None]] = {}
        self._limit = typed_at_most
        self._packing = Packing()
        self._clean: dict[tuple[str, str], Packed] = {}  # of what is typed because it was read: what it was packed as
        self._places: list[tuple[str, str]] = []  # (kind, uid) of what is typed; some of it may have gone since
        self._random = Random(0)  # noqa: S311 - chooses what to pack

    # --- reading

    def get(self, kind: str, uid: str) -> KubeObject | None:
        of_kind = self._kept.get(kind)
        kept = None if of_kind is None else of_kind.get(uid)
        return self._typed(kind, uid, cast(Packed, kept)) if kept.__class__ in PACKED else cast(KubeObject | None, kept)

    def among(self, kind: str, uids: Collection[str]) -> list[KubeObject]:
        """Those of these uids that are here; what is packed stays packed if there are many of them."""
        of_kind = self._kept.get(kind)
        if not of_kind:
            return []
        keep = self._limit is None or len(uids) * _MANY <= self._limit()
        found: list[KubeObject] = []
        for uid in uids:
            kept = of_kind.get(uid)
            if kept.__class__ in PACKED:
                packed = cast(Packed, kept)
                found.append(self._typed(kind, uid, packed) if keep else self._packing.unpack(kind, packed))
            elif kept is not None:
                found.append(cast(KubeObject, kept))
        return found

    def peek(self, kind: str, uid: str) -> KubeObject | None:
        """The object; a packed one stays packed."""
        kept = self._kept.get(kind, {}).get(uid)
        return self._packing.unpack(kind, cast(Packed, kept)) if kept.__class__ in PACKED else cast(KubeObject | None, kept)

    def named(self, kind: str, namespace: str, name: str) -> str | None:
        """The uid of the object with this name; `namespace` is "" for a cluster-scoped one. None when there is none."""
        names = self._names.get((kind, namespace))
        return None if names is None else names.get(name)

    def has(self, kind: str, uid: str) -> bool:
        return uid in self._kept.get(kind, ())

    def all(self, kind: str) -> Iterator[tuple[str, KubeObject]]:
        """(uid, object) of every object of a kind; packed ones stay packed, since a walk over all of them reads each once."""
        for uid, kept in self._kept.get(kind, {}).items():
            yield uid, kept if isinstance(kept, KubeObject) else self._packing.unpack(kind, kept)

    def uids(self, kind: str) -> Iterable[str]:
        """In the order of arrival."""
        return self._kept.get(kind, {}).keys()

    def count(self, kind: str) -> int:
        return len(self._kept.get(kind, ()))

    def kinds(self) -> Iterable[str]:
        return self._kept.keys()

    # --- changing

    def put(self, kind: str, uid: str, obj: KubeObject) -> None:
        before = self.get(kind, uid)
        if before is None:
            self._note(uid, view_keys.of(kind, obj))
        else:
            if not view_keys.is_found_alike(kind, before, obj):
                self._forget(uid, view_keys.of(kind, before))
                self._note(uid, view_keys.of(kind, obj))
            if before.metadata.name != obj.metadata.name:
                self._forget_name(kind, uid, before)
        if kind != Event.kind:
            self._names.setdefault((intern(kind), intern(obj.metadata.namespace)), {})[obj.metadata.name] = uid
        self.replace(kind, uid, obj)

    def replace(self, kind: str, uid: str, obj: KubeObject) -> None:
        """Put an object that is found by the same keys and name as the one before it."""
        of_kind = self._kept.get(kind)
        if of_kind is None:
            of_kind = self._kept[intern(kind)] = {}
        before = of_kind.get(uid)
        if self._limit is None or kind not in _PACKED:
            of_kind[uid] = obj
        elif before is None and len(self._places) >= self._limit():
            of_kind[uid] = self._packing.pack(obj)
        else:
            of_kind[uid] = obj
            if before is None or before.__class__ in PACKED:
                self._place(kind, uid)
            elif self._clean:
                self._clean.pop((kind, uid), None)

    def drop(self, kind: str, uid: str) -> None:
        kept = self._kept.get(kind, {}).pop(uid, None)
        if kept is not None:
            self._clean.pop((kind, uid), None)
            obj = kept if isinstance(kept, KubeObject) else self._packing.unpack(kind, kept)
            self._forget(uid, view_keys.of(kind, obj))
            self._forget_name(kind, uid, obj)

    def shrink(self) -> None:
        """Pack some of what is typed beyond the limit, which falls as others share it."""
        if self._limit is not None and len(self._places) > (limit := self._limit()):
            for _ in range(min(_SHRINK, len(self._places) - limit)):
                self._pack(*self._places.pop())

    # --- typed and packed

    def _typed(self, kind: str, uid: str, kept: Packed) -> KubeObject:
        obj = self._kept[kind][uid] = self._packing.unpack(kind, kept)
        self._clean[kind, uid] = kept
        self._place(kind, uid)
        return obj

    def _place(self, kind: str, uid: str) -> None:
        """Note that a packed object is typed now; pack another if there are too many."""
        places = self._places
        if self._limit is None or len(places) < self._limit():
            places.append((kind, uid))
            return
        at = int(self._random.random() * len(places))
        self._pack(*places[at])
        places[at] = (kind, uid)

    def _pack(self, kind: str, uid: str) -> None:
        of_kind = self._kept[kind]
        if isinstance(kept := of_kind.get(uid), KubeObject):
            clean = self._clean.pop((kind, uid), None)
            of_kind[uid] = self._packing.pack(kept) if clean is None else clean

    # --- keys

    def _note(self, uid: str, keys: tuple[Key, ...]) -> None:
        for key in keys:
            self.index.setdefault(key, {})[uid] = None

    def _forget(self, uid: str, keys: tuple[Key, ...]) -> None:
        for key in keys:
            uids = self.index.get(key)
            if uids is not None:
                uids.pop(uid, None)
                if not uids:
                    del self.index[key]

    def _forget_name(self, kind: str, uid: str, obj: KubeObject) -> None:
        place = (kind, obj.metadata.namespace)
        names = self._names.get(place, {})
        if names.get(obj.metadata.name) == uid:  # a namesake may have come before the old one went
            del names[obj.metadata.name]
            if not names:
                del self._names[place]
