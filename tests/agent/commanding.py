"""An agent's command side without a tunnel: messages in, reports out, a journal on disk, and a death at a chosen point."""

import asyncio
from pathlib import Path
from typing import Any, Protocol

import msgspec

from optral.agent.commands import policy
from optral.agent.commands.commands import LOG_READS, Commands
from optral.agent.commands.commands_common import Probes, Tools, UsageReader
from optral.agent.commands.journal import Entry, Journal
from optral.agent.commands.policy import Policy, PolicyFile
from optral.kit.clock import Clock, SystemClock
from optral.kube.kinds import Kind
from optral.kube.redact import Redactor
from optral.kubeapi.client import KubeClient
from optral.kubeapi.credentials import Access
from optral.terms import ids
from optral.terms.verbs import WRITES
from optral.wire.agent.v1 import tunnel_pb2 as pb

FINAL = frozenset({"REJECTED", "SUCCEEDED", "FAILED", "CANCELED", "TIMED_OUT", "UNKNOWN_OUTCOME"})
POINTS = ("before received", "after received", "before running", "after running", "after change", "before end", "after end")
EVERYTHING = policy.of(["shop"], sorted(WRITES))


class Server(Protocol):
    """The API server: a double, or a real one."""

    @property
    def access(self) -> Access: ...


class Death:
    """Ends the work as a killed process would: nothing after the point happens, no line is written, no word is said."""

    def __init__(self, point: str = "") -> None:
        self.point = point

    def at(self, point: str) -> None:
        if point == self.point:
            self.point = "dead"
        if self.point == "dead":
            raise asyncio.CancelledError


class MortalJournal(Journal):
    def __init__(self, directory: Path | None, clock: Clock, death: Death) -> None:
        super().__init__(directory, clock)
        self._death = death

    def write(self, entry: Entry) -> None:
        name = entry.state if entry.state in ("received", "running") else "end"
        self._death.at(f"before {name}")
        super().write(entry)
        self._death.at(f"after {name}")


class MortalClient(KubeClient):
    def __init__(self, double: Server, death: Death) -> None:
        super().__init__(double.access)
        self._death = death

    async def patch(self, path: str, body: bytes, **options: Any) -> bytes:
        return await self._die_after(super().patch(path, body, **options), options)

    async def delete(self, path: str, body: bytes, **options: Any) -> bytes:
        return await self._die_after(super().delete(path, body, **options), options)

    async def post(self, path: str, body: bytes, **options: Any) -> bytes:
        is_review = path.endswith("accessreviews")
        return await (super().post(path, body, **options) if is_review else self._die_after(super().post(path, body, **options), options))

    async def _die_after(self, change: Any, options: dict[str, Any]) -> bytes:
        done: bytes = await change
        if "dryRun" not in (options.get("params") or {}):
            self._death.at("after change")
        return done


class Agent:
    """One process of an agent. `start` another on the same directory after its death."""

    def __init__(
        self,
        double: Server,
        directory: Path | None,
        *,
        death: Death | None = None,
        allowed: Policy = EVERYTHING,
        clock: Clock | None = None,
        fence: int = 1,
        custom: tuple[Kind, ...] = (),
        usage: UsageReader | None = None,
        prober: Probes | None = None,
        log_reads: int = LOG_READS,
    ) -> None:
        self.death = death or Death()
        self.client = MortalClient(double, self.death)
        self.clock = clock or SystemClock()
        journal = MortalJournal(directory, self.clock, self.death)
        if directory is not None:
            journal.begin()
        self._news = asyncio.Event()
        own = PolicyFile(fixed=allowed, own_namespace="optral")
        tools = Tools(self.client, Redactor(b"s" * 32), lambda: custom, usage=usage, prober=prober)
        self.commands = Commands(tools, own, journal, self.clock, log_reads=log_reads, wake=self._news.set)
        self.commands.opened(fence)
        self.reports: list[pb.CommandState] = []
        self._ends: list[pb.CommandState] = []

    async def __aenter__(self) -> "Agent":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.commands.stop()
        await self.client.close()

    def say(self, command: pb.Command) -> None:
        self.commands.accept(command)

    async def end_of(self, command_id: str, *, wait_s: float = 10) -> pb.CommandState | None:
        """The end it tells; None when it died before it could."""
        async with asyncio.timeout(wait_s):
            while True:
                while (report := self.commands.next_report()) is not None:
                    self.reports.append(report)
                    if name(report) in FINAL:
                        self._ends.append(report)
                for end in self._ends:
                    if end.command_id == command_id:
                        self._ends.remove(end)
                        return end
                if self.death.point == "dead" and command_id not in self.commands.running_ids():
                    return None
                self._news.clear()
                try:
                    async with asyncio.timeout(0.02):
                        await self._news.wait()
                except TimeoutError:
                    pass

    async def do(self, verb: str, /, *, wait_s: float = 10, **more: Any) -> pb.CommandState:
        command = message(verb, **more)
        self.say(command)
        ended = await self.end_of(command.command_id, wait_s=wait_s)
        assert ended is not None
        return ended


def name(report: pb.CommandState) -> str:
    return pb.CommandState.State.Name(report.state)


def message(verb: str, /, **more: Any) -> pb.Command:
    fields: dict[str, Any] = {"command_id": ids.new("cmd"), "attempt": 1, "fence": 1, "expires_in_ms": 30_000, "timeout_s": 10, "age_ms": 0}
    fields |= {key: more.pop(key) for key in (*fields, "dry_run", "uid", "resource_version", "previous_fence") if key in more}
    return pb.Command(verb=verb, params_json=msgspec.json.encode(more), **fields)


def again(command: pb.Command, *, attempt: int, **changed: Any) -> pb.Command:
    copied = pb.Command()
    copied.CopyFrom(command)
    copied.attempt = attempt
    for field, value in changed.items():
        setattr(copied, field, value)
    return copied
