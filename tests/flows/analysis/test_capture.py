"""The last log lines of a container: requested when its issue opens, stored, and read again."""

import asyncio
import json
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from optral.analysis import model, service as analyses
from optral.analysis.model import CapturedLog, Status, Trigger
from optral.flows.analysis import analyze, capture, investigation, issue_context
from optral.flows.analysis.analyze import AnalysisWorker
from optral.flows.analysis.capture import CaptureWorker, LogTail
from optral.issues import repository
from optral.issues.lifecycle.grouping import Urgency
from optral.kube.changes import ObjectChange, Op
from optral.store.metadata import metadata
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import actor
from optral.terms.errors import NotFound, OptralError, Refused
from optral.terms.ids import OrgId
from optral.terms.severity import Severity
from tests.flows.inventory import inventory
from tests.flows.inventory.inventory import World, batch, deployment, pod, replica_set
from tests.support.clock import NOON, FakeClock
from tests.support.objects import change, reference
from tests.support.stores import FullStore

SERVES = {"replicas": 1, "updatedReplicas": 1, "readyReplicas": 1, "availableReplicas": 1}


@pytest.fixture
async def world(store: Store, org: OrgId, clock: FakeClock) -> World:
    made = await World.begun(store, org, clock)
    await made.snapshot(deployment(), replica_set(), pod("web-a"))
    return made


async def killed(world: World) -> str:
    world.clock.advance(5)
    await world.send(batch(pod("web-a", rv="2", killed_at=world.clock.now(), ready=False)))
    return next(one.id for one in await world.issues() if one.type == "OOMKilled")


class Agent:
    """An agent with scripted answers."""

    def __init__(self, *answers: LogTail | OptralError) -> None:
        self.answers, self.asked = list(answers), []  # type: ignore[var-annotated]

    async def __call__(self, org_id: OrgId, wanted: CapturedLog) -> LogTail:
        self.asked.append((wanted.pod, wanted.container, wanted.previous))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, OptralError):
            raise answer
        return answer


async def kept(world: World, issue_id: str) -> list[CapturedLog]:
    return await world.store.read(world.system, lambda tx: analyses.logs(tx, issue_id))


async def test_asks_for_this_run_and_the_one_before_and_has_the_issue_looked_at_again(world: World) -> None:
    issue_id = await killed(world)
    world.clock.advance(2)
    await AnalysisWorker(world.store, world.clock).step()
    agent = Agent(LogTail(text="java.lang.OutOfMemoryError: Java heap space\n"))
    await CaptureWorker(world.store, world.clock, agent).step()
    assert sorted(agent.asked) == [("web-a", "api", False), ("web-a", "api", True)]
    assert [one.is_wanted for one in await kept(world, issue_id)] == [False, False]
    newest = await world.store.read(world.system, lambda tx: analyses.newest(tx, issue_id))
    assert newest is not None
    assert (newest.status, newest.trigger) == (Status.QUEUED, Trigger.LOGS)
    assert await CaptureWorker(world.store, world.clock, agent).step() == capture.LOOK_EVERY_S
    assert len(agent.asked) == 2


@pytest.mark.parametrize(
    ("answer", "times"),
    [
        pytest.param(NotFound("no_previous_log", say="there was no earlier run"), 1, id="there is none"),
        pytest.param(LogTail(failure="NOT_STARTED", for_good=True), 1, id="it never started"),
        pytest.param(Refused("cluster_offline", say="the agent is away"), model.CAPTURE_ATTEMPTS, id="the agent is away"),
    ],
)
async def test_asks_again_only_where_that_may_help(world: World, answer: LogTail | OptralError, times: int) -> None:
    issue_id = await killed(world)
    agent = Agent(answer)
    capture_worker = CaptureWorker(world.store, world.clock, agent)
    for _ in range(model.CAPTURE_ATTEMPTS + 2):
        await capture_worker.step()
        world.clock.advance(60)
    assert len(agent.asked) == 2 * times
    assert {(one.text, one.is_wanted, bool(one.failure)) for one in await kept(world, issue_id)} == {("", False, True)}


async def test_a_wish_outlives_the_process_that_had_it(world: World) -> None:
    issue_id = await killed(world)
    held = model.fetching((await kept(world, issue_id))[0], now=world.clock.now())
    await world.store.write(world.system, lambda tx: analyses.save_logs(tx, [held]))
    agent = Agent(LogTail(text="bye"))
    await CaptureWorker(world.store, world.clock, agent).step()
    assert len(agent.asked) == 1, "the other one is in somebody's hands"
    world.clock.advance(model.CAPTURE_DEADLINE_S)
    await CaptureWorker(world.store, world.clock, agent).step()
    assert len(agent.asked) == 2


