"""Makes Kubernetes objects for detector tests the way they really arrive: as JSON that is decoded. Every default is healthy.

Times are seconds before NOON (`ago`), the moment at which every test asks.
"""

import itertools
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from optral import detectors
from optral.detectors import tuning
from optral.detectors.finding import Finding
from optral.detectors.tuning import Settings, Tuning, TuningScope
from optral.kube import objects, view
from optral.kube.kinds import BY_ID
from optral.kube.objects import KubeObject
from optral.kube.redact import Redactor
from optral.kube.view import ClusterView

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR = 3600
_numbers = itertools.count(1)


def at(ago: float) -> str:
    """The time `ago` seconds before noon, as Kubernetes writes it."""
    return (NOON - timedelta(seconds=ago)).strftime("%Y-%m-%dT%H:%M:%SZ")


def when(ago: float) -> datetime:
    return NOON - timedelta(seconds=ago)


def make(
    kind: str, *, name: str, namespace: str | None = "shop", ago: float = HOUR, meta: dict[str, Any] | None = None, **body: Any
) -> KubeObject:
    """Any object; `meta` is merged into its metadata."""
    metadata = {"name": name, "uid": f"uid-{next(_numbers)}", "creationTimestamp": at(ago), "generation": 1, "labels": {}}
    if namespace is not None:
        metadata["namespace"] = namespace
    return objects.decode(kind, json.dumps({"metadata": metadata | (meta or {})} | body).encode())


def owned_by(owner: KubeObject) -> list[dict[str, Any]]:
    name, _, group = owner.kind.partition(".")
    version = f"{group}/v1" if group else "v1"
    return [{"kind": name, "apiVersion": version, "name": owner.name, "uid": owner.uid, "controller": True}]


def terminated(*, ago: float, reason: str = "Error", code: int = 1, ran: float = 20, ident: str = "", message: str = "") -> dict[str, Any]:
    ended = {"exitCode": code, "reason": reason, "startedAt": at(ago + ran), "finishedAt": at(ago), "message": message}
    return {"terminated": ended | ({"containerID": ident} if ident else {})}


def waiting(reason: str, message: str = "") -> dict[str, Any]:
    return {"waiting": {"reason": reason, "message": message}}


def running(ago: float = HOUR) -> dict[str, Any]:
    return {"running": {"startedAt": at(ago)}}


def status(
    name: str = "api", *, state: dict[str, Any] | None = None, last: dict[str, Any] | None = None, restarts: int = 0, **more: Any
) -> dict[str, Any]:
    """What the kubelet says of a container; ready exactly while it is running, unless told otherwise."""
    state = state or running()
    ready = "running" in state
    return {"name": name, "ready": ready, "started": ready, "restartCount": restarts, "state": state, "lastState": last or {}} | more


def container(name: str = "api", **more: Any) -> dict[str, Any]:
    return {"name": name, "image": "registry.example/api:1", "resources": {"limits": {"memory": "128Mi"}}} | more


def condition(kind: str, state: str = "True", *, reason: str = "", message: str = "", ago: float = HOUR) -> dict[str, Any]:
    return {"type": kind, "status": state, "reason": reason, "message": message, "lastTransitionTime": at(ago), "lastUpdateTime": at(ago)}


def pod(
    *statuses: dict[str, Any],
    name: str = "api-5d4f9c-x1",
    phase: str = "Running",
    owner: KubeObject | None = None,
    containers: list[dict[str, Any]] | None = None,
    conditions: list[dict[str, Any]] | None = None,
    init: list[dict[str, Any]] | None = None,
    init_statuses: list[dict[str, Any]] | None = None,
    spec: dict[str, Any] | None = None,
    pod_status: dict[str, Any] | None = None,
    meta: dict[str, Any] | None = None,
    labels: dict[str, str] | None = None,
    ago: float = HOUR,
    namespace: str = "shop",
) -> KubeObject:
    owners = {"ownerReferences": owned_by(owner)} if owner is not None else {}
    described = {"nodeName": "node-1", "restartPolicy": "Always", "containers": containers or [container()], "initContainers": init or []}
    told = {
        "phase": phase,
        "startTime": at(ago),
        "conditions": conditions if conditions is not None else [condition("PodScheduled", ago=ago), condition("Initialized", ago=ago)],
        "containerStatuses": list(statuses),
        "initContainerStatuses": init_statuses or [],
    }
    return make(
        "Pod",
        name=name,
        namespace=namespace,
        ago=ago,
        meta={"labels": labels or {"app": "api"}} | owners | (meta or {}),
        spec=described | (spec or {}),
        status=told | (pod_status or {}),
    )


