"""Servers that are started whole, on routes made once."""

from collections.abc import Iterator

import pytest

from tests.support import edge


@pytest.fixture(autouse=True)
def routes_made_once() -> Iterator[None]:
    with edge.ready_made():
        yield
