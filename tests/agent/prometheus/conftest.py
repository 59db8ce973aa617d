from collections.abc import AsyncIterator

import pytest

from tests.agent.prometheus import server
from tests.agent.prometheus.server import Prometheus


@pytest.fixture
async def prometheus() -> AsyncIterator[Prometheus]:
    async with server.serving() as prometheus:
        yield prometheus
