import itertools
from typing import Any

import pytest

from optral.kube.objects import KubeObject
from tests.detectors.build import at, condition, make, only, tuned, when

TYPE = "NodeReadinessFlapping"
_numbers = itertools.count(1)


def node(ready: str = "True", *, ago: float = 90_000, **more: Any) -> KubeObject:
    return make("Node", name="node-1", namespace=None, ago=ago, status={"conditions": [condition("Ready", ready)]}, **more)


def changed(reason: str, ago: float, *, times: int = 1, first: float | None = None, by: str = "kubelet") -> KubeObject:
    """As a kubelet writes it: the name of the node where its uid belongs."""
    return make(
        "Event",
        name=f"node-1.{next(_numbers)}",
        namespace="default",
        involvedObject={"kind": "Node", "name": "node-1", "uid": "node-1"},
        reason=reason,
        count=times,
        firstTimestamp=at(ago if first is None else first),
        lastTimestamp=at(ago),
        source={"component": by},
    )


def test_three_changes_in_a_quarter_of_an_hour() -> None:
    [finding] = only(TYPE, node(), changed("NodeNotReady", 500), changed("NodeReady", 400), changed("NodeNotReady", 100))
    assert (finding.since, finding.opens_at, finding.expires_at) == (when(500), when(500), when(100 - 900))


def test_it_ends_half_an_hour_after_the_last_change() -> None:
    events = [changed("NodeNotReady", 950 + n) if n % 2 else changed("NodeReady", 950 + n) for n in (0, 60, 121, 180)]
    assert only(TYPE, node(), *events) == []


@pytest.mark.parametrize(
    "things",
    [
        pytest.param([node(), changed("NodeNotReady", 500), changed("NodeReady", 400)], id="one outage"),
        pytest.param(
            [
                node(),
                changed("NodeNotReady", 500),
                changed("NodeNotReady", 499, by="node-controller"),
                changed("NodeReady", 400),
            ],
            id="one outage that two tell of",
        ),
        pytest.param(
            [node(), changed("NodeNotReady", 500), changed("NodeReady", 400, times=2)],
            id="said twice in one breath at its start",
        ),
        pytest.param([node(), changed("NodeReady", 60, times=2, first=40_000), changed("NodeNotReady", 70)], id="twice a day"),
        pytest.param(
            [node(ago=200), changed("NodeNotReady", 100), changed("NodeReady", 90), changed("NodeNotReady", 50)],
            id="just joined",
        ),
        pytest.param([node()], id="quiet"),
        pytest.param(
            [
                node("Unknown"),
                changed("NodeNotReady", 500),
                changed("NodeReady", 400),
                changed("NodeNotReady", 100),
            ],
            id="down now: told as that",
        ),
    ],
)
def test_single_outages_are_no_flapping(things: list[KubeObject]) -> None:
    assert only(TYPE, *things) == []


def test_the_number_of_changes_and_their_window_can_be_set() -> None:
    things = [node(), changed("NodeNotReady", 1500), changed("NodeReady", 400), changed("NodeNotReady", 100)]
    assert tuned(TYPE, *things) == []
    [finding] = tuned(TYPE, *things, windowSeconds=1800)
    assert finding.facts == {"windowSeconds": 1800, "moreChangesThan": 2}
    assert tuned(TYPE, *things, windowSeconds=1800, maxChanges=3) == []
