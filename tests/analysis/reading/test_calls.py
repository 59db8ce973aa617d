"""What a workload calls, and which Service a host means: detectors, grouping and analysis read the same."""

from typing import Any

import pytest

from optral.analysis.reading import calls
from optral.analysis.reading.case import Case, containers
from optral.analysis.reading.snapshot import SnapshotObject
from optral.detectors.network import calls as network_calls
from optral.kube import addresses, calls as kube_calls, objects, view
from optral.kube.objects import Deployment, Service
from tests.analysis.cluster import NAMESPACE, World, container, deployment, obj, pod, service, template

SERVICES = [("orders", "store"), ("orders", "api"), ("payments", "api")]


@pytest.mark.parametrize(
    ("host", "found"),
    [
        ("store", "orders/store"),
        ("api.payments", "payments/api"),
        ("api.payments.svc", "payments/api"),
        ("api.payments.svc.cluster.local", "payments/api"),
        ("store-0.store", "orders/store"),
        ("store-0.store.orders.svc.cluster.local", "orders/store"),
        ("api.orders.example.com", None),
        ("example.com", None),
    ],
)
def test_which_service_a_host_means(host: str, found: str | None) -> None:
    world = World([pod(), *(obj("v1", "Service", name, namespace=namespace) for namespace, name in SERVICES)])
    world.ask("PodNotReady", world.objects[0])
    assert world.asked is not None
    service = calls.service_named(Case(world.asked, world.snapshot()), "orders", host)
    assert (f"{service.namespace}/{service.name}" if service is not None else None) == found


@pytest.mark.parametrize(
    ("host", "namespace", "is_inside"),
    [("store", None, True), ("store.orders", None, True), ("store.orders.svc", "orders", True), ("api.payments.svc", "payments", False),
     ("api.payments", None, False), ("orders.example.com", None, False)],
)  # fmt: skip
def test_in_which_namespace_a_host_is(host: str, namespace: str | None, is_inside: bool) -> None:
    assert (addresses.namespace_in(host), addresses.is_service_of(host, "orders")) == (namespace, is_inside)


def _env(**values: str) -> dict[str, Any]:
    return {"env": [{"name": name, "value": value} for name, value in values.items()]}


STORE = [("store", 5432)]
CONFIG = obj(
    "v1",
    "ConfigMap",
    "app",
    data={"STORE_HOST": "[redacted:configmap-5:0a1b2c3d]", "STORE_PORT": "", "app.yaml": ""},
    optralAddresses=[
        {"key": "STORE_HOST", "line": 0, "name": "STORE_HOST", "text": "store"},
        {"key": "STORE_PORT", "line": 0, "name": "STORE_PORT", "text": "5432"},
        {"key": "app.yaml", "line": 7, "name": "store.url", "text": "redis://store:5433"},
    ],
)
FROM_CONFIG = {"envFrom": [{"configMapRef": {"name": "app"}}]}
MOUNTED = {"volumeMounts": [{"name": "config", "mountPath": "/etc/app.yaml", "subPath": "app.yaml"}]}


