"""Clusters in a few words, for asking why: each helper gives a manifest, `World` puts them into a snapshot."""

from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from optral.analysis.engine import engine
from optral.analysis.model import Explanation, Question
from optral.analysis.reading.snapshot import LogKey, Revision, Snapshot
from optral.kube.objects import kind_id_of
from optral.terms.probes import ProbeResult
from optral.terms.refs import ObjectRef
from optral.terms.verbs import Probe

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
NAMESPACE = "orders"
Json = dict[str, Any]
VISIBLE = frozenset(
    {
        "Pod", "Deployment.apps", "ReplicaSet.apps", "StatefulSet.apps", "DaemonSet.apps",
        "Job.batch", "Service", "ConfigMap", "Node", "PersistentVolume",
        "PersistentVolumeClaim", "StorageClass.storage.k8s.io", "ServiceAccount", "ResourceQuota", "LimitRange", "Namespace",
    }
)  # fmt: skip


def at(minutes_ago: float) -> str:
    return (NOON - timedelta(minutes=minutes_ago)).isoformat().replace("+00:00", "Z")


def obj(api_version: str, kind: str, name: str, *, namespace: str | None = NAMESPACE, owner: Json | None = None, **body: Any) -> Json:
    metadata: Json = {"name": name, "uid": f"{kind}-{name}", "creationTimestamp": at(60)} | body.pop("metadata", {})
    if namespace:
        metadata["namespace"] = namespace
    if owner is not None:
        reference = {"apiVersion": owner["apiVersion"], "kind": owner["kind"], "name": owner["metadata"]["name"]}
        metadata["ownerReferences"] = [{**reference, "uid": owner["metadata"]["uid"], "controller": True}]
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **body}


def container(name: str = "api", image: str = "registry.test/team/api:1.4", **more: Any) -> Json:
    return {"name": name, "image": image, **more}


def template(*containers: Json, labels: Json | None = None, **spec: Any) -> Json:
    return {"metadata": {"labels": labels or {"app": "api"}}, "spec": {"containers": list(containers) or [container()], **spec}}


def deployment(name: str = "api", *, of: Json | None = None, replicas: int = 1, **more: Any) -> Json:
    status = more.pop("status", {"replicas": replicas})
    return obj("apps/v1", "Deployment", name, spec={"replicas": replicas, "template": of or template()}, status=status, **more)


def replica_set(owner: Json, revision: int = 1, *, of: Json | None = None, minutes_ago: float = 60, replicas: int = 1, **more: Any) -> Json:
    metadata = {
        "annotations": {"deployment.kubernetes.io/revision": str(revision)},
        "creationTimestamp": at(minutes_ago),
        "labels": {"app": "api"},
    }
    spec = {"replicas": replicas, "template": of or owner["spec"]["template"]}
    name = f"{owner['metadata']['name']}-{revision}"
    return obj("apps/v1", "ReplicaSet", name, owner=owner, metadata=metadata, spec=spec, **({"status": {"replicas": replicas}} | more))


def pod(
    owner: Json | None = None,
    name: str = "api-1-x",
    *,
    spec: Json | None = None,
    status: Json | None = None,
    ready: bool = False,
    node: str | None = "node-1",
    **more: Any,
) -> Json:
    """A pod of an owner's template; not ready unless said otherwise."""
    wanted = deepcopy(owner["spec"]["template"]["spec"]) if owner is not None else {"containers": [container()]}
    wanted |= spec or {}
    if node:
        wanted["nodeName"] = node
    conditions = [{"type": "Ready", "status": "True" if ready else "False"}]
    if node:
        conditions.append({"type": "PodScheduled", "status": "True"})
    labels = owner["spec"]["template"]["metadata"]["labels"] if owner is not None else {"app": "api"}
    metadata = {"labels": labels} | more.pop("metadata", {})
    found = {"phase": "Running", "conditions": conditions} | (status or {})
    return obj("v1", "Pod", name, owner=owner, metadata=metadata, spec=wanted, status=found, **more)


def state(name: str = "api", *, ready: bool = False, restarts: int = 0, now: Json | None = None, last: Json | None = None) -> Json:
    found = {"name": name, "ready": ready, "restartCount": restarts, "state": now or {"running": {"startedAt": at(1)}}}
    return found | ({"lastState": {"terminated": last}} if last is not None else {"lastState": {}})


