"""What a row of a list says of the analysis of its issue: the cause in a few words or why none is known, and what to do first. Pure."""

from collections.abc import Mapping
from typing import Any

from optral.analysis.model import Analysis, Status

MEMBERS = ("cause", "causeUnknown", "action")
_UNKNOWN = "Not enough evidence to name a cause"
NOT_SPECIFIC = "evidence of one of the known causes"
"""Among the missing evidence of an answer that lacks nothing in particular."""


def of(analysis: Analysis) -> dict[str, Any]:
    """`cause` or `causeUnknown`, and the first `action` if there is one. `analysis`: the answer of an issue or else its newest analysis."""
    result = analysis.final_result
    cause, actions = result.get("rootCause"), result.get("recommendedActions")
    said = {"causeUnknown": _unknown(analysis)} if cause is None else {"cause": _cause(cause, result.get("confidenceLabel"))}
    return said | ({"action": _action(actions[0])} if actions else {})


def _cause(cause: Mapping[str, Any], label: str | None) -> dict[str, Any]:
    shown = {name: cause[name] for name in ("id", "title", "explanation")}
    return shown if label is None else shown | {"confidenceLabel": label}


def _action(action: Mapping[str, Any]) -> dict[str, Any]:
    return {name: action[name] for name in ("title", "risk", "runbook", "parameters") if action.get(name)}


def _unknown(analysis: Analysis) -> str:
    if not analysis.status.is_final:
        return "Analysis is running"
    if analysis.status is Status.FAILED:
        return f"The analysis failed: {analysis.failure}" if analysis.failure else "The analysis failed"
    if "hidden" in analysis.result:
        return str(analysis.result["summary"]).rstrip(".")
    missing = [one for one in analysis.result.get("missingEvidence", ()) if one != NOT_SPECIFIC]
    return f"Cause unknown; missing: {missing[0]}" if missing else _UNKNOWN
