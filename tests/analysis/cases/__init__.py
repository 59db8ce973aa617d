"""One case for each cause: a cluster in a few words, what is asked, and what must be named."""

from tests.analysis.cases import (
    admission,
    calls,
    config,
    crashes,
    estate,
    images,
    knocking,
    nodes,
    others,
    probes,
    rollouts,
    scheduling,
    services,
    slips,
    storage,
    yard,
)
from tests.analysis.cases.base import CASES

__all__ = [
    "CASES",
    "admission",
    "calls",
    "config",
    "crashes",
    "estate",
    "images",
    "knocking",
    "nodes",
    "others",
    "probes",
    "rollouts",
    "scheduling",
    "services",
    "slips",
    "storage",
    "yard",
]