async def test_a_full_disk_makes_it_rest(world: World) -> None:
    await killed(world)
    full, agent = FullStore(world.store), Agent(LogTail(text="bye"))
    capture_worker = CaptureWorker(full, world.clock, agent)
    for _ in range(3):  # its own end wakes it
        await capture_worker.step()
    assert (full.tried, capture_worker.retries.total, agent.asked) == (2, 2, [])
    full.failure = None
    world.clock.advance(capture_worker.retries.wait_s("writes"))
    await capture_worker.step()
    assert len(agent.asked) == 2


@pytest.mark.parametrize(
    ("lines", "secrets"),
    [
        pytest.param(["Authorization: Bearer cnry1abcdefghijklmnop0123"], ["cnry1"], id="a token"),
        pytest.param(
            ["-----BEGIN RSA PRIVATE KEY-----", "MIIEpAIBAAKCAQEAcnry", "-----END RSA PRIVATE KEY-----"],
            ["cnry"],
            id="a key of several lines",
        ),
        pytest.param(
            ["cloning with ghp_cnry0123456789abcdef", "ghijABCDEFGHIJ012345 over https"], ["cnry", "ghijABC"], id="a token in two lines"
        ),
    ],
)
async def test_keeps_no_secret_that_the_agent_let_through(world: World, lines: list[str], secrets: list[str]) -> None:
    issue_id = await killed(world)
    await CaptureWorker(world.store, world.clock, Agent(LogTail(text="\n".join(["start", *lines, "end"])))).step()
    for one in await kept(world, issue_id):
        assert [one.text.splitlines()[at] for at in (0, -1)] == ["start", "end"]
        assert not [secret for secret in secrets if secret in one.text]


def wish(number: int, *, cluster: str = "cls_1", issue: str = "") -> CapturedLog:
    return CapturedLog(
        cluster_id=cluster,
        issue_id=issue or f"iss_{number:026d}",
        namespace="shop",
        pod=f"web-{number}",
        container="api",
        previous=False,
        captured_at=NOON,
        due_at=NOON,
    )


class Slow:
    """An agent that answers once it is released, and counts the requests at once."""

    def __init__(self) -> None:
        self.may_answer, self.is_full = asyncio.Event(), asyncio.Event()
        self.now, self.most = Counter[str](), Counter[str]()

    async def __call__(self, org_id: OrgId, wanted: CapturedLog) -> LogTail:
        cluster = wanted.cluster_id
        self.now[cluster] += 1
        self.most[cluster] = max(self.most[cluster], self.now[cluster])
        if self.now.total() >= 2 * capture.AT_ONCE:
            self.is_full.set()
        await self.may_answer.wait()
        self.now[cluster] -= 1
        return LogTail(text="bye")


async def test_three_at_once_in_a_cluster_and_a_slow_one_holds_up_nobody(store: Store, org: OrgId, clock: FakeClock) -> None:
    wishes = [wish(number, cluster=f"cls_{number % 2}") for number in range(10)]
    await store.write(actor.system(org), lambda tx: analyses.want_logs(tx, wishes))
    agent = Slow()
    capture_worker = CaptureWorker(store, clock, agent)
    working = asyncio.create_task(capture_worker.step())
    async with asyncio.timeout(10):
        await agent.is_full.wait()
        agent.may_answer.set()
        await working
    assert agent.most == {"cls_0": capture.AT_ONCE, "cls_1": capture.AT_ONCE}
    assert not capture_worker.dropped


async def test_what_does_not_fit_into_a_minute_of_a_cluster_waits_and_is_not_dropped(store: Store, org: OrgId, clock: FakeClock) -> None:
    wishes = [wish(number) for number in range(300)]
    await store.write(actor.system(org), lambda tx: analyses.want_logs(tx, [*wishes, *(wish(900 + n, cluster="cls_2") for n in range(5))]))
    agent = Agent(LogTail(text="x" * analyses.MAX_LOG_BYTES))
    capture_worker = CaptureWorker(store, clock, agent)
    await capture_worker.step()
    fit = capture.BYTES_A_MINUTE // analyses.MAX_LOG_BYTES
    assert len(agent.asked) == fit + 5, "the other cluster has a minute of its own"
    clock.advance(61)
    await capture_worker.step()
    assert (len(agent.asked), capture_worker.dropped) == (305, Counter())


def test_short_logs_of_a_hundred_workloads_fit_into_one_minute() -> None:
    assert 200 * capture.BYTES_AT_LEAST < capture.BYTES_A_MINUTE


