"""How long from an issue to its message, beyond the time for which a notification waits for the cause of its issue.

Notifier, delivery worker and receiver share this process, over SQLite, so the times are upper bounds. The baseline is one write.
"""

import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from aiohttp import web

from lab.bench.rows import Options, Row
from optral.flows.issues.ripeness import GRACE, STORM_GRACE
from optral.kit.clock import SystemClock
from optral.server import schema
from optral.store import migrations
from optral.store.sqlite import SqliteStore, write_engine
from optral.terms.actor import system
from optral.webhooks.sender import SenderOnDemand
from tests.conftest import new_org
from tests.flows.webhooks.deliveries import LOOPBACK, World
from tests.support.serving import on_loop

IDLE, STORM = 20, 1000
MOST_S = 2.0
AT_ONCE = "1,000 issues at once"


def messages(_: Options) -> Iterator[Row]:
    """Rows: issues one after another, a thousand spread over a minute, and a thousand at once."""
    for what, found, written_s in asyncio.run(_measured()):
        p95 = statistics.quantiles(found, n=20)[-1]
        target, is_met = ("-", None) if what == AT_ONCE else (f"<= {MOST_S:.0f}", p95 <= MOST_S)
        yield Row(f"issue to message, {what}, p95", p95, "s", target, is_met, f"a write {1000 * written_s:.1f} ms", p95 / written_s)


async def _measured() -> list[tuple[str, list[float], float]]:
    with tempfile.TemporaryDirectory(prefix="optral-bench-") as home:
        path, clock = Path(home) / "bench.db", SystemClock()
        engine = write_engine(path)
        migrations.bring_up_to_date(engine, create_all=schema.create_all)
        engine.dispose()
        store, sender = SqliteStore.open(path, clock), SenderOnDemand(private=LOOPBACK)
        org: Any = await new_org(store, clock)  # type: ignore[arg-type]
        world = World(store, clock, org, system(org), sender)  # type: ignore[arg-type]
        arrived: dict[str, float] = {}
        app = web.Application()

        async def take(request: web.Request) -> web.Response:
            arrived.setdefault(json.loads(await request.read())["data"]["id"], time.monotonic())
            return web.Response(status=204)

        app.router.add_post("/hook", take)
        running = [asyncio.create_task(one.run()) for one in (world.notifier, world.delivery_worker)]
        try:
            async with on_loop(app) as url:
                await world.hook(f"{url}/hook")
                return [
                    (what, *await _beyond(world, arrived, count, grace_s, apart_s))
                    for what, count, grace_s, apart_s in (
                        ("idle", IDLE, GRACE.total_seconds(), 4.0),
                        ("1,000 issues in a minute", STORM, STORM_GRACE.total_seconds(), 60 / STORM),
                        (AT_ONCE, STORM, STORM_GRACE.total_seconds(), 0.0),
                    )
                ]
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
            await store.close()


async def _beyond(world: World, arrived: dict[str, float], count: int, grace_s: float, apart_s: float) -> tuple[list[float], float]:
    """Seconds from when each issue could be sent until it arrived, and the median seconds of a write."""
    opened: dict[str, float] = {}
    written: list[float] = []
    for _ in range(count):
        began = time.monotonic()
        opened[await world.issue()] = time.monotonic()
        written.append(time.monotonic() - began)
        await asyncio.sleep(apart_s)
    async with asyncio.timeout(300):
        while not opened.keys() <= arrived.keys():  # noqa: ASYNC110 - nothing measured depends on how soon this is seen
            await asyncio.sleep(0.05)
    return [arrived[one] - at - grace_s for one, at in opened.items()], statistics.median(written)


ROWS = {"messages": messages}
