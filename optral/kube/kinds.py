"""The kinds Optral watches: how each is called on the wire, in a URL and on screen.

Adding a kind is one line here. Secrets are not listed on purpose: the agent never asks for them. Never watched either: `events.k8s.io`
(the core Events say the same), Endpoints (EndpointSlices say more), metrics, and Leases outside kube-system and kube-node-lease.

Every watched kind has objects of its own in memory and a stream from the API server, so a kind is here only when a detector or a rule
reads it.
"""

import re
from typing import NamedTuple


class Kind(NamedTuple):
    """One watched kind. `id` is the group kind as kubectl writes it: `Pod`, `Deployment.apps`.

    `optional`: many clusters do not serve it (it comes with an add-on), which is normal. `only_in`: the namespaces whose objects leave
    the cluster; empty means all. `custom`: an add-on defines it and the agent discovered it, so it travels by its id. `metadata_only`: of
    its objects only the metadata is read.
    """

    group: str
    version: str
    name: str
    plural: str
    namespaced: bool
    optional: bool = False
    only_in: tuple[str, ...] = ()
    custom: bool = False
    metadata_only: bool = False

    @property
    def id(self) -> str:
        return f"{self.name}.{self.group}" if self.group else self.name

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def wire(self) -> str:
        """The name in the tunnel: `v1/pods`, `apps/v1/deployments`; the id of a custom kind: `Widget.shop.example`."""
        return self.id if self.custom else f"{self.api_version}/{self.plural}"

    @property
    def path(self) -> str:
        """The list path of the API server, all namespaces."""
        return f"/apis/{self.api_version}/{self.plural}" if self.group else f"/api/{self.api_version}/{self.plural}"

    def is_in(self, namespace: str) -> bool:
        """Whether objects of this kind that leave the cluster can be in the namespace."""
        return self.namespaced and (not self.only_in or namespace in self.only_in)

    def path_in(self, namespace: str) -> str:
        """The list path of one namespace; all namespaces when it is empty."""
        return f"{self.path.removesuffix(self.plural)}namespaces/{namespace}/{self.plural}" if namespace else self.path

    def object_path(self, namespace: str, name: str) -> str:
        """The path of one object; `namespace` is ignored for cluster-scoped kinds. Both must be checked names: nothing is escaped here."""
        root = self.path.removesuffix(self.plural)
        return f"{root}namespaces/{namespace}/{self.plural}/{name}" if self.namespaced else f"{self.path}/{name}"


KINDS: tuple[Kind, ...] = (
    Kind("", "v1", "Namespace", "namespaces", False),
    Kind("", "v1", "Node", "nodes", False),
    Kind("", "v1", "Pod", "pods", True),
    Kind("apps", "v1", "Deployment", "deployments", True),
    Kind("apps", "v1", "ReplicaSet", "replicasets", True),
    Kind("apps", "v1", "StatefulSet", "statefulsets", True),
    Kind("apps", "v1", "DaemonSet", "daemonsets", True),
    Kind("batch", "v1", "Job", "jobs", True),
    Kind("batch", "v1", "CronJob", "cronjobs", True),
    Kind("", "v1", "Service", "services", True),
    Kind("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices", True),
    Kind("networking.k8s.io", "v1", "Ingress", "ingresses", True),
    Kind("networking.k8s.io", "v1", "IngressClass", "ingressclasses", False),
    Kind("", "v1", "ConfigMap", "configmaps", True),
    Kind("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", True),
    Kind("", "v1", "PersistentVolume", "persistentvolumes", False),
    Kind("storage.k8s.io", "v1", "StorageClass", "storageclasses", False),
    Kind("autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", True),
    Kind("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", True),
    Kind("", "v1", "ResourceQuota", "resourcequotas", True),
    Kind("", "v1", "LimitRange", "limitranges", True),
    Kind("", "v1", "ServiceAccount", "serviceaccounts", True),
    Kind("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies", True),
    Kind("coordination.k8s.io", "v1", "Lease", "leases", True, only_in=("kube-system", "kube-node-lease")),
    Kind("admissionregistration.k8s.io", "v1", "MutatingWebhookConfiguration", "mutatingwebhookconfigurations", False),
    Kind("admissionregistration.k8s.io", "v1", "ValidatingWebhookConfiguration", "validatingwebhookconfigurations", False),
    Kind("apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", False),
    Kind("apiregistration.k8s.io", "v1", "APIService", "apiservices", False),
    Kind("scheduling.k8s.io", "v1", "PriorityClass", "priorityclasses", False),
    Kind("rbac.authorization.k8s.io", "v1", "Role", "roles", True),
    Kind("rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", False),
    Kind("rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings", True),
    Kind("rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings", False),
    Kind("gateway.networking.k8s.io", "v1", "GatewayClass", "gatewayclasses", False, optional=True),
    Kind("gateway.networking.k8s.io", "v1", "Gateway", "gateways", True, optional=True),
    Kind("gateway.networking.k8s.io", "v1", "HTTPRoute", "httproutes", True, optional=True),
    Kind("cert-manager.io", "v1", "Certificate", "certificates", True, optional=True),
    Kind("argoproj.io", "v1alpha1", "Application", "applications", True, optional=True),
    Kind("kustomize.toolkit.fluxcd.io", "v1", "Kustomization", "kustomizations", True, optional=True),
    Kind("helm.toolkit.fluxcd.io", "v2", "HelmRelease", "helmreleases", True, optional=True),
)
EVENT = Kind("", "v1", "Event", "events", True)
"""Kubernetes Events have a bounded store of their own: outside snapshots, digests and resource counts."""

