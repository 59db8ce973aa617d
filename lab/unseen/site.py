"""A cluster with several namespaces, Secrets that nobody may read, files from ConfigMaps, and what is shown when these go wrong."""

import hashlib
from collections.abc import Callable
from typing import Any

from lab.unseen import words
from lab.unseen.cluster import Cluster
from lab.unseen.manifests import AGE, App, Edit, Json, ago
from lab.unseen.status import is_ready


class Site(Cluster):
    """The namespace of a workload is that of its App. `noise` names what is not in order for weeks and no part of a fault."""

    def __init__(self, namespace: str, *, seed: str, nodes: int = 3) -> None:
        super().__init__(namespace, seed=seed, nodes=nodes)
        self.noise: set[str] = set()
        self.after: list[Callable[[], None]] = []
        """What is done after the controllers wrote their status."""
        for found in self.all("Namespace"):
            found["metadata"]["labels"] = {"kubernetes.io/metadata.name": found["metadata"]["name"]}

    def enter(self, namespace: str) -> None:
        """Objects without a namespace of their own are added to this one."""
        self.namespace = namespace
        if ("Namespace", "", namespace) not in self.objects:
            labels = {"kubernetes.io/metadata.name": namespace}
            spec = {"finalizers": ["kubernetes"]}
            self.add("Namespace", namespace, status={"phase": "Active"}, spec=spec, metadata={"labels": labels})
            self.add("ServiceAccount", "default", namespace=namespace)

    def deploy(self, app: App) -> None:
        self.enter(app.namespace)
        for reference in app.refs.values():
            secret, _, key = reference.partition("/")
            if ("Secret", app.namespace, secret) not in self.objects:
                self.add("Secret", secret, type="Opaque", data={})
            self.get("Secret", secret)["data"][key] = ""
        super().deploy(app)

    def workload(self, app: App) -> Json:
        self.enter(app.namespace or self.namespace)
        return super().workload(app)

    def address(self, name: str) -> str:
        return str(self.get("Service", name, self.apps[name].namespace)["spec"]["clusterIP"])

    def add_pod(self, workload: Json, *, minutes: float = AGE, ordinal: int | None = None, node: str = "") -> Json:
        """A tag means the same image on every node."""
        pod = super().add_pod(workload, minutes=minutes, ordinal=ordinal, node=node)
        for one in pod["status"]["containerStatuses"]:
            one["imageID"] = f"{one['image'].rpartition(':')[0]}@sha256:{hashlib.sha256(one['image'].encode()).hexdigest()}"
        return pod

    def pods_of(self, name: str) -> list[Json]:
        return self.pods(self.apps[name])

    # --- what a program shows

    def fail(self, name: str, log: str, *, code: int = 1, ran: float = 0.1, pods: list[Json] | None = None) -> None:
        """The program exits each time it is started."""
        for pod in self.pods_of(name) if pods is None else pods:
            self.crash(pod, code, log, ran=ran)

    def limp(self, name: str, log: str = "", *, pods: list[Json] | None = None, status: int = 503) -> None:
        """The program runs and its readiness probe fails."""
        for pod in self.pods_of(name) if pods is None else pods:
            self.stay_unready(pod, log)
            text = f"HTTP probe failed with statuscode: {status}"
            if not self.apps[name].path:
                text = f"dial tcp {pod['status']['podIP']}:{self.apps[name].port}: connect: connection refused"
            self.event(pod, "Unhealthy", f"Readiness probe failed: {text}", container=name, count=84, first=14, last=0.3)

    def says(self, name: str, *texts: str, level: str = "ERROR") -> str:
        """The end of a log in the format of the program."""
        return words.log_of(self.apps[name], *texts, level=level)

    def complain(self, name: str, *texts: str, level: str = "ERROR") -> None:
        """The program is ready and logs this again and again."""
        for pod in self.pods_of(name):
            self.write(pod, self.says(name, *texts * 4, level=level))

    # --- what somebody changed

    def roll(self, name: str, edit: Edit | None = None, *, minutes: float = 18) -> list[Json]:
        """An update of a workload that runs; returns its new pods."""
        self.fresh = False
        return self.change(self.apps[name], edit, minutes=minutes)

    def amend(self, name: str, edit: Edit) -> None:
        """The workload has had this in its pod spec from the start."""
        workload = self.workload(self.apps[name])
        for owner in (workload, *self.owned(workload, "ReplicaSet"), *self.pods_of(name)):
            edit(owner["spec"] if owner["kind"] == "Pod" else owner["spec"]["template"]["spec"])

    def restart(self, name: str, *, minutes: float = 20) -> None:
        """Replace all pods, as `kubectl rollout restart` does."""
        workload, old = self.workload(self.apps[name]), self.pods_of(name)
        stamp = {"kubectl.kubernetes.io/restartedAt": ago(minutes)}
        workload["spec"]["template"]["metadata"]["annotations"] = stamp
        workload["metadata"]["generation"] = 2
        for pod in old:
            self.remove(pod)
        if workload["kind"] == "Deployment":
            self.add_revision(workload, minutes=minutes)
        for _ in old:
            self.add_pod(workload, minutes=minutes)

    def rewrite(self, name: str, key: str, old: str, new: str) -> Json:
        """Replace a text in a file of the ConfigMap of a workload."""
        config = self.get("ConfigMap", f"{name}-config", self.apps[name].namespace)
        assert old in config["data"][key], (name, old)
        config["data"][key] = config["data"][key].replace(old, new)
        return config

    def touch(self, obj: Json, *keys: str, minutes: float, manager: str = "kubectl-edit") -> None:
        """Somebody changed these keys of a ConfigMap or Secret."""
        fields = {"f:data": {f"f:{key}": {} for key in keys}}
        obj["metadata"]["resourceVersion"] = str(self.rng.randrange(10**6, 10**7))
        obj["metadata"]["managedFields"] = [
            {"manager": manager, "operation": "Update", "apiVersion": "v1", "time": ago(minutes)}
            | {"fieldsType": "FieldsV1", "fieldsV1": fields}
        ]

    def refuse(self, name: str, message: str, *, edit: Edit | None = None, minutes: float = 14, now: str = "") -> Json:
        """The API server refuses the pods of a new revision. The condition keeps its first message; Events report what is refused `now`."""
        workload = self.workload(self.apps[name])
        if edit is not None:
            edit(workload["spec"]["template"]["spec"])
        workload["metadata"]["generation"] = 2
        revision = self.add_revision(workload, minutes=minutes)
        pod = f"{revision['metadata']['name']}-{self.suffix()}"
        revision["refused"] = message.format(pod=pod)
        stale = minutes - 6 if now else 0.6
        for text, first, last in ((message, minutes, stale), (now, stale - 1, 0.6)):
            if text:
                error = f"Error creating: {text.format(pod=pod)}"
                self.event(revision, "FailedCreate", error, source="replicaset-controller", count=17, first=first, last=last)
        return revision

    def lose(self, node: str, *, minutes: float = 4) -> None:
        """The kubelet of a node has stopped; its pods are not evicted yet."""
        found = self.get("Node", node)
        for condition in found["status"]["conditions"]:
            condition |= {"status": "Unknown", "reason": "NodeStatusUnknown", "message": "Kubelet stopped posting node status."}
            condition |= {"lastTransitionTime": ago(minutes), "lastHeartbeatTime": ago(minutes + 0.8)}
        taint = {"key": "node.kubernetes.io/unreachable", "timeAdded": ago(minutes)}
        found["spec"]["taints"] = [taint | {"effect": effect} for effect in ("NoSchedule", "NoExecute")]
        self.get("Lease", node, "kube-node-lease")["spec"]["renewTime"] = ago(minutes + 0.8)
        self.event(found, "NodeNotReady", f"Node {node} status is now: NodeNotReady", source="node-controller", count=1, first=minutes)
        for pod in self.all("Pod"):
            if pod["spec"].get("nodeName") == node:
                for condition in pod["status"]["conditions"]:
                    if condition["type"] == "Ready":
                        condition |= {"status": "False", "lastTransitionTime": ago(minutes)}

    def cordon(self, node: str) -> None:
        spec = self.get("Node", node)["spec"]
        spec |= {
            "unschedulable": True,
            "taints": [{"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule", "timeAdded": ago(90)}],
        }

    def custom(self, version: str, kind: str, name: str, *, minutes: float = AGE, **body: Any) -> Json:
        """A custom resource."""
        return self.add(kind, name, minutes=minutes, apiVersion=version, metadata={"generation": 2}, **body)

    def settle(self) -> "Cluster":
        super().settle()
        for deployment in self.all("Deployment"):
            newest = self.owned(deployment, "ReplicaSet")[-1]
            age = newest["metadata"]["creationTimestamp"]
            if ago(10) < age:
                self._progresses(deployment, newest, age)
            for condition in deployment["status"]["conditions"]:
                if condition["reason"] == "ProgressDeadlineExceeded" and age < ago(60):
                    condition |= {"lastTransitionTime": age, "lastUpdateTime": age}
                if condition["type"] == "Progressing" and deployment["spec"].get("paused"):
                    condition |= {"status": "Unknown", "reason": "DeploymentPaused", "message": "Deployment is paused"}
        for change in self.after:
            change()
        return self

    def _progresses(self, deployment: Json, newest: Json, since: str) -> None:
        """A rollout within its deadline."""
        pods = self.owned(newest, "Pod")
        if len(pods) == deployment["spec"]["replicas"] and all(map(is_ready, pods)):
            return
        for condition in deployment["status"]["conditions"]:
            if condition["type"] == "Progressing":
                text = f'ReplicaSet "{newest["metadata"]["name"]}" is progressing.'
                condition |= {"status": "True", "reason": "ReplicaSetUpdated", "message": text, "lastUpdateTime": since}
            elif condition["status"] == "False" or condition["type"] == "ReplicaFailure":
                condition |= {"lastTransitionTime": since, "lastUpdateTime": since}


def conditions(*found: tuple[str, str, str, str], minutes: float = 25) -> list[Json]:
    """Conditions as (type, status, reason, message)."""
    names = ("type", "status", "reason", "message")
    return [dict(zip(names, one, strict=True)) | {"lastTransitionTime": ago(minutes), "observedGeneration": 2} for one in found]
