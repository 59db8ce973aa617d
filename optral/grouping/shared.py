"""Causes that are no object with an ailment of its own: a full cluster, a registry, a refused kind of pod, an object that is missing.

Ailments share one when the same mechanism names the same thing. Then the first of them speaks for all.
"""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from optral.grouping.model import Ailment
from optral.grouping.scene import Scene
from optral.kube.objects import Node
from optral.kube.view import ClusterView

REGISTRY_OWNERS = 3
DOCKER_HUB = "docker.io"
_ROOM = frozenset({"insufficient", "tooManyPods", "taint", "cordoned", "nodeGone"})
"""Blockers that are about the cluster; a pod with a wish of its own (a selector, a volume's zone, a port) is blocked by that wish."""
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'|\d+")
_REFUSED_HERE = frozenset({"quotaExceeded", "limitsRequired", "limitRange", "serviceAccountMissing", "podSecurity", "namespaceTerminating"})
_REFUSED_ANYWHERE = frozenset({"webhookFailed", "priorityClassMissing"})
_REGISTRY_AWAY = frozenset({"hostUnknown", "unreachable", "tls", "rateLimited"})


class Bond(NamedTuple):
    """What several ailments have in common: the kind of bond, and the thing itself."""

    kind: str
    what: tuple[str, ...]

    @property
    def relation(self) -> str:
        """How the others hang together with the first, in words."""
        return _RELATIONS[self.kind]


_RELATIONS = {
    "room": "needs the same room as",
    "refusal": "is refused like",
    "registry": "pulls from the same registry as",
    "image": "pulls the same image as",
    "class": "waits for the same kind of volume as",
    "reference": "needs the same missing object as",
    "nodes": "is down with",
}


def bond(scene: Scene, ailment: Ailment) -> Bond | None:
    """What this ailment may share with others; None for types that never do."""
    rule = _OF_TYPE.get(ailment.type)
    return None if rule is None else rule(scene, ailment)


def is_enough(bond: Bond, group: Sequence[Ailment], view: ClusterView) -> bool:
    """Whether so many share it that it is one cause: two, three owners for a registry, half of the nodes for the cluster."""
    if bond.kind == "registry":
        return len({one.subject[:3] for one in group}) >= REGISTRY_OWNERS
    if bond.kind == "nodes":
        return len(group) >= 2 and 2 * len(group) >= view.count(Node.kind)
    return len(group) >= 2


def _room(scene: Scene, ailment: Ailment) -> Bond | None:
    blockers = [str(one) for one in ailment.facts.get("blockers") or ()]
    resources = [one.partition(":")[2] for one in blockers if one.startswith("insufficient:")]
    if (not resources and "tooManyPods" not in blockers) or any(one.partition(":")[0] not in _ROOM for one in blockers):
        return None
    for shown in ailment.shown:
        pod = scene.pod(shown.ref)
        if pod is not None and any(scene.is_too_big(pod, resource) for resource in resources):
            return None
    return Bond("room", (str(ailment.facts.get("scheduler") or ""), *sorted(set(blockers))))


def _refusal(scene: Scene, ailment: Ailment) -> Bond | None:
    cause, named = str(ailment.facts.get("cause")), str(ailment.facts.get("named") or "")
    if cause in _REFUSED_HERE:
        return Bond("refusal", (cause, ailment.subject.namespace or "", named))
    if cause in _REFUSED_ANYWHERE:
        return Bond("refusal", (cause, named))
    if cause == "webhookDenied":
        why = str(ailment.facts.get("message") or "").partition("denied the request")[2].replace(ailment.subject.name, "")
        return Bond("refusal", (cause, named, _QUOTED.sub("", why)))
    return None


def _pull(scene: Scene, ailment: Ailment) -> Bond | None:
    image, cause = str(ailment.facts.get("image") or ""), ailment.facts.get("cause")
    if not image:
        return None
    if cause in _REGISTRY_AWAY:
        return Bond("registry", (host_of(image), str(cause)))
    if cause == "denied" and host_of(image) != DOCKER_HUB:  # whose answer to a misspelt image is "denied" too
        return Bond("registry", (host_of(image), str(cause), ailment.subject.namespace or ""))
    return Bond("image", (image,)) if cause in ("notFound", "platform", "invalidName") else None


def host_of(image: str) -> str:
    """The registry an image comes from; a first part without a dot, a colon or the word localhost is no host but a repository."""
    first, slash, _ = image.partition("/")
    return first.lower() if slash and ("." in first or ":" in first or first == "localhost") else DOCKER_HUB


def _class(scene: Scene, ailment: Ailment) -> Bond | None:
    name = ailment.facts.get("storageClass")
    if not name:
        return None
    if ailment.facts.get("storageClassExists") is False:
        return Bond("class", (str(name),))
    if ailment.facts.get("reason") == "ProvisioningFailed":
        why = str(ailment.facts.get("message") or "").replace(str(ailment.facts.get("claim") or ""), "").replace(ailment.subject.name, "")
        return Bond("class", (str(name), _QUOTED.sub("", why)))
    return None


def _reference(scene: Scene, ailment: Ailment) -> Bond | None:
    kind, name = ailment.facts.get("missingKind"), ailment.facts.get("missingName")
    if not kind or not name:
        return None
    return Bond("reference", (ailment.subject.namespace or "", str(kind), str(name), str(ailment.facts.get("missingKey") or "")))


def _named(scene: Scene, ailment: Ailment) -> Bond | None:
    kind, name = ailment.facts.get("kind"), ailment.facts.get("name")
    if not kind or not name:
        return None
    return Bond("reference", (ailment.subject.namespace or "", str(kind), str(name), str(ailment.facts.get("key") or "")))


def _nodes(scene: Scene, ailment: Ailment) -> Bond | None:
    return Bond("nodes", (str(ailment.facts.get("status")), str(ailment.facts.get("reason"))))


_OF_TYPE: dict[str, Callable[[Scene, Ailment], Bond | None]] = {
    "FailedScheduling": _room,
    "FailedCreate": _refusal,
    "ImagePullBackOff": _pull,
    "PersistentVolumeClaimPending": _class,
    "CreateContainerConfigError": _reference,
    "FailedMount": _reference,
    "MissingReference": _named,
    "ServiceAccountMissing": _named,
    "NodeNotReady": _nodes,
}
