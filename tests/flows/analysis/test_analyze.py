"""The walk of an analysis: an issue opens, a row waits, a worker explains it, subscribers hear."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from optral.analysis import brief, model, service as analyses, spending
from optral.analysis.engine.reasoner import BeforeRequest, Reasoned, uncounted
from optral.analysis.model import Analysis, AnalysisFilter, CapturedLog, Cost, Hypothesis, Status, Trigger
from optral.analysis.reading.case import Case
from optral.clusters.model import ClusterStatus
from optral.events import service as events
from optral.flows.analysis import analyze
from optral.flows.analysis.analyze import AnalysisWorker
from optral.flows.analysis.capture import CaptureWorker, Fetch, LogTail
from optral.issues import repository, service as issues
from optral.issues.model import Move, Status as IssueStatus, Substatus
from optral.issues.triage import triage
from optral.issues.triage.triage import Change
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import actor
from optral.terms.errors import Unavailable
from optral.terms.ids import OrgId
from optral.terms.severity import Severity
from tests.conftest import new_org
from tests.flows.inventory.inventory import World, batch, pod, replica_set
from tests.support.clock import FakeClock
from tests.support.objects import change
from tests.support.stores import FullStore

TEMPLATE = {"spec": {"containers": [{"name": "api", "image": "x", "resources": {"limits": {"memory": "64Mi"}}}]}}
SERVES = {"replicas": 1, "updatedReplicas": 1, "readyReplicas": 1, "availableReplicas": 1}
WEB = (change("Deployment.apps", "web", spec={"replicas": 1, "template": TEMPLATE}, status=SERVES), replica_set())


@pytest.fixture
async def world(store: Store, org: OrgId, clock: FakeClock) -> World:
    made = await World.begun(store, org, clock)
    await made.snapshot(*WEB, pod("web-a"))
    return made


async def killed(world: World, name: str = "web-a", rv: str = "2", kill: str = "c1") -> str:
    """A pod is killed for memory; the issue's id."""
    world.clock.advance(5)
    await world.send(batch(pod(name, rv=rv, killed_at=world.clock.now(), kill=kill, ready=False)))
    return (await world.issues())[0].id


async def crashed(world: World) -> str:
    """A container that ends again and again for a reason that only its log tells; the issue's id."""
    at = world.clock.now().isoformat().replace("+00:00", "Z")
    last = {"terminated": {"reason": "Error", "exitCode": 1, "startedAt": at, "finishedAt": at, "containerID": "c1"}}
    waits = {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}}
    raw = json.loads(pod("web-a", rv="2", ready=False).raw)
    raw["status"]["containerStatuses"] = [{"name": "api", "ready": False, "restartCount": 9, "state": waits, "lastState": last}]
    await world.send(batch(pod("web-a", rv="2")._replace(raw=json.dumps(raw).encode())))
    await world.advance(60)
    return next(one.id for one in await world.issues() if one.type == "CrashLoopBackOff")


async def of(world: World, issue_id: str) -> Analysis | None:
    return await world.store.read(world.system, lambda tx: analyses.newest(tx, issue_id))


async def published(world: World) -> list[dict[str, Any]]:
    found = await world.store.read(world.system, lambda tx: events.read_after(tx, 0))
    return [event.data for event in found if event.type == "analysis.ready"]


async def settle(world: World, analysis_worker: AnalysisWorker) -> None:
    """Let it answer, also without the log lines that nobody fetches here."""
    world.clock.advance(analyze.EVIDENCE_S + 1)
    await analysis_worker.step()
    await analysis_worker.idle()


async def test_a_severe_issue_is_explained_by_itself(world: World) -> None:
    issue_id = await killed(world)
    waiting = await of(world, issue_id)
    assert waiting is not None
    assert (waiting.status, waiting.trigger) == (Status.QUEUED, Trigger.AUTO)
    analysis_worker = AnalysisWorker(world.store, world.clock)
    await analysis_worker.step()
    assert (await of(world, issue_id)) == waiting, "its Events may still be on their way"
    await settle(world, analysis_worker)
    done = await of(world, issue_id)
    assert done is not None
    assert (done.status, done.cause_id) == (Status.READY, "memory_limit_too_low")
    assert done.result["recommendedActions"][0]["parameters"] == {
        "kind": "Deployment", "namespace": "shop", "name": "web", "container": "api", "limit": "128Mi",
    }  # fmt: skip
    issue = (await world.issues())[0]
    assert issue.has_analysis
    assert await published(world) == [
        {
            "id": done.id,
            "issueId": issue_id,
            "clusterId": issue.cluster_id,
            "status": "ready",
            "trigger": "auto",
            "rootCause": "memory_limit_too_low",
            "confidence": done.confidence,
            "summary": done.result["summary"],
            "causeUnknown": None,
            **brief.of(done),
        }
    ]


