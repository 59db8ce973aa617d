"""The listeners of the server, as a client meets them."""

import asyncio
import socket

from optral.server import web


async def test_no_body_waits_for_its_head_to_be_acknowledged() -> None:
    """They are two writes: with Nagle's algorithm the second waits 40 ms for a client that delays its ACK."""
    sock = web.bind("127.0.0.1:0", setting="OPTRAL_LISTEN")
    accepted: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def on_client(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        accepted.set_result(writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    async with await asyncio.start_server(on_client, sock=sock), asyncio.timeout(30):
        _, client = await asyncio.open_connection(*sock.getsockname()[:2])
        assert await accepted
        client.close()