def test_roots_come_before_symptoms_first_logs_before_second_ones_and_clusters_take_turns() -> None:
    def both(number: int, cluster: str = "cls_1") -> list[tuple[str, CapturedLog]]:
        return [("org", replace(wish(number, cluster=cluster), previous=previous)) for previous in (False, True)]

    due = [*both(1), *both(2), *both(3), *both(4), *both(5, "cls_2")]
    urgencies = {
        wish(1).issue_id: Urgency(Severity.MEDIUM, False),
        wish(2).issue_id: Urgency(Severity.CRITICAL, True),
        wish(3).issue_id: Urgency(Severity.CRITICAL, False),
        wish(4).issue_id: Urgency(Severity.HIGH, False),
    }
    order = [(log.pod, log.previous) for _, log in capture.in_order(due, urgencies)]
    assert order == [
        ("web-3", True), ("web-5", True), ("web-4", True), ("web-5", False), ("web-1", True),
        ("web-3", False), ("web-4", False), ("web-1", False), ("web-2", True), ("web-2", False),
    ]  # fmt: skip


async def due(world: World) -> list[CapturedLog]:
    found = await world.store.read(actor.system(), lambda tx: analyses.due_logs(tx, of_each=10, limit=10))
    return [log for _, log in found]


async def test_two_servers_do_not_fetch_the_same_log(world: World) -> None:
    await killed(world)
    [log, _] = await due(world)
    claims = [await world.store.write(world.system, lambda tx: analyses.claim_log(tx, log)) for _ in range(2)]
    assert [claim is not None for claim in claims] == [True, False]


async def test_an_answer_that_comes_after_another_server_took_over_changes_nothing(world: World) -> None:
    await killed(world)
    [log, _] = await due(world)
    ours = await world.store.write(world.system, lambda tx: analyses.claim_log(tx, log))
    assert ours is not None
    world.clock.advance(model.CAPTURE_DEADLINE_S)
    theirs = await world.store.write(world.system, lambda tx: analyses.claim_log(tx, log))
    assert theirs is not None
    hold = await world.store.write(world.system, lambda tx: [analyses.holds_log(tx, one) for one in (ours, theirs)])
    assert hold == [False, True]


def crash_loop(name: str) -> list[ObjectChange]:
    """A Deployment whose container ends again and again, as a cluster's first inventory shows it."""
    at = "2026-01-15T00:00:00Z"
    last = {"terminated": {"reason": "Error", "exitCode": 1, "startedAt": at, "finishedAt": at, "containerID": f"c-{name}"}}
    back_off = {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 5m0s restarting failed container"}}
    shown = {"name": "api", "ready": False, "restartCount": 12, "state": back_off, "lastState": last}
    owner = reference("ReplicaSet.apps", f"{name}-1")
    status = {"phase": "Running", "conditions": [{"type": "Ready", "status": "False"}], "containerStatuses": [shown]}
    spec = {"nodeName": "n1", "containers": [{"name": "api", "image": f"{name}:1"}]}
    meta = {"ownerReferences": [owner], "creationTimestamp": at}
    return [deployment(name), replica_set(f"{name}-1", name), change("Pod", f"{name}-a", metadata=meta, spec=spec, status=status)]


async def test_every_crash_loop_of_a_broken_cluster_has_its_log_and_cause_within_a_minute(
    store: Store, org: OrgId, clock: FakeClock
) -> None:
    world = await World.begun(store, org, clock)
    await world.snapshot(*(one for number in range(60) for one in crash_loop(f"app{number}")))
    await world.advance(0)  # the sweep judges what the first transaction left
    found = {one.id for one in await world.issues() if one.type == "CrashLoopBackOff"}
    assert len(found) == 60
    agent = Agent(LogTail(text="open /etc/app/config.yaml: permission denied\n"))
    capture_worker, analysis_worker = CaptureWorker(store, clock, agent), AnalysisWorker(store, clock)
    for _ in range(30):
        await capture_worker.step()
        while await analysis_worker.step() == 0:
            pass
        await world.advance(2)
    newest = await store.read(world.system, lambda tx: analyses.newest_of(tx, sorted(found)))
    assert {one.status for one in newest.values()} == {Status.READY}
    for issue_id in found:
        assert all(one.text for one in await kept(world, issue_id))


async def test_lines_of_an_earlier_capture_stay_when_a_later_one_brings_nothing(world: World) -> None:
    issue_id = await killed(world)
    await CaptureWorker(world.store, world.clock, Agent(LogTail(text="java.lang.OutOfMemoryError\n"))).step()
    first = await kept(world, issue_id)
    world.clock.advance(600)
    await world.store.write(world.system, lambda tx: analyze.ask(tx, issue_id))
    waiting = await kept(world, issue_id)
    assert [(one.text, one.is_wanted) for one in waiting] == [(one.text, True) for one in first]
    await CaptureWorker(world.store, world.clock, Agent(LogTail(failure="it is gone", for_good=True))).step()
    assert [(one.text, one.state, one.captured_at) for one in await kept(world, issue_id)] == [
        (one.text, model.LogState.CAPTURED, one.captured_at) for one in first
    ]


REFUSAL = "unable to retrieve container logs for containerd://61a93aa17bfb193bc125b151ec643c85"


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        pytest.param(REFUSAL, "", id="only the kubelet's refusal"),
        pytest.param(f"panic: no route\n{REFUSAL}", "panic: no route\n", id="the kubelet after some lines"),
        pytest.param("panic: no route\n", "panic: no route\n", id="the application"),
    ],
)
async def test_words_of_the_kubelet_are_not_kept_as_those_of_the_container(world: World, answer: str, text: str) -> None:
    issue_id = await killed(world)
    await CaptureWorker(world.store, world.clock, Agent(LogTail(text=answer))).step()
    assert {(one.text, one.is_wanted) for one in await kept(world, issue_id)} == {(text, not text)}, "without lines it is tried again"


