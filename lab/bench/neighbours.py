"""How much of their rate good agents keep while one agent misbehaves: windows with and without it take turns in one run."""

import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

from lab.bench.processes import Lines, cpu_s, python
from lab.bench.rows import Options, Row, open_platform
from tests.support.platform import Platform

GOOD = 20
SETTLE_S = 1.0
WINDOW_S = 6.0
BAR = 0.95
KINDS = {
    "large": "messages of 2 MiB",
    "heartbeats": "a flood of heartbeats",
    "trust": "a flood of trust reports",
    "small": "a flood of small frames",
    "flood": "a flood of valid batches",
    "dials": "new sessions all the time",
}


def neighbours(options: Options) -> Iterator[Row]:
    """Rows: the share of their rate that 20 good agents keep beside each bad one."""
    with ExitStack() as stack:
        platform = stack.enter_context(open_platform("SQLite"))
        good = stack.enter_context(Crowd(platform, GOOD))
        for kind, what in KINDS.items():
            with Crowd(platform, 1, kind) as bad:
                shares, base, beside = measure(
                    good, bad, windows=options.runs, window_s=WINDOW_S, pid=platform.server.pid if platform.server else 0
                )
            kept = statistics.median(shares) * 100
            cpu = f"server CPU {base['cpu']:.2f} -> {beside['cpu']:.2f}"
            text = (
                f"{base['rate']:.0f}/s alone, p50 {base['p50_ms']:.0f} -> {beside['p50_ms']:.0f} ms, {cpu}, bad {beside['bad_rate']:.0f}/s"
            )
            yield Row(f"good agents beside {what}", kept, "%", f">= {BAR:.0%}", kept >= BAR * 100, text)


def measure(good: Lines, bad: Lines, *, windows: int, window_s: float, pid: int) -> tuple[list[float], dict[str, float], dict[str, float]]:
    """The share of each window beside the bad one, over the mean of the windows around it; medians of both kinds of windows."""
    window(good, window_s / 2)
    alone, beside, bads = [window(good, window_s, pid)], [], []
    for _ in range(windows):
        ask(bad, "go")
        beside.append(window(good, window_s, pid))
        bads.append(ask(bad, "stop"))
        alone.append(window(good, window_s, pid))
    shares = [one["rate"] / ((before["rate"] + after["rate"]) / 2) for before, one, after in zip(alone, beside, alone[1:], strict=False)]
    bad_rate = statistics.median(one["sent"] / one["seconds"] for one in bads)
    return shares, _median(alone), _median(beside) | {"bad_rate": bad_rate}


def window(good: Lines, seconds: float, pid: int = 0) -> dict[str, float]:
    time.sleep(SETTLE_S)
    ask(good, "mark")
    used = cpu_s(pid) if pid else 0.0
    time.sleep(seconds)
    found = ask(good, "mark")
    return {**found, "rate": found["acked"] / found["seconds"], "cpu": ((cpu_s(pid) if pid else 0.0) - used) / found["seconds"]}


def _median(found: list[dict[str, Any]]) -> dict[str, float]:
    return {name: statistics.median(float(one[name]) for one in found) for name in ("rate", "p50_ms", "p99_ms", "cpu")}


def ask(process: Lines, word: str) -> dict[str, Any]:
    process.tell(word)
    return process.next()


class Crowd:
    """A process of agents: `count` good ones, or one that is bad."""

    def __init__(self, platform: Platform, count: int, bad: str = "") -> None:
        tokens, server = [], ""
        for number in range(count):
            options = platform.agent_options(platform.create_cluster(f"{bad or 'good'}-{number}-{time.monotonic_ns()}")["id"])
            given = dict(zip(options[::2], options[1::2], strict=True))
            tokens.append(given["--token"])
            server = given["--server"]
        self._process = python("lab.bench.crowd", "--server", server, "--tokens", ",".join(tokens), *(("--bad", bad) if bad else ()))

    def __enter__(self) -> Lines:
        lines = self._process.__enter__()
        lines.next()
        return lines

    def __exit__(self, *exception: Any) -> None:
        self._process.__exit__(*exception)


ROWS = {"neighbours": neighbours}
