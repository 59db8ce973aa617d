"""Tickets of one issue: those that there are, and one that a person creates. From then on it is like one that a filter created.

Creating one is a delivery: it is retried, and it is not sent at the same time as another change of the issue.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from optral.access import service as access
from optral.clusters import service as clusters
from optral.events import service as events
from optral.flows.issues import issue_events
from optral.flows.webhooks import bodies, routing, tickets
from optral.issues import service as issues
from optral.issues.model import Issue, Move, Status
from optral.store.transaction import Transaction
from optral.terms.errors import NotFound, Refused
from optral.webhooks import service as webhooks, threads
from optral.webhooks.model import Form, Outcome, Webhook
from optral.webhooks.threads import Thread

SCOPE = "issues:write"


class TicketStatus(StrEnum):
    """What Optral knows of a ticket: it is being created, was last made open or closed, could not be created, or was deleted there."""

    PENDING = "pending"
    OPEN = "open"
    CLOSED = "closed"
    FAILED = "failed"
    DELETED = "deleted"

    @property
    def can_be_replaced(self) -> bool:
        """Whether another may be requested."""
        return self in (TicketStatus.FAILED, TicketStatus.DELETED)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueTicket:
    """`remote_id` and `url` are None until it was created. `error`: what came of the last attempt, if it failed."""

    webhook_id: str
    status: TicketStatus
    remote_id: str | None
    url: str | None
    error: str | None
    created_at: datetime


def of(tx: Transaction, issue_id: str) -> list[IssueTicket]:
    """The tickets of an issue. Raises `NotFound`."""
    issues.get(tx, issue_id)
    begun = threads.of_issue(tx, issue_id)
    known = {one.id for one in webhooks.of_form(tx, Form.TICKET)} if begun else frozenset()
    return [_ticket(tx, thread) for thread in begun if thread.webhook_id in known]


def targets(tx: Transaction, issue_id: str) -> list[Webhook]:
    """The webhooks through which the actor may create a ticket of an issue: whose clusters and namespaces include it. Raises `NotFound`."""
    return _targets(tx, issues.get(tx, issue_id))


def create(tx: Transaction, issue_id: str, webhook: str) -> tuple[IssueTicket, bool]:
    """Request the ticket of an issue from a webhook (id or name), unless there is one; and whether it was requested by this call.

    Raises `NotFound`, also for a webhook that is none of `targets`, and `Refused("issue_resolved")`.
    """
    issue = issues.get(tx, issue_id)
    clusters.hold(tx, issue.cluster_id)
    through = next((one for one in _targets(tx, issue) if webhook in (one.id, one.name)), None)
    if through is None:
        say = "no enabled webhook of the form ticket that includes this issue has this id or name"
        raise NotFound("ticket_webhook_not_found", say=say)
    if (known := threads.get(tx, through.id, issue_id)) is not None and not (ticket := _ticket(tx, known)).status.can_be_replaced:
        return ticket, False
    if issue.status is Status.RESOLVED:
        raise Refused("issue_resolved", say="the issue is resolved; a ticket is created for open issues only")
    if known is not None and tickets.is_deleted(known):
        threads.delete(tx, through.id, issue_id)
    thread, _ = threads.begin(tx, through.id, issue_id)
    detail = {"webhook": through.id, "name": through.name}
    issues.note(tx, issue_id, "ticketed", detail)
    move = Move("updated", issue, {"ticket": (None, through.id)}, "ticketed")
    events.append(tx, issue_events.events_of([move], cluster=clusters.standing(tx, issue.cluster_id)))
    body = bodies.of_issue(tx, through, issue, link="")  # rendered again when it is sent
    number = events.head(tx)
    webhooks.add(tx, webhooks.new_delivery(tx, through, event="issue.updated", body=body, event_seq=number, subject_id=issue_id))
    access.audit(tx, action="issue.ticket", target=issue_id, detail=detail, cluster_id=issue.cluster_id)
    return _ticket(tx, thread), True


def _targets(tx: Transaction, issue: Issue) -> list[Webhook]:
    if not tx.actor.may(SCOPE, issue.cluster_id, issue.namespace):
        return []
    return [one for one in webhooks.of_form(tx, Form.TICKET) if one.is_enabled and routing.includes(one.filters, issue)]


def _ticket(tx: Transaction, thread: Thread) -> IssueTicket:
    last = webhooks.last_about(tx, thread.webhook_id, thread.issue_id)
    has_failed = last is not None and last.status is not Outcome.DELIVERED and last.attempts > 0
    if tickets.is_deleted(thread):
        status = TicketStatus.DELETED
    elif thread.remote_id is not None:
        status = TicketStatus.OPEN if thread.state.get("isOpen", True) else TicketStatus.CLOSED
    else:
        status = TicketStatus.PENDING if last is not None and last.due_at is not None else TicketStatus.FAILED
    return IssueTicket(
        webhook_id=thread.webhook_id,
        status=status,
        remote_id=thread.remote_id,
        url=thread.remote_url,
        error=(last.message or last.error or f"status {last.answered}") if last is not None and has_failed else None,
        created_at=thread.created_at,
    )
