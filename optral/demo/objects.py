"""Builders of Kubernetes objects as a real cluster has them: uids, owners, defaults of the API server, managers.

They return plain dicts ready for JSON. The status is set elsewhere: `pods.py` changes pods, `controllers.py` derives counts.
"""

import hashlib
import random
import uuid
from datetime import datetime
from typing import Any

from optral.demo.registry import Manifest
from optral.kit.times import rfc3339
from optral.kube.kinds import BY_ID

_SUFFIX = "bcdfghjklmnpqrstvwxz2456789"  # the alphabet Kubernetes draws name suffixes from: no vowels, no look-alikes


def stamp(at: datetime) -> str:
    """A time in the format of Kubernetes: RFC 3339, UTC, whole seconds."""
    return rfc3339(at)


def suffix(rng: random.Random, length: int = 5) -> str:
    return "".join(rng.choice(_SUFFIX) for _ in range(length))


def uid(rng: random.Random) -> str:
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


def template_hash(*parts: str) -> str:
    """A pod-template-hash: the same template always has the same one."""
    number = int.from_bytes(hashlib.sha256("|".join(parts).encode()).digest()[:8], "big")
    return suffix(random.Random(number), 10)  # noqa: S311 - a name, not a secret


def metadata(
    rng: random.Random,
    name: str,
    *,
    namespace: str | None = None,
    created: datetime,
    labels: dict[str, str] | None = None,
    annotations: dict[str, str] | None = None,
    owner: Manifest | None = None,
    manager: str = "kubectl-client-side-apply",
) -> Manifest:
    """Object metadata; `owner` is the owning object itself, which becomes the controlling ownerReference."""
    meta: Manifest = {"name": name, "uid": uid(rng), "creationTimestamp": stamp(created)}
    if namespace is not None:
        meta["namespace"] = namespace
    if labels:
        meta["labels"] = dict(labels)
    if annotations:
        meta["annotations"] = dict(annotations)
    if owner is not None:
        meta["ownerReferences"] = [owner_reference(owner)]
    meta["managedFields"] = [managed(manager, created)]
    return meta


def managed(manager: str, at: datetime, *, subresource: str = "") -> Manifest:
    entry: Manifest = {"manager": manager, "operation": "Update", "apiVersion": "v1", "time": stamp(at), "fieldsType": "FieldsV1"}
    entry["fieldsV1"] = {"f:status": {}} if subresource else {"f:metadata": {"f:labels": {}}, "f:spec": {}}
    return entry | ({"subresource": subresource} if subresource else {})


def owner_reference(owner: Manifest) -> Manifest:
    return {
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }


def manifest(kind_id: str, meta: Manifest, **body: Any) -> Manifest:
    """An object of a watched kind with `apiVersion` and `kind` in front."""
    kind = BY_ID[kind_id]
    return {"apiVersion": kind.api_version, "kind": kind.name, "metadata": meta, **body}


def probe(path: str, port: int, *, period_s: int = 10, failures: int = 3, delay_s: int = 5) -> Manifest:
    return {
        "httpGet": {"path": path, "port": port, "scheme": "HTTP"},
        "initialDelaySeconds": delay_s,
        "timeoutSeconds": 1,
        "periodSeconds": period_s,
        "successThreshold": 1,
        "failureThreshold": failures,
    }


def container(
    name: str,
    image: str,
    *,
    port: int | None = None,
    cpu: str = "100m",
    memory: str = "128Mi",
    env: dict[str, str] | None = None,
    env_from: list[Manifest] | None = None,
    probes: bool = True,
    command: list[str] | None = None,
    mounts: list[Manifest] | None = None,
) -> Manifest:
    """A container spec with the defaults the API server would add; the memory request is the limit."""
    spec: Manifest = {"name": name, "image": image, "imagePullPolicy": "IfNotPresent"}
    if command:
        spec["command"] = command
    if port is not None:
        spec["ports"] = [{"name": "http", "containerPort": port, "protocol": "TCP"}]
        if probes:
            spec["readinessProbe"] = probe("/healthz/ready", port)
            spec["livenessProbe"] = probe("/healthz/live", port, delay_s=10)
    entries: list[Manifest] = [{"name": key, "value": value} for key, value in (env or {}).items()]
    entries += env_from or []
    if entries:
        spec["env"] = entries
    spec["resources"] = {"requests": {"cpu": cpu, "memory": memory}, "limits": {"memory": memory}}
    spec["volumeMounts"] = [*(mounts or []), {"name": "kube-api-access", "mountPath": TOKEN_PATH, "readOnly": True}]
    spec["terminationMessagePath"] = "/dev/termination-log"
    spec["terminationMessagePolicy"] = "File"
    return spec


