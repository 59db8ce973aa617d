# ruff: noqa: E501 - one object on one line reads better than on twelve
"""A small cluster in which nothing is wrong, with an object of every kind that a detector looks at, as manifests."""

from typing import Any

from tests.detectors.build import HOUR, at

DAY = 24 * HOUR
Manifest = dict[str, Any]


def obj(version: str, kind: str, name: str, *, namespace: str | None = "shop", owner: Manifest | None = None, **body: Any) -> Manifest:
    meta: Manifest = {"name": name, "uid": f"uid-{kind}-{name}", "generation": 1, "creationTimestamp": at(DAY), "labels": {"app": "api"}}
    meta["resourceVersion"] = "7"
    meta["managedFields"] = [{"manager": "kubectl", "operation": "Update", "time": at(DAY)}]
    if namespace is not None:
        meta["namespace"] = namespace
    if owner is not None:
        above = {"apiVersion": owner["apiVersion"], "kind": owner["kind"], "name": owner["metadata"]["name"]}
        meta["ownerReferences"] = [above | {"uid": owner["metadata"]["uid"], "controller": True}]
    meta |= body.pop("meta", {})
    return {"apiVersion": version, "kind": kind, "metadata": meta} | body


def met(kind: str, reason: str = "AsExpected", state: str = "True") -> Manifest:
    return {
        "type": kind,
        "status": state,
        "reason": reason,
        "message": "all is well",
        "lastTransitionTime": at(DAY),
        "lastUpdateTime": at(DAY),
        "lastHeartbeatTime": at(20),
    }


