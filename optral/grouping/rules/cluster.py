"""What explains failures of the control plane, of namespaces and of objects that cannot be deleted."""

from collections.abc import Iterator

from optral.detectors import candidate_causes
from optral.grouping.failure_index import Candidate, FailureIndex
from optral.grouping.model import AffectedObject, Failure
from optral.grouping.rules import common, groups, services
from optral.grouping.rules.common import Rule
from optral.kube.objects import Node, Pod


def namespace_contents(index: FailureIndex, failure: Failure, affected: AffectedObject) -> Iterator[Candidate]:
    """What is left in the namespace, or an API that the namespace controller cannot ask for what is left."""
    for cause in index.of_type("StuckFinalizer", "PodStuckTerminating"):
        if failure.subject.name in (cause.subject.namespace, cause.objects[0].ref.namespace):
            yield Candidate(cause, "still contains", is_same_failure=True)
    if "Discovery" in " ".join(services.strings(dict(failure.facts))):
        yield from (Candidate(cause, "waits for") for cause in index.of_type("APIServiceUnavailable"))


def finalizer(index: FailureIndex, failure: Failure, affected: AffectedObject) -> Iterator[Candidate]:
    """A more specific type that reports the same object."""
    yield from (
        Candidate(cause, "is", is_same_failure=True)
        for cause in index.shown_by(affected.ref, {"PodStuckTerminating", "NamespaceTerminating"})
    )


def component(index: FailureIndex, failure: Failure, affected: AffectedObject) -> Iterator[Candidate]:
    """The pod or node of a control plane component."""
    for cause in index.shown_by(affected.ref, groups.POD_DOWN):
        yield Candidate(cause, "is", is_same_failure=True)
    for cause in index.of_type(*sorted(groups.CONTAINER)):  # an expired Lease does not name its holder
        if (
            cause.part is not None
            and cause.part == failure.part
            and (cause.subject.kind == Node.kind or cause.subject.namespace == "kube-system")
        ):
            yield Candidate(cause, "is", is_same_failure=True)
    if affected.ref.kind == Pod.kind and (pod := index.pod(affected.ref)) is not None and pod.spec.node_name:
        yield from common.on_object(index, candidate_causes.node_ref(pod.spec.node_name, index.view), groups.NODE_DOWN, "runs on")


def by_component(component: str) -> Rule:
    """A rule for types that this control plane component causes when it is unhealthy."""

    def rule(index: FailureIndex, failure: Failure, affected: AffectedObject) -> Iterator[Candidate]:
        for cause in index.of_type("ControlPlaneUnhealthy"):
            if component in f"{cause.part or ''} {cause.subject.name} {cause.facts.get('component', '')}":
                yield Candidate(cause, "depends on")

    return rule
