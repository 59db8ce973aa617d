"""What the controllers of Kubernetes write: the status of workloads, and the endpoints of Services."""

from copy import deepcopy
from typing import TYPE_CHECKING

from lab.unseen.manifests import AGE, Json, ago

if TYPE_CHECKING:
    from lab.unseen.cluster import Cluster


def settle(c: "Cluster") -> None:
    """Write the status of all workloads and Services."""
    for deployment in c.all("Deployment"):
        _settle_deployment(c, deployment)
    for kind in ("StatefulSet", "DaemonSet"):
        for workload in c.all(kind):
            _settle_set(c, workload)
    for service in c.all("Service"):
        _settle_endpoints(c, service)


def _settle_deployment(c: "Cluster", deployment: Json) -> None:
    wanted = deployment["spec"]["replicas"]
    revisions = c.owned(deployment, "ReplicaSet")
    pods: list[Json] = []
    for revision in revisions:
        mine = c.owned(revision, "Pod")
        failed = revision.pop("refused", "")
        revision["spec"]["replicas"] = max(len(mine), wanted if failed else 0)
        revision["status"] = {
            "replicas": len(mine),
            "readyReplicas": sum(map(is_ready, mine)),
            "availableReplicas": sum(map(is_ready, mine)),
            "observedGeneration": 1,
        }
        if failed:
            refusal = {
                "type": "ReplicaFailure",
                "status": "True",
                "reason": "FailedCreate",
                "message": failed,
                "lastTransitionTime": ago(14),
            }
            revision["status"]["conditions"] = [refusal]
        pods += mine
    ready, newest = sum(map(is_ready, pods)), revisions[-1]
    updated = len(c.owned(newest, "Pod"))
    done = updated >= wanted and ready >= wanted
    enough = ready >= wanted - wanted // 4
    text = (
        ("True", "MinimumReplicasAvailable", "Deployment has minimum availability.")
        if enough
        else ("False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.")
    )
    name = newest["metadata"]["name"]
    progress = (
        ("True", "NewReplicaSetAvailable", f'ReplicaSet "{name}" has successfully progressed.')
        if done or newest["metadata"]["creationTimestamp"] == ago(AGE)
        else ("False", "ProgressDeadlineExceeded", f'ReplicaSet "{name}" has timed out progressing.')
    )
    since = AGE if done else 8
    conditions = [_condition("Available", text, 14 if not enough else AGE), _condition("Progressing", progress, since)]
    conditions += [deepcopy(one) for one in newest["status"].get("conditions", ())]
    deployment["status"] = {
        "observedGeneration": deployment["metadata"]["generation"],
        "replicas": len(pods),
        "updatedReplicas": updated,
        "readyReplicas": ready,
        "availableReplicas": ready,
        "unavailableReplicas": max(0, max(wanted, len(pods)) - ready),
        "conditions": conditions,
    }


def _settle_set(c: "Cluster", workload: Json) -> None:
    pods = c.owned(workload, "Pod")
    ready = sum(map(is_ready, pods))
    name = workload["metadata"]["name"]
    if workload["kind"] == "DaemonSet":
        wanted = workload.pop("desired", len(c.nodes))
        workload["status"] = {
            "desiredNumberScheduled": wanted,
            "currentNumberScheduled": len(pods),
            "numberReady": ready,
            "numberAvailable": ready,
            "numberMisscheduled": 0,
            "updatedNumberScheduled": len(pods),
            "observedGeneration": workload["metadata"]["generation"],
        }
        if wanted > ready:
            workload["status"]["numberUnavailable"] = wanted - ready
        return
    updated = workload["metadata"]["annotations"].pop("updated", "") == "true"
    first, second = f"{name}-6c9d5b7f44", f"{name}-7f8b6d9c55"
    for index, pod in enumerate(pods):
        newest = updated and index == len(pods) - 1
        pod["metadata"]["labels"]["controller-revision-hash"] = second if newest else first
    workload["status"] = {
        "replicas": len(pods),
        "readyReplicas": ready,
        "availableReplicas": ready,
        "currentReplicas": len(pods) - updated,
        "updatedReplicas": 1 if updated else len(pods),
        "currentRevision": first,
        "updateRevision": second if updated else first,
        "observedGeneration": workload["metadata"]["generation"],
        "collisionCount": 0,
    }


def _settle_endpoints(c: "Cluster", service: Json) -> None:
    namespace, selector = service["metadata"]["namespace"], service["spec"].get("selector") or {}
    endpoints, ports = (
        [],
        [{"name": one.get("name", ""), "protocol": one.get("protocol", "TCP"), "port": one["port"]} for one in service["spec"]["ports"]],
    )
    for pod in c.all("Pod"):
        same = pod["metadata"]["namespace"] == namespace and selector.items() <= pod["metadata"]["labels"].items()
        if selector and same and pod["status"].get("podIP") and pod["status"]["phase"] == "Running":
            found = [(one, _port(pod, one.get("targetPort", one["port"]))) for one in service["spec"]["ports"]]
            ports = [
                {"name": one.get("name", ""), "protocol": one.get("protocol", "TCP"), "port": number} for one, number in found if number
            ]
            reference = {"kind": "Pod", "namespace": namespace, "name": pod["metadata"]["name"], "uid": pod["metadata"]["uid"]}
            conditions = {"ready": is_ready(pod), "serving": is_ready(pod), "terminating": False}
            endpoints.append(
                {
                    "addresses": [pod["status"]["podIP"]],
                    "conditions": conditions,
                    "targetRef": reference,
                    "nodeName": pod["spec"].get("nodeName", ""),
                }
            )
    name = service["metadata"]["name"]
    c.add(
        "EndpointSlice",
        f"{name}-{c.suffix()}",
        namespace=namespace,
        owner=service,
        metadata={"labels": {"kubernetes.io/service-name": name}},
        addressType="IPv4",
        endpoints=endpoints,
        ports=ports,
    )


def is_ready(pod: Json) -> bool:
    return any(one["type"] == "Ready" and one["status"] == "True" for one in pod["status"]["conditions"])


def _condition(kind: str, text: tuple[str, str, str], minutes: float) -> Json:
    status, reason, message = text
    return {
        "type": kind,
        "status": status,
        "reason": reason,
        "message": message,
        "lastTransitionTime": ago(minutes),
        "lastUpdateTime": ago(minutes),
    }


def _port(pod: Json, target: int | str) -> int:
    if isinstance(target, int):
        return target
    declared = (port for one in pod["spec"]["containers"] for port in one.get("ports", ()))
    return next((port["containerPort"] for port in declared if port.get("name") == target), 0)
