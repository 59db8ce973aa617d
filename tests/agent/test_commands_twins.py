"""Several agents with one identity take one write from each other at any moment, and die: its end never contradicts the object.

The control plane here is the real rules of commands/model.py over one command in memory: it sends again what the new session does not
name, and takes reports as `moves` says. Agents have copies of one state directory; the API server holds requests and answers back.
"""

import asyncio
import random
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from optral.commands import model
from optral.commands.model import Command, Precondition, Report, State
from optral.gateway import orders
from optral.terms import ids
from optral.terms.refs import ObjectRef
from optral.wire.agent.v1 import tunnel_pb2 as pb
from tests.agent.commanding import POINTS, Agent, Death, message
from tests.agent.test_commands_kill import judge
from tests.support import kubedouble
from tests.support.changes import TARGET, WRITES, furnish
from tests.support.examples import some
from tests.support.kubedouble import KubeDouble, path_of

ROUNDS = 80
NAMES = {State.UNKNOWN: "UNKNOWN_OUTCOME", State.TIMED_OUT: "TIMED_OUT"}
OBJECTS = {
    "deletePod": path_of("pods", "api-1", group="v1"),
    "evict": path_of("pods", "api-1", group="v1"),
    "rerunJob": path_of("jobs", "report", group="batch/v1"),
    "renewCertificate": path_of("certificates", "web-tls", group="cert-manager.io/v1"),
    "cordon": "/api/v1/nodes/n1",
    "uncordon": "/api/v1/nodes/n1",
    "drain": "/api/v1/nodes/n1",
}


class ControlPlane:
    """One command, and the session that counts."""

    def __init__(self, verb: str, params: dict[str, Any], precondition: Precondition) -> None:
        now = datetime.now(UTC)
        self.command = Command(
            id=ids.new("cmd"), org_id="org", cluster_id="cls", verb=verb, params=params, target=ObjectRef("", None, "", ""),
            precondition=precondition, dry_run=False, state=State.QUEUED, code=None, message=None, result=None, fence=0, attempt=0,
            requested_by="", origin="", created_at=now, expires_at=now + timedelta(seconds=30), timeout_s=10,
            deadline_at=now + timedelta(seconds=70),
        )  # fmt: skip
        self.fence, self.seq = 0, 0
        self.holder: Agent | None = None

    def connect(self, agent: Agent) -> None:
        """A new session of this agent: the older one no longer counts."""
        self.fence, self.seq, self.holder = self.fence + 1, 0, agent
        running = agent.commands.running_ids()
        agent.commands.opened(self.fence)
        before = self.command
        if before.is_final:
            return
        if before.attempt and before.id in running:
            self.command = replace(before, fence=self.fence)
            return
        self.command = replace(before, state=State.SENT, fence=self.fence, attempt=before.attempt + 1, previous_fence=before.fence)
        packed = message(
            before.verb, command_id=before.id, attempt=self.command.attempt, fence=self.fence, previous_fence=before.fence,
            uid=before.precondition.uid, resource_version=before.precondition.resource_version, **before.params,
        )  # fmt: skip
        agent.say(packed)

    def hear(self, *, is_lost: bool = False) -> None:
        """What the present session reports; a report that is lost stays unacknowledged."""
        if self.holder is None:
            return
        while (report := self.holder.commands.next_report()) is not None:
            self.seq += 1
            self.holder.commands.framed(self.seq, report)
            if not is_lost:
                self._record(report)
                self.holder.commands.ack(self.seq)

    def _record(self, said: pb.CommandState) -> None:
        told = orders.unpack(said).report
        if model.moves(self.command, told):
            self.command = replace(self.command, state=told.state, code=told.code)


