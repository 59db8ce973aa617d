"""A reference to a Kubernetes object, as people write it: kind, namespace, name."""

import re
from typing import NamedTuple

_NAMESPACE = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", re.ASCII)


def why_no_namespace(name: str) -> str | None:
    """Why no namespace can have this name, in words; None if one can. Source: Kubernetes documentation, "Object Names and IDs"."""
    return None if _NAMESPACE.fullmatch(name) else f"not the name of a namespace: {name[:70]!r}; patterns are not supported"


class ObjectRef(NamedTuple):
    """Names an object. `kind` is the group kind (`Pod`, `Deployment.apps`); `namespace` is None for cluster-scoped objects.

    `uid` is empty where only the name is known (an owner seen through its child, a missing object).
    """

    kind: str
    namespace: str | None
    name: str
    uid: str = ""

    @property
    def short_kind(self) -> str:
        """The kind without its group: `Deployment`."""
        return self.kind.partition(".")[0]

    def __str__(self) -> str:
        return f"{self.short_kind}/{self.name}" if self.namespace is None else f"{self.short_kind}/{self.namespace}/{self.name}"
