"""The service of the inventory: read what is there. What an agent reports comes in by `reports`."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from optral.kit.paging import PageCursor, PageRequest
from optral.kube import columns
from optral.kube.statuses import State
from optral.resources import history_repository, list_repository, model, name_search, object_sets_repository, repository, workloads
from optral.resources.model import (
    EVENT_KIND,
    KindCount,
    KindState,
    KubernetesEvent,
    Readiness,
    Resource,
    ResourceFilter,
    Revision,
    Tree,
)
from optral.store.metadata import from_micros
from optral.store.transaction import Transaction
from optral.terms import ids
from optral.terms.errors import NotFound
from optral.terms.reach import bounds

TREE_LIMIT = 200
TREE_DEPTH = 5
OBJECT_EVENTS = 100
BLIND = frozenset({"forbidden", "gone"})  # phases of kinds that the agent does not follow
EVENTS_AT_ONCE = 400  # uids in one statement


class Stored(NamedTuple):
    """One stored object: what a view is rebuilt from. `raw` is its JSON."""

    kind: str
    uid: str
    namespace: str
    name: str
    raw: bytes


class Source(NamedTuple):
    """The cluster an object was seen in, and whether the object itself is stale there."""

    cluster_id: str
    stale: bool
    stale_since: datetime | None


@lru_cache(maxsize=32768)
def id_of(cluster_id: str, kind: str, uid: str) -> str:
    """The resource's id: the same object always has the same one."""
    return ids.derive("res", cluster_id, kind, uid)


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


def events_about(tx: Transaction, cluster_id: str, uids: Sequence[str], *, since: datetime, limit: int) -> Iterator[Stored]:
    """The newest Kubernetes Events about any of these objects, last seen after `since` (server time), newest first."""
    found: list[Any] = []
    for start in range(0, len(uids), EVENTS_AT_ONCE):
        found += repository.events_about(tx, cluster_id, uids[start : start + EVENTS_AT_ONCE], since, limit)
    for row in sorted(found, key=lambda row: row.last_at, reverse=True)[:limit]:
        yield Stored(EVENT_KIND, row.uid, row.namespace, "", repository.unpacked(tx, cluster_id, row.manifest))


def recent_changes(tx: Transaction, cluster_id: str, *, namespaces: Sequence[str], since: datetime, limit: int) -> list[Revision]:
    """Changes of intent in these namespaces since then, newest first."""
    found = repository.recent_history(tx, cluster_id, namespaces, since, limit)
    return [_revision(row) for row in found if tx.actor.may_see(cluster_id, row.namespace)]


def changes_between(tx: Transaction, cluster_id: str, *, since: datetime, until: datetime, limit: int) -> list[Revision]:
    """Changes of intent of all objects of a cluster but Jobs in this time, created and deleted ones too, newest first."""
    found = repository.history_between(tx, cluster_id, since, until, limit)
    return [_revision(row) for row in found if tx.actor.may_see(cluster_id, row.namespace)]


def kind_states(tx: Transaction, cluster_id: str) -> dict[str, KindState]:
    """How the copies of the cluster's kinds stand, by kind id."""
    return repository.kind_states(tx, cluster_id)


def phases(tx: Transaction, cluster_ids: Collection[str]) -> dict[str, str]:
    """The `KindState.phase` of each kind of these clusters, by cluster, as `Pod=live,Node=forbidden`; one query."""
    return repository.phases(tx, cluster_ids)


def blind_kinds(tx: Transaction, cluster_id: str) -> frozenset[str]:
    """Kinds whose rows are stale because the agent may not see them, or the API server no longer knows them."""
    return frozenset(kind for kind, state in repository.kind_states(tx, cluster_id).items() if state.phase in BLIND)


def outdated_kinds(tx: Transaction, cluster_id: str) -> frozenset[str]:
    """Kinds whose rows are not those of now: `blind_kinds`, and those of which an inventory is awaited or comes in."""
    states = repository.kind_states(tx, cluster_id)
    return frozenset(kind for kind, state in states.items() if state.phase in BLIND or state.phase == "snapshot")


def find(tx: Transaction, wanted: ResourceFilter, page: PageRequest, *, matching: int | None = None) -> list[Resource]:
    """A page of the objects the actor may see; `page.sort` is one of `model.SORTS` (default name, ascending unless it says so).

    `matching`: the `count` of this filter, if known, by which the quicker of two plans is chosen.
    """
    if matching == 0 or (allowed := _allowed(tx, wanted)) is None:
        return []
    page = replace(page, sort=page.sort or "name", descending=page.descending if page.sort else False)
    find = list_repository.find_by_state if page.sort == "status" else list_repository.find
    found = [_resource(row) for row in find(tx, allowed, page, matching=matching)]
    return _with_pods(tx, found) if wanted.workloads and found else found