LONG_RUNNING = ("Deployment.apps", "StatefulSet.apps", "DaemonSet.apps")
"""Workloads whose pods run until somebody changes them."""
WORKLOADS = (*LONG_RUNNING, "Job.batch", "CronJob.batch")
"""Kinds that people write with a template of pods."""
OWNING = ("CronJob.batch", "DaemonSet.apps", "Deployment.apps", "Job.batch", "ReplicaSet.apps", "StatefulSet.apps")
"""Kinds below which a list of workloads folds what they own; what only a kind of an add-on or a node owns stands for itself."""

POD_USAGE = Kind("usage.optral.io", "v1", "PodUsage", "podusages", True, optional=True, custom=True)
NODE_USAGE = Kind("usage.optral.io", "v1", "NodeUsage", "nodeusages", False, optional=True, custom=True)
USAGE_KINDS = (POD_USAGE, NODE_USAGE)
USAGE_OF = {"Pod": POD_USAGE, "Node": NODE_USAGE}
"""The kind of the report about the usage of a kind."""
"""What pods and nodes use. The agent makes these objects from the metrics of the kubelets; no API server serves them."""

WORKLOAD_TRAFFIC = Kind("usage.optral.io", "v1", "WorkloadTraffic", "workloadtraffics", True, optional=True, custom=True)
"""What the requests of a workload are like. The agent makes these objects from the Prometheus of its settings."""
LOG_SIGNS = Kind("logs.optral.io", "v1", "LogSigns", "logsigns", True, optional=True, custom=True)
"""What the logs of the running containers of a pod keep showing. The agent makes these objects; each has the name of its pod."""
SERVED_CERTIFICATE = Kind("probes.optral.io", "v1", "ServedCertificate", "servedcertificates", True, optional=True, custom=True)
"""The certificates that a Service presents. The agent makes these objects from TLS handshakes; each has the name of its Service."""
REPORT_KINDS = (*USAGE_KINDS, WORKLOAD_TRAFFIC, LOG_SIGNS, SERVED_CERTIFICATE)
"""All kinds that agents make themselves."""


def traffic_name(kind: str, name: str) -> str:
    """The name of the report about the requests of a workload, whose short kind tells it apart from others of that name."""
    return f"{kind.lower()}-{name}"


