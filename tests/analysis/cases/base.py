"""The book of cases, and the shapes that many of them have."""

import functools
from collections.abc import Callable
from typing import Any

from optral.analysis.model import Explanation
from tests.analysis.cluster import (
    World,
    container,
    deployment,
    ended,
    event,
    node,
    pod,
    replica_set,
    state,
    template,
    waiting,
)

Ask = Callable[[], tuple[World, Explanation]]
CASES: dict[str, tuple[str, str, Ask]] = {}
"""Name → cause, object, and the cluster with its answer. Built once for all tests: a test that changes a cluster takes a `copy` of it."""


def case(cause: str, subject: str, name: str = "") -> Callable[[Ask], Ask]:
    def keep(ask: Ask) -> Ask:
        row(cause, subject, name or ask.__name__, ask)
        return ask

    return keep


def row(cause: str, subject: str, name: str, ask: Ask) -> None:
    """Put a case into the book; the decorator does it for one that is a function."""
    CASES[name] = (cause, subject, functools.cache(ask))


def one_pod(
    type_: str,
    status: Any,
    *,
    spec: Any = None,
    events: tuple[tuple[str, str], ...] = (),
    log: str = "",
    before: Any = None,
    extra: tuple[Any, ...] = (),
    **pod_spec: Any,
) -> tuple[World, Explanation]:
    """A Deployment with one failing pod; `before` is the container of the revision before."""
    now = spec or container()
    web = deployment(of=template(now, **pod_spec))
    sets = [replica_set(web, 2 if before else 1, minutes_ago=5)]
    if before is not None:
        sets.append(replica_set(web, 1, of=template(before, **pod_spec), replicas=0))
    phase = "Pending" if "waiting" in status["state"] else "Running"
    failing = pod(sets[0], status={"phase": phase, "containerStatuses": [status]})
    told = [event(failing, reason, message, container="api") for reason, message in events]
    world = World([web, *sets, failing, *told, node(), *extra], {("api-1-x", "api"): log} if log else {})
    return world, world.ask(type_, failing, owner=web, container="api")


def limited(memory: str, **more: Any) -> Any:
    return container(resources={"limits": {"memory": memory}, "requests": {"memory": memory}}, **more)


def crash(code: int, log: str = "", **more: Any) -> tuple[World, Explanation]:
    reason = more.pop("reason", "Error")
    status = state(restarts=5, now=waiting("CrashLoopBackOff"), last=ended(code, reason, message=more.pop("message", "")))
    return one_pod("CrashLoopBackOff", status, log=log, **more)
