"""What explains failures of Services, cluster DNS, routes and of what a Service answers for: webhooks and aggregated APIs."""

from collections.abc import Iterator
from itertools import chain

from optral.grouping import callers
from optral.grouping.failure_index import Candidate, FailureIndex
from optral.grouping.model import AffectedObject, Failure
from optral.grouping.rules import common, groups
from optral.kube import owners
from optral.kube.kinds import LONG_RUNNING
from optral.kube.objects import APIService, DaemonSet, HTTPRoute
from optral.kube.objects.policy import WebhookConfiguration
from optral.kube.view import ClusterView
from optral.terms.refs import ObjectRef

_FULL_KINDS = {kind.partition(".")[0]: kind for kind in LONG_RUNNING}
_SELECTS_NO_WORKLOAD = ("selectorMismatch", "nothingSelected")


def endpoints(index: FailureIndex, failure: Failure, affected: AffectedObject) -> Iterator[Candidate]:
    """The workloads whose pods the Service selects; a named port that no container has."""
    if failure.facts.get("case") in _SELECTS_NO_WORKLOAD:
        return
    for text in failure.facts.get("workloads") or ():
        kind, _, rest = str(text).partition("/")
        namespace, _, name = rest.partition("/")
        for cause in index.on(ObjectRef(kind, namespace, name), groups.WORKLOAD):
            yield Candidate(cause, "routes to the pods of", is_same_failure=True)
        yield from common.causes_of_missing_pods(index, ObjectRef(_FULL_KINDS.get(kind, kind), namespace, name))
    for cause in index.on(failure.subject, {"ServiceTargetPortMismatch"}):
        if cause.facts.get("case") == "nameMissing":
            yield Candidate(cause, "is", is_same_failure=True)
    if affected.ref.namespace == "kube-system":
        yield from (Candidate(cause, "serves", is_same_failure=True) for cause in index.of_type(groups.DNS))


def cluster_dns(index: FailureIndex, failure: Failure, affected: AffectedObject) -> Iterator[Candidate]:
    """The pods of cluster DNS, or a Service that selects none of them."""
    for ref in dict.fromkeys((affected.ref, failure.subject, *_dns_workloads(index.view))):
        for cause in index.on(ref, groups.POD_DOWN | groups.NO_PODS):
            yield Candidate(cause, "is served by", is_same_failure=True)
        yield from common.causes_of_missing_pods(index, ref)
    for cause in index.of_type("ServiceNoEndpoints"):
        if cause.subject.namespace == "kube-system" and cause.facts.get("case") in _SELECTS_NO_WORKLOAD:
            yield Candidate(cause, "is reached through", is_same_failure=True)


def _dns_workloads(view: ClusterView) -> list[ObjectRef]:
    kinds = (owners.DEPLOYMENT, DaemonSet.kind)
    found = [obj for kind in kinds for obj in view.workloads_in("kube-system", kind) if obj.labels.get("k8s-app") == "kube-dns"]
    return [owners.ref(obj) for obj in found] or [ObjectRef(owners.DEPLOYMENT, "kube-system", "coredns")]


def dns_itself(index: FailureIndex, failure: Failure, affected: AffectedObject) -> Iterator[Candidate]:
    """Missing replicas of cluster DNS that its pods do not explain are the same failure as cluster DNS being down."""
    if failure.subject.namespace == "kube-system" and any(failure.subject[:3] == ref[:3] for ref in _dns_workloads(index.view)):
        yield from (Candidate(cause, "serves", is_same_failure=True) for cause in index.of_type(groups.DNS))


def webhook(index: FailureIndex, failure: Failure, affected: AffectedObject) -> Iterator[Candidate]:
    """The Services that the webhooks of the configuration call."""
    configuration = index.view.object_at(affected.ref)
    if isinstance(configuration, WebhookConfiguration):
        for hook in configuration.webhooks:
            if (service := hook.client_config.service) is not None:
                yield from _service(index, ObjectRef("Service", service.namespace, service.name), "is served by")


def api_service(index: FailureIndex, failure: Failure, affected: AffectedObject) -> Iterator[Candidate]:
    """The Service behind the aggregated API."""
    extension = index.view.object_at(affected.ref)
    if isinstance(extension, APIService) and (service := extension.spec.service) is not None:
        yield from _service(index, ObjectRef("Service", service.namespace, service.name), "is served by")


def _service(index: FailureIndex, service: ObjectRef, relation: str) -> Iterator[Candidate]:
    yield from common.on_object(index, service, groups.SERVICE_DOWN, relation)
    for workload in callers.failing_workloads_behind(index, service):
        yield from common.on_object(index, workload, groups.WORKLOAD, relation)


def backend(index: FailureIndex, failure: Failure, affected: AffectedObject) -> Iterator[Candidate]:
    """The missing Service that the Ingress routes to."""
    for cause in index.of_type("ServiceMissing"):
        if cause.subject.namespace == failure.subject.namespace and cause.subject.name in strings(failure.facts):
            yield Candidate(cause, "routes to")


def strings(facts: object) -> frozenset[str]:
    """All strings in the facts, two levels deep."""
    values = list(facts.values()) if isinstance(facts, dict) else []
    inner = chain.from_iterable(
        value if isinstance(value, (list, tuple)) else value.values() if isinstance(value, dict) else () for value in values
    )
    return frozenset(text for text in (*values, *inner) if isinstance(text, str))


def route(index: FailureIndex, failure: Failure, affected: AffectedObject) -> Iterator[Candidate]:
    """The Gateways that the route names."""
    found = index.view.object_at(affected.ref)
    if isinstance(found, HTTPRoute):
        for parent in found.spec.parent_refs:
            gateway = ObjectRef("Gateway", parent.namespace or found.namespace, parent.name)
            yield from common.on_object(index, gateway, {"GatewayNotProgrammed"}, "is served by")


def certificate(index: FailureIndex, failure: Failure, affected: AffectedObject) -> Iterator[Candidate]:
    """The Certificate that issues the Secret, if it is about one."""
    if failure.subject.kind != "Secret":
        return
    for issued in index.view.certificates_of(failure.subject.namespace or "", failure.subject.name):
        yield from common.on_object(index, owners.ref(issued), {"CustomResourceNotReady"}, "is issued by")
