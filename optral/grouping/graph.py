"""The graph of causes: which failures are symptoms of others. Pure; the server and `optral scan` call the same function.

An edge from a symptom to its cause needs three things: the objects are related (`candidates.py`, and what the detectors name themselves),
the symptom did not begin before the cause, and this type on that object can cause this type on this one. Failures that began at the same
time and have nothing else in common stay apart. A failure that several objects show is a symptom only if *every* one of them is explained.
Then come causes without a failure of their own, such as a full cluster or an unreachable registry (`shared.py`), or a server that the logs
of several workloads complain of (`servers.py`): the first failure that has one is the root of the others.

Every failure keeps only its best cause, so a path of causes ends at a root, or in a cycle, which is cut where it began.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import NamedTuple, TypeVar

from optral.detectors import CATALOG
from optral.grouping import candidates, servers, shared
from optral.grouping.failure_index import Candidate, FailureIndex
from optral.grouping.model import AffectedObject, Arrangement, Failure, Link
from optral.kit.lazy_log import LazyLogger
from optral.kube.view import ClusterView

DEPENDS_ON = "depends on"
"""How a symptom is related to a root that explains it through other failures."""
T = TypeVar("T")
_log = LazyLogger(__name__)


class _Edge(NamedTuple):
    cause: str
    relation: str


def arrange(failures: Iterable[Failure], view: ClusterView, *, now: datetime) -> Arrangement:
    """Find the root of every failure that has one. The order of the failures makes no difference. Never raises.

    `now` and all times are cluster time. The cost grows with the number of failures, not with the cluster: 5,000 take less than a second.
    """
    index = FailureIndex(failures, view, now=now)
    edges: dict[str, _Edge] = {}
    for failure in index.failures.values():
        edge = _edge(index, failure)
        if edge is not None:
            edges[failure.key] = edge
    _cut_cycles(index, edges)
    for shared_cause, group in _shared_causes(index, edges):
        first = min(group, key=lambda failure: (failure.type in CATALOG.warnings, index.began(failure), failure.key))
        edges.update({failure.key: _Edge(first.key, shared_cause.relation) for failure in group if failure is not first})
    for incident in _callers_of_one_server(index, edges):
        edges.update({failure.key: _Edge(incident.root.key, incident.relation) for failure in incident.others})
    return Arrangement({key: _link(index, edges, key) for key in edges})


def _link(index: FailureIndex, edges: Mapping[str, _Edge], key: str) -> Link:
    """The relation is shown with the name of the root: if the direct cause is about another object, only a general one is true."""
    edge, root = edges[key], _root(edges, key)
    is_direct = index.failures[edge.cause].subject[:3] == index.failures[root].subject[:3]
    return Link(root, edge.relation if is_direct else DEPENDS_ON, edge.cause)


def _edge(index: FailureIndex, failure: Failure) -> _Edge | None:
    """The edge to the cause that explains most of the objects that show the failure; None unless all of them are explained."""
    explained: Counter[str] = Counter()
    relations: dict[str, str] = {}
    for affected in failure.objects:
        causes = {
            candidate.cause.key: candidate.relation
            for candidate in reversed(_candidates(index, failure, affected))
            if _holds(index, failure, candidate)
        }
        if not causes:
            return None
        explained.update(causes.keys())
        for key, relation in causes.items():
            relations[key] = min(relation, relations.get(key, relation))
    if not explained:
        return None
    best = min(explained, key=lambda key: (-explained[key], *index.weight(key)))
    return _Edge(best, relations[best])


def _candidates(index: FailureIndex, failure: Failure, affected: AffectedObject) -> list[Candidate]:
    return _isolated(failure, lambda: list(candidates.find(index, failure, affected))) or []


def _shared_cause(index: FailureIndex, failure: Failure) -> shared.SharedCause | None:
    return _isolated(failure, lambda: shared.find(index, failure))


def _isolated(failure: Failure, work: Callable[[], T]) -> T | None:
    """What `work` returns about this failure; None where it raises."""
    try:
        return work()
    except Exception:  # noqa: BLE001 - owner of the loop: one strange object must not leave a whole cluster ungrouped
        _log.exception("grouping.failed", type=failure.type, subject=str(failure.subject))
        return None


def _holds(index: FailureIndex, failure: Failure, candidate: Candidate) -> bool:
    if candidate.cause.key == failure.key:
        return False
    return candidate.is_same_failure or index.is_in_order(candidate.cause, failure)


def _cut_cycles(index: FailureIndex, edges: dict[str, _Edge]) -> None:
    """Remove one edge from every cycle: that of the failure that began first."""
    settled: set[str] = set()
    for start in sorted(edges):
        path: dict[str, None] = {}
        key = start
        while key in edges and key not in settled and key not in path:
            path[key] = None
            key = edges[key].cause
        if key in path:
            walk = list(path)
            cycle = walk[walk.index(key) :]
            del edges[min(cycle, key=lambda member: (index.began(index.failures[member]), *index.weight(member)))]
        settled.update(path)


def _shared_causes(index: FailureIndex, edges: Mapping[str, _Edge]) -> list[tuple[shared.SharedCause, list[Failure]]]:
    """Failures without a cause of their own, by the cause that they share."""
    together: defaultdict[shared.SharedCause, list[Failure]] = defaultdict(list)
    for failure in index.failures.values():
        if failure.key not in edges and (shared_cause := _shared_cause(index, failure)) is not None:
            together[shared_cause].append(failure)
    return [(shared_cause, group) for shared_cause, group in together.items() if shared.is_enough(shared_cause, group, index.view)]


def _callers_of_one_server(index: FailureIndex, edges: Mapping[str, _Edge]) -> list[servers.Incident]:
    """Failures that still have no cause and whose logs complain of the same server."""
    alone = [failure for failure in index.failures.values() if failure.key not in edges]
    return servers.groups(index, {one.key: found for one in alone if (found := _servers(index, one))})


def _servers(index: FailureIndex, failure: Failure) -> frozenset[servers.Server]:
    return _isolated(failure, lambda: servers.find(index, failure)) or frozenset()


def _root(edges: Mapping[str, _Edge], key: str) -> str:
    while key in edges:
        key = edges[key].cause
    return key
