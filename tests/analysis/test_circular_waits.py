"""Which wait closes a circle, and waits that are none."""

import pytest

from tests.analysis.cases import CASES
from tests.analysis.cases.circular_waits import waiter, waiting
from tests.analysis.cluster import Json


def test_each_wait_of_the_circle_is_named_and_the_last_one_closes_it() -> None:
    _, found = CASES["three wait in a circle"][2]()
    assert found.root_cause is not None
    for wait in (("meters", "tariffs"), ("tariffs", "bills"), ("bills", "meters")):
        assert "Init container `wait-of-{0}` of `{0}` waits for Service `{1}`".format(*wait) in found.root_cause["explanation"]
    assert found.body["recommendedActions"][0]["title"] == "Stop init container wait-of-bills of bills from waiting for meters"


def test_a_workload_that_waits_for_its_own_service() -> None:
    _, found = waiting(waiter("orders", "orders"))
    assert found.cause_id == "circular_wait"


@pytest.mark.parametrize(
    "others",
    [
        pytest.param([waiter("stock")], id="the other one does not wait"),
        pytest.param([waiter("stock", "cache"), waiter("cache")], id="the other one waits for a third one"),
        pytest.param([], id="the Service does not exist"),
        pytest.param([waiter("stock", "orders", initContainerStatuses=[])], id="the other one has not begun to wait"),
    ],
)
def test_a_wait_that_does_not_come_back_is_no_circle(others: list[list[Json]]) -> None:
    _, found = waiting(waiter("orders", "stock"), *others)
    assert found.cause_id != "circular_wait"
