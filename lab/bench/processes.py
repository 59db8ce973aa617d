"""Processes of a measurement: started here, read through one JSON line at a time, watched through /proc, stopped at the end."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


@contextmanager
def python(module: str, *arguments: str) -> Iterator["Lines"]:
    """Run a module of lab/bench; killed when the block ends."""
    with subprocess.Popen(
        [sys.executable, "-m", module, *arguments], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as process:
        try:
            yield Lines(process)
        finally:
            process.kill()


class Lines:
    """Lines of standard input and output of a module in its own process."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.pid = process.pid

    def next(self) -> dict[str, Any]:
        """The next line. Raises `RuntimeError` when the process ended instead; its reason is on stderr."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("a process of the measurement ended early")
        return dict(json.loads(line))

    def tell(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()


def cpu_s(pid: int) -> float:
    """Seconds of CPU that a process has used in all its threads, by its clock (clock_getcpuclockid(3)): ticks are 10 ms."""
    return time.clock_gettime(~pid << 3 | 2)


def children(pid: int) -> list[int]:
    """The processes that this one has started and that still run."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended meanwhile
            if int(stat.read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(stat.parent.name))
    return found


def rss_mib(pid: int, field: str = "VmRSS") -> float:
    """Resident memory in MiB now; `VmHWM` is the highest so far."""
    text = Path(f"/proc/{pid}/status").read_text()
    return int(text.split(f"{field}:")[1].split()[0]) / 1024
