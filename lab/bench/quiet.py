"""Whether the machine is quiet: what other processes use of it. A figure of a busy machine says more about the others."""

import os
import time
from pathlib import Path

BUSY = 0.15  # of one core, used by others
LOOK_S = 1.0
WAIT_S = 120.0


def busy_cores() -> float:
    """How many cores are in use, over one second; 0 where the system does not tell (only Linux does)."""
    before = _busy_ticks()
    if before is None:
        return 0.0
    began = time.perf_counter()
    time.sleep(LOOK_S)
    after = _busy_ticks()
    assert after is not None
    return (after - before) / os.sysconf("SC_CLK_TCK") / (time.perf_counter() - began)


def wait_until_quiet(wait_s: float = WAIT_S) -> float:
    """Wait until the machine is quiet, at most `wait_s`; the cores that others use in the end."""
    deadline = time.monotonic() + wait_s
    while (busy := busy_cores()) > BUSY and time.monotonic() < deadline:
        time.sleep(2 * LOOK_S)
    return busy


def _busy_ticks() -> int | None:
    try:
        first = Path("/proc/stat").read_text().splitlines()[0].split()
    except OSError:
        return None
    user, nice, system, _idle, _iowait, irq, softirq, *_ = map(int, first[1:])
    return user + nice + system + irq + softirq
