"""`optral logs`: lines of many pods with their names in front, searched and followed, and what is no line on stderr."""

import asyncio
import re
from collections.abc import Iterator
from typing import Any

import pytest

from optral.cli import logs
from optral.cli.base import terminal
from optral.client.errors import ClientError
from optral.store.store import Store
from tests.api.conftest import running
from tests.api.resources.test_logs import agent, present
from tests.api.test_pod_logs import ABLE, Cluster, at, put
from tests.support.clock import FakeClock
from tests.support.commandline import optral

EVIL = "\x1b[2Jred\x1b[0m\rback\u202e"


def source(pod: str, state: str = "read", **more: Any) -> dict[str, Any]:
    return {"pod": pod, "container": "app", "state": state, "hasEarlier": False, "restarted": False, "isNew": False} | more


def answer(*lines: tuple[int, str], sources: list[dict[str, Any]], cursor: str = "c", left_out: int = 0) -> dict[str, Any]:
    rows = [{"time": at(number), "source": number, "text": text} for number, text in lines]
    return {"lines": rows, "sources": sources, "leftOut": left_out, "cursor": cursor}


async def test_pods_of_a_workload_are_merged_filtered_and_named(store: Store, clock: FakeClock) -> None:
    cluster = Cluster()
    cluster.logs = {("web-1", "app"): [(at(1), "GET / 200"), (at(3), f"timeout {EVIL}")], ("web-2", "app"): [(at(2), "connection refused")]}
    async with running(store, clock) as api:
        cluster_id = await api.new_cluster("production")
        await put(api, cluster_id, "web", kind="Deployment.apps")
        for name in ("web-1", "web-2"):
            await put(api, cluster_id, name, owner="web")
        async with agent(api, cluster_id, cluster):
            await present(api, cluster_id, capabilities=ABLE)

            async def run(*words: str) -> Any:
                return await asyncio.to_thread(optral, "logs", *words, url=api.url, key=api.key)

            done = await run("deployment/web")
            assert done.returncode == 0, done.stderr
            assert [line[:29] for line in done.stdout.splitlines()] == [
                "web-1 app | GET / 200", "web-2 app | connection refuse", "web-1 app | timeout  [2Jred [",
            ]  # fmt: skip
            assert "\x1b" not in done.stdout
            found = await run("deployment/web", "--grep", "timeout|refused", "--no-prefix", "--timestamps")
            assert [line.partition(" ")[0] for line in found.stdout.splitlines()] == [at(2), at(3)]
            one = await run("web-2")
            assert one.stdout == "connection refused\n", "one container needs no prefix"
            labeled = await run("--label", "app:web", "--cluster", "production", "--namespace", "shop", "--tail", "1")
            assert len(labeled.stdout.splitlines()) == 3
            cluster.fails = {"web-1": ("NOT_STARTED", "waiting to start"), "web-2": ("NOT_STARTED", "waiting to start")}
            none = await run("deployment/web")
            assert (none.returncode, none.stdout) == (1, "")
            assert "! web-1 app: waiting to start" in none.stderr and "none of the logs could be read" in none.stderr


def test_pods_that_come_go_restart_and_lose_lines_are_said_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    printer = logs._Printer(fits=lambda _: True, has_times=False, has_prefix=None)
    printer.show(answer((0, "one"), sources=[source("web-1"), source("web-2", "waiting", reason="not started")], left_out=3), is_first=True)
    printer.show(answer(sources=[source("web-1", restarted=True), source("web-2", "waiting", reason="not started")]))
    printer.show(answer((1, "two"), sources=[source("web-1", hasEarlier=True), source("web-3", isNew=True), source("web-2", "gone")]))
    shown = capsys.readouterr()
    assert shown.out.splitlines() == ["web-1 app | one", "web-3 app | two"]
    assert shown.err.splitlines() == [
        "! web-2 app: not started",
        "3 more pods or containers are not read; name fewer",
        "! web-1 app has restarted",
        "! lines of web-1 app are missing here: the log grew faster than it can be read",
        "+ web-3 app",
        "- web-2 app: the pod no longer exists",
    ]


def test_each_pod_has_its_color_where_colors_are_wanted(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "has_colors", lambda: True)
    printer = logs._Printer(fits=lambda _: True, has_times=False, has_prefix=None)
    printer.show(answer((0, "one"), (1, "two"), sources=[source("web-1"), source("web-2")]), is_first=True)
    out = capsys.readouterr().out
    assert len(set(re.findall(r"\x1b\[\d+m(?=web)", out))) == 2
    assert re.sub(r"\x1b\[\d*m", "", out) == "web-1 app | one\nweb-2 app | two\n", "the name says the same without the color"


class Server:
    """Answers or raises one after the other; remembers the cursors."""

    def __init__(self, *results: Any) -> None:
        self.results: Iterator[Any] = iter(results)
        self.cursors: list[str] = []
        self.logs = self

    def read(self, *, cursor: str, **_: Any) -> Any:
        self.cursors.append(cursor)
        result = next(self.results)
        if isinstance(result, Exception):
            raise result
        return type("Answer", (), {"value": result})


def test_following_goes_on_where_it_was_after_the_agent_was_away(capsys: pytest.CaptureFixture[str]) -> None:
    away = ClientError("cluster_offline", status=409, say="the agent of production is not connected")
    server = Server(answer((0, "one"), sources=[source("a")], cursor="c2"), away, away, answer(sources=[source("a")], cursor="c3"))
    waits: list[float] = []
    followed = logs._follow(server, {}, "c1", sleep=waits.append)  # type: ignore[arg-type]
    assert [next(followed)["cursor"], next(followed)["cursor"]] == ["c2", "c3"]
    assert server.cursors == ["c1", "c2", "c2", "c2"]
    assert waits == [logs.PAUSE_S, logs.RETRY_S, logs.RETRY_S]
    assert capsys.readouterr().err.splitlines() == ["the agent of production is not connected; trying again"], "said once"


def test_following_ends_with_what_will_not_pass() -> None:
    gone = ClientError("resource_gone", status=404, say="what was followed no longer exists")
    with pytest.raises(ClientError, match="no longer exists"):
        next(logs._follow(Server(gone), {}, "c1"))  # type: ignore[arg-type]
