"""What the rules share: looking up failures of an object, and why the pods of a workload are missing."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from optral.detectors import CATALOG, candidate_causes, gates
from optral.grouping.failure_index import Candidate, FailureIndex
from optral.grouping.model import AffectedObject, Failure
from optral.grouping.rules import groups
from optral.kube import owners
from optral.kube.objects import Node, Pod, condition
from optral.kube.reports import pods
from optral.terms.refs import ObjectRef

Rule = Callable[[FailureIndex, Failure, AffectedObject], Iterable[Candidate]]
MAX_PODS = 50  # of one workload whose nodes are looked up


def on_object(
    index: FailureIndex, ref: ObjectRef, issue_types: Iterable[str], relation: str, *, is_same_failure: bool = False
) -> Iterator[Candidate]:
    """The failures of an object that have one of these types or effects (`detector.Effect`)."""
    for cause in index.on(ref, CATALOG.expand(frozenset(issue_types))):
        yield Candidate(cause, relation, is_same_failure)


def causes_of_missing_pods(index: FailureIndex, workload: ObjectRef) -> Iterator[Candidate]:
    """Failed nodes and a missing scheduler, if they explain every pod of the workload that is not ready."""
    if not index.has(groups.NODE_DOWN | groups.NODE_PRESSURE | {"SchedulerUnavailable"}) and not _fails_pods_of_a_node(index):
        return
    missing = [pod for pod in islice(index.view.pods_of(workload), MAX_PODS) if not pod.is_ready and not gates.has_finished(pod)]
    found: list[Candidate] = []
    for pod in missing:
        if pod.spec.node_name:
            types = groups.NODE_DOWN | (groups.NODE_PRESSURE if pod.status.phase == "Failed" else frozenset())
            causes = list(on_object(index, candidate_causes.node_ref(pod.spec.node_name, index.view), types, "has pods on"))
            # A failure of pods whose subject is their node: several without a sandbox, or an eviction.
            shown = index.shown_by(owners.ref(pod), groups.POD_DOWN)
            causes += [Candidate(failure, "has pods on") for failure in shown if failure.subject.kind == Node.kind]
        else:
            causes = list(scheduler_of(index, pod))
            if not causes and pod.metadata.deletion_timestamp is None:
                continue  # not scheduled: its own failure explains why
        if not causes:
            return
        found.extend(causes)
    yield from found


def _fails_pods_of_a_node(index: FailureIndex) -> bool:
    """Whether a failure of pods is about their node, such as an eviction. Usually there is none, and no pod needs to be looked up."""
    key = ("pods of a node",)
    if key not in index.memo:
        index.memo[key] = any(failure.subject.kind == Node.kind for failure in index.of_type(*sorted(groups.POD_DOWN)))
    found: bool = index.memo[key]
    return found


def scheduler_of(index: FailureIndex, pod: Pod) -> Iterator[Candidate]:
    """The scheduler that has not looked at the pod."""
    if not pod.spec.node_name and condition(pod.status.conditions, pods.SCHEDULED) is None:
        for cause in index.of_type("SchedulerUnavailable"):
            if cause.part in (None, pod.spec.scheduler_name or "default-scheduler"):
                yield Candidate(cause, "waits for")
