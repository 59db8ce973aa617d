"""A cluster in which the root of a group is fixed: what is left is not the root's doing.

Each fix changes only the objects at fault. Then a pod of a symptom gets well if nothing shows another failure of it: it has written
nothing, or its log names what was fixed. A pod without a node gets one only by a fix. Controllers create the pods that are
missing, and write the status of workloads and endpoints again.
"""

from collections.abc import Callable, Iterable, Iterator

from lab.unseen import status
from lab.unseen.cluster import Cluster
from lab.unseen.manifests import AGE, Json, ago
from optral.scan.detection import ScanIssue

Names = set[str]
Fix = Callable[[Cluster, ScanIssue], Names]


def fixed(cluster: Cluster, root: ScanIssue) -> Cluster:
    """The cluster without the root, changed in place. Raises `KeyError` for a type without a fix."""
    shared = {name for pod in _shown(cluster, root) for text in _logs(cluster, pod) for name in cluster.apps if name in text}
    names = FIXES[root.type](cluster, root) | set(_texts(root.lead.facts.values())) | shared  # a server that its callers share
    for issue in root.symptoms:
        for pod in (one for one in list(_shown(cluster, issue)) if one["spec"].get("nodeName")):
            if not (logs := _logs(cluster, pod)) or any(name in text for text in logs for name in names if len(name) > 2):
                _heal(cluster, pod)
    _settle(cluster)
    return cluster


def _texts(values: Iterable[object]) -> Iterator[str]:
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, list | tuple):
            yield from _texts(value)


def _settle(cluster: Cluster) -> None:
    """As `status.settle`, again: a ReplicaSet that is refused stays so."""
    refused = {one["metadata"]["name"]: one.get("status", {}).get("conditions") for one in cluster.all("ReplicaSet")}
    for piece in cluster.all("EndpointSlice"):
        cluster.remove(piece)
    for one in cluster.all("ReplicaSet"):
        if found := refused[one["metadata"]["name"]]:
            one["refused"] = found[0]["message"]
    if not any(one.get("refused") for one in cluster.all("ReplicaSet")):
        _create(cluster)
    status.settle(cluster)
    for deployment in cluster.all("Deployment"):
        _finish(deployment)
    for budget in cluster.all("PodDisruptionBudget"):
        selector = budget["spec"]["selector"]["matchLabels"]
        pods = [one for one in cluster.all("Pod") if selector.items() <= one["metadata"]["labels"].items()]
        healthy = sum(map(status.is_ready, pods))
        allowed = max(0, healthy - budget["status"].get("desiredHealthy", 0))
        budget["status"] |= {"currentHealthy": healthy, "expectedPods": len(pods), "disruptionsAllowed": allowed}


def _finish(deployment: Json) -> None:
    """A rollout goes on while its pods get ready."""
    found = deployment["status"]
    if found["unavailableReplicas"] == 0:
        found["updatedReplicas"] = found["replicas"]
        progress = next(one for one in found["conditions"] if one["type"] == "Progressing")
        progress |= {"status": "True", "reason": "NewReplicaSetAvailable", "message": "has successfully progressed"}


def _create(cluster: Cluster) -> list[Json]:
    """The pods that workloads lack whose pods are all ready."""
    made: list[Json] = []
    for kind in ("Deployment", "StatefulSet", "DaemonSet"):
        for workload in cluster.all(kind):
            owners = cluster.owned(workload, "ReplicaSet") if kind == "Deployment" else [workload]
            present = [pod for one in owners for pod in cluster.owned(one, "Pod")]
            wanted = len(cluster.nodes) if kind == "DaemonSet" else workload["spec"]["replicas"]
            if all(map(status.is_ready, present)):
                made += [cluster.add_pod(workload, minutes=5) for _ in range(wanted - len(present))]
    return made


# --- pods


def _shown(cluster: Cluster, issue: ScanIssue) -> Iterator[Json]:
    """The pods that show an issue, and those of its workload that are not ready if only the workload shows it."""
    shown = {(one.shown_by.namespace or "", one.shown_by.name) for one in issue.findings if one.shown_by.kind == "Pod"}
    yield from (pod for pod in cluster.all("Pod") if (pod["metadata"]["namespace"], pod["metadata"]["name"]) in shown)


def _logs(cluster: Cluster, pod: Json) -> list[str]:
    start = f"{pod['metadata']['namespace']}/{pod['metadata']['name']}/"
    return [text for key, text in cluster.logs.items() if key.startswith(start)]


