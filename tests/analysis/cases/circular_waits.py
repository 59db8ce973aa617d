"""Init containers that wait for each other's Services."""

from typing import Any

from optral.analysis.model import Explanation
from tests.analysis.cases.base import case
from tests.analysis.cluster import Json, World, container, deployment, node, pod, service, state, template

WAITING = {"conditions": [{"type": "Initialized", "status": "False"}, {"type": "Ready", "status": "False"}]}


def waiter(name: str, *hosts: str, **status: Any) -> list[Json]:
    """A workload behind a Service of its name, whose pod waits in an init container for other Services."""
    script = " && ".join(f"until nc -z {host} 80; do sleep 2; done" for host in hosts)
    init = [container(f"wait-of-{name}", command=["sh", "-c", script])] if hosts else []
    of = template(container(name), labels={"app": name}, initContainers=init)
    owner = deployment(name, of=of)
    inits = {"initContainerStatuses": [state(f"wait-of-{name}")]} if hosts else {}
    return [
        owner,
        pod(owner, f"{name}-1", status=WAITING | inits | status, **({"ready": True} if "ready" in status else {})),
        service(name, selector={"app": name}),
    ]


def waiting(*workloads: list[Json]) -> tuple[World, Explanation]:
    """The first workload is asked about."""
    world = World([*(one for workload in workloads for one in workload), node()])
    owner, failing, _ = workloads[0]
    name = owner["metadata"]["name"]
    return world, world.ask("InitContainerStuck", failing, owner=owner, container=f"wait-of-{name}")


@case("circular_wait", "orders", "two wait for each other")
def two_wait_for_each_other() -> tuple[World, Explanation]:
    return waiting(waiter("orders", "stock"), waiter("stock", "orders"))


@case("circular_wait", "meters", "three wait in a circle")
def three_wait_in_a_circle() -> tuple[World, Explanation]:
    return waiting(waiter("meters", "tariffs"), waiter("tariffs", "bills"), waiter("bills", "meters"))
