from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from optral.store.store import Store
from optral.terms.ids import OrgId
from optral.webhooks.sender import SenderOnDemand
from tests.conftest import ActorMaker
from tests.flows.webhooks.deliveries import LOOPBACK, Receiver, World
from tests.support.clock import FakeClock
from tests.support.serving import on_loop


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    one = Receiver()
    one.gate.set()
    app = web.Application()
    app.router.add_post("/hook", one.handle)
    app.router.add_post("/hook/{alias}/{action}", one.handle)
    app.router.add_post("/api/v2/alerts", one.handle)
    async with on_loop(app) as url:
        one.url, one.alerts = f"{url}/hook", f"{url}/api/v2/alerts"
        yield one
        one.gate.set()


@pytest.fixture
async def world(store: Store, clock: FakeClock, org: OrgId, actor: ActorMaker) -> AsyncIterator[World]:
    sender = SenderOnDemand(private=LOOPBACK)
    yield World(store, clock, org, actor(), sender)
    await sender.close()
