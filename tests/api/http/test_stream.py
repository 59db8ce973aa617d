"""The event stream over real HTTP: replay, follow, filters, resets, tickets, limits, revocation, slow clients."""

import asyncio
import json
import logging
import socket
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, cast

import httpx2
import pytest
import sqlalchemy as sa

from optral.access.tables import api_keys
from optral.api.http import stream
from optral.events import service as events
from optral.events.model import NewEvent
from optral.events.tables import events as table
from optral.store.store import Store
from tests.api.conftest import Api, another_organisation, running
from tests.api.seeds import finding, observe
from tests.support.clock import FakeClock

SOON_S = 30
TURNS = 10
STREAM = "/v1/events/stream"


class Reader:
    """Reads frames of an open stream."""

    def __init__(self, response: httpx2.Response) -> None:
        self.response = response
        self._lines = response.aiter_lines()
        self._blocks = self._split()

    async def _split(self) -> AsyncIterator[str]:
        lines: list[str] = []
        async for line in self._lines:
            if line:
                lines.append(line)
            elif lines:
                yield "\n".join(lines)
                lines = []

    async def close(self) -> None:
        """Close each generator here: one left to the garbage collector is closed by whatever thread that runs in."""
        for left in (self._blocks, self._lines):
            await cast(AsyncGenerator[str, None], left).aclose()
        await self.response.aclose()
        for _ in range(TURNS):  # those within them are closed in the loop's next turns
            await asyncio.sleep(0)

    async def block(self) -> str:
        """The next block, of any kind."""
        async with asyncio.timeout(SOON_S):
            return await anext(self._blocks)

    async def event(self) -> tuple[int, str, Any]:
        """The next event: id, type, data."""
        while not (block := await self.block()).startswith("id:"):
            pass
        fields = dict(line.split(": ", 1) for line in block.splitlines())
        return int(fields["id"]), fields["event"], json.loads(fields["data"])

    async def ends(self) -> None:
        async with asyncio.timeout(SOON_S):
            with pytest.raises((StopAsyncIteration, httpx2.RemoteProtocolError, httpx2.ReadError)):
                while True:
                    await anext(self._blocks)


@asynccontextmanager
async def opened(
    api: Api, query: str = "", *, key: str | None = "", path: str = STREAM, expect: int = 200, **headers: str
) -> AsyncIterator[Reader]:
    if key is not None:
        headers["Authorization"] = f"Bearer {key or api.key}"
    async with api.client.stream("GET", path + query, headers=headers) as response:
        assert response.status_code == expect
        reader = Reader(response)
        try:
            yield reader
        finally:
            await reader.close()


async def tell(api: Api, *types: str, cluster: str | None = None, subject: str = "iss_1") -> None:
    news = [NewEvent(type=one, cluster_id=cluster, subject_id=subject, data={"n": place}) for place, one in enumerate(types)]
    await api.store.write(api.owner, lambda tx: events.append(tx, news))


@pytest.mark.parametrize("path", [STREAM, "/api/events"])
async def test_opening_says_what_a_stream_needs(api: Api, path: str) -> None:
    async with opened(api, path=path) as reader:
        headers = reader.response.headers
        assert headers["content-type"] == "text/event-stream; charset=utf-8"
        assert (headers["cache-control"], headers["x-accel-buffering"]) == ("no-store", "no")
        assert "content-encoding" not in headers
        assert 3000 <= int((await reader.block()).removeprefix("retry: ")) <= 5000


async def test_follows_what_happens_after_opening(api: Api) -> None:
    await tell(api, "issue.created")
    async with opened(api) as reader:
        await reader.block()
        await tell(api, "issue.updated", "issue.resolved")
        assert [await reader.event(), await reader.event()] == [(2, "issue.updated", {"n": 0}), (3, "issue.resolved", {"n": 1})]


@pytest.mark.parametrize("by", ["header", "query"])
async def test_replays_and_goes_on_without_a_gap(api: Api, by: str) -> None:
    await tell(api, *["issue.created"] * 600)
    headers = {"Last-Event-ID": "10"} if by == "header" else {}
    async with opened(api, "" if by == "header" else "?lastEventId=10", **headers) as reader:
        first = [(await reader.event())[0] for _ in range(300)]
        await tell(api, "issue.updated")
        rest = [(await reader.event())[0] for _ in range(291)]
    assert first + rest == list(range(11, 602))


async def test_two_writers_and_many_cuts_lose_and_double_nothing(api: Api) -> None:
    async def write() -> None:
        for _ in range(40):
            await tell(api, "issue.created")

    writers = [asyncio.create_task(write()) for _ in range(2)]
    got: list[int] = []
    last = "0"
    while len(got) < 80:
        async with opened(api, **{"Last-Event-ID": last}) as reader:
            for _ in range(min(7, 80 - len(got))):
                got.append((await reader.event())[0])  # noqa: PERF401
            last = str(got[-1])
    await asyncio.gather(*writers)
    assert got == list(range(1, 81))


