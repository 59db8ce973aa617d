"""A cluster as its API server lists it: `deploy` adds healthy workloads, faults edit them, `settle` adds what controllers write."""

from copy import deepcopy

from lab.unseen import status
from lab.unseen.manifests import AGE, DNS, App, Edit, Json, ago, container_of
from lab.unseen.objects import Objects


class Cluster(Objects):
    """The workloads of one namespace, with three nodes and the DNS of the cluster."""

    def __init__(self, namespace: str, *, seed: str, nodes: int = 3) -> None:
        super().__init__(namespace, seed=seed)
        self.apps: dict[str, App] = {}
        self.nodes = [f"ip-10-0-{self.rng.randrange(1, 9)}-{20 + number}" for number in range(nodes)]
        self.fresh = self.rng.random() < 0.5
        """Whether an edited workload is installed for the first time; otherwise it is an update of one that runs."""
        self._addresses = 10
        for name in ("default", "kube-system", namespace):
            self.add("Namespace", name, status={"phase": "Active"}, spec={"finalizers": ["kubernetes"]})
        for name in self.nodes:
            self.add_node(name)
        self.add(
            "StorageClass",
            "standard-rwo",
            provisioner="ebs.csi.aws.com",
            volumeBindingMode="WaitForFirstConsumer",
            reclaimPolicy="Delete",
            metadata={"annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
        )
        self.add("IngressClass", "nginx", spec={"controller": "k8s.io/ingress-nginx"})
        for name in ("default", namespace, "kube-system"):
            self.add("ServiceAccount", "default", namespace=name)
        self._add_dns()

    def workload(self, app: App) -> Json:
        return self.get(app.kind, app.name)

    def pods(self, app: App) -> list[Json]:
        owner = self.workload(app)
        owners = self.owned(owner, "ReplicaSet") if app.kind == "Deployment" else [owner]
        return [pod for one in owners for pod in self.owned(one, "Pod")]

    # --- healthy

    # --- healthy

    def _add_dns(self) -> None:
        labels = {"k8s-app": "kube-dns"}
        dns = App(name="coredns", image="registry.k8s.io/coredns/coredns:v1.12.1", port=53, port_name="dns-tcp", memory="170Mi")
        workload = self._add_workload(dns, "kube-system", labels)
        for owner in (workload, *self.owned(workload, "ReplicaSet"), *self.all("Pod")):
            spec = owner["spec"] if owner["kind"] == "Pod" else owner["spec"]["template"]["spec"]
            spec["containers"][0]["ports"].append({"name": "dns", "containerPort": 53, "protocol": "UDP"})
        self._add_service("kube-dns", labels, [{"name": "dns", "port": 53, "protocol": "UDP", "targetPort": 53}], "kube-system", ip=DNS)

    def _add_service(self, name: str, selector: Json, ports: list[Json], namespace: str | None = None, ip: str = "") -> Json:
        self._addresses += 7
        return self.add(
            "Service",
            name,
            namespace=namespace,
            status={"loadBalancer": {}},
            spec={
                "type": "ClusterIP",
                "clusterIP": ip or f"10.96.{self._addresses}.{self.rng.randrange(2, 250)}",
                "selector": selector,
                "ports": ports,
            },
        )

    def deploy(self, app: App) -> None:
        """A healthy workload with its Service, ConfigMaps, Secret and claims."""
        self.apps[app.name] = app
        if app.config:
            self.add("ConfigMap", f"{app.name}-config", data=dict(app.config))
        if app.settings:
            self.add("ConfigMap", f"{app.name}-env", data=dict(app.settings))
        if app.secrets:
            self.add("Secret", f"{app.name}-credentials", type="Opaque", data=dict.fromkeys(app.secrets, ""))
        self._add_workload(app, self.namespace, {"app.kubernetes.io/name": app.name, "app.kubernetes.io/part-of": self.namespace})
        if app.port:
            labels = {"app.kubernetes.io/name": app.name}
            port = {"name": app.port_name, "port": app.front, "protocol": "TCP", "targetPort": app.port_name}
            self._add_service(app.name, labels, [port])

    def _add_workload(self, app: App, namespace: str, labels: Json) -> Json:
        spec: Json = {
            "containers": [container_of(app)],
            "restartPolicy": "Always",
            "dnsPolicy": "ClusterFirst",
            "serviceAccountName": "default",
            "terminationGracePeriodSeconds": 30,
            "schedulerName": "default-scheduler",
            "securityContext": {},
        }
        volumes: list[Json] = []
        if app.config:
            volumes.append({"name": "config", "configMap": {"name": f"{app.name}-config", "defaultMode": 420}})
        if app.storage and app.kind == "Deployment":
            volumes.append({"name": "data", "persistentVolumeClaim": {"claimName": f"{app.name}-data"}})
            self.add_claim(f"{app.name}-data", app.storage)
        if volumes:
            spec["volumes"] = volumes
        body: Json = {"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec": spec}}
        if app.kind != "DaemonSet":
            body["replicas"] = app.replicas
        if app.kind == "Deployment":
            rolling = {"maxSurge": "25%", "maxUnavailable": "25%"}
            body |= {"strategy": {"type": "RollingUpdate", "rollingUpdate": rolling}, "progressDeadlineSeconds": 600}
        if app.kind == "StatefulSet":
            body |= {"serviceName": app.name, "podManagementPolicy": "OrderedReady", "updateStrategy": {"type": "RollingUpdate"}}
        if app.kind == "StatefulSet" and app.storage:
            claim = {
                "accessModes": ["ReadWriteOnce"],
                "resources": {"requests": {"storage": app.storage}},
                "storageClassName": "standard-rwo",
            }
            body["volumeClaimTemplates"] = [{"metadata": {"name": "data"}, "spec": claim}]
        made = self.add(app.kind, app.name, namespace=namespace, spec=body, metadata={"labels": labels, "generation": 1, "annotations": {}})
        if app.kind == "Deployment":
            self.add_revision(made, minutes=AGE)
        for _ in range(len(self.nodes) if app.kind == "DaemonSet" else app.replicas):
            self.add_pod(made)
        return made

    def add_claim(self, name: str, size: str) -> Json:
        spec = {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": size}},
            "storageClassName": "standard-rwo",
            "volumeMode": "Filesystem",
        }
        claim = self.add("PersistentVolumeClaim", name, spec=spec)
        volume = f"pvc-{claim['metadata']['uid']}"
        spec["volumeName"] = volume
        claim["status"] = {"phase": "Bound", "accessModes": ["ReadWriteOnce"], "capacity": {"storage": size}}
        reference = {"kind": "PersistentVolumeClaim", "namespace": self.namespace, "name": name, "uid": claim["metadata"]["uid"]}
        self.add(
            "PersistentVolume",
            volume,
            status={"phase": "Bound"},
            spec={
                "capacity": {"storage": size},
                "accessModes": ["ReadWriteOnce"],
                "claimRef": reference,
                "storageClassName": "standard-rwo",
                "persistentVolumeReclaimPolicy": "Delete",
                "csi": {"driver": "ebs.csi.aws.com", "volumeHandle": f"vol-0{self.rng.getrandbits(64):016x}"},
            },
        )
        return claim

    def add_revision(self, deployment: Json, *, minutes: float) -> Json:
        number = len(self.owned(deployment, "ReplicaSet")) + 1
        hashed = self.suffix(9)
        template = deepcopy(deployment["spec"]["template"])
        labels = template["metadata"]["labels"] | {"pod-template-hash": hashed}
        template["metadata"]["labels"] = labels
        note = {"deployment.kubernetes.io/revision": str(number)}
        deployment["metadata"].setdefault("annotations", {}).update(note)
        name, namespace = deployment["metadata"]["name"], deployment["metadata"]["namespace"]
        return self.add(
            "ReplicaSet",
            f"{name}-{hashed}",
            namespace=namespace,
            owner=deployment,
            minutes=minutes,
            metadata={"labels": labels, "annotations": note},
            spec={"replicas": 0, "selector": {"matchLabels": labels}, "template": template},
        )

    def add_pod(self, workload: Json, *, minutes: float = AGE, ordinal: int | None = None, node: str = "") -> Json:
        """A pod that runs and is ready, of the newest revision."""
        name, namespace = workload["metadata"]["name"], workload["metadata"]["namespace"]
        owner = workload
        if workload["kind"] == "Deployment":
            owner = self.owned(workload, "ReplicaSet")[-1]
        template = deepcopy(owner["spec"]["template"])
        spec = template["spec"]
        number = len(self.owned(owner, "Pod"))
        labels = dict(template["metadata"]["labels"])
        if workload["kind"] == "StatefulSet":
            ordinal = number if ordinal is None else ordinal
            name = f"{name}-{ordinal}"
            labels |= {"statefulset.kubernetes.io/pod-name": name, "apps.kubernetes.io/pod-index": str(ordinal)}
            for claim in workload["spec"].get("volumeClaimTemplates", ()):
                claimed = f"{claim['metadata']['name']}-{name}"
                if ("PersistentVolumeClaim", namespace, claimed) not in self.objects:
                    self.add_claim(claimed, claim["spec"]["resources"]["requests"]["storage"])
                spec.setdefault("volumes", []).append({"name": claim["metadata"]["name"], "persistentVolumeClaim": {"claimName": claimed}})
        else:
            name = f"{owner['metadata']['name']}-{self.suffix()}"
        spec["nodeName"] = node or self.nodes[number % len(self.nodes)]
        started = ago(max(0.1, minutes - 0.2))
        statuses = [
            {
                "name": one["name"],
                "image": one["image"],
                "imageID": f"{one['image'].rpartition(':')[0]}@sha256:{self.rng.getrandbits(256):064x}",
                "ready": True,
                "started": True,
                "restartCount": 0,
                "state": {"running": {"startedAt": started}},
                "lastState": {},
                "containerID": f"containerd://{self.rng.getrandbits(256):064x}",
            }
            for one in spec["containers"]
        ]
        conditions = [
            {"type": kind, "status": "True", "lastTransitionTime": started}
            for kind in ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled")
        ]
        ip = f"10.244.{self.rng.randrange(1, 5)}.{self.rng.randrange(2, 250)}"
        status = {
            "phase": "Running",
            "conditions": conditions,
            "containerStatuses": statuses,
            "startTime": ago(minutes),
            "podIP": ip,
            "qosClass": "Burstable",
        }
        return self.add(
            "Pod", name, namespace=namespace, owner=owner, minutes=minutes, metadata={"labels": labels}, spec=spec, status=status
        )

    # --- changes

    def change(self, app: App, edit: Edit | None = None, *, minutes: float = 18) -> list[Json]:
        """Apply the edit to the pod spec of a workload and return the new pods, which a fault then breaks.

        A first installation has new pods only. An update has one new pod beside the old ones (a Deployment) or in place of the last
        one (a StatefulSet or DaemonSet).
        """
        workload = self.workload(app)
        old = self.pods(app)
        if edit is not None:
            edit(workload["spec"]["template"]["spec"])
        if self.fresh:
            workload["metadata"]["creationTimestamp"] = ago(minutes + 0.1)
            for pod in old:
                self.remove(pod)
            if app.kind == "Deployment":
                for revision in self.owned(workload, "ReplicaSet"):
                    self.remove(revision)
                self.add_revision(workload, minutes=minutes)
            count = 1 if app.kind == "StatefulSet" else len(old)
            return [self.add_pod(workload, minutes=minutes) for _ in range(count)]
        workload["metadata"]["generation"] = 2
        if app.kind == "Deployment":
            self.add_revision(workload, minutes=minutes)
            return [self.add_pod(workload, minutes=minutes)]
        last = old[-1]
        self.remove(last)
        made = self.add_pod(workload, minutes=minutes, ordinal=len(old) - 1, node=last["spec"]["nodeName"])
        workload["metadata"].setdefault("annotations", {})["updated"] = "true"
        return [made]

    def _status(self, pod: Json, container: str | None) -> Json:
        statuses: list[Json] = pod["status"].get("containerStatuses", []) + pod["status"].get("initContainerStatuses", [])
        return next(one for one in statuses if container is None or one["name"] == container)

    def unready(self, pod: Json, *, minutes: float = 14, reason: str = "ContainersNotReady") -> None:
        names = [one["name"] for one in pod["status"].get("containerStatuses", ()) if not one["ready"]]
        for condition in pod["status"]["conditions"]:
            if condition["type"] in ("Ready", "ContainersReady"):
                condition |= {
                    "status": "False",
                    "reason": reason,
                    "lastTransitionTime": ago(minutes),
                    "message": f"containers with unready status: [{' '.join(names)}]",
                }

    def waiting(self, pod: Json, reason: str, message: str = "", *, container: str | None = None, minutes: float = 17) -> None:
        """The container has never started."""
        status = self._status(pod, container)
        status |= {"ready": False, "started": False, "state": {"waiting": {"reason": reason} | ({"message": message} if message else {})}}
        status.pop("containerID", None)
        status["imageID"] = ""
        pod["status"]["phase"] = "Pending"
        self.unready(pod, minutes=minutes)

    def crash(
        self,
        pod: Json,
        code: int,
        log: str,
        *,
        container: str | None = None,
        reason: str = "Error",
        ran: float = 0.07,
        restarts: int = 7,
        message: str = "",
    ) -> None:
        """The container exits with this code each time it is started; `ran` is in minutes."""
        status = self._status(pod, container)
        name, namespace, uid = (pod["metadata"][key] for key in ("name", "namespace", "uid"))
        last = {
            "exitCode": code,
            "reason": reason,
            "startedAt": ago(2 + ran),
            "finishedAt": ago(2),
            "containerID": status.get("containerID", ""),
        }
        waits = {
            "reason": "CrashLoopBackOff",
            "message": f"back-off 5m0s restarting failed container={status['name']} pod={name}_{namespace}({uid})",
        }
        status |= {
            "ready": False,
            "started": False,
            "restartCount": restarts,
            "state": {"waiting": waits},
            "lastState": {"terminated": last | ({"message": message} if message else {})},
        }
        self.unready(pod)
        if log:
            self.logs[f"{namespace}/{name}/{status['name']}.previous"] = log
        self.event(
            pod,
            "BackOff",
            f"Back-off restarting failed container {status['name']} in pod {name}_{namespace}({uid})",
            container=status["name"],
            count=restarts * 8,
            first=15,
            last=0.5,
        )

    def stay_unready(self, pod: Json, log: str = "", *, container: str | None = None) -> None:
        """The container runs and does not pass its readiness probe."""
        status = self._status(pod, container)
        status["ready"] = False
        self.unready(pod)
        if log:
            self.logs[f"{pod['metadata']['namespace']}/{pod['metadata']['name']}/{status['name']}"] = log

    def write(self, pod: Json, log: str, *, container: str | None = None) -> None:
        self.logs[f"{pod['metadata']['namespace']}/{pod['metadata']['name']}/{self._status(pod, container)['name']}"] = log

    def unscheduled(self, pod: Json, message: str, *, minutes: float = 17) -> None:
        """The scheduler finds no node for the pod."""
        del pod["spec"]["nodeName"]
        condition = {
            "type": "PodScheduled",
            "status": "False",
            "reason": "Unschedulable",
            "message": message,
            "lastTransitionTime": ago(minutes),
        }
        pod["status"] = {"phase": "Pending", "conditions": [condition], "qosClass": "Burstable"}
        self.event(pod, "FailedScheduling", message, source="default-scheduler", count=5, first=minutes, last=2)

    def settle(self) -> "Cluster":
        """Add what controllers write; call it once, after the last change."""
        status.settle(self)
        return self

    def bundle(self) -> Json:
        """The bundle that `optral scan --dump` reads."""
        items = list(self.objects.values())
        return {"meta": {"now": ago(0)}, "objects": {"apiVersion": "v1", "kind": "List", "items": items}, "logs": self.logs}
