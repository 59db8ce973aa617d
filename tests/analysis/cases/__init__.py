"""One case for each cause: a cluster in a few words, what is asked, and what must be named."""

from tests.analysis.cases import (
    admission,
    calls,
    config,
    controllers,
    crashes,
    estate,
    history,
    images,
    nodes,
    platform,
    probe_targets,
    probes,
    rollouts,
    scheduling,
    services,
    storage,
    typos,
)
from tests.analysis.cases.base import CASES

__all__ = [
    "CASES",
    "admission",
    "calls",
    "config",
    "controllers",
    "crashes",
    "estate",
    "history",
    "images",
    "nodes",
    "platform",
    "probe_targets",
    "probes",
    "rollouts",
    "scheduling",
    "services",
    "storage",
    "typos",
]
