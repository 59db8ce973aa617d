"""Requests and limits. A limit without a request counts as a request, since Kubernetes sets it that way."""

from collections.abc import Iterable
from datetime import datetime

from optral.detectors.detector import About
from optral.detectors.policy import references
from optral.detectors.risk.common import check, containers, lasting
from optral.kube.objects import Deployment, HorizontalPodAutoscaler, KubeObject, StatefulSet, TemplateContainer, TemplateSpec, kind_id_of
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity


def _requests_nothing(container: TemplateContainer, spec: TemplateSpec) -> bool:
    return not all(_requests(container, resource) for resource in ("cpu", "memory"))


def _requests(container: TemplateContainer, resource: str) -> bool:
    return resource in container.resources.requests or resource in container.resources.limits


def _has_no_limit(container: TemplateContainer, spec: TemplateSpec) -> bool:
    return "memory" not in container.resources.limits


def _measured_without_requests(scaler: HorizontalPodAutoscaler, view: ClusterView, now: datetime) -> list[str]:
    target = view.object_at(_target(scaler))
    if target is None:
        return []
    spec = references.template_of(target)
    measured = {metric.resource.name for metric in scaler.spec.metrics if metric.type == "Resource" and metric.resource is not None}
    return [
        f"{container.name} ({resource})"
        for resource in sorted(measured & {"cpu", "memory"})
        for container in lasting(spec)
        if not _requests(container, resource)
    ]


def _target(scaler: HorizontalPodAutoscaler) -> ObjectRef:
    wanted = scaler.spec.scale_target_ref
    return ObjectRef(kind_id_of(wanted.api_version, wanted.kind), scaler.namespace, wanted.name)


def _scalers_of(view: ClusterView, obj: KubeObject) -> Iterable[KubeObject]:
    return [scaler for scaler in view.autoscalers_in(obj.metadata.namespace) if _target(scaler).name == obj.name]


REQUESTS_MISSING = check(
    titles.RequestsMissing,
    containers(_requests_nothing),
    about=About.WORKLOAD,
    module=__name__,
)
LIMITS_MISSING = check(
    titles.LimitsMissing,
    containers(_has_no_limit),
    about=About.WORKLOAD,
    module=__name__,
)
HPA_TARGET = check(
    titles.HPATargetWithoutRequests,
    _measured_without_requests,
    about=About.POLICY,
    module=__name__,
    severity=Severity.MEDIUM,
    looks_at=(HorizontalPodAutoscaler.kind,),
    reached_from={Deployment.kind: _scalers_of, StatefulSet.kind: _scalers_of},
)
