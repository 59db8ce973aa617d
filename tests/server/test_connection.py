"""What a client may do to an HTTP connection, and what it gets for it."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any

import pytest
import uvloop

from optral.kit.admission import ConnectionLimit
from optral.server import connection, web
from optral.server.web import refusing

DEADLINE_S = 30
pytestmark = [
    pytest.mark.slow,  # clients that stall, each with its deadline
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.filterwarnings("ignore:Overriding the .event_loop_policy. fixture:pytest.PytestDeprecationWarning"),
]
GET = b"GET / HTTP/1.1\r\nHost: a\r\n"


class Client:
    """A raw connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self.writer = reader, writer

    async def say(self, data: bytes) -> None:
        self.writer.write(data)
        with suppress(ConnectionError):
            await self.writer.drain()

    async def rest(self) -> bytes:
        """Everything until the server closes."""
        async with asyncio.timeout(DEADLINE_S):
            return await self._reader.read()

    async def answer(self) -> tuple[int, bytes]:
        """One answer with a Content-Length."""
        async with asyncio.timeout(DEADLINE_S):
            head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            length = int(head.split("content-length: ")[1].split("\r\n")[0])
            return int(head.split()[1]), await self._reader.readexactly(length)


class Echo:
    """Answers with the method, the path and the body; one path waits until `go`."""

    def __init__(self) -> None:
        self.go, self.waits, self.gone = asyncio.Event(), asyncio.Event(), 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body = b""
        while scope["path"] != "/unread":
            message = await receive()
            if message["type"] == "http.disconnect":
                self.gone += 1
                body = b"broken"
                break
            body += message["body"]
            if not message["more_body"]:
                break
        if scope["path"] == "/wait":
            self.waits.set()
            await self.go.wait()
        text = f"{scope['method']} {scope['path']} ".encode() + body
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", str(len(text)).encode())]})
        await send({"type": "http.response.body", "body": text})


@pytest.fixture(scope="module", params=["asyncio", "uvloop"])
def event_loop_policy(request: pytest.FixtureRequest) -> asyncio.AbstractEventLoopPolicy:
    """A server runs on uvloop, whose transports are not asyncio's."""
    return uvloop.EventLoopPolicy() if request.param == "uvloop" else asyncio.DefaultEventLoopPolicy()


@pytest.fixture(autouse=True)
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "CHECK_EVERY_S", 0.01)


@asynccontextmanager
async def serving(app: Any, room: ConnectionLimit | None = None) -> AsyncIterator[Callable[[], Any]]:
    """A listener; yields a function that connects to it."""
    sock = web.bind("127.0.0.1:0", setting="OPTRAL_LISTEN")
    address = sock.getsockname()
    async with AsyncExitStack() as stack:

        async def connect() -> Client:
            reader, writer = await asyncio.open_connection(*address, limit=1 << 20)
            stack.callback(writer.close)
            return Client(reader, writer)

        async with web.listening(refusing(app), sock, room=room or ConnectionLimit()):
            yield connect


def problem_of(answer: bytes) -> dict[str, Any]:
    """The problem at the end of what was read; it must be the last answer and say that the connection closes."""
    head, _, body = answer.rpartition(b"\r\n\r\n")
    head = head[head.rindex(b"HTTP/1.1 ") :]
    assert b"content-type: application/problem+json" in head and b"connection: close" in head
    found: dict[str, Any] = json.loads(body)
    assert head.startswith(b"HTTP/1.1 %d " % found["status"])
    return found


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        pytest.param(GET + b"X-A: " + b"a" * 17_000 + b"\r\n\r\n", 431, "head_too_large", id="one large header"),
        pytest.param(GET + b"X-A: " + b"a" * 400_000, 431, "head_too_large", id="a header without end"),
        pytest.param(GET + b"X-A: b\r\n" * 4000, 431, "head_too_large", id="headers without end"),
        pytest.param(b"GET /" + b"a" * 400_000, 431, "head_too_large", id="a target without end"),
        pytest.param(b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400, "bad_request", id="two lengths"),
        pytest.param(
            b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            400,
            "bad_request",
            id="length and chunks",
        ),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400, "bad_request", id="a TLS record"),
        pytest.param(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, "bad_request", id="HTTP/2"),
        pytest.param(b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 400, "bad_request", id="an asterisk"),
        pytest.param(b"CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", 400, "bad_request", id="CONNECT"),
        pytest.param(b"GET  HTTP/1.1\r\n\r\n", 400, "bad_request", id="no target"),
        pytest.param(GET + b"HOST: b\r\n\r\n", 400, "bad_request", id="two hosts"),
        pytest.param(b"GET \xff HTTP/1.1\r\n\r\n", 400, "bad_request", id="a target in bytes"),
        pytest.param(b"no request\r\n\r\n", 400, "bad_request", id="no request"),
    ],
)
async def test_what_is_not_a_request_is_answered_with_a_problem_and_the_end(sent: bytes, status: int, code: str) -> None:
    async with serving(Echo()) as connect:
        client = await connect()
        await client.say(sent)
        problem = problem_of(await client.rest())
    assert (problem["status"], problem["code"]) == (status, code)


