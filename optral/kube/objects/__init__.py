"""Kubernetes objects as typed values: only what detection, grouping and the resource list read.

`decode` is strict first (about 15 µs for a pod of 8 KB) and lenient second: a field that is null, of the wrong type or holds text that no
database takes (NUL, half a surrogate pair) is left out and the rest is kept. It never raises, because one strange object of a cluster must
not stop its inventory. Every field therefore has a default, and "missing" and "wrong" look the same to a detector.

All times are timezone-aware and in the cluster's time. Structs are frozen and invisible to the garbage collector (they cannot form cycles).
"""

import threading
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec

from optral.kube import lenient
from optral.kube.kinds import is_custom
from optral.kube.objects import custom
from optral.kube.objects.base import (
    EPOCH as EPOCH,
    Annotations as Annotations,
    Condition as Condition,
    DatedMetadata as DatedMetadata,
    Int as Int,
    KubeObject as KubeObject,
    LabelSelector as LabelSelector,
    Managed as Managed,
    Metadata as Metadata,
    OwnerReference as OwnerReference,
    Part as Part,
    Quantity as Quantity,
    Requirement as Requirement,
    Time as Time,
    condition as condition,
    kind_id_of as kind_id_of,
)
from optral.kube.objects.cluster import (
    Namespace as Namespace,
    NamespaceStatus as NamespaceStatus,
    Node as Node,
    NodeInfo as NodeInfo,
    NodeSpec as NodeSpec,
    NodeStatus as NodeStatus,
    Taint as Taint,
)
from optral.kube.objects.custom import CustomResource as CustomResource
from optral.kube.objects.events import Event as Event, EventSeries as EventSeries, EventSource as EventSource, Involved as Involved
from optral.kube.objects.log_signs import (
    ContainerLog as ContainerLog,
    LogSign as LogSign,
    LogSigns as LogSigns,
)
from optral.kube.objects.mesh import (
    MESH as MESH,
    Destination as Destination,
    DestinationRule as DestinationRule,
    MeshGateway as MeshGateway,
    MeshObject as MeshObject,
    MeshRoute as MeshRoute,
    ServiceEntry as ServiceEntry,
    Subset as Subset,
    VirtualService as VirtualService,
)
from optral.kube.objects.network import (
    Address as Address,
    Backend as Backend,
    BackendPort as BackendPort,
    BackendResource as BackendResource,
    BackendService as BackendService,
    BalancedStatus as BalancedStatus,
    BalancerStatus as BalancerStatus,
    Certificate as Certificate,
    CertificateSpec as CertificateSpec,
    CertificateStatus as CertificateStatus,
    ConditionedStatus as ConditionedStatus,
    DatedObject as DatedObject,
    EgressAllowance as EgressAllowance,
    Endpoint as Endpoint,
    EndpointConditions as EndpointConditions,
    EndpointPort as EndpointPort,
    EndpointSlice as EndpointSlice,
    Gateway as Gateway,
    GatewayClass as GatewayClass,
    GatewayClassSpec as GatewayClassSpec,
    GatewaySpec as GatewaySpec,
    GatewayStatus as GatewayStatus,
    HTTPRoute as HTTPRoute,
    Ingress as Ingress,
    IngressAllowance as IngressAllowance,
    IngressClass as IngressClass,
    IngressClassSpec as IngressClassSpec,
    IngressHttp as IngressHttp,
    IngressPath as IngressPath,
    IngressRule as IngressRule,
    IngressSpec as IngressSpec,
    IngressTls as IngressTls,
    IpBlock as IpBlock,
    ListenerStatus as ListenerStatus,
    NetworkPolicy as NetworkPolicy,
    NetworkPolicySpec as NetworkPolicySpec,
    PolicyPeer as PolicyPeer,
    PolicyPort as PolicyPort,
    Reference as Reference,
    RouteParent as RouteParent,
    RouteRule as RouteRule,
    RouteSpec as RouteSpec,
    RouteStatus as RouteStatus,
    Service as Service,
    ServicePort as ServicePort,
    ServiceSpec as ServiceSpec,
    TargetRef as TargetRef,
)
from optral.kube.objects.pods import (
    ClaimSource as ClaimSource,
    Container as Container,
    ContainerPort as ContainerPort,
    ContainerState as ContainerState,
    ContainerStatus as ContainerStatus,
    Exec as Exec,
    Grpc as Grpc,
    HttpGet as HttpGet,
    NodeSelectorTerm as NodeSelectorTerm,
    Pod as Pod,
    PodSpec as PodSpec,
    PodStatus as PodStatus,
    Probe as Probe,
    ReadinessGate as ReadinessGate,
    Resources as Resources,
    Running as Running,
    SchedulingGate as SchedulingGate,
    TcpSocket as TcpSocket,
    Terminated as Terminated,
    Volume as Volume,
    Waiting as Waiting,
)
from optral.kube.objects.policy import (
    APIService as APIService,
    APIServiceSpec as APIServiceSpec,
    AutoscalerSpec as AutoscalerSpec,
    AutoscalerStatus as AutoscalerStatus,
    BudgetSpec as BudgetSpec,
    BudgetStatus as BudgetStatus,
    ClientConfig as ClientConfig,
    ClusterRole as ClusterRole,
    ClusterRoleBinding as ClusterRoleBinding,
    ConfigMap as ConfigMap,
    ConfigRoute as ConfigRoute,
    CustomResourceDefinition as CustomResourceDefinition,
    DefinitionNames as DefinitionNames,
    DefinitionSpec as DefinitionSpec,
    DefinitionVersion as DefinitionVersion,
    HorizontalPodAutoscaler as HorizontalPodAutoscaler,
    Lease as Lease,
    LeaseSpec as LeaseSpec,
    LimitRange as LimitRange,
    MetricSpec as MetricSpec,
    MutatingWebhookConfiguration as MutatingWebhookConfiguration,
    PodDisruptionBudget as PodDisruptionBudget,
    PolicyRule as PolicyRule,
    PriorityClass as PriorityClass,
    QuotaSpec as QuotaSpec,
    QuotaStatus as QuotaStatus,
    ResourceMetric as ResourceMetric,
    ResourceQuota as ResourceQuota,
    Role as Role,
    RoleBinding as RoleBinding,
    RoleRef as RoleRef,
    RuleWithOperations as RuleWithOperations,
    ScaleTarget as ScaleTarget,
    ServiceAccount as ServiceAccount,
    ServiceReference as ServiceReference,
    Subject as Subject,
    ValidatingWebhookConfiguration as ValidatingWebhookConfiguration,
    Webhook as Webhook,
    WebhookConfiguration as WebhookConfiguration,
)
from optral.kube.objects.served_certificates import (
    PresentedCertificate as PresentedCertificate,
    ServedCertificate as ServedCertificate,
)
from optral.kube.objects.storage import (
    ClaimRef as ClaimRef,
    ClaimSpec as ClaimSpec,
    ClaimStatus as ClaimStatus,
    ModifyStatus as ModifyStatus,
    PersistentVolume as PersistentVolume,
    PersistentVolumeClaim as PersistentVolumeClaim,
    StorageClass as StorageClass,
    VolumeSpec as VolumeSpec,
    VolumeStatus as VolumeStatus,
)
from optral.kube.objects.templates import (
    Affinity as Affinity,
    AntiAffinityTerm as AntiAffinityTerm,
    Capabilities as Capabilities,
    EnvFrom as EnvFrom,
    EnvSource as EnvSource,
    EnvVar as EnvVar,
    HostPath as HostPath,
    NamedKey as NamedKey,
    PodAntiAffinity as PodAntiAffinity,
    PodSecurityContext as PodSecurityContext,
    ProjectedSource as ProjectedSource,
    ProjectedVolume as ProjectedVolume,
    RevisionContainer as RevisionContainer,
    RevisionPod as RevisionPod,
    RevisionTemplate as RevisionTemplate,
    SeccompProfile as SeccompProfile,
    SecurityContext as SecurityContext,
    SpreadConstraint as SpreadConstraint,
    Template as Template,
    TemplateContainer as TemplateContainer,
    TemplateMetadata as TemplateMetadata,
    TemplatePort as TemplatePort,
    TemplateSpec as TemplateSpec,
    TemplateVolume as TemplateVolume,
)
from optral.kube.objects.traffic import (
    WorkloadTraffic as WorkloadTraffic,
    WorkloadTrafficStatus as WorkloadTrafficStatus,
)
from optral.kube.objects.usage import (
    ContainerUse as ContainerUse,
    CpuUse as CpuUse,
    FilledVolume as FilledVolume,
    MemoryUse as MemoryUse,
    NodeUsage as NodeUsage,
    NodeUsageStatus as NodeUsageStatus,
    PodUsage as PodUsage,
    PodUsageStatus as PodUsageStatus,
    Throttling as Throttling,
    Trend as Trend,
)
from optral.kube.objects.workloads import (
    ClaimTemplate as ClaimTemplate,
    CronJob as CronJob,
    CronJobSpec as CronJobSpec,
    CronJobStatus as CronJobStatus,
    DaemonSet as DaemonSet,
    DaemonSetSpec as DaemonSetSpec,
    DaemonSetStatus as DaemonSetStatus,
    Deployment as Deployment,
    Job as Job,
    JobSpec as JobSpec,
    JobStatus as JobStatus,
    Ordinals as Ordinals,
    ReplicaSet as ReplicaSet,
    ReplicatedSpec as ReplicatedSpec,
    ReplicatedStatus as ReplicatedStatus,
    RevisionSpec as RevisionSpec,
    RollingUpdate as RollingUpdate,
    StatefulSet as StatefulSet,
    StatefulSetSpec as StatefulSetSpec,
    StatefulSetStatus as StatefulSetStatus,
    UpdateStrategy as UpdateStrategy,
)

