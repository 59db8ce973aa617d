"""The real cluster of tests/cluster, and Optral beside it as a user runs it."""

import os
import shutil
from collections.abc import Iterator

import pytest

from tests.support.platform import Platform, running
from tests.support.real_cluster import Cluster, standing


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """The cluster; started, and then stopped again, unless it runs already."""
    if os.environ.get("CI") != "true" and (os.geteuid() != 0 or not shutil.which("unshare")):
        pytest.skip("the real cluster needs root on Linux")
    with standing(nodes=2) as found:
        yield found


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A fresh server on SQLite with its first key."""
    with running(tmp_path_factory.mktemp("optral")) as started:
        yield started
