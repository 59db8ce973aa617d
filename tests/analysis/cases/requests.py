"""Slow requests: three workloads that call each other, with reports of how long their requests take."""

from typing import Any

from optral.analysis.model import Explanation
from tests.analysis.cases.base import case, row
from tests.analysis.cases.usage import busy, report, throttling, with_cpu
from tests.analysis.cluster import VISIBLE, Json, World, at, container, deployment, node, obj, pod, replica_set, service, state, template

SEEN = VISIBLE | {"WorkloadTraffic.usage.optral.io", "PodUsage.usage.optral.io", "NodeUsage.usage.optral.io"}
FAST = {"level": 42, "usual": 40}
SLOW = {"level": 900, "usual": 60}


def traffic(about: Json, *, level: float | None = 900, usual: float | None = 60, minutes_ago: float = 1, **more: Any) -> Json:
    """A report about the requests of a workload; durations in ms."""
    latency = {"p50Ms": 20, "p95Ms": level, "p99Ms": level, "levelMs": level, "usualMs": usual}
    status = {
        "observedAt": at(minutes_ago),
        "source": "istio",
        "provenBy": "cluster",
        "requests": {"perSecond": 20.0, "count": 12000, "windowSeconds": 600},
        "errors": {"share": 0.0},
        "latency": {name: value for name, value in latency.items() if value is not None},
    } | more
    kind, metadata = about["kind"], about["metadata"]
    name = f"{kind.lower()}-{metadata['name']}"
    return obj("usage.optral.io/v1", "WorkloadTraffic", name, namespace=metadata["namespace"], owner=about, status=status)


def app(name: str, *addresses: str, namespace: str = "orders", spec: Json | None = None, **env: str) -> list[Json]:
    """A Deployment with its pod and its Service; it calls these hosts."""
    named = {f"UPSTREAM_{index}_URL": f"http://{host}:80" for index, host in enumerate(addresses)} | env
    variables = [{"name": key, "value": value} for key, value in named.items()]
    one = (spec or container(name)) | {"name": name, "env": variables}
    web = deployment(name, of=template(one, labels={"app": name}), namespace=namespace)
    revision = replica_set(web, minutes_ago=900, namespace=namespace)
    running = pod(revision, f"{name}-1-x", ready=True, namespace=namespace, status={"containerStatuses": [state(name, ready=True)]})
    return [web, revision, running, service(name, selector={"app": name}, namespace=namespace)]


def chain(*reports: Json | None, outside: str = "", **spec: Json) -> World:
    """web → api → db, each with its report or without."""
    callees = {"web": ["api"], "api": ["db", *([outside] if outside else [])], "db": []}
    apps = {name: app(name, *hosts, spec=spec.get(name)) for name, hosts in callees.items()}
    objects = [one for made in apps.values() for one in made]
    for made, told in zip(apps.values(), reports, strict=False):
        if told is not None:
            objects.append(traffic(made[0], **told))
    return World([*objects, node()], visible=SEEN)


def why_slow(world: World, name: str = "web") -> tuple[World, Explanation]:
    about = next(one for one in world.objects if one["kind"] == "Deployment" and one["metadata"]["name"] == name)
    return world, world.ask("WorkloadSlow", about, usualMs=60)


@case("slow_itself", "db")
def waits_for_what_it_calls_calls() -> tuple[World, Explanation]:
    return why_slow(chain(SLOW, SLOW, SLOW, db=container("db")))


@case("slow_itself", "web")
def is_slow_itself() -> tuple[World, Explanation]:
    return why_slow(chain(SLOW, FAST, FAST))


@case("cpu_limit_too_low", "api")
def waits_for_one_that_is_throttled() -> tuple[World, Explanation]:
    world = chain(SLOW, SLOW, FAST, api=with_cpu("200m"))
    running = next(one for one in world.objects if one["metadata"]["name"] == "api-1-x")
    world.objects.append(report(running, node="node-1", containers=[{"name": "api", **throttling(0.62)}]))
    return why_slow(world)


@case("node_saturated", "node-1")
def waits_for_one_whose_node_is_full() -> tuple[World, Explanation]:
    pods = [{"name": "api-1-x", "uid": "Pod-api-1-x", "node": "node-1", "p95Ms": 900, "perSecond": 20}]
    world = chain(SLOW, SLOW | {"pods": pods}, FAST)
    host = next(one for one in world.objects if one["kind"] == "Node")
    world.objects.append(report(host, **busy()))
    return why_slow(world)


