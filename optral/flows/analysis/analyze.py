"""Why an issue exists: analyses requested by people or queued automatically, worked on from rows, and published as events.

An analysis reads rows and not the detectors' view: the view belongs to the writer's thread and keeps only what detection needs. Reading and
judging are one read transaction, so that all of the evidence is of one moment; the answer is written in another, and only if the row is
still this worker's. A worker that dies leaves a row whose deadline passes; the next one takes it.

The rules take 0.2 s to load. The first analysis does that, on the thread that reads; a server is ready without them.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import structlog

from optral.access import service as access
from optral.analysis import brief, model, service as analyses, spending
from optral.analysis.engine.reasoner import Reasoned, Reasoner, RulesOnly
from optral.analysis.model import Analysis, Cost, Explanation, Offer, Status, Trigger
from optral.clusters import service as clusters
from optral.events import service as events
from optral.events.model import NewEvent
from optral.flows import coverage, loops
from optral.flows.analysis import capture
from optral.flows.analysis.reserved import Reserved
from optral.issues import service as issues
from optral.issues.lifecycle import grouping
from optral.issues.model import Issue, IssueFilter, Move, Status as IssueStatus, Substatus
from optral.kit.clock import Clock
from optral.kit.contain import contain
from optral.kit.hub import ANY
from optral.kit.paging import PageRequest
from optral.kit.tasks import Tasks
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import actor
from optral.terms.errors import OptralError, Refused
from optral.terms.ids import OrgId
from optral.terms.severity import Severity
from optral.terms.verbs import Probe

if TYPE_CHECKING:
    from optral.analysis.engine.engine import Investigation

AT_ONCE = 16  # rows taken up in one round
ASKED_AT_ONCE = 4  # analyses that wait for a model, in one process
_OVER_BUDGET = "the model was not asked: the daily model budget of the organization is used up"
_ATTEMPT = "it had less evidence than {0}, and no fact that {0} cites has changed: the issue still shows that answer"
LOOK_EVERY_S = 5.0
"""Rows of another process, and deadlines that passed, are found at the latest after this."""
FIRST_LOOK_AFTER_S = 1.0
"""An issue opens with the first object that shows it; its Events and its ReplicaSet arrive within a second."""
EVIDENCE_S = 15.0
"""How long an analysis that a person requests, or that facts call for, waits for log lines that it lacks; `?wait=` may be longer."""
FRESH_FOR = timedelta(seconds=30)
_FACTS = frozenset({"count", "title", "resource", "severity"})
_log = structlog.get_logger(__name__)


# --- asking


def ask(tx: Transaction, issue_id: str, *, force: bool = False) -> Analysis:
    """Request an analysis by hand; the one that runs already, when there is one. Raises `NotFound`.

    Logs that it lacks are fetched first: it starts when they are here, or after `EVIDENCE_S` without them.
    """
    issue = issues.get(tx, issue_id)
    after_s = EVIDENCE_S if _fetches(tx, issue) else 0.0
    analysis, is_new = analyses.queue(tx, issue.id, Trigger.MANUAL, cluster_id=issue.cluster_id, force=force, after_s=after_s)
    if is_new:
        access.audit(tx, action="issue.analyze", target=issue.id, detail={"analysis": analysis.id}, cluster_id=issue.cluster_id)
    return analyses.with_waits(tx, analysis)


def _fetches(tx: Transaction, issue: Issue) -> bool:
    """Whether log lines are on their way to the issue, or are requested now because it has none, or none that are fresh."""
    if issue.status is IssueStatus.RESOLVED or not capture.is_open(tx, issue):
        return False
    if not clusters.get(tx, issue.cluster_id).status.is_connected:
        return False  # nobody would fetch them; the answer says so
    held = analyses.logs(tx, issue.id)
    if any(one.is_wanted for one in held):
        return True
    if any(one.text and one.pod == issue.resource and tx.now - one.captured_at < FRESH_FOR for one in held):
        return False
    return capture.want(tx, [issue])


def switch(tx: Transaction, *, is_on: bool) -> bool:
    """Switch the automatic analysis of severe issues; no audit record if nothing changes."""
    if analyses.is_automatic(tx) != is_on:
        analyses.set_automatic(tx, is_on)
        access.audit(tx, action="analysis.switch", target="analysis", detail={"isOn": is_on})
    return is_on


def switch_model(tx: Transaction, *, is_on: bool, offer: Offer | None, named: str | None = None) -> bool:
    """Allow or forbid that evidence goes to the operator's language model; no audit record if nothing changes.

    Consent is bound to the destination. If the operator changes it, nothing is sent until consent is given again with its name (`named`).
    Consent can be withdrawn for all destinations without a name. Raises `Refused` if the operator offers no model.
    """
    if is_on and offer is None:
        raise Refused("model_not_offered", say="the operator of this server offers no language model (docs/ai.md)")
    allowed, destination = spending.destination(tx), offer.destination if is_on and offer is not None else ""
    if is_on and destination != (named or allowed or destination):
        say = f'evidence would go to {destination}; if it may, send "destination": "{destination}" with "enabled": true (docs/ai.md)'
        raise Refused("destination_changed", say=say)
    if allowed != destination:
        spending.set_on(tx, destination)
        access.audit(tx, action="model.switch", target="model", detail={"isOn": is_on} | ({"destination": destination} if is_on else {}))
    return is_on


def on_moves(
    tx: Transaction,
    moves: Iterable[Move],
    *,
    may_capture: Callable[[str], bool] = lambda _namespace: True,
    with_preexisting: bool = True,
) -> None:
    """Follow issues that opened, opened again, got worse, outlived their cause or happened again: fetch the last lines of their containers
    and have them analyzed. Call inside the transaction that moved them. `may_capture` tells whether a namespace lets its logs be fetched.

    Logs are fetched at once, since the next restart takes them away. Analyses of roots of medium severity and up are queued; in a storm
    they wait until grouping has seen what belongs together, or until their logs are here. Of a cluster's first inventory the
    `PREEXISTING_AT_MOST` most severe are analyzed, and none where the organization has switched automatic analysis off. While only a part
    of the inventory is judged, pass `with_preexisting=False`, and call `queue_preexisting` at its end.
    """
    moves = list(moves)
    news = [move.issue for move in moves if _is_news(move)]
    capture.want(tx, [issue for issue in news if issue.namespace is not None and may_capture(issue.namespace)])
    _queue_roots(tx, [issue for issue in news if issue.parent_issue_id is None and (with_preexisting or not _is_old(issue))])
    for move in moves:
        if move.kind == "updated" and not _is_news(move):
            _on_update(tx, move, may_capture)


def queue_preexisting(tx: Transaction, cluster_id: str) -> None:
    """Queue the analyses of what a cluster's first inventory showed, once all of it is stored."""
    wanted = IssueFilter(
        clusters=frozenset({cluster_id}),
        statuses=frozenset(status.value for status in IssueStatus if status is not IssueStatus.RESOLVED),
        substatuses=frozenset({Substatus.PREEXISTING.value}),
        parents=frozenset({"none"}),
    )
    most_severe = PageRequest(size=model.PREEXISTING_AT_MOST, sort="severity")
    _queue_roots(tx, issues.find(tx, wanted, most_severe))


