"""The agents' side: both gRPC listeners, for the names and ports that agents dial."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from optral.gateway.server import LOOPBACK_HOSTS, Gateway, GatewayOptions
from optral.server.background import Flows
from optral.server.database import Base
from optral.server.descriptors import ConnectionLimits
from optral.server.settings import Settings


@asynccontextmanager
async def listening(base: Base, flows: Flows, settings: Settings, rooms: ConnectionLimits) -> AsyncIterator[Gateway]:
    """Serve agents while the context is open; at the end they are asked to reconnect. Raises `Misconfigured` for a taken port."""
    gateway = Gateway(
        _options(settings, rooms),
        connect=flows.connect,
        presence=flows.presence,
        inventory=flows.inventory,
        dispatch=flows.dispatch,
        clock=base.clock,
        hubs=base.store.hubs,
    )
    await gateway.start()
    try:
        yield gateway
    finally:
        await gateway.stop()


def dialled(settings: Settings, bound: str, *, enroll: bool) -> str:
    """The address agents dial for a listener: the configured host and port where given, else where we are bound."""
    if (address := settings.dialled) is None:
        return bound
    port = address.enroll_port if enroll else address.tunnel_port
    return f"{address.host}:{port or bound.rpartition(':')[2]}"


def _options(settings: Settings, rooms: ConnectionLimits) -> GatewayOptions:
    hosts = LOOPBACK_HOSTS if settings.dialled is None else (*LOOPBACK_HOSTS, settings.dialled.host.strip("[]"))
    tunnel_address = dialled(settings, settings.tunnel_listen, enroll=False) if settings.dialled else None
    return GatewayOptions(
        enroll_listen=settings.enroll_listen,
        tunnel_listen=settings.tunnel_listen,
        hosts=hosts,
        tunnel_address=tunnel_address,
        enroll_room=rooms.enroll,
        tunnel_room=rooms.tunnel,
        run_folder=settings.data_dir,
        renew_within_s=settings.ca_renew_seconds,
    )