async def test_a_log_is_kept_up_to_64_kib_and_its_end_counts(world: World) -> None:
    issue_id = await killed(world)
    await CaptureWorker(world.store, world.clock, Agent(LogTail(text="x" * 100_000 + "end"))).step()
    for one in await kept(world, issue_id):
        assert (len(one.text), one.text[-3:], one.truncated) == (64 * 1024, "end", True)


async def test_what_was_around_is_kept_with_it(world: World) -> None:
    """Whoever looks next week still sees the Events and the change of the workload."""
    about = {"kind": "Pod", "apiVersion": "v1", "namespace": "shop", "name": "web-a", "uid": "uid-Pod-web-a"}
    at = world.clock.now().isoformat().replace("+00:00", "Z")
    times = {"firstTimestamp": at, "lastTimestamp": at, "count": 1}
    event = change("Event", "web-a.1", involvedObject=about, reason="Unhealthy", message="probe failed", type="Warning", **times)
    template = {"spec": {"containers": [{"name": "api", "image": "x:2"}]}}
    changed = change("Deployment.apps", "web", rv="2", spec={"replicas": 1, "template": template}, status=SERVES)
    await world.send(batch(event, changed))
    issue_id = await killed(world)
    await CaptureWorker(world.store, world.clock, Agent(LogTail(text="bye"))).step()
    around = await world.store.read(world.system, lambda tx: issue_context.of(tx, issue_id))
    assert [json.loads(bytes(raw))["reason"] for raw in around.events] == ["Unhealthy"]
    assert ("Deployment.apps", "web") in {(one["kind"], one["name"]) for one in around.changes}
    world.clock.advance(3 * 86400)
    looked = await world.store.read(world.system, lambda tx: investigation.investigate(tx, issue_id))
    assert looked.case is not None


@pytest.mark.parametrize(
    ("capabilities", "asked"),
    [((), True), (("verb:get", "verb:logs"), True), (("verb:get", "read-only"), False)],
)
async def test_an_agent_that_may_not_read_logs_is_not_asked(world: World, capabilities: tuple[str, ...], asked: bool) -> None:
    def job(tx: Transaction) -> None:
        tx.execute(
            sa.update(metadata.tables["clusters"]).where(sa.column("org_id") == world.org).values(agent_capabilities=list(capabilities))
        )

    await world.store.write(world.system, job)
    issue_id = await killed(world)
    assert bool(await kept(world, issue_id)) is asked


async def test_an_organisation_may_do_without(world: World) -> None:
    await world.store.write(world.system, lambda tx: capture.switch(tx, is_on=False))
    issue_id = await killed(world)
    assert await kept(world, issue_id) == []


@pytest.mark.parametrize("attempts", [0, 1])
async def test_what_waits_when_it_is_switched_off_is_let_go(world: World, attempts: int) -> None:
    issue_id = await killed(world)
    waiting = [replace(one, attempts=attempts) for one in await kept(world, issue_id)]
    await world.store.write(world.system, lambda tx: analyses.save_logs(tx, waiting))
    await world.store.write(world.system, lambda tx: capture.switch(tx, is_on=False))
    agent = Agent(LogTail(text="bye"))
    capture_worker = CaptureWorker(world.store, world.clock, agent)
    await capture_worker.step()
    assert agent.asked == []
    assert not any(one.is_wanted for one in await kept(world, issue_id))


