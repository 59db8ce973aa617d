"""What two objects differ in, or two revisions of one: each path with the value on both sides.

What an object cannot share with another (`metadata.uid`, what the API server assigns) is left out and named. Earlier revisions are not
stored: they follow from the object as it is, by undoing the changes in its history. A history keeps long values cut and long changes in
part, so an earlier revision may be incomplete; then that is said.
"""

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from optral.kube import diff, revisions
from optral.kube.diff import ABSENT, Difference
from optral.resources import intent

MAX_DIFFERENCES = 1000
Tree = dict[str, Any]

_OWN = (
    "metadata.uid",
    "metadata.resourceVersion",
    "metadata.generation",
    "metadata.creationTimestamp",
    "metadata.managedFields",
    "metadata.selfLink",
    "metadata.ownerReferences",
    f"metadata.annotations[{revisions.ANNOTATION}]",
)
_ASSIGNED: Mapping[str, tuple[str, ...]] = {
    "Service": ("spec.clusterIP", "spec.clusterIPs", "spec.healthCheckNodePort"),
    "Pod": ("spec.nodeName", "metadata.generateName"),
    "PersistentVolumeClaim": ("spec.volumeName",),
    "PersistentVolume": ("spec.claimRef",),
    "Node": ("spec.podCIDR", "spec.podCIDRs", "spec.providerID"),
    "Job": ("spec.selector", "metadata.labels[batch.kubernetes.io/controller-uid]", "metadata.labels[controller-uid]"),
}
"""By kind: what the API server or a controller assigns to one object."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """`differences`: at most `MAX_DIFFERENCES`; `is_cut`: there are more. `ignored`: dotted paths that one of the objects has.

    `is_incomplete`: the history does not hold all of a revision.
    """

    differences: Sequence[Difference]
    is_cut: bool
    ignored: Sequence[str] = ()
    is_incomplete: bool = False


def of_objects(kind: str, before: Tree, after: Tree, *, with_status: bool) -> Comparison:
    """Of two objects of this `Kind.id`, or of two kinds."""
    ignored = (*_OWN, *_ASSIGNED.get(kind.partition(".")[0], ()), *(() if with_status else ("status",)))
    paths = [diff.steps(path) for path in ignored]
    has = [path for path, steps in zip(ignored, paths, strict=True) if _has(before, steps) or _has(after, steps)]
    found = diff.walk(_without(before, paths), _without(after, paths), limit=MAX_DIFFERENCES + 1)
    return Comparison(differences=found[:MAX_DIFFERENCES], is_cut=len(found) > MAX_DIFFERENCES, ignored=has)


def of_revisions(before: Tree, after: Tree, *, is_incomplete: bool) -> Comparison:
    """Of two revisions of one object, as `at_revision` gives them."""
    found = diff.walk(before, after, limit=MAX_DIFFERENCES + 1, has_order=True)
    return Comparison(differences=found[:MAX_DIFFERENCES], is_cut=len(found) > MAX_DIFFERENCES, is_incomplete=is_incomplete)


def at_revision(kind: str, raw: bytes, later: Iterable[Sequence[Mapping[str, Any]]]) -> tuple[Tree, bool]:
    """What is wanted of an object before the `later` changes, the newest first; False when a change does not fit what it changed."""
    tree = copy.deepcopy(intent.wanted(kind, raw))
    fits = True
    for changes in later:
        for change in reversed(changes):
            fits = _undo(tree, change) and fits
    return tree, fits


def _undo(tree: Tree, change: Mapping[str, Any]) -> bool:
    """Put back what stood at a path; False where the path leads nowhere."""
    *parents, last = (step.replace("~1", "/").replace("~0", "~") for step in str(change["path"]).split("/")[1:])
    node = diff.value_at(tree, parents)
    value = copy.deepcopy(change["from"]) if "from" in change else ABSENT
    if isinstance(node, dict):
        _put(node, last, value)
        return True
    if isinstance(node, list):
        return _put_named(node, last, value)
    return False


def _put(node: Tree, key: str, value: Any) -> None:
    if value is ABSENT:
        node.pop(key, None)
    elif _is_order(node.get(key), value):
        node[key].sort(key=lambda one: value.index(one["name"]))
    else:
        node[key] = value


def _is_order(things: Any, names: Any) -> bool:
    """Whether the change was of the order of named things alone."""
    if not (isinstance(things, list) and isinstance(names, list) and things):
        return False
    own = [obj.get("name") for obj in things if isinstance(obj, dict)]
    return len(own) == len(names) and all(isinstance(name, str) for name in names) and set(own) == set(names)


def _put_named(things: list[Any], name: str, value: Any) -> bool:
    at = next((number for number, one in enumerate(things) if isinstance(one, dict) and one.get("name") == name), None)
    if value is ABSENT:
        if at is not None:
            del things[at]
        return at is not None
    if not isinstance(value, dict):  # a thing that was too long to be kept
        return False
    if at is None:
        things.append(value)
    else:
        things[at] = value
    return True


def _has(tree: Tree, path: Sequence[str]) -> bool:
    return diff.value_at(tree, path) is not ABSENT


def _without(tree: Any, paths: Sequence[Sequence[str]]) -> Any:
    """The tree without what stands at these paths; the one given is not changed."""
    if not isinstance(tree, dict) or not paths:
        return tree
    gone = {path[0] for path in paths if len(path) == 1}
    return {
        key: _without(value, [path[1:] for path in paths if len(path) > 1 and path[0] == key])
        for key, value in tree.items()
        if key not in gone
    }
