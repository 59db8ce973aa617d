"""The teams of issues: found with the view of the cluster when issues open, and again when labels, annotations or the rules change."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, NamedTuple

from optral.access import service as access
from optral.clusters import service as clusters
from optral.clusters.model import ClusterFreshness, ClusterState
from optral.detectors.tuning import Settings
from optral.events import service as events
from optral.flows.issues import issue_events
from optral.issues import service as issues
from optral.issues.lifecycle import teams
from optral.issues.lifecycle.observation import TeamOf
from optral.issues.model import UNRESOLVED, IssueFilter
from optral.kit.records import Change
from optral.kit.search_terms import quoted
from optral.kube import objects
from optral.kube.kinds import EVENT
from optral.kube.objects import Namespace
from optral.kube.teams import NONE, Ownership, TeamSettings
from optral.kube.view import ClusterView
from optral.ownership import service as ownership
from optral.ownership.model import OwnershipSettings
from optral.resources import lookup, service as resources
from optral.resources.model import Resource
from optral.store.transaction import Transaction
from optral.terms.refs import ObjectRef


def change(tx: Transaction, wanted: Change[TeamSettings], *, if_version: int | None = None) -> OwnershipSettings:
    """Change how teams are found; issues follow within seconds. Raises `Invalid`, `Stale`."""
    before, after = ownership.save(tx, wanted, by=tx.actor.id, if_version=if_version)
    if after != before:
        access.audit(tx, action="owners.update", target=tx.org_id, detail=plain(after.settings))
    return after


def plain(settings: TeamSettings) -> dict[str, Any]:
    """The settings as JSON."""
    return {
        "order": [source.value for source in settings.order],
        "labels": list(settings.labels),
        "rules": [rule._asdict() for rule in settings.rules],
    }


class Owner(NamedTuple):
    """A team (None: what no team owns), its open issues, and the query that selects them."""

    team: str | None
    open_issues: int
    query: str


def owners(tx: Transaction) -> tuple[list[Owner], dict[str, ClusterFreshness]]:
    """The teams of open issues, the most issues first, then the other teams that rules name; and the clusters of these issues.

    An actor that does not see all of the organization gets only teams of issues that it sees.
    """
    wanted = IssueFilter(statuses=UNRESOLVED, parents=frozenset({NONE}))
    counted = issues.facets(tx, wanted)
    named = {} if tx.actor.reach is not None else {rule.team: 0 for rule in sorted(ownership.get(tx).settings.rules)}
    numbers = sorted((named | counted.get("team", {})).items(), key=lambda one: -one[1])
    found = [Owner(None if team == NONE else team, number, f"team:{quoted(team)}") for team, number in numbers]
    return found, clusters.standings(tx, counted.get("cluster", {}))


def of_resource(tx: Transaction, one: Resource) -> Ownership | None:
    """The team of a stored object, as an issue of it would have: by the object, what controls it, its namespace and the rules."""
    stored = [one, *resources.owners_of(tx, one)]
    manifests = dict(lookup.manifests(tx, [each.id for each in stored]))
    found = [(each.kind, manifests[each.id], each.uid, each.namespace or "", each.name) for each in stored if each.id in manifests]
    home = lookup.named(tx, one.cluster_id, Namespace.kind, "", one.namespace) if one.namespace else None
    found += [] if home is None else [(home.kind, home.read(), home.uid, "", home.name)]
    view = ClusterView()
    view.load((kind, objects.decode(kind, raw, uid=uid, namespace=namespace, name=name)) for kind, raw, uid, namespace, name in found)
    ref = ObjectRef(one.kind, one.namespace, one.name, one.uid)
    return ownership.get(tx).settings.of(view, ref, (one.cluster_id, clusters.standing(tx, one.cluster_id).name))


def team_of(state: ClusterState, view: ClusterView, settings: Settings) -> TeamOf:
    """Answers which team owns an object of the cluster, and why."""
    return partial(settings.teams.of, view, clusters=(state.id, state.name))


def refresh(
    tx: Transaction, state: ClusterState, view: ClusterView, settings: Settings, *, concerns: Callable[[ObjectRef], bool] = lambda _: True
) -> bool:
    """Give open issues the team that owns their subject now, and write the events; whether more are left than one transaction takes."""
    moves, are_more = teams.refresh(tx, state.id, team_of(state, view, settings), concerns=concerns)
    events.append(tx, issue_events.events_of(moves, cluster=state.standing))
    return are_more


def follow(tx: Transaction, state: ClusterState, overlay: ClusterView, settings: Settings, touched: Iterable[ObjectRef]) -> bool:
    """Refresh the teams that these changes of labels and annotations concern; whether more are left, as `refresh`."""
    concerns = _concerned(overlay, touched, settings)
    return concerns is not None and refresh(tx, state, overlay, settings, concerns=concerns)


def _concerned(view: ClusterView, touched: Iterable[ObjectRef], settings: Settings) -> Callable[[ObjectRef], bool] | None:
    """Answers whether the team of a subject may have changed with these objects of an overlay; None: no team has."""
    said = settings.teams.says
    changed = []
    for ref in touched:
        if ref.kind == EVENT.id or (after := view.get(ref.kind, ref.uid)) is None:
            continue
        before = view.previous(ref.kind, ref.uid)
        if before is not None and before.metadata is not after.metadata and said(before) != said(after):
            changed.append(ref)
    if not changed:
        return None
    homes = frozenset(ref.name for ref in changed if ref.kind == Namespace.kind)
    names = frozenset((ref.kind, ref.namespace, ref.name) for ref in changed)
    workloads = frozenset(ref.namespace for ref in changed if ref.kind != Namespace.kind)

    def ask(subject: ObjectRef) -> bool:
        return subject.namespace in homes or subject[:3] in names or (subject.namespace in workloads and _is_owned(view, subject, names))

    return ask


def _is_owned(view: ClusterView, subject: ObjectRef, names: frozenset[tuple[str, str | None, str]]) -> bool:
    obj = view.object_at(subject)
    return obj is not None and view.workload_of(obj)[:3] in names
