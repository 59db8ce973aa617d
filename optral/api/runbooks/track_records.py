"""The track record of runbooks in JSON, with the runbooks themselves and at the actions that an analysis recommends."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from optral.api.http.routing import Shape, present
from optral.runbooks import service as runbooks
from optral.runbooks.track import Record, TrackRecord
from optral.store.transaction import Transaction


class RecordShape(Shape):
    """Executions that changed something and have finished: the latest 300 of the organization, at most 90 days old. Undos do not count"""

    runs: int
    verified: int = Field(description="The verification passed")
    failed: int = Field(description="The change did not help, or a later step failed")
    inconclusive: int = Field(description="It is unknown whether the change helped")
    median_seconds: float | None = Field(None, description="From start to the end of the verification, of the verified ones")


class CauseRecordShape(RecordShape):
    cause: str = Field(description="An id from docs/causes.md", examples=["memory_limit_too_low"])


class TrackRecordShape(RecordShape):
    by_cause: list[CauseRecordShape] = Field(description="By the cause of the issue that the runbook was executed for")


def shape(record: TrackRecord | None) -> dict[str, Any]:
    """A runbook that was never run has no runs, which is not the same as a rate of zero."""
    found = record or TrackRecord()
    return _record(found.total) | {"byCause": [{"cause": cause} | _record(one) for cause, one in found.by_cause.items()]}


def _record(one: Record) -> dict[str, Any]:
    return present(runs=one.runs, verified=one.verified, failed=one.failed, inconclusive=one.inconclusive, medianSeconds=one.median_s)


def at_actions(tx: Transaction, analysis: Mapping[str, Any]) -> dict[str, Any]:
    """An analysis in JSON with the record of each recommended runbook: for its cause, else in all."""
    actions = analysis.get("recommendedActions") or []
    if not any(action.get("runbook") for action in actions):
        return dict(analysis)
    records, cause = runbooks.track_records(tx), str((analysis.get("rootCause") or {}).get("id", ""))
    return {**analysis, "recommendedActions": [_at_action(action, records, cause) for action in actions]}


def _at_action(action: Mapping[str, Any], records: Mapping[str, TrackRecord], cause: str) -> dict[str, Any]:
    if not (slug := action.get("runbook")):
        return dict(action)
    record = records.get(runbooks.builtin_id(slug), TrackRecord())  # an analysis names built-in runbooks only
    return {**action, "trackRecord": _record(record.by_cause.get(cause, record.total))}
