"""What a health rule answers, and how it reads the JSON of an object whose shape nobody guarantees."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from optral.kube.times import moment

Tree = Mapping[str, Any]
MAX_REASON = 128
MAX_MESSAGE = 512
MAX_CONDITIONS = 100


class State(StrEnum):
    """How an object is. Only `DEGRADED` is a failure; `PROGRESSING` can become one when it lasts."""

    HEALTHY = "healthy"
    PROGRESSING = "progressing"
    DEGRADED = "degraded"
    SUSPENDED = "suspended"
    UNKNOWN = "unknown"


class Health(NamedTuple):
    """The state of one object and the field that shows it.

    `shown_by` is the type of a condition or the path of a field; `reason` and `message` are its texts, bounded. `since` is in the time of
    the cluster, None where the object does not show it. `must_end`: a progressing object that has no reason to progress for long, because
    it serves something and says that it does not yet; work that runs to completion has none of that.
    """

    state: State
    shown_by: str = ""
    reason: str = ""
    message: str = ""
    since: datetime | None = None
    must_end: bool = False


NOT_OBSERVED = "NotObserved"
"""The reason of a health whose status is about an older generation."""
HEALTHY = Health(State.HEALTHY)
UNKNOWN = Health(State.UNKNOWN)


class Reported(NamedTuple):
    """One condition of an object. `status` is "True", "False" or "Unknown"; `observed` is the generation it was reported for.

    `severity` is a convention of Cluster API and some cloud controllers: "Error", "Warning" or "Info" of a condition that is not True.
    """

    type: str
    status: str
    reason: str
    message: str
    since: datetime | None
    observed: int | None
    severity: str = ""

    def health(self, state: State, *, must_end: bool = False) -> Health:
        """This condition as the field that shows the state."""
        return Health(state, self.type[:MAX_REASON], self.reason[:MAX_REASON], self.message[:MAX_MESSAGE], self.since, must_end)


def part(tree: Any, *path: str) -> Any:
    """The value at a path of keys; None where anything on the way is no object or lacks the key."""
    for key in path:
        if not isinstance(tree, Mapping):
            return None
        tree = tree.get(key)
    return tree


def text(tree: Any, *path: str) -> str:
    """The text at a path; empty for a missing value or one of another type."""
    value = part(tree, *path)
    return value if isinstance(value, str) else ""


def number(tree: Any, *path: str) -> int | None:
    """The whole number at a path; None for a missing value or one of another type."""
    value = part(tree, *path)
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 19:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def items(tree: Any, *path: str) -> list[Any]:
    """The first `MAX_CONDITIONS` items of a list at a path; empty for anything else."""
    value = part(tree, *path)
    return value[:MAX_CONDITIONS] if isinstance(value, list) else []


def conditions(tree: Any, *path: str) -> list[Reported]:
    """The conditions in a list at a path, `status.conditions` without one; what has no type or status is left out."""
    return list(_conditions(items(tree, *(path or ("status", "conditions")))))


def find(reported: list[Reported], *types: str) -> Reported | None:
    """The first condition of the first of these types that the object has."""
    for wanted in types:
        for candidate in reported:
            if candidate.type == wanted:
                return candidate
    return None


def generation(tree: Tree) -> int:
    """`metadata.generation`; 0 without one."""
    return number(tree, "metadata", "generation") or 0


def _conditions(values: list[Any]) -> Iterator[Reported]:
    for value in values:
        kind, status = text(value, "type"), part(value, "status")
        status = {True: "True", False: "False"}.get(status, "") if isinstance(status, bool) else text(value, "status")
        if not status and kind.endswith(("Error", "Failed", "Failure")):
            status = "True"  # some projects list only what is wrong, without a status
        if kind and status:
            since = moment(text(value, "lastTransitionTime") or text(value, "lastUpdateTime"))
            observed = number(value, "observedGeneration")
            yield Reported(kind, status.title(), text(value, "reason"), text(value, "message"), since, observed, text(value, "severity"))


_DATES = (
    "lastTransitionTime",
    "lastUpdateTime",
    "finishedAt",
    "lastUpdated",
    "completionTimestamp",
    "completionTime",
    "lastUpdateTimestamp",
)


def dated(node: Any) -> datetime | None:
    """Since when a part of a status is as it is, where it says so beside its phase."""
    return next((at for name in _DATES if (at := moment(text(node, name))) is not None), None)
