"""Tells at little cost that redaction would not change a typed object, which is true of almost every object of a cluster.

`Redactor.redact` answers for every byte of a manifest and takes 150 µs for a pod. A scan keeps only the typed part of it, so it first asks
`PlainCheck`: 10 µs for a pod, because what the pods of a workload share is checked once, and the rest of many pods in one go. The answer is
one-sided: True means that `redact` would leave the typed object as it is; in doubt it is False, and the caller redacts.
"""

from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import Any

import msgspec

from optral.kube import redact_pod_fields as pod_fields
from optral.kube.objects import EndpointSlice, Event, KubeObject, Pod, PodSpec, ReplicaSet
from optral.kube.redact import Redactor
from optral.kube.redact_text import is_plain_text
from optral.kube.redact_values import MENTION, PATTERNS, WORDS, alternation, scan

MAX_SHARED = 1024  # parts that pods share, about 2 KB each
CHECKED: tuple[type[KubeObject], ...] = (ReplicaSet, Event, EndpointSlice)
"""Kinds whose typed part has free text and labels only: no variables, arguments or other places that are masked whatever they hold."""
_FREE_VOLUMES = "|".join(name.decode() for name in pod_fields.FREE_VOLUMES)
_IN_DOUBT_OF_POD = alternation([*PATTERNS, WORDS, _FREE_VOLUMES])
_OWN_FIELDS = frozenset({"node_name", "volumes"})  # of a spec: each pod has its own
_shared_spec = attrgetter(*(name for name in PodSpec.__struct_fields__ if name not in _OWN_FIELDS))
_encode = msgspec.json.encode


class PlainCheck:
    """The check for one redactor."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._plain: dict[str, tuple[Any, ...]] = {}  # by the uid of the owner: what its pods share

    def is_plain(self, obj: KubeObject) -> bool:
        """Whether redaction would leave this object as it is; False for kinds that are not checked."""
        if type(obj) is Pod:
            return self._has_plain_template(obj) and _is_plain_rest(obj)
        return type(obj) in CHECKED and is_plain_text(_encode(obj), obj.metadata)

    def are_plain(self, pods: Sequence[Pod]) -> bool:
        """Whether redaction would leave every one of these pods as it is."""
        return all(map(self._has_plain_template, pods)) and _IN_DOUBT_OF_POD.search(_encode([_rest(pod) for pod in pods])) is None

    def _has_plain_template(self, pod: Pod) -> bool:
        """Of what a pod has in common with others of its owner."""
        metadata = pod.metadata
        owner = metadata.owner_references[0].uid if metadata.owner_references else ""
        shared = (metadata.labels, metadata.annotations, *_shared_spec(pod.spec))
        if self._plain.get(owner) == shared:
            return True
        if scan(_encode(shared)) or not all(self._redactor.leaves(key, _encode(piece)) for key, piece in _walked(pod)):
            return False
        if len(self._plain) >= MAX_SHARED:
            self._plain.clear()
        self._plain[owner] = shared
        return True


def _walked(pod: Pod) -> Iterator[tuple[str, Any]]:
    """The pieces of a pod that the redactor reads key by key, of those that the typed pod has."""
    yield "annotations", pod.metadata.annotations
    yield "labels", pod.metadata.labels
    yield "nodeSelector", pod.spec.node_selector
    for container in (*pod.spec.containers, *pod.spec.init_containers):
        yield "livenessProbe", container.liveness_probe
        yield "readinessProbe", container.readiness_probe
        yield "startupProbe", container.startup_probe


def _rest(pod: Pod) -> tuple[Any, ...]:
    """What each pod has of its own."""
    metadata = pod.metadata
    return (
        metadata.uid,
        metadata.name,
        metadata.namespace,
        metadata.resource_version,
        metadata.finalizers,
        metadata.owner_references,
        pod.spec.node_name,
        pod.spec.volumes,
        pod.status,
    )


def _is_plain_rest(pod: Pod) -> bool:
    raw = _encode(_rest(pod))
    if _IN_DOUBT_OF_POD.search(raw) is None:
        return True
    if scan(raw) or MENTION.search(_encode(pod.status)) is not None:
        return False
    volumes = _encode(pod.spec.volumes)
    return not any(name in volumes for name in pod_fields.FREE_VOLUMES)
