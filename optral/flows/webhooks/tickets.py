"""One ticket for each issue: created once, closed when the issue resolves, commented and reopened when it returns.

A ticket that a person deleted stays deleted until a person wants another.

The row of the thread is written before the ticket is requested. A thread without the id of its ticket is one that was refused, or whose
answer was lost: the ticket is looked for by its marker before another is created.
"""

import asyncio
from collections.abc import Awaitable
from dataclasses import replace

import msgspec

from optral.flows.webhooks import ticket_api
from optral.flows.webhooks.ticket_api import Draft, Ticket, Tickets
from optral.forges.markdown import code, one_line
from optral.forges.model import ForgeError
from optral.issues.model import Issue, Status
from optral.kit.outbound import Caller
from optral.kube.logs import redact_again
from optral.store.store import Store
from optral.terms.actor import Actor
from optral.webhooks import threads
from optral.webhooks.model import TEST, TICKET_DELETED, Answer, Delivery, Target, Webhook
from optral.webhooks.threads import Thread
from optral.webhooks.ticket_template import TicketTemplate, filled

MAX_TITLE = 200
MAX_LABEL = 50  # of GitHub
MAX_MESSAGE = 400
WITHIN_S = 50.0  # all requests of a delivery, within its LEASE: after that, another worker sends it too
_FACTS = {"severity": "Severity", "cluster": "Cluster", "namespace": "Namespace", "object": "Object", "team": "Team", "url": "Issue"}
_STATUSES = {"token_refused": 401, "not_permitted": 403, "not_found": 404, "refused_by_forge": 422, "rate_limited": 429, "moved": 301}


def marker(webhook_id: str, issue_id: str) -> str:
    """What stands in the ticket of an issue; letters, digits and hyphens, as labels of Jira may have them."""
    return f"optral-{issue_id}-{webhook_id}".replace("_", "-")


def is_deleted(thread: Thread) -> bool:
    """Whether its ticket was deleted in the other system."""
    return bool(thread.state.get("isDeleted"))


class Body(msgspec.Struct):
    """The body of a delivery: the ticket as it is created, and whether it should be open now."""

    title: str
    text: str
    marker: str
    labels: list[str] = []
    is_open: bool = True


_body = msgspec.json.Decoder(Body)


def body(webhook: Webhook, issue: Issue, *, cluster: str, cause: str, link: str) -> str:
    """The body for an issue as it is now. Text from clusters is formatted as code, so that it mentions nobody and runs no command."""
    mark, template = marker(webhook.id, issue.id), webhook.ticket or TicketTemplate()
    values = {
        "title": issue.title,
        "severity": issue.severity.value,
        "cluster": cluster,
        "namespace": issue.namespace or "",
        "object": f"{issue.owner_kind} {issue.owner_name}",
        "type": issue.type,
        "team": issue.team or "",
        "cause": cause,
        "url": f"{link}/issues/{issue.id}" if link else issue.id,
    }
    facts = [f"- {label}: {{{name}}}" for name, label in _FACTS.items() if values[name]]
    text = filled(template.text or "\n".join(["{title}", "", *facts]), values, _shown)
    title = filled(template.title or "{title}", values, lambda _, value: value)
    made = Body(
        title=one_line(title, most=MAX_TITLE) or one_line(issue.title, most=MAX_TITLE),
        text=f"{text}\n\n{code(mark)}",
        marker=mark,
        labels=[label for one in template.labels_of(values) if (label := one_line(one, most=MAX_LABEL))],
        is_open=issue.status is not Status.RESOLVED,
    )
    return msgspec.json.encode(made).decode()


def _shown(name: str, value: str) -> str:
    return code(value) if value and name not in ("severity", "url") else value


def test() -> str:
    return msgspec.json.encode(Body("", "", "optral-test")).decode()