async def _play(double: KubeDouble, folder: Path, rng: random.Random, plane: ControlPlane, *, strip: str) -> None:
    """Some twenty things that happen to two or three agents."""
    template = folder / "0"
    template.mkdir()
    agents = [Agent(double, template)]
    for number in range(1, rng.choice((2, 2, 3))):
        shutil.copytree(template, folder / str(number))
        agents.append(Agent(double, folder / str(number)))
    try:
        for _ in range(rng.randint(4, 20)):
            number = rng.randrange(len(agents))
            match rng.choice(("connect", "connect", "die", "gate", "answers", "touch", "strip", "hear", "lose", "wait", "wait")):
                case "connect":
                    plane.connect(agents[number])
                case "die":
                    agents[number] = await _reborn(double, folder / str(number), agents[number], plane, rng)
                case "gate":
                    double.gate.clear() if double.gate.is_set() else double.gate.set()
                case "answers":
                    double.answers.clear() if double.answers.is_set() else double.answers.set()
                case "touch" if strip in double.objects:
                    double.touch(strip, seen=rng.random())
                case "strip" if strip in double.objects and plane.command.precondition.resource_version:
                    double.objects[strip]["metadata"].get("annotations", {}).pop(kubedouble.ANNOTATION, None)
                    double.touch(strip)
                case "hear" | "lose" as how:
                    plane.hear(is_lost=how == "lose")
                case _:
                    await asyncio.sleep(rng.choice((0, 0.002, 0.01, 0.03)))
        double.gate.set()
        double.answers.set()
        await _finish(plane, agents[rng.randrange(len(agents))])
    finally:
        double.gate.set()
        double.answers.set()
        for agent in agents:
            await agent.__aexit__()


async def _reborn(double: KubeDouble, folder: Path, agent: Agent, plane: ControlPlane, rng: random.Random) -> Agent:
    agent.death.point = "dead"
    if plane.holder is agent:
        plane.holder = None
    for work in list(agent.commands._work.values()):
        if work.task is not None:
            work.task.cancel()
    await asyncio.sleep(0)
    await agent.client.close()
    return Agent(double, folder, death=Death(rng.choice(("", "", *POINTS))))


async def _finish(plane: ControlPlane, agent: Agent) -> None:
    """The last session: it lasts until the command has an end, or is given up as the control plane does after its deadline."""
    agent.death.point = ""
    plane.connect(agent)
    for _ in range(400):
        plane.hear()
        if plane.command.is_final:
            return
        if not agent.commands.running_ids():
            break
        await asyncio.sleep(0.01)
    plane.hear()
    if not plane.command.is_final:
        state, code, _ = model.given_up(plane.command)
        plane.command = replace(plane.command, state=state, code=code)


@pytest.mark.parametrize("seed", some(range(ROUNDS)))
async def test_whoever_is_asked_last_the_end_agrees_with_the_object(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    verb = rng.choice(sorted(WRITES))
    async with kubedouble.serving() as double:
        furnish(double)
        path = OBJECTS.get(verb, path_of("deployments", "api"))
        meta = double.objects[path]["metadata"]
        precondition = Precondition(meta["uid"], meta["resourceVersion"]) if rng.random() < 0.6 else Precondition()
        plane = ControlPlane(verb, WRITES[verb], precondition)
        await _play(double, tmp_path, rng, plane, strip=path)
        ended = plane.command
        judge(double, verb, NAMES.get(ended.state, ended.state.name), str(ended.code))


def test_a_report_that_nothing_was_done_ends_no_write_that_was_sent_again() -> None:
    plane = ControlPlane("restart", TARGET, Precondition())
    again = replace(plane.command, state=State.SENT, attempt=2)
    for state in (State.FAILED, State.REJECTED, State.CANCELED, State.TIMED_OUT):
        assert not model.moves(again, Report(command_id=again.id, attempt=1, state=state))
        assert model.moves(again, Report(command_id=again.id, attempt=2, state=state))
        assert model.moves(replace(again, verb="get"), Report(command_id=again.id, attempt=1, state=state)), "a read may be repeated"
    for state in (State.SUCCEEDED, State.UNKNOWN):
        assert model.moves(again, Report(command_id=again.id, attempt=1, state=state))
