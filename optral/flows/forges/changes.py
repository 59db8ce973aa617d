"""The plan of an execution as changes of the files of a repository, and whether the cluster has them."""

import threading
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from optral.forges.api import FileChange
from optral.gitops import edits, patch
from optral.gitops.archive import Archive
from optral.gitops.manifest import is_same
from optral.kube import diff

_UNPACKING = threading.Lock()
"""One archive at a time in a process: each may take what `archive.MAX_KEPT` says."""


class Edits(NamedTuple):
    """What one commit changes, as a patch too, and what the reviewer has to know."""

    files: Sequence[FileChange]
    patch: str
    notes: Sequence[str]


def of_plan(packed: bytes, folder: str, plan: Mapping[str, Any]) -> Edits:
    """The edits that make the planned changes. `packed` is an archive of the repository. Raises `CannotEdit`. Takes a while: for a thread.

    Each edit is proven to change these paths to these values and nothing else.
    """
    archive = Archive(packed)
    with _UNPACKING:
        made = edits.of_plan(archive, folder, plan)
    notes = tuple(dict.fromkeys(note for edit in made for note in edit.notes))
    files = [FileChange(edit.path, edit.before, edit.after, edit.path in archive.executables) for edit in made]
    return Edits(files, patch.unified(made), notes)


class Missing(NamedTuple):
    """A planned value that an object does not have yet."""

    object: str
    path: str
    now: Any


def missing(plan: Mapping[str, Any], manifests: Mapping[str, Mapping[str, Any]]) -> Missing | None:
    """The first planned change that the cluster does not show; None when it shows all. `manifests`: by the name of the step."""
    for change in plan.get("diff") or ():
        path, manifest = str(change["path"]), manifests.get(change["step"])
        if manifest is None or diff.steps(path)[-1] in patch.MOMENTS:
            continue
        if not is_same(now := diff.at(manifest, path), change.get("to")):
            return Missing(change["step"], path, now)
    return None
