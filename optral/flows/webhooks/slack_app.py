"""One message for each issue, edited until the issue ends, and a reply in its thread for what happened since the last delivery.

Slack has no key with which a message is posted once. So the row of the thread is written first, the message carries its issue as metadata,
and a thread without the id of its message is one whose answer was lost: the message is looked for in the channel before another is posted.
A reply is recorded before it is sent; one whose answer was lost is not sent again.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec

from optral.access import people_service as people
from optral.analysis import service as analyses
from optral.clusters import service as clusters
from optral.flows.documents import change_record, sentences
from optral.flows.documents.document import Fact
from optral.flows.executions import fixes
from optral.flows.webhooks import alert_bodies, messages, slack_blocks as blocks
from optral.flows.webhooks.slack_api import CLOSED, GONE, SlackError, WebApi
from optral.issues import service as issues
from optral.issues.lifecycle import grouping
from optral.issues.model import Activity, Issue, Status
from optral.issues.triage import comments
from optral.kit.outbound import Caller
from optral.kit.paging import PageRequest
from optral.runbooks import service as runbooks
from optral.runbooks.model import ExecutionFilter
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms.actor import Actor
from optral.webhooks import model, threads
from optral.webhooks.model import Answer, Delivery, Target, Webhook
from optral.webhooks.threads import Thread

EVENT = "optral_issue"
MAX_FACTS = 40  # newest entries of a history that are compared with what the thread has
MAX_REPLIED = 15
MAX_PAGES = 10  # of the history of a channel, in which a message is looked for
SKEW = timedelta(minutes=5)  # between the clock of Slack and ours, when a message is looked for
_OF_EXECUTIONS = frozenset({"runbook_started", "runbook_completed"})
_SILENT: dict[str, Any] = {"link_names": False, "parse": "none", "unfurl_links": False, "unfurl_media": False}


class Happened(msgspec.Struct):
    """An entry of the history of an issue. `is_broadcast`: also shown in the channel."""

    key: str
    text: str
    is_broadcast: bool = False


class Body(msgspec.Struct):
    """The body of a delivery: the message of the issue as it is then, its history, and whether the issue is reported at all."""

    message: dict[str, Any]
    history: list[Happened] = []
    fires: bool = True


class _Place(NamedTuple):
    channel: str
    ts: str

    @classmethod
    def of(cls, remote_id: str) -> "_Place":
        return cls(*remote_id.split(":", 1))


_body = msgspec.json.Decoder(Body)


def body(tx: Transaction, webhook: Webhook, issue: Issue, *, link: str) -> str:
    """What is sent of an issue as it is now."""
    fires = alert_bodies.fires(issue, model.any_issue(webhook.filters))
    result = analyses.shown_result(tx, issue.id)
    cause = result.get("rootCause")
    history = issues.activity(tx, issue.id, PageRequest(size=MAX_FACTS, sort="at"))
    names = people.names(tx, {one.actor_id for one in history})
    shown = blocks.Shown(
        cluster=clusters.names(tx, [issue.cluster_id]).get(issue.cluster_id, issue.cluster_id),
        cause=None if cause is None else f"{cause['title']} ({result.get('confidenceLabel', 'unrated')} confidence)",
        by=_newest_by(history, names) if issue.status is Status.ACKNOWLEDGED else None,
        fix=_fix(tx, issue),
        symptoms=grouping.symptom_counts(tx, [issue.id]).get(issue.id, 0),
        fires=fires,
        link=link,
        has_buttons=webhook.has_buttons,
    )
    return msgspec.json.encode(Body(blocks.root(issue, shown), _history(tx, issue, history, names), fires)).decode()


def plain(message: dict[str, Any]) -> str:
    """The body of a message that is about no single issue."""
    return msgspec.json.encode(Body(message)).decode()


def test(webhook: Webhook) -> str:
    return plain(blocks.message([f"Test: notifications of the webhook {webhook.name} arrive here. No action is needed."]))


def acknowledged_by(tx: Transaction, issue: Issue) -> str | None:
    """Who acknowledged an issue that is acknowledged, by name."""
    if issue.status is not Status.ACKNOWLEDGED:
        return None
    history = issues.activity(tx, issue.id, PageRequest(size=MAX_FACTS, sort="at"))
    return _newest_by(history, people.names(tx, {one.actor_id for one in history}))


def _newest_by(history: Sequence[Activity], names: Mapping[str, str]) -> str | None:
    newest = max((one for one in history if one.action == "acknowledged"), key=lambda one: one.at, default=None)
    return None if newest is None else names.get(newest.actor_id) or newest.detail.get("by")


def _fix(tx: Transaction, issue: Issue) -> str | None:
    """What an execution that was verified has come to, until the issue resolves."""
    made = fixes.find(tx, [issue], issues.resolution_times(tx, [issue.id])).get(issue.id)
    return None if made is None or issue.status is Status.RESOLVED else messages.outlook(made.plain())


def _history(tx: Transaction, issue: Issue, history: Sequence[Activity], names: Mapping[str, str]) -> list[Happened]:
    """What happened to the issue, oldest first: its own history, and what became of the executions for it."""
    said = {one.id: one.body for one in comments.page_of(tx, issue.id, PageRequest(size=MAX_FACTS))[0]}
    facts = [
        (Fact(at=one.at, text=sentences.of_activity(one, names, said), ids=()), one.action == "reopened")
        for one in map(_replied, history)
        if one is not None
    ]
    wanted = ExecutionFilter(issue_id=issue.id, dry_run=False)
    for execution in runbooks.find_executions(tx, wanted, PageRequest(size=5)):
        facts += [(fact, False) for fact in change_record.timeline(tx, execution)]
    facts.sort(key=lambda pair: pair[0].at.timestamp() if pair[0].at else 0.0)
    return [Happened(_key(fact), f"{fact.at:%H:%M} UTC: {fact.text}", is_broadcast) for fact, is_broadcast in facts[-MAX_FACTS:]]


def _replied(one: Activity) -> Activity | None:
    """The entry as the thread has it, or None. Of what a detector updates, such as the title, only the severity is shown."""
    if one.action == "updated":
        return replace(one, detail={"severity": one.detail["severity"]}) if "severity" in one.detail else None
    return None if one.action in _OF_EXECUTIONS else one


def _key(fact: Fact) -> str:
    return hashlib.sha256(f"{fact.at} {fact.text}".encode()).hexdigest()[:12]


class SlackDelivery:
    """`caller` is how requests leave; it is closed with this."""

    def __init__(self, store: Store, caller: Caller) -> None:
        self._store, self._caller = store, caller

    async def close(self) -> None:
        await self._caller.close()

    async def send(self, who: Actor, webhook: Webhook, delivery: Delivery, target: Target) -> Answer:
        """Try one delivery; never raises for what Slack does."""
        api, given = WebApi(self._caller, target), _body.decode(delivery.body)
        try:
            if delivery.subject_id is None or delivery.event == model.TEST:
                await _post_once(api, webhook, delivery, given.message)
            else:
                await _Sending(self._store, who, api, webhook, delivery.subject_id, given).run()
        except SlackError as error:
            return error.answer
        return Answer(status=200)


async def _post_once(api: WebApi, webhook: Webhook, delivery: Delivery, message: Mapping[str, Any]) -> None:
    """Post a message that is about no single issue, unless an earlier attempt has done so."""
    payload = {"delivery": delivery.id, "webhook": webhook.id}
    if delivery.attempts and await _find(api, webhook, payload, since=delivery.created_at, until=delivery.due_at or delivery.created_at):
        return
    await api.call("chat.postMessage", channel=webhook.channel, metadata=_metadata(payload), **message, **_SILENT)


def _metadata(payload: Mapping[str, str]) -> dict[str, Any]:
    return {"event_type": EVENT, "event_payload": payload}


async def _find(api: WebApi, webhook: Webhook, payload: Mapping[str, str], *, since: datetime, until: datetime) -> str | None:
    """The `ts` of the message with this payload that was posted within that time, if there is one."""
    cursor = None
    for _ in range(MAX_PAGES):
        page = await api.call(
            "conversations.history",
            channel=webhook.channel,
            oldest=f"{(since - SKEW).timestamp():.6f}",
            latest=f"{(until + SKEW).timestamp():.6f}",
            limit=999,
            include_all_metadata=True,
            cursor=cursor,
        )
        for one in page.get("messages", ()):
            if (one.get("metadata") or {}).get("event_payload") == payload:
                return str(one["ts"])
        cursor = (page.get("response_metadata") or {}).get("next_cursor")
        if not cursor:
            break
    return None


class _Sending:
    """One delivery of one issue."""

    def __init__(self, store: Store, who: Actor, api: WebApi, webhook: Webhook, issue_id: str, given: Body) -> None:
        self._store, self._who, self._api, self._webhook, self._issue_id, self._given = store, who, api, webhook, issue_id, given

    async def run(self) -> None:
        thread = await self._store.read(self._who, lambda tx: threads.get(tx, self._webhook.id, self._issue_id))
        if thread is not None and thread.remote_id is None:
            thread = await self._recovered(thread)
        if thread is not None and thread.remote_id is not None:
            try:
                await self._edit(thread, _Place.of(thread.remote_id))
                return
            except SlackError as error:
                if not self._is_gone(error, _Place.of(thread.remote_id)):
                    raise
            await self._store.write(self._who, lambda tx: threads.delete(tx, self._webhook.id, self._issue_id))
        if self._given.fires:
            await self._post()

    def _is_gone(self, error: SlackError, place: _Place) -> bool:
        """Whether the message cannot be edited any more: by itself, or as part of a channel that the webhook no longer uses."""
        return error.name in GONE or (error.name in CLOSED and place.channel != self._webhook.channel)

    async def _post(self) -> None:
        begun, _ = await self._store.write(self._who, lambda tx: threads.begin(tx, self._webhook.id, self._issue_id))
        try:
            answer = await self._api.call(
                "chat.postMessage", channel=self._webhook.channel, metadata=_metadata(self._payload), **self._given.message, **_SILENT
            )
        except SlackError as error:
            if error.is_certain:  # there is no message to look for
                await self._store.write(self._who, lambda tx: threads.delete(tx, self._webhook.id, self._issue_id))
            raise
        await self._keep(begun, f"{answer['channel']}:{answer['ts']}", self._given.history)

    async def _recovered(self, thread: Thread) -> Thread | None:
        """The thread with the message that was posted without our knowing; None if there is none."""
        ts = await _find(self._api, self._webhook, self._payload, since=thread.created_at, until=thread.updated_at)
        return None if ts is None else await self._keep(thread, f"{self._webhook.channel}:{ts}", ())

    @property
    def _payload(self) -> dict[str, str]:
        return {"issue": self._issue_id, "webhook": self._webhook.id}

    async def _keep(self, thread: Thread, remote_id: str, replied: Sequence[Happened]) -> Thread:
        kept = replace(thread, remote_id=remote_id, state={"replied": [one.key for one in replied]})
        await self._store.write(self._who, lambda tx: threads.save(tx, kept))
        return kept

    async def _edit(self, thread: Thread, place: _Place) -> None:
        await self._api.call("chat.update", channel=place.channel, ts=place.ts, **self._given.message, **_SILENT)
        known = frozenset(thread.state.get("replied", ()))
        unsent = [one for one in self._given.history if one.key not in known]
        if not unsent:
            return
        await self._keep(thread, str(thread.remote_id), self._given.history)
        shown = blocks.message([one.text for one in unsent[-MAX_REPLIED:]])
        loud = {"reply_broadcast": True} if any(one.is_broadcast for one in unsent) else {}
        try:
            await self._api.call("chat.postMessage", channel=place.channel, thread_ts=place.ts, **shown, **loud, **_SILENT)
        except SlackError as error:
            if error.is_certain:
                await self._store.write(self._who, lambda tx: threads.save(tx, thread))
            raise
