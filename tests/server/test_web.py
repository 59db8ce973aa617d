"""The listeners of the server, as a client meets them."""

import asyncio
import socket

import pytest

from optral.kit.accepting import Acceptor
from optral.kit.admission import Admission, ConnectionLimit, ConnectionSlot
from optral.server import web


async def test_no_body_waits_for_its_head_to_be_acknowledged() -> None:
    """They are two writes: with Nagle's algorithm the second waits 40 ms for a client that delays its ACK."""
    sock = web.bind("127.0.0.1:0", setting="OPTRAL_LISTEN")
    accepted: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def make(place: ConnectionSlot, connection: socket.socket) -> asyncio.Protocol:
        accepted.set_result(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        return asyncio.Protocol()

    acceptor = Acceptor(sock, make, Admission(ConnectionLimit()), report=pytest.fail)
    acceptor.start()
    try:
        async with asyncio.timeout(30):
            _, client = await asyncio.open_connection(*sock.getsockname()[:2])
            assert await accepted
            client.close()
    finally:
        acceptor.stop()
        await acceptor.closed()
        sock.close()