async def test_filters_by_type_and_cluster(api: Api) -> None:
    mine, other = await api.new_cluster("mine"), await api.new_cluster("other")
    async with opened(api, "?types=issue.created,issue.resolved&cluster=mine") as reader:
        await reader.block()
        await tell(api, "issue.updated", "issue.created", cluster=mine)
        await tell(api, "issue.created", cluster=other)
        await tell(api, "issue.resolved", cluster=mine)
        assert [(await reader.event())[1:] for _ in range(2)] == [("issue.created", {"n": 1}), ("issue.resolved", {"n": 0})]


async def test_a_limited_key_gets_events_of_its_clusters_only(api: Api) -> None:
    mine, other = await api.new_cluster("mine"), await api.new_cluster("other")
    async with opened(api, key=await api.new_key(clusters={mine})) as reader:
        await reader.block()
        await tell(api, "issue.created", cluster=other, subject="theirs")
        await tell(api, "issue.resolved", cluster=mine)
        assert (await reader.event())[1] == "issue.resolved"


async def test_another_organisation_hears_nothing(api: Api) -> None:
    stranger = await another_organisation(api)
    async with opened(api, key=await api.new_key(maker=stranger)) as reader:
        await reader.block()
        await tell(api, "issue.created")
        await api.store.write(stranger, lambda tx: events.append(tx, [NewEvent("issue.resolved", None, "x", {"own": True})]))
        assert await reader.event() == (1, "issue.resolved", {"own": True})


@pytest.mark.parametrize(
    ("place", "reason"), [("999", "unknown"), ("x", "unknown"), ("-1", "unknown"), ("9" * 40, "unknown"), ("1", "too_old")]
)
async def test_a_place_that_cannot_be_gone_on_from_is_a_reset(api: Api, place: str, reason: str) -> None:
    await tell(api, *["issue.created"] * 5)
    await api.store.write(api.owner, lambda tx: tx.execute(sa.delete(table).where(table.c.org_id == tx.org_id, table.c.seq <= 3)).close())
    async with opened(api, **{"Last-Event-ID": place}) as reader:
        assert await reader.event() == (5, "stream.reset", {"reason": reason, "head": 5})
        await tell(api, "issue.updated")
        assert (await reader.event())[0] == 6


@pytest.mark.parametrize("place", ["3", "5"])
async def test_the_oldest_kept_place_and_the_newest_are_no_reset(api: Api, place: str) -> None:
    await tell(api, *["issue.created"] * 5)
    await api.store.write(api.owner, lambda tx: tx.execute(sa.delete(table).where(table.c.org_id == tx.org_id, table.c.seq <= 3)).close())
    async with opened(api, **{"Last-Event-ID": place}) as reader:
        await reader.block()
        await tell(api, "issue.updated")
        seen = []
        while 6 not in seen:
            seen.append((await reader.event())[0])
    assert seen == list(range(int(place) + 1, 7))


async def test_a_ticket_opens_one_stream(api: Api) -> None:
    made = await api("POST", "/v1/events/tickets")
    assert made.status_code == 201
    query = f"?ticket={made.json()['ticket']}"
    async with opened(api, query, key=None) as reader:
        await reader.block()
        await tell(api, "issue.created")
        assert (await reader.event())[1] == "issue.created"
    assert (await api.get(STREAM + query, key=None)).status_code == 401
    late = (await api("POST", "/v1/events/tickets")).json()["ticket"]
    api.clock.advance(61)
    assert (await api.get(f"{STREAM}?ticket={late}", key=None)).status_code == 401


async def test_five_streams_of_a_key_and_twenty_of_an_organisation_are_open_at_once(api: Api) -> None:
    keys = [api.key, *[await api.new_key() for _ in range(4)]]
    async with AsyncExitStack() as stack:

        async def one_more(key: str) -> Reader:
            reader = await stack.enter_async_context(opened(api, key=key))
            await reader.block()
            return reader

        readers = [await one_more(api.key) for _ in range(5)]
        await refused(api, api.key, "this key has 5 open event streams")
        readers += [await one_more(key) for key in keys[1:4] for _ in range(5)]
        await refused(api, keys[4], "this organization has 20 open event streams")
        await tell(api, "issue.created")
        assert [(await reader.event())[1] for reader in readers] == ["issue.created"] * 20
    async with asyncio.timeout(SOON_S):
        while len(api.services.streams):  # noqa: ASYNC110 - nothing tells when a counter falls
            await asyncio.sleep(0.01)
    async with opened(api) as reader:
        await reader.block()


async def refused(api: Api, key: str, say: str) -> None:
    """One stream too many: 429 with the headers of every answer, which `api` checks."""
    answer = await api.get(STREAM, key=key)
    assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (429, "too_many_streams", "10")
    assert say in answer.json()["detail"]


