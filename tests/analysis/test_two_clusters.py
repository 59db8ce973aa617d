"""Each special case of the rules is shown by two unrelated clusters: workloads of other names in other namespaces, or a reason why not.

Special cases are the rows of decision tables, and rules that cite a change. One cluster shows that something can happen; a second one
shows that it is worth a row.
"""

import importlib
import pkgutil
from collections import defaultdict
from functools import cache

import pytest

from optral.analysis import rules
from optral.analysis.rules.decisions import Table
from tests.analysis.cases import CASES
from tests.analysis.cases.pairs import PAIRS

Cluster = tuple[str, str]
"""Namespace and name of the workload that an issue is about."""
TABLES: dict[str, Table[object]] = {
    f"{module.name}.{name}": value
    for module in pkgutil.iter_modules(rules.__path__)
    for name, value in vars(importlib.import_module(f"{rules.__name__}.{module.name}")).items()
    if isinstance(value, Table)
}
KNOWN_GAPS: dict[str, str] = {}
"""Rows that fewer than two clusters show → the reason. Add no row without a second cluster instead of a reason here."""


def rows() -> list[str]:
    return [f"{name}[{index}]" for name, table in TABLES.items() for index in range(len(table.rows))]


@cache
def shown_by() -> dict[str, dict[Cluster, str]]:
    """Row → the clusters that reach it, each with a case that shows it."""
    names = {id(table): name for name, table in TABLES.items()}
    found: dict[str, dict[Cluster, str]] = defaultdict(dict)
    reached: set[str] = set()
    first_row = Table.row_of

    def record(table: Table[object], holding: set[str]) -> int:
        index = first_row(table, holding)
        reached.add(f"{names[id(table)]}[{index}]")
        return index

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Table, "row_of", record)
        asks = {name: case[2] for name, case in CASES.items()} | {name: pair.ask for name, pair in PAIRS.items()}
        for name, ask in asks.items():
            world = ask()[0]
            reached.clear()
            world.again()
            assert world.asked is not None
            for row in reached:
                found[row].setdefault((world.asked.owner.namespace or "", world.asked.owner.name), name)
    return found


@pytest.mark.parametrize("name", PAIRS)
def test_a_second_cluster_has_its_cause_among_the_hypotheses(name: str) -> None:
    _, found = PAIRS[name].ask()
    assert PAIRS[name].cause in [hypothesis["id"] for hypothesis in found.body["hypotheses"]]
    assert found.body["warnings"] == []


@pytest.mark.parametrize("row", rows())
def test_two_unrelated_clusters_show_each_row(row: str) -> None:
    clusters = shown_by()[row]
    if row in KNOWN_GAPS:
        assert len(clusters) < 2, f"{clusters} show it: remove it from KNOWN_GAPS"
    else:
        assert len(clusters) >= 2, f"write a case in another application for it; so far: {clusters}"


def test_each_gap_is_of_a_row_that_exists() -> None:
    assert set(KNOWN_GAPS) <= set(rows())


ONLY_BY_REVISION = {
    "memory_regression_after_rollout": "compares the pods of two revisions, so it needs the ReplicaSet of the earlier one",
    "bad_rollout": "compares the pods of two revisions, so it needs the ReplicaSet of the earlier one",
    "slow_new_version": "compares the pods of two revisions, or their ages, so it needs the ReplicaSet of the earlier one",
}
"""Causes that a change explains, and that the inventory's history alone cannot show."""


@cache
def causes_by_change() -> dict[str, dict[Cluster, bool]]:
    """Cause → the clusters whose answer cites a change, each with whether the inventory recorded it."""
    found: dict[str, dict[Cluster, bool]] = defaultdict(dict)
    for cause, _, ask in CASES.values():
        world, explanation = ask()
        assert world.asked is not None and explanation.root_cause is not None
        changes = {fact["id"] for fact in explanation.body["evidence"] if fact["kind"] == "change"}
        if any(changes & set(claim["evidenceIds"]) for claim in explanation.root_cause["claims"]):
            found[cause][(world.asked.owner.namespace or "", world.asked.owner.name)] = bool(world.history)
    return found


def test_two_unrelated_clusters_show_each_cause_that_a_change_explains() -> None:
    assert {cause: clusters for cause, clusters in causes_by_change().items() if len(clusters) < 2} == {}
    assert len(causes_by_change()) >= 14


def test_a_recorded_change_shows_each_cause_that_a_change_explains() -> None:
    assert {cause for cause, clusters in causes_by_change().items() if not any(clusters.values())} == ONLY_BY_REVISION.keys()
