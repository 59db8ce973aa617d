"""What a client of a Kubernetes API server relies on, asked over HTTPS."""

import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
import yaml

from optral.demo import cluster
from optral.kube.kinds import EVENT, KINDS
from tests.support.clock import FakeClock

Session = aiohttp.ClientSession


@pytest.fixture(scope="module")
async def demo(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[cluster.DemoCluster]:
    """One cluster for all that only look; its time stands still."""
    async with cluster.running(tmp_path_factory.mktemp("demo"), clock=FakeClock()) as demo:
        yield demo


@pytest.fixture(scope="module")
async def api(demo: cluster.DemoCluster) -> AsyncIterator[Session]:
    config = yaml.safe_load(demo.kubeconfig.read_text())
    tls = ssl.create_default_context(cafile=config["clusters"][0]["cluster"]["certificate-authority"])
    headers = {"Authorization": f"Bearer {config['users'][0]['user']['token']}"}
    connector = aiohttp.TCPConnector(ssl=tls)
    async with aiohttp.ClientSession(demo.url, headers=headers, connector=connector, timeout=aiohttp.ClientTimeout(10)) as session:
        yield session


async def get(api: Session, path: str, **params: str) -> tuple[int, dict[str, Any]]:
    async with api.get(path, params=params) as response:
        assert "Date" in response.headers
        return response.status, await response.json()


@asynccontextmanager
async def watching(api: Session, path: str, **params: str) -> AsyncIterator[aiohttp.StreamReader]:
    async with api.get(path, params={"watch": "1", **params}) as response:
        assert response.status == 200
        yield response.content


async def test_asks_for_the_token(api: Session) -> None:
    async with api.get("/version", headers={"Authorization": "Bearer other"}) as response:
        assert response.status == 401
        assert (await response.json())["reason"] == "Unauthorized"


async def test_serves_every_watched_kind_with_one_add_on_and_no_secrets(api: Session) -> None:
    for kind in (*KINDS, EVENT):
        status, answer = await get(api, kind.path, limit="1")
        is_served = not kind.optional or kind.name == "Certificate"
        assert (status, answer["kind"]) == ((200, f"{kind.name}List") if is_served else (404, "Status"))
    assert (await get(api, "/api/v1/secrets"))[0] == 404
    listed = (await get(api, "/apis/apps/v1"))[1]["resources"]
    assert {one["name"] for one in listed} == {"deployments", "replicasets", "statefulsets", "daemonsets"}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("DELETE", "/api/v1/namespaces/shop/pods/x", 404),
        ("DELETE", "/apis/apps/v1/namespaces/shop/deployments/catalog", 405),
        ("PATCH", "/api/v1/namespaces/shop/configmaps/catalog", 405),
        ("POST", "/api/v1/namespaces/shop/pods", 405),
        ("PATCH", "/api/v1/namespaces/shop/services/catalog", 200),
        ("PUT", "/apis/apps/v1/namespaces/shop/deployments/catalog", 405),
        ("PATCH", "/apis/apps/v1/namespaces/shop/deployments/catalog", 200),
    ],
)
async def test_changes_what_it_understands_and_nothing_else(api: Session, method: str, path: str, status: int) -> None:
    async with api.request(method, path, params={"dryRun": "All"}, json={"metadata": {}, "spec": {"replicas": 5}}) as response:
        assert response.status == status


async def test_pages_together_are_the_whole_list(api: Session) -> None:
    whole = (await get(api, "/api/v1/services"))[1]
    names, token = [], ""
    while True:
        page = (await get(api, "/api/v1/services", limit="7", **({"continue": token} if token else {})))[1]
        assert len(page["items"]) <= 7
        names += [item["metadata"]["uid"] for item in page["items"]]
        if not (token := page["metadata"].get("continue", "")):
            break
    assert names == [item["metadata"]["uid"] for item in whole["items"]]
    assert len(names) > 30


async def test_a_streaming_list_ends_with_its_bookmark_and_then_follows(api: Session) -> None:
    count = len((await get(api, "/api/v1/nodes"))[1]["items"])
    params = {"sendInitialEvents": "true", "resourceVersionMatch": "NotOlderThan", "allowWatchBookmarks": "true"}
    async with watching(api, "/api/v1/nodes", **params) as lines:
        first = [json.loads(await lines.readline()) for _ in range(count + 1)]
    assert [line["type"] for line in first] == ["ADDED"] * count + ["BOOKMARK"]
    assert first[-1]["object"]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}


async def test_a_streaming_list_without_its_match_is_invalid(api: Session) -> None:
    assert (await get(api, "/api/v1/nodes", watch="1", sendInitialEvents="true"))[0] == 422


async def test_a_watch_ends_at_its_time(api: Session) -> None:
    version = (await get(api, "/api/v1/namespaces"))[1]["metadata"]["resourceVersion"]
    async with watching(api, "/api/v1/namespaces", resourceVersion=version, timeoutSeconds="0.1") as lines:
        assert await lines.read() == b""


async def test_a_watch_from_a_forgotten_version_says_410(api: Session) -> None:
    async with watching(api, "/api/v1/pods", resourceVersion="3") as lines:
        message = json.loads(await lines.readline())
    assert (message["type"], message["object"]["code"], message["object"]["reason"]) == ("ERROR", 410, "Expired")


async def test_gives_one_object_and_its_log(api: Session) -> None:
    pod = (await get(api, "/api/v1/namespaces/shop/pods", limit="1"))[1]["items"][0]
    path = f"/api/v1/namespaces/shop/pods/{pod['metadata']['name']}"
    assert (await get(api, path))[1] == pod
    async with api.get(f"{path}/log", params={"tailLines": "1"}) as response:
        assert len((await response.text()).splitlines()) == 1
    assert (await get(api, "/api/v1/namespaces/shop/pods/none"))[0] == 404


async def test_private_files_are_private(demo: cluster.DemoCluster) -> None:
    assert demo.kubeconfig.stat().st_mode & 0o077 == 0
    assert (demo.kubeconfig.parent / "apiserver.key").stat().st_mode & 0o077 == 0
