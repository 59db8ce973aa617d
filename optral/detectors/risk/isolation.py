"""Network isolation: namespaces without a NetworkPolicy, policies that select no pod, Services that are open to the internet."""

from collections.abc import Iterable
from datetime import datetime

from optral.detectors.detector import About
from optral.detectors.risk.common import SERVED, check, on_create_or_delete
from optral.kube import selectors
from optral.kube.objects import DaemonSet, Deployment, KubeObject, Namespace, NetworkPolicy, Pod, Service, StatefulSet
from optral.kube.view import ClusterView
from optral.terms.en import titles

_SYSTEM = ("kube-", "openshift-")


def _open_namespace(namespace: Namespace, view: ClusterView, now: datetime) -> list[str]:
    if namespace.name.startswith(_SYSTEM) or view.policies_in(namespace.name):
        return []
    count = sum(len(view.workloads_in(namespace.name, kind)) for kind in SERVED)
    return ["no NetworkPolicy"] if count else []


def _selects_nothing(policy: NetworkPolicy, view: ClusterView, now: datetime) -> list[str]:
    """An empty selector means every pod, including later ones."""
    selector = policy.spec.pod_selector
    if not selector.match_labels and not selector.match_expressions:
        return []
    home = policy.metadata.namespace
    labels = [pod.labels for pod in view.pods_in(home)]
    labels += [
        workload.spec.template.metadata.labels
        for kind in SERVED
        for workload in view.workloads_in(home, kind)
        if isinstance(workload, (Deployment, StatefulSet, DaemonSet))
    ]
    return [] if any(selectors.fits(selector, each) for each in labels) else ["its selector fits no pod"]


def _open_to_all(service: Service, view: ClusterView, now: datetime) -> list[str]:
    return [service.spec.type] if service.spec.type in ("NodePort", "LoadBalancer") else []


def _home(view: ClusterView, obj: KubeObject) -> Iterable[KubeObject]:
    namespace = view.namespace(obj.metadata.namespace)
    return () if namespace is None else (namespace,)


def _policies(view: ClusterView, obj: KubeObject) -> Iterable[KubeObject]:
    return view.policies_in(obj.metadata.namespace)


NO_POLICY = check(
    titles.NetworkPolicyMissing,
    _open_namespace,
    about=About.OBJECT,
    module=__name__,
    looks_at=(Namespace.kind,),
    reached_from=dict.fromkeys((NetworkPolicy.kind, *SERVED), _home),
)
PROTECTS_NOBODY = check(
    titles.NetworkPolicyMatchesNothing,
    _selects_nothing,
    about=About.POLICY,
    module=__name__,
    looks_at=(NetworkPolicy.kind,),
    reached_from=dict.fromkeys(SERVED, _policies) | {Pod.kind: on_create_or_delete(_policies)},
    open_after_s=3600,
)
EXPOSED = check(
    titles.ServiceExposed,
    _open_to_all,
    about=About.SERVICE,
    module=__name__,
    looks_at=(Service.kind,),
)
