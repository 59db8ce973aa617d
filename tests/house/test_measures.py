"""Limits on what `tests/house/measures.py` counts. A limit may be lowered, never raised."""

import pytest

from tests.house.measures import JUDGEMENT, MEASURES, ROOT, Tree

MAX_COMPLEXITY = 15
OVER = 0  # functions of the packages that judge which are still above it


@pytest.fixture(scope="module")
def tree() -> Tree:
    return Tree(ROOT)


def test_rules_and_detectors_can_be_read_in_one_go(tree: Tree) -> None:
    over = {one.place: one.complexity for one in tree.functions_below(JUDGEMENT) if one.complexity > MAX_COMPLEXITY}
    assert len(over) <= OVER, over


def test_no_module_holds_a_hub(tree: Tree) -> None:
    assert MEASURES["hubs at module level"](tree) == 0, "declare a Topic; each server has its own Hubs, beside its store"
