"""Kubernetes objects of tests: plain dictionaries, and the changes in which an agent reports them.

Tests that describe whole clusters have words of their own for it: `tests/detectors/build.py` and `tests/analysis/cluster.py`.
"""

import json
from typing import Any

from optral.kube.changes import ObjectChange, Op

Json = dict[str, Any]


def reference(kind: str, name: str, uid: str = "") -> Json:
    """A reference to the controller of an object; `kind` is an id such as `ReplicaSet.apps`."""
    short, _, group = kind.partition(".")
    version = f"{group}/v1" if group else "v1"
    return {"apiVersion": version, "kind": short, "name": name, "uid": uid or f"uid-{kind}-{name}", "controller": True}


def change(
    kind: str, name: str, /, *, rv: str = "1", namespace: str = "shop", uid: str = "", owner: Json | None = None, **body: Any
) -> ObjectChange:
    """A new version of an object; the `metadata` of its body is merged into what every object has."""
    uid = uid or f"uid-{kind}-{name}"
    metadata: Json = {"name": name, "uid": uid, "resourceVersion": rv}
    if namespace:
        metadata["namespace"] = namespace
    if owner is not None:
        metadata["ownerReferences"] = [owner]
    metadata |= body.pop("metadata", {})
    return ObjectChange(Op.UPSERT, kind, uid, namespace, name, rv, json.dumps({"metadata": metadata, **body}).encode())


def gone(was: ObjectChange) -> ObjectChange:
    return was._replace(op=Op.DELETE, raw=b"")
