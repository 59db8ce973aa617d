"""docs/runbooks.md lists the built-in runbooks with their risk and parameters."""

import re
from pathlib import Path

from optral.runbooks.builtin import builtin

PAGE = (Path(__file__).parents[2] / "docs/runbooks.md").read_text()


def test_each_builtin_runbook_has_its_line() -> None:
    rows = re.findall(r"^\| (`[a-z-]+`(?:, `[a-z-]+`)*) \| (readOnly|low|high|destructive) \| (.+) \|$", PAGE, re.MULTILINE)
    listed = {slug: (risk, shown) for slugs, risk, shown in rows for slug in re.findall(r"`([a-z-]+)`", slugs)}
    assert set(listed) == builtin.SLUGS
    for one in builtin.all_of_them().values():
        risk, shown = listed[one.definition.slug]
        assert risk == one.definition.risk
        assert all(f"`{parameter.name}`" in shown for parameter in one.definition.parameters), one.definition.slug


def test_each_says_when_to_use_it_and_when_not() -> None:
    for one in builtin.all_of_them().values():
        text = one.definition.description
        if any(step.verb not in ("restart", "scale", "cordon", "uncordon", "deletePod") and step.is_write for step in one.definition.steps):
            assert "Use it" in text and "not " in text.partition("Use it")[2], one.definition.slug
