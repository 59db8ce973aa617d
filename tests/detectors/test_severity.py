"""The rule of docs/severity.md."""

import pytest

from optral.detectors import severity
from optral.detectors.effects import Effect
from optral.kube import owners
from optral.kube.objects import KubeObject, Pod
from optral.terms.severity import Severity
from tests.detectors.build import (
    NOON,
    condition,
    deployment,
    make,
    owned_by,
    pod,
    replica_set,
    running,
    status,
    terminated,
    view_of,
    waiting,
)

DEV = make("Namespace", name="shop", namespace=None, meta={"labels": {"environment": "Staging"}})
PROD = make("Namespace", name="shop", namespace=None, meta={"labels": {"environment": "production"}})
DATA = [{"metadata": {"name": "data"}}]
SYSTEM = {"template": {"spec": {"priorityClassName": "system-cluster-critical"}}}


def stateful(available: int, *, replicas: int = 3, **more: object) -> KubeObject:
    spec = {"replicas": replicas, "volumeClaimTemplates": DATA}
    return make("StatefulSet.apps", name="db", spec=spec, status={"availableReplicas": available} | more)


def daemons(available: int) -> KubeObject:
    return make("DaemonSet.apps", name="d", status={"desiredNumberScheduled": 4, "numberAvailable": available})


def rated(
    workload: KubeObject, *others: KubeObject, base: Severity = Severity.HIGH, effect: Effect | None = Effect.POD_DOWN, **more: object
) -> severity.Rating:
    return severity.rate(base, effect=effect, subject=owners.ref(workload), view=view_of(workload, *others), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("workload", "others", "expected"),
    [
        pytest.param(deployment(replicas=4, available=2), [], Severity.MEDIUM, id="half of it"),
        pytest.param(deployment(replicas=4, available=1), [], Severity.HIGH, id="less than half"),
        pytest.param(deployment(available=0), [], Severity.HIGH, id="all of it"),
        pytest.param(deployment(replicas=0, available=0), [], Severity.HIGH, id="none wanted"),
        pytest.param(deployment(replicas=1, available=1), [], Severity.HIGH, id="the only replica, between two kills"),
        pytest.param(deployment(namespace="kube-system", available=0), [], Severity.CRITICAL, id="carries the cluster"),
        pytest.param(deployment(namespace="kube-system", available=1), [], Severity.HIGH, id="part of what carries the cluster"),
        pytest.param(
            make("Deployment.apps", name="dns", namespace="infra", spec={"replicas": 1} | SYSTEM), [], Severity.CRITICAL, id="by priority"
        ),
        pytest.param(stateful(2), [], Severity.MEDIUM, id="data with a majority"),
        pytest.param(stateful(1, replicas=2), [], Severity.HIGH, id="data without a majority"),
        pytest.param(stateful(2, currentRevision="a", updateRevision="b"), [], Severity.MEDIUM, id="the last revision serves"),
        pytest.param(deployment(available=0), [DEV], Severity.MEDIUM, id="not production"),
        pytest.param(deployment(available=0), [PROD], Severity.HIGH, id="production"),
        pytest.param(daemons(3), [], Severity.MEDIUM, id="one node of four"),
        pytest.param(daemons(0), [], Severity.HIGH, id="no daemon left"),
    ],
)
def test_rates_by_how_much_is_down(workload: KubeObject, others: list[KubeObject], expected: Severity) -> None:
    assert rated(workload, *others).severity is expected


@pytest.mark.parametrize(
    ("workload", "base", "expected"),
    [
        pytest.param(deployment(available=0), Severity.MEDIUM, Severity.HIGH, id="down"),
        pytest.param(deployment(available=0), Severity.LOW, Severity.MEDIUM, id="down, which is meant"),
        pytest.param(deployment(replicas=2, available=1), Severity.MEDIUM, Severity.MEDIUM, id="half of it"),
        pytest.param(deployment(namespace="kube-system", available=0), Severity.MEDIUM, Severity.CRITICAL, id="carries the cluster"),
    ],
)
def test_what_recovers_by_itself_is_high_when_nothing_is_left(workload: KubeObject, base: Severity, expected: Severity) -> None:
    assert rated(workload, base=base).severity is expected


def test_replicas_make_no_difference_to_a_failure_that_stops_no_pod() -> None:
    shown = rated(deployment(available=0), effect=None)
    assert shown[:2] == (Severity.HIGH, "Failures of this type are high.")


