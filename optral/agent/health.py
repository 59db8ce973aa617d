"""Whether the agent lives and whether it is connected, over HTTP, for the kubelet's probes.

`/livez` answers whenever the event loop does: a control plane that is away must not restart agents. `/readyz` answers 200 while a session
is open, so that a rollout waits until the new agent has reached the control plane. `/status` says in JSON which address is in use, and what
was last seen of each server URL.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from optral.agent.connection.addresses import Addresses, ServerState
from optral.kit.times import rfc3339
from optral.terms.errors import Misconfigured

if TYPE_CHECKING:
    from aiohttp import web


class Health:
    """`is_ready` is replaced once there is a tunnel."""

    def __init__(self) -> None:
        self.is_ready: Callable[[], bool] = lambda: False
        self.addresses: Addresses | None = None
        self.port = 0

    @asynccontextmanager
    async def serving(self, address: str | None) -> AsyncIterator[None]:
        """Serve at HOST:PORT (port 0: any free one, told in `port`); nothing without an address. Raises `Misconfigured`."""
        if address is None:
            yield
            return
        from aiohttp import web  # 3 MB that an agent without probes does not need

        host, _, port = address.rpartition(":")
        if not host or not port.isdigit() or int(port) > 65535:
            raise Misconfigured("health_listen", say=f"--health-listen must be HOST:PORT, such as 0.0.0.0:8081, not {address!r}")
        app = web.Application()
        app.router.add_get("/livez", self._livez)
        app.router.add_get("/readyz", self._readyz)
        app.router.add_get("/status", self._status)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        try:
            try:
                await web.TCPSite(runner, host.strip("[]"), int(port)).start()
            except OSError as error:
                raise Misconfigured("health_listen", say=f"cannot listen at {address}: {error.strerror}") from error
            self.port = runner.addresses[0][1]
            yield
        finally:
            await runner.cleanup()

    async def _status(self, _request: "web.Request") -> "web.Response":
        from aiohttp import web

        places = self.addresses
        servers = [] if places is None else [_shown(server) for server in places.servers]
        return web.json_response({"connected": self.is_ready(), "tunnelAddress": places.current if places else None, "servers": servers})

    async def _livez(self, _request: "web.Request") -> "web.Response":
        return _answer(200, "ok")

    async def _readyz(self, _request: "web.Request") -> "web.Response":
        return _answer(200, "ok") if self.is_ready() else _answer(503, "not connected to the control plane")


def _shown(server: ServerState) -> dict[str, str | None]:
    """`error` null: it answered, or was not needed yet (`lastAskedAt` null)."""
    asked_at = None if server.seen_at is None else rfc3339(server.seen_at)
    return {"url": server.url, "tunnelAddress": server.tunnel_address or None, "error": server.error or None, "lastAskedAt": asked_at}


def _answer(status: int, text: str) -> "web.Response":
    from aiohttp import web

    return web.Response(status=status, text=text + "\n")
