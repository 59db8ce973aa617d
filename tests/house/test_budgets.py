"""No part of the code grows unnoticed: `budgets.toml` limits the lines of Python of each package, of the tests and of the lab."""

import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILE = Path(__file__).with_name("budgets.toml")
BUDGETS: dict[str, int] = tomllib.loads(FILE.read_text())


def test_every_package_has_a_budget() -> None:
    packages = {f"optral/{path.name}" for path in (ROOT / "optral").iterdir() if any(path.rglob("*.py"))}
    assert {name for name in BUDGETS if name.startswith("optral/")} == packages


@pytest.mark.parametrize("name", BUDGETS)
def test_stays_within_its_budget(name: str) -> None:
    lines = sum(path.read_text().count("\n") for path in (ROOT / name).rglob("*.py"))
    assert lines <= BUDGETS[name], (
        f"{name} has {lines:,} lines of Python, its budget is {BUDGETS[name]:,}. Delete what is not needed, or write once what is there "
        f"several times. If it has to grow, raise the number in {FILE.relative_to(ROOT)} in the same commit, with the reason in its body."
    )