class TicketSender:
    """`caller` is how requests leave; it is closed with this."""

    def __init__(self, store: Store, caller: Caller) -> None:
        self._store, self._caller = store, caller

    async def close(self) -> None:
        await self._caller.close()

    async def send(self, who: Actor, webhook: Webhook, delivery: Delivery, target: Target) -> Answer:
        """Try one delivery. A test only lists tickets."""
        given = _body.decode(delivery.body)
        api = ticket_api.of(target.url, self._caller, target.credentials.headers)
        if delivery.event == TEST or delivery.subject_id is None:
            return await _answered(api.find(given.marker))
        one = TicketDelivery(self._store, who, api, webhook_id=webhook.id, issue_id=delivery.subject_id)
        template = webhook.ticket or TicketTemplate()
        draft = Draft(
            title=given.title,
            body=given.text,
            marker=given.marker,
            labels=given.labels,
            assignee=template.assignee or "",
            kind=template.issue_type or "",
            extra=template.fields,
        )
        return await one.send(draft, is_open=given.is_open, ended="The issue has resolved in Optral.", returned="The failure is back.")


async def _answered(work: Awaitable[object]) -> Answer:
    try:
        async with asyncio.timeout(WITHIN_S):
            await work
    except TimeoutError:
        return Answer(error="timeout", message=f"the service took more than {WITHIN_S:.0f} seconds")
    except ForgeError as error:
        status = _STATUSES.get(error.code) or error.status
        message = one_line(redact_again(error.say), most=MAX_MESSAGE)
        return Answer(status=status, error=None if status else error.code[:40], message=message, retry_after_s=error.retry_after_s)
    return Answer(status=200)


class TicketDelivery:
    """One issue and its ticket."""

    def __init__(self, store: Store, who: Actor, api: Tickets, *, webhook_id: str, issue_id: str) -> None:
        self._store, self._who, self._api, self._webhook_id, self._issue_id = store, who, api, webhook_id, issue_id

    async def send(self, draft: Draft, *, is_open: bool, ended: str = "", returned: str = "") -> Answer:
        """Make the ticket what it should be now; never raises for what the service does. `ended` and `returned` are the comments."""
        return await _answered(self._send(draft, is_open=is_open, said=returned if is_open else ended))

    async def _send(self, draft: Draft, *, is_open: bool, said: str) -> None:
        thread = await self._store.read(self._who, lambda tx: threads.get(tx, self._webhook_id, self._issue_id))
        if thread is not None and thread.remote_id is None:
            found = await self._api.find(draft.marker)
            thread = None if found is None else await self._keep(thread, found, is_open=True)
        if thread is None:
            if is_open:
                await self._create(draft)
            return
        if thread.remote_id is None:
            return
        say = f"the ticket {thread.remote_id} was deleted there, and Optral does not create it again; create another one by hand"
        if is_deleted(thread):
            raise ForgeError(TICKET_DELETED, say)
        try:
            await self._update(thread, Ticket(thread.remote_id, thread.remote_url or ""), is_open=is_open, said=said)
        except ForgeError as error:
            if error.code != "not_found" or await self._api.find(draft.marker) is not None:
                raise  # not the ticket, but what the token may do
            deleted = replace(thread, remote_url=None, state={"isDeleted": True})
            await self._store.write(self._who, lambda tx: threads.save(tx, deleted))
            raise ForgeError(TICKET_DELETED, say) from None

    async def _update(self, thread: Thread, ticket: Ticket, *, is_open: bool, said: str) -> None:
        if thread.state.get("isOpen", True) is not is_open:
            await self._api.set_open(ticket.id, is_open=is_open)
            thread = await self._keep(thread, ticket, is_open=is_open, comment=said)
        if comment := thread.state.get("comment"):
            await self._api.comment(ticket.id, comment)
            await self._keep(thread, ticket, is_open=is_open)

    async def _create(self, draft: Draft) -> None:
        begun, _ = await self._store.write(self._who, lambda tx: threads.begin(tx, self._webhook_id, self._issue_id))
        await self._keep(begun, await self._api.create(draft), is_open=True)

    async def _keep(self, thread: Thread, ticket: Ticket, *, is_open: bool, comment: str = "") -> Thread:
        """`comment` is still to be sent."""
        state = {"isOpen": is_open} | ({"comment": comment} if comment else {})
        kept = replace(thread, remote_id=ticket.id, remote_url=ticket.url, state=state)
        await self._store.write(self._who, lambda tx: threads.save(tx, kept))
        return kept
