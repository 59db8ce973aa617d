"""Webhooks and the connection to Slack through the proxy of the environment: only if the operator says so, and only to public endpoints."""

import asyncio
import base64
import contextlib
import hashlib
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from optral.kit.guarded_sockets import Dialer, SocketFailed
from optral.kit.outbound import CallFailed, Request
from optral.kit.outbound_http import HttpCaller
from optral.webhooks.http_sender import HttpSender
from tests.support.mailserver import self_signed

HOST = "hooks.example.com"
_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455


class Proxy:
    """A proxy that answers CONNECT, and then is the service behind it: HTTP 204, or a WebSocket that says hello. `asked`: the targets."""

    def __init__(self, tls: ssl.SSLContext) -> None:
        self.asked: list[str] = []
        self.refuses = False
        self._tls = tls

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            self.asked.append(head.split()[1].decode())
            if self.refuses:
                writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
                await writer.drain()
            else:
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                await writer.drain()
                await writer.start_tls(self._tls)
                writer.write(_answer(await reader.readuntil(b"\r\n\r\n")))
                await writer.drain()
                await reader.read()
        writer.close()


def _answer(head: bytes) -> bytes:
    lines = (line.partition(b": ") for line in head.split(b"\r\n"))
    headers = {name.lower().decode(): value.decode() for name, _, value in lines}
    if "sec-websocket-key" not in headers:
        return b"HTTP/1.1 204 No Content\r\n\r\n"
    accept = base64.b64encode(hashlib.sha1((headers["sec-websocket-key"] + _GUID).encode()).digest())
    upgrade = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + accept
    return upgrade + b"\r\n\r\n\x81\x05hello\x88\x00"


@pytest.fixture
async def proxy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Proxy]:
    """The proxy that the environment names, and whose certificate is trusted."""
    tls, trusted = self_signed(tmp_path)
    monkeypatch.setattr(aiohttp.connector, "_SSL_CONTEXT_VERIFIED", ssl.create_default_context(cafile=str(trusted)))
    made = Proxy(tls)
    server = await asyncio.start_server(made.handle, "127.0.0.1", 0)
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    for name in ("https_proxy", "http_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    yield made
    server.close()


async def sent(url: str, *, uses_proxy: bool) -> int | str | None:
    sender = HttpSender(uses_proxy=uses_proxy)
    answer = await sender.send(url, {}, b"{}")
    await sender.close()
    return answer.status or answer.error


async def test_a_delivery_and_a_request_go_through_the_proxy_if_the_operator_says_so(proxy: Proxy) -> None:
    assert await sent(f"https://{HOST}/hook", uses_proxy=True) == 204
    caller = HttpCaller(is_public_only=True)
    assert (await caller.call(Request("GET", f"https://{HOST}/api", {}))).status == 204
    await caller.close()
    assert proxy.asked == [f"{HOST}:443"] * 2


async def test_the_connection_to_slack_goes_through_the_proxy(proxy: Proxy) -> None:
    async with Dialer(uses_proxy=True).open(f"wss://{HOST}/link") as socket:
        assert (await socket.receive()).data == "hello"
    assert proxy.asked == [f"{HOST}:443"]


async def test_a_proxy_that_refuses_is_a_failed_connection(proxy: Proxy) -> None:
    proxy.refuses = True
    assert await sent(f"https://{HOST}/hook", uses_proxy=True) == "connect"


async def test_the_environment_alone_changes_nothing(proxy: Proxy) -> None:
    assert await sent("https://localhost/hook", uses_proxy=False) == "refused_address"
    with pytest.raises(SocketFailed, match="refused_address"):
        async with Dialer().open("wss://localhost/link"):
            pass
    assert proxy.asked == []


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/hook",
        "https://169.254.169.254/latest",
        "http://localhost/hook",
        "https://localhost:6443/hook",
        "https://2130706433/",
    ],
)
async def test_what_is_not_public_by_its_form_is_refused_and_never_asked_of_the_proxy(proxy: Proxy, url: str) -> None:
    assert await sent(url, uses_proxy=True) == "refused_address"
    caller = HttpCaller(is_public_only=True)
    with pytest.raises(CallFailed, match="refused_address"):
        await caller.call(Request("GET", url, {}))
    await caller.close()
    assert proxy.asked == []


async def test_hosts_of_no_proxy_are_connected_to_directly_and_vetted(proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "localhost,.internal")
    assert await sent("https://localhost/hook", uses_proxy=True) == "refused_address"
    assert proxy.asked == []
