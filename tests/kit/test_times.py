"""Times as text."""

import ast
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from optral.kit.times import rfc3339

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("moment", "timespec", "text"),
    [
        pytest.param(datetime(2026, 1, 15, 12, tzinfo=UTC), "seconds", "2026-01-15T12:00:00Z", id="UTC"),
        pytest.param(datetime(2026, 1, 15, 12, 0, 0, 987654, tzinfo=UTC), "seconds", "2026-01-15T12:00:00Z", id="cut off, not rounded"),
        pytest.param(datetime(2026, 1, 15, 12, 0, 0, 987654, tzinfo=UTC), "milliseconds", "2026-01-15T12:00:00.987Z", id="milliseconds"),
        pytest.param(datetime(2026, 1, 15, 12, tzinfo=timezone(timedelta(hours=2))), "seconds", "2026-01-15T10:00:00Z", id="an offset"),
    ],
)
def test_writes_utc_with_a_z(moment: datetime, timespec: str, text: str) -> None:
    assert rfc3339(moment, timespec=timespec) == text


@pytest.mark.slow  # reads every file
def test_no_other_file_writes_it_by_hand() -> None:
    by_hand = [
        str(path.relative_to(ROOT))
        for path in sorted((ROOT / "optral").rglob("*.py"))
        if path.name != "times.py" and _writes_z(ast.parse(path.read_text()))
    ]
    assert by_hand == []


def _writes_z(tree: ast.Module) -> bool:
    """Whether a call replaces `+00:00`, or formats a time that ends with `Z`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("replace", "strftime"):
            texts = [one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
            if "+00:00" in texts[:1] or any(text.startswith("%Y-%m-%dT") for text in texts):
                return True
    return False
