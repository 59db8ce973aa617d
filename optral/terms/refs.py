"""A reference to a Kubernetes object, as people write it: kind, namespace, name."""

from typing import NamedTuple


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
