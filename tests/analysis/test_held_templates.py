"""A template that is corrected and waits is the cause; one that is rolled out, or has nothing new, is not."""

from typing import Any

import pytest

from optral.analysis.model import Explanation
from tests.analysis.cases import CASES
from tests.analysis.cases.held_templates import paused_with_another_image, stateful_set
from tests.analysis.cluster import Json, World, deployment, state


def text(found: Explanation) -> str:
    assert found.root_cause is not None
    return str(found.root_cause["explanation"])


@pytest.mark.parametrize(
    ("name", "words"),
    [
        pytest.param("waits for its broken pod", ("Pod `db-2` is not ready", "policy is `OrderedReady`"), id="the pod and the policy"),
        pytest.param("waits for somebody to delete its broken pod", ("Pod `db-2`", "update strategy is `OnDelete`"), id="the strategy"),
    ],
)
def test_names_what_waits_and_for_what(name: str, words: tuple[str, ...]) -> None:
    _, found = CASES[name][2]()
    assert [word for word in words if word not in text(found)] == []


def test_a_change_that_waits_for_a_paused_rollout_is_named() -> None:
    _, found = paused_with_another_image()
    assert found.cause_id == "rollout_paused"
    assert "from `registry.test/team/api:1.4` to `registry.test/team/api:1.5`" in text(found)


def test_suggests_to_delete_the_broken_pod() -> None:
    _, found = CASES["waits for its broken pod"][2]()
    assert found.body["recommendedActions"][0]["parameters"] == {"namespace": "orders", "pod": "db-2"}


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({"revision": "db-3"}, id="the pod has the newest revision"),
        pytest.param({"podManagementPolicy": "Parallel"}, id="pods are replaced at once"),
        pytest.param(
            {"updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 3}}, "revision": "db-3"}, id="a partition"
        ),
        pytest.param({"broken": state("db", ready=True)}, id="its node was lost"),
    ],
)
def test_a_pod_that_is_replaced_by_itself_holds_nothing(given: dict[str, Any]) -> None:
    world, db, failing = stateful_set(**given)
    found = world.ask("ImagePullBackOff", failing, owner=db, container="db")
    assert found.cause_id != "update_held_back"


def test_a_pod_below_the_partition_is_held_by_it() -> None:
    strategy = {"type": "RollingUpdate", "rollingUpdate": {"partition": 3}}
    world, db, failing = stateful_set(updateStrategy=strategy)
    found = world.ask("ImagePullBackOff", failing, owner=db, container="db")
    assert found.cause_id == "update_held_back"
    assert "partition `3`" in text(found)


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({"image": "registry.test/team/api:1.4"}, id="nothing waits"),
        pytest.param({"is_paused": False}, id="it is not paused"),
    ],
)
def test_without_a_change_that_waits_the_pod_has_its_own_cause(given: dict[str, Any]) -> None:
    assert paused_with_another_image(**given)[1].cause_id == "image_tag_not_found"


def test_who_scaled_it_to_zero_is_named() -> None:
    web: Json = deployment(replicas=0)
    assert "It was scaled by `night-shift`." in text(World([web]).ask("ScaledToZero", web, scaledBy="night-shift"))
