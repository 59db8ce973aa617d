"""Where the control plane can be reached: the address of the tunnel that worked last, then what each server URL says, in their order.

A server says in its bootstrap document where it takes the tunnel. The document proves nothing, and needs to prove nothing: the tunnel
opens only at a server whose certificate is signed by a trusted CA. An address that works stays in use until it fails.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from optral.agent.connection.bootstrap import Document
from optral.kit.clock import Clock
from optral.terms.errors import Misconfigured, OptralError

FAILURES = 3
"""Failed attempts after which the only server URL is asked where the tunnel is now; a restart of the server takes less."""
MAX_URLS = 8
_log = structlog.get_logger()


def urls_of(text: str) -> tuple[str, ...]:
    """The URLs of a comma list. Raises `Misconfigured`."""
    found = tuple(dict.fromkeys(one.strip() for one in text.split(",") if one.strip()))
    if not found or len(found) > MAX_URLS:
        raise Misconfigured("server_url", say=f"--server must be one to {MAX_URLS} URLs with commas between them, not {text!r}")
    return found


@dataclass(slots=True)
class ServerState:
    """What was last seen of one server URL. `error` is empty while it answers."""

    url: str
    tunnel_address: str = ""
    error: str = ""
    seen_at: datetime | None = None


class Addresses:
    """`current` is the address to dial."""

    def __init__(self, urls: Sequence[str], known: str, fetch: Callable[[str], Awaitable[Document]], clock: Clock) -> None:
        self.current, self.servers = known, [ServerState(url) for url in urls]
        self._known, self._fetch, self._clock = known, fetch, clock
        self._next, self._failures, self._is_known_next = 0, 0, False

    def opened(self) -> None:
        """A session is open at the current address."""
        self._known, self._next, self._failures, self._is_known_next = self.current, 0, 0, False

    def moved(self, address: str) -> None:
        """The control plane names this address for the next session."""
        self.current = address

    async def after_failure(self) -> None:
        """No session could be opened at the current address: choose the next one."""
        self._failures += 1
        if len(self.servers) == 1 and self._failures % FAILURES:
            return
        if self._is_known_next:  # after a round through all servers, the address that worked last
            self._is_known_next = False
            self._use(self._known)
            return
        for _ in self.servers:
            server = self.servers[self._next]
            self._next = (self._next + 1) % len(self.servers)
            self._is_known_next = self._next == 0
            await self._ask(server)
            if not server.error and server.tunnel_address != self.current:
                self._use(server.tunnel_address)
                return

    async def _ask(self, server: ServerState) -> None:
        server.seen_at = self._clock.now()
        try:
            server.tunnel_address, server.error = (await self._fetch(server.url)).tunnel_address, ""
        except OptralError as error:
            server.error = error.say
            _log.info("a server does not answer", url=server.url, reason=error.say)

    def _use(self, address: str) -> None:
        if address != self.current:
            _log.warning("trying another address of the control plane", address=address, failed=self.current)
        self.current = address
