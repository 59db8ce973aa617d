"""Which containers a pod has, and which of them is meant when none is named."""

from collections.abc import Mapping
from typing import Any

DEFAULT = "kubectl.kubernetes.io/default-container"
"""The annotation that names the container which `kubectl logs` shows."""
_FIELDS = ("containers", "initContainers", "ephemeralContainers")


def names(pod: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of its containers, then of its init and ephemeral containers."""
    spec = pod.get("spec")
    lists = [spec.get(field) for field in _FIELDS] if isinstance(spec, Mapping) else []
    return tuple(str(one.get("name")) for some in lists if isinstance(some, list) for one in some if isinstance(one, Mapping))


def default(pod: Mapping[str, Any]) -> str | None:
    """The container that an annotation of the pod names, or the first one; None for a pod without containers."""
    found = names(pod)
    metadata = pod.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, Mapping) else None
    named = annotations.get(DEFAULT) if isinstance(annotations, Mapping) else None
    return str(named) if named in found else next(iter(found), None)
