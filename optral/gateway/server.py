"""The two gRPC listeners: enrollment (server TLS) and tunnels (mutual TLS).

Option names are gRPC core's own; several well-known spellings are silently ignored. `ping_timeout_ms` matters: without it a frozen peer is
noticed after a minute, whatever the keepalive timeout says. Keepalive is only a helper, though: presence is decided by our own heartbeats.
The server certificate is made in memory at the start, again at half its life and whenever the CA rotation changes; open streams are not
touched by that.
"""

import socket
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import grpc
import structlog

from optral.clusters.authority import SERVER_DAYS, Authority
from optral.flows.clusters.connect import Connect
from optral.flows.clusters.presence import Presence
from optral.flows.commands import Dispatch
from optral.gateway.budgets import Budgets
from optral.gateway.enrollment import Enrollment
from optral.gateway.front import FrontListener
from optral.gateway.session import Inventory, Parts
from optral.gateway.trust import RENEW_WITHIN_S
from optral.gateway.tunnel import AgentTunnel
from optral.gateway.turns import Turns
from optral.kit import accepting
from optral.kit.admission import ConnectionLimit
from optral.kit.clock import Clock
from optral.kit.hub import Hubs
from optral.kit.tasks import Tasks
from optral.terms.errors import Misconfigured
from optral.wire.agent.v1 import tunnel_pb2_grpc as rpc

MAX_MESSAGE_BYTES = 4 * 1024 * 1024
LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "::1")
_OPTIONS: list[tuple[str, int]] = [
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.ping_timeout_ms", 10_000),
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.http2.min_ping_interval_without_data_ms", 10_000),  # agents ping every 20 s; the default would cut them off
    ("grpc.server_handshake_timeout_ms", 10_000),  # TLS and the HTTP/2 settings
    ("grpc.max_connection_idle_ms", 60_000),  # without a call; an agent's tunnel is one call
    ("grpc.max_concurrent_streams", 8),
    ("grpc.http2.bdp_probe", 0),  # it lets a peer send megabytes that nobody has read
    ("grpc.http2.lookahead_bytes", 256 * 1024),
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_metadata_size", 8 * 1024),
]
_ROOM = ConnectionLimit()
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayOptions:
    """Where to listen (`host:port`, port 0 takes a free one), which names agents dial, and the tunnel's address as they see it.

    `tunnel_address` None is the bound one.
    """

    enroll_listen: str = "127.0.0.1:8443"
    tunnel_listen: str = "127.0.0.1:8444"
    hosts: Sequence[str] = LOOPBACK_HOSTS
    tunnel_address: str | None = None
    check_every_s: float = 3.0
    renew_within_s: int = RENEW_WITHIN_S
    enroll_room: ConnectionLimit = _ROOM
    tunnel_room: ConnectionLimit = _ROOM
    run_folder: Path | None = None
    """Holds the sockets between the fronts and gRPC where the machine has no folder for temporary files."""


