"""Pods, ReplicaSets and Services as the watches hand them to the pod_index."""

import json
from datetime import UTC, datetime
from typing import Any

from optral.agent.watching.pod_index import PodIndex
from optral.kube.kinds import BY_ID
from optral.kubeapi.reflector import RawObject

NOW = 1_700_000_400
HASH = "7d9f8b6c5"


def seen(uid: str, namespace: str, name: str, tree: dict[str, Any]) -> RawObject:
    return RawObject(uid, namespace, name, "1", json.dumps(tree).encode())


def owner(kind: str, name: str, uid: str, api: str = "apps/v1") -> list[dict[str, Any]]:
    return [{"apiVersion": api, "kind": kind, "name": name, "uid": uid, "controller": True}]


def deployment(pod_index: PodIndex, name: str, *suffixes: str, namespace: str = "shop", **more: Any) -> None:
    """The ReplicaSet and the pods of a Deployment, whose uids end in the suffix."""
    tree = {"metadata": {"ownerReferences": owner("Deployment", name, f"{name}-uid")}}
    pod_index.upsert(BY_ID["ReplicaSet.apps"], seen(f"{name}-rs", namespace, f"{name}-{HASH}", tree))
    for suffix in suffixes:
        above = owner("ReplicaSet", f"{name}-{HASH}", f"{name}-rs")
        pod(pod_index, f"{name}-{HASH}-{suffix}", uid=f"uid-{name}-{suffix}", namespace=namespace, owner=above, app=name, **more)


def pod(
    pod_index: PodIndex,
    name: str,
    *,
    uid: str,
    owner: list[dict[str, Any]],
    namespace: str = "shop",
    app: str = "",
    age_s: int = 7200,
    node: str = "node-1",
    generated: bool = True,
) -> None:
    labels = {"pod-template-hash": HASH} | ({"app": app} if app else {})
    metadata = {"labels": labels, "ownerReferences": owner} | ({"generateName": name[:-5]} if generated else {})
    started = datetime.fromtimestamp(NOW - age_s, UTC).isoformat().replace("+00:00", "Z")
    tree = {"metadata": metadata, "spec": {"nodeName": node}, "status": {"startTime": started, "phase": "Running"}}
    pod_index.upsert(BY_ID["Pod"], seen(uid, namespace, name, tree))


def service(pod_index: PodIndex, name: str, selector: dict[str, str], namespace: str = "shop") -> None:
    pod_index.upsert(BY_ID["Service"], seen(f"{name}-svc", namespace, name, {"spec": {"selector": selector}}))