def _with_pods(tx: Transaction, found: list[Resource]) -> list[Resource]:
    """Workloads with their pods, and with the worst state of both."""
    pods = workloads.pods_of(tx, (one.id for one in found))
    return [replace(one, pods=own, state=min(one.state, own.worst)) if (own := pods.get(one.id)) else one for one in found]


def place_of(resource: Resource, sort: str) -> PageCursor:
    """Where a page that ends with this object goes on, in that order."""
    values: dict[str, Any] = {
        "name": resource.name,
        "kind": resource.kind,
        "namespace": resource.namespace or "",
        "updatedAt": resource.updated_at,
        "createdAt": resource.created_at or from_micros(0),
        "status": [int(resource.state), resource.name],
    }
    return PageCursor(values[sort or "name"], resource.id)


def count(tx: Transaction, wanted: ResourceFilter) -> int:
    allowed = _allowed(tx, wanted)
    return 0 if allowed is None else list_repository.count(tx, allowed)


def counts(tx: Transaction, wanted: ResourceFilter) -> list[KindCount]:
    """How many objects there are by cluster, kind and namespace."""
    allowed = _allowed(tx, wanted)
    rows: Sequence[Any] = () if allowed is None else list_repository.counts(tx, allowed)
    return [
        KindCount(
            cluster_id=row.cluster_id,
            kind=row.kind,
            namespace=row.namespace or None,
            count=row.number,
            stale=row.phase in BLIND,
            stale_since=row.changed_at if row.phase in BLIND else None,
        )
        for row in rows
    ]


def readiness(tx: Transaction, cluster_ids: Collection[str]) -> dict[str, Readiness]:
    """How many nodes and pods each of these clusters has, and how many of them do not work; clusters without any are left out."""
    numbers = {(row.cluster_id, row.kind): row.number for row in list_repository.of_kinds(tx, list(cluster_ids), ("Node", "Pod"))}
    broken = {(row.cluster_id, row.kind): row.number for row in list_repository.not_ready(tx)} if numbers else {}
    return {
        one: Readiness(*(of.get((one, kind), 0) for kind in ("Node", "Pod") for of in (numbers, broken)))
        for one in {cluster_id for cluster_id, _ in numbers}
    }


def changes(tx: Transaction, *, clusters: Collection[str] | None = None, since: datetime, limit: int) -> tuple[list[Revision], int]:
    """The newest changes of intent of all objects that the actor may see, newest first, and their number since then."""
    rows, number = history_repository.changes(tx, tx.actor.within(clusters), since, limit)
    return [_revision(row) for row in rows], number


def get(tx: Transaction, resource_id: str) -> Resource:
    """The object. Raises `NotFound` for none, another organization's, and one in a cluster the actor's key may not see."""
    row = list_repository.get(tx, resource_id)
    if row is None or not tx.actor.may_see(row.cluster_id, row.namespace):
        raise NotFound("resource_not_found", say=f"there is no resource {resource_id}")
    return _resource(row)


def find_one(tx: Transaction, resource_id: str) -> Resource | None:
    """The object, or None where `get` would raise."""
    row = list_repository.get(tx, resource_id)
    return _resource(row) if row is not None and tx.actor.may_see(row.cluster_id, row.namespace) else None


def manifest(tx: Transaction, resource_id: str) -> bytes:
    """The object's redacted JSON. Raises `NotFound`."""
    get(tx, resource_id)
    return repository.manifests(tx, [resource_id])[resource_id]


def cells(tx: Transaction, found: Sequence[Resource]) -> dict[str, columns.Cells]:
    """The values that a list shows of these objects beside their name and status, by id; see `optral.kube.columns`."""
    kinds = {one.id: one.kind for one in found if columns.of(one.kind)}
    return {id_: columns.cells(kinds[id_], raw) for id_, raw in repository.manifests(tx, list(kinds)).items()}


def history(tx: Transaction, resource_id: str) -> list[Revision]:
    """Changes of intent, newest first; also of an object that is gone. Raises `NotFound` when there never was one."""
    rows = history_repository.history(tx, resource_id)
    if not rows:
        get(tx, resource_id)
        return []
    if not tx.actor.may_see(rows[0].cluster_id, rows[0].namespace):
        raise NotFound("resource_not_found", say=f"there is no resource {resource_id}")
    return [_revision(row) for row in rows]


def source(tx: Transaction, resource_id: str) -> Source:
    """Where what is known about an object comes from, also of one that is gone. Raises `NotFound` when there never was one."""
    if (row := list_repository.get(tx, resource_id)) is not None and tx.actor.may_see(row.cluster_id, row.namespace):
        found = _resource(row)
        return Source(found.cluster_id, found.stale, found.stale_since)
    rows = history_repository.history(tx, resource_id)
    if not rows or not tx.actor.may_see(rows[0].cluster_id, rows[0].namespace):
        raise NotFound("resource_not_found", say=f"there is no resource {resource_id}")
    return Source(rows[0].cluster_id, False, None)


