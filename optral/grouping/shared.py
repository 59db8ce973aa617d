"""Causes without a failure of their own: a full cluster, a registry, a rejected kind of pod, a missing object.

Failures share such a cause when the same mechanism names the same thing. Then the first of them is the root of the others.
"""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from optral.grouping.failure_index import FailureIndex
from optral.grouping.model import Failure
from optral.kube.objects import Node
from optral.kube.reports.scheduler import Blocker
from optral.kube.view import ClusterView

REGISTRY_OWNERS = 3
DOCKER_HUB = "docker.io"
_CLUSTER_BLOCKERS = frozenset({Blocker.INSUFFICIENT, Blocker.TOO_MANY_PODS, Blocker.TAINT, Blocker.CORDONED, Blocker.NODE_GONE})
"""Blockers that concern the whole cluster. A selector, the zone of a volume or a host port is a constraint of the pod itself."""
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'|\d+")
_REFUSED_HERE = frozenset({"quotaExceeded", "limitsRequired", "limitRange", "serviceAccountMissing", "podSecurity", "namespaceTerminating"})
_REFUSED_ANYWHERE = frozenset({"webhookFailed", "priorityClassMissing"})
_REGISTRY_AWAY = frozenset({"hostUnknown", "unreachable", "tls", "rateLimited"})


class SharedCause(NamedTuple):
    """What several failures have in common: the kind of cause, and what it is about."""

    kind: str
    what: tuple[str, ...]

    @property
    def relation(self) -> str:
        """How the others are related to the first, in words."""
        return _RELATIONS[self.kind]


_RELATIONS = {
    "capacity": "lacks the same resources as",
    "rejection": "is rejected like",
    "registry": "pulls from the same registry as",
    "image": "pulls the same image as",
    "class": "waits for the same StorageClass as",
    "reference": "needs the same missing object as",
    "nodes": "is down like",
}


def find(index: FailureIndex, failure: Failure) -> SharedCause | None:
    """The cause that this failure may share with others; None for types that share none."""
    rule = _OF_TYPE.get(failure.type)
    return None if rule is None else rule(index, failure)


def is_enough(cause: SharedCause, group: Sequence[Failure], view: ClusterView) -> bool:
    """Whether enough failures share it: two, three workloads for a registry, half of the nodes for nodes."""
    if cause.kind == "registry":
        return len({failure.subject[:3] for failure in group}) >= REGISTRY_OWNERS
    if cause.kind == "nodes":
        return len(group) >= 2 and 2 * len(group) >= view.count(Node.kind)
    return len(group) >= 2


def _capacity(index: FailureIndex, failure: Failure) -> SharedCause | None:
    blockers = [str(blocker) for blocker in failure.facts.get("blockers") or ()]
    resources = [blocker.partition(":")[2] for blocker in blockers if blocker.startswith("insufficient:")]
    if (not resources and "tooManyPods" not in blockers) or any(blocker.partition(":")[0] not in _CLUSTER_BLOCKERS for blocker in blockers):
        return None
    for affected in failure.objects:
        pod = index.pod(affected.ref)
        if pod is not None and any(index.exceeds_every_node(pod, resource) for resource in resources):
            return None
    return SharedCause("capacity", (str(failure.facts.get("scheduler") or ""), *sorted(set(blockers))))


def _rejection(index: FailureIndex, failure: Failure) -> SharedCause | None:
    cause, named = str(failure.facts.get("cause")), str(failure.facts.get("named") or "")
    if cause in _REFUSED_HERE:
        return SharedCause("rejection", (cause, failure.subject.namespace or "", named))
    if cause in _REFUSED_ANYWHERE:
        return SharedCause("rejection", (cause, named))
    if cause == "webhookDenied":
        why = str(failure.facts.get("message") or "").partition("denied the request")[2].replace(failure.subject.name, "")
        return SharedCause("rejection", (cause, named, _QUOTED.sub("", why)))
    return None


def _pull(index: FailureIndex, failure: Failure) -> SharedCause | None:
    image, cause = str(failure.facts.get("image") or ""), failure.facts.get("cause")
    if not image:
        return None
    if cause in _REGISTRY_AWAY:
        return SharedCause("registry", (host_of(image), str(cause)))
    if cause == "denied" and host_of(image) != DOCKER_HUB:  # Docker Hub also answers "denied" for an image that does not exist
        return SharedCause("registry", (host_of(image), str(cause), failure.subject.namespace or ""))
    return SharedCause("image", (image,)) if cause in ("notFound", "platform", "invalidName") else None


def host_of(image: str) -> str:
    """The registry of an image. A first part without a dot or colon that is not localhost belongs to the repository."""
    first, slash, _ = image.partition("/")
    return first.lower() if slash and ("." in first or ":" in first or first == "localhost") else DOCKER_HUB


def _class(index: FailureIndex, failure: Failure) -> SharedCause | None:
    name = failure.facts.get("storageClass")
    if not name:
        return None
    if failure.facts.get("storageClassExists") is False:
        return SharedCause("class", (str(name),))
    if failure.facts.get("reason") == "ProvisioningFailed":
        why = str(failure.facts.get("message") or "").replace(str(failure.facts.get("claim") or ""), "").replace(failure.subject.name, "")
        return SharedCause("class", (str(name), _QUOTED.sub("", why)))
    return None


def _reference(index: FailureIndex, failure: Failure) -> SharedCause | None:
    kind, name = failure.facts.get("missingKind"), failure.facts.get("missingName")
    if not kind or not name:
        return None
    return SharedCause("reference", (failure.subject.namespace or "", str(kind), str(name), str(failure.facts.get("missingKey") or "")))


def _named(index: FailureIndex, failure: Failure) -> SharedCause | None:
    kind, name = failure.facts.get("kind"), failure.facts.get("name")
    if not kind or not name:
        return None
    return SharedCause("reference", (failure.subject.namespace or "", str(kind), str(name), str(failure.facts.get("key") or "")))


def _nodes(index: FailureIndex, failure: Failure) -> SharedCause | None:
    return SharedCause("nodes", (str(failure.facts.get("status")), str(failure.facts.get("reason"))))


_OF_TYPE: dict[str, Callable[[FailureIndex, Failure], SharedCause | None]] = {
    "FailedScheduling": _capacity,
    "FailedCreate": _rejection,
    "ImagePullBackOff": _pull,
    "PersistentVolumeClaimPending": _class,
    "CreateContainerConfigError": _reference,
    "FailedMount": _reference,
    "MissingReference": _named,
    "ServiceAccountMissing": _named,
    "NodeNotReady": _nodes,
}