async def test_a_later_move_of_the_issue_does_not_take_its_answer_away(world: World) -> None:
    issue_id = await killed(world)
    await settle(world, AnalysisWorker(world.store, world.clock))
    await killed(world, rv="3", kill="c2")
    [issue] = await world.issues()
    assert (issue.id, issue.has_analysis) == (issue_id, True)


async def test_asking_twice_is_asking_once(world: World) -> None:
    issue_id = await killed(world)
    first = await world.store.write(world.system, lambda tx: analyze.ask(tx, issue_id))
    again = await world.store.write(world.system, lambda tx: analyze.ask(tx, issue_id, force=True))
    assert first.id == again.id
    await settle(world, AnalysisWorker(world.store, world.clock))
    after = await world.store.write(world.system, lambda tx: analyze.ask(tx, issue_id))
    assert after.id != first.id


async def test_a_resolved_issue_can_still_be_asked_about(world: World) -> None:
    issue_id = await killed(world)
    await world.store.write(world.system, lambda tx: triage.change(tx, issue_id, Change(status=IssueStatus.RESOLVED)))
    await settle(world, AnalysisWorker(world.store, world.clock))
    await world.store.write(world.system, lambda tx: analyze.ask(tx, issue_id))
    await AnalysisWorker(world.store, world.clock).step()
    done = await of(world, issue_id)
    assert done is not None
    assert done.status.is_final


async def test_an_issue_whose_pods_are_gone_is_explained_by_what_was_seen(world: World) -> None:
    issue_id = await killed(world)
    await world.send(batch(*(one._replace(op=one.op.DELETE, raw=b"") for one in (pod("web-a"), *WEB))))
    await settle(world, AnalysisWorker(world.store, world.clock))
    done = await of(world, issue_id)
    assert done is not None
    assert (done.status, done.cause_id) == (Status.READY, "memory_limit_too_low")
    assert done.confidence is not None
    assert done.confidence < 0.7
    assert "the object that failed" in done.result["missingEvidence"]


async def test_says_when_the_agent_is_away(world: World) -> None:
    issue_id = await killed(world)
    await world.presence(ClusterStatus.OFFLINE)
    await settle(world, AnalysisWorker(world.store, world.clock))
    done = await of(world, issue_id)
    assert done is not None
    assert "not connected" in done.result["warnings"][0]


class _Moody:
    """A reasoner that fails a given number of times."""

    mark: str | None = "moody/m"
    destination = "http://127.0.0.1:11434"
    deadline_s = 5.0
    most = Cost(tokens=100)

    def __init__(self, failures: int) -> None:
        self.failures, self.asked = failures, 0

    async def reason(self, case: Case, found: Sequence[Hypothesis], before_request: BeforeRequest = uncounted) -> Reasoned:
        self.asked += 1
        if self.asked <= self.failures:
            raise Unavailable("engine_away", say="the engine is away")
        return Reasoned(hypotheses=found, usage={"requests": 1, "inputTokens": 40, "outputTokens": 10}, engine={"name": "rules+model"})


class _Slow(_Moody):
    """A reasoner that answers once it is released."""

    def __init__(self) -> None:
        super().__init__(0)
        self.begun, self.over = asyncio.Event(), asyncio.Event()

    async def reason(self, case: Case, found: Sequence[Hypothesis], before_request: BeforeRequest = uncounted) -> Reasoned:
        self.begun.set()
        await self.over.wait()
        return await super().reason(case, found)


async def asking(world: World, reasoner: _Moody, *, is_wanted: bool = True, daily: Cost | None = None) -> AnalysisWorker:
    """A worker with a model, and an organization that wants it."""
    await world.store.write(world.system, lambda tx: spending.set_on(tx, reasoner.destination if is_wanted else ""))
    return AnalysisWorker(world.store, world.clock, reasoner=reasoner, daily=daily or Cost(tokens=10_000))