TYPED: tuple[type[KubeObject], ...] = (
    Namespace,
    Node,
    Pod,
    Deployment,
    ReplicaSet,
    StatefulSet,
    DaemonSet,
    Job,
    CronJob,
    Service,
    EndpointSlice,
    Ingress,
    IngressClass,
    NetworkPolicy,
    GatewayClass,
    Gateway,
    HTTPRoute,
    Certificate,
    PersistentVolumeClaim,
    PersistentVolume,
    StorageClass,
    Event,
    HorizontalPodAutoscaler,
    PodDisruptionBudget,
    ResourceQuota,
    ConfigMap,
    LimitRange,
    ServiceAccount,
    PriorityClass,
    MutatingWebhookConfiguration,
    ValidatingWebhookConfiguration,
    CustomResourceDefinition,
    APIService,
    Lease,
    Role,
    ClusterRole,
    RoleBinding,
    ClusterRoleBinding,
    PodUsage,
    NodeUsage,
    WorkloadTraffic,
    LogSigns,
    ServedCertificate,
)
D = TypeVar("D")
_CLASSES: dict[str, type[KubeObject]] = {cls.kind: cls for cls in TYPED}
_MESH: dict[str, type[MeshObject]] = {cls.kind: cls for cls in MESH}


def class_of(kind: str) -> type[KubeObject]:
    """What objects of a `Kind.id` are decoded to."""
    return _CLASSES.get(kind) or _MESH.get(kind) or KubeObject


