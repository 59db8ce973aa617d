"""The way by which agents connect."""

import pytest

from optral.clusters import service
from optral.flows.clusters.connect import Connect
from optral.store.store import Store
from optral.terms import actor as actors
from tests.support.agents import KEY_ENCRYPTION_KEY
from tests.support.clock import FakeClock


@pytest.fixture
async def connect(store: Store, clock: FakeClock) -> Connect:
    authority = await store.write(actors.system(), lambda tx: service.open_authority(tx, key_encryption_key=KEY_ENCRYPTION_KEY))
    return Connect(store, clock, authority)