@pytest.mark.parametrize(("failures", "status"), [(1, Status.READY), (3, Status.FAILED)])
async def test_tries_again_and_gives_up_in_the_end(world: World, failures: int, status: Status) -> None:
    issue_id = await killed(world)
    analysis_worker = await asking(world, _Moody(failures))
    for _ in range(4):
        await settle(world, analysis_worker)
        world.clock.advance(60)
    done = await of(world, issue_id)
    assert done is not None
    assert done.status is status
    assert [one["status"] for one in await published(world)] == [status.value]
    spent = await world.store.read(world.system, spending.today)
    assert spent.reserved.tokens == 0
    assert spent.input_tokens == failures * _Moody.most.tokens + (40 if status is Status.READY else 0), "what failed may have cost the most"


async def test_a_full_disk_makes_it_rest(world: World) -> None:
    await killed(world)
    await asking(world, _Moody(0))
    full, reasoner = FullStore(world.store), _Moody(0)
    analysis_worker = AnalysisWorker(full, world.clock, reasoner=reasoner, daily=Cost(tokens=10_000))
    world.clock.advance(analyze.FIRST_LOOK_AFTER_S + 1)
    for _ in range(3):  # its own end wakes it
        await analysis_worker.step()
        await analysis_worker.idle()
    assert (full.tried, analysis_worker.retries.total, reasoner.asked) == (1, 1, 0)
    full.failure = None
    world.clock.advance(analysis_worker.retries.wait_s("asked"))
    await settle(world, analysis_worker)
    assert reasoner.asked == 1


async def test_does_not_pay_twice_for_the_same_evidence_unless_told_to(world: World) -> None:
    issue_id = await killed(world)
    reasoner = _Moody(0)
    analysis_worker = await asking(world, reasoner)
    await settle(world, analysis_worker)
    first = await of(world, issue_id)
    await world.store.write(world.system, lambda tx: analyze.ask(tx, issue_id))
    await settle(world, analysis_worker)
    second = await of(world, issue_id)
    assert first is not None
    assert second is not None
    assert (reasoner.asked, second.result["sameAs"], second.cause_id) == (1, first.id, first.cause_id)
    await world.store.write(world.system, lambda tx: analyze.ask(tx, issue_id, force=True))
    await settle(world, analysis_worker)
    assert reasoner.asked == 2
    assert (await world.store.read(world.system, spending.today)).input_tokens == 80


async def test_nothing_is_asked_of_a_model_unless_the_organisation_wants_it(world: World) -> None:
    issue_id = await killed(world)
    reasoner = _Moody(0)
    analysis_worker = await asking(world, reasoner, is_wanted=False)
    await settle(world, analysis_worker)
    done = await of(world, issue_id)
    assert done is not None
    assert (reasoner.asked, done.result["engine"]["name"], done.result["warnings"]) == (0, "rules", [])


async def test_beyond_the_budget_of_the_day_the_rules_answer_with_a_warning_until_tomorrow(world: World) -> None:
    issue_id = await killed(world)
    reasoner = _Moody(0)
    analysis_worker = await asking(world, reasoner, daily=Cost(tokens=120))
    await settle(world, analysis_worker)

    async def again() -> Analysis:
        await world.store.write(world.system, lambda tx: analyze.ask(tx, issue_id, force=True))
        await settle(world, analysis_worker)
        done = await of(world, issue_id)
        assert done is not None
        return done

    over = await again()
    assert (over.status, over.cause_id, over.result["engine"]["name"]) == (Status.READY, "memory_limit_too_low", "rules")
    assert "the model was not asked" in over.result["warnings"][0]
    world.clock.advance(86_400)
    assert (await again()).result["engine"]["name"] == "rules+model"
    assert (reasoner.asked, analysis_worker.asked["over_budget"]) == (2, 1)


