"""Failures after a change that the inventory recorded: workloads without earlier revisions, each another application."""

from typing import Any

from optral.analysis.model import Explanation
from tests.analysis.cases.base import case
from tests.analysis.cluster import (
    Json,
    World,
    at,
    container,
    deployment,
    ended,
    event,
    node,
    obj,
    pod,
    recorded,
    replica_set,
    service,
    state,
    template,
    waiting,
)

SPEC = "/spec/template/spec/containers"


def stateful(name: str, namespace: str, spec: Json, **more: Any) -> Json:
    body = {"replicas": 1, "serviceName": name, "template": template(spec, labels={"app": name}, **more)}
    return obj("apps/v1", "StatefulSet", name, namespace=namespace, spec=body)


def one_failing_pod(
    type_: str,
    owner: Json,
    status: Json,
    *extra: Json,
    change: tuple[str, object, object] | None = None,
    log: str = "",
    events: tuple[tuple[str, str], ...] = (),
) -> tuple[World, Explanation]:
    """A workload with one failing pod. `change` is a change of the workload: path, before, after."""
    name, namespace = owner["metadata"]["name"], owner["metadata"]["namespace"]
    part = status["name"]
    phase = "Pending" if "waiting" in status["state"] and "lastState" not in status else "Running"
    failing = pod(owner, f"{name}-0", namespace=namespace, status={"phase": phase, "containerStatuses": [status]})
    reported = [event(failing, reason, message, container=part) for reason, message in events]
    logs = {(f"{name}-0", part): log} if log else {}
    history = [recorded(owner, *change)] if change is not None else []
    world = World([owner, failing, *reported, node(), *extra], logs, history=history, namespace=namespace)
    return world, world.ask(type_, failing, owner=owner, container=part)


def crashed(part: str, code: int = 1) -> Json:
    return state(part, restarts=4, now=waiting("CrashLoopBackOff"), last=ended(code))


@case("memory_limit_lowered", "tiles")
def is_killed_since_its_memory_limit_was_lowered() -> tuple[World, Explanation]:
    owner = stateful("tiles", "maps", container("render", "maps.test/tiles:8", resources={"limits": {"memory": "256Mi"}}))
    killed = state("render", restarts=2, last=ended(137, "OOMKilled"))
    return one_failing_pod("OOMKilled", owner, killed, change=(f"{SPEC}/render/resources/limits/memory", "1Gi", "256Mi"))


@case("missing_env_or_config", "planner")
def lacks_a_variable_since_it_was_removed() -> tuple[World, Explanation]:
    owner = stateful("planner", "transit", container("plan", "transit.test/planner:3"))
    log = "FATAL: required environment variable TIMETABLE_URL is not set"
    return one_failing_pod(
        "CrashLoopBackOff", owner, crashed("plan"), change=(f"{SPEC}/plan/env/TIMETABLE_URL/value", "http://timetable", None), log=log
    )


@case("wrong_dependency_address", "invoices")
def calls_a_wrong_name_since_its_address_was_changed() -> tuple[World, Explanation]:
    owner = stateful(
        "invoices", "finance", container("app", "finance.test/invoices:2", env=[{"name": "QUEUE_ADDR", "value": "rabitmq:5672"}])
    )
    broker = service("rabbitmq", selector={"app": "rabbitmq"}, ports=[{"port": 5672}])
    broker["metadata"]["namespace"] = "finance"
    log = "dial tcp: lookup rabitmq on 10.96.0.10:53: no such host"
    return one_failing_pod(
        "CrashLoopBackOff",
        owner,
        crashed("app"),
        broker,
        change=(f"{SPEC}/app/env/QUEUE_ADDR/value", "rabbitmq:5672", "rabitmq:5672"),
        log=log,
    )


@case("wrong_dependency_address", "signup")
def uses_a_port_that_its_database_does_not_have_since_a_change() -> tuple[World, Explanation]:
    env = [{"name": "PG_HOST", "value": "members-pg"}, {"name": "PG_PORT", "value": "5433"}]
    owner = stateful("signup", "club", container("web", "club.test/signup:11", env=env))
    front = service("members-pg", selector={"app": "members-pg"}, ports=[{"port": 5432}])
    front["metadata"]["namespace"] = "club"
    server = stateful("members-pg", "club", container("pg", "postgres:16", ports=[{"containerPort": 5432}]))
    running = pod(server, "members-pg-0", namespace="club", ready=True, status={"containerStatuses": [state("pg", ready=True)]})
    log = "connection to server at members-pg (10.96.4.4), port 5433 failed: Connection refused"
    right = [{"name": "PG_HOST", "value": "members-pg"}, {"name": "PG_PORT", "value": "5432"}]
    other = stateful("letters", "club", container("web", "club.test/letters:3", env=right))
    change = (f"{SPEC}/web/env/PG_HOST/value", "old-pg", "members-pg")
    return one_failing_pod("CrashLoopBackOff", owner, crashed("web"), front, server, running, other, change=change, log=log)