def _queue_roots(tx: Transaction, roots: Sequence[Issue]) -> None:
    """Queue the analyses of these issues, the most severe first."""
    if not roots or not analyses.is_automatic(tx):
        return
    wait_s = grouping.delay(tx, roots[0].cluster_id).total_seconds()
    places: Counter[bool] = Counter()
    waits: dict[str, float] = {}
    for issue in sorted(roots, key=lambda one: (-one.severity.rank, one.id)):
        is_old = _is_old(issue)
        place, places[is_old] = places[is_old], places[is_old] + 1
        if model.is_automatic(severity_rank=issue.severity.rank, preexisting_rank=place if is_old else None, has_parent=False):
            waits[issue.id] = max(0.0 if is_old else wait_s, FIRST_LOOK_AFTER_S) + place / 1000  # the queue goes by time
    analyses.queue_automatic(tx, waits, cluster_id=roots[0].cluster_id)


def _on_update(tx: Transaction, move: Move, may_capture: Callable[[str], bool]) -> None:
    """A container that ended again may have lines now, and an answer about the end before may be out of date."""
    issue = move.issue
    if issue.status is IssueStatus.RESOLVED or not (_FACTS & move.changes.keys()):
        return
    if issue.namespace is not None and may_capture(issue.namespace):
        if "count" in move.changes:
            capture.want_again(tx, issue)
        if "resource" in move.changes:
            capture.want_replica(tx, issue)
    if issue.parent_issue_id is None and issue.has_analysis and analyses.is_automatic(tx):
        newest = analyses.newest(tx, issue.id)
        answered_at = newest.finished_at if newest is not None else None
        if answered_at is not None and tx.now >= answered_at + model.stands_for(answered_at - issue.detected_at):
            is_fetched = any(log.is_wanted for log in analyses.logs(tx, issue.id))
            after_s = EVIDENCE_S if is_fetched else FIRST_LOOK_AFTER_S
            analyses.queue(tx, issue.id, Trigger.FACTS, cluster_id=issue.cluster_id, after_s=after_s)


