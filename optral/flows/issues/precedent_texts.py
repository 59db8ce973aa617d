"""Sentences about what is known of an issue from before."""

from optral.flows.issues.precedents import CHANGED_WITHIN, RECENTLY, Ending, Precedents
from optral.resources.model import Revision

_ORDINALS = ("First", "Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh", "Eighth", "Ninth", "Tenth")
_ENDINGS = {
    "recovered": "Recovered; no change of the workload was recorded",
    "manual": "Resolved manually",
    "resource_deleted": "The resource was deleted",
    "superseded": "Replaced by another issue",
    "cluster_deleted": "The cluster was removed",
    "detector_disabled": "The detector was disabled",
}
MAX_VALUE = 60


def summary(found: Precedents) -> str:
    """How often the issue opened, and how often that followed a change."""
    times = len(found.openings)
    if not times:
        return f"Not opened in the last {RECENTLY.days} days."
    text = f"{ordinal(times)} time in {RECENTLY.days} days"
    if times > 1 and found.after_change:
        share = "each time" if found.after_change == times else f"{found.after_change} of {times} times"
        text += f", {share} within {CHANGED_WITHIN.seconds // 60} minutes after a change of {_changed(found)}"
    return text + "."


def ordinal(number: int) -> str:
    """`Third`, `12th`."""
    if number <= len(_ORDINALS):
        return _ORDINALS[number - 1]
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th") if number % 100 not in (11, 12, 13) else "th"
    return f"{number}{ending}"


def ending(one: Ending) -> str:
    """What ended an issue."""
    if one.runbook is not None:
        return f"Ended by the runbook {one.runbook}"
    if one.change is not None:
        return f"Ended by a change of {_object(one.change)}{_first_field(one.change)}"
    return _ENDINGS[one.kind]


def _changed(found: Precedents) -> str:
    """The objects that changed before the openings."""
    names = dict.fromkeys(_object(opening.change) for opening in found.openings if opening.change is not None)
    return " or ".join(names)


def _object(change: Revision) -> str:
    return f"{change.short_kind} {change.name}"


def _first_field(change: Revision) -> str:
    if not change.diff:
        return ""
    first = change.diff[0]
    return f" ({first['path']}: {_value(first.get('from'))} → {_value(first.get('to'))})"


def _value(value: object) -> str:
    text = "none" if value is None else str(value)
    return text if len(text) <= MAX_VALUE else text[: MAX_VALUE - 1] + "…"
