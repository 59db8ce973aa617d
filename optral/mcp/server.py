"""Offers the tools over the Model Context Protocol. The SDK takes 0.7 s to load: this file is loaded when somebody asks for it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import mcp_types as types
from mcp.server.lowlevel.server import Server
from mcp.server.stdio import stdio_server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from starlette.types import Message, Receive, Scope, Send

from optral import __version__
from optral.mcp import calls
from optral.mcp.rest import Rest

MAX_BODY_BYTES = 1024 * 1024
MAX_ANSWER_BYTES = 64 * 1024  # the list of tools is the longest; more is an id or a method of the client that comes back
_TOO_LONG = b'{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"the id or the method of the request is too long"}}'


def build(rest: Rest, now: Callable[[], datetime]) -> Server[Any]:
    """A server for one caller; it keeps nothing between calls."""

    async def list_tools(_context: Any, _params: Any) -> types.ListToolsResult:
        return types.ListToolsResult(tools=_tools())

    async def call_tool(_context: Any, params: types.CallToolRequestParams) -> types.CallToolResult:
        said = await calls.call(params.name, params.arguments, rest=rest, now=now())
        return types.CallToolResult(content=[types.TextContent(type="text", text=said.text)], is_error=said.is_error)

    return Server(
        "optral",
        version=__version__,
        title="Optral",
        instructions=calls.INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


async def serve_http(rest: Rest, now: Callable[[], datetime], scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one request: without sessions, and as JSON."""
    manager = StreamableHTTPSessionManager(build(rest, now), json_response=True, stateless=True, max_request_body_size=MAX_BODY_BYTES)
    async with manager.run():
        await manager.handle_request(scope, receive, _bounded(send))


def _bounded(send: Send) -> Send:
    """Sends a short error in place of a long answer: the SDK repeats what the client sent, whatever its length."""
    start: Message = {}

    async def sent(message: Message) -> None:
        nonlocal start
        if message["type"] == "http.response.start":
            start = message
            return
        if start:
            if len(message.get("body", b"")) > MAX_ANSWER_BYTES:
                message = {"type": "http.response.body", "body": _TOO_LONG}
                length = (b"content-length", str(len(_TOO_LONG)).encode())
                headers = [one for one in start["headers"] if one[0].lower() != b"content-length"]
                start = {**start, "status": 400, "headers": [*headers, length]}
            await send(start)
            start = {}
        await send(message)

    return sent


async def serve_stdio(rest: Rest, now: Callable[[], datetime]) -> None:
    """Serve one client over stdin and stdout until it closes stdin."""
    server = build(rest, now)
    async with stdio_server() as (read, write):
        await server.run(read, write, server.create_initialization_options())


def _tools() -> list[types.Tool]:
    return [
        types.Tool(
            name=name,
            description=calls.about(tool),
            input_schema=calls.schema(tool),
            annotations=types.ToolAnnotations(read_only_hint=tool.reads_only, destructive_hint=False, open_world_hint=False),
        )
        for name, tool in calls.TOOLS.items()
    ]