def _is_news(move: Move) -> bool:
    if move.kind == "created" or move.action in ("reopened", "promoted"):
        return True
    return move.kind == "updated" and ("type" in move.changes or ("severity" in move.changes and not move.issue.has_analysis))


def _is_old(issue: Issue) -> bool:
    return issue.substatus is Substatus.PREEXISTING


# --- working
_ASKED = "asked"


class AnalysisWorker:
    """Own `run` as a task; `step` does what waits now and returns when to come back.

    Rules answer at once, one analysis after the other. Where a model is asked, at most `ASKED_AT_ONCE` wait for it beside them, and
    it is asked only for organizations that want it, within `daily`, what one of them may use in a day.
    """

    def __init__(self, store: Store, clock: Clock, *, reasoner: Reasoner | None = None, daily: Cost | None = None) -> None:
        self._store, self._clock = store, clock
        self._reasoner: Reasoner = reasoner or RulesOnly()
        self._daily = daily or Cost(tokens=0)
        self._asking = Tasks(lambda name, error: _log.error("analysis.failed", analysis=name, exc_info=error))
        self._in_hand: set[str] = set()
        self.on_answer: Callable[[Analysis], None] = lambda _done: None
        """Called with each analysis that is finished."""
        self.on_probes: Callable[[Analysis, Sequence[Probe]], None] = lambda _held, _probes: None
        """Called with the probes that would decide an analysis, after its answer."""
        self.retries = loops.retries("analysis", clock, _log)
        self.done = 0
        self.asked: Counter[str] = Counter()
        """Answers of the model by what became of them: used, unused, over_budget."""
        self.spent: Counter[str] = Counter()
        """Since the start: requests, inputTokens, outputTokens, and costMicros (millionths of a US dollar)."""

    async def run(self) -> None:
        try:
            with self._store.hubs[analyses.DUE].follow(ANY) as follower:
                await self.retries.repeat(self.step, follower)
        finally:
            await self._asking.stop()

    async def step(self) -> float:
        """Work on what is due: by rules one after the other, with a model beside it; the seconds until more is due (at most 5)."""
        wanting = frozenset() if self._reasoner.mark is None else await self._wanting()
        due = await self._due(wanting)
        for analysis_id, org_id in due:
            if org_id not in wanting:
                await self._work(analysis_id, OrgId(org_id))
            elif analysis_id not in self._in_hand and not self._is_full:
                self._in_hand.add(analysis_id)
                self._asking.start(analysis_id, self._work_beside(analysis_id, OrgId(org_id)))
        if len(due) == AT_ONCE and any(org_id not in wanting for _, org_id in due):
            return 0.0
        but = wanting if self._is_full else frozenset()
        upcoming = await self._store.read(actor.system(), lambda tx: analyses.next_due(tx, but=but))
        if upcoming is None:
            return LOOK_EVERY_S
        return min(LOOK_EVERY_S, max(0.05, (upcoming - self._clock.now()).total_seconds()))

    async def idle(self) -> None:
        """Wait until no analysis waits for a model; for tests and for a stop."""
        await self._asking.idle()

    @property
    def _is_full(self) -> bool:
        return len(self._in_hand) >= ASKED_AT_ONCE or self.retries.wait_s(_ASKED) > 0

    async def _wanting(self) -> frozenset[str]:
        """Organizations for which the model is asked."""
        return await self._store.read(actor.system(), lambda tx: spending.wanting(tx, self._reasoner.destination))

    async def _due(self, wanting: frozenset[str]) -> list[tuple[str, str]]:
        """Analyses that wait for a free slot do not delay those that need none."""
        but = wanting if self._is_full else frozenset()
        return await self._store.read(actor.system(), lambda tx: analyses.due(tx, limit=AT_ONCE, but=but))

    async def _work_beside(self, analysis_id: str, org_id: OrgId) -> None:
        try:
            with self.retries.attempt(_ASKED):  # a failed one is retried when the lease of its row expires
                await self._work(analysis_id, org_id, asks=True)
        finally:
            self._in_hand.discard(analysis_id)
            self._store.hubs[analyses.DUE].publish(ANY)  # there is a place for the next one

    async def _work(self, analysis_id: str, org_id: OrgId, *, asks: bool = False) -> None:
        who = actor.system(org_id)
        deadline_s = model.DEADLINE_S + (self._reasoner.deadline_s if asks else 0)
        held = await self._store.write(who, lambda tx: _claim(tx, analysis_id, deadline_s))
        if held is None:
            return
        errors: list[Exception] = []
        with contain(errors.append):
            async with asyncio.timeout(deadline_s):
                seen, record = await self._store.read(who, lambda tx: _read_now(tx, held))
                found = await (self._ask(who, held) if asks else self._explain(who, held))
                found = replace(found, body={**found.body, "occurrences": seen, "coverage": record})
        if errors:
            await self._record_failure(who, held, _reason_of(errors[0], held))
        else:
            done = await self._store.write(who, lambda tx: _finish(tx, held, found))
            self.done += 1
            if done is not None:
                self.on_answer(done)
            if found.probes:
                self.on_probes(held, found.probes)

    async def _explain(self, who: actor.Actor, held: Analysis) -> Explanation:
        return await self._store.read(who, lambda tx: _explanation(tx, held.issue_id))

    async def _ask(self, who: actor.Actor, held: Analysis) -> Explanation:
        goes_to = self._reasoner.destination
        inquiry, is_wanted = await self._store.read(
            who, lambda tx: (_inquire(tx, held.issue_id, whole=True), spending.is_on(tx, goes_to) and _may_cost(tx, held))
        )
        return inquiry.judged(await self._reason(who, held, inquiry.investigation, is_wanted=is_wanted))

    async def _reason(self, who: actor.Actor, held: Analysis, investigation: "Investigation", *, is_wanted: bool) -> Explanation:
        from optral.analysis.engine import engine  # which has been loaded by now

        mark = self._reasoner.mark
        if not is_wanted:
            return engine.explain(investigation)
        if not held.force:
            hashed = engine.evidence_hash(investigation, mark)
            known = await self._store.read(who, lambda tx: analyses.answered(tx, held.issue_id, hashed))
            if known is not None:  # the same evidence was paid for already
                return again(known)
        within_s = model.DEADLINE_S + self._reasoner.deadline_s
        reservation = await self._store.write(who, lambda tx: spending.reserve(tx, self._reasoner.most, self._daily, within_s=within_s))
        if reservation is None:
            self.asked["over_budget"] += 1
            return engine.explain(investigation, Reasoned(hypotheses=investigation.found, warnings=[_OVER_BUDGET]))
        reserved = Reserved(self._store, who, reservation)
        usage = None  # what it used is not known if it raises: all of the reservation is spent
        try:
            reasoned = await self._reasoner.reason(investigation.case, investigation.found, reserved.count)
            usage = reasoned.usage
        finally:
            await reserved.settle(usage)
        self._count(reasoned)
        return engine.explain(investigation, reasoned, mark=mark)

    def _count(self, reasoned: Reasoned) -> None:
        self.asked["used" if reasoned.engine else "unused"] += 1
        spending.add(self.spent, reasoned.usage)

    async def _record_failure(self, who: actor.Actor, held: Analysis, reason: str) -> None:
        await self._store.write(who, lambda tx: _record_failure(tx, held, reason))


