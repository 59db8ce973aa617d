from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from optral.store.store import Store
from optral.terms.ids import OrgId
from optral.webhooks.sender import SenderOnDemand
from tests.conftest import ActorMaker
from tests.flows.webhooks.deliveries import LOOPBACK, Receiver, World
from tests.support.clock import FakeClock


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    one = Receiver()
    one.gate.set()
    app = web.Application()
    app.router.add_post("/hook", one.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    one.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield one
    one.gate.set()
    await runner.cleanup()


@pytest.fixture
async def world(store: Store, clock: FakeClock, org: OrgId, actor: ActorMaker) -> AsyncIterator[World]:
    sender = SenderOnDemand(private=LOOPBACK)
    yield World(store, clock, org, actor(), sender)
    await sender.close()