def ended(code: int, reason: str = "Error", *, ran_minutes: float = 0.2, message: str = "") -> Json:
    found = {"exitCode": code, "reason": reason, "startedAt": at(2 + ran_minutes), "finishedAt": at(2)}
    return found | ({"message": message} if message else {})


def waiting(reason: str, message: str = "") -> Json:
    return {"waiting": {"reason": reason} | ({"message": message} if message else {})}


def event(about: Json, reason: str, message: str, *, minutes_ago: float = 1, container: str | None = None) -> Json:
    involved = {"kind": about["kind"], "name": about["metadata"]["name"], "uid": about["metadata"]["uid"]}
    if container is not None:
        involved["fieldPath"] = f"spec.containers{{{container}}}"
    name = f"{about['metadata']['name']}.{reason}.{abs(hash(message)) % 10**8}"
    return obj("v1", "Event", name, involvedObject=involved, reason=reason, message=message, type="Warning", lastTimestamp=at(minutes_ago))


def node(name: str = "node-1", *, labels: Json | None = None, cpu: str = "4", memory: str = "8Gi", **more: Any) -> Json:
    conditions = more.pop("conditions", [{"type": "Ready", "status": "True"}])
    status = {
        "allocatable": {"cpu": cpu, "memory": memory, "pods": "110"},
        "conditions": [{"lastTransitionTime": "2026-03-01T11:00:00Z", **condition} for condition in conditions],
    }
    return obj("v1", "Node", name, namespace=None, metadata={"labels": labels or {}}, spec=more.pop("spec", {}), status=status, **more)


def service(name: str = "api", *, selector: Json | None = None, ports: list[Json] | None = None, **more: Any) -> Json:
    spec = {"selector": {"app": "api"} if selector is None else selector, "ports": ports or [{"port": 80, "targetPort": 8080}]}
    return obj("v1", "Service", name, spec=spec | more)


@dataclass
class World:
    """Objects and log lines of one cluster at noon."""

    objects: list[Json] = field(default_factory=list)
    logs: dict[tuple[str, str], str] = field(default_factory=dict)  # (pod, container) → what it wrote before it ended
    visible: frozenset[str] = VISIBLE
    history: list[Revision] = field(default_factory=list)
    namespace: str = NAMESPACE  # of the pods in `logs`
    asked: Question | None = None
    probes: dict[Probe, ProbeResult] = field(default_factory=dict)
    present: dict[tuple[str, str], str] = field(default_factory=dict)  # as `logs`, of runs that have not ended

    def copy(self) -> "World":
        """A cluster of its own, with the same objects."""
        return replace(self, objects=list(self.objects), logs=dict(self.logs))

    def snapshot(self) -> Snapshot:
        runs = ((self.logs, True), (self.present, False))
        logs = {LogKey(self.namespace, *of, previous): text for texts, previous in runs for of, text in texts.items()}
        snap = Snapshot(now=NOON, visible=self.visible, logs=logs, history=self.history, probes=self.probes)
        return snap.load((kind_id_of(one["apiVersion"], one["kind"]), one) for one in self.objects)

    def ask(self, type_: str, about: Json, *, owner: Json | None = None, container: str | None = None, **facts: Any) -> Explanation:
        question = Question(
            type=type_,
            cluster_id="cls_x",
            resource=reference(about),
            owner=reference(owner or about),
            container=container,
            facts=facts,
            since=NOON - timedelta(minutes=3),
        )
        self.asked = question
        return self.again()

    def again(self) -> Explanation:
        """The same question, of the cluster as it is now."""
        assert self.asked is not None
        return engine.explain(engine.investigate(self.asked, self.snapshot()))


def recorded(about: Json, path: str, before: object, after: object, *, minutes_ago: float = 5) -> Revision:
    """A change that the inventory recorded; `path` as it writes them, such as `/spec/template/spec/containers/api/image`."""
    diff = [{"path": path, "from": before, "to": after}]
    return Revision(ref=reference(about), at=NOON - timedelta(minutes=minutes_ago), manager="kubectl", diff=diff)


def reference(about: Json) -> ObjectRef:
    metadata = about["metadata"]
    return ObjectRef(kind_id_of(about["apiVersion"], about["kind"]), metadata.get("namespace"), metadata["name"])
