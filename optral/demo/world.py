"""The living part of the demo cluster: workloads and their pods, and the counting that Kubernetes' controllers would do.

Faults and background change only move pods and objects; `settle` then brings everything that follows from them up to date: ReplicaSets,
Deployments, StatefulSets, DaemonSets, EndpointSlices, disruption budgets. So the objects always agree with each other.
Time is the scenario's (`now`), not the machine's: the half hour before the start is played at once.
"""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from optral.demo import objects, pods
from optral.demo.objects import stamp
from optral.demo.registry import Manifest, Registry
from optral.demo.shop import NAMESPACES, NODES, STORAGE_CLASSES, Spec
from optral.kube.kinds import BY_ID

PROGRESS_DEADLINE_S = 600
EVENT_LIFE = timedelta(hours=1)
CLUSTER_AGE = timedelta(days=41)


@dataclass
class App:
    """A workload as it is now. `replica_sets` is oldest first; the last one is the template in force."""

    spec: Spec
    object: Manifest
    template: Manifest
    created: datetime
    replica_sets: list[Manifest] = field(default_factory=list)
    pods: list[Manifest] = field(default_factory=list)
    rollout_since: datetime | None = None
    wanted: int = 0
    settled: tuple[int | str, ...] = ()

    @property
    def container(self) -> str:
        return self.spec.name

    @property
    def key(self) -> tuple[str, str]:
        return self.spec.namespace, self.spec.name


