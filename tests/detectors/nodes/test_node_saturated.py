from typing import Any

import pytest

from tests.detectors import usage
from tests.detectors.build import condition, make, only, tuned

TYPE = "NodeSaturated"


def node() -> Any:
    return make("Node", name="node-1", namespace=None, status={"conditions": [condition("Ready")]})


def used(cpu: int = 0, memory: int = 0) -> dict[str, Any]:
    return {"cpu": {"levelMillis": cpu, "capacityMillis": 4000}, "memory": {"levelBytes": memory, "capacityBytes": 1000}}


@pytest.mark.parametrize(
    ("status", "title"),
    [
        (used(3900), "Node node-1 is out of CPU"),
        (used(0, 960), "Node node-1 is out of memory"),
        (used(3900, 960), "Node node-1 is out of CPU and memory"),
        (used(3700, 900), None),
        ({"cpu": {"levelMillis": 3900}}, None),
    ],
    ids=["CPU", "memory", "both", "neither", "capacity not known"],
)
def test_what_a_node_has_run_out_of(status: dict[str, Any], title: str | None) -> None:
    one = node()
    assert [finding.title for finding in only(TYPE, one, usage.of_node(one, status))] == ([] if title is None else [title])


def test_without_reports_it_is_silent() -> None:
    assert only(TYPE, node()) == []


def test_the_share_can_be_set() -> None:
    one = node()
    assert len(tuned(TYPE, one, usage.of_node(one, used(3700)), cpuShare=0.9)) == 1
