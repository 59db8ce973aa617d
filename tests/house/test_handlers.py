"""A handler catches the error that it can answer. Each file that catches everything is named here with its reason, and they are few."""

import ast
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
CATCH_ALL = frozenset({"Exception", "BaseException"})
MAX_SHARE = 0.05

ALLOWED = {
    "optral/agent/commands.py": (1, "a command that breaks must still be reported as ended"),
    "optral/agent/tunnel.py": (1, "the agent keeps watching, whatever a server sends"),
    "optral/analysis/engine.py": (2, "a rule with a defect must not hide what the others found"),
    "optral/api/http/gate.py": (1, "the edge answers every defect with a problem"),
    "optral/api/outside.py": (1, "a readiness check that breaks has failed"),
    "optral/cli/processes.py": (1, "a file that was not written completely is removed"),
    "optral/detectors/__init__.py": (3, "a detector with a defect must not hide what the others find"),
    "optral/detectors/explain.py": (1, "a detector with a defect must not hide what the others find"),
    "optral/flows/analysis/analyze.py": (1, "the row must not stay claimed"),
    "optral/gateway/tunnel.py": (1, "a defect ends one session, not the gateway"),
    "optral/grouping/graph.py": (2, "a rule with a defect must not stop grouping"),
    "optral/kit/retry.py": (1, "owner of the loops: the work is a row that is still due"),
    "optral/store/sqlite.py": (1, "the caller gets it; a job that fails must not end the writer thread"),
    "optral/store/threads.py": (1, "a future cannot carry every error"),
    "optral/store/transaction.py": (1, "the rows are committed: an effect that fails must not look like a failed write"),
}


def test_every_handler_that_catches_everything_has_a_reason() -> None:
    counts = Counter(path for path, is_all in _handlers() if is_all)
    allowed = {path: count for path, (count, _) in ALLOWED.items()}
    assert {path: count for path, count in counts.items() if count > allowed.get(path, 0)} == {}


def test_few_handlers_catch_everything() -> None:
    found = [is_all for _, is_all in _handlers()]
    assert sum(found) / len(found) <= MAX_SHARE


@cache
def _handlers() -> list[tuple[str, bool]]:
    return list(_read_handlers())


def _read_handlers() -> Iterator[tuple[str, bool]]:
    """(file, whether it catches everything) of each `except`."""
    for path in sorted((ROOT / "optral").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ExceptHandler):
                kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
                yield str(path.relative_to(ROOT)), any(kind is None or getattr(kind, "id", "") in CATCH_ALL for kind in kinds)