def template(*volumes: Manifest) -> Manifest:
    probe = {
        "httpGet": {"path": "/ready", "port": "http", "scheme": "HTTP"},
        "periodSeconds": 10,
        "timeoutSeconds": 5,
        "failureThreshold": 3,
    }
    container = {
        "name": "api",
        "image": "registry.example/api:1.2",
        "ports": [{"name": "http", "containerPort": 8080, "protocol": "TCP"}],
        "env": [{"name": "PORT", "value": "8080"}, {"name": "MODE", "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "mode"}}}],
        "envFrom": [{"configMapRef": {"name": "settings"}}],
        "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"memory": "128Mi"}},
        "readinessProbe": probe,
        "livenessProbe": probe,
        "volumeMounts": [{"name": "config", "mountPath": "/etc/app"}],
    }
    spec = {
        "containers": [container],
        "volumes": [{"name": "config", "configMap": {"name": "settings"}}, *volumes],
        "serviceAccountName": "api",
        "restartPolicy": "Always",
        "schedulerName": "default-scheduler",
        "terminationGracePeriodSeconds": 30,
    }
    return {"metadata": {"labels": {"app": "api"}}, "spec": spec}


def pod(name: str, owner: Manifest, *volumes: Manifest) -> Manifest:
    status = {
        "phase": "Running",
        "startTime": at(DAY),
        "podIP": "10.1.0.7",
        "conditions": [met(kind) for kind in ("PodScheduled", "Initialized", "ContainersReady", "Ready")],
        "containerStatuses": [
            {
                "name": "api",
                "image": "registry.example/api:1.2",
                "ready": True,
                "started": True,
                "restartCount": 1,
                "state": {"running": {"startedAt": at(DAY)}},
                "lastState": {"terminated": {"exitCode": 1, "reason": "Error", "startedAt": at(2 * DAY), "finishedAt": at(DAY)}},
            }
        ],
    }
    spec = template(*volumes)["spec"] | {"nodeName": "node-1"}
    return obj("v1", "Pod", name, owner=owner, spec=spec, status=status)


def cluster() -> list[Manifest]:
    """Everything, each with what its neighbors need of it."""
    return [*_core(), *_workloads(), *_network(), *_storage(), *_policy()]


def _core() -> list[Manifest]:
    room = {"cpu": "8", "memory": "32Gi", "pods": "110"}
    said = ["Ready", *(kind for kind in ("MemoryPressure", "DiskPressure", "PIDPressure", "NetworkUnavailable"))]
    conditions = [met(kind, state="True" if kind == "Ready" else "False") for kind in said]
    node_status = {"conditions": conditions, "capacity": room, "allocatable": room, "nodeInfo": {"kubeletVersion": "v1.34.2"}}
    lease = {"holderIdentity": "node-1", "leaseDurationSeconds": 40, "renewTime": at(5), "acquireTime": at(DAY)}
    return [
        *(obj("v1", "Namespace", name, namespace=None, spec={"finalizers": ["kubernetes"]}, status={"phase": "Active"}) for name in ("shop", "kube-system")),
        obj("v1", "Node", "node-1", namespace=None, spec={"podCIDR": "10.1.0.0/24", "taints": []}, status=node_status),
        obj("coordination.k8s.io/v1", "Lease", "node-1", namespace="kube-node-lease", spec=lease),
        obj("v1", "ConfigMap", "settings", data={"mode": "fast"}),
        obj("v1", "ServiceAccount", "api"),
        obj("scheduling.k8s.io/v1", "PriorityClass", "usual", namespace=None, value=10),
    ]  # fmt: skip


def _workloads() -> list[Manifest]:
    selector = {"matchLabels": {"app": "api"}}
    counts = {"observedGeneration": 1, "replicas": 1, "readyReplicas": 1, "availableReplicas": 1, "updatedReplicas": 1}
    deployment = obj(
        "apps/v1",
        "Deployment",
        "api",
        spec={"replicas": 1, "selector": selector, "template": template(), "progressDeadlineSeconds": 600},
        status=counts | {"conditions": [met("Available"), met("Progressing", "NewReplicaSetAvailable")]},
    )
    revision = obj(
        "apps/v1",
        "ReplicaSet",
        "api-1",
        owner=deployment,
        meta={"annotations": {"deployment.kubernetes.io/revision": "1"}},
        spec={"replicas": 1, "selector": selector, "template": template()},
        status=counts,
    )
    data = {"name": "data", "persistentVolumeClaim": {"claimName": "data-db-0"}}
    stateful = obj(
        "apps/v1",
        "StatefulSet",
        "db",
        spec={"replicas": 1, "serviceName": "api", "selector": selector, "template": template(),
              "volumeClaimTemplates": [{"metadata": {"name": "data"}}], "updateStrategy": {"type": "RollingUpdate"}},
        status=counts | {"currentReplicas": 1, "currentRevision": "db-1", "updateRevision": "db-1"},
    )  # fmt: skip
    scheduled = {"observedGeneration": 1, "desiredNumberScheduled": 1, "currentNumberScheduled": 1, "numberReady": 1, "numberAvailable": 1}
    daemon = obj(
        "apps/v1",
        "DaemonSet",
        "agent",
        spec={"selector": selector, "template": template(), "updateStrategy": {"type": "RollingUpdate"}},
        status=scheduled | {"updatedNumberScheduled": 1, "numberMisscheduled": 0},
    )
    cron = obj(
        "batch/v1",
        "CronJob",
        "report",
        spec={"schedule": "0 0 * * *", "suspend": False, "jobTemplate": {"spec": {"template": template()}}},
        status={"lastScheduleTime": at(12 * HOUR), "lastSuccessfulTime": at(12 * HOUR - 90)},
    )
    job = obj(
        "batch/v1",
        "Job",
        "report-1",
        owner=cron,
        spec={"completions": 1, "parallelism": 1, "backoffLimit": 6, "template": template()},
        status={"succeeded": 1, "startTime": at(300), "completionTime": at(200), "conditions": [met("Complete")]},
    )
    return [
        deployment,
        revision,
        pod("api-1-x", revision),
        stateful,
        pod("db-0", stateful, data),
        daemon,
        pod("agent-x", daemon),
        cron,
        job,
    ]


def _network() -> list[Manifest]:
    ports = [{"name": "http", "port": 80, "targetPort": "http", "protocol": "TCP"}]
    service = obj(
        "v1",
        "Service",
        "api",
        spec={"type": "ClusterIP", "clusterIP": "10.2.0.9", "selector": {"app": "api"}, "ports": ports},
        status={"loadBalancer": {}},
    )
    endpoint = {"addresses": ["10.1.0.7"], "conditions": {"ready": True, "serving": True}, "targetRef": {"kind": "Pod", "name": "api-1-x"}}
    piece = obj(
        "discovery.k8s.io/v1",
        "EndpointSlice",
        "api-abc",
        meta={"labels": {"kubernetes.io/service-name": "api"}},
        addressType="IPv4",
        endpoints=[endpoint],
        ports=[{"name": "http", "port": 8080, "protocol": "TCP"}],
    )
    backend = {"service": {"name": "api", "port": {"number": 80}}}
    ingress = obj(
        "networking.k8s.io/v1",
        "Ingress",
        "front",
        spec={"ingressClassName": "nginx", "rules": [{"host": "shop.example", "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}]},
        status={"loadBalancer": {"ingress": [{"ip": "192.0.2.7"}]}},
    )  # fmt: skip
    served = {"spec": {"controller": "k8s.io/ingress-nginx"}}
    gateway = [met("Accepted"), met("Programmed")]
    routed = {"parentRef": {"name": "edge"}, "controllerName": "example/gateway", "conditions": [met("Accepted"), met("ResolvedRefs")]}
    group = "gateway.networking.k8s.io/v1"
    return [
        service,
        piece,
        ingress,
        obj("networking.k8s.io/v1", "IngressClass", "nginx", namespace=None, **served),
        obj("networking.k8s.io/v1", "NetworkPolicy", "open", spec={"podSelector": {}, "policyTypes": ["Ingress"], "ingress": [{}]}),
        obj(group, "GatewayClass", "edge", namespace=None, spec={"controllerName": "example/gateway"}, status={"conditions": [met("Accepted")]}),
        obj(group, "Gateway", "edge", spec={"gatewayClassName": "edge", "listeners": [{"name": "http", "port": 80, "protocol": "HTTP"}]}, status={"conditions": gateway}),
        obj(group, "HTTPRoute", "front", spec={"parentRefs": [{"name": "edge"}], "rules": [{"backendRefs": [{"name": "api", "port": 80}]}]}, status={"parents": [routed]}),
        obj("networking.istio.io/v1", "VirtualService", "front", spec={"hosts": ["api"], "http": [{"route": [{"destination": {"host": "api", "port": {"number": 80}}}]}]}),
        obj("cert-manager.io/v1", "Certificate", "front", spec={"secretName": "front"}, status={"conditions": [met("Ready")], "notAfter": "2027-03-02T12:00:00Z"}),
    ]  # fmt: skip


def _storage() -> list[Manifest]:
    room = {"storage": "1Gi"}
    claim = {"storageClassName": "fast", "volumeName": "pv-1", "accessModes": ["ReadWriteOnce"], "resources": {"requests": room}}
    volume = {"storageClassName": "fast", "capacity": room, "accessModes": ["ReadWriteOnce"], "persistentVolumeReclaimPolicy": "Delete",
              "claimRef": {"kind": "PersistentVolumeClaim", "namespace": "shop", "name": "data-db-0", "uid": "uid-PersistentVolumeClaim-data-db-0"}}  # fmt: skip
    body = {"provisioner": "example/disk", "volumeBindingMode": "Immediate", "reclaimPolicy": "Delete"}
    return [
        obj("v1", "PersistentVolumeClaim", "data-db-0", spec=claim, status={"phase": "Bound", "capacity": room, "accessModes": ["ReadWriteOnce"]}),
        obj("v1", "PersistentVolume", "pv-1", namespace=None, spec=volume, status={"phase": "Bound"}),
        obj("storage.k8s.io/v1", "StorageClass", "fast", namespace=None, **body),
    ]  # fmt: skip


def _policy() -> list[Manifest]:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "api"}
    scaling = [
        met("AbleToScale", "ReadyForNewScale"),
        met("ScalingActive", "ValidMetricFound"),
        met("ScalingLimited", "DesiredWithinRange", "False"),
    ]
    hook = {
        "name": "check.shop.example",
        "failurePolicy": "Fail",
        "clientConfig": {"service": {"namespace": "shop", "name": "api", "port": 80}},
        "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}],
        "timeoutSeconds": 10,
    }
    rule = {"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}
    budget = {"currentHealthy": 2, "desiredHealthy": 1, "expectedPods": 2, "disruptionsAllowed": 1, "observedGeneration": 1}
    return [
        obj("autoscaling/v2", "HorizontalPodAutoscaler", "api", spec={"scaleTargetRef": target, "minReplicas": 1, "maxReplicas": 5}, status={"currentReplicas": 1, "desiredReplicas": 1, "conditions": scaling}),
        obj("policy/v1", "PodDisruptionBudget", "api", spec={"minAvailable": 1, "selector": {"matchLabels": {"app": "api"}}}, status=budget | {"conditions": [met("DisruptionAllowed", "SufficientPods")]}),
        obj("v1", "ResourceQuota", "all", spec={"hard": {"pods": "10", "cpu": "4"}}, status={"hard": {"pods": "10", "cpu": "4"}, "used": {"pods": "2", "cpu": "200m"}}),
        obj("v1", "LimitRange", "usual", spec={"limits": [{"type": "Container", "max": {"memory": "1Gi"}}]}),
        obj("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", "check", namespace=None, webhooks=[hook]),
        obj("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration", "change", namespace=None, webhooks=[hook]),
        obj("apiextensions.k8s.io/v1", "CustomResourceDefinition", "carts.shop.example", namespace=None, spec={"group": "shop.example", "names": {"kind": "Cart", "plural": "carts"}}, status={"conditions": [met("Established"), met("NamesAccepted")]}),
        obj("apiregistration.k8s.io/v1", "APIService", "v1.shop.example", namespace=None, spec={"group": "shop.example", "version": "v1"}, status={"conditions": [met("Available")]}),
        obj("rbac.authorization.k8s.io/v1", "Role", "reader", rules=[rule]),
        obj("rbac.authorization.k8s.io/v1", "ClusterRole", "reader", namespace=None, rules=[rule]),
        obj("rbac.authorization.k8s.io/v1", "RoleBinding", "reader", roleRef={"kind": "Role", "name": "reader"}, subjects=[{"kind": "ServiceAccount", "name": "api", "namespace": "shop"}]),
        obj("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "reader", namespace=None, roleRef={"kind": "ClusterRole", "name": "reader"}, subjects=[{"kind": "ServiceAccount", "name": "api", "namespace": "shop"}]),
        obj("argoproj.io/v1alpha1", "Application", "shop", spec={"project": "default"}, status={"health": {"status": "Healthy"}, "sync": {"status": "Synced"}}),
        obj("kustomize.toolkit.fluxcd.io/v1", "Kustomization", "shop", spec={"interval": "5m"}, status={"conditions": [met("Ready")], "observedGeneration": 1}),
        obj("helm.toolkit.fluxcd.io/v2", "HelmRelease", "shop", spec={"interval": "5m"}, status={"conditions": [met("Ready")], "observedGeneration": 1}),
    ]  # fmt: skip
