"""Limits on what `tests/house/measures.py` counts. A limit may be lowered, never raised."""

import pytest

from tests.house.measures import MEASURES, ROOT, Tree

MAX_COMPLEXITY, MAX_LINES = 15, 60


@pytest.fixture(scope="module")
def tree() -> Tree:
    return Tree(ROOT)


def test_functions_can_be_read_in_one_go(tree: Tree) -> None:
    assert {one.place: one.complexity for one in tree.functions if one.complexity > MAX_COMPLEXITY} == {}
    assert {one.place: one.lines for one in tree.functions if one.lines > MAX_LINES} == {}


def test_no_module_holds_a_hub(tree: Tree) -> None:
    assert MEASURES["hubs at module level"](tree) == 0, "declare a Topic; each server has its own Hubs, beside its store"
