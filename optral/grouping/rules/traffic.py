"""What explains slow requests: what the workload calls is slow, its containers are throttled, or its nodes are full."""

from collections.abc import Iterator

from optral.detectors import candidate_causes
from optral.grouping import callers
from optral.grouping.failure_index import Candidate, FailureIndex
from optral.grouping.model import AffectedObject, Failure
from optral.grouping.rules import common
from optral.kube import addresses, traffic
from optral.kube.objects import WorkloadTrafficStatus
from optral.terms.refs import ObjectRef

SLOW = "WorkloadSlow"


def slow(index: FailureIndex, failure: Failure, _affected: AffectedObject) -> Iterator[Candidate]:
    """All of them were measured over the same minutes, so their order in time says nothing."""
    report = traffic.of_workload(failure.subject, index.view)
    if report is None:
        return
    called = list(_slow_callees(index, failure, report.status))
    yield from called
    if called:
        return
    yield from common.on_object(index, failure.subject, {"CPUThrottled"}, "is slowed down by the CPU limit of", is_same_failure=True)
    for node in dict.fromkeys(pod.node for pod in report.status.pods if pod.node):
        full = candidate_causes.node_ref(node, index.view)
        yield from common.on_object(index, full, {"NodeSaturated"}, "has pods on", is_same_failure=True)


def _slow_callees(index: FailureIndex, failure: Failure, own: WorkloadTrafficStatus) -> Iterator[Candidate]:
    """The slow workloads behind the Services that its template names, if they take longer by enough to matter."""
    if failure.subject.namespace is None:
        return
    for host in callers.hosts_of(index, failure.subject)[: callers.MAX_HOSTS]:
        for service in addresses.services(host, failure.subject.namespace):
            for workload in callers.failing_workloads_behind(index, ObjectRef("Service", service.namespace, service.name)):
                called = traffic.of_workload(workload, index.view)
                if workload != failure.subject and called is not None and traffic.explains(called.status, own):
                    yield from common.on_object(index, workload, {SLOW}, "waits for", is_same_failure=True)
