"""The reflector's picture equals the API server's, whatever happened in between."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import msgspec
import pytest

from optral.kube.kinds import BY_ID, Kind
from optral.kubeapi import credentials
from optral.kubeapi.client import KubeClient
from optral.kubeapi.reflector import RawObject, Reflector, Timing
from tests.support.faultapi import FaultApi, serving
from tests.support.kubeapi import RealApi

POD = BY_ID["Pod"]
QUICK = Timing(watch_s=(0, 0), silence_s=0.15, silence_extra_s=0.15, initial_silence_s=0.15, forbidden_s=0.02, backoff_s=(0.01, 0.05))


class Picture:
    """A sink that keeps what it gets, as the agent's buffer does."""

    def __init__(self) -> None:
        self.objects: dict[str, str] = {}
        self.listed: set[str] | None = None
        self.inventories = 0
        self.marks: list[str] = []
        self.failures: list[str] = []
        self._news = asyncio.Event()

    def begin(self, kind: Kind) -> None:
        self.listed = set()

    def upsert(self, kind: Kind, seen: RawObject) -> None:
        self.objects[seen.name] = seen.resource_version
        if self.listed is not None:
            self.listed.add(seen.name)
        self._news.set()

    def delete(self, kind: Kind, seen: RawObject) -> None:
        self.objects.pop(seen.name, None)
        self._news.set()

    def end(self, kind: Kind, resource_version: str) -> None:
        assert self.listed is not None
        self.objects = {name: version for name, version in self.objects.items() if name in self.listed}
        self.listed = None
        self.inventories += 1
        self._news.set()

    def forbidden(self, kind: Kind, message: str) -> None:
        self.marks.append("forbidden")
        self._news.set()

    def gone(self, kind: Kind) -> None:
        self.marks.append("gone")
        self._news.set()

    def on_failure(self, kind: Kind, error: Exception, retry_s: float) -> None:
        self.failures.append(str(error))
        self._news.set()

    async def room(self, kind: Kind) -> None:
        return

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not true():
                self._news.clear()
                await self._news.wait()


@asynccontextmanager
async def following(access: credentials.Access, kind: Kind = POD, timing: Timing = QUICK) -> AsyncIterator[Picture]:
    picture = Picture()
    async with KubeClient(access) as client:
        task = asyncio.create_task(Reflector(client, kind, picture, timing=timing).run())
        try:
            yield picture
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def _truth(api: FaultApi) -> dict[str, str]:
    return {name: obj["metadata"]["resourceVersion"] for name, obj in api.objects.items()}


@pytest.mark.parametrize(
    ("faults", "mark"),
    [
        pytest.param([""], "", id="a good server"),
        pytest.param(["429", ""], "", id="too many requests"),
        pytest.param(["500", "500", ""], "", id="errors at the start"),
        pytest.param(["410", "", ""], "", id="410 as a status"),
        pytest.param(["", "410"], "", id="410 as a status on a later watch"),
        pytest.param(["end", "end", ""], "", id="closed at once"),
        pytest.param(["gone", ""], "", id="410 in the stream"),
        pytest.param(["", "gone"], "", id="410 in a later stream"),
        pytest.param(["future", ""], "", id="too large resource version"),
        pytest.param(["half", ""], "", id="half a line"),
        pytest.param(["silent", "", ""], "", id="a watch that fell silent"),
        pytest.param(["bookmark", ""], "", id="silent after a bookmark"),
        pytest.param(["nolist", "", ""], "", id="a server that never ends the streamed inventory"),
        pytest.param(["403", "403", ""], "forbidden", id="access refused, then granted"),
        pytest.param(["404", ""], "gone", id="an unknown kind that appears"),
    ],
)
async def test_converges_after(faults: list[str], mark: str) -> None:
    async with serving() as api:
        for number in range(7):
            await api.put(f"pod-{number}")
        api.faults.extend(faults)
        async with following(api.access) as picture:
            await picture.until(lambda: picture.objects == _truth(api) and picture.listed is None and picture.inventories > 0)
            await api.put("pod-1", changed=True)
            await api.remove("pod-2")
            await api.put("pod-new")
            await picture.until(lambda: picture.objects == _truth(api))
            assert not mark or mark in picture.marks


async def test_lists_in_pages_where_inventories_cannot_be_streamed() -> None:
    async with serving() as api:
        api.streams_lists = False
        for number in range(1201):
            await api.put(f"pod-{number}")
        async with following(api.access) as picture:
            await picture.until(lambda: picture.inventories == 1)
            assert picture.objects == _truth(api)
            assert [request.get("continue", "") for request in api.requests if "limit" in request] == ["", "500", "1000"]


async def test_an_expired_watch_lists_again_and_forgets_what_is_gone() -> None:
    async with serving() as api:
        await api.put("stays")
        await api.put("goes")
        api.faults.extend(["end", ""])
        async with following(api.access) as picture:
            await picture.until(lambda: picture.inventories == 1)
            api.faults.extend(["gone"])
            api.objects.pop("goes")
            api._log.clear()
            await api.put("wakes")
            await picture.until(lambda: picture.objects == _truth(api))


@pytest.mark.kubeapi
@pytest.mark.parametrize("context", ["token", "cert"])
async def test_follows_a_real_api_server(real_api: RealApi, context: str) -> None:
    access = credentials.load(real_api.kubeconfig, context)
    maps = "/api/v1/namespaces/default/configmaps"
    async with KubeClient(access) as client, following(access, BY_ID["ConfigMap"], Timing()) as picture:
        await picture.until(lambda: picture.inventories == 1)
        name = f"made-{context}"
        body = msgspec.json.encode({"metadata": {"name": name}, "data": {"a": "1"}})
        await client._send("POST", maps, body=body, content_type="application/json")
        await picture.until(lambda: name in picture.objects)
        first = picture.objects[name]
        await client.patch(f"{maps}/{name}", b'{"data":{"a":"2"}}')
        await picture.until(lambda: picture.objects[name] != first)
        await client._send("DELETE", f"{maps}/{name}")
        await picture.until(lambda: name not in picture.objects)
        assert picture.failures == []


@pytest.mark.kubeapi
async def test_a_real_refusal_is_a_mark_and_no_end(real_api: RealApi) -> None:
    async with following(credentials.load(real_api.kubeconfig, "nobody")) as picture:
        await picture.until(lambda: "forbidden" in picture.marks)


@pytest.mark.kubeapi
async def test_asks_a_real_api_server_who_it_is(real_api: RealApi) -> None:
    async with KubeClient(credentials.load(real_api.kubeconfig)) as client:
        assert (await client.version()).startswith("v1.")
        assert len(await client.namespace_uid()) == 36
        assert abs((await client.clock_offset()).total_seconds()) <= 1
        assert any(b'"kube-system"' in raw for raw in await client.list_all("/api/v1/namespaces", limit=1))