TOKEN_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"  # noqa: S105 - a path


def pod_spec(
    containers: list[Manifest],
    *,
    service_account: str = "default",
    volumes: list[Manifest] | None = None,
    init: list[Manifest] | None = None,
    node_selector: dict[str, str] | None = None,
    restart_policy: str = "Always",
) -> Manifest:
    spec: Manifest = {"containers": containers}
    if init:
        spec["initContainers"] = init
    if node_selector:
        spec["nodeSelector"] = node_selector
    token = {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}}
    ca = {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}}
    spec["volumes"] = [*(volumes or []), {"name": "kube-api-access", "projected": {"sources": [token, ca], "defaultMode": 420}}]
    spec |= {
        "restartPolicy": restart_policy,
        "terminationGracePeriodSeconds": 30,
        "dnsPolicy": "ClusterFirst",
        "serviceAccountName": service_account,
        "serviceAccount": service_account,
        "securityContext": {},
        "schedulerName": "default-scheduler",
    }
    return spec


def node(rng: random.Random, name: str, *, index: int, created: datetime, pool: str, cpu: int = 8, memory_gi: int = 32) -> Manifest:
    labels = {
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "node-pool": pool,
        "topology.kubernetes.io/zone": f"zone-{'abc'[index % 3]}",
    }
    capacity = {"cpu": str(cpu), "memory": f"{memory_gi * 1024 * 1024}Ki", "pods": "110", "ephemeral-storage": "101430960Ki"}
    allocatable = capacity | {"cpu": f"{cpu * 1000 - 80}m", "memory": f"{memory_gi * 1024 * 1024 - 800_000}Ki"}
    info = {
        "kubeletVersion": "v1.34.2",
        "kubeProxyVersion": "",
        "containerRuntimeVersion": "containerd://2.1.5",
        "kernelVersion": "6.8.0-71-generic",
        "osImage": "Ubuntu 24.04.3 LTS",
        "operatingSystem": "linux",
        "architecture": "amd64",
        "machineID": f"{rng.getrandbits(128):032x}",
        "systemUUID": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
        "bootID": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
    }
    addresses = [{"type": "InternalIP", "address": f"10.20.0.{10 + index}"}, {"type": "Hostname", "address": name}]
    status = {"capacity": capacity, "allocatable": allocatable, "addresses": addresses, "nodeInfo": info}
    status["conditions"] = [node_condition(*fact, at=created, heartbeat=created) for fact in HEALTHY_NODE]
    spec = {"podCIDR": f"10.244.{index}.0/24", "podCIDRs": [f"10.244.{index}.0/24"]}
    return manifest("Node", metadata(rng, name, created=created, labels=labels, manager="kubelet"), spec=spec, status=status)


HEALTHY_NODE = (
    ("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    ("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    ("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
    ("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
)


def node_condition(type_: str, status: str, reason: str, message: str, *, at: datetime, heartbeat: datetime) -> Manifest:
    return {
        "type": type_,
        "status": status,
        "reason": reason,
        "message": message,
        "lastTransitionTime": stamp(at),
        "lastHeartbeatTime": stamp(heartbeat),
    }


def event(
    rng: random.Random,
    about: Manifest,
    *,
    reason: str,
    message: str,
    at: datetime,
    first: datetime | None = None,
    count: int = 1,
    type_: str = "Warning",
    component: str = "kubelet",
    host: str = "",
    field_path: str = "",
) -> Manifest:
    """A core/v1 Event about an object; `field_path` names a container the way the kubelet does."""
    meta = about["metadata"]
    involved = {
        "kind": about["kind"],
        "apiVersion": about["apiVersion"],
        "name": meta["name"],
        "uid": meta["uid"],
        "resourceVersion": meta.get("resourceVersion", ""),
    }
    if "namespace" in meta:
        involved["namespace"] = meta["namespace"]
    if field_path:
        involved["fieldPath"] = field_path
    namespace = meta.get("namespace", "default")  # Events about nodes live in default
    name = f"{meta['name']}.{rng.getrandbits(64):016x}"
    body: Manifest = {
        "involvedObject": involved,
        "reason": reason,
        "message": message,
        "source": {"component": component} | ({"host": host} if host else {}),
        "firstTimestamp": stamp(first or at),
        "lastTimestamp": stamp(at),
        "count": count,
        "type": type_,
        "eventTime": None,
        "reportingComponent": component,
        "reportingInstance": host,
    }
    return manifest("Event", metadata(rng, name, namespace=namespace, created=first or at, manager=component), **body)