async def test_a_model_that_takes_its_time_does_not_hold_up_those_who_want_none(world: World, clock: FakeClock) -> None:
    slow = _Slow()
    analysis_worker = await asking(world, slow)
    await killed(world)
    world.clock.advance(analyze.FIRST_LOOK_AFTER_S + 1)
    await analysis_worker.step()
    await slow.begun.wait()
    other = World(world.store, await new_org(world.store, clock, "Other"), clock)
    await other.create()
    await other.begin()
    await other.snapshot(*WEB, pod("web-a"))
    issue_id = await killed(other)
    world.clock.advance(analyze.FIRST_LOOK_AFTER_S + 1)
    await analysis_worker.step()
    done = await of(other, issue_id)
    assert done is not None
    assert done.status is Status.READY
    assert (await of(world, (await world.issues())[0].id)).status is Status.RUNNING  # type: ignore[union-attr]
    slow.over.set()
    await analysis_worker.idle()
    assert (await of(world, (await world.issues())[0].id)).status is Status.READY  # type: ignore[union-attr]


async def test_its_row_is_held_as_long_as_a_model_may_take(world: World) -> None:
    slow = _Slow()
    analysis_worker = await asking(world, slow)
    issue_id = await killed(world)
    world.clock.advance(analyze.FIRST_LOOK_AFTER_S + 1)
    await analysis_worker.step()
    await slow.begun.wait()
    world.clock.advance(model.DEADLINE_S + slow.deadline_s - 1)
    other = await asking(world, _Moody(0))
    await other.step()
    await other.idle()
    slow.over.set()
    await analysis_worker.idle()
    done = await of(world, issue_id)
    assert done is not None
    assert (done.status, done.attempts, other.done) == (Status.READY, 1, 0)


async def test_an_analysis_whose_worker_died_is_done_by_another(world: World) -> None:
    issue_id = await killed(world)
    world.clock.advance(2)
    waiting = await of(world, issue_id)
    assert waiting is not None
    await world.store.write(world.system, lambda tx: analyses.claim(tx, waiting.id))
    analysis_worker = AnalysisWorker(world.store, world.clock)
    await analysis_worker.step()
    assert (await of(world, issue_id)).status is Status.RUNNING  # type: ignore[union-attr]
    world.clock.advance(model.DEADLINE_S)
    await analysis_worker.step()
    assert (await of(world, issue_id)).status is Status.READY  # type: ignore[union-attr]


async def test_of_what_was_there_before_only_so_many_are_explained_and_the_most_severe_first(world: World) -> None:
    issue_id = await killed(world)
    issue = await world.store.read(world.system, lambda tx: issues.get(tx, issue_id))
    severities = [Severity.MEDIUM, Severity.CRITICAL, Severity.LOW]
    old = [
        replace(issue, id=f"iss_{n:026d}", substatus=Substatus.PREEXISTING, severity=severities[n % 3])
        for n in range(model.PREEXISTING_AT_MOST + 30)
    ]
    await world.store.write(world.system, lambda tx: analyze.on_moves(tx, [Move("created", one, {}, "opened") for one in old]))
    found = await world.store.read(world.system, lambda tx: analyses.newest_of(tx, [one.id for one in old]))
    assert len(found) == sum(one.severity is not Severity.LOW for one in old)
    in_turn = sorted((one for one in old if one.id in found), key=lambda one: found[one.id].due_at or world.clock.now())
    assert [one.severity.rank for one in in_turn] == sorted((one.severity.rank for one in in_turn), reverse=True)


async def test_nothing_is_analysed_by_itself_when_the_organisation_does_without(world: World) -> None:
    await world.store.write(world.system, lambda tx: analyze.switch(tx, is_on=False))
    issue_id = await killed(world)
    assert await of(world, issue_id) is None
    asked = await world.store.write(world.system, lambda tx: analyze.ask(tx, issue_id))
    assert asked.trigger is Trigger.MANUAL


@pytest.mark.parametrize(
    ("rank", "place", "parent", "automatic"),
    [
        (3, None, False, True),
        (1, None, False, True),
        (0, None, False, False),
        (3, None, True, False),
        (3, model.PREEXISTING_AT_MOST - 1, False, True),
        (3, model.PREEXISTING_AT_MOST, False, False),
    ],
)
def test_which_issues_are_explained_by_themselves(rank: int, place: int | None, parent: bool, automatic: bool) -> None:
    assert model.is_automatic(severity_rank=rank, preexisting_rank=place, has_parent=parent) is automatic


LINES = "java.lang.OutOfMemoryError: Java heap space\n"


