"""A server on loopback that speaks as OpenAI (`/v1/chat/completions`) and as Anthropic (`/v1/messages`), and keeps every body it gets.

What it says is a script: `Turn`s, one for each request, or what makes one from the body of the request; the last one is repeated.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.support.serving import on_loop


@dataclass(frozen=True)
class Turn:
    """One answer: a call of a tool, text, or a failure of the service."""

    tool: str | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    text: str = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    usage: tuple[int, int] | None = (3600, 80)  # input and output tokens, as it states them; None: it states none
    body: bytes = b""  # sent as it is, in place of an answer
    is_cut: bool = False  # the JSON ends in the middle
    hangs: bool = False
    drips: bool = False  # a byte at a time, without an end


@dataclass
class Stub:
    """`bodies` are as they came over the wire; `paths` beside them."""

    url: str
    turns: Sequence[Turn | Callable[[bytes], Turn]]
    bodies: list[bytes] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.bodies.append(await request.read())
        self.paths.append(request.path)
        scripted = self.turns[min(len(self.bodies), len(self.turns)) - 1]
        turn = scripted if isinstance(scripted, Turn) else scripted(self.bodies[-1])
        if turn.hangs:
            await self.over.wait()
        if turn.drips:
            return await self._drip(request)
        if turn.status != 200:
            return web.json_response({"error": {"message": "not now", "type": "server_error"}}, status=turn.status, headers=turn.headers)
        if turn.body:
            return web.Response(body=turn.body, content_type="application/json", headers=turn.headers)
        body = json.dumps(shape_of(turn, "anthropic" if request.path.endswith("/messages") else "openai"))
        return web.Response(text=body[: len(body) // 2] if turn.is_cut else body, content_type="application/json")

    async def _drip(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        while not self.over.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.over.wait(), 0.02)
            await response.write(b" ")
        return response


def shape_of(turn: Turn, provider: str) -> dict[str, Any]:
    """The answer as the provider writes it."""
    return _anthropic(turn) if provider == "anthropic" else _openai(turn)


def _openai(turn: Turn) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": turn.text or None}
    if turn.tool is not None:
        call = {"id": "call_1", "type": "function", "function": {"name": turn.tool, "arguments": json.dumps(turn.arguments)}}
        message["tool_calls"] = [call]
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls" if turn.tool else "stop"}
    shape = {"id": "chat_1", "object": "chat.completion", "created": 1, "model": "stub", "choices": [choice]}
    if turn.usage is None:
        return shape
    sent, got = turn.usage
    return {**shape, "usage": {"prompt_tokens": sent, "completion_tokens": got, "total_tokens": sent + got}}


def _anthropic(turn: Turn) -> dict[str, Any]:
    call = {"type": "tool_use", "id": "toolu_1", "name": turn.tool, "input": dict(turn.arguments)}
    content = [call] if turn.tool is not None else [{"type": "text", "text": turn.text}]
    usage = dict(zip(("input_tokens", "output_tokens"), turn.usage or (), strict=False))
    stop = "tool_use" if turn.tool else "end_turn"
    shape = {"id": "msg_1", "type": "message", "role": "assistant", "model": "stub", "content": content}
    return {**shape, "stop_reason": stop, "stop_sequence": None, "usage": usage}


@asynccontextmanager
async def serving(*turns: Turn | Callable[[bytes], Turn]) -> AsyncIterator[Stub]:
    """A stub on a free port of loopback."""
    stub = Stub("", turns)
    app = web.Application(client_max_size=10 * 1024 * 1024)
    app.router.add_post("/{path:.*}", stub.handle)
    async with on_loop(app, shutdown_timeout=0.1) as stub.url:
        try:
            yield stub
        finally:
            stub.over.set()