@pytest.mark.parametrize(("old_ready", "available", "expected"), [(2, 2, Severity.MEDIUM), (0, 2, Severity.MEDIUM), (1, 1, Severity.HIGH)])
def test_a_serving_revision_counts_while_half_is_available(old_ready: int, available: int, expected: Severity) -> None:
    top = deployment(replicas=4, available=available)
    old, new = replica_set(top, name="a", revision=1, ready=old_ready), replica_set(top, name="b", revision=2, ready=0)
    assert rated(top, old, new).severity is expected


def test_a_bare_pod_is_its_own_capacity() -> None:
    for shown, expected in ((pod(status()), Severity.HIGH), (pod(status(), conditions=[condition("Ready")]), Severity.MEDIUM)):
        assert isinstance(shown, Pod)
        assert rated(shown, base=Severity.MEDIUM, pod=shown).severity is expected


def test_an_unknown_workload_has_no_capacity() -> None:
    shown = deployment()
    assert severity.capacity(owners.ref(shown), view_of()) is None


@pytest.mark.parametrize(("failed", "more", "expected"), [(7, [condition("Failed")], Severity.HIGH), (1, [], Severity.MEDIUM)])
def test_a_failed_job_has_no_retries_left(failed: int, more: list[dict[str, object]], expected: Severity) -> None:
    job = make("Job.batch", name="j", spec={"backoffLimit": 6}, status={"failed": failed, "conditions": more})
    run = pod(status(), meta={"ownerReferences": owned_by(job)})
    assert rated(job, run, pod=run).severity is expected


BACK_OFF = status(state=waiting("CrashLoopBackOff"), last=terminated(ago=200, ran=3), restarts=5)


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        pytest.param([status(state=running(2), last=terminated(ago=160, ran=3), restarts=5)] * 2, Severity.HIGH, id="up for a moment"),
        pytest.param([BACK_OFF, BACK_OFF], Severity.HIGH, id="down again, and still counted"),
        pytest.param([BACK_OFF, status()], Severity.MEDIUM, id="another one serves"),
        pytest.param([status(state=running(180), last=terminated(ago=200, ran=3), restarts=5)] * 2, Severity.MEDIUM, id="up longer now"),
        pytest.param([status(state=running(2), last=terminated(ago=160, ran=300), restarts=5)] * 2, Severity.MEDIUM, id="serves between"),
        pytest.param([status(state=running(2), last=terminated(ago=160, ran=3), restarts=1)] * 2, Severity.MEDIUM, id="one restart"),
        pytest.param([], Severity.MEDIUM, id="no pods seen"),
    ],
)
def test_pods_that_run_only_for_moments_are_not_available(shown: list[dict[str, object]], expected: Severity) -> None:
    top = deployment(replicas=2, available=1)
    revision = replica_set(top, name="a", revision=1)
    pods = [pod(one, name=f"api-{number}", owner=revision, conditions=[condition("Ready")]) for number, one in enumerate(shown)]
    assert rated(top, revision, *pods, now=NOON).severity is expected


@pytest.mark.parametrize(("made_ago", "age", "expected"), [(60, 15, Severity.HIGH), (60, 300, Severity.MEDIUM), (900, 15, Severity.MEDIUM)])
def test_a_replacement_of_pods_that_just_failed_is_not_available_yet(made_ago: float, age: float, expected: Severity) -> None:
    top = deployment(replicas=1, available=1)
    revision = replica_set(top, name="a", revision=1)
    over = {"owner": revision, "phase": "Failed", "pod_status": {"reason": "Evicted"}, "ago": made_ago}
    dead = [pod(name=f"api-{number}", **over) for number in range(3)]  # type: ignore[arg-type]
    new = pod(status(state=running(age)), name="api-9", owner=revision, conditions=[condition("Ready")], ago=age)
    assert rated(top, revision, *dead, new, base=Severity.MEDIUM, now=NOON).severity is expected


def test_a_bare_pod_that_runs_only_for_moments_is_not_available() -> None:
    shown = pod(status(state=running(2), last=terminated(ago=160, ran=3), restarts=5), conditions=[condition("Ready")])
    assert rated(shown, base=Severity.MEDIUM, pod=shown, now=NOON).severity is Severity.HIGH


