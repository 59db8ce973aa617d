"""The plan of an execution as edits of source files, and these as a patch that `git apply` takes."""

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

from optral.gitops.model import CannotEdit, Change, Edit, Target
from optral.kube import diff

MOMENTS = frozenset({"kubectl.kubernetes.io/restartedAt"})
"""Annotations that a restart writes: they have no place in a source."""


def changes(plan: Mapping[str, Any]) -> list[tuple[Target, Change]]:
    """What a plan changes, by object. `plan` is that of the API: `steps` with their `object`, `diff` with `step`, `path`, `from` and `to`.

    Raises `CannotEdit` when it changes nothing that a source could hold.
    """
    objects = {step["name"]: step["object"] for step in plan.get("steps") or () if step.get("isWrite", True)}
    found = []
    for one in plan.get("diff") or ():
        path = _steps(str(one["path"]))
        if path[-1] not in MOMENTS and one.get("step") in objects:
            found.append((_target(objects[one["step"]]), Change(path, one.get("from"), one.get("to"))))
    if not found:
        raise CannotEdit("The plan of this execution changes nothing that source files could hold")
    return found


def folder(plan: Mapping[str, Any]) -> str:
    """The folder that the manager of what a plan changes applies, where its `managers` agree on one; else empty, the whole repository."""
    found = {str(source["path"]) for manager in plan.get("managers") or () if (source := manager.get("source")) and source.get("path")}
    return found.pop() if len(found) == 1 else ""


def source(plan: Mapping[str, Any]) -> Mapping[str, Any]:
    """The files as the manager of what a plan changes says; empty where nobody says, or its `managers` differ."""
    found = [manager["source"] for manager in plan.get("managers") or () if manager.get("source")]
    return found[0] if found and all(one == found[0] for one in found) else {}


def unified(edits: Sequence[Edit]) -> str:
    """The edits as a patch."""
    return "".join(_unified(edit) for edit in edits)


def _unified(edit: Edit) -> str:
    before, after = (text.splitlines(keepends=True) for text in (edit.before, edit.after))
    lines = difflib.unified_diff(before, after, f"a/{edit.path}", f"b/{edit.path}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _steps(path: str) -> tuple[str, ...]:
    try:
        return diff.steps(path)
    except ValueError:
        raise CannotEdit(f"The path {path!r} of the plan cannot be read") from None


def _target(found: Mapping[str, Any]) -> Target:
    return Target(str(found["kind"]), str(found.get("namespace") or ""), str(found["name"]))
