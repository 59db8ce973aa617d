"""Revisions as manifests show them: the number of a ReplicaSet, the revision of a pod, and a template without what controllers add.

For code that reads manifests, such as the agent. The order of revisions and the state of a rollout are in `rollouts.py`.
"""

from collections.abc import Mapping
from typing import Any

ANNOTATION = "deployment.kubernetes.io/revision"  # of Deployments and their ReplicaSets
TEMPLATE_HASH = "pod-template-hash"  # the label that the Deployment controller adds to the template
REVISION_HASH = "controller-revision-hash"  # of pods of StatefulSets and DaemonSets
_LABELS = (TEMPLATE_HASH, REVISION_HASH)


def number(text: object) -> int:
    """The revision in the annotation of a Deployment or ReplicaSet, from 1; 0 for none and for what is no number."""
    return int(text) if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) < 19 else 0


def of_pod(labels: Mapping[str, str]) -> str:
    """The hash of the revision that a pod belongs to, as its controller labels it; "" for a pod without one."""
    return next((labels[label] for label in _LABELS if labels.get(label)), "")


def template_of(template: Mapping[str, Any]) -> dict[str, Any]:
    """A pod template as its author wrote it: without the hash and the time that a controller adds."""
    metadata = dict(template.get("metadata") or {})
    if isinstance(labels := metadata.get("labels"), Mapping):
        metadata["labels"] = {key: value for key, value in labels.items() if key != TEMPLATE_HASH}
    metadata.pop("creationTimestamp", None)
    return {**template, "metadata": metadata}
