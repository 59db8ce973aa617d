"""What detectors ask a `ClusterView` for, by the keys of `view_keys.py`: the pods of an owner, the Services of a namespace, …"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, cast

from optral.kube import owners, view_keys
from optral.kube.objects import (
    Certificate,
    ConfigMap,
    Deployment,
    EndpointSlice,
    Event,
    Gateway,
    HorizontalPodAutoscaler,
    HTTPRoute,
    Ingress,
    IngressClass,
    Job,
    KubeObject,
    Namespace,
    NetworkPolicy,
    Node,
    PersistentVolume,
    PersistentVolumeClaim,
    Pod,
    PodDisruptionBudget,
    ReplicaSet,
    ResourceQuota,
    Service,
    StorageClass,
    VirtualService,
)
from optral.kube.settings import Configs
from optral.kube.view_keys import Key
from optral.terms.refs import ObjectRef


class Lookups(ABC):
    """The questions; a view answers them by `_lookup`, `by_name` and `all`. All answers are in no particular order."""

    __slots__ = ()

    @abstractmethod
    def _lookup(self, key: Key, kind: str) -> list[Any]:
        """The objects of a kind that have this key."""

    @abstractmethod
    def _is_indexed(self, key: Key) -> bool:
        """Whether `_lookup` may return anything for this key."""

    @abstractmethod
    def by_name(self, kind: str, namespace: str | None, name: str) -> KubeObject | None:
        """The object of this name; see `ClusterView`."""

    @abstractmethod
    def all(self, kind: str) -> Iterator[KubeObject]:
        """Every object of a kind id."""

    def pods_of(self, owner: ObjectRef) -> list[Pod]:
        """Every pod under an owner: its own, and those of its ReplicaSets or Jobs, seen or not yet seen."""
        found = {pod.metadata.uid: pod for pod in self._owned(owner, Pod.kind)}
        for kind in owners.STEPPING_STONES:
            for between in self._owned(owner, kind):
                found |= {pod.metadata.uid: pod for pod in self._owned(owners.ref(between), Pod.kind)}
        for pod in self._lookup(("under", owner.kind, owner.namespace or "", owner.name), Pod.kind):
            found.setdefault(pod.metadata.uid, pod)
        return cast(list[Pod], list(found.values()))

    def pods_on(self, node: str) -> list[Pod]:
        """The pods bound to a node."""
        return self._lookup(("node", node), Pod.kind)

    def unscheduled_pods(self) -> list[Pod]:
        """The pods that are bound to no node."""
        return self.pods_on("")

    def pods_in(self, namespace: str) -> list[Pod]:
        """The pods of a namespace."""
        return self._lookup(("in", Pod.kind, namespace), Pod.kind)

    def pods_with_claim(self, namespace: str, claim: str) -> list[Pod]:
        """The pods that mount a PersistentVolumeClaim."""
        return self._lookup(("claim", namespace, claim), Pod.kind)

    def replica_sets_of(self, deployment: ObjectRef) -> list[ReplicaSet]:
        """The ReplicaSets of a Deployment, all revisions."""
        return self._owned(deployment, ReplicaSet.kind)

    def jobs_of(self, cron_job: ObjectRef) -> list[Job]:
        """The Jobs of a CronJob that still exist."""
        return self._owned(cron_job, Job.kind)

    def services_in(self, namespace: str) -> list[Service]:
        """The Services of a namespace."""
        return self._lookup(("in", Service.kind, namespace), Service.kind)

    def services_named(self, name: str) -> list[Service]:
        """The Services of this name in all namespaces."""
        return self._lookup(("named", Service.kind, name), Service.kind)

    def workloads_in(self, namespace: str, kind: str) -> list[KubeObject]:
        """The Deployments, StatefulSets, … (by kind id) of a namespace; of other kinds too, where they are kept by namespace."""
        return self._lookup(("in", kind, namespace), kind)

    def all_in(self, namespace: str, kind: str) -> Iterator[KubeObject]:
        """Every object of a kind id in a namespace; what is not kept by namespace is looked for among all of its kind."""
        if kind in view_keys.BY_NAMESPACE:
            yield from self.workloads_in(namespace, kind)
        else:
            yield from (obj for obj in self.all(kind) if obj.metadata.namespace == namespace)

    def autoscalers_in(self, namespace: str) -> list[HorizontalPodAutoscaler]:
        """The HorizontalPodAutoscalers of a namespace."""
        return self._lookup(("in", HorizontalPodAutoscaler.kind, namespace), HorizontalPodAutoscaler.kind)

    def budgets_in(self, namespace: str) -> list[PodDisruptionBudget]:
        """The PodDisruptionBudgets of a namespace."""
        return self._lookup(("in", PodDisruptionBudget.kind, namespace), PodDisruptionBudget.kind)

    def quotas_in(self, namespace: str) -> list[ResourceQuota]:
        """The ResourceQuotas of a namespace."""
        return self._lookup(("in", ResourceQuota.kind, namespace), ResourceQuota.kind)

    def slices_of(self, service: ObjectRef) -> list[EndpointSlice]:
        """The EndpointSlices of a Service. None at all means that we have not seen them, not that there are no endpoints."""
        return self._lookup(("slices", service.namespace or "", service.name), EndpointSlice.kind)

    def written_slices(self) -> list[EndpointSlice]:
        """The EndpointSlices that people or add-ons keep, mostly of Services without a selector."""
        return self._lookup(view_keys.WRITTEN_SLICES, EndpointSlice.kind)

    def ingresses_of(self, service: ObjectRef) -> list[Ingress]:
        """The Ingresses that send traffic to a Service."""
        return self._lookup(("backend", service.namespace or "", service.name), Ingress.kind)

    def callers_of(self, namespace: str, service: str) -> list[KubeObject]:
        """The workloads whose templates or ConfigMaps name a Service, there or not, by an address that may mean it."""
        return self._calling("calls", namespace, service)

    def callers_in(self, namespace: str) -> list[KubeObject]:
        """As `callers_of`, of any Service of a namespace, also by an alias of it (ExternalName)."""
        return self._calling_also_by_alias("calls-in", namespace)

    def callers_named(self, service: str) -> list[KubeObject]:
        """As `callers_of`, of the Services of this name in any namespace, also by an alias of one (ExternalName)."""
        return self._calling_also_by_alias("calls-named", service)

    def _calling_also_by_alias(self, key: str, name: str) -> list[KubeObject]:
        aliases = cast(list[Service], self._lookup((key, Service.kind, name), Service.kind))
        by_alias = (caller for alias in aliases for caller in self.callers_of(alias.metadata.namespace, alias.name))
        return list({caller.metadata.uid: caller for caller in (*self._calling(key, name), *by_alias)}.values())

    def _calling(self, key: str, *names: str) -> list[KubeObject]:
        found: dict[str, KubeObject] = {}
        for kind in view_keys.CALLERS:
            found.update((obj.metadata.uid, obj) for obj in self._lookup((key, kind, *names), kind))
        for config in cast(list[ConfigMap], self._lookup((key, ConfigMap.kind, *names), ConfigMap.kind)):
            found.update((obj.metadata.uid, obj) for obj in self.readers_of(config.metadata.namespace, config.name))
        return list(found.values())

    def readers_of(self, namespace: str, config: str) -> list[KubeObject]:
        """The workloads whose containers read a ConfigMap, there or not, as variables or files."""
        return [obj for kind in view_keys.CALLERS for obj in self._lookup(("reads", kind, namespace, config), kind)]

    def configs_of(self, namespace: str) -> Configs:
        """The ConfigMaps of a namespace by name."""
        return lambda name: cast(ConfigMap | None, self.by_name(ConfigMap.kind, namespace, name))

    def routes_of(self, service: ObjectRef) -> list[HTTPRoute]:
        """The HTTPRoutes that send traffic to a Service."""
        return self._lookup(("routed", service.namespace or "", service.name), HTTPRoute.kind)

    def routes_through(self, gateway: ObjectRef) -> list[HTTPRoute]:
        """The HTTPRoutes that want to be served by a Gateway."""
        return self._lookup(("through", gateway.namespace or "", gateway.name), HTTPRoute.kind)

    def mesh_routes_of(self, namespace: str, service: str) -> list[VirtualService]:
        """The VirtualServices that are about a Service, there or not: one of their hosts, or where they send traffic."""
        return self._lookup(("meshed", namespace, service), VirtualService.kind)

    def gateways_of_class(self, name: str) -> list[Gateway]:
        """The Gateways of a class."""
        return self._lookup(("class", Gateway.kind, name), Gateway.kind)

    def ingresses_of_class(self, name: str) -> list[Ingress]:
        """The Ingresses that ask for a class; "" for those that leave it to the default."""
        return self._lookup(("class", Ingress.kind, name), Ingress.kind)

    def ingress_class(self, name: str) -> IngressClass | None:
        return cast(IngressClass | None, self.by_name(IngressClass.kind, None, name))

    def policies_in(self, namespace: str) -> list[NetworkPolicy]:
        """The NetworkPolicies of a namespace."""
        return self._lookup(("in", NetworkPolicy.kind, namespace), NetworkPolicy.kind)

    def certificates_of(self, namespace: str, secret: str) -> list[Certificate]:
        """The cert-manager Certificates that are kept in a Secret."""
        return self._lookup(("kept-in", namespace, secret), Certificate.kind)

    def volumes_of(self, namespace: str, claim: str) -> list[PersistentVolume]:
        """The volumes that name a claim as theirs."""
        return self._lookup(("bound-to", namespace, claim), PersistentVolume.kind)

    def volumes_of_class(self, storage_class: str) -> list[PersistentVolume]:
        """The volumes of a StorageClass, whether it exists or not; "" for those without one."""
        return self._lookup(("class", PersistentVolume.kind, storage_class), PersistentVolume.kind)

    def claims_in(self, namespace: str) -> list[PersistentVolumeClaim]:
        """The PersistentVolumeClaims of a namespace."""
        return self._lookup(("in", PersistentVolumeClaim.kind, namespace), PersistentVolumeClaim.kind)

    def events_of(self, uid: str) -> list[Event]:
        """The Events about the object with this uid; never about a namesake that was there before."""
        return self._lookup(("events", uid), Event.kind)

    def has_events(self, uid: str) -> bool:
        """Whether there are Events about the object with this uid."""
        return self._is_indexed(("events", uid))

    def preemptions_in(self, namespace: str) -> list[Event]:
        """The Events that tell of pods of a namespace that lost their place; the pods themselves are mostly gone."""
        return self._lookup((view_keys.PREEMPTED, namespace), Event.kind)

    def nodes_tainted(self, key: str) -> list[Node]:
        """The nodes that have a taint with this key; cordoned ones have `node.kubernetes.io/unschedulable`."""
        return self._lookup(("tainted", key), Node.kind)

    def node(self, name: str) -> Node | None:
        return cast(Node | None, self.by_name(Node.kind, None, name))

    def namespace(self, name: str) -> Namespace | None:
        return cast(Namespace | None, self.by_name(Namespace.kind, None, name))

    def storage_class(self, name: str) -> StorageClass | None:
        return cast(StorageClass | None, self.by_name(StorageClass.kind, None, name))

    def deployment(self, namespace: str | None, name: str) -> Deployment | None:
        return cast(Deployment | None, self.by_name(Deployment.kind, namespace, name))

    def _owned(self, owner: ObjectRef, kind: str) -> list[Any]:
        return self._lookup(("owned", kind, owner.kind, owner.namespace or "", owner.name), kind)
