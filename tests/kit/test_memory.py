"""Freed memory goes back to the machine."""

import subprocess
import sys

import pytest

from optral.kit import memory

CODE = """
from pathlib import Path
from optral.kit import memory

def resident_kib():
    return int(Path("/proc/self/status").read_text().split("VmRSS:")[1].split()[0])

blocks = [bytes(4096) for _ in range(10_000)]  # 40 MiB
kept = blocks[::100]
del blocks
before = resident_kib()
memory.trimmer()()
print(before - resident_kib())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_what_lies_between_pieces_in_use_goes_back() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, timeout=60, check=True)
    assert int(done.stdout) > 20 * 1024


def test_a_c_library_without_the_function_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory.ctypes, "CDLL", lambda _: object())
    memory.trimmer()()