def of_nodes(first: float, second: float) -> Json:
    pods = [("web-1-x", "node-1", first), ("web-1-y", "node-2", second)]
    return SLOW | {"pods": [{"name": one, "uid": one, "node": host, "p95Ms": p95, "perSecond": 9} for one, host, p95 in pods]}


def on_two_nodes(first: float, second: float) -> World:
    world = chain(of_nodes(first, second), FAST, FAST)
    world.objects.append(node("node-2"))
    return world


row("slow_on_one_node", "node-2", "is_slow_on_one_node", lambda: why_slow(on_two_nodes(58, 1400)))


def rolled_out(name: str, namespace: str, *, minutes_ago: float, **told: Any) -> World:
    """A second revision with another image, beside one pod of the first or alone."""
    objects = app(name, namespace=namespace, spec=container(name, f"registry.test/{namespace}/{name}:1"))
    web, first = objects[0], objects[1]
    newest = template(container(name, f"registry.test/{namespace}/{name}:2"), labels={"app": name})
    web["spec"]["template"] = newest
    second = replica_set(web, 2, of=newest, minutes_ago=minutes_ago, namespace=namespace)
    running = pod(second, f"{name}-2-x", ready=True, namespace=namespace, status={"containerStatuses": [state(name, ready=True)]})
    sides = [(f"{name}-1-x", told.pop("before", 0)), (f"{name}-2-x", told.pop("after", 0))]
    pods = [{"name": one, "uid": f"Pod-{one}", "node": "node-1", "p95Ms": p95, "perSecond": 9} for one, p95 in sides if p95]
    objects += [second, running, traffic(web, pods=pods, **told)]
    return World([*objects, first, node()], visible=SEEN, namespace=namespace)


@case("slow_new_version", "web")
def is_slow_in_its_new_pods() -> tuple[World, Explanation]:
    return why_slow(rolled_out("web", "orders", minutes_ago=20, before=58, after=1400))


@case("slow_new_version", "search")
def is_slow_since_its_rollout() -> tuple[World, Explanation]:
    return why_slow(rolled_out("search", "catalog", minutes_ago=25, after=900), "search")


@case("segments_sent_again", "node-1")
def sends_segments_again() -> tuple[World, Explanation]:
    return why_slow(chain(SLOW | {"nodes": [{"name": "node-1", "retransmitShare": 0.07}]}, FAST, FAST))


def with_rates(before: float, since: float) -> Json:
    series = {
        "endsAt": at(1),
        "secondsBefore": [60 * minute for minute in range(29, -1, -1)],
        "perSecond": [before] * 15 + [since] * 15,
        "p95Ms": [60.0] * 15 + [900.0] * 15,
        "errorShare": [0.0] * 30,
    }
    return SLOW | {"series": series}


@case("more_requests_than_it_can_serve", "web")
def gets_more_requests() -> tuple[World, Explanation]:
    return why_slow(chain(with_rates(20, 50), FAST, FAST))


def unknown_calls(*, sent: float, **told: Any) -> World:
    """Three workloads that find each other by a registry. Every request to two of them is slow; `sent` are the packets of the one that
    answers first."""
    objects = [one for name in ("portal", "orders", "prices") for one in app(name)]
    about = {one["metadata"]["name"]: one for one in objects if one["kind"] == "Deployment"}
    series = with_rates(20, 4)["series"] | {"p95Ms": [40.0] * 15 + [4800.0] * 15}
    packets = [{"name": "prices-1-x", "uid": "Pod-prices-1-x", "node": "node-1", "sentPerSecond": sent, "sentBeforePerSecond": 200}]
    few = {"requests": {"perSecond": 0.2, "count": 120, "windowSeconds": 600}, "series": series} | told
    objects += [
        traffic(about["portal"], latency={"p50Ms": 30, "p95Ms": 7000, "levelMs": 5000, "usualMs": 60}),
        traffic(about["orders"], latency={"p50Ms": 3200, "p95Ms": 7000, "levelMs": 5000, "usualMs": 60}),
        traffic(about["prices"], latency={"p50Ms": 2500, "p95Ms": 4800, "levelMs": 4000, "usualMs": 40}, pods=packets, **few),
    ]
    return World([*objects, node()], visible=SEEN)


row("slow_network_of_pods", "prices", "answers_first_and_sends_as_much_as_before", lambda: why_slow(unknown_calls(sent=210), "prices"))
row("slow_network_of_pods", "prices", "may_wait_for_what_answers_first", lambda: why_slow(unknown_calls(sent=210), "portal"))
row("slow_itself", "prices", "answers_first_and_sends_less_than_before", lambda: why_slow(unknown_calls(sent=40), "prices"))
