"""Hourly limits of the organization, of clusters and of namespaces, and the risk that may run without a person."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from optral.safeguards import model
from optral.safeguards.model import Change, Limit, Safeguards
from optral.terms.errors import Invalid

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


def changes(*given: tuple[int, str, str]) -> list[Change]:
    return [Change(NOW - timedelta(minutes=ago), cluster, namespace) for ago, cluster, namespace in given]


def held(limits: list[Limit], made: list[Change], namespaces: frozenset[str] = frozenset({"shop"})) -> Any:
    found = model.held_by_limit(Safeguards(limits=limits), made, cluster_id="cls_1", namespaces=namespaces, name="prod")
    return None if found is None else (found.code, (found.until - NOW).total_seconds() / 60 if found.until else None)


@pytest.mark.parametrize(
    ("limits", "made", "minutes"),
    [
        pytest.param([Limit("", "", 2)], [(10, "cls_2", "a"), (50, "cls_3", "b")], 10, id="of the organization, in any cluster"),
        pytest.param([Limit("", "", 3)], [(10, "cls_2", "a"), (50, "cls_3", "b")], None, id="one is left"),
        pytest.param([Limit("cls_1", "", 1)], [(10, "cls_1", "pay")], 50, id="of the cluster"),
        pytest.param([Limit("cls_1", "", 1)], [(10, "cls_2", "shop")], None, id="another cluster does not count"),
        pytest.param([Limit("", "shop", 1)], [(10, "cls_1", "shop")], 50, id="of the namespace in each cluster"),
        pytest.param([Limit("", "shop", 1)], [(10, "cls_2", "shop")], None, id="the namespace in another cluster does not count"),
        pytest.param([Limit("cls_1", "shop", 1)], [(10, "cls_1", "shop")], 50, id="of the namespace in this cluster"),
        pytest.param([Limit("cls_2", "shop", 1)], [(10, "cls_1", "shop")], None, id="of the namespace in another cluster"),
        pytest.param([Limit("", "shopping", 1)], [(10, "cls_1", "shopping")], None, id="of another namespace"),
        pytest.param([], [(one, "cls_1", "x") for one in range(30)], 31, id="30 of a cluster where nothing is set"),
        pytest.param([], [(one, "cls_1", "x") for one in range(29)], None, id="29 of a cluster"),
        pytest.param([Limit("cls_1", "", 40)], [(one, "cls_1", "x") for one in range(35)], None, id="a limit of its own above 30"),
        pytest.param([Limit("cls_1", "", 2)], [(5, "cls_1", "x"), (20, "cls_1", "x"), (50, "cls_1", "x")], 40, id="more than allowed"),
    ],
)
def test_a_limit_says_when_the_next_change_is_possible(limits: list[Limit], made: list[Any], minutes: float | None) -> None:
    assert held(limits, changes(*made)) == (None if minutes is None else ("too_many_changes", minutes))


@pytest.mark.parametrize(
    ("setting", "allowed"),
    [("none", {"readOnly"}), ("low", {"readOnly", "low"}), ("high", {"readOnly", "low", "high"})],
)
def test_nothing_runs_above_the_risk_that_is_allowed(setting: str, allowed: set[str]) -> None:
    given = Safeguards(unattended_risk=setting)
    assert {risk for risk in ("readOnly", "low", "high", "destructive") if given.lets_run_unattended(risk)} == allowed


def test_by_default_everything_that_writes_waits_for_a_person() -> None:
    assert Safeguards().unattended_risk == "none"


def test_one_place_has_one_limit() -> None:
    model.check_limits([Limit("", "", 1), Limit("", "shop", 1), Limit("cls_1", "shop", 1)])
    with pytest.raises(Invalid):
        model.check_limits([Limit("", "shop", 1), Limit("", "shop", 2)])
