"""One node whose pods cannot reach Services: the pods of the same workloads on other nodes work."""

from typing import Any

import pytest

from tests.analysis.cases.log_signs import keeps_logging
from tests.analysis.cluster import (
    Json,
    World,
    at,
    container,
    deployment,
    ended,
    node,
    pod,
    replica_set,
    service,
    state,
    template,
    waiting,
)

TIMED_OUT = "dial tcp 10.96.0.20:6379: i/o timeout"
NO_DNS = "dial tcp: lookup store on 10.96.0.10:53: read udp 10.0.1.7:41000->10.96.0.10:53: i/o timeout"
NO_ROUTE = "connect to store:6379: no route to host"
ANGLERS = ("tackle", "weather", "tides")
PRESS = ("layout", "print", "archive")


def cluster(names: tuple[str, ...], line: str, *, bad: int = 2, everywhere: bool = False, idle: bool = True, runs: bool = False) -> World:
    """Workloads with a pod on each of two nodes; of the first `bad`, the pods on node-b fail, or with `runs` log the line."""
    ports = [{"port": 6379, "targetPort": 6379}]
    world = World([node("node-a"), node("node-b"), service("store", selector={"app": "store"}, ports=ports, clusterIP="10.96.0.20")])
    behind = deployment("store", of=template(container("store"), labels={"app": "store"}))
    world.objects += [behind, pod(behind, "store-x", node="node-a", ready=True, status={"containerStatuses": [state("store", ready=True)]})]
    for place, name in enumerate(names):
        env = [{"name": "STORE_ADDR", "value": "store:6379"}] if place < bad or not idle else []
        owner = deployment(name, of=template(container(name, env=env), labels={"app": name}), replicas=2)
        revision = replica_set(owner)
        world.objects += [owner, revision]
        for where in ("node-a", "node-b"):
            fails = place < bad and (where == "node-b" or everywhere)
            crashes = fails and not runs
            now: Json = waiting("CrashLoopBackOff") if crashes else {"running": {"startedAt": at(600)}}
            told = state(name, ready=not crashes, restarts=5 if crashes else 0, now=now, last=ended(1) if crashes else None)
            one = pod(revision, f"{name}-{where}", node=where, ready=not crashes, status={"containerStatuses": [told]})
            one["metadata"]["labels"] = {"app": name}
            world.objects.append(one)
            if fails and runs:
                world.objects += keeps_logging(one, line)
            elif fails:
                world.logs[(f"{name}-{where}", name)] = line
    return world


def ask(world: World, name: str, type_: str = "CrashLoopBackOff") -> Any:
    owner, failing = (next(one for one in world.objects if one["metadata"]["name"] == which) for which in (name, f"{name}-node-b"))
    found = world.ask(type_, failing, owner=owner, container=name)
    return None if found.root_cause is None else (found.root_cause["id"], found.root_cause["subject"]["name"])


@pytest.mark.parametrize("names", [ANGLERS, PRESS])
@pytest.mark.parametrize("line", [TIMED_OUT, NO_DNS, NO_ROUTE])
def test_two_workloads_that_fail_on_one_node_only_name_the_node(names: tuple[str, ...], line: str) -> None:
    assert ask(cluster(names, line), names[0]) == ("service_network_broken", "node-b")


@pytest.mark.parametrize("names", [ANGLERS, PRESS])
def test_pods_that_stay_ready_and_log_it_name_the_node_too(names: tuple[str, ...]) -> None:
    assert ask(cluster(names, TIMED_OUT, runs=True), names[0], "DependencyUnreachable") == ("service_network_broken", "node-b")


@pytest.mark.parametrize(
    "world",
    [
        pytest.param(cluster(PRESS, TIMED_OUT, bad=1), id="one workload alone"),
        pytest.param(cluster(PRESS, TIMED_OUT, everywhere=True), id="they fail on all nodes"),
        pytest.param(cluster(PRESS, TIMED_OUT, idle=False), id="another caller on the node works"),
        pytest.param(cluster(PRESS, "panic: index out of range"), id="no failed connection"),
    ],
)
def test_a_node_is_not_named_without_the_comparison(world: World) -> None:
    assert (ask(world, "layout") or ("", ""))[0] != "service_network_broken"


@pytest.mark.parametrize("names", [(*ANGLERS, "moon"), (*PRESS, "binding")])
def test_three_workloads_are_enough_although_another_caller_on_the_node_works(names: tuple[str, ...]) -> None:
    assert ask(cluster(names, TIMED_OUT, bad=3, idle=False), names[0]) == ("service_network_broken", "node-b")