def _read_now(tx: Transaction, held: Analysis) -> tuple[int, dict[str, Any]]:
    """How often the issue has occurred, and what an answer of now rests on."""
    record = coverage.of(tx, within=(held.cluster_id,))
    return issues.get(tx, held.issue_id).count, record.brief() | {"unread": [one.shape() for one in record.unread]}


def _explanation(tx: Transaction, issue_id: str) -> Explanation:
    from optral.analysis.engine import engine

    inquiry = _inquire(tx, issue_id)
    return inquiry.judged(engine.explain(inquiry.investigation))


@dataclass(frozen=True, slots=True)
class _Inquiry:
    """What the rules find now, and the answer that the issue shows, given at `since` in the time of the cluster. `has_recovered`: no object
    shows the failure any more."""

    investigation: "Investigation"
    known: Analysis | None
    since: datetime
    has_recovered: bool

    def judged(self, found: Explanation) -> Explanation:
        """The new answer; as an attempt, with a warning that says so, if it is weaker than the known one."""
        from optral.analysis.engine import weaker

        known = self.known
        case = self.investigation.case
        if known is None or not weaker.is_weaker(known.result, found, case, since=self.since, has_recovered=self.has_recovered):
            return found
        return replace(found, weaker_than=known.id, body={**found.body, "warnings": [_ATTEMPT.format(known.id), *found.body["warnings"]]})