def _heal(cluster: Cluster, pod: Json, node: str = "") -> None:
    """The pod runs and is ready, and nothing is reported of it."""
    meta, spec = pod["metadata"], pod["spec"]
    meta.pop("deletionTimestamp", None)
    spec.setdefault("nodeName", node or cluster.nodes[-1])
    known = {one["name"]: one for one in pod["status"].get("containerStatuses", ())}
    statuses = [
        known.get(one["name"], {"name": one["name"], "image": one["image"], "imageID": ""})
        | {"ready": True, "started": True, "restartCount": 0, "state": {"running": {"startedAt": ago(5)}}, "lastState": {}}
        for one in spec["containers"]
    ]
    ended = {"terminated": {"exitCode": 0, "reason": "Completed", "startedAt": ago(6), "finishedAt": ago(6)}}
    starts = [
        one | {"ready": True, "state": ended, "lastState": {}, "restartCount": 0} for one in pod["status"].get("initContainerStatuses", ())
    ]
    kinds = ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled")
    conditions = [{"type": kind, "status": "True", "lastTransitionTime": ago(5)} for kind in kinds]
    pod["status"] |= {
        "phase": "Running",
        "conditions": conditions,
        "containerStatuses": statuses,
        "podIP": pod["status"].get("podIP", "10.244.9.9"),
    }
    pod["status"].pop("reason", None)
    if starts:
        pod["status"]["initContainerStatuses"] = starts
    _forget(cluster, pod)
    for key in [key for key in cluster.logs if key.startswith(f"{meta['namespace']}/{meta['name']}/")]:
        del cluster.logs[key]


def _forget(cluster: Cluster, obj: Json) -> None:
    for event in cluster.all("Event"):
        if event["involvedObject"].get("uid") == obj["metadata"]["uid"]:
            cluster.remove(event)


def _served(cluster: Cluster, pods: Iterable[Json]) -> Names:
    """The names and addresses by which these pods are called."""
    names: Names = set()
    for pod in pods:
        for service in cluster.all("Service"):
            selector = service["spec"].get("selector") or {}
            if selector and selector.items() <= pod["metadata"]["labels"].items():
                names |= {service["metadata"]["name"], service["spec"]["clusterIP"], pod["status"].get("podIP", "")}
    return names


# --- fixes


def _config(cluster: Cluster, root: ScanIssue) -> Names:
    """The ConfigMap or Secret that pods need exists, with the key that they need."""
    for pod in list(_shown(cluster, root)):
        for spec in (*pod["spec"]["containers"], *pod["spec"].get("volumes", ())):
            _complete(cluster, spec)
    return _pods(cluster, root)


def _complete(cluster: Cluster, spec: object) -> None:
    """Create what a part of a pod refers to."""
    kinds = {"configMapKeyRef": "ConfigMap", "configMapRef": "ConfigMap", "configMap": "ConfigMap"}
    kinds |= {"secretKeyRef": "Secret", "secretRef": "Secret", "secret": "Secret"}
    for key, value in spec.items() if isinstance(spec, dict) else enumerate(spec) if isinstance(spec, list) else ():
        if key in kinds and isinstance(value, dict):
            kind, name = kinds[str(key)], value.get("name") or value.get("secretName", "")
            found = cluster.objects.get((kind, cluster.namespace, name)) or cluster.add(kind, name, data={})
            for wanted in (value.get("key"), *(item["key"] for item in value.get("items", ()))):
                if wanted:
                    found.setdefault("data", {}).setdefault(wanted, "")
        _complete(cluster, value)


def _pods(cluster: Cluster, root: ScanIssue) -> Names:
    pods = list(_shown(cluster, root))
    for pod in pods:
        _heal(cluster, pod)
    return _served(cluster, pods) | {root.subject.name}


def _refused(cluster: Cluster, root: ScanIssue) -> Names:
    """The pods that were refused are created."""
    for one in cluster.all("ReplicaSet"):
        one.get("status", {}).pop("conditions", None)
        _forget(cluster, one)
    for kind in ("Deployment", "StatefulSet", "DaemonSet"):
        for workload in cluster.all(kind):
            _forget(cluster, workload)
    return _served(cluster, _create(cluster))


def _quota(cluster: Cluster, root: ScanIssue) -> Names:
    for quota in cluster.all("ResourceQuota"):
        for place in (quota["spec"], quota["status"]):
            place["hard"] = dict.fromkeys(place["hard"], "1000Gi")
    return _refused(cluster, root) | _service(cluster, root)


def _webhook(cluster: Cluster, root: ScanIssue) -> Names:
    for kind in ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"):
        for hook in cluster.all(kind):
            cluster.remove(hook)
    return _refused(cluster, root)


def _service(cluster: Cluster, root: ScanIssue) -> Names:
    """The Service that is called exists, in front of the workload with its name; or the callers call the one that does."""
    if root.lead.facts.get("nearest"):
        return _name(cluster, root)
    facts = [str(value) for value in _texts(root.lead.facts.values())]
    for app in cluster.apps.values():
        is_called = app.name in (root.subject.name, *facts) or any(text.partition(".")[0] == app.name for text in facts)
        if app.port and is_called and ("Service", cluster.namespace, app.name) not in cluster.objects:
            port = {"name": app.port_name, "port": app.front, "protocol": "TCP", "targetPort": app.port_name}
            cluster._add_service(app.name, {"app.kubernetes.io/name": app.name}, [port])
    return {root.subject.name}


