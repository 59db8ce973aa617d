"""Rules return named levels; numbers stand in one table."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from optral.analysis import causes
from optral.analysis.engine import calibration, engine
from optral.analysis.engine.calibration import Level
from optral.analysis.model import Hypothesis, Sentence
from optral.analysis.rules.decisions import Table, row
from optral.terms.refs import ObjectRef

RULES = sorted((Path(engine.__file__).parent / "rules").rglob("*.py"))
API = ObjectRef("Deployment.apps", "shop", "api")


def decimals(tree: ast.Module) -> Iterator[int]:
    """Lines with a decimal, other than module constants in seconds (`LONG_RUN_S = 3600.0`)."""
    for statement in tree.body:
        is_seconds = isinstance(statement, ast.Assign) and all(
            isinstance(one, ast.Name) and one.id.endswith("_S") for one in statement.targets
        )
        for node in () if is_seconds else ast.walk(statement):
            if isinstance(node, ast.Constant) and isinstance(node.value, float):
                yield node.lineno


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.stem)
def test_no_rule_weighs_by_a_decimal(path: Path) -> None:
    assert list(decimals(ast.parse(path.read_text()))) == []


def test_a_level_is_never_lowered_below_a_hint() -> None:
    assert Level.PROVEN.lowered() is Level.STRONG
    assert Level.POSSIBLE.lowered(3) is Level.HINT
    assert calibration.confidence(calibration.NAMED) > calibration.confidence(Level.HINT)


def hypothesis(cause: str, level: Level = Level.STRONG, *, steps: int = 0) -> Hypothesis:
    return Hypothesis(cause=cause, subject=API, level=level, sentences=(Sentence("It is this.", ("ev_1",)),), steps=steps)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(hypothesis("memory_leak"), hypothesis("disk_full", Level.LIKELY), id="the higher level"),
        pytest.param(hypothesis("port_in_use", steps=3), hypothesis("application_error"), id="the specific cause"),
        pytest.param(hypothesis("port_in_use"), hypothesis("disk_full", steps=1), id="the nearer object"),
        pytest.param(hypothesis("liveness_probe_wrong_port"), hypothesis("liveness_probe_unhealthy"), id="the place in the list of causes"),
    ],
)
def test_the_order_of_two_hypotheses_follows_stated_rules(first: Hypothesis, second: Hypothesis) -> None:
    assert engine.ranked([second, first]) == engine.ranked([first, second]) == [first, second]


def test_a_general_cause_is_no_rival_of_a_specific_one() -> None:
    specific, general = hypothesis("port_in_use"), hypothesis("application_error")
    assert not engine.has_rival(specific, [specific, general])
    assert engine.has_rival(specific, [specific, hypothesis("disk_full")])
    assert causes.BY_ID.keys() >= causes.GENERAL


def test_a_decision_table_takes_the_first_row_that_holds_and_no_unknown_sign() -> None:
    table = Table(row("both", "wet", "cold"), row("wet", "wet"), row("mild", "not cold"), row("cold"))
    assert [table.decide(wet=wet, cold=cold) for wet in (True, False) for cold in (True, False)] == ["both", "wet", "cold", "mild"]
    with pytest.raises(ValueError, match="not those of the table"):
        table.decide(wet=True)
    with pytest.raises(ValueError, match="last row"):
        Table(row("wet", "wet"))
