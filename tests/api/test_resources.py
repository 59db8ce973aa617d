"""The inventory over HTTP: columns of kinds."""

from typing import Any

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