def _name(cluster: Cluster, root: ScanIssue) -> Names:
    """The callers call the name that exists."""
    for issue in (root, *root.symptoms):
        for pod in list(_shown(cluster, issue)):
            _heal(cluster, pod)
    facts = root.lead.facts
    wrong, near = str(facts.get("host") or root.subject.name), str(facts.get("nearest") or "")
    if facts.get("case") == "portMissing":
        wrong, near = f"{wrong}:{facts['port']}", f"{wrong}:{facts['offers'][0]}"
    for workload in (
        one for kind in ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Pod", "ConfigMap") for one in cluster.all(kind)
    ):
        _replace(workload, wrong, near or wrong)
        for spec in (workload.get("spec", {}), workload.get("spec", {}).get("template", {}).get("spec", {})):
            if "dnsPolicy" in spec:
                spec["dnsPolicy"] = "ClusterFirst"
    return {wrong, near}


def _replace(value: object, wrong: str, right: str) -> None:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in list(items):
        if isinstance(one, str) and wrong and wrong in one and key not in ("name", "uid"):
            value[key] = one.replace(wrong, right)  # type: ignore[index]
        else:
            _replace(one, wrong, right)


def _ports(cluster: Cluster, root: ScanIssue) -> Names:
    service = cluster.get("Service", root.subject.name)
    app = cluster.apps[root.subject.name]
    service["spec"]["ports"] = [{"name": app.port_name, "port": app.front, "protocol": "TCP", "targetPort": app.port_name}]
    return {root.subject.name, service["spec"]["clusterIP"]}


def _claim(cluster: Cluster, root: ScanIssue) -> Names:
    """The claims of the pods that wait are bound."""
    for pod in cluster.all("Pod"):
        for volume in pod["spec"].get("volumes", ()):
            name = volume.get("persistentVolumeClaim", {}).get("claimName")
            found = cluster.objects.get(("PersistentVolumeClaim", pod["metadata"]["namespace"], name or ""))
            if name and (found is None or found["status"]["phase"] != "Bound"):
                if found is not None:
                    _forget(cluster, found)
                cluster.add_claim(name, "1Gi")
            if name and not pod["spec"].get("nodeName"):
                _heal(cluster, pod)
    return {root.subject.name}


def _node(cluster: Cluster, root: ScanIssue) -> Names:
    """The node is ready without the taints of its failure; what ran there runs again, and what waits for it is placed."""
    node = cluster.get("Node", root.subject.name)
    kept = [one for one in node["spec"].get("taints", ()) if not one["key"].startswith("node.kubernetes.io/")]
    node["spec"]["taints"] = kept
    for condition in node["status"]["conditions"]:
        condition |= {
            "status": "True" if condition["type"] == "Ready" else "False",
            "lastTransitionTime": ago(AGE),
            "reason": "KubeletReady",
        }
    _forget(cluster, node)
    healed = []
    for pod in cluster.all("Pod"):
        selector = pod["spec"].get("nodeSelector") or {}
        waits = not pod["spec"].get("nodeName") and not kept and selector.items() <= node["metadata"]["labels"].items()
        if waits or (pod["spec"].get("nodeName") == root.subject.name and not _fails(pod)):
            _heal(cluster, pod, root.subject.name)
            healed.append(pod)
    return _served(cluster, healed)


def _fails(pod: Json) -> bool:
    return any("waiting" in one["state"] or "terminated" in one["state"] for one in pod["status"].get("containerStatuses", ()))


def _policy(cluster: Cluster, root: ScanIssue) -> Names:
    policy = cluster.get("NetworkPolicy", root.subject.name, root.subject.namespace)
    selector = policy["spec"]["podSelector"].get("matchLabels", {})
    pods = [pod for pod in cluster.all("Pod") if selector.items() <= pod["metadata"]["labels"].items()]
    cluster.remove(policy)
    return _served(cluster, pods) | {str(root.lead.facts.get("blocked")).rpartition("/")[2]}


_OF_PODS = (
    "CrashLoopBackOff CreateContainerError FailedScheduling FrequentRestarts ImagePullBackOff InitContainerStuck InvalidImageName "
    "LivenessProbeFailed OOMKilled PodNotReady ReadinessProbeFailed RunContainerError StartupProbeFailed"
)
FIXES: dict[str, Fix] = {
    **dict.fromkeys(_OF_PODS.split(), _pods),
    "CreateContainerConfigError": _config,
    "FailedCreate": _refused,
    "FailedMount": _config,
    "NetworkPolicyBlocks": _policy,
    "NodeNotReady": _node,
    "PersistentVolumeClaimNotFound": _claim,
    "PersistentVolumeClaimPending": _claim,
    "ResourceQuotaExceeded": _quota,
    "ServiceMissing": _service,
    "ServiceNameUnresolvable": _name,
    "ServiceTargetPortMismatch": _ports,
    "WebhookUnavailable": _webhook,
}