def answering(tail: LogTail) -> Fetch:
    async def fetch(org_id: OrgId, wanted: CapturedLog) -> LogTail:
        return tail

    return fetch


async def request_analysis(world: World, issue_id: str, *, force: bool = False) -> Analysis:
    return await world.store.write(world.system, lambda tx: analyze.ask(tx, issue_id, force=force))


async def test_what_a_person_requests_waits_for_the_log_it_lacks_and_says_so(world: World) -> None:
    issue_id = await killed(world)
    request = await request_analysis(world, issue_id)
    assert request.waits_for == ("the log of container api of pod web-a, previous run", "the log of container api of pod web-a")
    world.clock.advance(2)
    analysis_worker = AnalysisWorker(world.store, world.clock)
    await analysis_worker.step()
    assert (await world.store.read(world.system, lambda tx: analyses.get(tx, request.id))).status is Status.QUEUED
    await CaptureWorker(world.store, world.clock, answering(LogTail(text=LINES))).step()
    await analysis_worker.step()
    done = await world.store.read(world.system, lambda tx: analyses.get(tx, request.id))
    assert (done.status, done.trigger, done.waits_for) == (Status.READY, Trigger.MANUAL, ())


@pytest.mark.parametrize(
    ("tail", "reason"),
    [
        pytest.param(LogTail(failure="the container api has no earlier run", for_good=True), "no earlier run", id="there is none"),
        pytest.param(LogTail(failure="the agent is busy"), "the agent is busy", id="it does not come in time"),
    ],
)
async def test_a_log_that_does_not_come_holds_an_answer_up_for_a_while_at_most(world: World, tail: LogTail, reason: str) -> None:
    issue_id = await crashed(world)
    request = await request_analysis(world, issue_id)
    capture_worker, analysis_worker = CaptureWorker(world.store, world.clock, answering(tail)), AnalysisWorker(world.store, world.clock)
    await capture_worker.step()
    await settle(world, analysis_worker)
    done = await world.store.read(world.system, lambda tx: analyses.get(tx, request.id))
    assert done.status is Status.INCONCLUSIVE
    assert any(reason in one for one in done.result["missingEvidence"])


async def test_an_inconclusive_answer_is_given_again_when_its_log_arrives(world: World) -> None:
    issue_id = await crashed(world)
    analysis_worker = AnalysisWorker(world.store, world.clock)
    await settle(world, analysis_worker)
    assert (await of(world, issue_id)).status is Status.INCONCLUSIVE  # type: ignore[union-attr]
    await CaptureWorker(world.store, world.clock, answering(LogTail(text="open /etc/app/config.yaml: permission denied\n"))).step()
    await settle(world, analysis_worker)
    done = await of(world, issue_id)
    assert done is not None
    assert (done.status, done.trigger) == (Status.READY, Trigger.LOGS)


async def test_a_root_is_analysed_again_when_a_log_of_its_symptom_arrives(world: World) -> None:
    issue_id = await killed(world)
    issue = await world.store.read(world.system, lambda tx: issues.get(tx, issue_id))
    root = replace(issue, id="iss_root", fingerprint="root", type="DeploymentReplicasUnavailable")

    def attach(tx: Transaction) -> None:
        repository.insert(tx, [root])
        repository.update(tx, [replace(issue, parent_issue_id=root.id)])

    await world.store.write(world.system, attach)
    await CaptureWorker(world.store, world.clock, answering(LogTail(text=LINES))).step()
    newest = await of(world, root.id)
    assert newest is not None
    assert (newest.status, newest.trigger) == (Status.QUEUED, Trigger.LOGS)


async def test_an_answer_is_not_awaited_where_nobody_can_fetch_its_log(world: World) -> None:
    issue_id = await killed(world)
    await world.presence(ClusterStatus.OFFLINE)
    request = await request_analysis(world, issue_id)
    await AnalysisWorker(world.store, world.clock).step()
    assert (await world.store.read(world.system, lambda tx: analyses.get(tx, request.id))).status is Status.READY


