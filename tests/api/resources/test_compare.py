"""Comparisons over HTTP: two objects, the same one in two clusters, two revisions; typed values, and what is not compared."""

from typing import Any

import pytest

from tests.api.conftest import Api
from tests.api.seeds import report
from tests.support.objects import change


async def put(api: Api, cluster_id: str, version: int, **spec: Any) -> str:
    """A Deployment shop/web of this generation; its id."""
    uid = f"uid-web-{cluster_id}"
    body = {"metadata": {"generation": version}, "spec": spec, "status": {"replicas": version}}
    await report(api, cluster_id, change("Deployment.apps", "web", uid=uid, rv=str(version), **body))
    listed = (await api.get(f"/v1/resources?cluster={cluster_id}")).json()["resources"]
    return str(listed[0]["id"])


@pytest.fixture
async def two(api: Api) -> tuple[str, str]:
    """The ids of one Deployment in the clusters `production` and `staging`."""
    first, second = await api.new_cluster("production"), await api.new_cluster("staging")
    return await put(api, first, 1, replicas=6, paused=True), await put(api, second, 2, replicas=2, template={"image": "web:2"})


async def compare(api: Api, query: str) -> dict[str, Any]:
    answer = await api.get(f"/v1/resources/compare?{query}")
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_the_same_object_of_two_clusters_is_found_by_its_name(api: Api, two: tuple[str, str]) -> None:
    left, right = two
    found = await compare(api, f"left={left}&cluster=staging")
    assert (found["left"]["cluster"], found["right"]["cluster"], found["right"]["id"]) == ("production", "staging", right)
    assert found["differences"] == [
        {"path": "spec.replicas", "op": "replace", "from": 6, "to": 2},
        {"path": "spec.paused", "op": "remove", "from": True},
        {"path": "spec.template", "op": "add", "to": {"image": "web:2"}},
    ]
    assert {"metadata.uid", "metadata.resourceVersion", "status"} <= set(found["ignored"])
    assert found == await compare(api, f"left={left}&right={right}")
    with_status = await compare(api, f"left={left}&right={right}&withStatus=true")
    assert "status.replicas" in [one["path"] for one in with_status["differences"]]


async def test_two_revisions_of_an_object_are_compared_from_its_history(api: Api) -> None:
    cluster_id = await api.new_cluster("production")
    for version, replicas in enumerate((1, 3, 5), start=1):
        resource_id = await put(api, cluster_id, version, replicas=replicas)
    history = (await api.get(f"/v1/resources/{resource_id}/history")).json()["history"]
    first, second = sorted(one["revision"] for one in history)
    found = await compare(api, f"left={resource_id}&leftRevision=0&rightRevision={first}")
    assert [(one["path"], one["from"], one["to"]) for one in found["differences"]] == [("spec.replicas", 1, 3)]
    assert (found["left"]["revision"], found["right"]["revision"], found["incomplete"]) == (0, first, False)
    now = await compare(api, f"left={resource_id}&leftRevision={first}")
    assert [(one["from"], one["to"]) for one in now["differences"]] == [(3, 5)]
    assert (await compare(api, f"left={resource_id}&leftRevision={second}"))["differences"] == []
    assert "revision" not in now["right"]
    missing = await api.get(f"/v1/resources/compare?left={resource_id}&leftRevision=99")
    assert (missing.status_code, missing.json()["code"]) == (404, "revision_not_found")


async def test_a_comparison_with_nothing_says_what_to_send(api: Api, two: tuple[str, str]) -> None:
    left, right = two
    for query in (f"left={left}", f"left={left}&right={left}", f"left={left}&right={right}&cluster=staging"):
        answer = await api.get(f"/v1/resources/compare?{query}")
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_comparison"), query
    for query in (f"left={left}&cluster=nowhere", "left=res_01jd3q4m6ve5jt8cmykq3rzm0a&cluster=staging"):
        assert (await api.get(f"/v1/resources/compare?{query}")).status_code == 404
    await api.new_cluster("empty")
    answer = await api.get(f"/v1/resources/compare?left={left}&cluster=empty")
    assert (answer.status_code, answer.json()["detail"]) == (404, "empty has no Deployment shop/web")


async def test_a_key_sees_only_its_clusters_and_needs_the_scope_of_manifests(api: Api, two: tuple[str, str]) -> None:
    left, right = two
    own = (await api.get(f"/v1/resources/{left}")).json()["clusterId"]
    limited = await api.new_key(scopes={"resources:read", "resources:manifest"}, clusters={own})
    for query in (f"right={right}", "cluster=staging"):
        assert (await api.get(f"/v1/resources/compare?left={left}&{query}", key=limited)).status_code == 404
    reader = await api.new_key(scopes={"resources:read"})
    assert (await api.get(f"/v1/resources/compare?left={left}&right={right}", key=reader)).status_code == 403
