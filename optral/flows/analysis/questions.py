"""Questions that the grammar does not know, answered by the model that the organization allows: from the snapshot of one issue, read-only.

Drafts of runbooks (`drafts.py`) go through it, too, so that both have the same limits.
The evidence is that of an analysis, which the system reads; of it the tools show what the person may see. Only the cost is stored.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Generic, NamedTuple, TypeVar

from optral.access import service as access
from optral.analysis import spending
from optral.analysis.engine.engine import Investigation
from optral.analysis.engine.reasoner import Answered, Answerer, Asking, Drafted
from optral.analysis.model import Cost
from optral.analysis.questions import KNOWN, Reply
from optral.analysis.reading.evidence import has_markup, plain
from optral.flows.analysis.investigation import investigate
from optral.flows.analysis.reserved import Reserved
from optral.issues import service as issues
from optral.issues.lists import query as issue_query
from optral.kit.search_terms import Malformed
from optral.resources import query as resource_query
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import actor
from optral.terms.actor import Actor
from optral.terms.errors import Refused, Unavailable

AT_ONCE, EACH = 4, 2  # questions that wait for the model, in one process, and of these of one person
T = TypeVar("T", Answered, Drafted)
Job = Callable[[Investigation, Asking], Awaitable[T]]
CheckRights = Callable[[], Awaitable[None]]
"""Raises if the actor has lost a right since the request came."""
_LANGUAGES = {"issues": issue_query.read, "resources": resource_query.read}


class Questions:
    """`daily`: what an organization may use in a day; `monthly_tokens`: what a person or key may in a month (0: no limit). `asked` and
    `spent` count as those of the analysis worker do.
    """

    def __init__(
        self, store: Store, answerer: Answerer, *, daily: Cost, monthly_tokens: int = 0, asked: Counter[str], spent: Counter[str]
    ) -> None:
        self._store, self.answerer, self._daily = store, answerer, daily
        self._asked, self._spent = asked, spent
        self._monthly_tokens = monthly_tokens
        self._in_hand: Counter[str] = Counter()

    async def answer(self, who: Actor, issue_id: str, question: str, *, check_rights: CheckRights) -> Reply | None:
        """The model's answer to a question about an issue that the actor sees; None where the organization allows no model.

        Raises `NotFound`, `Refused("model_budget_used")`, `Refused("model_limit_reached")` and `Unavailable("model_busy")`, and what
        `check_rights` does, which is called before anything is sent to the model, and at the end.
        """
        if not await self.is_allowed(who, issue_id):
            return None
        asked = await self.ask(who, issue_id, partial(self._answer, question), check_rights=check_rights)
        answered = asked.answer
        self.count(is_used=bool(answered.sentences or answered.query))
        return reply_of(answered, cluster=asked.seen.case.question.cluster, model=self.answerer.model)

    async def _answer(self, question: str, seen: Investigation, asking: Asking) -> Answered:
        return await self.answerer.answer(seen.case, seen.found, question, asking)

    async def is_allowed(self, who: Actor, issue_id: str) -> bool:
        """Whether evidence of this issue may go to the model. Raises `NotFound` for one that the actor does not see."""
        goes_to = self.answerer.destination
        return await self._store.read(who, lambda tx: bool(issues.get(tx, issue_id)) and spending.is_on(tx, goes_to))

    async def ask(self, who: Actor, issue_id: str, job: "Job[T]", *, check_rights: CheckRights) -> "Asked[T]":
        """Do what asks the model about an issue, within the limits of a day and of the actor's month, and record what it used.

        `job` gets what the rules find, and what of it the actor may see. Raises as `answer`.
        """
        by = await self._store.read(who, _payers)
        if self._in_hand.total() >= AT_ONCE or self._in_hand[by[0]] >= EACH:
            say = f"{AT_ONCE} questions wait for the model already, or {EACH} of your own; try again"
            raise Unavailable("model_busy", retry_after_s=10, say=say)
        self._in_hand[by[0]] += 1
        try:
            asked = await self._ask(who, by, issue_id, job, check_rights)
        finally:
            self._in_hand -= Counter([by[0]])
        await check_rights()
        return asked

    def count(self, *, is_used: bool) -> None:
        """Count an answer of the model for `/metrics`."""
        self._asked["used" if is_used else "unused"] += 1

    async def _ask(self, who: Actor, by: tuple[str, ...], issue_id: str, job: "Job[T]", check_rights: CheckRights) -> "Asked[T]":
        system = actor.system(who.org_id)

        def read(tx: Transaction) -> tuple[str, Investigation]:
            return issues.get(tx, issue_id).cluster_id, investigate(tx, issue_id, whole=True)

        def reserve(tx: Transaction) -> spending.Reservation | None:
            asks = self.answerer
            return spending.reserve_for(tx, by, asks.most, self._daily, monthly_tokens=self._monthly_tokens, within_s=asks.deadline_s)

        cluster_id, seen = await self._store.read(system, read)
        reservation = await self._store.write(system, reserve)
        if reservation is None:
            self._asked["over_budget"] += 1
            raise Refused("model_budget_used", say="the daily model budget of the organization is used up; it starts again at midnight UTC")
        reserved = Reserved(self._store, system, reservation)

        async def before_request(usage: Mapping[str, Any]) -> None:
            await check_rights()
            await reserved.count(usage)

        asking = Asking(sees=lambda namespace: who.may("resources:read", cluster_id, namespace), before_request=before_request)
        try:
            answer = await job(seen, asking)
        finally:  # also of a request that reached its deadline
            spending.add(self._spent, asking.used)
            await reserved.settle(asking.used)
        return Asked(seen, answer)


def _payers(tx: Transaction) -> tuple[str, ...]:
    """Whose usage a question counts as: the person's, and that of the key. Otherwise each new login would have a new limit."""
    person = access.me(tx).member
    return tuple(dict.fromkeys((tx.actor.id if person is None else person.id, tx.actor.id)))


class Asked(NamedTuple, Generic[T]):
    """What the model was asked about, and its answer."""

    seen: Investigation
    answer: T


def reply_of(answered: Answered, *, cluster: str, model: str) -> Reply:
    """The answer as it is shown. A list is a query for the person to run, in this cluster, and never what the model says is in it."""
    told = Reply(intent="model", model=model, usage=answered.usage)
    if (query := _valid(answered, cluster)) is not None:
        return replace(told, query=query, list=answered.list, notes=["Run the query to see the list."])
    dropped = [f"Left out, since no evidence that the model read says the same: {answered.dropped} of its sentences."]
    notes = dropped if answered.dropped else []
    if answered.sentences:
        return replace(told, sentences=answered.sentences, evidence=answered.evidence, notes=notes)
    why = f"The model did not answer: {answered.failure}." if answered.failure else "The model found no answer in the evidence."
    return replace(told, notes=[why, *notes, "Ask one of these:", *KNOWN.values()])


def _valid(answered: Answered, cluster: str) -> str | None:
    """The query of the list in this cluster; None without one, or if it is invalid, names clusters itself, or contains text, which could be
    a statement, or a link."""
    if answered.query is None or has_markup(answered.query) or plain(answered.query) != answered.query:
        return None
    try:
        terms = _LANGUAGES[answered.list](answered.query)
    except Malformed:
        return None
    if not terms or any(term.key in ("", "cluster") or any(" " in value.text for value in term.values) for term in terms):
        return None
    return f"{answered.query} cluster:{cluster}"
