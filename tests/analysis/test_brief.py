"""What a row of a list says of an analysis: a cause or why there is none, and the first action, without the rest of the answer."""

from typing import Any

import pytest

from optral.analysis import brief
from optral.analysis.model import Analysis, Status, Trigger
from tests.support.clock import FakeClock

CAUSE = {"id": "memory_limit_too_low", "title": "The memory limit is too low", "explanation": "It needs 200Mi.", "claims": [{"text": "x"}]}
RAISE = {"title": "Raise the limit", "why": "so", "risk": "high", "runbook": "raise-memory-limit", "parameters": {"limit": "256Mi"}}
ADVICE = {"title": "Run the migration", "why": "so", "risk": "manual", "evidenceIds": []}


def analysis(status: Status, failure: str | None = None, **result: Any) -> Analysis:
    return Analysis(
        id="ana_1",
        org_id="org_1",
        cluster_id="cls_1",
        issue_id="iss_1",
        status=status,
        trigger=Trigger.AUTO,
        requested_by="system",
        created_at=FakeClock().now(),
        failure=failure,
        result=result,
    )


@pytest.mark.parametrize(
    ("found", "said"),
    [
        pytest.param(
            analysis(Status.READY, rootCause=CAUSE, confidenceLabel="high", recommendedActions=[RAISE, ADVICE]),
            {
                "cause": {"id": CAUSE["id"], "title": CAUSE["title"], "explanation": CAUSE["explanation"], "confidenceLabel": "high"},
                "action": {name: RAISE[name] for name in ("title", "risk", "runbook", "parameters")},
            },
            id="a cause and a runbook",
        ),
        pytest.param(
            analysis(Status.READY, rootCause=CAUSE, recommendedActions=[ADVICE]),
            {
                "cause": {name: CAUSE[name] for name in ("id", "title", "explanation")},
                "action": {"title": "Run the migration", "risk": "manual"},
            },
            id="advice without a runbook",
        ),
        pytest.param(analysis(Status.QUEUED), {"causeUnknown": "Analysis is running"}, id="queued"),
        pytest.param(analysis(Status.RUNNING), {"causeUnknown": "Analysis is running"}, id="running"),
        pytest.param(
            analysis(Status.FAILED, "it did not finish in time"),
            {"causeUnknown": "The analysis failed: it did not finish in time"},
            id="failed",
        ),
        pytest.param(
            analysis(Status.INCONCLUSIVE, missingEvidence=["log lines of container app", "metrics"]),
            {"causeUnknown": "Cause unknown; missing: log lines of container app"},
            id="a log is missing",
        ),
        pytest.param(
            analysis(Status.INCONCLUSIVE, missingEvidence=[brief.NOT_SPECIFIC]),
            {"causeUnknown": "Not enough evidence to name a cause"},
            id="nothing in particular is missing",
        ),
        pytest.param(
            analysis(Status.READY, summary="The cause is elsewhere.", hidden=2, missingEvidence=[]),
            {"causeUnknown": "The cause is elsewhere"},
            id="the reader may not see the cause",
        ),
    ],
)
def test_a_brief_has_the_cause_or_why_there_is_none(found: Analysis, said: dict[str, Any]) -> None:
    assert brief.of(found) == said
