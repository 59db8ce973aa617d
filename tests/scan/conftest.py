"""A small cluster with ten broken workloads, as manifests and as files."""

from typing import Any

import pytest

from tests.support import broken

Manifest = dict[str, Any]


@pytest.fixture(scope="session")
def manifests() -> list[Manifest]:
    """Ten workloads of seven pods, each with five broken ones."""
    return list(broken.objects(workloads=10, each=7))