def event(
    about: KubeObject,
    reason: str,
    message: str = "",
    *,
    ago: float = 30,
    first: float | None = None,
    times: int = 1,
    container: str = "",
    kind: str = "Warning",
) -> KubeObject:
    name, _, group = about.kind.partition(".")
    involved = {
        "kind": name,
        "apiVersion": f"{group}/v1" if group else "v1",
        "name": about.name,
        "uid": about.uid,
        "namespace": about.namespace or "",
    }
    if container:
        involved["fieldPath"] = f"spec.containers{{{container}}}"
    return make(
        "Event",
        name=f"{about.name}.{next(_numbers)}",
        involvedObject=involved,
        reason=reason,
        message=message,
        type=kind,
        count=times,
        firstTimestamp=at(first if first is not None else ago),
        lastTimestamp=at(ago),
    )


def deployment(
    name: str = "api", *, replicas: int = 2, available: int = 2, labels: dict[str, str] | None = None, namespace: str = "shop", **more: Any
) -> KubeObject:
    counts = {"replicas": replicas, "updatedReplicas": replicas, "readyReplicas": available, "availableReplicas": available}
    spec = {"replicas": replicas, "template": {"metadata": {"labels": labels or {"app": name}}}}
    return make(
        "Deployment.apps",
        name=name,
        namespace=namespace,
        spec=spec | more.pop("spec", {}),
        status=counts | {"observedGeneration": 1} | more.pop("status", {}),
        **more,
    )


def replica_set(
    owner: KubeObject | None = None, *, name: str = "api-5d4f9c", replicas: int = 2, ready: int = 2, revision: int = 1, **more: Any
) -> KubeObject:
    meta = {
        "annotations": {"deployment.kubernetes.io/revision": str(revision)},
        "ownerReferences": owned_by(owner) if owner is not None else [],
    }
    counts = {"replicas": replicas, "readyReplicas": ready, "availableReplicas": ready}
    return make("ReplicaSet.apps", name=name, meta=meta, spec={"replicas": replicas}, status=counts | more.pop("status", {}), **more)


def view_of(*things: KubeObject) -> ClusterView:
    return view.of(things)


def found(*things: KubeObject, now: datetime = NOON) -> list[Finding]:
    """Everything the detectors say about these objects together."""
    examination = detectors.examine_all(view_of(*things), now=now)
    assert not examination.failures
    return list(examination.findings)


def only(kind: str, *things: KubeObject, now: datetime = NOON) -> list[Finding]:
    """What one type says about them."""
    return [finding for finding in found(*things, now=now) if finding.type == kind]


def tuned(kind: str, *things: KubeObject, now: datetime = NOON, **limits: float) -> list[Finding]:
    """What one type says about them, risks too, where these thresholds of it are set for everything."""
    view = view_of(*things)
    settings = Settings(tunings={kind: {TuningScope(): Tuning(thresholds=tuple(sorted(limits.items())))}})
    asked = tuning.limits(settings, view, cluster_id="c1")
    examination = detectors.examine_all(view, now=now, include_risk=True, limits=asked)
    assert not examination.failures
    return [finding for finding in examination.findings if finding.type == kind]


def config(data: dict[str, str], name: str = "app", *, namespace: str = "shop") -> KubeObject:
    """A ConfigMap as the agent sends it: with masked values and the addresses in them."""
    raw = json.dumps({"metadata": {"name": name, "namespace": namespace, "uid": f"cm-{namespace}-{name}"}, "data": data}).encode()
    return objects.decode("ConfigMap", Redactor(b"0" * 16).redact(BY_ID["ConfigMap"], raw))