@pytest.mark.parametrize(
    ("settings", "called"),
    [
        pytest.param(_env(STORE_ADDR="store:5432"), STORE, id="host and port"),
        pytest.param(_env(STORE_URL="postgres://store:5432 [redacted:env:12ab34cd]"), STORE, id="a URL without its credentials"),
        pytest.param(_env(JAVA_OPTS="-Xmx1g -Ddb.url=jdbc:postgresql://store:5432/shop"), STORE, id="a URL inside other options"),
        pytest.param(_env(STORE_HOST="store", STORE_PORT="5432"), STORE, id="a host beside its port"),
        pytest.param(_env(PGHOST="store", PGPORT="5432"), STORE, id="a host beside its port, as libpq names them"),
        pytest.param(_env(db_host="store", db_port="5432"), STORE, id="in lower case"),
        pytest.param(
            _env(STORE_HOST="store.orders.svc", STORE_PORT="5432"), [("store.orders.svc", 5432)], id="a full name beside its port"
        ),
        pytest.param({"args": ["--db-host=store", "--db-port=5432"]}, STORE, id="two options"),
        pytest.param({"args": ["--db-host", "store", "--db-port", "5432"]}, STORE, id="two options with their values apart"),
        pytest.param({"args": ["--store-addr=store"]}, [("store", None)], id="an option that may name a host"),
        pytest.param({"args": ["--store-addr=filesystem"]}, [], id="an option whose word is no Service"),
        pytest.param({"command": ["sh", "-c", "until nc -z store 5432; do sleep 10; done"]}, STORE, id="a shell that waits for a port"),
        pytest.param({"command": ["pg_isready", "-h", "store", "-p", "5432"]}, STORE, id="a client with its arguments apart"),
        pytest.param(FROM_CONFIG, STORE, id="variables of a ConfigMap"),
        pytest.param(MOUNTED, [("store", 5433)], id="a file of a ConfigMap"),
        pytest.param(_env(LISTEN_ADDR="store:80", BIND_ADDRESS="store:81", HOST="store", PORT="82"), [], id="where it listens itself"),
        pytest.param(_env(ADVERTISED_LISTENERS="PLAINTEXT://store:9092"), [], id="what it tells others of itself"),
        pytest.param(_env(MODEL_URL="s3://store/model", FILES="file://store/x"), [], id="a bucket and a file"),
        pytest.param({"args": ["--sidecar-image=store:7"]}, [], id="an image"),
        pytest.param(_env(STORE_ADDR="store:99999"), [], id="no port is so large"),
        pytest.param(_env(NAME="store"), [], id="a word that may be anything"),
        pytest.param(_env(STORE_HOST="localhost", STORE_PORT="5432"), [], id="the pod itself"),
    ],
)
def test_detectors_and_analysis_read_the_same_calls(settings: dict[str, Any], called: list[tuple[str, int | None]]) -> None:
    volumes = [{"name": "config", "configMap": {"name": "app"}}]
    caller = deployment(of=template(container(**settings), volumes=volumes))
    manifests = [caller, pod(caller), service("store", ports=[{"port": 5432}]), CONFIG]
    case = _case(manifests)
    seen = case.snap.find("Deployment.apps", NAMESPACE, "api")
    its_pod = case.snap.find("Pod", NAMESPACE, "api-1-x")
    assert seen is not None
    assert its_pod is not None
    by_template = calls.of_template(case, seen, "spec.template.spec")
    by_pod = calls.of_container(case, containers(its_pod)[0])
    assert _of_service([(one.host, one.port) for one in by_template]) == called
    assert _of_service([(one.host, one.port) for one in by_pod]) == called
    typed = view.of(
        [objects.convert(kind, one) for kind, one in (("Deployment.apps", caller), ("Service", manifests[2]), ("ConfigMap", CONFIG))]
    )
    workload = next(iter(typed.all(Deployment.kind)))
    assert isinstance(workload, Deployment)
    store = next(iter(typed.all(Service.kind)))
    detected = [call for call in network_calls.of(workload, typed) if network_calls.target(call, typed) is store]
    assert _of_service([(call.host, call.port) for call in detected]) == called
    assert [one.name for one in typed.callers_of(NAMESPACE, "store")] == (["api"] if called else [])
    assert {host for host, _ in called} <= set(kube_calls.hosts(workload.spec.template.spec, typed.configs_of(NAMESPACE)))


def _case(manifests: list[dict[str, Any]]) -> Case:
    world = World(manifests)
    world.ask("ServiceMissing", manifests[0])
    assert world.asked is not None
    return Case(world.asked, world.snapshot())


def _of_service(found: list[tuple[str, int | None]]) -> list[tuple[str, int | None]]:
    return [(host, port) for host, port in found if host.startswith("store")]


def test_evidence_quotes_the_setting_also_beside_items_that_are_no_variables() -> None:
    caller = deployment(of=template(container(env=["?", {"name": "STORE_ADDR", "value": "store:5432"}])))
    case = _case([caller, service("store")])
    seen = SnapshotObject("Deployment.apps", caller)
    (found,) = calls.of_template(case, seen, "spec.template.spec")
    cited = found.evidence_id
    (quoted,) = [one for one in case.book.all() if one.id == cited]
    assert "env[1]" in str(quoted)
