"""The most expensive imports of a piece of code: `python -m tests.support.imports 'import optral.server.app'`.

Costs are CPU-bound but measured as wall time by Python itself, so compare them within one run.
"""

import subprocess
import sys
from typing import NamedTuple


class Import(NamedTuple):
    """One module that was loaded: its own microseconds, those with everything it loaded, and who loaded it, from the outside in."""

    name: str
    own_us: int
    total_us: int
    through: tuple[str, ...]


_AT_EXIT = "import atexit, sys\natexit.register(lambda: print('loaded:', *sys.modules, file=sys.stderr))\n"


def imports_of(code: str) -> list[Import]:
    """Every import of this code in a process of its own, but for those of Python itself, in the order in which they ended."""
    names, found = _run(code)
    known = {one.name for one in found}
    found += [Import(name, 0, 0, ()) for name in names if name not in known]  # loaded by `importlib`, which is not timed
    own = set(_run("")[0])
    return [one for one in found if one.name not in own]


def _run(code: str) -> tuple[list[str], list[Import]]:
    command = [sys.executable, "-X", "importtime", "-c", _AT_EXIT + code]
    report = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False).stderr
    names = [name for line in report.splitlines() if line.startswith("loaded:") for name in line.split()[1:]]
    return names, parse(report)


def parse(report: str) -> list[Import]:
    """What `-X importtime` prints: a module follows those that it loaded, which are indented further."""
    found: list[Import] = []
    above: list[tuple[int, str]] = []
    for line in reversed(report.splitlines()):
        parts = line.removeprefix("import time:").split("|")
        if not line.startswith("import time:") or len(parts) != 3 or not parts[0].strip().isdigit():
            continue
        depth, name = len(parts[2]) - len(parts[2].lstrip()), parts[2].strip()
        while above and above[-1][0] >= depth:
            above.pop()
        found.append(Import(name, int(parts[0]), int(parts[1]), tuple(one for _, one in above)))
        above.append((depth, name))
    return found[::-1]


def most_expensive(imports: list[Import], count: int = 12) -> str:
    """A table of those that cost most by themselves, with the way to each from `optral`."""
    ordered = sorted(imports, key=lambda one: one.own_us, reverse=True)[:count]
    return "\n".join(f"{one.own_us / 1000:7.1f} ms  {' > '.join((*one.through, one.name))}" for one in ordered)


if __name__ == "__main__":
    every = imports_of(sys.argv[1])
    print(f"{sum(one.own_us for one in every) / 1000:.0f} ms in {len(every)} modules; the most expensive:")
    print(most_expensive(every, 30))
