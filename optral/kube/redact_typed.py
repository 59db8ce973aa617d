"""Tells at little cost that redaction would not change a typed object, which is true of almost every object of a cluster.

`Redactor.redact` answers for every byte of a manifest and takes 150 µs for a pod. A scan keeps only the typed part of it, so it first asks
`PlainCheck`: 20 µs for a pod, because what the pods of a workload share is checked once. The answer is one-sided: True means that `redact`
would leave the typed object as it is; in doubt it is False, and the caller redacts.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, cast

import msgspec

from optral.kube import redact_pod_fields as pod_fields
from optral.kube.objects import EndpointSlice, Event, KubeObject, Pod, ReplicaSet
from optral.kube.redact import MAX_ANNOTATION_CHARS, Redactor
from optral.kube.redact_values import MENTION, PATTERNS, WORDS, alternation, hides, scan

MAX_SHARED = 1024  # parts that pods share, about 2 KB each
CHECKED: tuple[type[KubeObject], ...] = (ReplicaSet, Event, EndpointSlice)
"""Kinds whose typed part has free text and labels only: no variables, arguments or other places that are masked whatever they hold."""
_FREE_VOLUMES = "|".join(name.decode() for name in pod_fields.FREE_VOLUMES)
_IN_DOUBT_OF_POD = alternation([*PATTERNS, WORDS, _FREE_VOLUMES])
_SECRETIVE = r"(?i:pass|api.?key|credential|private|auth|dsn|conn(?:ection)?.?str|access.?key|env|cabundle)"
_IN_DOUBT = alternation([*PATTERNS, WORDS, _SECRETIVE, r'"[{\[]'])
"""A superset of what the rules ask of text and of keys; the last part is JSON inside a text."""
_MAYBE_BASE64 = re.compile(rb'"([A-Za-z0-9+/_-]{16,}={0,2})"')
_hides = lru_cache(4096)(hides)
_encode = msgspec.json.encode


class PlainCheck:
    """The check for one redactor."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._shared: dict[bytes, bool] = {}

    def is_plain(self, thing: KubeObject) -> bool:
        """Whether redaction would leave this object as it is; False for kinds that are not checked."""
        if type(thing) is Pod:
            return self._is_plain_pod(thing)
        return type(thing) in CHECKED and _is_plain_text(thing)

    def _is_plain_pod(self, pod: Pod) -> bool:
        metadata, spec = pod.metadata, pod.spec
        shared = _encode((metadata.labels, metadata.annotations, msgspec.structs.replace(spec, node_name="", volumes=())))
        is_plain = self._shared.get(shared)
        if is_plain is None:
            if len(self._shared) >= MAX_SHARED:
                self._shared.clear()
            is_plain = self._shared[shared] = not scan(shared) and all(
                self._redactor.leaves(key, _encode(piece)) for key, piece in _walked(pod)
            )
        return is_plain and _is_plain_rest(pod)


def _walked(pod: Pod) -> Iterator[tuple[str, Any]]:
    """The pieces of a pod that the redactor reads key by key, of those that the typed pod has."""
    yield "annotations", pod.metadata.annotations
    yield "labels", pod.metadata.labels
    yield "nodeSelector", pod.spec.node_selector
    for container in (*pod.spec.containers, *pod.spec.init_containers):
        yield "livenessProbe", container.liveness_probe
        yield "readinessProbe", container.readiness_probe
        yield "startupProbe", container.startup_probe


def _is_plain_rest(pod: Pod) -> bool:
    """Of what each pod has of its own."""
    metadata, spec = pod.metadata, pod.spec
    own = (metadata.uid, metadata.name, metadata.namespace, metadata.resource_version, metadata.finalizers, metadata.owner_references)
    raw = _encode((own, spec.node_name, spec.volumes, pod.status))
    if _IN_DOUBT_OF_POD.search(raw) is None:
        return True
    if scan(raw) or MENTION.search(_encode(pod.status)) is not None:
        return False
    volumes = _encode(spec.volumes)
    return not any(name in volumes for name in pod_fields.FREE_VOLUMES)


def _is_plain_text(thing: KubeObject) -> bool:
    raw = _encode(thing)
    if _IN_DOUBT.search(raw) is not None or any(_hides(text.decode()) for text in _MAYBE_BASE64.findall(raw)):
        return False
    annotations = cast(tuple[str, ...], msgspec.structs.astuple(thing.metadata.annotations))
    return all(len(value) <= MAX_ANNOTATION_CHARS for value in annotations)
