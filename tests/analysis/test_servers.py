"""Callers of one server: what only looks like an incident that they share is not explained as one."""

from typing import Any

import pytest

from tests.analysis.cases.servers import FULL_DISK, OUTSIDE, URL, ask_first, victims
from tests.analysis.cluster import World


def causes(world: World) -> dict[str, float]:
    _, found = ask_first(world)
    return {one["id"]: one["score"] for one in found.body["hypotheses"]}


def explained(world: World) -> str:
    _, found = ask_first(world)
    return str(found.root_cause["explanation"]) if found.root_cause is not None else ""


def test_counts_the_workloads_that_report_the_same_server() -> None:
    other = OUTSIDE.replace("db-1", "db-2")
    assert "`3` of `5` other workloads whose logs were read report the same failure." in explained(
        victims(OUTSIDE, count=6, lines={1: other, 2: "panic: index out of range"})
    )


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param({1: OUTSIDE.replace("db-1", "db-2"), 2: OUTSIDE.replace("db-1", "db-3")}, id="each calls another server"),
        pytest.param({1: "panic: index out of range", 2: "exit"}, id="the others fail for a reason of their own"),
        pytest.param({1: OUTSIDE.replace("db-1", "my-db-1"), 2: "listening"}, id="a longer name"),
    ],
)
def test_a_caller_that_is_alone_with_its_error_is_no_proof_about_a_server(lines: dict[int, str]) -> None:
    world = victims(OUTSIDE, lines=lines)
    assert "other workloads" not in explained(world)
    assert causes(world)["dependency_unavailable"] == 0.42


def test_a_disk_of_the_container_itself_is_not_that_of_a_server() -> None:
    assert "dependency_disk_full" not in causes(victims("write /data/x: no space left on device"))
    world = victims(FULL_DISK, count=1)
    claim = {"name": "data", "persistentVolumeClaim": {"claimName": "data"}}
    next(one for one in world.objects if one["kind"] == "Pod")["spec"]["volumes"] = [claim]
    assert "dependency_disk_full" not in causes(world), "it may be the server itself"


def test_names_no_secret_where_the_address_may_come_from_two() -> None:
    two: Any = [*URL, {"name": "CACHE_URL", "valueFrom": {"secretKeyRef": {"name": "cache", "key": "url"}}}]
    text = explained(victims(OUTSIDE, env=two))
    assert "`db-1.eu.example.com:5432`" in text
    assert "Secret" not in text
