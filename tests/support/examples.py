"""How much of what is too much to try each time is tried: all of it where slow tests run, a part of it in the everyday loop."""

import os
import random
import re
import subprocess
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

if TYPE_CHECKING:
    from hypothesis import settings

Thing = TypeVar("Thing")
PART = 10
LEAST = 5
LONG_TABLE, LONG_TABLE_OF_STORES = 30, 6
"""Of a test with more cases, the everyday loop runs a tenth and at least this many. A case with a database costs as much as ten without."""
ROOT = Path(__file__).parents[2]
WALKS = ("tests/api/", "tests/cli/", "tests/commands/test_walk.py", "tests/flows/", "tests/gateway/", "tests/server/")
"""Files that hold no SQL to the engine: the tests of the packages they walk through do, on both."""
PATHS = (*WALKS, "tests/gitops/", "tests/scan/")
FAR = 3
DIFFER = ("test_stream.py", "test_gate.py", "test_session.py")  # where an edge itself works otherwise on PostgreSQL
_WHOLLY_SLOW = re.compile(r"^pytestmark = \[?pytest\.mark\.slow\b", re.MULTILINE)
_everyday = False


def choose(config: pytest.Config) -> None:
    """Called before anything is collected: who leaves slow tests out wants an answer soon."""
    global _everyday
    _everyday = "not slow" in config.option.markexpr and os.environ.get("CI") != "true"
    if _everyday and hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False  # workers take files in the order of `thin_out`


def is_left_out(path: Path) -> bool:
    """Whether the everyday loop runs no test of this file, so that it need not load a browser or a fuzzer to collect it."""
    return _everyday and path.name.startswith("test_") and path.suffix == ".py" and bool(_WHOLLY_SLOW.search(path.read_text()))


def thin_out(items: list[pytest.Item]) -> None:
    """In the everyday loop: leave out what repeats a decision that other cases test as well, and begin with what a change affects."""
    if not _everyday:
        return
    changed = changed_files()
    _leave_out_twins(items)
    _sample_tables(items, changed)
    _sample_paths(items, changed)
    sizes = Counter(file_of(item.nodeid) for item in items if not item.get_closest_marker("slow"))
    items.sort(key=lambda item: (distance(file := file_of(item.nodeid), changed), -sizes[file], file))


def file_of(nodeid: str) -> PurePath:
    return PurePath(nodeid.partition("::")[0])


def _leave_out_twins(items: Iterable[pytest.Item]) -> None:
    """Mark as slow the paths through the packages on PostgreSQL that are there on SQLite as well."""
    by_id = {item.nodeid: item for item in items}
    twins = [item for id_, item in by_id.items() if "postgresql" in id_ and id_.replace("postgresql", "sqlite") in by_id]
    for item in twins:
        if item.nodeid.startswith(WALKS) and item.path.name not in DIFFER:
            item.add_marker("slow")


def _sample_tables(items: Iterable[pytest.Item], changed: frozenset[PurePath]) -> None:
    """Mark as slow most cases of long tables. Tables with the same ids keep the same cases, whose clusters are built once."""
    tables: dict[str, list[tuple[int, pytest.Item]]] = defaultdict(list)
    for item in items:
        function, _, case = item.nodeid.partition("[")
        if case and not item.get_closest_marker("slow") and file_of(function) not in changed:
            tables[function].append((zlib.crc32(case.encode()), item))
    for cases in tables.values():
        least = LONG_TABLE_OF_STORES if "store" in getattr(cases[0][1], "fixturenames", ()) else LONG_TABLE
        for _, item in sorted(cases, key=lambda case: case[0])[max(least, len(cases) // PART) :]:
            item.add_marker("slow")


def _sample_paths(items: Iterable[pytest.Item], changed: frozenset[PurePath]) -> None:
    """Leave one path of three through packages that no change touches, the others are slow: tests of the packages themselves all run."""
    for item in items:
        function = item.nodeid.partition("[")[0]
        is_far = function.startswith(PATHS) and distance(file_of(function), changed) == FAR
        if is_far and zlib.crc32(function.encode()) % 3:
            item.add_marker("slow")


def changed_files() -> frozenset[PurePath]:
    """The files that differ from the last commit, as paths in the repository; none where git does not answer."""
    try:
        listed = subprocess.run(
            ["git", "status", "--porcelain", "-z", "--no-renames", "--untracked-files=all"],
            cwd=ROOT, capture_output=True, text=True, timeout=10, check=True,
        ).stdout  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return frozenset()
    return frozenset(PurePath(line[3:]) for line in listed.split("\0") if line)


def distance(test: PurePath, changed: frozenset[PurePath]) -> int:
    """How far a test file is from a change: 0 changed itself, 1 of a changed module, 2 of a changed package, `FAR` anything else."""
    if test in changed:
        return 0
    modules = {PurePath("tests", *path.parts[1:-1], f"test_{path.stem}.py") for path in changed if path.parts[0] == "optral"}
    if test in modules:
        return 1
    return 2 if test.parts[:2] in {("tests", path.parts[1]) for path in changed if len(path.parts) > 2} else FAR


def examples(number: int, **more: Any) -> "settings":
    """Hypothesis tries so many examples, a tenth in the everyday loop. No deadline: a busy machine proves nothing."""
    from hypothesis import settings  # 0.4 s, which most runs of one file need not

    return settings(max_examples=max(LEAST, number // PART) if _everyday else number, deadline=None, **more)


def some(everything: Iterable[Thing], of: int = PART) -> list[Thing]:
    """The whole table, or in the everyday loop the same tenth of it each time."""
    table = list(everything)
    return random.Random(1).sample(table, max(min(LEAST, len(table)), len(table) // of)) if _everyday else table


def share(everything: Sequence[Thing], turn: int, of: int = PART) -> Sequence[Thing]:
    """The whole table, or in the everyday loop every `of`-th row of it, other rows at each turn: for tables that many turns go through."""
    return everything[turn % of :: of] if _everyday else everything