BUILT_IN_GROUPS = frozenset(
    {
        "admissionregistration.k8s.io",
        "apiextensions.k8s.io",
        "apiregistration.k8s.io",
        "authentication.k8s.io",
        "authorization.k8s.io",
        "certificates.k8s.io",
        "coordination.k8s.io",
        "custom.metrics.k8s.io",
        "discovery.k8s.io",
        "events.k8s.io",
        "external.metrics.k8s.io",
        "flowcontrol.apiserver.k8s.io",
        "internal.apiserver.k8s.io",
        "metrics.k8s.io",
        "networking.k8s.io",
        "node.k8s.io",
        "rbac.authorization.k8s.io",
        "resource.k8s.io",
        "scheduling.k8s.io",
        "storage.k8s.io",
        "storagemigration.k8s.io",
    }
)
"""Groups with a dot that Kubernetes serves itself, and the metrics APIs: a kind of theirs is watched only if `KINDS` lists it."""

BY_ID = {kind.id: kind for kind in (*KINDS, EVENT)}
BY_WIRE = {kind.wire: kind for kind in (*KINDS, EVENT)}


def named(name: str) -> Kind | None:
    """The watched kind called so: an id (`Deployment.apps`) or a short name (`Deployment`); None for any other."""
    return BY_ID.get(name) or next((kind for kind in KINDS if kind.name == name), None)


_ID_BY_NAME = {kind.name: kind.id for kind in KINDS}


def id_of_name(name: str) -> str:
    """The id of the watched kind with this short name: `Deployment.apps` for `Deployment`; any other name as it is."""
    return _ID_BY_NAME.get(name, name)


MAX_ID = 128  # as the columns of the inventory
_CUSTOM_ID = re.compile(r"[A-Za-z][A-Za-z0-9]{0,62}\.[a-z0-9]([a-z0-9.-]*[a-z0-9])?", re.ASCII)
REPORT_GROUPS = frozenset(
    {"aquasecurity.github.io", "openreports.io", "reports.kyverno.io", "spdx.softwarecomposition.kubescape.io", "wgpolicyk8s.io"}
)
METADATA_ONLY = frozenset(
    {
        "AdmissionReport.kyverno.io",
        "BackgroundScanReport.kyverno.io",
        "BlockAffinity.crd.projectcalico.org",
        "CiliumEndpoint.cilium.io",
        "CiliumEndpointSlice.cilium.io",
        "CiliumIdentity.cilium.io",
        "ClusterAdmissionReport.kyverno.io",
        "ClusterBackgroundScanReport.kyverno.io",
        "ComplianceCheckResult.compliance.openshift.io",
        "IPAMBlock.crd.projectcalico.org",
        "IPAMHandle.crd.projectcalico.org",
        "Image.image.openshift.io",
        "UpdateRequest.kyverno.io",
        "WorkflowTaskResult.argoproj.io",
        "WorkflowTaskSet.argoproj.io",
    }
)


def is_custom(kind_id: str) -> bool:
    """Whether this `Kind.id` is of a group that an add-on defines: a name and a group with a dot that Kubernetes does not serve itself."""
    _, _, group = kind_id.partition(".")
    return "." in group and group not in BUILT_IN_GROUPS and len(kind_id) <= MAX_ID and _CUSTOM_ID.fullmatch(kind_id) is not None


def is_discovered(kind_id: str) -> bool:
    """Whether this is a custom kind that agents find in their cluster, rather than one of those that every agent watches."""
    return kind_id not in BY_ID and is_custom(kind_id)


def is_metadata_only(kind_id: str) -> bool:
    """Whether a custom kind holds reports, caches or results: many and large objects that say nothing about their own health."""
    name, _, group = kind_id.partition(".")
    return kind_id in METADATA_ONLY or group in REPORT_GROUPS or name.endswith(("Report", "ReportSummary"))


def wire_of(kind_id: str) -> str:
    """The name in the tunnel of a `Kind.id`. Raises `KeyError` for a kind that is neither watched nor custom."""
    known = BY_ID.get(kind_id)
    if known is None and not is_custom(kind_id):
        raise KeyError(kind_id)
    return kind_id if known is None else known.wire


def id_of(wire: str) -> str | None:
    """The `Kind.id` of a name in the tunnel; None for a kind that is neither watched nor custom."""
    known = BY_WIRE.get(wire)
    if known is not None:
        return known.id
    return wire if is_discovered(wire) else None
