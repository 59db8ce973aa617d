"""The impact of a step: from the diff of its dry run and what the inventory shows, and unknown where neither tells."""

from typing import Any

import pytest

from optral.runbooks.executions import impact
from optral.runbooks.executions.impact import ObjectContext
from tests.runbooks.executions.test_decisions import STATES, _step

TEMPLATE = [{"path": "spec.template.spec.containers[api].image", "from": "a:1", "to": "a:2"}]


def taken(kind: str, strategy: dict[str, Any] | None, *, pods: int = 10, start_s: tuple[float, ...] = (8, 10, 12)) -> tuple[Any, ...]:
    spec = {} if strategy is None else {"strategy" if kind == "Deployment" else "updateStrategy": strategy}
    seen = ObjectContext(manifest={"spec": spec}, pods=pods, start_s=start_s, budgets=["shop/web"], dependents=["Service shop/web"])
    found = impact.of_step(_step(kind=kind), TEMPLATE, seen)
    return found["podsReplaced"], found["unavailableAtOnce"], found["unavailableSeconds"]


@pytest.mark.parametrize(
    ("kind", "strategy", "expected"),
    [
        ("Deployment", None, (10, 2, 50)),
        ("Deployment", {"type": "Recreate"}, (10, 10, 10)),
        ("Deployment", {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0}}, (10, 0, 0)),
        ("Deployment", {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "35%"}}, (10, 3, 40)),
        ("StatefulSet", None, (10, 1, 100)),
        ("StatefulSet", {"type": "OnDelete"}, (0, 0, 0)),
        ("DaemonSet", {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "25%"}}, (10, 3, 40)),
        ("CronJob", None, (0, 0, 0)),
    ],
)
def test_a_rollout_takes_away_what_its_strategy_allows(kind: str, strategy: dict[str, Any] | None, expected: tuple[int, ...]) -> None:
    assert taken(kind, strategy) == expected


def test_a_single_replica_of_a_rolling_update_stays_available() -> None:
    assert taken("Deployment", None, pods=1) == (1, 0, 0)


def test_a_time_that_no_pod_shows_is_unknown() -> None:
    assert taken("StatefulSet", None, start_s=()) == (10, 1, None)


@pytest.mark.parametrize(
    ("step", "changes", "expected"),
    [
        ({"verb": "scale"}, [{"path": "spec.replicas", "from": 5, "to": 2}], (0, 3, 3, None)),
        ({"verb": "scale"}, [{"path": "spec.replicas", "from": 2, "to": 5}], (0, 0, 0, 0)),
        ({"verb": "evict", "kind": "Pod"}, [], (1, 0, 1, 10)),
        ({"verb": "drain", "kind": "Node"}, [{"path": "pods[shop/web-1]"}, {"path": "spec.unschedulable"}], (1, 0, None, None)),
        ({"verb": "cordon", "kind": "Node"}, [{"path": "spec.unschedulable", "from": None, "to": True}], (0, 0, 0, 0)),
        ({"verb": "patch", "kind": "Service"}, [{"path": "spec.selector.app", "from": "a", "to": "b"}], (0, 0, None, None)),
        ({"verb": "restart"}, [], (0, 0, 0, 0)),
        ({"verb": "patch", "kind": "Job"}, [{"path": "spec.suspend", "from": False, "to": True}], (0, 2, 2, None)),
        ({"verb": "patch", "kind": "Job"}, [{"path": "spec.suspend", "from": True, "to": False}], (0, 0, 0, 0)),
        ({"verb": "patch", "kind": "CronJob"}, [{"path": "spec.suspend", "from": False, "to": True}], (0, 0, 0, 0)),
    ],
)
def test_each_change_takes_away_what_its_diff_says(step: dict[str, Any], changes: list[dict[str, Any]], expected: tuple[Any, ...]) -> None:
    around = ObjectContext(manifest={"status": {"active": 2}}, pods=3, start_s=(10,))
    found = impact.of_step(_step(**step), changes, around)
    assert (found["podsReplaced"], found["podsRemoved"], found["unavailableAtOnce"], found["unavailableSeconds"]) == expected


def test_more_pods_or_another_budget_than_planned_is_drift_and_fewer_is_none() -> None:
    one = {"step": "Restart", "podsReplaced": 3, "podsRemoved": 0, "budgets": ["shop/web"]}
    planned = impact.of_plan([one])
    assert impact.grown(planned, one | {"podsReplaced": 2}) is None
    assert "3 pods would have been" in str(impact.grown(planned, one | {"podsReplaced": 4}))
    assert "shop/api" in str(impact.grown(planned, one | {"budgets": ["shop/api", "shop/web"]}))
    assert impact.grown(None, one) is None  # planned by an earlier version


def test_the_caps_do_not_hold_an_undo() -> None:
    execution, large = STATES["plan"].execution, {"pods": 21}
    assert "at most 20" in str(impact.excess(execution, large, 20))
    assert impact.excess(execution, {"pods": 20}, 20) is None
    from dataclasses import replace

    assert impact.excess(replace(execution, undo_of="exe_0"), large, 20) is None
