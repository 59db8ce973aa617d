"""For tests that see no difference between the engines: a module that imports this fixture runs on SQLite alone."""

import pytest


@pytest.fixture
def engine_name() -> str:
    return "sqlite"
