from typing import cast

import pytest

from optral.detectors.nodes import event_counts
from optral.kube.objects import Event
from tests.detectors.build import NOON, event, make

NODE = make("Node", name="node-1", namespace=None)


@pytest.mark.parametrize(
    ("first", "last", "times", "expected"),
    [
        pytest.param(600, 60, 5, 5, id="all inside"),
        pytest.param(2000, 1000, 5, 0, id="all before"),
        pytest.param(8700, 0, 30, 3, id="evenly over hours: its share"),
        pytest.param(8700, 0, 3, 1, id="seldom: the last one is certain"),
        pytest.param(60, 60, 4, 1, id="said four times in one breath"),
    ],
)
def test_counts_what_fell_into_the_window(first: float, last: float, times: int, expected: int) -> None:
    told = cast(Event, event(NODE, "NodeReady", ago=last, first=first, times=times))
    assert event_counts.within([told], 900, until=NOON) == expected
