"""A server's database as it is after a little work: keys, an inventory, and an execution whose command is at the agent."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from optral.access.model import KeySettings
from optral.flows.people import keys
from optral.server import database
from optral.server.settings import Settings
from optral.store.store import Store
from optral.terms.ids import OrgId
from tests.conftest import new_org
from tests.flows.executions.shop import Shop
from tests.support.clock import FakeClock


@asynccontextmanager
async def opened(settings: Settings, clock: FakeClock) -> AsyncIterator[Store]:
    async with database.opened(settings, clock) as base:
        yield base.store


@dataclass
class Source:
    """A server's database with one organization, two keys of which one is revoked, and an execution whose command is at the agent."""

    settings: Settings
    org: OrgId
    execution: str
    revoked: str
    kept: str


async def filled(settings: Settings, clock: FakeClock) -> Source:
    async with opened(settings, clock) as store:
        org = await new_org(store, clock)
        shop = Shop(store, org, clock)
        await shop.open()
        execution = await shop.start()
        await shop.driver.step()
        pepper = b"p" * 32
        scopes = frozenset({"issues:read"})
        owner = shop.owner
        kept = (await store.write(owner, lambda tx: keys.create(tx, KeySettings(name="kept", scopes=scopes), pepper=pepper)))[0]
        revoked = (await store.write(owner, lambda tx: keys.create(tx, KeySettings(name="revoked", scopes=scopes), pepper=pepper)))[0]
        await store.write(owner, lambda tx: keys.revoke(tx, revoked.id))
    return Source(settings, org, execution.id, revoked.id, kept.id)
