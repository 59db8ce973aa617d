"""Probes that fail though the container runs, or because it does not."""

from typing import Any

from optral.analysis.model import Explanation
from tests.analysis.cases.base import case, one_pod, row
from tests.analysis.cluster import World, container, ended, pod, state

HTTP = {"httpGet": {"path": "/healthz", "port": 8080}, "periodSeconds": 10, "failureThreshold": 3, "timeoutSeconds": 1}
GRPC = {"grpc": {"port": 8080}, "periodSeconds": 10, "failureThreshold": 3}


def unready(message: str, probe: Any, **more: Any) -> tuple[World, Explanation]:
    spec = container(readinessProbe=probe, ports=[{"containerPort": 8080}], **more)
    return one_pod("ReadinessProbeFailed", state(), spec=spec, events=(("Unhealthy", f"Readiness probe failed: {message}"),))


def killed_by_probe(message: str, probe: Any, *, ran_minutes: float = 0.5, **more: Any) -> tuple[World, Explanation]:
    spec = container(livenessProbe=probe, ports=[{"containerPort": 8080}], **more)
    status = state(restarts=4, last=ended(137, ran_minutes=ran_minutes))
    told = (("Killing", "Container api failed liveness probe, will be restarted"), ("Unhealthy", f"Liveness probe failed: {message}"))
    return one_pod("LivenessProbeFailed", status, spec=spec, events=told)


def port(probe: Any, number: int) -> Any:
    return probe | {"httpGet": {"path": "/healthz", "port": number}}


REFUSED = 'Get "http://10.0.0.9:8081/healthz": dial tcp 10.0.0.9:8081: connect: connection refused'


row("readiness_probe_wrong_port", "api", "unready_at_a_port_nobody_has", lambda: unready(REFUSED, port(HTTP, 8081)))
row("readiness_probe_wrong_path", "api", "unready_at_a_path_nobody_has", lambda: unready("HTTP probe failed with statuscode: 404", HTTP))


@case("readiness_probe_wrong_protocol", "api")
def unready_in_another_language() -> tuple[World, Explanation]:
    return unready('net/http: HTTP/1.x transport connection broken: malformed HTTP response "x"', HTTP, livenessProbe=GRPC)


@case("readiness_probe_too_tight", "api")
def unready_because_it_is_slow() -> tuple[World, Explanation]:
    probe = HTTP | {"timeoutSeconds": 1}
    return unready("context deadline exceeded", probe, livenessProbe=HTTP)


row("readiness_probe_unhealthy", "api", "unready_and_says_so", lambda: unready("HTTP probe failed with statuscode: 503", HTTP))


@case("readiness_probe_unhealthy", "api")
def a_command_that_fails() -> tuple[World, Explanation]:
    return unready("", {"exec": {"command": ["test", "-f", "/tmp/ready"]}})


@case("liveness_probe_wrong_port", "api")
def killed_at_a_port_nobody_has() -> tuple[World, Explanation]:
    return killed_by_probe(REFUSED, port(HTTP, 8081), readinessProbe=HTTP)


@case("liveness_probe_wrong_path", "api")
def killed_at_a_path_nobody_has() -> tuple[World, Explanation]:
    return killed_by_probe("HTTP probe failed with statuscode: 405", HTTP)


@case("liveness_probe_wrong_protocol", "api")
def killed_in_another_language() -> tuple[World, Explanation]:
    return killed_by_probe("http: server gave HTTP response to HTTPS client", HTTP)


@case("liveness_probe_too_tight", "api")
def killed_before_it_can_start() -> tuple[World, Explanation]:
    probe = {"grpc": {"port": 8080}, "initialDelaySeconds": 1, "periodSeconds": 1, "failureThreshold": 1}
    return killed_by_probe('timeout: failed to connect service "10.0.0.9:8080" within 1s', probe, ran_minutes=0.1)


HASTY = {"initialDelaySeconds": 1, "periodSeconds": 1, "failureThreshold": 1}


@case("liveness_probe_too_tight", "api")
def killed_within_seconds_at_a_port_named_after_http() -> tuple[World, Explanation]:
    """Many programs name the port of their gRPC server `http-grpc`: the name alone is weaker than a probe that allows two seconds."""
    spec = container(livenessProbe={"grpc": {"port": 8080}, **HASTY}, ports=[{"name": "http-grpc", "containerPort": 8080}])
    told = (
        ("Killing", "Container api failed liveness probe, will be restarted"),
        ("Unhealthy", 'Liveness probe failed: timeout: failed to connect service "10.0.0.9:8080" within 1s'),
    )
    status = state(restarts=4, last=ended(137, ran_minutes=0.1))
    return one_pod("LivenessProbeFailed", status, spec=spec, events=told, log="server is listening on port 8080\n")


@case("liveness_probe_too_tight", "api")
def killed_within_seconds_beside_a_probe_of_another_protocol() -> tuple[World, Explanation]:
    """One port may serve HTTP and gRPC; the probe that kills allows two seconds, the other one is patient."""
    return killed_by_probe("context deadline exceeded", HTTP | HASTY, ran_minutes=0.1, readinessProbe=GRPC)


@case("liveness_probe_unhealthy", "api")
def killed_after_it_had_been_well() -> tuple[World, Explanation]:
    return killed_by_probe("context deadline exceeded", HTTP, ran_minutes=300)


@case("liveness_probe_unhealthy", "api")
def killed_while_its_like_are_well() -> tuple[World, Explanation]:
    world, _ = killed_by_probe(REFUSED, port(HTTP, 8081))
    owner = next(one for one in world.objects if one["kind"] == "ReplicaSet")
    world.objects.append(pod(owner, "api-1-y", ready=True, status={"containerStatuses": [state(ready=True)]}))
    failing = next(one for one in world.objects if one["kind"] == "Pod")
    return world, world.ask("LivenessProbeFailed", failing, owner=world.objects[0], container="api")