@case("readiness_probe_wrong_port", "scores")
def is_not_ready_since_its_probe_was_moved() -> tuple[World, Explanation]:
    probe = {"httpGet": {"path": "/ready", "port": 9101}}
    owner = stateful("scores", "league", container("api", "league.test/scores:5", readinessProbe=probe, ports=[{"containerPort": 9100}]))
    message = 'Readiness probe failed: Get "http://10.2.0.7:9101/ready": dial tcp 10.2.0.7:9101: connect: connection refused'
    running = state("api", now={"running": {"startedAt": at(30)}})
    change = (f"{SPEC}/api/readinessProbe/httpGet/port", 9100, 9101)
    return one_failing_pod("ReadinessProbeFailed", owner, running, change=change, events=(("Unhealthy", message),))


@case("liveness_probe_too_tight", "forge")
def is_killed_since_its_probe_allows_less_time() -> tuple[World, Explanation]:
    probe = {"tcpSocket": {"port": 7000}, "periodSeconds": 2, "failureThreshold": 1}
    owner = stateful("forge", "build", container("worker", "build.test/forge:9", livenessProbe=probe, ports=[{"containerPort": 7000}]))
    message = "Liveness probe failed: dial tcp 10.2.0.9:7000: connect: connection refused"
    killed = state("worker", restarts=5, last=ended(137, ran_minutes=0.1))
    change = (f"{SPEC}/worker/livenessProbe/periodSeconds", 30, 2)
    events = (("Killing", "Container worker failed liveness probe, will be restarted"), ("Unhealthy", message))
    return one_failing_pod("LivenessProbeFailed", owner, killed, change=change, events=events, log="compiling rules")


@case("image_tag_not_found", "radar")
def cannot_pull_the_tag_that_was_set() -> tuple[World, Explanation]:
    image = "weather.test/radar:2026-13"
    owner = stateful("radar", "weather", container("radar", image))
    message = f'Failed to pull image "{image}": rpc error: code = NotFound desc = failed to resolve reference "{image}": {image}: not found'
    status = {"name": "radar", "ready": False, "restartCount": 0, "state": waiting("ImagePullBackOff")}
    change = (f"{SPEC}/radar/image", "weather.test/radar:2026-12", image)
    return one_failing_pod("ImagePullBackOff", owner, status, change=change, events=(("Failed", message),))


@case("command_not_found", "mailroom")
def starts_a_program_that_does_not_exist_since_its_command_was_changed() -> tuple[World, Explanation]:
    owner = stateful("mailroom", "post", container("sort", "post.test/sort:4", command=["/srv/sortd"]))
    message = 'exec: "/srv/sortd": stat /srv/sortd: no such file or directory: unknown'
    status = {"name": "sort", "ready": False, "restartCount": 0, "state": waiting("RunContainerError", message)}
    return one_failing_pod("RunContainerError", owner, status, change=(f"{SPEC}/sort/command", ["/srv/sort"], ["/srv/sortd"]))


@case("missing_config_map", "kiosk")
def refers_to_a_config_map_since_a_change() -> tuple[World, Explanation]:
    spec = container("screen", "museum.test/kiosk:1", envFrom=[{"configMapRef": {"name": "kiosk-theme"}}])
    owner = stateful("kiosk", "museum", spec)
    status = {"name": "screen", "ready": False, "restartCount": 0}
    status["state"] = waiting("CreateContainerConfigError", 'configmap "kiosk-theme" not found')
    change = (f"{SPEC}/screen/envFrom/0", None, {"configMapRef": {"name": "kiosk-theme"}})
    return one_failing_pod("CreateContainerConfigError", owner, status, change=change)


@case("selector_mismatch", "seats")
def selects_no_pod_since_its_selector_was_changed() -> tuple[World, Explanation]:
    front = service("seats", selector={"tier": "booking", "app": "chairs"}, ports=[{"port": 80, "targetPort": 8080}])
    front["metadata"]["namespace"] = "tickets"
    owner = deployment("seats", of=template(container("web"), labels={"app": "seats", "tier": "booking"}), namespace="tickets")
    running = pod(owner, "seats-0", namespace="tickets", ready=True, status={"containerStatuses": [state("web", ready=True)]})
    world = World([front, owner, running, node()], history=[recorded(front, "/spec/selector/app", "seats", "chairs")], namespace="tickets")
    return world, world.ask("ServiceNoEndpoints", front)


