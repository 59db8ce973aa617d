"""The demo cluster: builds its workloads, starts and deletes their pods, and lets the controllers follow.

Faults and background changes only change pods and objects; `settle` then updates everything that follows from them (`controllers.py`).
Time is that of the scenario (`now`): the half hour before the start is simulated at once.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import msgspec

from optral.demo import objects, pods
from optral.demo.controllers import PROGRESS_DEADLINE_S, Controllers
from optral.demo.objects import stamp
from optral.demo.registry import Manifest, Registry
from optral.demo.shop import NAMESPACES, NODES, STORAGE_CLASSES, Spec
from optral.demo.state import App as App, State
from optral.kube.kinds import BY_ID

CLUSTER_AGE = timedelta(days=41)
REQUESTS_IN_LOG = 100


class World(State):
    """The cluster, its logs, its faults, and what a user has changed in it."""

    def __init__(self, registry: Registry, *, seed: int, start: datetime) -> None:
        super().__init__(registry, seed=seed, start=start)
        self.lost_nodes: set[str] = set()
        self.logs: dict[tuple[str, str], str] = {}
        self.faults: dict[tuple[str, str], str] = {}  # workloads with a fault, and what would fix it
        self.fixed: set[tuple[str, str]] = set()  # those that a user has fixed
        self.changed: set[tuple[str, str]] = set()  # workloads and ("", node) that a user changed: no fault begins there again
        self._controllers = Controllers(self)
        self._turn = 0

    def settle(self) -> None:
        """Update every count and condition that follows from the pods."""
        self._controllers.settle()

    # -- workloads -------------------------------------------------------------------------------------------------------------------

    def build(self, specs: Iterable[Spec]) -> None:
        """Create nodes, namespaces, classes and every workload, all healthy and of some age."""
        born = self.now - CLUSTER_AGE
        for index, (name, pool, cpu, memory) in enumerate(NODES):
            node = objects.node(self.rng, name, index=index, created=born, pool=pool, cpu=cpu, memory_gi=memory)
            if pool in ("control-plane", "edge"):
                key = "node-role.kubernetes.io/control-plane" if pool == "control-plane" else "edge"
                node["spec"]["taints"] = [{"key": key, "effect": "NoSchedule"}]
            self.nodes[name] = node
            self.save(node)
        for name, labels in NAMESPACES.items():
            all_labels = {"kubernetes.io/metadata.name": name} | labels
            self.make("Namespace", name, created=born, labels=all_labels, spec={"finalizers": ["kubernetes"]}, status={"phase": "Active"})
            self.make("ServiceAccount", "default", namespace=name, created=born, manager="kube-controller-manager")
            root = {"ca.crt": "-----BEGIN CERTIFICATE-----\n(the cluster's own)\n-----END CERTIFICATE-----\n"}
            self.make("ConfigMap", "kube-root-ca.crt", namespace=name, created=born, data=root, manager="kube-controller-manager")
        for name, provisioner, is_default in STORAGE_CLASSES:
            notes = {"storageclass.kubernetes.io/is-default-class": "true"} if is_default else {}
            rules: Manifest = {
                "provisioner": provisioner,
                "reclaimPolicy": "Delete",
                "volumeBindingMode": "Immediate",
                "allowVolumeExpansion": True,
            }
            self.make("StorageClass.storage.k8s.io", name, created=born, annotations=notes, **rules)
        self.make("IngressClass.networking.k8s.io", "web", created=born, spec={"controller": "shop.example.com/ingress"})
        for spec in specs:
            self.add(spec, created=born + timedelta(hours=self.rng.randrange(2, 200)))
        self.settle()

    def add(self, spec: Spec, *, created: datetime) -> App:
        """Create one workload with its companions and start its pods."""
        labels = {"app.kubernetes.io/name": spec.name, "app.kubernetes.io/part-of": spec.namespace, "app": spec.name}
        template = self._template(spec, labels)
        selector = {"matchLabels": {"app": spec.name}}
        body: Manifest = {"selector": selector, "template": template}
        if spec.kind == "DaemonSet":
            body["updateStrategy"] = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}}
        elif spec.kind == "StatefulSet":
            body |= {"replicas": spec.replicas, "serviceName": spec.name, "podManagementPolicy": "OrderedReady"}
            if spec.storage:
                body["volumeClaimTemplates"] = [_claim_template(spec.storage)]
        else:
            rolling = {"maxSurge": "25%", "maxUnavailable": "25%"}
            body |= {"replicas": spec.replicas, "revisionHistoryLimit": 10, "progressDeadlineSeconds": PROGRESS_DEADLINE_S}
            body["strategy"] = {"type": "RollingUpdate", "rollingUpdate": rolling}
        notes = {"kubectl.kubernetes.io/last-applied-configuration": '{"apiVersion":"apps/v1","kind":"' + spec.kind + '"}\n'}
        workload = self.make(
            f"{spec.kind}.apps", spec.name, namespace=spec.namespace, created=created, labels=labels, annotations=notes, spec=body
        )
        app = App(spec=spec, object=workload, template=template, created=created, desired=spec.replicas)
        self.apps[app.key] = app
        if spec.kind == "Deployment":
            self.add_replica_set(app, created=created)
        self._companions(app, labels)
        for index, node in enumerate(self._targets(app)):
            pod = self.add_pod(app, created=created, ordinal=index)
            self.start_pod(app, pod, node=node, quietly=True)
        return app

    def _template(self, spec: Spec, labels: dict[str, str]) -> Manifest:
        mounts = [{"name": "data", "mountPath": "/var/lib/data"}] if spec.storage else []
        container = objects.container(
            spec.name,
            spec.full_image,
            port=spec.port,
            cpu=spec.cpu,
            memory=spec.memory,
            env=spec.env,
            probes=spec.kind == "Deployment",
            mounts=mounts,
        )
        selector = {"node-pool": spec.pool} if spec.pool else None
        return {"metadata": {"labels": dict(labels)}, "spec": objects.pod_spec([container], node_selector=selector)}

    def _companions(self, app: App, labels: dict[str, str]) -> None:
        """Service, claims, Ingress, autoscaler, disruption budget and settings of a workload."""
        spec, at = app.spec, app.created
        if spec.port is not None and spec.kind != "DaemonSet":
            ports = [{"name": "http", "protocol": "TCP", "port": 80 if spec.kind == "Deployment" else spec.port, "targetPort": spec.port}]
            address = f"10.96.{self.rng.randrange(1, 250)}.{self.rng.randrange(2, 250)}" if spec.kind == "Deployment" else "None"
            body: Manifest = {
                "type": "ClusterIP",
                "clusterIP": address,
                "clusterIPs": [address],
                "ports": ports,
                "selector": {"app": spec.name},
            }
            created_object = self.make(
                "Service", spec.name, namespace=spec.namespace, created=at, labels=labels, spec=body, status={"loadBalancer": {}}
            )
            self.services[app.key] = created_object
        if spec.ingress:
            backend = {"service": {"name": spec.name, "port": {"number": 80}}}
            rule = {"host": spec.ingress, "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}
            status = {"loadBalancer": {"ingress": [{"ip": "203.0.113.10"}]}}
            body = {"ingressClassName": "web", "rules": [rule]}
            self.make("Ingress.networking.k8s.io", spec.name, namespace=spec.namespace, created=at, labels=labels, spec=body, status=status)
        if spec.scales_to:
            self._autoscaler(app)
        if spec.guarded:
            guard: Manifest = {"minAvailable": max(1, spec.replicas - 1), "selector": {"matchLabels": {"app": spec.name}}}
            created_object = self.make("PodDisruptionBudget.policy", spec.name, namespace=spec.namespace, created=at, spec=guard, status={})
            self.budgets.append((app, created_object))
        if spec.kind == "Deployment":
            data = {"settings.yaml": f"service: {spec.name}\nport: {spec.port or 0}\n"}
            self.make("ConfigMap", f"{spec.name}-settings", namespace=spec.namespace, created=at, labels=labels, data=data)

    def _autoscaler(self, app: App) -> None:
        spec = app.spec
        target = {"apiVersion": "apps/v1", "kind": spec.kind, "name": spec.name}
        metric = {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}}}
        body = {"scaleTargetRef": target, "minReplicas": spec.replicas, "maxReplicas": spec.scales_to, "metrics": [metric]}
        conditions = [
            {"type": type_, "status": "True", "reason": reason, "message": message, "lastTransitionTime": stamp(app.created)}
            for type_, reason, message in (
                ("AbleToScale", "ReadyForNewScale", "recommended size matches current size"),
                ("ScalingActive", "ValidMetricFound", "the HPA was able to successfully calculate a replica count"),
            )
        ]
        status = {"currentReplicas": spec.replicas, "desiredReplicas": spec.replicas, "conditions": conditions}
        self.make("HorizontalPodAutoscaler.autoscaling", spec.name, namespace=spec.namespace, created=app.created, spec=body, status=status)

    def claim(
        self, namespace: str, name: str, *, size: str, storage_class: str, created: datetime, labels: dict[str, str], bind: bool
    ) -> Manifest:
        """A claim, with its volume if `bind`."""
        body: Manifest = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}, "volumeMode": "Filesystem"}
        body["storageClassName"] = storage_class
        status: Manifest = {"phase": "Pending"}
        claim_ = self.make("PersistentVolumeClaim", name, namespace=namespace, created=created, labels=labels, spec=body, status=status)
        if bind:
            self.bind(claim_)
        return claim_

    def bind(self, claim: Manifest) -> None:
        """Provision a volume for the claim."""
        meta, spec = claim["metadata"], claim["spec"]
        size = spec["resources"]["requests"]["storage"]
        volume_name = f"pvc-{meta['uid']}"
        reference = {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "namespace": meta["namespace"],
            "name": meta["name"],
            "uid": meta["uid"],
        }
        volume = {"capacity": {"storage": size}, "accessModes": ["ReadWriteOnce"], "persistentVolumeReclaimPolicy": "Delete"}
        volume |= {"storageClassName": spec["storageClassName"], "volumeMode": "Filesystem", "claimRef": reference}
        volume["csi"] = {"driver": "block.csi.example.com", "volumeHandle": volume_name}
        self.make("PersistentVolume", volume_name, created=self.now, spec=volume, status={"phase": "Bound"}, manager="csi-provisioner")
        spec["volumeName"] = volume_name
        claim["status"] = {"phase": "Bound", "accessModes": ["ReadWriteOnce"], "capacity": {"storage": size}}
        self.save(claim)

    # -- pods ------------------------------------------------------------------------------------------------------------------------

    def add_replica_set(self, app: App, *, created: datetime | None = None) -> Manifest:
        """The ReplicaSet of the current template; it becomes the newest one."""
        newest = app.replica_sets[-1]["metadata"]["annotations"] if app.replica_sets else {}
        revision = int(newest.get("deployment.kubernetes.io/revision", 0)) + 1
        hash_ = objects.template_hash(*app.key, str(app.template), str(revision))
        labels = app.template["metadata"]["labels"] | {"pod-template-hash": hash_}
        template = {**app.template, "metadata": {"labels": labels}}
        body = {
            "replicas": app.desired,
            "selector": {"matchLabels": {"app": app.spec.name, "pod-template-hash": hash_}},
            "template": template,
        }
        notes = {"deployment.kubernetes.io/revision": str(revision), "deployment.kubernetes.io/desired-replicas": str(app.desired)}
        replica_set = self.make(
            "ReplicaSet.apps", f"{app.spec.name}-{hash_}", namespace=app.spec.namespace, created=created, labels=labels, annotations=notes,
            owner=app.object, spec=body, status={"replicas": 0}, manager="kube-controller-manager",
        )  # fmt: skip
        app.replica_sets.append(replica_set)
        app.object["metadata"].setdefault("annotations", {})["deployment.kubernetes.io/revision"] = str(revision)
        return replica_set

    def add_pod(self, app: App, *, created: datetime | None = None, ordinal: int = 0) -> Manifest:
        """A pod of the newest template, not yet scheduled."""
        owner = app.replica_sets[-1] if app.replica_sets else app.object
        name = f"{owner['metadata']['name']}-{ordinal if app.spec.kind == 'StatefulSet' else objects.suffix(self.rng)}"
        labels = owner["spec"]["template"]["metadata"]["labels"]
        spec = _copy(owner["spec"]["template"]["spec"])
        if app.spec.kind == "StatefulSet" and app.spec.storage:
            spec["volumes"].append({"name": "data", "persistentVolumeClaim": {"claimName": f"data-{name}"}})
            if ordinal < app.spec.replicas:
                self.claim(
                    app.spec.namespace, f"data-{name}", size=app.spec.storage, storage_class="standard", created=created or self.now,
                    labels=labels, bind=True,
                )  # fmt: skip
        pod = self.make(
            "Pod", name, namespace=app.spec.namespace, created=created, labels=labels, owner=owner, spec=spec, status={"phase": "Pending"},
            manager="kube-controller-manager",
        )  # fmt: skip
        app.pods.append(pod)
        return pod

    def place(self, app: App, pod: Manifest, *, node: str | None = None, quietly: bool = False) -> None:
        """Schedule the pod; without a name the nodes take turns."""
        at = self.now if not quietly else app.created
        chosen = self.nodes[node or self._next_node(app)]
        pods.schedule(pod, node=chosen, at=at)
        if not quietly:
            where = f"{pod['metadata']['namespace']}/{pod['metadata']['name']} to {chosen['metadata']['name']}"
            self.emit(pod, "Scheduled", f"Successfully assigned {where}", type_="Normal", component="default-scheduler")
        self.save(pod)

    def start_pod(self, app: App, pod: Manifest, *, node: str | None = None, quietly: bool = False) -> None:
        """Schedule, pull, start and make ready, all at once."""
        if "nodeName" not in pod["spec"]:
            self.place(app, pod, node=node, quietly=quietly)
        pods.run(pod, rng=self.rng, at=app.created if quietly else self.now)
        if not quietly:
            image = pod["spec"]["containers"][0]["image"]
            name = pod["spec"]["containers"][0]["name"]
            for reason, message in (
                ("Pulled", f'Container image "{image}" already present on machine'),
                ("Created", f"Created container: {name}"),
                ("Started", f"Started container {name}"),
            ):
                self.emit(pod, reason, message, type_="Normal", field=name)
        self.save(pod)

    def delete_pod(self, app: App, pod: Manifest) -> None:
        app.pods.remove(pod)
        self.logs.pop((pod["metadata"]["namespace"], pod["metadata"]["name"]), None)
        self.remove(pod)

    def _targets(self, app: App) -> list[str | None]:
        if app.spec.kind == "DaemonSet":
            return [name for name, *_ in NODES]
        return [None] * app.spec.replicas

    def _next_node(self, app: App) -> str:
        names = [name for name, pool, *_ in NODES if pool == (app.spec.pool or "general") and name not in self.lost_nodes]
        names = [name for name in names if not self.nodes[name]["spec"].get("unschedulable")] or names
        self._turn += 1
        return names[self._turn % len(names)]

    def read_log(self, namespace: str, name: str, container: str, previous: bool) -> str | None:
        """The log of a container; None for a pod that does not exist."""
        if (item := self.registry.get(BY_ID["Pod"], namespace, name)) is None:
            return None
        return self.logs.get((namespace, name)) or _served(msgspec.json.decode(item.raw)["metadata"]["creationTimestamp"], name, self.now)


def _served(created: str, pod: str, now: datetime) -> str:
    """The log of a program that has nothing to complain about: its start, and its newest requests."""
    start = datetime.fromisoformat(created)
    at = stamp(start)
    lines = [f'{at} level=info msg="listening" addr=:8080', f'{at} level=info msg="ready"']
    step_s = 5 + sum(pod.encode()) % 7
    newest = max(0, int((now - start).total_seconds())) // step_s
    lines += [
        f'{stamp(start + timedelta(seconds=number * step_s))} level=info msg="request" status=200 ms={3 + number * 7 % 40}'
        for number in range(max(1, newest - REQUESTS_IN_LOG), newest + 1)
    ]
    return "\n".join(lines) + "\n"


def _claim_template(size: str) -> Manifest:
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}, "storageClassName": "standard"}
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data"}, "spec": spec}


def _copy(value: Any) -> Any:
    """A deep copy of JSON."""
    if isinstance(value, dict):
        return {key: _copy(inner) for key, inner in value.items()}
    return [_copy(inner) for inner in value] if isinstance(value, list) else value
