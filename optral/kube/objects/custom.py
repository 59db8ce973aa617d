"""Custom resources: objects of any kind that an add-on defines. Of their JSON the view keeps the metadata and the health,
and of those that are not healthy what they refer to.

Each kind gets a class of its own, made when its first object is decoded, since `kind` belongs to the class.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, cast

import msgspec

from optral.kube import health, lenient, references
from optral.kube.health import Health, State
from optral.kube.objects.base import KubeObject, Metadata
from optral.kube.references import Reference

MAX_CLASSES = 4096  # of kinds; a kind that is forgotten gets a new class


class CustomResource(KubeObject, frozen=True):
    """A resource of an add-on. `health` is what the resource reports about itself (`kube/health`), `refs` what it refers to while it is
    degraded or progressing (`kube/references`)."""

    health: Health = health.UNKNOWN
    refs: tuple[Reference, ...] = ()


@lru_cache(MAX_CLASSES)
def class_of(kind: str) -> type[CustomResource]:
    """The class of the objects of a `Kind.id`."""
    made = msgspec.defstruct("CustomResource", [], bases=(CustomResource,), namespace={"kind": kind}, frozen=True, gc=False)
    return cast(type[CustomResource], made)


def convert(kind: str, tree: Mapping[str, Any]) -> CustomResource:
    """The object with its health; never raises. Metadata of a wrong shape keeps its defaults."""
    found = health.assess(kind, tree)
    refs = tuple(references.of(kind, tree)) if found.state in (State.DEGRADED, State.PROGRESSING) else ()
    return class_of(kind)(metadata=_metadata(tree.get("metadata")), health=found, refs=refs)


def with_spec(cls: type[CustomResource], tree: Mapping[str, Any]) -> CustomResource:
    """As `convert`, of a kind whose class reads more than health. Fields of a wrong shape keep their defaults."""
    read = {name: tree[name] for name in ("metadata", "spec") if name in tree}
    try:
        made = msgspec.convert(read, cls)
    except (msgspec.MsgspecError, RecursionError):
        made = lenient.from_tree(cls, read)
    return msgspec.structs.replace(made, health=health.assess(cls.kind, tree))


def _metadata(tree: Any) -> Metadata:
    if not isinstance(tree, Mapping):
        return Metadata()
    try:
        return msgspec.convert(tree, Metadata)
    except (msgspec.MsgspecError, RecursionError):
        return lenient.from_tree(Metadata, tree)