def _inquire(tx: Transaction, issue_id: str, *, whole: bool = False) -> _Inquiry:
    from optral.flows.analysis.investigation import investigate

    investigation, known = investigate(tx, issue_id, whole=whole), analyses.answer(tx, issue_id)
    age = timedelta(0) if known is None or known.started_at is None else tx.now - known.started_at
    has_recovered = investigation.case.question.is_resolved or bool(issues.resolution_times(tx, [issue_id]))
    return _Inquiry(investigation, known, investigation.case.now - age, has_recovered)


def _may_cost(tx: Transaction, held: Analysis) -> bool:
    """Whether a model may be asked: by itself only about what is severe, and not because a fact changed."""
    if held.trigger is Trigger.MANUAL:
        return True
    return held.trigger is not Trigger.FACTS and issues.get(tx, held.issue_id).severity.rank >= Severity.HIGH.rank


def again(known: Analysis) -> Explanation:
    """An earlier answer as the answer of now."""
    return Explanation(
        status=known.status,
        summary=str(known.result.get("summary", "")),
        root_cause=known.result.get("rootCause"),
        confidence=known.confidence or 0.0,
        body={**known.result, "sameAs": known.id},
        evidence_hash=known.evidence_hash or "",
    )


def _claim(tx: Transaction, analysis_id: str, deadline_s: float) -> Analysis | None:
    held = analyses.claim(tx, analysis_id, deadline_s=deadline_s)
    if held is None:
        _tell_failed(tx, analysis_id)
    return held


def _tell_failed(tx: Transaction, analysis_id: str) -> None:
    """A row that nobody finished in its last attempt has just failed for good."""
    found = analyses.get(tx, analysis_id)
    if found.status is Status.FAILED and found.finished_at == tx.now:
        _publish(tx, found)


def _finish(tx: Transaction, held: Analysis, found: Explanation) -> Analysis | None:
    """The finished analysis; None when its row has gone to another worker."""
    done = analyses.finish(tx, held, found)
    if done is None:
        return None
    if done.weaker_than is None:
        issues.mark_analyzed(tx, done.issue_id)
        _publish(tx, done)
    elif (kept := analyses.keep_answer(tx, done.weaker_than)) is not None and done.trigger is Trigger.MANUAL:
        _publish(tx, kept)  # whoever requested it waits for news
    issue = issues.find_one(tx, done.issue_id)
    began = held.started_at or tx.now
    from optral.flows.analysis.investigation import captured_logs

    if issue is not None and any(log.text and log.captured_at > began for log in captured_logs(tx, issue)):  # too late for this answer
        analyses.queue(tx, issue.id, Trigger.LOGS, cluster_id=issue.cluster_id, after_s=FIRST_LOOK_AFTER_S)
    return done


def _reason_of(error: Exception, held: Analysis) -> str:
    """Why an analysis failed, for people; the log has the cause of a defect."""
    if isinstance(error, OptralError):
        return error.say or error.code
    if isinstance(error, TimeoutError):
        return "it did not finish in time"
    _log.error("analysis.failed", analysis=held.id, exc_info=error)
    return "an error inside the analysis; the log has it"


def _record_failure(tx: Transaction, held: Analysis, reason: str) -> None:
    after = analyses.stumble(tx, held, reason)
    if after is not None and after.status.is_final:
        _publish(tx, after)


def _publish(tx: Transaction, done: Analysis) -> None:
    data: dict[str, Any] = {
        "id": done.id,
        "issueId": done.issue_id,
        "clusterId": done.cluster_id,
        "status": done.status.value,
        "trigger": done.trigger.value,
        "rootCause": done.cause_id,
        "confidence": done.confidence,
        "summary": done.result.get("summary"),
    }
    if done.is_answer:
        data |= dict.fromkeys(brief.MEMBERS) | brief.of(done)
    issue = issues.find_one(tx, done.issue_id)
    namespace = None if issue is None else issue.namespace
    news = NewEvent(type="analysis.ready", cluster_id=done.cluster_id, subject_id=done.issue_id, data=data, namespace=namespace)
    events.append(tx, [news])