def _revision(row: Any) -> Revision:
    return Revision(
        resource_id=row.resource_id,
        cluster_id=row.cluster_id,
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
            kind=row.kind,
            namespace=row.namespace,
            name=row.name,
            type=row.type,
            reason=row.reason,
            message=row.message,
            source=row.source,
            count=row._mapping["count"],
            first_at=row.first_at,
            last_at=row.last_at,
        )
        for row in history_repository.events_of(tx, about.cluster_id, about.uid, OBJECT_EVENTS)
    ]


def tree(tx: Transaction, resource_id: str) -> Tree:
    """The object between its owners and what it owns, to five levels and 200 objects. Raises `NotFound`."""
    root = get(tx, resource_id)
    children: list[Resource] = []
    level, truncated = [root.uid], False
    for _ in range(TREE_DEPTH):
        rows = list_repository.children(tx, root.cluster_id, level, TREE_LIMIT - len(children) + 1) if level else ()
        found = [_resource(row) for row in rows if tx.actor.may_see(row.cluster_id, row.namespace)]
        truncated = truncated or len(children) + len(found) > TREE_LIMIT
        children += found[: TREE_LIMIT - len(children)]
        level = [child.uid for child in found]
        if truncated:
            break
    return Tree(root=root, owners=owners_of(tx, root), children=children, truncated=truncated)


def owners_of(tx: Transaction, root: Resource) -> list[Resource]:
    """What controls the object, nearest first, to five levels, as far as the actor may see it."""
    owners: list[Resource] = []
    child = root
    for _ in range(TREE_DEPTH):
        if not child.owner_uid or not child.owner_kind:
            break
        row = list_repository.get(tx, id_of(root.cluster_id, child.owner_kind, child.owner_uid))
        if row is None or not tx.actor.may_see(row.cluster_id, row.namespace):
            break
        child = _resource(row)
        owners.append(child)
    return owners


def _allowed(tx: Transaction, wanted: ResourceFilter) -> ResourceFilter | None:
    """The filter as far as the actor may see; None when that is nothing."""
    known = repository.known_kinds(tx) if wanted.groups or any(model.is_short(name) for name in wanted.kinds) else ()
    kinds = model.kind_ids(wanted.kinds, groups=wanted.groups, known=known)
    wanted = replace(wanted, kinds=kinds)
    if tx.actor.reach is None:
        return wanted
    areas = tx.actor.reach.within(wanted.clusters or None, wanted.namespaces or None)
    around = bounds(areas)
    if not areas:
        return None
    clusters, namespaces = around.clusters or frozenset(), around.namespaces or frozenset()
    return replace(wanted, clusters=clusters, namespaces=namespaces, areas=areas if len(areas) > 1 else None)


def search(tx: Transaction, text: str, *, namespace: str | None = None, limit: int) -> list[Resource]:
    """Objects that the actor may see and whose name contains the text, best first; of one namespace if it is given."""
    found = name_search.find(tx, text, within=tx.actor.within(None, None if namespace is None else [namespace]), limit=limit)
    return [_resource(row) for row in found]


def _resource(row: Any) -> Resource:
    is_blind = row.phase in BLIND
    is_awaited = row.phase == "snapshot" and row.snapshot != row.incoming
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
        state=State(row.state),
        created_at=row.created_at,
        updated_at=row.updated_at,
        stale=is_blind or is_awaited,
        stale_since=row.changed_at if is_blind else row.updated_at if is_awaited else None,
    )


# --- cleaning


def purge(tx: Transaction, cluster_id: str, limit: int = 500) -> bool:
    """Delete up to `limit` rows of a cluster that is gone; True while there may be more."""
    return repository.purge(tx, cluster_id, limit) > 0


def delete_old_events(tx: Transaction, *, before: datetime, limit: int) -> int:
    """Delete up to `limit` Kubernetes Events last seen before that moment, of all organizations; how many."""
    return repository.delete_old_events(tx, before, limit)


def delete_unused_sets(tx: Transaction, *, before: datetime, limit: int) -> int:
    """Look at up to `limit` sets of objects (`object_sets.py`) that were last looked at before that moment, of all organizations, and
    delete those without objects; how many were looked at."""
    return object_sets_repository.delete_unused(tx, before, limit)


def delete_old_history(tx: Transaction, *, before: datetime, limit: int) -> int:
    """Delete up to `limit` revisions older than that moment, of all organizations; how many."""
    return repository.delete_old_history(tx, before, limit)