class Gateway:
    """Start it on the event loop, stop it before the store closes."""

    def __init__(
        self,
        options: GatewayOptions,
        *,
        connect: Connect,
        presence: Presence,
        inventory: Inventory,
        dispatch: Dispatch,
        clock: Clock,
        hubs: Hubs,
    ) -> None:
        self._options, self._clock = options, clock
        self.counters: Counter[str] = Counter()
        self.tunnel_address = options.tunnel_address or ""
        self.enroll_address = ""
        self._tasks = Tasks(_report)
        parts = Parts(
            connect=connect,
            presence=presence,
            inventory=inventory,
            dispatch=dispatch,
            clock=clock,
            hubs=hubs,
            counters=self.counters,
            turns=Turns(self.counters),
            budgets=Budgets(self.counters),
            check_every_s=options.check_every_s,
            renew_within_s=options.renew_within_s,
        )
        self._enroll_front, self._tunnel_front = FrontListener(options.enroll_room), FrontListener(options.tunnel_room)
        self._tunnel = AgentTunnel(parts, self._tasks, lambda: self.tunnel_address, self._tunnel_front)
        self._enrollment = Enrollment(parts, lambda: self.tunnel_address, self._enroll_front)
        self._certificate = ServerCertificate(connect.authority, options.hosts, clock)
        self._servers: list[grpc.aio.Server] = []

    @property
    def open_sessions(self) -> int:
        return self._tunnel.open_sessions

    async def start(self) -> None:
        """Bind both ports and serve. Raises `Misconfigured` naming the address that cannot be had."""
        enroll, tunnel = grpc.aio.server(options=_OPTIONS), grpc.aio.server(options=_OPTIONS)
        rpc.add_EnrollmentServicer_to_server(self._enrollment, enroll)  # type: ignore[no-untyped-call]
        rpc.add_AgentTunnelServicer_to_server(self._tunnel, tunnel)  # type: ignore[no-untyped-call]
        self._servers = [enroll, tunnel]
        credentials = self._certificate.credentials
        enroll.add_secure_port(self._enroll_front.make_back(self._options.run_folder), credentials(mutual=False))
        tunnel.add_secure_port(self._tunnel_front.make_back(self._options.run_folder), credentials(mutual=True))
        try:
            self._enroll_front.listen(_bind(self._options.enroll_listen, "--enroll-listen"))
            self._tunnel_front.listen(_bind(self._options.tunnel_listen, "--tunnel-listen"))
        except Misconfigured:
            await self.stop(deadline_s=0)
            raise
        await enroll.start()
        await tunnel.start()
        self._enroll_front.start()
        self._tunnel_front.start()
        self.enroll_address = _address_of(self._enroll_front, self._options.enroll_listen)
        self.tunnel_address = self._options.tunnel_address or _address_of(self._tunnel_front, self._options.tunnel_listen)
        self._tasks.start("gateway watch", self._tunnel.watch())

    async def stop(self, *, deadline_s: float = 3.0) -> None:
        """Drain the sessions, close the listeners, end every task. Idempotent."""
        self._enroll_front.close()
        self._tunnel_front.close()
        await self._tunnel.drain(deadline_s=deadline_s)
        servers, self._servers = self._servers, []
        for server in servers:
            await server.stop(0.2)
        await self._enroll_front.stop()
        await self._tunnel_front.stop()
        await self._tasks.stop()


class ServerCertificate:
    """The server's key and certificate, renewed on the first connection after half its life or a change of the CA rotation."""

    def __init__(self, authority: Authority, hosts: Sequence[str], clock: Clock) -> None:
        self._authority, self._hosts, self._clock = authority, hosts, clock

    def credentials(self, *, mutual: bool) -> grpc.ServerCredentials:
        """Credentials for a listener; `mutual` demands a certificate of our agents' authority."""
        renew_at, version = self._renew_at(), self._authority.rotation.version

        def fetch() -> grpc.ServerCertificateConfiguration | None:
            nonlocal renew_at, version
            if self._clock.now() < renew_at and version == self._authority.rotation.version:
                return None
            renew_at, version = self._renew_at(), self._authority.rotation.version
            return self._configuration(mutual)

        return grpc.dynamic_ssl_server_credentials(self._configuration(mutual), fetch, require_client_authentication=mutual)

    def _renew_at(self) -> datetime:
        return self._clock.now() + timedelta(days=SERVER_DAYS / 2)

    def _configuration(self, mutual: bool) -> grpc.ServerCertificateConfiguration:
        pair = self._authority.issue_server(self._hosts, now=self._clock.now())
        trusted = self._authority.agents_ca_pem.encode() if mutual else None
        return grpc.ssl_server_certificate_configuration([pair], root_certificates=trusted)


def _bind(address: str, option: str) -> socket.socket:
    try:
        return accepting.bound(address)
    except OSError:
        raise Misconfigured(
            "port_taken", say=f"cannot listen on {address}: the address is in use or not local; choose another with {option}"
        ) from None


def _address_of(front: FrontListener, listen: str) -> str:
    return f"{listen.rpartition(':')[0]}:{front.port}"


def _report(name: str, error: BaseException) -> None:
    _log.error("a task of the gateway failed", task=name, exc_info=error)
