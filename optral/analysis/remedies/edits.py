"""Edits: a change of one field of one object, as a remedy to copy. Where a runbook makes it, `cures.py` suggests the runbook as well.

The command tests the present value before it replaces it, so an object that has changed in the meantime is left as it is.
"""

import json
import shlex
from typing import Any, NamedTuple

from optral.analysis.reading.snapshot import SnapshotObject
from optral.kube.redact_values import MARKER
from optral.terms.refs import ObjectRef

MAX_VALUE = 200
Step = str | int


class Edit(NamedTuple):
    """`path` is a JSON pointer into the object, `before` what is there, `after` what should be."""

    ref: ObjectRef
    path: str
    before: Any
    after: Any


def edit(obj: SnapshotObject, steps: tuple[Step, ...], after: Any) -> Edit | None:
    """The edit of what the steps lead to; None where nothing short is there, where it is masked, or where it is right already."""
    before: Any = obj.raw
    for step in steps:
        try:
            before = before[step]
        except (KeyError, IndexError, TypeError):
            return None
    if before == after or not all(_is_plain(value) for value in (before, after)):
        return None
    return Edit(obj.ref, "".join(f"/{_escaped(step)}" for step in steps), before, after)


def command(change: Edit) -> str:
    """The edit as a command that a person can copy."""
    ref = change.ref
    patch = [{"op": "test", "path": change.path, "value": change.before}, {"op": "replace", "path": change.path, "value": change.after}]
    namespace = ["-n", ref.namespace] if ref.namespace else []
    words = ["kubectl", *namespace, "patch", ref.kind.lower(), ref.name, "--type=json", "-p", json.dumps(patch, separators=(",", ":"))]
    return shlex.join(words)


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | int) and len(str(value)) <= MAX_VALUE and MARKER.search(str(value)) is None


def _escaped(step: Step) -> str:
    return str(step).replace("~", "~0").replace("/", "~1")
