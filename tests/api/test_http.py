"""HTTP itself against the whole edge, over raw sockets: whatever a client sends, it gets our answer or an end, and the log stays quiet."""

import asyncio
import json
import logging
import random
import re
import socket
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
import structlog.testing

from optral.api.http import gate
from optral.server import connection, web
from tests.api.conftest import LIMIT_HEADERS, Api, running

DEADLINE_S = 30
CONVERSATIONS = 300
METHODS = (
    b"GET",
    b"HEAD",
    b"OPTIONS",
    b"POST",
    b"PUT",
    b"PATCH",
    b"DELETE",
    b"TRACE",
    b"CONNECT",
    b"PRI",
    b"PROPFIND",
    b"get",
    b"G\x00T",
    b"",
)
TARGETS = (
    *(b"/livez", b"/readyz", b"/v1/me", b"/v1/clusters", b"/v1/clusters/cls_1", b"/v1/nothing", b"/v1/events/stream", b"/api/events", b"/"),
    *(b"/v1/%00", b"/v1/%ff%fe", b"/v1/\xff", b"*", b"v1/me", b"//v1/me", b"/v1/../v1/me", b"/v1/me?" + b"a" * 9000, b"/v1/me?a=%", b""),
    *(b"http://a/v1/me", b"http://", b"http://a:99999/", b"ftp://a/", b"a:443", b"/" + b"b" * 20_000, b"/v1/me#c", b"/v1/me HTTP/1.1 x"),
)
HEADERS = (
    *(b"Host: a", b"Host: a\r\nHost: b", b"Connection: close", b"Connection: keep-alive"),
    *(b"Connection: Upgrade\r\nUpgrade: h2c", b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13"),
    *(b"Content-Length: 2", b"Content-Length: 2\r\nContent-Length: 3", b"Content-Length: -1", b"Content-Length: 99999999999999999999"),
    *(
        b"Transfer-Encoding: chunked",
        b"Transfer-Encoding: chunked\r\nContent-Length: 2",
        b"Transfer-Encoding: gzip",
        b"Expect: 100-continue",
    ),
    *(
        b"Content-Type: application/json",
        b"Content-Encoding: gzip",
        b"Authorization: Bearer mht_x",
        b"Authorization: \xff",
        b"Cookie: a=b; c",
    ),
    *(b"X-A: " + b"a" * 5000, b"X-A: " + b"a" * 20_000, b": b", b"No colon", b"X-A\x00: b", b" folded: b", b"X A: b", b"Last-Event-ID: x"),
)
BODIES = (b"", b"{}", b'{"name":"a"}', b"2\r\n{}\r\n0\r\n\r\n", b"2\r\n{}\r\n0\r\nX-A: b\r\n\r\n", b"zz\r\n{}", b"2\r\n{}x", b"\x00" * 5000)
RAW = (
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04",
    b"\r\n" * 100,
    b"SSH-2.0-x\r\n",
    b"\x00" * 99,
)


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Deadlines that a test can wait for."""
    monkeypatch.setattr(web, "CHECK_EVERY_S", 0.02)
    for name in ("HEAD_S", "UNREAD_S", "IDLE_S", "LINGER_S"):
        monkeypatch.setattr(connection, name, 0.3)
    monkeypatch.setattr(gate, "BODY_DEADLINE_S", 0.3)


@pytest.fixture
def quiet_log(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fails where something was logged as an error, or with a traceback."""
    with structlog.testing.capture_logs() as lines:
        yield
    assert [line for line in lines if line["log_level"] in ("error", "critical") or line.get("exc_info")] == []
    assert [line.getMessage() for line in caplog.records if line.levelno >= logging.ERROR or line.exc_info] == []


@pytest.mark.usefixtures("quiet_log")
async def test_whatever_a_client_sends_it_gets_our_answer_or_an_end(api: Api) -> None:
    rng = random.Random(10)
    conversations = [_conversation(rng, api.key) for _ in range(CONVERSATIONS)]
    for at in range(0, CONVERSATIONS, 50):
        part = conversations[at : at + 50]
        for sent, got in zip(part, await asyncio.gather(*(_talk(api.url, one) for one in part)), strict=True):
            try:
                _judge(got)
            except (AssertionError, ValueError, IndexError, KeyError) as error:
                raise AssertionError(f"{error!r}\nsent {sent!r}\ngot {got!r}"[:4000]) from None
        assert (await api.get("/v1/me")).status_code == 200


async def test_an_answer_to_what_is_no_request_carries_what_every_answer_does(api: Api) -> None:
    got = await _talk(api.url, [b"GET /v1/me HTTP/1.1\r\nX-A: " + b"a" * 20_000 + b"\r\n\r\n"])
    head, _, body = got.partition(b"\r\n\r\n")
    names = {line.split(b":")[0].decode() for line in head.split(b"\r\n")[1:]}
    assert head.startswith(b"HTTP/1.1 431 ") and {*LIMIT_HEADERS, "x-request-id", "x-content-type-options"} <= names
    assert json.loads(body)["code"] == "head_too_large" and json.loads(body)["requestId"].startswith("req_")


async def test_a_slow_body_is_a_408_also_where_the_handler_has_less_time(store, clock) -> None:  # type: ignore[no-untyped-def]
    async with running(store, clock, handler_deadline_s=0.1) as api:
        start = b"POST /v1/clusters HTTP/1.1\r\nAuthorization: Bearer %b\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"
        got = await _talk(api.url, [start % api.key.encode()])
    assert got.startswith(b"HTTP/1.1 408 ") and json.loads(got.partition(b"\r\n\r\n")[2])["code"] == "body_too_slow"


@pytest.mark.parametrize("requests", [1, 60])
@pytest.mark.usefixtures("quiet_log")
async def test_a_client_that_reads_no_answer_is_cut(store, clock, requests: int, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(connection, "FLUSH_S", 0.2)
    async with running(store, clock, handler_deadline_s=0.3) as api:
        with socket.socket() as raw:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            raw.connect(("127.0.0.1", httpx2.URL(api.url).port))
            raw.sendall(b"GET /v1/openapi.json HTTP/1.1\r\nAuthorization: Bearer %b\r\n\r\n" % api.key.encode() * requests)
            raw.setblocking(False)
            async with asyncio.timeout(DEADLINE_S):
                while _is_open(raw):  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
        async with asyncio.timeout(DEADLINE_S):
            while (status := (await api.get("/v1/me")).status_code) != 200:
                assert status == 503, "only the short deadline of handlers, on a busy machine"


def _is_open(raw: socket.socket) -> bool:
    try:
        raw.send(b"\r\n")
    except ConnectionError:
        return False
    return True


def _conversation(rng: random.Random, key: str) -> list[bytes]:
    """What one client sends, in pieces."""
    requests = [_request(rng, key) for _ in range(rng.choice((1, 1, 1, 2, 5)))]
    whole = b"".join(requests) if rng.random() < 0.9 else rng.choice(RAW) + requests[0]
    if rng.random() < 0.3:
        whole = whole[: rng.randrange(len(whole) + 1)]
    if rng.random() < 0.2 and whole:
        at = rng.randrange(len(whole))
        whole = whole[:at] + rng.randbytes(rng.randrange(1, 9)) + whole[at + 1 :]
    cut = rng.randrange(len(whole) + 1)
    return [whole] if rng.random() < 0.5 else [whole[:cut], whole[cut:]]


def _request(rng: random.Random, key: str) -> bytes:
    target = rng.choice(TARGETS)
    headers = rng.sample(HEADERS, rng.choice((0, 1, 2, 3)))
    if rng.random() < 0.5 and b"events" not in target:  # a stream that is let in does not end
        headers.append(b"Authorization: Bearer " + key.encode())
    version = rng.choice((b"HTTP/1.1",) * 6 + (b"HTTP/1.0", b"HTTP/2.0", b"HTTP/9", b""))
    method = rng.choice(METHODS if rng.random() < 0.5 else METHODS[:7])
    return b"%b %b %b\r\n%b\r\n\r\n%b" % (method, target, version, b"\r\n".join(headers), rng.choice(BODIES))


async def _talk(url: str, pieces: list[bytes]) -> bytes:
    """Send it, and read until the server ends the connection, which it must."""
    address = httpx2.URL(url)
    reader, writer = await asyncio.open_connection(address.host, address.port)
    got = b""
    try:
        async with asyncio.timeout(DEADLINE_S):
            for piece in pieces:
                writer.write(piece)
                await asyncio.sleep(0)
            while part := await reader.read(65536):
                got += part
    except ConnectionError:
        pass
    finally:
        writer.close()
    return got


def _judge(got: bytes) -> None:
    """A row of whole answers, each error one of ours."""
    while got:
        head, separator, rest = got.partition(b"\r\n\r\n")
        assert separator, "half a head"
        status = int(re.match(rb"HTTP/1\.1 (\d{3}) ", head)[1])  # type: ignore[index]
        if status == 100:
            got = rest
            continue
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(b":") for line in head.split(b"\r\n")[1:])}
        is_bare = status in (204, 304) or not rest or rest.startswith(b"HTTP/1.1 ")  # as for HEAD
        length = 0 if is_bare else int(headers[b"content-length"])
        body, got = rest[:length], rest[length:]
        assert len(body) == length, "half a body"
        assert headers[b"x-request-id"].startswith(b"req_")
        assert status != 500, "our fault"
        if status >= 400:
            assert headers[b"content-type"] == b"application/problem+json"
            if not is_bare:
                _judge_problem(status, json.loads(body))


def _judge_problem(status: int, problem: dict[str, Any]) -> None:
    assert problem["status"] == status and problem["code"] and problem["requestId"].startswith("req_")
