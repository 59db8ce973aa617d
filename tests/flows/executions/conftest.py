"""The shop that executions change."""

from collections.abc import AsyncIterator

import pytest

from optral.store.store import Store
from optral.terms.ids import OrgId
from tests.flows.executions.shop import Shop
from tests.support.clock import FakeClock


@pytest.fixture
async def shop(store: Store, org: OrgId, clock: FakeClock) -> AsyncIterator[Shop]:
    made = Shop(store, org, clock)
    await made.open()
    yield made