async def test_revoking_the_key_ends_its_stream(api: Api) -> None:
    key = await api.new_key()
    made = next(one for one in (await api.get("/v1/api-keys")).json()["apiKeys"] if key.startswith(one["prefix"][:8]))
    async with opened(api, key=key) as reader:
        await reader.block()
        await api("DELETE", f"/v1/api-keys/{made['id']}")
        await reader.ends()


async def test_a_key_revoked_by_another_replica_ends_its_stream(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    assert stream.RIGHTS_EVERY_S < 5
    monkeypatch.setattr(stream, "RIGHTS_EVERY_S", 0.05)
    key = await api.new_key()
    key_id = (await api.get("/v1/me", key=key)).json()["actor"]["id"]
    async with opened(api, key=key) as reader:
        await reader.block()
        unannounced = sa.update(api_keys).where(api_keys.c.org_id == api.org, api_keys.c.id == key_id).values(revoked_at=api.clock.now())
        await api.store.write(api.owner, lambda tx: tx.execute(unannounced).close())
        await reader.ends()


async def test_a_heartbeat_keeps_it_warm_and_age_ends_it(store: Store, clock: FakeClock) -> None:
    async with running(store, clock, heartbeat_s=0.05, stream_max_age_s=100) as api, opened(api) as reader:
        await reader.block()
        assert await reader.block() == ": hb"
        clock.advance(111)
        await reader.ends()


async def test_stopping_the_server_ends_streams_at_once(api: Api) -> None:
    async with opened(api) as reader:
        await reader.block()
        api.services.stopping.set()
        with pytest.raises(StopAsyncIteration):  # whole, not cut
            await reader.block()


async def test_a_stream_that_cannot_begin_says_why(api: Api) -> None:
    ticket = (await api("POST", "/v1/events/tickets", key=(key := await api.new_key()))).json()["ticket"]
    made = next(one for one in (await api.get("/v1/api-keys")).json()["apiKeys"] if key.startswith(one["prefix"][:8]))
    await api("DELETE", f"/v1/api-keys/{made['id']}")
    late = await api.get(f"{STREAM}?ticket={ticket}", key=None)
    assert (late.status_code, late.json()["code"]) == (401, "unauthenticated")
    api.services.stopping.set()
    stopping = await api.get(STREAM)
    assert (stopping.status_code, stopping.json()["code"], stopping.headers["retry-after"]) == (503, "stopping", "1")
    assert not len(api.services.streams)


async def test_a_client_that_reads_nothing_is_cut(api: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(stream, "WRITE_DEADLINE_S", 0.2)
    big = [NewEvent("issue.created", None, "x", {"text": "x" * 50_000}) for _ in range(200)]
    await api.store.write(api.owner, lambda tx: events.append(tx, big))
    with socket.socket() as raw:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        raw.connect(("127.0.0.1", httpx2.URL(api.url).port))
        raw.sendall(f"GET {STREAM}?lastEventId=0 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {api.key}\r\n\r\n".encode())
        async with asyncio.timeout(SOON_S):
            while not len(api.services.streams):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            while len(api.services.streams):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    async with opened(api, "?lastEventId=199") as reader:
        assert (await reader.event())[0] == 200
    assert [line.getMessage() for line in caplog.records if line.levelno >= logging.ERROR] == []


async def test_nothing_of_a_stream_is_left_when_its_client_goes(api: Api) -> None:
    async with opened(api) as reader:
        await reader.block()
    async with asyncio.timeout(SOON_S):
        while len(api.services.streams) or len(api.store.hubs[events.APPENDED]):  # noqa: ASYNC110 - nothing tells when a counter falls
            await asyncio.sleep(0.01)
    assert not [task for task in asyncio.all_tasks() if task.get_name().startswith("stream-")]


async def test_a_stream_counts_once_and_needs_its_scope(api: Api) -> None:
    key = await api.new_key(scopes={"issues:read"})
    assert (await api.get(STREAM, key=key)).status_code == 403
    assert (await api.get(f"{STREAM}?types=nonsense")).json()["code"] == "bad_parameter"


async def test_history_lists_what_the_stream_sent(api: Api) -> None:
    cluster_id = await api.new_cluster("demo")
    await observe(api, cluster_id, finding("api", api=api))
    await observe(api, cluster_id, finding("web", api=api))
    listed = (await api.get("/v1/events?types=issue.created,issue.updated&pageSize=1")).json()
    assert (len(listed["events"]), listed["total"]) == (1, 2)
    rest = (await api.get(f"/v1/events?types=issue.created,issue.updated&pageSize=1&cursor={listed['nextCursor']}")).json()
    async with opened(api, "?lastEventId=0&types=issue.created,issue.updated") as reader:
        streamed = [await reader.event() for _ in range(2)]
    assert [(one["id"], one["type"], one["data"]) for one in (*rest["events"], *listed["events"])] == streamed
