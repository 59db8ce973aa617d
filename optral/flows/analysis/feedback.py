"""What people say about analyses, with an audit record and an event of each change.

An API key speaks for the person who created it, so nobody counts twice.
"""

from typing import Any

from optral.access import service as access
from optral.analysis import causes, feedback, service as analyses
from optral.analysis.model import Analysis, Feedback, FeedbackInput, Status
from optral.events import service as events
from optral.events.model import NewEvent
from optral.flows import visible
from optral.flows.issues import triage
from optral.issues import service as issues
from optral.store.transaction import Transaction
from optral.terms.errors import Invalid, NotFound, Refused


def person(tx: Transaction) -> str:
    """The person whose feedback the caller gives and sees."""
    return triage.person(tx, triage.ME) or tx.actor.id


def give(tx: Transaction, analysis_id: str, said: FeedbackInput) -> Analysis:
    """Store what the caller says in place of what they said before; saying the same again changes nothing.

    Raises `NotFound`, `Refused("analysis_not_finished")`, and `Invalid` for an unknown cause or a reason with a helpful analysis.
    """
    analysis = visible.get(tx, analysis_id)
    _check(analysis, said)
    before = feedback.get(tx, analysis.id, person(tx))
    if before is not None and before.said == said:
        return analysis
    given = Feedback(
        analysis_id=analysis.id,
        person_id=person(tx),
        cluster_id=analysis.cluster_id,
        issue_type=issues.get(tx, analysis.issue_id).type,
        cause_id=analysis.cause_id,
        said=said,
        created_at=tx.now if before is None else before.created_at,
        updated_at=tx.now,
    )
    feedback.put(tx, given)
    detail = {"helpful": said.is_helpful} | ({} if said.reason is None else {"reason": said.reason})
    return _announce(tx, analysis, given, action="analysis.feedback", detail=detail)


def withdraw(tx: Transaction, analysis_id: str) -> Analysis:
    """Delete what the caller said. Raises `NotFound`, also without any."""
    analysis = visible.get(tx, analysis_id)
    before = feedback.get(tx, analysis.id, person(tx))
    if before is None:
        raise NotFound("feedback_not_found", say="you gave no feedback on this analysis")
    feedback.delete(tx, analysis.id, before.person_id)
    return _announce(tx, analysis, before, action="analysis.feedback_withdrawn", detail={})


def _check(analysis: Analysis, said: FeedbackInput) -> None:
    if said.actual_cause is not None and said.actual_cause not in causes.BY_ID:
        raise Invalid("unknown_cause", say=f"there is no cause {said.actual_cause}; docs/causes.md lists them")
    if said.is_helpful and said.reason is not None:
        raise Invalid("reason_of_helpful", say='a reason says why an analysis did not help; leave it out, or send "helpful": false')
    if analysis.status not in (Status.READY, Status.INCONCLUSIVE):
        raise Refused("analysis_not_finished", say="the analysis is not finished")


def _announce(tx: Transaction, analysis: Analysis, given: Feedback, *, action: str, detail: dict[str, Any]) -> Analysis:
    counts = feedback.tallies(tx, [analysis.id]).get(analysis.id, feedback.NOBODY)
    data = {
        "id": analysis.id,
        "issueId": analysis.issue_id,
        "clusterId": analysis.cluster_id,
        "issueType": given.issue_type,
        "rootCause": analysis.cause_id,
        "helpful": counts.helpful,
        "notHelpful": counts.not_helpful,
    }
    issue = issues.find_one(tx, analysis.issue_id)
    namespace = None if issue is None else issue.namespace
    news = NewEvent(type="analysis.feedback", cluster_id=analysis.cluster_id, subject_id=analysis.issue_id, data=data, namespace=namespace)
    events.append(tx, [news])
    access.audit(tx, action=action, target=analysis.id, detail=detail, cluster_id=analysis.cluster_id)
    return analyses.get(tx, analysis.id)
