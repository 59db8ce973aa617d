"""The inventory over HTTP: columns of kinds."""

from typing import Any

import pytest

from tests.api.conftest import Api
from tests.api.seeds import objects

POD = {
    "spec": {"nodeName": "node-1", "containers": [{"name": "app", "image": "shop/web:2"}]},
    "status": {"phase": "Running", "containerStatuses": [{"name": "app", "ready": True, "restartCount": 3}]},
}


async def listed(api: Api, query: str) -> dict[str, Any]:
    answer: dict[str, Any] = (await api.get(f"/v1/resources?{query}")).json()
    return answer


async def test_a_list_has_the_columns_of_each_kind_on_its_page(api: Api) -> None:
    cluster = await api.new_cluster("production")
    await objects(api, cluster, "web", **POD)
    await objects(api, cluster, "settings", kind="ConfigMap", data={"a": "b"})
    answer = await listed(api, "sort=kind")
    settings, web = answer["resources"]
    assert "columns" not in settings
    assert web["columns"] == {"ready": "1/1", "restarts": 3, "node": "node-1", "images": "shop/web:2"}
    by_kind = {one["kind"]: [column["name"] for column in one["columns"]] for one in answer["columns"]}
    assert by_kind["ConfigMap"] == []
    assert by_kind["Pod"][:2] == ["ready", "restarts"]
    assert (await api.get(f"/v1/resources/{web['id']}")).json()["columns"] == web["columns"]


async def test_an_odd_object_does_not_break_its_list(api: Api) -> None:
    cluster = await api.new_cluster("production")
    await objects(api, cluster, "odd", spec=["?"], status={"containerStatuses": {"a": 1}})
    await objects(api, cluster, "web", **POD)
    assert [one["columns"]["ready"] for one in (await listed(api, "kind=Pod"))["resources"]] == ["0/0", "1/1"]


READY = {"type": "Ready", "status": "True"}
STATUSES: dict[str, dict[str, Any]] = {
    "a-fine": {"phase": "Running", "conditions": [READY]},
    "b-crash": {"phase": "Running", "containerStatuses": [{"name": "c", "state": {"waiting": {"reason": "CrashLoopBackOff"}}}]},
    "c-slow": {"phase": "Running"},
    "d-new": {"phase": "Pending"},
    "e-crash": {"phase": "Running", "containerStatuses": [{"name": "c", "state": {"waiting": {"reason": "CrashLoopBackOff"}}}]},
    "f-done": {"phase": "Succeeded"},
}


async def pods(api: Api) -> None:
    cluster = await api.new_cluster("production")
    for name, status in STATUSES.items():
        await objects(api, cluster, name, status=status)


async def names(api: Api, query: str) -> list[str]:
    return [one["name"] for one in (await listed(api, query))["resources"]]


WORST_FIRST = ["b-crash", "e-crash", "c-slow", "d-new", "a-fine", "f-done"]


async def test_what_fails_comes_first(api: Api) -> None:
    await pods(api)
    assert await names(api, "sort=status") == WORST_FIRST
    found = (await listed(api, "sort=status"))["resources"]
    assert [one["state"] for one in found] == ["failing"] * 2 + ["pending"] * 2 + ["healthy"] * 2


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5])
async def test_pages_by_number_and_by_cursor_give_every_object_once(api: Api, size: int) -> None:
    await pods(api)
    by_number: list[str] = []
    for page in range(1, 7):
        by_number += await names(api, f"sort=status&pageSize={size}&page={page}")
    assert by_number == WORST_FIRST
    by_cursor, cursor = [], ""
    while cursor is not None:
        answer = await listed(api, f"sort=status&pageSize={size}{cursor and f'&cursor={cursor}'}")
        by_cursor += [one["name"] for one in answer["resources"]]
        cursor = answer.get("nextCursor")
    assert by_cursor == WORST_FIRST


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=CrashLoopBackOff", ["b-crash", "e-crash"]),
        ("status=CrashLoopBackOff,Pending", ["b-crash", "d-new", "e-crash"]),
        ("status=Running", ["a-fine", "c-slow"]),
        ("state=failing,pending", ["b-crash", "c-slow", "d-new", "e-crash"]),
        ("state=healthy", ["a-fine", "f-done"]),
        ("state=healthy&sort=status", ["a-fine", "f-done"]),
        ("state=pending&sort=status", ["c-slow", "d-new"]),
        ("state=failing&label=app:e-crash", ["e-crash"]),
    ],
)
async def test_status_and_state_filter(api: Api, query: str, found: list[str]) -> None:
    await pods(api)
    assert await names(api, query) == found


async def test_an_object_that_recovers_leaves_its_place_at_the_top(api: Api) -> None:
    await pods(api)
    cluster = (await listed(api, ""))["resources"][0]["clusterId"]
    await objects(api, cluster, "b-crash", version="2", status=STATUSES["a-fine"])
    await objects(api, cluster, "f-done", version="2", status=STATUSES["d-new"])
    assert await names(api, "sort=status") == ["e-crash", "c-slow", "d-new", "f-done", "a-fine", "b-crash"]


async def test_a_workload_whose_pods_cannot_be_created_fails(api: Api) -> None:
    cluster = await api.new_cluster("production")
    await objects(api, cluster, "web", kind="Deployment.apps", spec={"replicas": 3}, status={"replicas": 0})
    [found] = (await listed(api, "state=failing"))["resources"]
    assert (found["status"], found["state"]) == ("0/3", "failing")