class World:
    """The cluster's state behind the registry. Everything drawn comes from one seeded generator."""

    def __init__(self, registry: Registry, *, seed: int, start: datetime) -> None:
        self.registry, self.rng, self.now = registry, random.Random(seed), start  # noqa: S311 - a play, not a secret
        self.apps: dict[tuple[str, str], App] = {}
        self.nodes: dict[str, Manifest] = {}
        self.lost_nodes: set[str] = set()
        self.services: dict[tuple[str, str], Manifest] = {}
        self.logs: dict[tuple[str, str], str] = {}
        self.faults: dict[tuple[str, str], str] = {}  # workloads in trouble, and what would mend them
        self.mended: set[tuple[str, str]] = set()  # those that somebody has mended by hand
        self.changed: set[tuple[str, str]] = set()  # workloads and ("", node) that a user changed: no fault begins there again
        self._budgets: list[tuple[App, Manifest]] = []
        self._events: dict[tuple[str, str, str], Manifest] = {}
        self._slices: dict[tuple[str, str], Manifest] = {}
        self._routed: dict[tuple[str, str], str] = {}  # the version of each Service when its slice was drawn
        self._turn = 0

    # -- objects ---------------------------------------------------------------------------------------------------------------------

    def save(self, *manifests: Manifest) -> None:
        for one in manifests:
            group = one["apiVersion"].rpartition("/")[0]
            self.registry.put(BY_ID[f"{one['kind']}.{group}" if group else one["kind"]], one)

    def remove(self, one: Manifest) -> None:
        group = one["apiVersion"].rpartition("/")[0]
        kind = BY_ID[f"{one['kind']}.{group}" if group else one["kind"]]
        self.registry.delete(kind, one["metadata"].get("namespace", ""), one["metadata"]["name"])

    def make(self, kind_id: str, name: str, *, namespace: str | None = None, created: datetime | None = None, **more: Any) -> Manifest:
        """Build and save an object; `labels`, `annotations`, `owner` and `manager` go to its metadata, the rest is its body."""
        about = {key: more.pop(key) for key in ("labels", "annotations", "owner", "manager") if key in more}
        meta = objects.metadata(self.rng, name, namespace=namespace, created=created or self.now, **about)
        one = objects.manifest(kind_id, meta, **more)
        self.save(one)
        return one

    def tell(
        self, about: Manifest, reason: str, message: str, *, type_: str = "Warning", component: str = "kubelet", field: str = ""
    ) -> None:
        """Write an Event about an object; saying the same again counts up instead of adding another."""
        key = (about["metadata"]["uid"], reason, message)
        known = self._events.get(key)
        if known is not None:
            known["count"] += 1
            known["lastTimestamp"] = stamp(self.now)
            self.save(known)
            return
        host = about.get("spec", {}).get("nodeName", "") if component == "kubelet" else ""
        path = f"spec.containers{{{field}}}" if field else ""
        one = objects.event(
            self.rng, about, reason=reason, message=message, at=self.now, type_=type_, component=component, host=host, field_path=path
        )
        self._events[key] = one
        self.save(one)

    def forget_old_events(self) -> None:
        """Drop Events that were not repeated for an hour, as the API server's TTL does."""
        oldest = stamp(self.now - EVENT_LIFE)
        for key in [key for key, one in self._events.items() if one["lastTimestamp"] < oldest]:
            self.remove(self._events.pop(key))

    # -- workloads -------------------------------------------------------------------------------------------------------------------

    def build(self, specs: Iterable[Spec]) -> None:
        """Make nodes, namespaces, classes and every workload, all healthy and of some age."""
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
        """Make one workload with its companions and start its pods."""
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
        one = self.make(
            f"{spec.kind}.apps", spec.name, namespace=spec.namespace, created=created, labels=labels, annotations=notes, spec=body
        )
        app = App(spec=spec, object=one, template=template, created=created, wanted=spec.replicas)
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
        one = objects.container(
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
        return {"metadata": {"labels": dict(labels)}, "spec": objects.pod_spec([one], node_selector=selector)}

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
            one = self.make(
                "Service", spec.name, namespace=spec.namespace, created=at, labels=labels, spec=body, status={"loadBalancer": {}}
            )
            self.services[app.key] = one
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
            one = self.make("PodDisruptionBudget.policy", spec.name, namespace=spec.namespace, created=at, spec=guard, status={})
            self._budgets.append((app, one))
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
        """A claim, and when `bind` its volume."""
        body: Manifest = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}, "volumeMode": "Filesystem"}
        body["storageClassName"] = storage_class
        status: Manifest = {"phase": "Pending"}
        one = self.make("PersistentVolumeClaim", name, namespace=namespace, created=created, labels=labels, spec=body, status=status)
        if bind:
            self.bind(one)
        return one

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
        """The ReplicaSet of the template in force; it becomes the newest one."""
        revision = len(app.replica_sets) + 1
        hash_ = objects.template_hash(*app.key, str(app.template), str(revision))
        labels = app.template["metadata"]["labels"] | {"pod-template-hash": hash_}
        template = {**app.template, "metadata": {"labels": labels}}
        body = {
            "replicas": app.wanted,
            "selector": {"matchLabels": {"app": app.spec.name, "pod-template-hash": hash_}},
            "template": template,
        }
        notes = {"deployment.kubernetes.io/revision": str(revision), "deployment.kubernetes.io/desired-replicas": str(app.wanted)}
        one = self.make(
            "ReplicaSet.apps", f"{app.spec.name}-{hash_}", namespace=app.spec.namespace, created=created, labels=labels, annotations=notes,
            owner=app.object, spec=body, status={"replicas": 0}, manager="kube-controller-manager",
        )  # fmt: skip
        app.replica_sets.append(one)
        app.object["metadata"].setdefault("annotations", {})["deployment.kubernetes.io/revision"] = str(revision)
        return one

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
            self.tell(pod, "Scheduled", f"Successfully assigned {where}", type_="Normal", component="default-scheduler")
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
                self.tell(pod, reason, message, type_="Normal", field=name)
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
        self._turn += 1
        return names[self._turn % len(names)]

    # -- what follows from the pods --------------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Bring every count and condition in line with the pods, where anything was saved since: half an hour has 470 steps."""
        moved = [app for app in self.apps.values() if app.rollout_since is not None or app.settled != _versions(app)]
        for app in moved:
            app.settled = _versions(app)  # before: what counting saves is counted once more, as generations follow each other
            if app.spec.kind == "Deployment":
                self._count_deployment(app)
            elif app.spec.kind == "StatefulSet":
                self._count_stateful_set(app)
            else:
                self._count_daemon_set(app)
        namespaces = {app.spec.namespace for app in moved}
        for key, service in self.services.items():
            if key[0] in namespaces or self._routed.get(key) != service["metadata"]["resourceVersion"]:
                self._route(key, service)
                self._routed[key] = service["metadata"]["resourceVersion"]
        for app, budget in self._budgets:
            healthy, least = _ready(app.pods), budget["spec"]["minAvailable"]
            budget["status"] = {"currentHealthy": healthy, "desiredHealthy": least, "expectedPods": app.wanted}
            budget["status"] |= {"disruptionsAllowed": max(0, healthy - least), "observedGeneration": 1}
            self.save(budget)

    def _count_deployment(self, app: App) -> None:
        for one in app.replica_sets:
            own = _owned(app.pods, one)
            ready = _ready(own)
            failure = [entry for entry in one["status"].get("conditions", []) if entry["type"] == "ReplicaFailure"]
            one["status"] = {
                "replicas": len(own),
                "fullyLabeledReplicas": len(own),
                "observedGeneration": one["metadata"].get("generation", 1),
            }
            one["status"] |= {"readyReplicas": ready, "availableReplicas": ready} if ready else {}
            one["status"] |= {"conditions": failure} if failure else {}
            self.save(one)
        newest = app.replica_sets[-1]
        updated, ready, wanted = _owned(app.pods, newest), _ready(app.pods), app.wanted
        app.object["spec"]["replicas"] = wanted
        status: Manifest = {"observedGeneration": app.object["metadata"].get("generation", 1), "replicas": len(app.pods)}
        status |= {"updatedReplicas": len(updated), "readyReplicas": ready, "availableReplicas": ready}
        if missing := max(0, max(wanted, len(app.pods)) - ready):
            status["unavailableReplicas"] = missing
        known = {entry["type"]: entry for entry in app.object.get("status", {}).get("conditions", [])}
        status["conditions"] = [self._availability(app, known.get("Available"), ready), self._progress(app, known.get("Progressing"))]
        status["conditions"] += newest["status"].get("conditions", [])
        app.object["status"] = status
        self.save(app.object)
        if (now_at := app.object["metadata"].get("generation", 1)) != status["observedGeneration"]:
            status["observedGeneration"] = now_at
            self.save(app.object)

    def _availability(self, app: App, known: Manifest | None, ready: int) -> Manifest:
        if ready >= app.wanted - app.wanted // 4:
            return self._condition(app, known, "Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability.")
        return self._condition(
            app, known, "Available", "False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability."
        )

    def _progress(self, app: App, known: Manifest | None) -> Manifest:
        newest = app.replica_sets[-1]
        name = newest["metadata"]["name"]
        if app.rollout_since is not None and _ready(_owned(app.pods, newest)) >= app.wanted == len(app.pods):
            app.rollout_since = None
        if app.rollout_since is None:
            message = f'ReplicaSet "{name}" has successfully progressed.'
            return self._condition(app, known, "Progressing", "True", "NewReplicaSetAvailable", message)
        if self.now - app.rollout_since >= timedelta(seconds=PROGRESS_DEADLINE_S):
            message = f'ReplicaSet "{name}" has timed out progressing.'
            return self._condition(app, known, "Progressing", "False", "ProgressDeadlineExceeded", message)
        return self._condition(app, known, "Progressing", "True", "ReplicaSetUpdated", f'ReplicaSet "{name}" is progressing.')

    def _condition(self, app: App, known: Manifest | None, type_: str, status: str, reason: str, message: str) -> Manifest:
        if known is not None and (known["status"], known["reason"], known["message"]) == (status, reason, message):
            return known
        since = stamp(app.created if known is None else self.now)
        moved = known["lastTransitionTime"] if known is not None and known["status"] == status else since
        return {"type": type_, "status": status, "reason": reason, "message": message, "lastUpdateTime": since, "lastTransitionTime": moved}

    def _count_stateful_set(self, app: App) -> None:
        ready, revision = _ready(app.pods), f"{app.spec.name}-{objects.template_hash(*app.key)}"
        app.object["spec"]["replicas"] = app.wanted
        self.save(app.object)
        status = {"observedGeneration": app.object["metadata"].get("generation", 1), "replicas": len(app.pods)}
        status |= {"currentReplicas": len(app.pods), "updatedReplicas": len(app.pods), "readyReplicas": ready, "availableReplicas": ready}
        app.object["status"] = status | {"currentRevision": revision, "updateRevision": revision, "collisionCount": 0}
        self.save(app.object)

    def _count_daemon_set(self, app: App) -> None:
        ready, wanted = _ready(app.pods), len(NODES)
        status = {"observedGeneration": app.object["metadata"].get("generation", 1), "desiredNumberScheduled": wanted}
        status |= {"currentNumberScheduled": len(app.pods), "updatedNumberScheduled": len(app.pods), "numberMisscheduled": 0}
        status |= {"numberReady": ready, "numberAvailable": ready} | ({"numberUnavailable": wanted - ready} if wanted > ready else {})
        app.object["status"] = status
        self.save(app.object)

    def _route(self, key: tuple[str, str], service: Manifest) -> None:
        """The EndpointSlice of a Service: every pod its selector matches, ready or not."""
        wanted = service["spec"]["selector"].items()
        matching = [
            pod
            for app in self.apps.values()
            if app.spec.namespace == key[0]
            for pod in app.pods
            if wanted <= pod["metadata"]["labels"].items()
        ]
        endpoints = [_endpoint(pod) for pod in matching if pod["status"].get("podIP")]
        port = service["spec"]["ports"][0]
        known = self._slices.get(key)
        if known is None:
            name = f"{key[1]}-{objects.suffix(self.rng)}"
            labels = {"kubernetes.io/service-name": key[1], "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io"}
            meta = objects.metadata(
                self.rng,
                name,
                namespace=key[0],
                created=self.apps[key].created,
                labels=labels,
                owner=service,
                manager="kube-controller-manager",
            )
            known = objects.manifest("EndpointSlice.discovery.k8s.io", meta, addressType="IPv4")
            self._slices[key] = known
        known["endpoints"] = sorted(endpoints, key=lambda entry: entry["targetRef"]["name"]) or None
        known["ports"] = [{"name": port["name"], "port": port["targetPort"], "protocol": "TCP"}] if endpoints else None
        self.save(known)

    def read_log(self, namespace: str, name: str, container: str, previous: bool) -> str | None:
        """The log of a container; None for a pod that is not there."""
        if self.registry.get(BY_ID["Pod"], namespace, name) is None:
            return None
        at = stamp(self.now)
        return self.logs.get((namespace, name)) or f'{at} level=info msg="listening" addr=:8080\n{at} level=info msg="ready"\n'


