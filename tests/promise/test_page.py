"""docs/promise.md cannot rot: each promise has a test, each test a promise, and every promised operation and event has its line."""

import re
from pathlib import Path

from tests.promise import test_promise

PAGE = Path(__file__).parents[2] / "docs" / "promise.md"
ROWS = [line.strip("| ").split(" | ") for line in PAGE.read_text().splitlines() if line.startswith("| ") and "`test_" in line]
TESTS = {name for name in vars(test_promise) if name.startswith("test_")}


def test_every_promise_has_its_tests_and_every_test_its_promise() -> None:
    lines = [line for line in PAGE.read_text().splitlines() if line.startswith("| ") and not line.startswith("| promise")]
    assert len(ROWS) == len(lines)
    assert {name for _, tests in ROWS for name in re.findall(r"`(test_\w+)`", tests)} == TESTS


def test_every_promised_operation_and_event_has_its_line() -> None:
    promises = "\n".join(promise for promise, _ in ROWS)
    named = {tuple(one.split()) for one in re.findall(r"`((?:GET|POST|PATCH|DELETE) /\S+)`", promises)}
    operations = {
        (method.upper(), re.sub(r"\{\w+\}", ":id", path))
        for path, methods in test_promise.PROMISED_OPERATIONS.items()
        for method in methods
    }
    assert named == operations
    assert set(re.findall(r"`((?:issue|cluster|runbook|analysis)\.\w+)`", promises)) == test_promise.PROMISED_EVENTS