async def test_a_head_of_sixteen_kibibytes_is_answered() -> None:
    async with serving(Echo()) as connect:
        client = await connect()
        await client.say(GET + b"X-A: " + b"a" * 16_300 + b"\r\n\r\n")
        assert await client.answer() == (200, b"GET / ")


@pytest.mark.parametrize(
    ("sent", "code"), [(b"", None), (b"GE", "head_too_slow"), (GET, "head_too_slow"), (GET + b"X-A: b", "head_too_slow")]
)
async def test_a_head_has_ten_seconds(sent: bytes, code: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert connection.HEAD_S == 10
    monkeypatch.setattr(connection, "HEAD_S", 0.1)
    async with serving(Echo()) as connect:
        client = await connect()
        await client.say(sent)
        answer = await client.rest()
    assert (problem_of(answer)["code"] if answer else None) == code


async def test_a_connection_that_is_kept_ends_when_nothing_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "IDLE_S", 0.1)
    async with serving(Echo()) as connect:
        client = await connect()
        await client.say(GET + b"\r\n")
        assert await client.answer() == (200, b"GET / ")
        assert await client.rest() == b""


async def test_a_body_that_nobody_reads_does_not_hold_its_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "UNREAD_S", 0.1)
    async with serving(Echo()) as connect:
        client = await connect()
        await client.say(b"POST /unread HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nab")
        assert await client.answer() == (200, b"POST /unread ")
        assert await client.rest() == b""


async def test_requests_sent_at_once_are_answered_in_turn() -> None:
    async with serving(Echo()) as connect:
        client = await connect()
        many = b"".join(b"POST /%d HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nok" % number for number in range(2000))
        sending = asyncio.create_task(client.say(many))
        for number in range(2000):
            assert await client.answer() == (200, b"POST /%d ok" % number)
        await sending


async def test_what_comes_before_garbage_is_answered_first() -> None:
    echo = Echo()
    async with serving(echo) as connect:
        client = await connect()
        await client.say(b"GET /wait HTTP/1.1\r\nHost: a\r\n\r\n" + GET + b"\r\n" + b"garbage\r\n\r\n")
        await echo.waits.wait()
        echo.go.set()
        assert await client.answer() == (200, b"GET /wait ")
        assert await client.answer() == (200, b"GET / ")
        assert problem_of(await client.rest())["code"] == "bad_request"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"zz\r\nab\r\n", id="a chunk without a size"),
        pytest.param(b"2\r\nabX", id="a chunk that is too long"),
        pytest.param(b"0\r\n" + b"X-A: b\r\n" * 40_000, id="trailers without end"),
        pytest.param(b"0\r\nX-A: " + b"b" * 400_000, id="one trailer without end"),
        pytest.param(b"2;" + b"b" * 400_000, id="a chunk extension without end"),
    ],
)
async def test_a_body_that_breaks_off_is_known_to_the_application_and_ends_the_connection(body: bytes) -> None:
    async with serving(Echo()) as connect:
        client = await connect()
        await client.say(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + body)
        assert await client.answer() == (200, b"POST / broken")
        assert await client.rest() == b""