def _versions(app: App) -> tuple[int | str, ...]:
    """What the counts of a workload follow from: each change is saved and so has a version of its own."""
    return app.wanted, *(one["metadata"]["resourceVersion"] for one in (app.object, *app.replica_sets, *app.pods))


def _owned(all_pods: list[Manifest], owner: Manifest) -> list[Manifest]:
    return [pod for pod in all_pods if pod["metadata"]["ownerReferences"][0]["uid"] == owner["metadata"]["uid"]]


def _ready(all_pods: list[Manifest]) -> int:
    return sum(1 for pod in all_pods if pods.is_ready(pod))


def _endpoint(pod: Manifest) -> Manifest:
    ready = pods.is_ready(pod)
    target = {"kind": "Pod", "namespace": pod["metadata"]["namespace"], "name": pod["metadata"]["name"], "uid": pod["metadata"]["uid"]}
    conditions = {"ready": ready, "serving": ready, "terminating": False}
    return {"addresses": [pod["status"]["podIP"]], "conditions": conditions, "nodeName": pod["spec"]["nodeName"], "targetRef": target}


def _claim_template(size: str) -> Manifest:
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}, "storageClassName": "standard"}
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data"}, "spec": spec}


def _copy(value: Any) -> Any:
    """A deep copy of JSON."""
    if isinstance(value, dict):
        return {key: _copy(inner) for key, inner in value.items()}
    return [_copy(inner) for inner in value] if isinstance(value, list) else value