# --- Services

PORTS = [{"port": 80}]
EMPTY = make("EndpointSlice.discovery.k8s.io", name="api-1", meta={"labels": {"kubernetes.io/service-name": "api"}}, endpoints=[])


def service(**more: object) -> KubeObject:
    return make("Service", name="api", spec={"selector": {"app": "api"}, "ports": PORTS} | more)


def caller(number: int, replicas: int = 1, labels: dict[str, str] | None = None, url: str = "http://api") -> KubeObject:
    container = {"name": "c", "image": "i", "env": [{"name": "API_URL", "value": url}]}
    template = {"metadata": {"labels": labels or {"app": f"caller-{number}"}}, "spec": {"containers": [container]}}
    return make("Deployment.apps", name=f"caller-{number}", spec={"replicas": replicas, "template": template})


INGRESS = make("Ingress.networking.k8s.io", name="web", spec={"defaultBackend": {"service": {"name": "api", "port": {"number": 80}}}})
ROUTE = make("HTTPRoute.gateway.networking.k8s.io", name="web", spec={"rules": [{"backendRefs": [{"name": "api", "port": 80}]}]})
MESH_ROUTE = make(
    "VirtualService.networking.istio.io",
    name="web",
    spec={"hosts": ["shop.test"], "gateways": ["public"], "http": [{"route": [{"destination": {"host": "api"}}]}]},
)
INSIDE = make(
    "VirtualService.networking.istio.io", name="web", spec={"hosts": ["api"], "http": [{"route": [{"destination": {"host": "api"}}]}]}
)


@pytest.mark.parametrize(
    ("others", "expected", "reason"),
    [
        pytest.param([], Severity.HIGH, "Service shop/api has no ready endpoint.", id="nobody is known to call it"),
        pytest.param([INGRESS], Severity.CRITICAL, "Ingress shop/web routes to it", id="Ingress"),
        pytest.param([ROUTE], Severity.CRITICAL, "HTTPRoute shop/web routes to it", id="Gateway route"),
        pytest.param([MESH_ROUTE], Severity.CRITICAL, "VirtualService shop/web routes to it", id="mesh gateway"),
        pytest.param([INSIDE], Severity.HIGH, "Service shop/api has no ready endpoint.", id="calls inside the mesh"),
        pytest.param([caller(1)], Severity.HIGH, "and 1 workload calls it", id="one caller"),
        pytest.param([caller(1), caller(2), caller(3)], Severity.CRITICAL, "and 3 workloads call it", id="several callers"),
        pytest.param([caller(1), caller(2), caller(3, replicas=0)], Severity.HIGH, "and 2 workloads call it", id="one of them is off"),
        pytest.param([caller(1), caller(2), caller(3, labels={"app": "api"})], Severity.HIGH, "2 workloads", id="one calls itself"),
        pytest.param([caller(1), caller(2), caller(3, url="http://api.other")], Severity.HIGH, "2 workloads", id="another namespace"),
        pytest.param([INGRESS, DEV], Severity.HIGH, "labeled environment=Staging", id="not production"),
    ],
)
def test_a_service_without_endpoints_is_as_severe_as_its_users_are_many(others: list[KubeObject], expected: Severity, reason: str) -> None:
    shown = rated(service(), EMPTY, *others, effect=Effect.SERVICE_DOWN)
    assert shown.severity is expected
    assert reason in shown.reason


def test_a_load_balancer_without_endpoints_is_critical() -> None:
    shown = rated(service(type="LoadBalancer"), EMPTY, effect=Effect.SERVICE_DOWN)
    assert shown[:2] == (Severity.CRITICAL, "Service shop/api has no ready endpoint, and it is a load balancer.")


@pytest.mark.parametrize(("ports", "expected"), [(1, Severity.CRITICAL), (2, Severity.HIGH)])
def test_one_wrong_port_of_several_does_not_cut_users_off(ports: int, expected: Severity) -> None:
    full = make(
        "EndpointSlice.discovery.k8s.io",
        name="api-1",
        meta={"labels": {"kubernetes.io/service-name": "api"}},
        endpoints=[{"addresses": ["10.0.0.1"], "conditions": {"ready": True}}],
    )
    assert rated(service(ports=PORTS * ports), full, INGRESS, effect=Effect.SERVICE_DOWN).severity is expected
