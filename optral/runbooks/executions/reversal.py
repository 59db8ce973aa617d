"""The way back: the steps that restore what an execution changed, worked out from the values that it stored before each change.

Every step names the values that it has to find, which are those that the execution left: when the dry run finds others, the undo ends
before anything is changed (`plans.moved`). A change whose previous value is not known, or that has no opposite, cannot be undone.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from optral.kube import diff, images
from optral.runbooks.executions.effects import Progress
from optral.runbooks.language.definition import Action, Definition
from optral.runbooks.model import ExecutionStatus, Step, StepState
from optral.terms.errors import Refused
from optral.terms.refs import ObjectRef

_Way = tuple[str, dict[str, Any]] | str
"""A verb with its values, or why there is none."""
_AMOUNT = re.compile(r".+\[[^\]]+\]\.resources\.(limits|requests)\.(cpu|memory)")


def require_undoable(progress: Progress) -> None:
    """Raises `Refused("not_undoable")` unless the execution has ended and what it changed is known."""
    execution = progress.execution
    if execution.dry_run:
        raise _refused("a dry run changes nothing")
    if execution.undo_of is not None:
        raise _refused("this execution is an undo itself; run the runbook again instead")
    if not execution.status.is_final:
        raise _refused(f"the execution is {execution.status.value}; wait until it ends")
    if execution.by_pull_request:
        raise _refused("the change was made in the repository; revert the pull request there")
    if execution.status is ExecutionStatus.LOST or any(step.state is StepState.UNKNOWN for step in progress.steps):
        raise _refused("it is unknown what the execution changed; look at the object first")


def obstacle(progress: Progress) -> str | None:
    """Why the execution cannot be undone, as far as its own rows tell; None when it can."""
    try:
        require_undoable(progress)
        definition_of(progress)
    except Refused as refused:
        return refused.say
    return None


class UndoPlan(NamedTuple):
    """The steps of an undo, the steps that they take back, and those that cannot be taken back, with the reason."""

    actions: tuple[Action, ...]
    restored: Sequence[Step]
    obstacles: Sequence[tuple[Step, str]]


def way_back(steps: Sequence[Step]) -> UndoPlan:
    """What takes back the changes of these steps, the last one first.

    A field that several steps changed goes back once, to what it was before the first of them.
    """
    actions, restored, obstacles = [], [], []
    left = last_values(steps)
    for step in reversed([step for step in steps if step.is_write]):
        if step.state is StepState.FAILED and (step.result or {}).get("changed"):
            obstacles.append((step, "it was done in part"))
        elif _has_changed(step) and not _is_covered(step, steps, left):
            found = _OPPOSITES.get(step.verb, _none)(step)
            if isinstance(found, str):
                obstacles.append((step, found))
            else:
                actions.append(_action(step, left, *found))
                restored.append(step)
    return UndoPlan(tuple(actions), restored, obstacles)


def last_values(steps: Sequence[Step]) -> Mapping[ObjectRef, Mapping[str, Any]]:
    """What the steps left, by object and path."""
    left: dict[ObjectRef, dict[str, Any]] = {}
    for step in filter(_has_changed, steps):
        left.setdefault(step.object, {}).update(_after(step))
    return left


def _has_changed(step: Step) -> bool:
    return step.is_write and step.state is StepState.SUCCEEDED and bool(_after(step))


def _is_covered(step: Step, steps: Sequence[Step], left: Mapping[ObjectRef, Mapping[str, Any]]) -> bool:
    """Whether earlier steps changed the same fields before it, or all of them have again the values from before it."""
    earlier = [one for one in steps if one.position < step.position and one.object == step.object and _has_changed(one)]
    paths = _after(step).keys()
    if earlier and paths <= {path for one in earlier for path in _after(one)}:
        return True
    return all(path in (step.pre_image or {}) and left[step.object][path] == (step.pre_image or {})[path] for path in paths)


def definition_of(progress: Progress) -> Definition:
    """The definition of an undo: the changes of the execution in reverse order, under its rules for approval and verification.

    Raises `Refused("not_undoable")` that names the step and the reason.
    """
    way = way_back([step for step in progress.steps if step.state is StepState.SUCCEEDED])
    if way.obstacles:
        step, reason = way.obstacles[0]
        raise _refused(f"step {step.name!r} cannot be undone: {reason}")
    if not way.actions:
        has_changed = any(map(_has_changed, progress.steps))
        raise _refused("every field that it changed has its previous value again" if has_changed else "the execution changed nothing")
    return _as_undo(progress, way)


def automatic(progress: Progress) -> Definition:
    """The definition of the undo that a failed step with `onError: rollback` starts: what can be taken back, without another approval.

    Who approved the plan has approved that as well; what cannot be taken back is listed in `failure.rollback`.
    """
    return replace(_as_undo(progress, way_back(progress.steps)), approval="never")


def _as_undo(progress: Progress, way: UndoPlan) -> Definition:
    before = progress.execution.read_definition
    return replace(before, name=f"Undo: {before.name}"[:100], steps=way.actions, parameters=())


def moved(ref: ObjectRef, left: Mapping[str, Any], manifest: Mapping[str, Any]) -> str | None:
    """Which of the values that an execution left is no longer in the manifest of the object; None when all are."""
    for path, value in left.items():
        if (now := diff.at(manifest, path)) != value:
            return f"{ref} has changed since: {path} is {now!r} now, and the execution left {value!r}"
    return None


def _after(step: Step) -> Mapping[str, Any]:
    """The values that the step left, by path."""
    after = (step.result or {}).get("after")
    return after if isinstance(after, Mapping) else {}


def _action(step: Step, left: Mapping[ObjectRef, Mapping[str, Any]], verb: str, given: Mapping[str, Any]) -> Action:
    expects = {path: left[step.object][path] for path in _after(step) if not path.startswith("pods[")}  # the pods of a drain are gone
    return Action(name=f"Undo: {step.name}"[:100], verb=verb, values=given, expects=expects)


NO_WAY: Mapping[str, str] = {
    "restart": "a restart has no opposite",
    "deletePod": "a deleted pod cannot be restored",
    "evict": "an evicted pod cannot be restored",
    "rerunJob": "a Job that has run cannot be taken back",
    "renewCertificate": "a certificate that was issued again replaces the one before it",
}


def _none(step: Step) -> _Way:
    return NO_WAY.get(step.verb, f"there is no opposite of {step.verb}")


def _scale(step: Step) -> _Way:
    before = (step.pre_image or {}).get("spec.replicas")
    if not isinstance(before, int):
        return "its previous number of replicas is not known"
    return "scale", {**_object(step), "replicas": before}


def _resources(step: Step) -> _Way:
    amounts: dict[str, dict[str, str]] = {}
    for path in _after(step):
        found, before = _AMOUNT.fullmatch(path), (step.pre_image or {}).get(path)
        if found is None:
            return f"it changed {path}, which no step can restore"
        if not isinstance(before, str):
            return f"{path} had no value before, and no step can remove one"
        amounts.setdefault(found[1], {})[found[2]] = before
    return "setResources", {**_object(step), "container": step.values["container"], **amounts}


def _image(step: Step) -> _Way:
    before = next((value for path, value in (step.pre_image or {}).items() if path.endswith(".image")), None)
    if not isinstance(before, str):
        return "the image before it is not known"
    name, _, digest = before.partition("@")
    tag = name.removeprefix(images.repository(before)).removeprefix(":")
    if not (tag or digest):
        return f"the image before it ({before}) had neither tag nor digest"
    version = ({"tag": tag} if tag else {}) | ({"digest": digest} if digest else {})
    return "setImage", {**_object(step), "container": step.values["container"], **version}


_UNSET: Mapping[str, Any] = {"initialDelaySeconds": 0}
"""The value that a field has while it is not set. Source: Kubernetes API reference, Probe; all others have no value or are always set."""


def _patch(step: Step) -> _Way:
    kept = {name: value for name, value in step.values.items() if name not in ("value", "remove")}
    match step.values.get("field"):
        case "toleration" | "imagePullSecret":
            return "patch", {**step.values, "remove": not step.values.get("remove", False)}
        case "storage":
            return "a volume cannot become smaller"
        case field:
            return _field(step, str(field), kept)


def _field(step: Step, field: str, kept: dict[str, Any]) -> _Way:
    """A field of the table that has one value."""
    paths = list(_after(step))
    if len(paths) != 1 or paths[0] not in (step.pre_image or {}):
        return "its previous value is not known"
    before = (step.pre_image or {})[paths[0]]
    if before is None:
        before = _UNSET.get(field.rpartition(".")[2])
    if field == "protocol":  # a port is named with its protocol, which is the new one now
        kept |= {"key": f"{str(kept['key']).partition('/')[0]}/{step.values['value']}"}
    if isinstance(before, int | str):
        return "patch", {**kept, "value": before}
    return ("patch", {**kept, "remove": True}) if field == "selector" else f"{paths[0]} had no value before, and no step can remove one"


def _drain(step: Step) -> _Way:
    if "spec.unschedulable" not in _after(step):
        return "the node was cordoned before it was drained"
    return "uncordon", {"node": step.object_name}


def _rollback(step: Step) -> _Way:
    revision = (step.result or {}).get("revision")
    if not isinstance(revision, int) or revision < 1:
        return "the revision before it is not known"
    return "rollback", {**_object(step), "toRevision": revision}


def _object(step: Step) -> dict[str, Any]:
    return {"kind": step.kind, "namespace": step.namespace, "name": step.object_name}


_OPPOSITES: Mapping[str, Callable[[Step], _Way]] = {
    "scale": _scale,
    "setResources": _resources,
    "setImage": _image,
    "patch": _patch,
    "drain": _drain,
    "rollback": _rollback,
    "cordon": lambda step: ("uncordon", {"node": step.object_name}),
    "uncordon": lambda step: ("cordon", {"node": step.object_name}),
}


def _refused(why: str) -> Refused:
    return Refused("not_undoable", say=f"the execution cannot be undone: {why}" if not why.startswith("step") else why)
