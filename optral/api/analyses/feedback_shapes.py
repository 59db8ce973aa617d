"""Feedback in the JSON of an analysis: the counts, and what the caller said."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from pydantic import Field

from optral.analysis import feedback
from optral.analysis.model import Feedback, Reason
from optral.api.http.routing import Shape, present
from optral.flows.analysis import feedback as flow
from optral.store.transaction import Transaction


class MemberFeedback(Shape):
    """What one person said about an analysis"""

    helpful: bool
    reason: Reason | None = None
    cause: str | None = Field(None, description="The actual cause as that person names it: an id from docs/causes.md")
    comment: str | None = None
    by: str = Field(description="Id of the member")
    at: datetime


class FeedbackShape(Shape):
    helpful: int = Field(description="How many people the analysis helped")
    not_helpful: int
    own: MemberFeedback | None = Field(None, description="What the caller said; an API key speaks for the person who created it")


def said_shape(one: Feedback) -> dict[str, Any]:
    said = one.said
    return present(
        helpful=said.is_helpful,
        reason=said.reason,
        cause=said.actual_cause,
        comment=said.comment,
        by=one.person_id,
        at=one.updated_at,
    )


def add_to(tx: Transaction, shown: Collection[dict[str, Any]]) -> None:
    """Put the counts and what the caller said into the JSON of each of these analyses."""
    analysis_ids = [one["id"] for one in shown]
    tallies, own = feedback.tallies(tx, analysis_ids), feedback.own(tx, analysis_ids, flow.person(tx))
    for one in shown:
        counts, said = tallies.get(one["id"], feedback.NOBODY), own.get(one["id"])
        one["feedback"] = present(helpful=counts.helpful, notHelpful=counts.not_helpful, own=None if said is None else said_shape(said))
