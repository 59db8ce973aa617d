"""Compare two objects of the inventory, perhaps of two clusters, or two revisions of one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from optral.clusters import service as clusters
from optral.clusters.model import ClusterFreshness
from optral.kit.paging import PageRequest
from optral.resources import comparison, service as resources
from optral.resources.comparison import Comparison
from optral.resources.model import Resource, ResourceFilter, Revision
from optral.store.transaction import Transaction
from optral.terms.errors import Invalid, NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonQuery:
    """`right` empty: the object of the same kind, namespace and name in `cluster` (an id or a name), or `left` itself.

    Revision 0 is before the first change in the history.
    """

    left: str
    right: str = ""
    cluster: str = ""
    left_revision: int | None = None
    right_revision: int | None = None
    with_status: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two. `revision` and `at`: of the change after which it was so; None: as it is now."""

    resource: Resource
    standing: ClusterFreshness
    revision: int | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    left: Side
    right: Side
    result: Comparison


def of(tx: Transaction, wanted: ComparisonQuery) -> Compared:
    """Compare. Raises `NotFound` (an object, a revision), `Invalid` for a request that names nothing to compare with."""
    left = resources.get(tx, wanted.left)
    right = _right(tx, wanted, left)
    has_revisions = wanted.left_revision is not None or wanted.right_revision is not None
    if left.id == right.id and not has_revisions:
        raise Invalid("invalid_comparison", say="this is one object: send another one, a cluster, or revisions")
    if has_revisions:
        return _of_revisions(tx, wanted, left, right)
    trees = [msgspec.json.decode(resources.manifest(tx, one.id)) for one in (left, right)]
    result = comparison.of_objects(left.kind, *trees, with_status=wanted.with_status)
    return Compared(left=_side(tx, left), right=_side(tx, right), result=result)


def _right(tx: Transaction, wanted: ComparisonQuery, left: Resource) -> Resource:
    if bool(wanted.right) and bool(wanted.cluster):
        raise Invalid("invalid_comparison", say="send either right or cluster, not both")
    if wanted.right:
        return resources.get(tx, wanted.right)
    return _twin(tx, left, wanted.cluster) if wanted.cluster else left


def _twin(tx: Transaction, left: Resource, cluster: str) -> Resource:
    """The object of the same kind, namespace and name in another cluster. Raises `NotFound`."""
    cluster_id = clusters.resolve(tx, cluster)
    if cluster_id is None or not tx.actor.may_see_cluster(cluster_id):
        raise NotFound("cluster_not_found", say=f"there is no cluster {cluster[:64]}")
    fits = ResourceFilter(
        clusters=frozenset({cluster_id}),
        kinds=frozenset({left.kind}),
        namespaces=frozenset({left.namespace} if left.namespace else ()),
        name=left.name,
    )
    found = resources.find(tx, fits, PageRequest(size=1))
    if not found:
        raise NotFound("resource_not_found", say=f"{cluster} has no {left.short_kind} {left.namespace or ''}/{left.name}")
    return found[0]


def _of_revisions(tx: Transaction, wanted: ComparisonQuery, left: Resource, right: Resource) -> Compared:
    sides, trees, is_incomplete = [], [], False
    for one, revision in ((left, wanted.left_revision), (right, wanted.right_revision)):
        tree, side, is_whole = _at(tx, one, revision)
        trees.append(tree)
        sides.append(side)
        is_incomplete |= not is_whole
    result = comparison.of_revisions(trees[0], trees[1], is_incomplete=is_incomplete)
    return Compared(left=sides[0], right=sides[1], result=result)


def _at(tx: Transaction, one: Resource, revision: int | None) -> tuple[dict[str, Any], Side, bool]:
    """The intent at a revision, None: now; and whether it is known completely. Raises `NotFound`."""
    found, later = (None, []) if revision is None else _revision(tx, one, revision)
    tree, fits = comparison.at_revision(one.kind, resources.manifest(tx, one.id), [entry.diff for entry in later])
    side = _side(tx, one, revision=revision, at=None if found is None else found.at)
    return tree, side, fits and not any(entry.truncated for entry in later)


def _revision(tx: Transaction, one: Resource, revision: int) -> tuple[Revision | None, list[Revision]]:
    """The revision (None for 0, the one before all changes that are kept) and the later ones."""
    history = resources.history(tx, one.id)
    found = next((entry for entry in history if entry.revision == revision), None)
    if found is None and not (history and revision == 0):
        known = ", ".join(str(entry.revision) for entry in reversed(history)) or "none"
        raise NotFound("revision_not_found", say=f"{one.name} has no revision {revision}; the history has: {known}")
    return found, [entry for entry in history if entry.revision > revision]


def _side(tx: Transaction, one: Resource, *, revision: int | None = None, at: datetime | None = None) -> Side:
    return Side(resource=one, standing=clusters.standing(tx, one.cluster_id), revision=revision, at=at)
