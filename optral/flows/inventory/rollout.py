"""Whether the rollout of a workload succeeded: its controller has rolled out the present spec, and no issue has begun on it since.

Never healthy by an old inventory: the agent must have reported after the time that the caller names, or show the generation that the caller
expects. What cannot be observed is unknown. An issue counts if Optral opened it after the spec was last changed, by the server's clock.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from optral.clusters import service as clusters
from optral.clusters.model import Cluster
from optral.detectors.coverage import Coverage
from optral.flows import coverage
from optral.flows.executions import checks
from optral.issues import service as issues
from optral.issues.model import UNRESOLVED, Issue, IssueFilter
from optral.kit.paging import PageRequest
from optral.kit.words import counted
from optral.kube import rollouts
from optral.kube.kinds import LONG_RUNNING
from optral.kube.objects import Deployment, Job, KubeObject, Pod
from optral.resources import service as resources
from optral.resources.model import Resource
from optral.store.transaction import Transaction
from optral.terms.errors import Refused
from optral.terms.severity import Severity

KINDS = frozenset({*LONG_RUNNING, Job.kind})
MAX_ISSUES = 20
SETTLE = timedelta(seconds=1)
"""What an agent has seen is sent within this time, so that a report this much later includes it."""


class State(StrEnum):
    HEALTHY = "healthy"
    PROGRESSING = "progressing"
    FAILING = "failing"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What the inventory must show before it is judged: a report after `newer_than`, or this generation."""

    newer_than: datetime
    generation: int | None = None
    min_severity: Severity = Severity.MEDIUM


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """`issues` began after `started_at` and concern the workload or its pods, `earlier` before; both are roots, the most severe first."""

    resource: Resource
    state: State
    message: str
    started_at: datetime
    inventory_at: datetime | None
    issues: Sequence[Issue]
    earlier: Sequence[Issue]
    coverage: Coverage


def judge(tx: Transaction, resource_id: str, expected: Expected) -> Rollout:
    """Raises `NotFound`, and `Refused` for a kind that has no rollout."""
    found = resources.get(tx, resource_id)
    if found.kind not in KINDS:
        raise Refused("no_rollout", say=f"{found.short_kind} {found.name} has no rollout; name a {_kinds()}")
    cluster = clusters.get(tx, found.cluster_id)
    covered = coverage.of(tx, within={cluster.id}, namespaces={found.namespace} if found.namespace else None)
    started_at = _started_at(tx, found)
    since, before = _issues(tx, found, started_at, expected.min_severity)
    state, message = _state(tx, found, cluster, covered, since, expected)
    return Rollout(
        resource=found,
        state=state,
        message=message,
        started_at=started_at,
        inventory_at=cluster.last_heartbeat_at,
        issues=since,
        earlier=before,
        coverage=covered,
    )


def _state(
    tx: Transaction, found: Resource, cluster: Cluster, covered: Coverage, since: Sequence[Issue], expected: Expected
) -> tuple[State, str]:
    if (reason := _why_unknown(tx, found, cluster, covered, expected)) is not None:
        return State.UNKNOWN, reason
    state, message = _of_object(checks.decoded(tx, found))
    if since and state is not State.FAILING:
        others = f" and {counted(len(since) - 1, 'more issue')}" if len(since) > 1 else ""
        return State.FAILING, f"{since[0].title}{others}"
    return state, message


def _why_unknown(tx: Transaction, found: Resource, cluster: Cluster, covered: Coverage, expected: Expected) -> str | None:
    if (reason := checks.why_unobservable(tx, cluster.id)) is not None:
        return reason
    unread = {kind for one in covered.unread if one.is_needed for kind in one.kinds} & {Pod.kind, found.kind}
    if found.stale or unread:
        return f"the agent does not read {' and '.join(sorted(unread or {found.kind}))}; see `optral coverage`"
    if expected.generation is not None:
        if (found.generation or 0) >= expected.generation:
            return None
        return f"the inventory shows generation {found.generation}, and not {expected.generation} yet"
    if cluster.last_heartbeat_at is None or cluster.last_heartbeat_at < expected.newer_than + SETTLE:
        return "the agent has not reported since the wait began"
    return None


def _of_object(obj: KubeObject) -> tuple[State, str]:
    if isinstance(obj, Job):
        if (end := rollouts.end(obj)) is None:
            return State.PROGRESSING, "the Job is suspended" if obj.spec.suspend else "the Job still runs"
        return (State.HEALTHY if end[0] else State.FAILING), end[1] if end[0] else f"the Job failed: {end[1]}"
    assert isinstance(obj, rollouts.Workload)
    is_complete, message = rollouts.progress(obj)
    if is_complete:
        return State.HEALTHY, message
    if isinstance(obj, Deployment) and rollouts.is_observed(obj):
        if rollouts.is_stuck(obj):
            return State.FAILING, f"the rollout makes no progress: {message}"
        if obj.spec.paused:
            return State.PROGRESSING, f"the rollout is paused: {message}"
    return State.PROGRESSING, message


def _started_at(tx: Transaction, found: Resource) -> datetime:
    """When the present spec was first seen. The first entry of a history is of the object as it was found."""
    newest = next(iter(resources.history(tx, found.id)), None)
    if newest is None or newest.action == "created":
        return found.created_at or found.updated_at
    return newest.at


def _issues(tx: Transaction, found: Resource, started_at: datetime, min_severity: Severity) -> tuple[list[Issue], list[Issue]]:
    """The root issues that explain what is open on the workload: those that began since, and earlier ones."""
    wanted = IssueFilter(
        clusters=frozenset({found.cluster_id}),
        namespaces=frozenset({found.namespace}) if found.namespace else frozenset(),
        owner_kinds=frozenset({found.short_kind}),
        owners=frozenset({found.name}),
        statuses=UNRESOLVED,
        severities=frozenset(min_severity.and_above()),
        is_muted=False,
    )
    own = issues.find(tx, wanted, PageRequest(size=MAX_ISSUES, sort="severity", descending=True))
    parents = {one.id: one for one in issues.find_all(tx, [one.parent_issue_id for one in own if one.parent_issue_id])}
    since: dict[str, Issue] = {}
    before: dict[str, Issue] = {}
    for one in own:
        root = parents.get(one.parent_issue_id or "", one)
        (since if one.moved_at >= started_at else before)[root.id] = root
    return [*since.values()], [root for id_, root in before.items() if id_ not in since]


def _kinds() -> str:
    *names, last = sorted(kind.partition(".")[0] for kind in KINDS)
    return f"{', '.join(names)} or {last}"
