"""What is known of an issue from before: how often it opened, what was changed each time, and what ended it and similar issues.

Nothing is stored for it. The times are in the activity of the issue and of those before it, the causes in the analyses, the runbooks in the
executions, and the changes in the history of the inventory, which reaches back `OPTRAL_RETENTION_HISTORY_DAYS`.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import msgspec

from optral.analysis import service as analyses
from optral.flows import visible
from optral.issues import service as issues
from optral.issues.model import Issue, IssueFilter, Resolution, Status
from optral.kit.paging import PageRequest
from optral.kube import images
from optral.kube.kinds import id_of_name
from optral.resources import lookup, service as resources
from optral.resources.model import Revision
from optral.runbooks import service as runbooks
from optral.runbooks.model import ExecutionFilter, ExecutionStatus
from optral.store.transaction import Transaction

RECENTLY = timedelta(days=7)
"""The openings that are counted."""
CHANGED_WITHIN = timedelta(minutes=30)
"""A change that came at most this long before an opening may have caused it, and one this long before a resolution may have ended it."""
MAX_COMPARED = 200  # issues of the same type
MAX_SIMILAR = 10
MAX_LOOKED_UP = 20  # workloads whose images are compared
MAX_CHANGES = 500
CHART_LABEL = "helm.sh/chart"


class Relation(StrEnum):
    """What two issues have in common, the closest first."""

    WORKLOAD = "sameWorkload"
    """The same failure of the same workload, which had resolved."""
    NAME = "sameName"
    """A workload of the same kind and name in another namespace or cluster."""
    IMAGE = "sameImage"
    CHART = "sameChart"
    """Another workload of the same Helm chart, in any version."""
    CAUSE = "sameCause"


_CLOSEST_FIRST = tuple(Relation)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What ended an issue. `kind`: runbook, change, manual, or another `Resolution`: then nothing else is known."""

    kind: str
    execution_id: str | None = None
    runbook: str | None = None
    by: str | None = None
    change: Revision | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Similar:
    """An issue that is like another one. `ending` None: it is not resolved."""

    issue: Issue
    relation: Relation
    cause: str | None
    ending: Ending | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A time at which the issue opened, and the last change of its workload in the `CHANGED_WITHIN` before."""

    at: datetime
    change: Revision | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Precedents:
    """`openings`: those of the last `RECENTLY`, oldest first, the present one included; `similar`: the closest first."""

    openings: Sequence[Opening]
    similar: Sequence[Similar]

    @property
    def after_change(self) -> int:
        """How many openings followed a change."""
        return sum(opening.change is not None for opening in self.openings)


def of(tx: Transaction, issue_id: str) -> Precedents:
    """What is known from before. Raises `NotFound`."""
    issue = issues.get(tx, issue_id)
    since = tx.now - RECENTLY
    times = issues.opened_at(tx, issue.cluster_id, issue.fingerprint, since=since)
    changes = _changes(tx, issue, since=since - CHANGED_WITHIN) if times else []
    openings = [Opening(at=at, change=_last(changes, after=at - CHANGED_WITHIN, until=at)) for at in times]
    return Precedents(openings=openings, similar=list(_similar(tx, issue)))


def _similar(tx: Transaction, issue: Issue) -> Iterator[Similar]:
    wanted = IssueFilter(types=frozenset({issue.type}))
    others = [one for one in issues.find(tx, wanted, PageRequest(size=MAX_COMPARED)) if one.id != issue.id]
    causes = analyses.causes_of(tx, [issue.id, *(other.id for other in others)])
    own = causes.get(issue.id)
    alike = [other for other in others if own is None or causes.get(other.id) in (None, own)]
    related = _related(tx, issue, alike, {other.id for other in alike if own is not None and causes.get(other.id) == own})
    for other, relation in related[:MAX_SIMILAR]:
        yield Similar(issue=other, relation=relation, cause=causes.get(other.id), ending=_ending(tx, other))


def _related(tx: Transaction, issue: Issue, others: Iterable[Issue], of_cause: Collection[str]) -> list[tuple[Issue, Relation]]:
    """The issues that have something in common with this one, the closest first, of equals the newest. `of_cause`: those of its cause."""
    named = {other.id: (other, relation) for other in others if (relation := _relation_by_name(issue, other)) is not None}
    rest = [other for other in others if other.id in of_cause and other.id not in named]
    parts = _parts(tx, issue) if rest else _NO_PARTS
    found = list(named.values())
    for place, other in enumerate(rest):
        theirs = _parts(tx, other) if place < MAX_LOOKED_UP and parts != _NO_PARTS else _NO_PARTS
        found.append((other, _relation_by_parts(parts, theirs)))
    return sorted(found, key=lambda pair: (_CLOSEST_FIRST.index(pair[1]), -pair[0].detected_at.timestamp()))


def _relation_by_name(issue: Issue, other: Issue) -> Relation | None:
    if (other.cluster_id, other.fingerprint) == (issue.cluster_id, issue.fingerprint):
        return Relation.WORKLOAD
    if (other.owner_kind, other.owner_name, other.container) == (issue.owner_kind, issue.owner_name, issue.container):
        return Relation.NAME
    return None


@dataclass(frozen=True, slots=True)
class _Parts:
    """What a workload is made of: the repositories of its images, without tags, and the name of its chart."""

    images: frozenset[str] = frozenset()
    chart: str = ""


_NO_PARTS = _Parts()


class _Container(msgspec.Struct):
    image: str = ""


class _PodSpec(msgspec.Struct):
    containers: list[_Container] = []


class _Template(msgspec.Struct):
    spec: _PodSpec | None = None


class _Spec(msgspec.Struct):
    template: _Template | None = None
    containers: list[_Container] = []


class _Workload(msgspec.Struct):
    spec: _Spec | None = None


_workload = msgspec.json.Decoder(_Workload)


def _relation_by_parts(own: _Parts, other: _Parts) -> Relation:
    if own.images & other.images:
        return Relation.IMAGE
    return Relation.CHART if own.chart and own.chart == other.chart else Relation.CAUSE


def _parts(tx: Transaction, issue: Issue) -> _Parts:
    kind = id_of_name(issue.owner_kind)
    found = lookup.named(tx, issue.cluster_id, kind, issue.namespace or "", issue.owner_name)
    if found is None:
        return _NO_PARTS
    try:
        spec = _workload.decode(found.read()).spec or _Spec()
    except msgspec.DecodeError:  # an object of a custom kind may have anything there
        spec = _Spec()
    containers = [*spec.containers, *(spec.template.spec.containers if spec.template and spec.template.spec else [])]
    chart = found.labels.get(CHART_LABEL, "").rpartition("-")[0]
    return _Parts(frozenset(images.repository(container.image) for container in containers if container.image), chart)


def _ending(tx: Transaction, issue: Issue) -> Ending | None:
    """What ended the issue, as far as is known: a runbook, a person, or the last change before it recovered."""
    if issue.status is not Status.RESOLVED or issue.resolved_at is None or issue.resolution is None:
        return None
    if (ending := _by_runbook(tx, issue)) is not None:
        return ending
    if issue.resolution == Resolution.MANUAL.value:
        return Ending(kind=Resolution.MANUAL.value, by=issue.resolved_by)
    since = max(issue.detected_at, issue.resolved_at - CHANGED_WITHIN)
    change = _last(_changes(tx, issue, since=since), after=since, until=issue.resolved_at)
    return Ending(kind=issue.resolution) if change is None else Ending(kind="change", change=change)


def _by_runbook(tx: Transaction, issue: Issue) -> Ending | None:
    """The last runbook that was applied for the issue, or for its root, and whose verification succeeded."""
    for issue_id in filter(None, (issue.id, issue.parent_issue_id)):
        wanted = ExecutionFilter(issue_id=issue_id, dry_run=False, statuses=frozenset({ExecutionStatus.SUCCEEDED.value}))
        for execution in runbooks.find_executions(tx, wanted, PageRequest(size=5)):
            if (
                execution.applied_at is not None
                and execution.undo_of is None
                and issue.resolved_at is not None
                and execution.applied_at <= issue.resolved_at
            ):
                return Ending(kind="runbook", execution_id=execution.id, runbook=execution.runbook_name, by=execution.requested_by)
    return None


def _changes(tx: Transaction, issue: Issue, *, since: datetime) -> list[Revision]:
    """Changes of the workload of the issue, and of what its explanation names, newest first."""
    about = {(id_of_name(issue.owner_kind), issue.owner_name), *_explained_by(tx, issue)}
    found = resources.recent_changes(tx, issue.cluster_id, namespaces=sorted({issue.namespace or "", ""}), since=since, limit=MAX_CHANGES)
    return [one for one in found if (one.kind, one.name) in about]


def _explained_by(tx: Transaction, issue: Issue) -> Iterator[tuple[str, str]]:
    """(kind, name) of the object that the newest answer names as the root cause."""
    answer = analyses.shown(tx, issue.id)
    result = {} if answer is None else visible.veiled(tx, answer).result
    subject: Mapping[str, Any] = (result.get("rootCause") or {}).get("subject") or {}
    if subject:
        yield id_of_name(str(subject.get("kind"))), str(subject.get("name"))


def _last(changes: Iterable[Revision], *, after: datetime, until: datetime) -> Revision | None:
    """The newest change in this time; `changes` are in order, the newest first."""
    return next((one for one in changes if after <= one.at <= until), None)
