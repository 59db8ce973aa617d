"""The columns that a list shows of an object beside its name, status and age: what `kubectl get` prints for its kind.

They are read from the stored object when a page of a list is shown, those about usage from the agent's report. A value that the object does
not have is left out, and a field of another shape than the API's counts as absent: one odd object never breaks the list it is in. Kinds
without columns are not read at all.
"""

from collections.abc import Mapping
from typing import Any

from optral.kube import lenient
from optral.kube.columns import cluster, network, storage, workloads
from optral.kube.columns.fields import Cell, Cells, Column, Read, condition
from optral.kube.kinds import is_custom, is_metadata_only

__all__ = ["Cell", "Cells", "Column", "cells", "of"]

MAX_BYTES = 1024 * 1024  # of an object that is read for a list; a page has a hundred of them
_CUSTOM = (
    Column("ready", "Ready", "The status of the condition Ready"),
    Column("reason", "Reason", "The reason of the condition Ready", wide=True),
)
_KINDS: Mapping[str, tuple[tuple[Column, ...], Read]] = {**workloads.KINDS, **cluster.KINDS, **network.KINDS, **storage.KINDS}


def of(kind: str) -> tuple[Column, ...]:
    """The columns of a `Kind.id`, in the order in which they are shown; none for kinds of which a list shows nothing more."""
    if (known := _KINDS.get(kind)) is not None:
        return known[0]
    return _CUSTOM if is_custom(kind) and not is_metadata_only(kind) else ()


def cells(kind: str, raw: bytes) -> Cells:
    """The values of `of(kind)` that the object has, by the names of columns. Never raises; empty for an object over 1 MiB."""
    if len(raw) > MAX_BYTES or not of(kind):
        return {}
    tree = lenient.read(raw)
    known = _KINDS.get(kind)
    found = known[1](tree) if known is not None else _custom(tree)
    return {name: value for name, value in found.items() if value is not None and value != ""}


def _custom(tree: Mapping[str, Any]) -> Mapping[str, Cell]:
    ready = condition(tree, "Ready")
    return {"ready": ready.status, "reason": ready.reason}
