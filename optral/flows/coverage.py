"""What an answer covers, for whoever answers: `of` gives the record for some clusters and namespaces, as the actor may see them.

A fixed number of queries, however many clusters there are: clusters, phases of kinds, detector settings, mute rules, and, where namespaces
are named, whether there are such namespaces.
"""

from collections.abc import Collection, Iterator, Sequence

from optral.clusters import service as clusters
from optral.clusters.model import Cluster, ClusterFilter, ClusterStatus
from optral.detector_settings import service as detector_settings
from optral.detectors import coverage
from optral.detectors.coverage import ClusterRead, Contact, Coverage, Phases, Reason, Unread
from optral.issues.triage import mute_rules
from optral.kit.paging import PageRequest
from optral.kit.words import counted
from optral.kube.objects import ConfigMap
from optral.resources import service as resources
from optral.resources.model import ResourceFilter
from optral.store.transaction import Transaction
from optral.terms.actor import ActorKind
from optral.terms.reach import bounds

MOST_CLUSTERS = 2000
_CONTACT = {
    ClusterStatus.ONLINE: Contact.CURRENT,
    ClusterStatus.DEGRADED: Contact.LATE,
    ClusterStatus.OFFLINE: Contact.OFFLINE,
    ClusterStatus.PENDING: Contact.NEVER,
}
_WATCHES = "watches:"
"""The capability by which an agent of one namespace says which."""


def of(tx: Transaction, *, within: Collection[str] | None = None, namespaces: Collection[str] | None = None) -> Coverage:
    """The record of these clusters (ids; None: all) and namespaces (None or empty: all), as far as the actor may see them.

    An id of no cluster that the actor may see makes it incomplete.
    """
    fits = ClusterFilter(ids=None if within is None else frozenset(within))
    found = clusters.find(tx, fits, PageRequest(size=MOST_CLUSTERS, sort="name", descending=False))
    phases = resources.phases(tx, [one.id for one in found if one.status is ClusterStatus.ONLINE])
    every = [_read(one, coverage.read_phases(phases.get(one.id, ""))) for one in found]
    asked = frozenset(namespaces) if namespaces else None
    seen = _visible(tx, frozenset(one.id for one in found), asked)
    rules = coverage.rules(
        detector_settings.settings(tx),
        clusters=None if within is None else frozenset(one.id for one in found),
        namespaces=seen,
        sees=lambda place: detector_settings.may_see(tx, place),
        mute_rules=len(mute_rules.find(tx)),
    )
    total = len(found) if len(found) < MOST_CLUSTERS else clusters.count(tx, fits)
    unread = [
        *_left_out(total, len(found), 0 if within is None else len(frozenset(within))),
        *_beyond(tx, asked, seen),
        *_unknown(tx, every, seen if asked else None),
        *coverage.unread(every, rules, namespaces=seen),
    ]
    return Coverage(at=tx.now, clusters=every, total=total, rules=rules, unread=coverage.needed_first(unread), namespaces=seen)


def _read(one: Cluster, phases: Phases) -> ClusterRead:
    watched = frozenset(name.removeprefix(_WATCHES) for name in one.agent_capabilities if name.startswith(_WATCHES))
    return ClusterRead(
        id=one.id,
        name=one.name,
        contact=_CONTACT[one.status],
        seen_at=one.last_heartbeat_at,
        synced_at=one.synced_at,
        phases=phases,
        namespaces=watched or None,
    )


def _left_out(total: int, read: int, asked: int) -> Iterator[Unread]:
    """Clusters that were requested and that there are not, for all that the actor may see, and those beyond the bound."""
    if asked > total > 0:
        yield Unread(reason=Reason.NO_CLUSTER, message=f"{counted(asked - total, 'cluster')} of the filter cannot be found")
    if total > read:
        yield Unread(
            reason=Reason.UNREADABLE,
            message=f"Not examined: {counted(total - read, 'cluster')} beyond the first {MOST_CLUSTERS:,}",
            fix="Name the clusters to examine, such as `optral coverage --cluster NAME`.",
        )


def _visible(tx: Transaction, cluster_ids: frozenset[str], asked: frozenset[str] | None) -> frozenset[str] | None:
    """The namespaces that the record is about; None: all, and what is in none."""
    areas = tx.actor.within(cluster_ids or None, asked)
    return asked if areas is None else bounds(areas).namespaces


def _beyond(tx: Transaction, asked: frozenset[str] | None, seen: frozenset[str] | None) -> Iterator[Unread]:
    """What the actor may not see. It is not told what there is."""
    if asked is not None and seen is not None and (hidden := asked - seen):
        yield Unread(reason=Reason.ACCESS, message=f"Your access does not include {counted(len(hidden), 'namespace')} of the filter")
    elif tx.actor.reach is not None and tx.actor.kind is not ActorKind.AGENT:
        what = "clusters" if tx.actor.sees_whole_clusters else "namespaces"
        yield Unread(reason=Reason.ACCESS, is_needed=False, message=f"Your access is limited to some {what}")


def _unknown(tx: Transaction, every: Sequence[ClusterRead], asked: frozenset[str] | None) -> Iterator[Unread]:
    """Namespaces of which no cluster has an object, and so are misspelled: Kubernetes puts a ConfigMap into each."""
    here = frozenset(one.id for one in every if one.is_looked_at and ConfigMap.kind in one.live)
    if not asked or not here:
        return
    known = {one.namespace for one in resources.counts(tx, ResourceFilter(clusters=here, namespaces=asked))}
    if names := tuple(sorted(asked - known)):
        where = coverage.named("cluster", [one.name for one in every])
        yield Unread(
            reason=Reason.UNKNOWN_NAMESPACE,
            namespaces=names,
            message=f"{where.capitalize()} {'has' if len(every) == 1 else 'have'} no {coverage.named('namespace', names)}",
        )
