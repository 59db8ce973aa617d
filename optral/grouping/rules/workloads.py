"""What explains failures of workloads, and of what depends on their pods: refused or missing pods, Jobs, autoscalers, budgets."""

from collections.abc import Iterator
from itertools import islice

from optral.grouping.failure_index import Candidate, FailureIndex
from optral.grouping.model import AffectedObject, Failure
from optral.grouping.rules import common, groups
from optral.kube import owners, selectors
from optral.kube.objects import (
    HorizontalPodAutoscaler,
    PersistentVolumeClaim,
    PodDisruptionBudget,
    Service,
    ValidatingWebhookConfiguration,
    kind_id_of,
)
from optral.kube.objects.policy import MutatingWebhookConfiguration, WebhookConfiguration
from optral.kube.view import ClusterView
from optral.terms.refs import ObjectRef

MAX_SELECTED = 500  # pods of a namespace that are matched against a budget
_METRICS = "metrics.k8s.io"
_METRICS_OF_TARGET = frozenset({"metricsMissing", "requestsMissing"})  # the metrics API answers; the target is what is wrong
_WEBHOOKS = (ValidatingWebhookConfiguration, MutatingWebhookConfiguration)
_REJECTED = "is rejected by"


def pods_of_workload(index: FailureIndex, failure: Failure, affected: AffectedObject) -> Iterator[Candidate]:
    """What its pods report, what keeps them from being created, or the nodes they run on."""
    for cause in index.on(failure.subject, groups.POD_DOWN | groups.NO_PODS | groups.CLAIM_UNBOUND):
        yield Candidate(cause, "counts the pods of", is_same_failure=True)
    yield from common.causes_of_missing_pods(index, failure.subject)


def refusal(index: FailureIndex, failure: Failure, affected: AffectedObject) -> Iterator[Candidate]:
    """The quota, the webhook or the terminating namespace that rejects the pods."""
    reason, named, namespace = failure.facts.get("cause"), str(failure.facts.get("named") or ""), failure.subject.namespace
    if reason in ("quotaExceeded", "limitsRequired"):
        yield from common.on_object(index, ObjectRef("ResourceQuota", namespace, named), {"ResourceQuotaExceeded"}, _REJECTED)
    elif reason in ("webhookFailed", "webhookDenied"):
        for configuration in _configurations(index.view, named):
            yield from common.on_object(index, configuration, {"WebhookUnavailable"}, _REJECTED)
    elif reason == "namespaceTerminating":
        yield from common.on_object(index, ObjectRef("Namespace", None, namespace or ""), {"NamespaceTerminating"}, "is in")


def _configurations(view: ClusterView, webhook: str) -> list[ObjectRef]:
    return [
        owners.ref(obj)
        for kind in _WEBHOOKS
        for obj in view.all(kind.kind)
        if isinstance(obj, WebhookConfiguration) and any(hook.name == webhook for hook in obj.webhooks)
    ]


def failing_pods(index: FailureIndex, failure: Failure, affected: AffectedObject) -> Iterator[Candidate]:
    """A pod that already fails for the missing object."""
    names = {str(value) for value in failure.facts.values() if isinstance(value, str)} | ({failure.part} if failure.part else set())
    for cause in index.on(
        failure.subject, {"CreateContainerConfigError", "FailedMount", "FailedCreate", "FailedScheduling", *groups.CLAIM_UNBOUND}
    ):
        if any(str(cause.facts.get(key)) in names for key in ("missingName", "named", "claim")):
            yield Candidate(cause, "is reported by", is_same_failure=True)


def quota_on_services(index: FailureIndex, failure: Failure, affected: AffectedObject) -> Iterator[Candidate]:
    """The quota that keeps the missing Service from being created."""
    name = failure.subject.name if failure.subject.kind == Service.kind else (failure.part or "").removeprefix("Service/")
    for cause in index.of_type("ResourceQuotaExceeded"):
        is_of_services = cause.subject.namespace == failure.subject.namespace and cause.facts.get("missingKind") == Service.kind
        if is_of_services and name in (cause.facts.get("missing") or ()):
            yield Candidate(cause, _REJECTED, is_same_failure=True)


def claim_not_created(index: FailureIndex, failure: Failure, affected: AffectedObject) -> Iterator[Candidate]:
    """What keeps the workload from creating its claims."""
    for cause in index.on(failure.subject, {"FailedCreate"}):
        yield Candidate(cause, "could not be created for")


def bound_volume(index: FailureIndex, failure: Failure, affected: AffectedObject) -> Iterator[Candidate]:
    """The volume that the claim is bound to."""
    claim = index.view.object_at(affected.ref)
    if isinstance(claim, PersistentVolumeClaim) and claim.spec.volume_name:
        yield from common.on_object(
            index, ObjectRef("PersistentVolume", None, claim.spec.volume_name), {"PersistentVolumeFailed"}, "is bound to"
        )


def schedule(index: FailureIndex, failure: Failure, affected: AffectedObject) -> Iterator[Candidate]:
    """A run that blocks the next cause, or a schedule that cannot be parsed."""
    yield from common.on_object(index, failure.subject, {"JobNotCompleted", "CronJobInvalidSchedule"}, "schedules")


def autoscaler(index: FailureIndex, failure: Failure, affected: AffectedObject) -> Iterator[Candidate]:
    """The metrics API, or the workload that the autoscaler scales."""
    scaler = index.view.object_at(affected.ref)
    if failure.type == "HPAScalingInactive":
        for cause in index.of_type("APIServiceUnavailable"):
            if cause.subject.name.endswith(_METRICS):
                yield Candidate(cause, "reads metrics from")
    if not isinstance(scaler, HorizontalPodAutoscaler):
        return
    target = scaler.spec.scale_target_ref
    ref = ObjectRef(kind_id_of(target.api_version, target.kind), scaler.namespace, target.name)
    if failure.type == "HPAReplicasMismatch" or failure.facts.get("cause") in _METRICS_OF_TARGET:
        yield from common.on_object(index, ref, groups.WORKLOAD, "scales")


def budget(index: FailureIndex, failure: Failure, affected: AffectedObject) -> Iterator[Candidate]:
    """The workloads whose pods the budget covers and that are not ready."""
    covering = index.view.object_at(affected.ref)
    if not isinstance(covering, PodDisruptionBudget):
        return
    workloads: dict[ObjectRef, None] = {}
    for pod in islice(index.view.pods_in(covering.metadata.namespace), MAX_SELECTED):
        if not pod.is_ready and selectors.fits(covering.spec.selector, pod.labels):
            workloads[index.view.workload_of(pod)] = None
    for workload in workloads:
        for cause in index.on(workload, groups.WORKLOAD):
            yield Candidate(cause, "protects the pods of", is_same_failure=True)
        yield from common.causes_of_missing_pods(index, workload)
