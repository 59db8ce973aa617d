"""Health of what watches over a cluster: monitoring, policy, identity, secrets, multi-cluster control planes, OpenShift."""

from optral.kube.health.model import Health, State, Tree, items, part, text
from optral.kube.health.rules import Rule, condition, failing, phase, unless


def _karmada(tree: Tree) -> Health | None:
    """What the members of a federation report about the object."""
    for member in items(tree, "status", "aggregatedStatus"):
        if part(member, "applied") is False or text(member, "health") == "Unhealthy":
            message = text(member, "appliedMessage") or f"cluster {text(member, 'clusterName')}: {text(member, 'health')}"
            return Health(State.DEGRADED, "status.aggregatedStatus", "Unhealthy", message[:512])
    return None


def _shoot(tree: Tree) -> Health | None:
    state, kind = text(tree, "status", "lastOperation", "state"), text(tree, "status", "lastOperation", "type")
    message = text(tree, "status", "lastOperation", "description")[:512]
    if state in ("Failed", "Error", "Aborted"):
        return Health(State.DEGRADED, "status.lastOperation.state", state, message)
    if state in ("Processing", "Pending"):
        return Health(State.PROGRESSING, "status.lastOperation.state", f"{kind} {state}".strip()[:128], message)
    return None


_PROMETHEUS: tuple[Rule, ...] = (
    condition("Reconciled", true=None),
    condition("Available", true=State.HEALTHY, false=State.DEGRADED, unknown=State.PROGRESSING),
)
_VICTORIA: tuple[Rule, ...] = (phase("updateStatus", bad="failed", moving="expanding", good="operational", resting="paused"),)
_READY: tuple[Rule, ...] = (condition("Ready"),)
_KARMADA: tuple[Rule, ...] = (
    condition("Scheduled", true=None, false=State.PROGRESSING),
    _karmada,
    condition("FullyApplied", false=State.PROGRESSING),
)
_OPENSHIFT: tuple[Rule, ...] = (failing("Degraded", "Failing"), condition("Available"))

RULES: dict[str, tuple[Rule, ...]] = {
    "Prometheus.monitoring.coreos.com": _PROMETHEUS,
    "PrometheusAgent.monitoring.coreos.com": _PROMETHEUS,
    "Alertmanager.monitoring.coreos.com": _PROMETHEUS,
    "ThanosRuler.monitoring.coreos.com": _PROMETHEUS,
    "*.operator.victoriametrics.com": _VICTORIA,
    "OpenTelemetryCollector.opentelemetry.io": (),
    "Grafana.grafana.integreatly.org": (phase("stageStatus", bad="failed", moving="in_progress", good="success"),),
    "*.grafana.integreatly.org": (unless("GrafanaReady", "DashboardSynchronized", "DatasourceSynchronized", "FolderSynchronized"),),
    "Kiali.kiali.io": (failing("Failure"),),
    "LokiStack.loki.grafana.com": (failing("Failed", "Degraded"), condition("Ready", false=State.PROGRESSING)),
    "TempoStack.tempo.grafana.com": (failing("Failed", "ConfigurationError"), condition("Ready", false=State.PROGRESSING)),
    "DatadogAgent.datadoghq.com": (failing("DatadogAgentReconcileError"),),
    "ClusterPolicy.kyverno.io": (condition("Ready", false=State.PROGRESSING),),
    "Policy.kyverno.io": (condition("Ready", false=State.PROGRESSING),),
    "ClusterPolicy.nvidia.com": (phase("state", moving="notReady", good="ready", resting="disabled ignored", must_end=True),),
    "Policy.policy.open-cluster-management.io": (phase("compliant", bad="NonCompliant", moving="Pending", good="Compliant"),),
    "ManagedCluster.cluster.open-cluster-management.io": (
        condition("HubAcceptedManagedCluster", true=None, false=State.SUSPENDED),
        condition("ManagedClusterConditionAvailable", unknown=State.DEGRADED),
    ),
    "Keycloak.k8s.keycloak.org": (failing("HasErrors"), condition("Ready", false=State.PROGRESSING)),
    "KeycloakRealmImport.k8s.keycloak.org": (failing("HasErrors"),),
    "ResourceBinding.work.karmada.io": _KARMADA,
    "ClusterResourceBinding.work.karmada.io": _KARMADA,
    "Cluster.cluster.karmada.io": _READY,
    "Shoot.core.gardener.cloud": (_shoot,),
    "ClusterOperator.config.openshift.io": _OPENSHIFT,
    "ClusterVersion.config.openshift.io": _OPENSHIFT,
    "MachineConfigPool.machineconfiguration.openshift.io": (failing("Degraded", "RenderDegraded", "NodeDegraded"),),
    "Machine.machine.openshift.io": (phase("phase", bad="Failed", moving="Provisioning Provisioned Deleting", good="Running"),),
    "*.operator.openshift.io": (failing("Degraded"), condition("Available")),
    "Cluster.management.cattle.io": (unless("Connected", "Ready"),),
    "Cluster.provisioning.cattle.io": (failing("Stalled"), condition("Ready", false=State.PROGRESSING)),
    "BareMetalHost.metal3.io": (phase("operationalStatus", bad="error", moving="discovered", good="OK", resting="detached delayed"),),
    "ImagePolicy.policy.sigstore.dev": _READY,
    "CustomResourceDefinition.apiextensions.k8s.io": (
        unless("NamesAccepted"),
        condition("Established", true=None),
        failing("NonStructuralSchema"),
    ),
}
RULES = {kind: rules for kind, rules in RULES.items() if rules}