async def test_a_trailer_is_dropped_and_the_connection_goes_on() -> None:
    async with serving(Echo()) as connect:
        client = await connect()
        await client.say(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-A: b\r\n\r\n")
        assert await client.answer() == (200, b"POST / ok")
        await client.say(GET + b"\r\n")
        assert await client.answer() == (200, b"GET / ")


async def test_an_upgrade_is_not_taken_and_the_answer_is_the_last() -> None:
    async with serving(Echo()) as connect:
        client = await connect()
        await client.say(b"GET / HTTP/1.1\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\nPRI *")
        assert await client.answer() == (200, b"GET / ")
        assert await client.rest() == b""


async def test_an_absolute_target_is_its_path() -> None:
    async with serving(Echo()) as connect:
        client = await connect()
        await client.say(b"GET http://example.com/a%20b?c HTTP/1.1\r\nHost: a\r\n\r\nGET http://example.com HTTP/1.1\r\n\r\n")
        assert await client.answer() == (200, b"GET /a b ")
        assert await client.answer() == (200, b"GET / ")


async def test_an_application_sees_that_its_client_left_behind_other_requests() -> None:
    echo = Echo()
    async with serving(echo) as connect:
        client = await connect()
        await client.say(b"POST /a HTTP/1.1\r\nContent-Length: 9\r\n\r\nab")
        client.writer.close()
        async with asyncio.timeout(DEADLINE_S):
            while not echo.gone:  # noqa: ASYNC110
                await asyncio.sleep(0.01)


async def test_of_one_address_the_connection_that_waits_longest_makes_room() -> None:
    echo = Echo()
    async with serving(echo, ConnectionLimit(total=100, per_address=3)) as connect:
        busy = await connect()
        await busy.say(b"GET /wait HTTP/1.1\r\n\r\n")
        await echo.waits.wait()
        silent = [await connect() for _ in range(4)]
        assert await silent[0].rest() == b""
        await silent[1].say(GET + b"\r\n")
        assert await silent[1].answer() == (200, b"GET / ")
        echo.go.set()
        assert await busy.answer() == (200, b"GET /wait ")


async def test_a_trusted_proxy_holds_as_many_connections_as_there_are_places() -> None:
    sock = web.bind("127.0.0.1:0", setting="OPTRAL_LISTEN")
    async with web.listening(refusing(Echo()), sock, room=ConnectionLimit(total=4, per_address=1), trusted_proxies=("127.0.0.0/8",)):
        clients = [Client(*await asyncio.open_connection(*sock.getsockname())) for _ in range(5)]
        assert await clients[0].rest() == b""
        for client in clients[1:]:
            await client.say(GET + b"\r\n")
            assert await client.answer() == (200, b"GET / ")
        for client in clients:
            client.writer.close()


@pytest.mark.parametrize(
    ("trusted", "said", "seen"),
    [
        pytest.param((), b"192.0.2.9", b"127.0.0.1", id="nobody is trusted"),
        pytest.param(("10.0.0.0/8",), b"192.0.2.9", b"127.0.0.1", id="the peer is none of the proxies"),
        pytest.param(("127.0.0.0/8",), b"192.0.2.9, 198.51.100.7", b"198.51.100.7", id="the client said more before the proxy did"),
        pytest.param(("127.0.0.0/8",), b"192.0.2.9, 198.51.100.7, 127.0.0.2", b"198.51.100.7", id="through two proxies"),
    ],
)
async def test_only_a_trusted_proxy_says_where_a_request_is_from(trusted: tuple[str, ...], said: bytes, seen: bytes) -> None:
    async def app(scope: Any, _receive: Any, send: Any) -> None:
        text = scope["client"][0].encode()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", str(len(text)).encode())]})
        await send({"type": "http.response.body", "body": text})

    sock = web.bind("127.0.0.1:0", setting="OPTRAL_LISTEN")
    async with web.listening(refusing(app), sock, room=ConnectionLimit(total=4, per_address=1), trusted_proxies=trusted):
        client = Client(*await asyncio.open_connection(*sock.getsockname()))
        await client.say(GET + b"X-Forwarded-For: " + said + b"\r\n\r\n")
        assert await client.answer() == (200, seen)
        client.writer.close()


async def test_a_request_beyond_the_last_free_place_gets_a_problem() -> None:
    echo = Echo()
    async with serving(echo, ConnectionLimit(total=1, per_address=9)) as connect:
        busy = await connect()
        await busy.say(b"GET /wait HTTP/1.1\r\n\r\n")
        await echo.waits.wait()
        late = await connect()
        problem = problem_of(await late.rest())
        assert (problem["status"], problem["code"]) == (503, "too_many_connections")
        echo.go.set()
        assert await busy.answer() == (200, b"GET /wait ")
