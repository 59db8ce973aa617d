"""File descriptors: the limit is raised at the start, and shared out so that no listener's clients can use up another's.

A process without a free descriptor accepts nobody, opens no file and loses its database. The usual soft limit of 1,024 is for programs that
use `select`, which nothing here does, so the hard limit counts.
"""

import resource
from typing import NamedTuple

import structlog

from optral.kit.admission import ConnectionLimit
from optral.server.settings import Settings

MOST = 1 << 20  # a limit of "unlimited" is refused by some kernels
KEPT = 256  # for the database, files, and connections that the server opens itself
LEAST_ROOM = 16
PER_RELAYED = 3  # an agent's connection, and both ends of its way on to gRPC
ENROLLING = 1024
_log = structlog.get_logger(__name__)


class ConnectionLimits(NamedTuple):
    """How many connections each listener holds."""

    api: ConnectionLimit
    enroll: ConnectionLimit
    tunnel: ConnectionLimit


def raise_limit() -> int:
    """Raise the soft limit of this process to the hard one; returns what holds now."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST if hard == resource.RLIM_INFINITY else min(hard, MOST)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        except (OSError, ValueError):  # macOS: "unlimited" is more than the kernel allows
            _log.warning("the limit of open files cannot be raised", soft=soft, hard=hard)
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST if soft == resource.RLIM_INFINITY else min(soft, MOST)


def rooms(limit: int, settings: Settings) -> ConnectionLimits:
    """What the settings ask for, or less in proportion where `limit` descriptors do not hold it all."""
    free = limit - min(KEPT, limit // 4)
    wanted = settings.max_connections + PER_RELAYED * (ENROLLING + settings.max_agent_connections)
    share = min(1.0, free / wanted)

    def room(total: int, per_address: int) -> ConnectionLimit:
        fitting = max(LEAST_ROOM, int(total * share))
        return ConnectionLimit(total=fitting, per_address=min(per_address, max(LEAST_ROOM // 2, fitting // 2)))

    found = ConnectionLimits(
        api=room(settings.max_connections, settings.connections_per_address),
        enroll=room(ENROLLING, settings.agent_connections_per_address),
        tunnel=room(settings.max_agent_connections, settings.agent_connections_per_address),
    )
    if share < 1:
        _log.warning(
            "the limit of open files allows fewer connections than the settings; raise it (ulimit -n, LimitNOFILE)",
            open_files=limit,
            wanted=wanted + KEPT,
            api=found.api.total,
            agents=found.tunnel.total,
        )
    return found
