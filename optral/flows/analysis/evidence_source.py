"""What an explanation may see of a cluster: the objects of the issue's namespace and of the system's, and those without a namespace;
of any namespace, those that a route refers to (`scope.ANYWHERE`).

Each is read when a rule asks for it. Where a pod fits depends on the pods of every namespace: what each of them takes from its node is
remembered by resource version, so that only pods that are new or changed since the last such question are read.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import overload

from optral.analysis.reading import scope
from optral.analysis.reading.snapshot import Reservation, SnapshotObject, decoded, is_distinct, reservation
from optral.analysis.reading.stored_snapshot import StoredObject
from optral.kube.kinds import EVENT
from optral.kube.objects import NetworkPolicy, Pod
from optral.resources import lookup
from optral.resources.lookup import FoundObject
from optral.store.transaction import Transaction
from optral.terms.refs import ObjectRef

MAX_EVENTS = 200  # about one object
MAX_ELSEWHERE = 20_000  # pods of other namespaces whose reservations count
MAX_REMEMBERED = 60_000  # reservations, about 500 bytes each


class StoredSource:
    """See `analysis/stored_snapshot.Source`; for use inside the transaction."""

    def __init__(
        self,
        tx: Transaction,
        cluster_id: str,
        *,
        namespaces: Collection[str],
        kinds: Collection[str],
        events_since: datetime,
        vantages: Collection[tuple[str, str]] = (),
        changed: Collection[tuple[str, str | None, str]] = (),
        list_at_most: int | None = None,
    ) -> None:
        """`namespaces` without "", which stands for cluster-scoped objects and is always seen. `vantages`: namespace and name of pods that
        probed something; they are seen too, with the NetworkPolicies of their namespaces. `changed`: kind, namespace and name of objects
        that are seen wherever they are. `list_at_most`: how many objects a list holds;
        with it, an object that a list lacks may exist.
        """
        self._tx, self._cluster_id, self._kinds, self._since = tx, cluster_id, kinds, events_since
        self._namespaces = ("", *namespaces)
        self._vantages = frozenset(vantages)
        self._changed = frozenset(changed)
        self._list_at_most = list_at_most

    def kinds(self) -> Collection[str]:
        return self._kinds

    def named(self, kind: str, namespace: str | None, name: str) -> SnapshotObject | None:
        is_named = kind in scope.ANYWHERE or (kind, namespace, name) in self._changed
        is_vantage = kind == Pod.kind and (namespace, name) in self._vantages
        if (namespace or "") not in self._namespaces and not (is_named or is_vantage):
            return None
        found = lookup.named(self._tx, self._cluster_id, kind, namespace or "", name)
        return None if found is None else object_of(found)

    def every(self, kind: str, namespace: str | None) -> Sequence[SnapshotObject]:
        seen = [one for one in self._namespaces if namespace in (None, one)]
        if not seen and (kind in scope.ANYWHERE or (kind == NetworkPolicy.kind and any(namespace == one for one, _ in self._vantages))):
            seen = [str(namespace)]
        found = lookup.every(self._tx, self._cluster_id, kind, seen, limit=self._list_at_most) if seen else []
        return [object_of(one) for one in found]

    def owned(self, uid: str) -> Sequence[SnapshotObject]:
        return [object_of(one) for one in lookup.owned(self._tx, self._cluster_id, uid, self._namespaces)]

    def events(self, uid: str) -> Sequence[SnapshotObject]:
        found = lookup.events(self._tx, self._cluster_id, uid, since=self._since, limit=MAX_EVENTS)
        return [SnapshotObject(EVENT.id, manifest) for raw in found if isinstance(manifest := decoded(raw), dict)]

    def names_among(self, words: Collection[str]) -> set[str]:
        return lookup.names_among(self._tx, self._cluster_id, [word for word in words if is_distinct(word)], self._namespaces)


def object_of(found: FoundObject) -> StoredObject:
    ref = ObjectRef(found.kind, found.namespace or None, found.name, found.uid)
    owner = ObjectRef(found.owner_kind, ref.namespace, found.owner_name or "", found.owner_uid or "") if found.owner_kind else None
    return StoredObject(ref, found.labels, owner, found.read)


class Reservations:
    """What pods take from their nodes, by resource id and version; of the pods that were asked about last. Safe for several threads."""

    def __init__(self, most: int = MAX_REMEMBERED) -> None:
        self._most = most
        self._known: OrderedDict[str, tuple[str, Reservation | None]] = OrderedDict()
        self._lock = threading.Lock()

    def outside(self, tx: Transaction, cluster_id: str, namespaces: Collection[str]) -> list[Reservation]:
        """The reservations of the pods in all other namespaces, at most `MAX_ELSEWHERE`."""
        versions = dict(lookup.versions_outside(tx, cluster_id, kind="Pod", namespaces=namespaces, limit=MAX_ELSEWHERE))
        with self._lock:
            known = {id_: self._known[id_] for id_, version in versions.items() if self._known.get(id_, ("",))[0] == version}
        missing = [id_ for id_ in versions if id_ not in known]
        known |= {id_: (versions[id_], reservation(raw)) for id_, raw in lookup.manifests(tx, missing)}
        with self._lock:
            self._remember(known)
        return [one for _, one in known.values() if one is not None]

    def _remember(self, known: Mapping[str, tuple[str, Reservation | None]]) -> None:
        for id_, entry in known.items():
            self._known[id_] = entry
            self._known.move_to_end(id_)
        while len(self._known) > self._most:
            self._known.popitem(last=False)


class LazyReservations(Sequence[Reservation]):
    """The reservations that `read` gives, read when a rule looks at them: few questions come to that."""

    def __init__(self, read: Callable[[], Sequence[Reservation]]) -> None:
        self._read = read
        self._found: Sequence[Reservation] | None = None

    @property
    def _all(self) -> Sequence[Reservation]:
        if self._found is None:
            self._found = self._read()
        return self._found

    def __len__(self) -> int:
        return len(self._all)

    @overload
    def __getitem__(self, index: int) -> Reservation: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Reservation]: ...
    def __getitem__(self, index: int | slice) -> Reservation | Sequence[Reservation]:
        return self._all[index]
