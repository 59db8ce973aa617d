"""Requests leave for vetted addresses only, follow nothing, keep no cookies, and read no more than they want."""

import asyncio
import ipaddress
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from optral.kit.outbound import CallFailed, Request
from optral.kit.outbound_http import HttpCaller
from tests.support.serving import on_loop

LOOPBACK = [ipaddress.ip_network("127.0.0.0/8")]


@pytest.fixture
async def url() -> AsyncIterator[str]:
    """A server that redirects, answers with much, with nothing for long, or with the headers it was sent."""
    held = asyncio.Event()

    async def elsewhere(_: web.Request) -> web.Response:
        return web.Response(status=302, headers={"location": "/headers"})

    async def much(_: web.Request) -> web.Response:
        return web.Response(body=b"x" * 5000)

    async def late(_: web.Request) -> web.Response:
        await held.wait()
        return web.Response()

    async def headers(request: web.Request) -> web.Response:
        answer = web.json_response({name.lower(): value for name, value in request.headers.items()})
        answer.set_cookie("session", "of somebody else")
        return answer

    app = web.Application()
    app.add_routes([web.get("/elsewhere", elsewhere), web.get("/much", much), web.get("/late", late), web.get("/headers", headers)])
    async with on_loop(app) as url:
        yield url
        held.set()


@pytest.fixture
async def caller() -> AsyncIterator[HttpCaller]:
    made = HttpCaller(private=LOOPBACK)
    yield made
    await made.close()


async def failure(caller: HttpCaller, request: Request) -> str:
    with pytest.raises(CallFailed) as error:
        await caller.call(request)
    return error.value.name


async def test_a_redirect_is_an_answer_and_is_not_followed(caller: HttpCaller, url: str) -> None:
    reply = await caller.call(Request("GET", f"{url}/elsewhere", {}))
    assert reply.status == 302 and reply.headers["location"] == "/headers"


async def test_no_more_is_read_than_wanted(caller: HttpCaller, url: str) -> None:
    assert len((await caller.call(Request("GET", f"{url}/much", {}, most=5000))).body) == 5000
    assert await failure(caller, Request("GET", f"{url}/much", {}, most=4999)) == "too_large"


async def test_each_request_has_its_deadline(caller: HttpCaller, url: str) -> None:
    assert await failure(caller, Request("GET", f"{url}/late", {}, within_s=0.05)) == "timeout"


async def test_a_cookie_of_one_answer_is_not_in_the_next_request(caller: HttpCaller, url: str) -> None:
    await caller.call(Request("GET", f"{url}/headers", {}))
    second = await caller.call(Request("GET", f"{url}/headers", {"private-token": "x"}))
    assert b"cookie" not in second.body and b"private-token" in second.body and b"optral/1" in second.body.lower()


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:1/", "https://127.0.0.1/", "http://localhost:1/", "https://localhost/", "https://169.254.169.254/latest",
     "https://[::1]/", "https://127.1/", "https://2130706433/", "file:///etc/passwd", "http://1.1.1.1/"],
)  # fmt: skip
async def test_what_only_the_server_can_reach_is_not_called(address: str) -> None:
    caller = HttpCaller()
    try:
        assert await failure(caller, Request("GET", address, {})) == "refused_address"
    finally:
        await caller.close()


async def test_a_proxy_of_the_environment_gets_the_request(caller: HttpCaller, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", url)
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    reply = await caller.call(Request("GET", "http://forge.example.com/headers", {}))
    assert reply.status == 200 and b"forge.example.com" in reply.body
