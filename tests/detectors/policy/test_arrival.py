"""Of policies and risks: the order in which objects come or go changes no answer."""

from optral import detectors
from optral.detectors.finding import Finding
from optral.kube.objects import KubeObject
from tests.detectors.arrival import World, properties
from tests.detectors.build import condition, container, deployment, event, make, pod, replica_set, status, waiting

# What nobody uses is asked again when it or a workload that names it changes, not with every pod of a foreign kind.
SLOW = {"UnusedConfigMap", "UnusedPersistentVolumeClaim"}
OURS = {detector.type for detector in (*detectors.policy.DETECTORS, *detectors.risk.DETECTORS)} - SLOW
DAY = 86400


def _stored(name: str, storage_class: str) -> KubeObject:
    template = {"metadata": {"name": "disk"}, "spec": {"storageClassName": storage_class}}
    return make("StatefulSet.apps", name=name, spec={"replicas": 1, "volumeClaimTemplates": [template]})


def world() -> list[KubeObject]:
    env = [{"name": "MODE", "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "mode"}}}, {"name": "CART", "value": "cart:80"}]
    spec = {"serviceAccountName": "robot", "priorityClassName": "urgent", "containers": [container(env=env, image="a")]}
    api = deployment("api", replicas=2, available=0, spec={"template": {"metadata": {"labels": {"app": "api"}}, "spec": spec}})
    full = "exceeded quota: compute, requested: cpu=1, used: cpu=1, limited: cpu=1"
    refused = condition("ReplicaFailure", reason="FailedCreate", message=full, ago=60)
    first = replica_set(api, name="api-1", replicas=2, ready=0, status={"replicas": 0, "conditions": [refused]})
    web = deployment("web", replicas=1, available=0)
    second = replica_set(web, name="web-5d4f9c", replicas=1, ready=0)
    stuck = pod(
        status(state=waiting("CreateContainerConfigError", 'configmap "settings" not found')),
        name="api-x",
        phase="Pending",
        owner=first,
        conditions=[condition("Ready", "False")],
    )
    hook = {"name": "gate.example.com", "clientConfig": {"service": {"namespace": "shop", "name": "gate"}}, "rules": []}
    denied = 'failed calling webhook "gate.example.com": context deadline exceeded'
    daemons = make("DaemonSet.apps", name="agent", status={"desiredNumberScheduled": 2, "currentNumberScheduled": 1})
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "api"}
    metrics = [{"type": "Resource", "resource": {"name": "cpu"}}]
    quota = {"hard": {"services": "1"}, "used": {"services": "1"}}
    claim = make("PersistentVolumeClaim", name="data", ago=30 * DAY, status={"phase": "Bound"})
    going = {"deletionTimestamp": "2026-03-02T11:00:00Z", "finalizers": ["example.com/x"]}
    holding = condition("NamespaceDeletionDiscoveryFailure", message="x")
    silent = {"conditions": [condition("Available", "False")]}
    selector = {"matchLabels": {"app": "api"}}
    budget = {"currentHealthy": 0, "desiredHealthy": 1, "expectedPods": 2}
    sets = [_stored(name, storage_class) for name, storage_class in (("db", "by-hand"), ("cache", "old"), ("queue", "gone"))]
    disks = [
        make("StorageClass.storage.k8s.io", name="fast", namespace=None),
        make("PersistentVolume", name="disk-1", namespace=None, spec={"storageClassName": "by-hand"}),
        make("PersistentVolumeClaim", name="disk-cache-0", spec={"storageClassName": "old"}, status={"phase": "Bound"}),
    ]
    return [
        *_drain(), *sets, *disks, api, first, web, second, stuck, daemons, claim, event(daemons, "FailedCreate", denied),
        make("ValidatingWebhookConfiguration.admissionregistration.k8s.io", name="gate", namespace=None, webhooks=[hook]),
        make("Service", name="gate", spec={"selector": {"app": "gate"}}),
        make("Service", name="api", spec={"selector": {"app": "api"}}),
        make("EndpointSlice.discovery.k8s.io", name="g", meta={"labels": {"kubernetes.io/service-name": "gate"}}, endpoints=[]),
        make("HorizontalPodAutoscaler.autoscaling", name="api", spec={"scaleTargetRef": target, "metrics": metrics, "maxReplicas": 3}),
        make("ResourceQuota", name="compute", spec={"hard": {"cpu": "1"}}),
        make("ResourceQuota", name="count", status=quota),
        make("ConfigMap", name="settings", ago=30 * DAY, data={"level": "x"}),
        make("ServiceAccount", name="default"),
        make("PriorityClass.scheduling.k8s.io", name="calm", namespace=None),
        make("PodDisruptionBudget.policy", name="api", spec={"selector": selector}, status=budget),
        make("PodDisruptionBudget.policy", name="api-2", spec={"selector": selector}, status=budget),
        make("NetworkPolicy.networking.k8s.io", name="p", spec={"podSelector": selector}),
        make("Namespace", name="shop", namespace=None),
        make("Namespace", name="old", namespace=None, meta=going, status={"conditions": [holding]}),
        make("APIService.apiregistration.k8s.io", name="v1.x", namespace=None, status=silent),
        make("ConfigMap", name="kept", meta=going),
        make("StorageClass.storage.k8s.io", name="a", namespace=None),
        make("StorageClass.storage.k8s.io", name="b", namespace=None),
    ]  # fmt: skip


def _drain() -> list[KubeObject]:
    """A node on which nothing remains but the pods of two budgets that require all of theirs, and the pod of a DaemonSet."""
    taint = {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}
    node = make("Node", name="node-9", namespace=None, spec={"unschedulable": True, "taints": [taint]})
    daemons = make("DaemonSet.apps", name="probe", status={"desiredNumberScheduled": 1})
    strict = {"currentHealthy": 1, "desiredHealthy": 1, "expectedPods": 1}
    on = {"spec": {"nodeName": "node-9"}, "conditions": [condition("Ready")]}
    return [
        node,
        daemons,
        pod(status(), name="probe-1", owner=daemons, labels={"app": "probe"}, **on),
        *(pod(status(), name=f"{name}-1", labels={"app": name}, **on) for name in ("lone", "solo")),
        *(
            make("PodDisruptionBudget.policy", name=name, spec={"selector": {"matchLabels": {"app": name}}}, status=strict)
            for name in ("lone", "solo")
        ),
    ]


def begun() -> list[KubeObject]:
    """A cluster that has something of every kind: a kind of which nothing has been seen is not taken for empty."""
    kinds = ("Deployment.apps", "Service", "PersistentVolumeClaim", "ConfigMap", "ServiceAccount")
    there = [make(kind, name="x", namespace="other") for kind in kinds]
    of_no_namespace = ("PriorityClass.scheduling.k8s.io", "StorageClass.storage.k8s.io")
    return there + [make(kind, name="x", namespace=None) for kind in of_no_namespace]


def compared(finding: Finding) -> tuple[object, ...]:
    """When something went is a memory, so moments are left out."""
    suspects = frozenset(suspect.ref[:3] for suspect in finding.suspects)
    return (finding.type, finding.subject[:3], finding.part, finding.severity, finding.title, suspects)


WORLD = World(world(), types=OURS, compared=compared, has_risks=True, around=begun())


def test_the_world_has_failures_of_many_types() -> None:
    types = WORLD.types_found()
    assert types >= {
        "ResourceQuotaExceeded",
        "WebhookUnavailable",
        "MissingReference",
        "ServiceAccountMissing",
        "NamespaceTerminating",
        "DrainBlocked",
    }
    assert len(types) >= 15


test_the_order_of_arrival_changes_no_answer, test_findings_of_deleted_objects_end = properties(WORLD)