@case("scaled_to_zero", "transcoder")
def was_scaled_to_zero_by_a_recorded_change() -> tuple[World, Explanation]:
    owner = deployment("transcoder", of=template(container("ff"), labels={"app": "transcoder"}), replicas=0, namespace="media")
    world = World([owner, node()], history=[recorded(owner, "/spec/replicas", 4, 0)], namespace="media")
    return world, world.ask("ScaledToZero", owner)


@case("insufficient_memory", "matcher")
def fits_no_node_since_its_request_was_raised() -> tuple[World, Explanation]:
    spec = container("match", "dating.test/matcher:6", resources={"requests": {"memory": "64Gi"}})
    owner = stateful("matcher", "dating", spec)
    words = "0/1 nodes are available: 1 Insufficient memory."
    conditions = [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": words}]
    failing = pod(owner, "matcher-0", node=None, namespace="dating", status={"phase": "Pending", "conditions": conditions})
    change = recorded(owner, f"{SPEC}/match/resources/requests/memory", "2Gi", "64Gi")
    world = World([owner, failing, node()], history=[change], namespace="dating")
    return world, world.ask("FailedScheduling", failing, owner=owner)


# --- second clusters: other applications, by revisions or by history


def rolled_out(name: str, namespace: str, before: Json, now: Json) -> tuple[Json, list[Json]]:
    """A Deployment with two revisions: its newest ReplicaSet first, of which the failing pod is."""
    owner = deployment(name, of=template(now, labels={"app": name}), namespace=namespace)
    newest = replica_set(owner, 2, minutes_ago=6, namespace=namespace)
    earlier = replica_set(owner, 1, of=template(before, labels={"app": name}), minutes_ago=9000, replicas=0, namespace=namespace)
    return owner, [newest, earlier]


def since_rollout(
    type_: str, owner: Json, sets: list[Json], status: Json, *extra: Json, log: str = "", events: tuple[tuple[str, str], ...] = ()
) -> tuple[World, Explanation]:
    name, namespace, part = owner["metadata"]["name"], owner["metadata"]["namespace"], status["name"]
    failing = pod(sets[0], f"{name}-2-a", namespace=namespace, status={"phase": "Running", "containerStatuses": [status]})
    reported = [event(failing, reason, message, container=part) for reason, message in events]
    logs = {(f"{name}-2-a", part): log} if log else {}
    world = World([owner, *sets, failing, *reported, node(), *extra], logs, namespace=namespace)
    return world, world.ask(type_, failing, owner=owner, container=part)


@case("memory_regression_after_rollout", "thumbs")
def is_killed_for_memory_since_a_rollout() -> tuple[World, Explanation]:
    limits = {"resources": {"limits": {"memory": "300Mi"}}}
    owner, sets = rolled_out(
        "thumbs", "photos", container("resize", "photos.test/thumbs:5", **limits), container("resize", "photos.test/thumbs:6", **limits)
    )
    return since_rollout("OOMKilled", owner, sets, state("resize", restarts=3, last=ended(137, "OOMKilled")))


@case("bad_rollout", "quotes")
def exits_without_a_log_since_a_rollout() -> tuple[World, Explanation]:
    old, new = (container("feed", f"market.test/quotes:{tag}") for tag in ("20", "21"))
    owner, sets = rolled_out("quotes", "market", old, new)
    ready = pod(sets[1], "quotes-1-b", namespace="market", ready=True, status={"containerStatuses": [state("feed", ready=True)]})
    return since_rollout("CrashLoopBackOff", owner, sets, crashed("feed", code=3), ready)


@case("readiness_probe_wrong_port", "ballots")
def is_not_ready_since_a_rollout_moved_its_probe() -> tuple[World, Explanation]:
    old, new = (
        container("count", "vote.test/ballots:1", readinessProbe={"tcpSocket": {"port": port}}, ports=[{"containerPort": 4000}])
        for port in (4000, 4004)
    )
    owner, sets = rolled_out("ballots", "vote", old, new)
    message = "Readiness probe failed: dial tcp 10.3.0.2:4004: connect: connection refused"
    running = state("count", now={"running": {"startedAt": at(20)}})
    return since_rollout("ReadinessProbeFailed", owner, sets, running, events=(("Unhealthy", message),))


@case("liveness_probe_too_tight", "renderer")
def is_killed_since_a_rollout_shortened_its_probe() -> tuple[World, Explanation]:
    old, new = (
        container("render", "film.test/renderer:2", livenessProbe={"grpc": {"port": 5100}, "periodSeconds": period, "failureThreshold": 1})
        for period in (60, 3)
    )
    for spec in (old, new):
        spec["ports"] = [{"containerPort": 5100, "name": "grpc"}]
    owner, sets = rolled_out("renderer", "film", old, new)
    message = 'Liveness probe failed: timeout: failed to connect service "10.3.0.4:5100" within 1s: context deadline exceeded'
    events = (("Killing", "Container render failed liveness probe, will be restarted"), ("Unhealthy", message))
    killed = state("render", restarts=6, last=ended(137, ran_minutes=0.1))
    return since_rollout("LivenessProbeFailed", owner, sets, killed, log="loading scenes", events=events)


@case("missing_config_map", "menus")
def mounts_a_config_map_since_a_rollout() -> tuple[World, Explanation]:
    new = container("print", "diner.test/menus:3", envFrom=[{"configMapRef": {"name": "menus-daily"}}])
    owner, sets = rolled_out("menus", "diner", container("print", "diner.test/menus:3"), new)
    status = {"name": "print", "ready": False, "restartCount": 0}
    status["state"] = waiting("CreateContainerConfigError", 'configmap "menus-daily" not found')
    return since_rollout("CreateContainerConfigError", owner, sets, status)


@case("selector_mismatch", "intake")
def selects_no_pod_since_a_label_was_renamed() -> tuple[World, Explanation]:
    front = service("intake", selector={"component": "forms"}, ports=[{"port": 443, "targetPort": 8443}])
    front["metadata"]["namespace"] = "court"
    owner = stateful("intake", "court", container("web"))
    running = pod(owner, "intake-0", namespace="court", ready=True, status={"containerStatuses": [state("web", ready=True)]})
    world = World([front, owner, running, node()], history=[recorded(front, "/spec/selector/component", None, "forms")], namespace="court")
    return world, world.ask("ServiceNoEndpoints", front)


@case("scaled_to_zero", "ingest")
def has_no_replicas_since_a_recorded_change() -> tuple[World, Explanation]:
    owner = stateful("ingest", "lake", container("tail"))
    owner["spec"]["replicas"] = 0
    world = World([owner, node()], history=[recorded(owner, "/spec/replicas", 2, 0, minutes_ago=50)], namespace="lake")
    return world, world.ask("ScaledToZero", owner)


@case("insufficient_cpu", "solver")
def fits_no_node_since_it_requests_more_cpu() -> tuple[World, Explanation]:
    spec = container("solve", "lab.test/solver:6", resources={"requests": {"cpu": "48"}})
    owner = deployment("solver", of=template(spec, labels={"app": "solver"}), namespace="lab")
    words = "0/2 nodes are available: 2 Insufficient cpu."
    conditions = [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": words}]
    failing = pod(owner, "solver-a", node=None, namespace="lab", status={"phase": "Pending", "conditions": conditions})
    change = recorded(owner, f"{SPEC}/solve/resources/requests/cpu", "4", "48")
    world = World([owner, failing, node("node-1"), node("node-2", cpu="16")], history=[change], namespace="lab")
    return world, world.ask("FailedScheduling", failing, owner=owner)


@case("insufficient_memory", "index")
def fits_no_node_since_a_rollout_requests_more_memory() -> tuple[World, Explanation]:
    old, new = (container("build", "docs.test/index:1", resources={"requests": {"memory": size}}) for size in ("1Gi", "90Gi"))
    owner, sets = rolled_out("index", "docs", old, new)
    words = "0/1 nodes are available: 1 Insufficient memory."
    conditions = [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": words}]
    failing = pod(sets[0], "index-2-a", node=None, namespace="docs", status={"phase": "Pending", "conditions": conditions})
    world = World([owner, *sets, failing, node()], namespace="docs")
    return world, world.ask("FailedScheduling", failing, owner=owner)


@case("insufficient_cpu", "chess")
def fits_no_node_since_a_rollout_requests_more_cpu() -> tuple[World, Explanation]:
    old, new = (container("think", "games.test/chess:1", resources={"requests": {"cpu": size}}) for size in ("1", "32"))
    owner, sets = rolled_out("chess", "games", old, new)
    words = "0/1 nodes are available: 1 Insufficient cpu."
    conditions = [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": words}]
    failing = pod(sets[0], "chess-2-a", node=None, namespace="games", status={"phase": "Pending", "conditions": conditions})
    world = World([owner, *sets, failing, node()], namespace="games")
    return world, world.ask("FailedScheduling", failing, owner=owner)
