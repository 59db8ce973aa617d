"""A workspace of Slack: the Web API and Socket Mode as Slack publishes them, over HTTP and a WebSocket on loopback.

It keeps messages by channel and `ts`, checks tokens, limits of Block Kit and scopes, and answers errors with status 200 and `ok: false`.
`faults` scripts answers by method. It knows no more of Slack than what is needed here.
"""

import asyncio
import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

BOT, APP = "xoxb-1-test", "xapp-1-test"
CHANNEL, OTHER_CHANNEL = "C0123456789", "C9876543210"
LOST = "lost"
"""A fault: the method is carried out, and its answer never arrives."""


@dataclass
class Workspace:
    url: str = ""
    messages: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    faults: dict[str, list[Any]] = field(default_factory=dict)
    emails: dict[str, str | None] = field(default_factory=dict)
    acks: list[dict[str, Any]] = field(default_factory=list)
    sockets: list[web.WebSocketResponse] = field(default_factory=list)
    connected: asyncio.Event = field(default_factory=asyncio.Event)
    disconnected: asyncio.Event = field(default_factory=asyncio.Event)
    """Set while no connection is open."""
    open: int = 0
    tokens: tuple[str, str] = (BOT, APP)
    team: str = "T1"
    now: float = 1793534400.0
    page_size: int = 999
    acked: asyncio.Event = field(default_factory=asyncio.Event)
    _ts: Any = field(default_factory=lambda: itertools.count(1))

    def app(self) -> web.Application:
        made = web.Application()
        made.router.add_post("/api/{method}", self._handle)
        made.router.add_get("/link", self._socket)
        made.router.add_post("/response/{user}", self._respond)
        return made

    def roots(self) -> list[dict[str, Any]]:
        """The messages that are in the channel itself."""
        return [one for one in self.messages.values() if "thread_ts" not in one]

    def replies(self, ts: str) -> list[dict[str, Any]]:
        return [one for one in self.messages.values() if one.get("thread_ts") == ts]

    def of(self, method: str) -> list[dict[str, Any]]:
        return [given for name, given in self.calls if name == method]

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        method, form = request.match_info["method"], await request.post()
        given = {name: _value(name, str(value)) for name, value in form.items()}
        self.calls.append((method, given))
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if token != self.tokens[method == "apps.connections.open"]:
            return _answer(error="invalid_auth")
        fault = self.faults[method].pop(0) if self.faults.get(method) else None
        if isinstance(fault, int):
            return web.Response(status=fault, headers={"Retry-After": "30"}, text="")
        if isinstance(fault, str) and fault != LOST:
            return _answer(error=fault)
        answer = getattr(self, "_" + method.replace(".", "_"))(given)
        if fault == LOST:
            assert request.transport is not None
            request.transport.close()
        return answer

    def _chat_postMessage(self, given: dict[str, Any]) -> web.Response:
        if wrong := _wrong(given):
            return _answer(error=wrong)
        if given["channel"] not in (CHANNEL, OTHER_CHANNEL, "C-private"):
            return _answer(error="channel_not_found")
        if (thread := given.get("thread_ts")) and thread not in self.messages:
            return _answer(error="thread_not_found")
        ts = f"{self.now:.0f}.{next(self._ts):06d}"
        self.messages[ts] = {**given, "ts": ts}
        return _answer(channel=given["channel"], ts=ts)

    def _chat_update(self, given: dict[str, Any]) -> web.Response:
        if wrong := _wrong(given):
            return _answer(error=wrong)
        if given["ts"] not in self.messages:
            return _answer(error="message_not_found")
        self.messages[given["ts"]] |= {name: given[name] for name in ("text", "blocks")}
        return _answer(channel=given["channel"], ts=given["ts"])

    def _chat_postEphemeral(self, given: dict[str, Any]) -> web.Response:
        return _answer(message_ts="1.1") if not (wrong := _wrong(given)) else _answer(error=wrong)

    def _views_open(self, given: dict[str, Any]) -> web.Response:
        return _answer(view={"id": "V1"})

    def _conversations_history(self, given: dict[str, Any]) -> web.Response:
        oldest, latest = float(given["oldest"]), float(given["latest"])
        found = [one for one in self.roots() if oldest < float(one["ts"]) < latest and one["channel"] == given["channel"]]
        kept = [one if given.get("include_all_metadata") else {k: v for k, v in one.items() if k != "metadata"} for one in found]
        at, size = int(given.get("cursor", 0)), min(self.page_size, int(given["limit"]))
        more = {"response_metadata": {"next_cursor": str(at + size)}} if at + size < len(kept) else {}
        return _answer(messages=kept[::-1][at : at + size], has_more=bool(more), **more)

    def _users_info(self, given: dict[str, Any]) -> web.Response:
        if given["user"] not in self.emails:
            return _answer(error="user_not_found")
        profile = {"email": email} if (email := self.emails[given["user"]]) else {}
        known = {"deleted": False, "is_bot": False, "is_email_confirmed": True}
        user = {"id": given["user"], "team_id": self.team, **known, "profile": profile}
        return _answer(user=user)

    def _apps_connections_open(self, given: dict[str, Any]) -> web.Response:
        return _answer(url=self.url.replace("http://", "ws://") + "/link?ticket=1")

    async def _respond(self, request: web.Request) -> web.Response:
        self.calls.append(("response_url", await request.json()))
        return web.Response(text="ok")

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"type": "hello", "num_connections": 1, "connection_info": {"app_id": "A1"}})
        self.sockets.append(socket)
        self.open += 1
        self.disconnected.clear()
        self.connected.set()
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                self.acks.append(json.loads(message.data))
                self.acked.set()
        self.open -= 1
        if not self.open:
            self.disconnected.set()
        return socket

    async def send(self, kind: str, payload: Mapping[str, Any], *, envelope_id: str = "e1") -> None:
        """Send an envelope over the newest connection."""
        envelope = {"envelope_id": envelope_id, "type": kind, "accepts_response_payload": kind != "events_api", "payload": payload}
        await self.sockets[-1].send_json(envelope)


def _value(name: str, text: str) -> Any:
    return json.loads(text) if name in ("blocks", "metadata", "view", "include_all_metadata", "reply_broadcast", "limit") else text


def _answer(*, error: str | None = None, **more: Any) -> web.Response:
    return web.json_response({"ok": error is None, **({"error": error} if error else {}), **more})


def _wrong(given: Mapping[str, Any]) -> str | None:
    """What Slack says of a message beyond the limits of Block Kit."""
    blocks = given.get("blocks") or []
    if not given.get("text") and not blocks:
        return "no_text"
    if len(blocks) > 50 or any(block["type"] == "section" and len(block["text"]["text"]) > 3000 for block in blocks):
        return "invalid_blocks"
    return None
