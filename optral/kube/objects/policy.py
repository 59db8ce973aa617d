"""What rules over others: autoscalers, budgets, quotas, admission webhooks, extensions of the API, roles, add-ons' resources."""

from typing import ClassVar

import msgspec

from optral.kube.objects.base import Condition, Int, KubeObject, LabelSelector, Part, Quantity, Time
from optral.kube.objects.network import ConditionedStatus

# --- autoscaling and disruption -----------------------------------------------------------------------------------------------------


class ScaleTarget(Part, frozen=True):
    """The workload an autoscaler moves, in its own namespace."""

    api_version: str = ""
    kind: str = ""
    name: str = ""


class ResourceMetric(Part, frozen=True):
    name: str = ""
    container: str = ""


class MetricSpec(Part, frozen=True):
    type: str = ""
    resource: ResourceMetric | None = None
    container_resource: ResourceMetric | None = None


class AutoscalerSpec(Part, frozen=True):
    scale_target_ref: ScaleTarget = ScaleTarget()
    min_replicas: Int | None = None
    max_replicas: Int = 0
    metrics: tuple[MetricSpec, ...] = ()


class AutoscalerStatus(Part, frozen=True):
    current_replicas: Int = 0
    desired_replicas: Int = 0
    last_scale_time: Time | None = None
    conditions: tuple[Condition, ...] = ()


class HorizontalPodAutoscaler(KubeObject, frozen=True):
    kind: ClassVar[str] = "HorizontalPodAutoscaler.autoscaling"
    spec: AutoscalerSpec = AutoscalerSpec()
    status: AutoscalerStatus = AutoscalerStatus()

    @property
    def min_replicas(self) -> int:
        return 1 if self.spec.min_replicas is None else self.spec.min_replicas


class BudgetSpec(Part, frozen=True):
    selector: LabelSelector | None = None
    min_available: int | str | None = None
    max_unavailable: int | str | None = None


class BudgetStatus(Part, frozen=True):
    observed_generation: Int | None = None
    disruptions_allowed: Int = 0
    current_healthy: Int = 0
    desired_healthy: Int = 0
    expected_pods: Int = 0
    conditions: tuple[Condition, ...] = ()


class PodDisruptionBudget(KubeObject, frozen=True):
    kind: ClassVar[str] = "PodDisruptionBudget.policy"
    spec: BudgetSpec = BudgetSpec()
    status: BudgetStatus = BudgetStatus()


# --- quotas and limits ------------------------------------------------------------------------------------------------------------


class QuotaSpec(Part, frozen=True):
    hard: dict[str, Quantity] = {}


class QuotaStatus(Part, frozen=True):
    hard: dict[str, Quantity] = {}
    used: dict[str, Quantity] = {}


class ResourceQuota(KubeObject, frozen=True):
    kind: ClassVar[str] = "ResourceQuota"
    spec: QuotaSpec = QuotaSpec()
    status: QuotaStatus = QuotaStatus()


class ConfigAddress(Part, frozen=True):
    """An address in the value of a key, as the agent reports it: the line and the entry of a file, or line 0 for the whole value."""

    key: str = ""
    line: Int = 0
    name: str = ""
    text: str = ""


class ConfigRoute(Part, frozen=True):
    """A route in the value of a key, as the agent reports it: requests to `host` ("" for any) below `path` go to `target`, a host.

    `variable` names the variable that replaces the target where it is set. `rewrite` tells what becomes of the path: nothing, its prefix is
    removed, or it is replaced. `is_partial`: only some of these requests take the route (a header, a weight, a regular expression), or it
    is no route of clients.
    """

    key: str = ""
    line: Int = 0
    path: str = ""
    target: str = ""
    port: Int | None = None
    host: str = ""
    variable: str = ""
    rewrite: str = ""
    is_partial: bool = False

    @property
    def upstream(self) -> str:
        """`store:8080`, or only the host."""
        return self.target if self.port is None else f"{self.target}:{self.port}"


class ConfigMap(KubeObject, frozen=True):
    """Its keys, whose values are masked before they leave the cluster, and the agent's notes of what is in them."""

    kind: ClassVar[str] = "ConfigMap"
    data: dict[str, str] = {}
    binary_data: dict[str, str] = {}
    addresses: tuple[ConfigAddress, ...] = msgspec.field(default=(), name="optralAddresses")
    routes: tuple[ConfigRoute, ...] = msgspec.field(default=(), name="optralRoutes")
    limits: tuple[ConfigAddress, ...] = msgspec.field(default=(), name="optralLimits")

    def has(self, key: str) -> bool:
        return key in self.data or key in self.binary_data


class LimitRange(KubeObject, frozen=True):
    kind: ClassVar[str] = "LimitRange"


class ServiceAccount(KubeObject, frozen=True):
    kind: ClassVar[str] = "ServiceAccount"
    automount_service_account_token: bool | None = None


