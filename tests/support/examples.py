"""How much of what is too much to try each time is tried: all of it where slow tests run, a part of it in the everyday loop."""

import os
import random
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

if TYPE_CHECKING:
    from hypothesis import settings

Thing = TypeVar("Thing")
PART = 10
LEAST = 5
WALKS = ("tests/api/", "tests/cli/", "tests/commands/test_walk.py", "tests/flows/", "tests/gateway/", "tests/server/")
"""Files that hold no SQL to the engine: the tests of the rooms they walk through do, on both."""
DIFFER = ("test_stream.py", "test_gate.py", "test_session.py")  # where an edge itself works otherwise on PostgreSQL
_WHOLLY_SLOW = re.compile(r"^pytestmark = \[?pytest\.mark\.slow\b", re.MULTILINE)
_everyday = False


def choose(config: pytest.Config) -> None:
    """Called before anything is collected: who leaves slow tests out wants an answer soon."""
    global _everyday
    _everyday = "not slow" in config.option.markexpr and os.environ.get("CI") != "true"


def is_left_out(path: Path) -> bool:
    """Whether the everyday loop runs no test of this file, so that it need not load a browser or a fuzzer to collect it."""
    return _everyday and path.name.startswith("test_") and path.suffix == ".py" and bool(_WHOLLY_SLOW.search(path.read_text()))


def thin_out(items: Iterable[pytest.Item]) -> None:
    """Mark as slow, in the everyday loop, the walks on PostgreSQL that are there on SQLite as well."""
    if not _everyday:
        return
    by_id = {item.nodeid: item for item in items}
    twins = [item for id_, item in by_id.items() if "postgresql" in id_ and id_.replace("postgresql", "sqlite") in by_id]
    for item in twins:
        if item.nodeid.startswith(WALKS) and item.path.name not in DIFFER:
            item.add_marker("slow")


def examples(number: int, **more: Any) -> "settings":
    """Hypothesis tries so many examples, a tenth in the everyday loop. No deadline: a busy machine proves nothing."""
    from hypothesis import settings  # 0.4 s, which most runs of one file need not

    return settings(max_examples=max(LEAST, number // PART) if _everyday else number, deadline=None, **more)


def some(everything: Iterable[Thing], of: int = PART) -> list[Thing]:
    """The whole table, or in the everyday loop the same tenth of it each time."""
    table = list(everything)
    return random.Random(1).sample(table, max(min(LEAST, len(table)), len(table) // of)) if _everyday else table