async def test_a_request_is_not_held_up_by_an_analysis_that_waits_for_a_storm_to_end(world: World) -> None:
    issue_id = await killed(world)
    await world.store.write(
        world.system, lambda tx: analyses.queue(tx, issue_id, Trigger.AUTO, cluster_id=world.session.cluster_id, after_s=60)
    )
    waiting = await request_analysis(world, issue_id)
    assert waiting.due_at is not None
    assert (waiting.due_at - world.clock.now()).total_seconds() <= analyze.EVIDENCE_S
    assert waiting.trigger is Trigger.MANUAL


async def test_an_answer_is_given_again_when_it_happens_again_but_not_every_time(world: World) -> None:
    issue_id = await killed(world)
    analysis_worker = AnalysisWorker(world.store, world.clock)
    await settle(world, analysis_worker)
    counted = []
    for number in range(2, 40):
        world.clock.advance(35)
        await killed(world, rv=str(number + 1), kill=f"c{number}")
        await analysis_worker.step()
        counted.append(await world.store.read(world.system, lambda tx: analyses.count(tx, AnalysisFilter(issues=frozenset({issue_id})))))
    assert counted[3] >= 2
    assert counted[-1] <= 12, "22 minutes of kills"
    shown = await world.store.read(world.system, lambda tx: analyses.shown(tx, issue_id))
    assert shown is not None
    assert shown.status is Status.READY, "an answer that is being brought up to date stays in view"
    assert shown.result["occurrences"] < 39, "it says how often the issue had occurred"
    newest = await of(world, issue_id)
    assert newest is not None
    assert newest.trigger is Trigger.FACTS
    await request_analysis(world, issue_id)
    await settle(world, analysis_worker)
    latest = await of(world, issue_id)
    assert latest is not None
    assert latest.result["occurrences"] == (await world.store.read(world.system, lambda tx: issues.get(tx, issue_id))).count


async def test_a_model_is_not_asked_about_what_is_medium_unless_a_person_requests_it(world: World) -> None:
    issue_id = await killed(world)
    issue = await world.store.read(world.system, lambda tx: issues.get(tx, issue_id))
    await world.store.write(world.system, lambda tx: repository.update(tx, [replace(issue, severity=Severity.MEDIUM)]))
    reasoner = _Moody(0)
    analysis_worker = await asking(world, reasoner)
    await settle(world, analysis_worker)
    done = await of(world, issue_id)
    assert done is not None
    assert (done.status, reasoner.asked) == (Status.READY, 0)
    await request_analysis(world, issue_id)
    await settle(world, analysis_worker)
    assert reasoner.asked == 1


async def test_requests_come_first_and_clusters_take_turns(world: World) -> None:
    def queue(tx: Transaction) -> None:
        for number in range(20):
            analyses.queue(tx, f"iss_a{number:02d}", Trigger.AUTO, cluster_id="cls_a", after_s=number / 1000)
        for number in range(2):
            analyses.queue(tx, f"iss_b{number:02d}", Trigger.AUTO, cluster_id="cls_b", after_s=1 + number / 1000)
        analyses.queue(tx, "iss_by_hand", Trigger.MANUAL, cluster_id="cls_a", after_s=1.5)

    await world.store.write(world.system, queue)
    world.clock.advance(2)
    due = await world.store.read(actor.system(), lambda tx: analyses.due(tx, limit=6))
    found = [await world.store.read(world.system, lambda tx, id_=id_: analyses.get(tx, id_)) for id_, _ in due]  # type: ignore[misc]
    assert [one.issue_id for one in found] == ["iss_by_hand", "iss_b00", "iss_a00", "iss_b01", "iss_a01", "iss_a02"]


async def test_whoever_waits_gets_the_answer_that_follows_an_inconclusive_one(world: World) -> None:
    issue_id = await crashed(world)
    analysis_worker = AnalysisWorker(world.store, world.clock)
    await settle(world, analysis_worker)
    first = await of(world, issue_id)
    assert first is not None

    async def seen() -> Analysis:
        return await world.store.read(world.system, lambda tx: analyses.followed(tx, first.id))

    assert (first.status, (await seen()).is_settled) == (Status.INCONCLUSIVE, False)
    await CaptureWorker(world.store, world.clock, answering(LogTail(text="open /etc/app/config.yaml: permission denied\n"))).step()
    assert not (await seen()).is_settled
    await settle(world, analysis_worker)
    last = await seen()
    assert (last.status, last.is_settled, last.id != first.id) == (Status.READY, True, True)
