"""Look up single objects of a cluster: by name, by kind and namespace, by owner. For questions about a few objects of a large inventory."""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from optral.resources import history_repository, lookup_repository, repository
from optral.store.transaction import Transaction

AT_ONCE = 500  # manifests in one statement
_labels = msgspec.json.Decoder(dict[str, str])


class FoundObject(NamedTuple):
    """A stored object. `read` gives its JSON bytes, decompressed when it is called, inside the same transaction."""

    kind: str
    uid: str
    namespace: str
    name: str
    labels: dict[str, str]
    owner_kind: str | None
    owner_name: str | None
    owner_uid: str | None
    read: Callable[[], bytes]


def named(tx: Transaction, cluster_id: str, kind: str, namespace: str, name: str) -> FoundObject | None:
    """The object with this name; `namespace` is "" for a cluster-scoped one."""
    row = lookup_repository.named(tx, cluster_id, kind, namespace, name)
    return None if row is None else _found(tx, cluster_id, row)


def every(tx: Transaction, cluster_id: str, kind: str, namespaces: Collection[str], *, limit: int | None = None) -> list[FoundObject]:
    """The objects of a kind in these namespaces, in the order of namespace and name; at most `limit`."""
    return [_found(tx, cluster_id, row) for row in lookup_repository.every(tx, cluster_id, kind, namespaces, limit)]


def everywhere(tx: Transaction, cluster_id: str, kind: str, *, limit: int) -> list[FoundObject]:
    """The objects of a kind in the whole cluster, in the order of namespace and name; at most `limit`."""
    return [_found(tx, cluster_id, row) for row in lookup_repository.everywhere(tx, cluster_id, kind, limit)]


def failing_first(tx: Transaction, cluster_id: str, kind: str, uids: Collection[str], *, limit: int) -> tuple[list[FoundObject], int]:
    """Objects of a kind whose controllers have these uids, at most `limit`, what fails first, then what waits; and how many there are."""
    rows, total = lookup_repository.failing_first(tx, cluster_id, kind, uids, limit)
    return [_found(tx, cluster_id, row) for row in rows], total


def owned(tx: Transaction, cluster_id: str, uid: str, namespaces: Collection[str]) -> list[FoundObject]:
    """The objects in these namespaces whose controller has this uid, in the order of kind, namespace and name."""
    return [_found(tx, cluster_id, row) for row in lookup_repository.owned(tx, cluster_id, uid, namespaces)]


def names_among(tx: Transaction, cluster_id: str, names: Collection[str], namespaces: Collection[str]) -> set[str]:
    """Those of the names that an object in these namespaces has."""
    return lookup_repository.names_among(tx, cluster_id, names, namespaces) if names else set()


def events(tx: Transaction, cluster_id: str, uid: str, *, since: datetime, limit: int) -> list[bytes]:
    """JSON bytes of the Events about the object with this uid that were last seen after `since` (server time), newest first."""
    rows = history_repository.events_of(tx, cluster_id, uid, limit)
    return [repository.unpacked(tx, cluster_id, row.manifest) for row in rows if row.last_at >= since]


def versions_outside(tx: Transaction, cluster_id: str, *, kind: str, namespaces: Collection[str], limit: int) -> list[tuple[str, str]]:
    """(id, resource version) of the objects of a kind in all namespaces but these, at most `limit`."""
    return [(row.id, row.resource_version) for row in lookup_repository.versions_outside(tx, cluster_id, kind, namespaces, limit)]


def manifests(tx: Transaction, ids: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """(id, JSON bytes) of these objects."""
    for start in range(0, len(ids), AT_ONCE):
        yield from repository.manifests(tx, ids[start : start + AT_ONCE]).items()


def _found(tx: Transaction, cluster_id: str, row: Any) -> FoundObject:
    kind, uid, namespace, name, labels, owner_kind, owner_name, owner_uid, stored = row
    if isinstance(labels, str):
        labels = _labels.decode(labels) if labels != "{}" else {}
    return FoundObject(
        kind, uid, namespace, name, labels, owner_kind, owner_name, owner_uid, lambda: repository.unpacked(tx, cluster_id, stored)
    )
