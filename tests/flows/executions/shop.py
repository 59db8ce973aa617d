"""A cluster with one Deployment, an agent played at the commands room's door, and a driver that can be killed between any two moves.

The agent keeps a journal, as the real one does, and counts what it changed by command; its cluster obeys writes and honors
preconditions, and every change reaches the inventory.
"""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from optral.access.model import SCOPES
from optral.clusters import service as clusters
from optral.clusters.model import ClusterFreshness, ClusterState, ClusterStatus, Verdict
from optral.clusters.tables import clusters as table
from optral.commands import service as commands
from optral.commands.model import Command, Report, State
from optral.detectors.finding import Examination, Finding
from optral.events import service as events
from optral.flows.executions import control
from optral.flows.executions.driver import Driver, advance
from optral.flows.executions.start import Request, start
from optral.issues import service as issues
from optral.issues.model import IssueFilter
from optral.kit.paging import PageRequest
from optral.kube.changes import ObjectChange, Op
from optral.resources import reports
from optral.runbooks import service as runbooks
from optral.runbooks.model import Execution, Step
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import actor as actors, ids
from optral.terms.actor import Actor, Role
from optral.terms.ids import OrgId, UserId
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity
from tests.support.clock import FakeClock

UID = "uid-web"


@dataclass
class Agent:
    """Answers commands on a tiny cluster: one Deployment `web` in `shop`, one pod, one node."""

    limit: str = "64Mi"
    replicas: int = 1
    restarted: int = 0
    revision: int = 2
    is_cordoned: bool = False
    has_pod: bool = True
    resource_version: int = 10
    journal: dict[str, Report] = field(default_factory=dict)
    changes: Counter[str] = field(default_factory=Counter)
    answers: dict[str, Callable[[Command], Report | None]] = field(default_factory=dict)
    """Verb to an answer of the test's own; it may give None and stay silent."""
    disturb: int = 0
    """So many times somebody else changes the object between the look and the change."""

    def perform(self, command: Command) -> Report | None:
        """At most once for each command id, as the journal says."""
        if command.id in self.journal:
            return self.journal[command.id]
        said = self.answers.get(command.verb, self._do)(command)
        if said is not None:
            self.journal[command.id] = said
        return said

    def _do(self, command: Command) -> Report:
        if command.is_write and self.disturb:
            self.disturb -= 1
            self.resource_version += 1
        wanted = command.precondition.resource_version
        if wanted and wanted != str(self.resource_version):
            return report(command, State.FAILED, code="PRECONDITION", message="the object changed")
        if command.verb in ("get", "events"):
            return report(command, result={"object": {"kind": "Deployment"}})
        path, before, after = self._change(command)
        if not command.dry_run:
            self._apply(command)
        diff = [] if before == after else [{"path": path, "from": before, "to": after}]
        result = {"before": {path: before}, "after": {path: after}, "diff": diff, "uid": command.precondition.uid}
        return report(command, result=result | {"resourceVersion": str(self.resource_version)})

    def _change(self, command: Command) -> tuple[str, Any, Any]:
        given = command.params
        match command.verb:
            case "setResources":
                return "spec.template.spec.containers[api].resources.limits.memory", self.limit, given["limits"]["memory"]
            case "scale":
                return "spec.replicas", self.replicas, given["replicas"]
            case "restart":
                return "spec.template.metadata.annotations.restartedAt", str(self.restarted), command.id
            case "rollback":
                return "spec.template.spec.containers[api].image", f"v{self.revision}", f"v{given.get('toRevision', self.revision - 1)}"
            case "deletePod":
                return "metadata.deletionTimestamp", None, "now"
            case verb:
                return "spec.unschedulable", self.is_cordoned, verb == "cordon"

    def _apply(self, command: Command) -> None:
        self.changes[command.id] += 1
        self.resource_version += 1
        match command.verb:
            case "setResources":
                self.limit = command.params["limits"]["memory"]
            case "scale":
                self.replicas = command.params["replicas"]
            case "restart":
                self.restarted += 1
            case "rollback":
                self.revision += 1
            case "deletePod":
                self.has_pod = False
            case verb:
                self.is_cordoned = verb == "cordon"

    @property
    def applied(self) -> int:
        """Changes made in all; each command at most once."""
        assert all(times == 1 for times in self.changes.values())
        return sum(self.changes.values())


def report(command: Command, state: State = State.SUCCEEDED, **more: Any) -> Report:
    return Report(command_id=command.id, attempt=command.attempt, state=state, **more)


