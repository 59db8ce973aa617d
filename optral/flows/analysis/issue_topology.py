"""Objects related to an issue, read from the inventory: a few by name, owner and namespace, never the whole of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from optral.analysis import service as analyses
from optral.analysis.reading import scope
from optral.analysis.reading.case import Case
from optral.analysis.reading.snapshot import SnapshotObject
from optral.analysis.reading.stored_snapshot import NearbySnapshot
from optral.analysis.topology import topology, topology_objects
from optral.analysis.topology.topology import Cause, Related, Topology
from optral.clusters import service as clusters
from optral.flows import visible
from optral.flows.analysis.evidence_source import StoredSource, object_of
from optral.flows.analysis.investigation import question_of
from optral.issues import service as issues
from optral.issues.lifecycle import grouping
from optral.issues.model import Issue
from optral.kube.changes import Phase
from optral.kube.kinds import id_of_name
from optral.resources import lookup, service as resources
from optral.store.transaction import Transaction
from optral.terms.errors import NotFound
from optral.terms.refs import ObjectRef

MAX_LISTED = 100  # objects of one kind in one namespace
RESOURCES = "resources:read"


@dataclass(frozen=True, slots=True)
class IssueGraph:
    """The graph around an issue as the actor may see it; `issues` are those of its nodes, by (kind, namespace, name)."""

    issue: Issue
    topology: Topology
    not_permitted: int
    issues: Mapping[tuple[str, str | None, str], Issue]


def of(tx: Transaction, issue_id: str) -> IssueGraph:
    """Objects related to an issue. Whoever may not read resources sees those that the issue and its analysis name. Raises `NotFound`."""
    issue = issues.get(tx, issue_id)
    beside = _beside(tx, issue)
    answer = analyses.shown(tx, issue.id)
    cause = None if answer is None else _cause(visible.veiled(tx, answer).result.get("rootCause"))
    found = topology.build(_case(tx, issue), _pods(tx, issue.cluster_id), cause=cause, related=[one for _, one in beside])
    named = {_place(_owner(issue)), _place(_resource(issue)), *(_place(one.ref) for _, one in beside)}
    if cause is not None:
        named.add(_place(cause.ref))
    may_read = RESOURCES in tx.actor.scopes
    shown, hidden = topology.without(found, lambda ref: _may_see(tx, issue, ref) and (may_read or _place(ref) in named))
    if not tx.actor.sees_whole_clusters:  # what was left out may be elsewhere; the pods of a workload are where it is
        shown = replace(shown, left_out=[one for one in shown.left_out if one.kind == "Pod"])
    known = {_place(one.ref): other for other, one in beside} | {_place(_resource(issue)): issue, _place(_owner(issue)): issue}
    return IssueGraph(issue, shown, hidden, known)


def _may_see(tx: Transaction, issue: Issue, ref: ObjectRef) -> bool:
    return tx.actor.may_see(issue.cluster_id, _place(ref)[1])


def _case(tx: Transaction, issue: Issue) -> Case:
    cluster = clusters.get(tx, issue.cluster_id)
    offset = timedelta(milliseconds=cluster.clock_offset_ms or 0)
    states = resources.kind_states(tx, issue.cluster_id)
    namespaces = scope.namespaces(issue.namespace, issue.facts)
    source = StoredSource(
        tx,
        issue.cluster_id,
        namespaces=namespaces,
        kinds=states.keys(),
        events_since=tx.now,
        list_at_most=MAX_LISTED,
    )
    visible = frozenset(kind for kind, state in states.items() if state.phase == Phase.LIVE.value)
    snap = NearbySnapshot(source, now=tx.now + offset, visible=visible, namespaces=frozenset(namespaces), anywhere=scope.ANYWHERE)
    return Case(question_of(issue, offset=offset), snap)


def _pods(tx: Transaction, cluster_id: str) -> topology.Pods:
    def some(uids: Sequence[str], limit: int) -> tuple[list[SnapshotObject], int]:
        found, total = lookup.failing_first(tx, cluster_id, "Pod", [uid for uid in uids if uid], limit=limit)
        return [object_of(one) for one in found], total

    return some


def _beside(tx: Transaction, issue: Issue) -> list[tuple[Issue, Related]]:
    """The symptoms of an issue, or what explains it, each with its owner and how it is related."""
    if issue.parent_issue_id is not None:
        try:
            root = issues.get(tx, issue.parent_issue_id)
        except NotFound:
            return []
        return [(root, Related(_owner(root), "explains"))]
    found = [symptom for symptom in grouping.symptoms_of(tx, issue.id) if symptom.issue.resolved_at is None]
    return [(one.issue, Related(_owner(one.issue), one.relation or "")) for one in found]


def _owner(issue: Issue) -> ObjectRef:
    return ObjectRef(id_of_name(issue.owner_kind), issue.namespace, issue.owner_name)


def _resource(issue: Issue) -> ObjectRef:
    return ObjectRef(id_of_name(issue.resource_kind), issue.namespace, issue.resource)


def _cause(found: Any) -> Cause | None:
    subject = found.get("subject") if isinstance(found, Mapping) else None
    if not isinstance(subject, Mapping) or not subject.get("name"):
        return None
    ref = ObjectRef(id_of_name(str(subject.get("kind"))), subject.get("namespace") or None, str(subject["name"]))
    facts = [fact for fact in found.get("facts") or () if isinstance(fact, Mapping) and fact.get("name") in topology.NAMING]
    return Cause(ref, str(found.get("title") or ""), frozenset(str(fact.get("value")) for fact in facts))


def _place(ref: ObjectRef) -> tuple[str, str | None, str]:
    return ref.kind, None if ref.kind in topology_objects.CLUSTER_SCOPED else ref.namespace, ref.name