class PriorityClass(KubeObject, frozen=True):
    kind: ClassVar[str] = "PriorityClass.scheduling.k8s.io"
    value: Int = 0
    global_default: bool = False
    preemption_policy: str = ""


# --- admission webhooks -----------------------------------------------------------------------------------------------------------


class ServiceReference(Part, frozen=True):
    namespace: str = ""
    name: str = ""
    port: Int | None = None


class ClientConfig(Part, frozen=True):
    """Where the API server calls. `ca_not_after` is the agent's note; the bundle itself is masked."""

    url: str = ""
    service: ServiceReference | None = None
    ca_not_after: Time | None = msgspec.field(default=None, name="optralCaNotAfter")


class RuleWithOperations(Part, frozen=True):
    operations: tuple[str, ...] = ()
    api_groups: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    scope: str = ""


class Webhook(Part, frozen=True):
    name: str = ""
    client_config: ClientConfig = ClientConfig()
    failure_policy: str = "Fail"
    timeout_seconds: Int = 10
    rules: tuple[RuleWithOperations, ...] = ()
    namespace_selector: LabelSelector | None = None
    object_selector: LabelSelector | None = None


class WebhookConfiguration(KubeObject, frozen=True):
    """What both kinds of admission webhooks share."""

    webhooks: tuple[Webhook, ...] = ()


class MutatingWebhookConfiguration(WebhookConfiguration, frozen=True):
    kind: ClassVar[str] = "MutatingWebhookConfiguration.admissionregistration.k8s.io"


class ValidatingWebhookConfiguration(WebhookConfiguration, frozen=True):
    kind: ClassVar[str] = "ValidatingWebhookConfiguration.admissionregistration.k8s.io"


# --- extensions of the API --------------------------------------------------------------------------------------------------------


class DefinitionNames(Part, frozen=True):
    kind: str = ""
    plural: str = ""


class DefinitionVersion(Part, frozen=True):
    name: str = ""
    served: bool = False
    storage: bool = False
    deprecated: bool = False


class DefinitionSpec(Part, frozen=True):
    """`versions` come without their schemas: the agent leaves those out."""

    group: str = ""
    scope: str = ""
    names: DefinitionNames = DefinitionNames()
    versions: tuple[DefinitionVersion, ...] = ()


class CustomResourceDefinition(KubeObject, frozen=True):
    kind: ClassVar[str] = "CustomResourceDefinition.apiextensions.k8s.io"
    spec: DefinitionSpec = DefinitionSpec()
    status: ConditionedStatus = ConditionedStatus()


class APIServiceSpec(Part, frozen=True):
    """`service` is None for what the API server answers by itself."""

    group: str = ""
    version: str = ""
    service: ServiceReference | None = None


class APIService(KubeObject, frozen=True):
    """An aggregated API: `v1beta1.metrics.k8s.io` is answered by metrics-server."""

    kind: ClassVar[str] = "APIService.apiregistration.k8s.io"
    spec: APIServiceSpec = APIServiceSpec()
    status: ConditionedStatus = ConditionedStatus()


# --- Leases -----------------------------------------------------------------------------------------------------------------------


class LeaseSpec(Part, frozen=True):
    """`renew_time` may lie behind by the agent's thinning: a minute in kube-node-lease, 15 s in kube-system (agent/watching/renewals)."""

    holder_identity: str = ""
    lease_duration_seconds: Int = 0
    acquire_time: Time | None = None
    renew_time: Time | None = None
    lease_transitions: Int = 0


class Lease(KubeObject, frozen=True):
    """Only those of kube-system and kube-node-lease are watched."""

    kind: ClassVar[str] = "Lease.coordination.k8s.io"
    spec: LeaseSpec = LeaseSpec()


# --- roles ------------------------------------------------------------------------------------------------------------------------


class PolicyRule(Part, frozen=True):
    api_groups: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    resource_names: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()


class RoleRef(Part, frozen=True):
    kind: str = ""
    name: str = ""


class Subject(Part, frozen=True):
    kind: str = ""
    name: str = ""
    namespace: str = ""


class Role(KubeObject, frozen=True):
    kind: ClassVar[str] = "Role.rbac.authorization.k8s.io"
    rules: tuple[PolicyRule, ...] = ()


class ClusterRole(KubeObject, frozen=True):
    kind: ClassVar[str] = "ClusterRole.rbac.authorization.k8s.io"
    rules: tuple[PolicyRule, ...] = ()


class RoleBinding(KubeObject, frozen=True):
    kind: ClassVar[str] = "RoleBinding.rbac.authorization.k8s.io"
    role_ref: RoleRef = RoleRef()
    subjects: tuple[Subject, ...] = ()


class ClusterRoleBinding(KubeObject, frozen=True):
    kind: ClassVar[str] = "ClusterRoleBinding.rbac.authorization.k8s.io"
    role_ref: RoleRef = RoleRef()
    subjects: tuple[Subject, ...] = ()
