"""Servers that only the logs of their callers show to be broken: outside of the cluster, or with an address in a Secret."""

from typing import Any

from optral.analysis.model import Explanation
from tests.analysis.cases.base import case, row
from tests.analysis.cluster import World, container, deployment, ended, node, obj, pod, state, template, waiting

URL = [{"name": "DATABASE_URL", "valueFrom": {"secretKeyRef": {"name": "shop-db", "key": "url"}}}]
OUTSIDE = "pq: could not connect to server at db-1.eu.example.com:5432: connection timed out"
FULL_DISK = 'ERROR: could not extend file "base/16384/2619": No space left on device'


def victims(line: str, *, count: int = 3, env: Any = URL, lines: dict[int, str] | None = None, extra: tuple[Any, ...] = ()) -> World:
    """Workloads that crash with this line; of some of them the line is another one."""
    world = World([node(), *extra])
    for number in range(count):
        name = f"app-{number}"
        owner = deployment(name, of=template(container(name, env=env), labels={"app": name}))
        status = state(name, restarts=5, now=waiting("CrashLoopBackOff"), last=ended(1))
        world.objects += [owner, pod(owner, f"{name}-x", status={"containerStatuses": [status]})]
        world.logs[(f"{name}-x", name)] = f"starting\n{(lines or {}).get(number, line)}\n"
    return world


def ask_first(world: World) -> tuple[World, Explanation]:
    owner, failing = (next(one for one in world.objects if one["metadata"]["name"] == name) for name in ("app-0", "app-0-x"))
    return world, world.ask("CrashLoopBackOff", failing, owner=owner, container="app-0")


row("dependency_unavailable", "shop-db", "calls_a_database_outside_that_nobody_reaches", lambda: ask_first(victims(OUTSIDE)))


@case("dependency_unavailable", "db")
def calls_a_database_outside_by_an_alias() -> tuple[World, Explanation]:
    alias = obj("v1", "Service", "db", spec={"type": "ExternalName", "externalName": "db-1.eu.example.com"})
    return ask_first(victims("connect ECONNREFUSED db:5432", extra=(alias,)))


row("dependency_disk_full", "shop-db", "is_refused_by_a_server_with_a_full_disk", lambda: ask_first(victims(FULL_DISK)))


@case("dependency_read_only", "shop-db")
def all_callers_of_a_secret_address_may_only_read() -> tuple[World, Explanation]:
    return ask_first(victims("ERROR: cannot execute INSERT in a read-only transaction"))