class Shop:
    """One organization with an owner, a cluster and its agent."""

    def __init__(self, store: Store, org: OrgId, clock: FakeClock) -> None:
        self.store, self.org, self.clock = store, org, clock
        self.system = actors.system(org)
        self.agent = Agent()
        self.driver = Driver(store, clock)
        self.is_well = True
        self.cluster_id = ""
        self.fence = 0
        self.owner: Actor

    async def open(self, name: str = "prod") -> None:
        def job(tx: Transaction) -> str:
            made = clusters.create(tx, name=name)
            clusters.move(tx, clusters.get(tx, made.id), Verdict(ClusterStatus.ONLINE, None))
            clusters.mark_synced(tx, made.id)
            tx.execute(sa.update(table).where(table.c.org_id == self.org, table.c.id == made.id).values(agent_capabilities=["commands.v1"]))
            return made.id

        self.cluster_id = await self.store.write(self.system, job)
        member = await self.store.read(self.system, _owner)
        self.owner = actors.person(self.org, member, scopes=SCOPES, role=Role.OWNER)
        await self.show()

    def person(self, name: str) -> Actor:
        """Another principal; a member of no row is its own id."""
        return actors.person(self.org, UserId(ids.derive("usr", name)), scopes=SCOPES, role=Role.ADMIN)

    async def add_member(self) -> Actor:
        from optral.access import repository
        from optral.access.model import Member

        made = Member(UserId(ids.new("usr")), f"{ids.new('usr')}@example.org", Role.ADMIN, self.clock.now())
        await self.store.write(self.system, lambda tx: repository.insert_member(tx, made))
        return actors.person(self.org, made.id, scopes=SCOPES, role=Role.ADMIN)

    async def presence(self, status: ClusterStatus) -> None:
        await self.store.write(self.system, lambda tx: clusters.move(tx, clusters.get(tx, self.cluster_id), Verdict(status, None)))

    async def show(self, *, labels: dict[str, str] | None = None, more: list[ObjectChange] | None = None) -> None:
        """Bring the inventory to what the agent's cluster is."""
        await self.store.write(
            actors.agent(self.org, self.cluster_id),  # type: ignore[arg-type]
            lambda tx: reports.apply(tx, self.cluster_id, [*self._objects(labels or {}), *(more or [])], offset=timedelta()),
        )

    def _objects(self, labels: dict[str, str]) -> list[ObjectChange]:
        agent = self.agent
        ready = agent.replicas if self.is_well else 0
        template = {"spec": {"containers": [{"name": "api", "resources": {"limits": {"memory": agent.limit}}}]}}
        deployment = {
            "spec": {"replicas": agent.replicas, "template": template},
            "status": {
                "observedGeneration": 1,
                "replicas": agent.replicas,
                "updatedReplicas": agent.replicas,
                "readyReplicas": ready,
                "availableReplicas": ready,
            },
        }
        version = str(agent.resource_version)
        made = [
            changed("Deployment.apps", UID, "shop", "web", version, deployment, labels),
            changed("Node", "uid-n1", "", "n1", version, {"spec": {"unschedulable": agent.is_cordoned}}, {}),
        ]
        pod = changed("Pod", "uid-pod", "shop", "web-1", version, {"spec": {}, "status": {}}, {})
        return [*made, pod if agent.has_pod else pod._replace(op=Op.DELETE, raw=b"")]

    # --- people

    async def start(
        self, runbook: str = "restart-workload", *, by: Actor | None = None, issue_id: str | None = None, **more: Any
    ) -> Execution:
        given = {"kind": "Deployment", "namespace": "shop", "name": "web"}
        parameters = more.pop("parameters", given)
        asked = Request(runbook=runbook, cluster=more.pop("cluster", self.cluster_id), issue_id=issue_id, parameters=parameters, **more)
        return await self.store.write(by or self.owner, lambda tx: start(tx, asked))

    async def raise_limit(self, limit: str = "128Mi", **more: Any) -> Execution:
        parameters = {"kind": "Deployment", "namespace": "shop", "name": "web", "container": "api", "limit": limit}
        return await self.start("raise-memory-limit", parameters=parameters, **more)

    async def approve(self, one: Execution, *, by: Actor, **more: Any) -> Execution:
        return await self.store.write(by, lambda tx: control.approve(tx, one.id, **more))

    # --- the agent and the driver, one move at a time

    async def answer(self, *, fault: str = "") -> int:
        """The agent fetches and answers what waits; how many it answered.

        `fault`: "before" it is fetched the tunnel breaks, "after" it was done (and journaled) and before the report arrived.
        """
        if fault == "before":
            return 0
        fence = self.fence
        found = await self.store.write(self.system, lambda tx: commands.claim(tx, self.cluster_id, fence))
        answers = [said for command in found if (said := self.agent.perform(command)) is not None]
        if fault == "after" or not answers:
            return 0

        def job(tx: Transaction) -> int:
            return sum(commands.record(tx, self.cluster_id, said) is not None for said in answers)

        return await self.store.write(self.system, job)

    async def reconnect(self) -> None:
        """A new session: what the older one was sent and nobody answered is sent again."""
        self.fence += 1
        await self.store.write(self.system, lambda tx: commands.reconcile(tx, self.cluster_id, self.fence, ()))

    async def move(self, one: Execution) -> bool:
        """One move of the driver; True when it would go on at once."""
        moved = await self.store.write(self.system, lambda tx: advance(tx, one.id))
        return moved.again

    async def settle(self, one: Execution, *, rounds: int = 40) -> Execution:
        """Let driver and agent work, without time passing, until neither has anything to do."""
        now = await self.get(one)
        for _ in range(rounds):
            before = now
            while await self.move(one):
                pass
            if answered := await self.answer():
                await self.show()
            now = await self.get(one)
            if not answered and now.version == before.version:
                break
        return now

    async def run(self, one: Execution, *, seconds: float = 900) -> Execution:
        """As `settle`, and let time pass until it has ended: the faster, the longer nothing happens."""
        ends_at, step, before = self.clock.now() + timedelta(seconds=seconds), 3, None
        while not (now := await self.settle(one)).status.is_final and self.clock.now() < ends_at:
            step = min(2 * step, 20) if now.status is before else 3
            before = now.status
            self.clock.advance(step)
            await self.store.write(actors.system(), commands.expire)
        return now

    async def get(self, one: Execution) -> Execution:
        return await self.store.read(self.system, lambda tx: runbooks.get_execution(tx, one.id))

    async def steps(self, one: Execution) -> list[Step]:
        return await self.store.read(self.system, lambda tx: runbooks.steps(tx, one.id))

    async def log(self, one: Execution) -> list[str]:
        return [entry.message for entry in await self.store.read(self.system, lambda tx: runbooks.log(tx, one.id))]

    async def published(self) -> list[tuple[str, str]]:
        """(type, status) of every event about executions."""
        found = await self.store.read(self.system, lambda tx: events.read_after(tx, 0))
        return [(event.type, event.data["status"]) for event in found if event.type.split(".")[0] in ("runbook", "execution", "approval")]

    async def restart_server(self) -> None:
        """Nothing is left but rows."""
        self.driver = Driver(self.store, self.clock)

    # --- the detector

    async def observe(self, *, shown: bool) -> str:
        """A detector run that does or does not find OOMKilled on the pod; the issue's id."""
        now = self.clock.now()
        finding = Finding(
            type="OOMKilled",
            subject=ObjectRef("Deployment.apps", "shop", "web"),
            part="api",
            shown_by=ObjectRef("Pod", "shop", "web-1", "uid-pod"),
            severity=Severity.CRITICAL,
            title="Container api was killed at its memory limit",
            category="resources",
            since=now,
            opens_at=now,
            facts={},
        )
        state = ClusterState(self.cluster_id, "prod", timedelta(), None, ClusterStatus.ONLINE, ClusterFreshness("prod", False, None))
        found = Examination(findings=(finding,) if shown else (), examined=frozenset({"uid-pod"}))
        await self.store.write(
            actors.agent(self.org, self.cluster_id),  # type: ignore[arg-type]
            lambda tx: issues.observe(tx, state, found, now=tx.now, synced_at=tx.now, resolve_after_s=lambda _: 300),
        )
        return (await self.store.read(self.system, lambda tx: issues.find(tx, IssueFilter(), PageRequest())))[0].id


@asynccontextmanager
async def driven(shop: Shop) -> AsyncIterator[asyncio.Event]:
    """The driver and the agent run while the context is open; time passes once the event is set."""
    passes = asyncio.Event()

    async def work() -> None:
        while True:
            if await shop.answer():
                await shop.show()
            shop.clock.advance(2 if passes.is_set() else 0)
            await asyncio.sleep(0.02)

    tasks = [asyncio.create_task(Driver(shop.store, shop.clock).run()), asyncio.create_task(work())]
    try:
        yield passes
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _owner(tx: Transaction) -> UserId:
    from optral.access import repository

    found = repository.owner(tx)
    assert found is not None
    return found.id


def changed(
    kind: str, uid: str, namespace: str, name: str, version: str, body: dict[str, Any], labels: dict[str, str] | None = None
) -> ObjectChange:
    """An object as the agent reports it."""
    metadata = {"name": name, "uid": uid, "resourceVersion": version, "generation": 1, "labels": labels or {}}
    if namespace:
        metadata["namespace"] = namespace
    return ObjectChange(Op.UPSERT, kind, uid, namespace, name, version, json.dumps({"metadata": metadata, **body}).encode())