@pytest.mark.parametrize(("value", "asked"), [("false", False), ("False ", False), ("true", True), ("", True)])
async def test_a_namespace_may_keep_its_logs_to_itself(
    store: Store, org: OrgId, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, value: str, asked: bool
) -> None:
    monkeypatch.setattr(inventory, "KINDS", inventory.KINDS | {"Namespace"})
    world = await World.begun(store, org, clock)
    raw = {"metadata": {"name": "shop", "uid": "uid-ns", "resourceVersion": "1", "annotations": {"optral.ai/capture": value}}}
    namespace = ObjectChange(Op.UPSERT, "Namespace", "uid-ns", "", "shop", "1", json.dumps(raw).encode())
    await world.snapshot(namespace, deployment(), replica_set(), pod("web-a"))
    issue_id = await killed(world)
    assert bool(await kept(world, issue_id)) is asked
    await world.store.write(world.system, lambda tx: analyze.ask(tx, issue_id, force=True))
    assert bool(await kept(world, issue_id)) is asked, "nor by hand"


@pytest.mark.parametrize(("others", "asked"), [(0, 2), (capture.OF_A_FAMILY, 0)])
async def test_logs_of_some_symptoms_are_fetched_for_their_root(world: World, others: int, asked: int) -> None:
    issue_id = await killed(world)
    issue = next(one for one in await world.issues() if one.id == issue_id)
    siblings = [replace(issue, id=f"iss_{n:026d}", fingerprint=f"f{n}", parent_issue_id="iss_root") for n in range(others)]

    def attach(tx: Transaction) -> None:
        tx.execute(sa.update(metadata.tables["issues"]).where(sa.column("org_id") == world.org).values(parent_issue_id="iss_root"))
        repository.insert(tx, siblings)
        analyses.save_logs(tx, [model.fetching(wish(0, issue=one.id), now=NOON) for one in siblings])

    await world.store.write(world.system, attach)
    agent = Agent(LogTail(text="bye"))
    await CaptureWorker(world.store, world.clock, agent).step()
    assert (len(agent.asked), bool(await kept(world, issue_id))) == (asked, bool(asked))


async def test_a_container_of_which_nothing_was_captured_is_tried_again_when_it_ends_again(world: World) -> None:
    issue_id = await killed(world)
    capture_worker = CaptureWorker(
        world.store, world.clock, Agent(LogTail(text=""), LogTail(failure="it has no earlier run", for_good=True))
    )
    await capture_worker.step()
    wanted = []
    for number, wait_s in enumerate((60, capture.AGAIN_AFTER.total_seconds(), 60)):
        world.clock.advance(wait_s)
        again = pod("web-a", rv=str(number + 3), killed_at=world.clock.now(), kill=f"again{number}", ready=False)
        await world.send(batch(again))
        wanted.append(any(one.is_wanted for one in await kept(world, issue_id)))
        await capture_worker.step()
    assert wanted == [False, True, False], "every two minutes at most"


async def test_a_container_that_fails_for_another_reason_than_at_first_is_read_again(world: World) -> None:
    issue_id = await killed(world)
    agent = Agent(LogTail(text="dial tcp store:5432: connect: connection refused\n"))
    capture_worker, answers = CaptureWorker(world.store, world.clock, agent), AnalysisWorker(world.store, world.clock)
    for number, (wait_s, says) in enumerate(((30, "starting"), (40, 'FATAL: database "ordrs" does not exist'), (30, "starting"))):
        await capture_worker.step()
        world.clock.advance(wait_s)
        await answers.step()
        agent.answers = [LogTail(text=f"{says}\n")]
        await world.send(batch(pod("web-a", rv=str(number + 3), killed_at=world.clock.now(), kill=f"again{number}", ready=False)))
    await capture_worker.step()
    assert len(agent.asked) == 4, "the first log stands for a minute, each later one for longer"
    assert {one.text for one in await kept(world, issue_id)} == {'FATAL: database "ordrs" does not exist\n'}
    newest = await world.store.read(world.system, lambda tx: analyses.newest(tx, issue_id))
    assert newest is not None
    assert (newest.trigger, newest.created_at) == (Trigger.LOGS, NOON + timedelta(seconds=75))


def test_every_code_that_ends_the_capture_of_a_log_is_one_that_agents_report() -> None:
    page = (Path(__file__).parents[3] / "docs/agent.md").read_text()
    assert [code for code in sorted(capture.FINAL_CODES) if f"`{code}`" not in page] == []
    assert {"POLICY_DENIED", "RBAC_DENIED"} <= capture.FINAL_CODES, "asking again changes neither a policy nor a role"
