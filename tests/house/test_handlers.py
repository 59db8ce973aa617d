"""A handler catches the error that it can answer. Each file that catches everything is named here with its reason, and they are few."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
CATCH_ALL = frozenset({"Exception", "BaseException"})
MAX_SHARE = 0.03

ALLOWED = {
    "optral/agent/commands/commands.py": (1, "a command that breaks must still be reported as ended"),
    "optral/agent/connection/tunnel.py": (1, "the agent keeps watching, whatever a server sends"),
    "optral/analysis/ai/meter.py": (1, "a library raises anything of an answer that it cannot read; the result of the rules must stay"),
    "optral/mcp/calls.py": (1, "the protocol's library would answer with the text of the error"),
    "optral/analysis/engine/engine.py": (1, "a rule with a defect must not hide what the others found"),
    "optral/api/http/gate.py": (1, "the edge answers every defect with a problem"),
    "optral/cli/base/contexts_file.py": (1, "a backend of the system's keyring raises whatever its service raises"),
    "optral/cli/tui/server.py": (1, "what a call raises on its thread is raised again where its answer is awaited"),
    "optral/detectors/__init__.py": (2, "a detector or gate with a defect must not hide what the others find"),
    "optral/flows/slack/worker.py": (1, "whoever pressed a button must get an answer"),
    "optral/gateway/tunnel.py": (1, "a defect ends one session, not the gateway"),
    "optral/grouping/graph.py": (1, "a rule with a defect must not stop grouping"),
    "optral/kit/contain.py": (1, "it is the tool for the uses below"),
    "optral/store/readers.py": (1, "the caller gets it; a job that fails must not end the thread that takes the next one"),
    "optral/store/sqlite.py": (1, "the caller gets it; a job that fails must not end the writer thread"),
    "optral/store/transaction.py": (1, "the rows are committed: an effect that fails must not look like a failed write"),
}

CONTAINED = {
    "optral/detectors/explain.py": (1, "a detector with a defect must not hide what is known about the others"),
    "optral/flows/analysis/analyze.py": (1, "the row must not stay claimed"),
    "optral/flows/executions/driver.py": (1, "one execution with a defect must not stop the others; it is deferred"),
    "optral/flows/inventory/sweep.py": (1, "one cluster with a defect must not stop the others; it is deferred"),
    "optral/server/archive.py": (1, "an error on the thread of a pipe is raised where its other end is used"),
    "optral/kit/trace_export.py": (1, "whatever an export raises, its spans are counted as dropped"),
    "optral/kit/retry.py": (1, "a loop continues: the work is a row that is still due"),
}


def test_every_handler_that_catches_everything_has_a_reason() -> None:
    counts = Counter(path for path, is_all in _handlers() if is_all)
    allowed = {path: count for path, (count, _) in ALLOWED.items()}
    assert {path: count for path, count in counts.items() if count > allowed.get(path, 0)} == {}


def test_every_use_of_contain_has_a_reason() -> None:
    counts = Counter(str(path.relative_to(ROOT)) for path in _files() for _ in re.findall(r"with contain\(", path.read_text()))
    assert counts == {path: count for path, (count, _) in CONTAINED.items()}


def test_few_handlers_catch_everything() -> None:
    found = [is_all for _, is_all in _handlers()]
    assert sum(found) / len(found) <= MAX_SHARE


@cache
def _handlers() -> list[tuple[str, bool]]:
    return list(_read_handlers())


def _read_handlers() -> Iterator[tuple[str, bool]]:
    """(file, whether it catches everything) of each `except`."""
    for path in _files():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ExceptHandler):
                kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
                yield str(path.relative_to(ROOT)), any(kind is None or getattr(kind, "id", "") in CATCH_ALL for kind in kinds)


def _files() -> list[Path]:
    return sorted((ROOT / "optral").rglob("*.py"))
