"""For tests in which the server has the browser's own time: a module imports this fixture."""

from datetime import UTC, datetime

import pytest

from tests.support.clock import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime.now(UTC))
