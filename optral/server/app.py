"""Starts the control plane in order and stops it in reverse.

Order: logs, database, secrets, authorities, flows, gateway, API. The API answers last, so whoever gets an answer finds everything behind
it; at the stop it is the first to go, and the store is the last, so nothing accepted is lost.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import structlog

from optral.flows.people import sign_in
from optral.kit import startup, trace_export
from optral.kit.clock import Clock, SystemClock
from optral.kit.tasks import Tasks
from optral.kit.trace_export import Export
from optral.server import background, database, descriptors, edge, logs, tunnel
from optral.server.database import Base
from optral.server.settings import Settings
from optral.terms import actor
from optral.terms.errors import Misconfigured, OptralError

_log = structlog.get_logger(__name__)
SWITCH_INTERVAL_S = 0.0005
"""How long a thread may hold the interpreter: a tenth of Python's default keeps the event loop's lag below 5 ms beside a busy writer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """Where a started control plane can be reached; addresses are `host:port`.

    `setup_links` open the dashboard once, within 30 minutes, for organizations nobody can sign in to yet.
    """

    api_url: str
    enroll_address: str
    tunnel_address: str
    ca_pin: str
    metrics_address: str | None
    setup_links: tuple[str, ...] = ()


async def serve(settings: Settings) -> None:
    """Run until canceled. Raises `Misconfigured` when it cannot start."""
    logs.configure(settings.log_format, settings.log_level)
    async with running(settings) as server:
        _log.info(
            "optral is ready",
            api=server.api_url,
            enroll=server.enroll_address,
            tunnel=server.tunnel_address,
            metrics=server.metrics_address,
        )
        for link in server.setup_links:  # not to the log, where it would be kept
            print(f"Nobody can sign in yet. Open this link once, within 30 minutes: {link}", flush=True)  # noqa: T201
        await asyncio.Event().wait()


@asynccontextmanager
async def running(settings: Settings, *, clock: Clock | None = None) -> AsyncIterator[Running]:
    """A started control plane for as long as the context is open. Raises `Misconfigured` when it cannot start."""
    clock = clock or SystemClock()
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    if (tls := edge.tls_of(settings)) is not None:
        await asyncio.to_thread(tls.check)  # before the database is opened and anything runs
    rooms = descriptors.rooms(descriptors.raise_limit(), settings)
    async with AsyncExitStack() as stack:
        traces = await stack.enter_async_context(_traces())
        base = await stack.enter_async_context(database.opened(settings, clock))
        tasks = Tasks(_report)
        stack.push_async_callback(_quietly, tasks.stop)
        flows = background.start(base, settings, tasks)
        stack.push_async_callback(_quietly, flows.rotation_worker.stop)
        await flows.presence.step()  # before anybody is answered: the stored status may be hours old
        gateway = await stack.enter_async_context(tunnel.listening(base, flows, settings, rooms))
        api = await stack.enter_async_context(edge.listening(base, flows, gateway, settings, tasks, room=rooms.api, traces=traces))
        startup.end()
        yield Running(
            api_url=api.url,
            enroll_address=gateway.enroll_address,
            tunnel_address=gateway.tunnel_address,
            ca_pin=base.authority.ca_pin,
            metrics_address=api.metrics_address,
            setup_links=await _setup_links(base, settings.public_url or api.url),
        )


@asynccontextmanager
async def _traces() -> AsyncIterator[Export | None]:
    try:
        async with trace_export.running("optral-server") as export:
            yield export
    except trace_export.BadVariable as error:
        raise Misconfigured("bad_setting", say=str(error)) from None


async def _setup_links(base: Base, url: str) -> tuple[str, ...]:
    """What stands behind `#` is not sent to any server by itself, so the token reaches no log on its way."""
    made = await base.store.write(actor.system(), lambda tx: sign_in.first_links(tx, pepper=base.secrets.pepper))
    return tuple(f"{url}/setup#{token}" for _, token in made)


async def _quietly(stop: Callable[[], Awaitable[None]]) -> None:
    try:
        await stop()
    except TimeoutError as late:
        _log.error("tasks did not end in time", tasks=str(late))
    except OptralError as error:
        _log.warning("the stop was not recorded", error=error.say)


def _report(name: str, error: BaseException) -> None:
    _log.error("a background task ended", task=name, exc_info=error)