def _known(kind: str) -> str:
    """The kind, or "" for all that have no type of their own: a cluster can name any number of them."""
    return kind if kind in _CLASSES or kind in _MESH else ""


class Decoders(dict[str, D]):
    """Decoders by `Kind.id`; each is built for the first object of its kind, since all of them take 20 ms.

    One thread builds at a time: msgspec 0.22 ends the process if two prepare the same structs at once.
    """

    _building = threading.Lock()

    def __init__(self, build: Callable[[type[KubeObject]], D]) -> None:
        super().__init__()
        self._build = build

    def __missing__(self, kind: str) -> D:
        with self._building:
            decoder = self[kind] = self._build(class_of(kind))
        return decoder


_DECODERS: Decoders[msgspec.json.Decoder[Any]] = Decoders(msgspec.json.Decoder)


def convert(kind: str, tree: Mapping[str, Any]) -> KubeObject:
    """Make the typed object of a `Kind.id` from decoded JSON; never raises. Fields of a wrong shape keep their defaults."""
    if kind not in _CLASSES and is_custom(kind):
        return _custom(kind, tree)
    cls = class_of(kind)
    _ = _DECODERS[_known(kind)]  # prepares the structs, one thread at a time
    return lenient.convert(cls, tree)


def _custom(kind: str, tree: Mapping[str, Any]) -> CustomResource:
    if (cls := _MESH.get(kind)) is None:
        return custom.convert(kind, tree)
    _ = _DECODERS[kind]  # prepares the structs, one thread at a time
    return custom.with_spec(cls, tree)


def has_nul(raw: bytes) -> bool:
    """Whether JSON has a text with NUL, which only the lenient decoder replaces."""
    return b"\\" in raw and b"\\u0000" in raw  # a single byte is searched for twenty times as fast


def decode(kind: str, raw: bytes, *, uid: str = "", namespace: str = "", name: str = "") -> KubeObject:
    """Make the typed object of a `Kind.id` from its JSON; never raises.

    `uid`, `namespace` and `name` are what the sender calls the object. They win over the JSON, so that a lying or unreadable object
    cannot pass for another one; an unreadable object keeps nothing else.
    """
    made: KubeObject | None = None
    if kind not in _CLASSES and is_custom(kind):
        made = _custom(kind, lenient.read(raw))
    elif not has_nul(raw):
        try:
            made = _DECODERS[_known(kind)].decode(raw)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            made = None
    if made is None:
        made = lenient.build(class_of(kind), raw)
    if uid and (made.metadata.uid != uid or made.metadata.namespace != namespace or made.metadata.name != name):
        named = msgspec.structs.replace(made.metadata, uid=uid, namespace=namespace, name=name)
        made = msgspec.structs.replace(made, metadata=named)
    return made
