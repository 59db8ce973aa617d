from typing import Any

import pytest

from optral.kube.objects import KubeObject
from optral.terms.severity import Severity
from tests.detectors.build import at, condition, container, deployment, make, only, owned_by, pod, status, when
from tests.detectors.network.things import LABELS, caller, server, service, written
from tests.detectors.pods.test_log_failures import logs, sign

TYPE = "ServiceTargetPortMismatch"
NAMED = {"port": 80, "targetPort": "htp"}
WRONG = {"port": 80, "targetPort": 9999}


def rolling() -> KubeObject:
    return deployment(labels=LABELS, status={"conditions": [condition("Progressing", reason="ReplicaSetUpdated", ago=20)]})


def test_a_name_that_no_pod_has() -> None:
    [finding] = only(TYPE, service("api", NAMED, ago=200), server())
    assert (finding.facts["case"], finding.severity) == ("nameMissing", Severity.HIGH)
    assert finding.title == "Service shop/api is misrouted: its pods have no port named htp, but one named http"
    assert (finding.since, finding.opens_at) == (when(200), when(170))


def test_a_rollout_may_be_adding_the_name() -> None:
    [finding] = only(TYPE, service("api", NAMED, ago=60), server(), rolling())
    assert finding.opens_at == when(60 - 120)


def test_a_change_of_the_service_restarts_its_time() -> None:
    [finding] = only(TYPE, service("api", NAMED, meta=written(100)), server())
    assert finding.since == when(100)


def test_the_right_number_under_another_protocol() -> None:
    [finding] = only(TYPE, service("api", {"port": 80, "targetPort": 8080, "protocol": "UDP"}), server())
    assert (finding.facts["case"], finding.severity) == ("protocol", Severity.HIGH)
    assert finding.title.endswith("port 80 is UDP, but port 8080 of its pods is TCP")


def test_a_number_that_no_container_declares_is_medium() -> None:
    [finding] = only(TYPE, service("api", WRONG), server())
    assert (finding.facts["case"], finding.severity) == ("undeclared", Severity.MEDIUM)
    assert finding.facts["declared"] == ["http=8080/TCP"]


@pytest.mark.parametrize(
    ("settings", "is_own"),
    [
        pytest.param({"LISTEN": "0.0.0.0:9999"}, True, id="where it listens"),
        pytest.param({"ADVERTISED_URL": "http://api:9999"}, True, id="how it calls itself"),
        pytest.param({"ADMIN_PORT": "9999"}, True, id="a port beside no host"),
        pytest.param({"STORE_URL": "http://store:9999"}, False, id="the address of another"),
        pytest.param({"STORE_HOST": "store", "STORE_PORT": "9999"}, False, id="the port beside the host of another"),
    ],
)
def test_a_number_that_a_setting_names(settings: dict[str, str], is_own: bool) -> None:
    named = container(env=[{"name": name, "value": value} for name, value in settings.items()])
    behind = deployment(labels=LABELS, spec={"template": {"metadata": {"labels": LABELS}, "spec": {"containers": [named]}}})
    assert (only(TYPE, service("api", {"port": 9999}), server(), behind) == []) is is_own


def test_a_port_that_no_caller_uses() -> None:
    others = [caller("api:8081", "web"), caller("http://api.shop.svc:8081/x", "shop")]
    [finding] = only(TYPE, service(), server(), *others)
    assert finding.facts["case"] == "callersUseAnother"
    assert finding.title.endswith("its callers use port 8081, but it has only port 80")
    assert finding.facts["callers"] == ["Deployment/shop/shop", "Deployment/shop/web"]


def test_a_single_caller_is_believed_when_the_service_was_changed_after_it() -> None:
    assert len(only(TYPE, service(meta=written(60)), server(), caller("api:8081"))) == 1
    assert only(TYPE, service(), server(), caller("api:8081", meta=written(60))) == []


def canary() -> KubeObject:
    return server({"name": "htp", "containerPort": 8080}, name="api-2")


@pytest.mark.parametrize(
    "cluster",
    [
        pytest.param([service(), server()], id="the declared port"),
        pytest.param([service("api", {"port": 80, "targetPort": "http"}), server()], id="the declared name"),
        pytest.param([service("api", {"port": 8080}), server()], id="no target means the port itself"),
        pytest.param([service("api", NAMED), server(), canary()], id="some pod has the name: a rollout"),
        pytest.param([service("api", NAMED)], id="no pods: another type"),
        pytest.param([service("api", NAMED), server(meta={"deletionTimestamp": at(5)})], id="its pods are leaving"),
        pytest.param([service("api", NAMED, clusterIP="None"), server()], id="headless"),
        pytest.param([service("api", NAMED, type="ExternalName"), server()], id="external"),
        pytest.param([service("api", NAMED, selector={}), server()], id="no selector"),
        pytest.param([service("api", WRONG), server(box={"ports": []})], id="nothing is declared, anything may listen"),
        pytest.param([service("api", WRONG), server(box={"readinessProbe": {"httpGet": {"port": 9999}}})], id="a probe knocks there"),
        pytest.param(
            [service("api", WRONG), server(), deployment(labels=LABELS, spec={"template": {
                "metadata": {"labels": LABELS}, "spec": {"containers": [container(args=["--listen=:9999"])]}}})],
            id="an argument names it",
        ),
        pytest.param(
            [service("api", {"port": 443, "targetPort": 8080}, {"port": 443, "targetPort": 8080, "protocol": "UDP"}), server()],
            id="the same port under both protocols",
        ),
        pytest.param([service(), server(), caller("api:80"), caller("api:8081", "lone")], id="a caller that stands alone"),
    ],
)  # fmt: skip
def test_no_issue(cluster: list[KubeObject]) -> None:
    assert only(TYPE, *cluster) == []


def test_a_native_sidecar_serves_too() -> None:
    side = container("side", restartPolicy="Always", ports=[{"name": "htp", "containerPort": 1}])
    assert only(TYPE, service("api", NAMED), server(init=[side])) == []


def test_its_slices_list_the_pods_that_it_sends_to() -> None:
    shown, mine = service("api", NAMED), server()
    target = {"kind": "Pod", "name": mine.name, "uid": mine.uid}
    labels = {"kubernetes.io/service-name": "api"}
    named = make("EndpointSlice.discovery.k8s.io", name="api-x", meta={"labels": labels}, endpoints=[{"targetRef": target}])
    other = server({"name": "htp", "containerPort": 1}, name="api-2")  # in no slice yet: it has no address
    assert len(only(TYPE, shown, mine, other, named)) == 1
    assert only(TYPE, shown, mine, other) == []
    empty = make("EndpointSlice.discovery.k8s.io", name="api-y", meta={"labels": labels}, endpoints=[])
    assert len(only(TYPE, shown, mine, empty)) == 1


def told(box: dict[str, Any], *, ports: list[dict[str, Any]] | None = None, beside: list[dict[str, Any]] | None = None) -> list[KubeObject]:
    """A Deployment of such a container, with a ready pod of it."""
    full = container(**{"ports": ports or []} | box)
    behind = deployment(labels=LABELS, spec={"template": {"metadata": {"labels": LABELS}, "spec": {"containers": [full]}}})
    boxes, conditions = [full, *(beside or [])], [condition("Ready", ago=9000)]
    return [behind, pod(status(), name="api-1", owner=behind, containers=boxes, conditions=conditions, labels=LABELS)]


def env(**values: str) -> dict[str, Any]:
    return {"env": [{"name": name, "value": value} for name, value in values.items()]}


PROBED = {"readinessProbe": {"httpGet": {"port": 9090}}}


@pytest.mark.parametrize(
    ("box", "case", "says"),
    [
        pytest.param(env(PORT="9090") | PROBED, "undeclared", "port 80 forwards to 8080, but its pods listen on 9090", id="set and probed"),
        pytest.param(
            {"args": ["--listen=127.0.0.1:8080"]},
            "localOnly",
            "port 80 forwards to 8080, but its pods listen only on localhost (listen is 127.0.0.1:8080)",
            id="an argument binds the port to localhost",
        ),
        pytest.param(
            env(BIND_ADDRESS="127.0.0.1") | {"ports": [{"containerPort": 8080}]},
            "localOnly",
            "port 80 forwards to 8080, but its pods listen only on localhost (BIND_ADDRESS is 127.0.0.1)",
            id="a variable binds every port to localhost",
        ),
    ],
)
def test_pods_that_are_ready_and_listen_elsewhere(box: dict[str, Any], case: str, says: str) -> None:
    [finding] = only(TYPE, service(), *told(box))
    assert (finding.facts["case"], finding.title) == (case, f"Service shop/api is misrouted: {says}")


def refused(*, host: str = "api", port: str = "80", message: str = "dial tcp api:80: connect: connection refused") -> list[KubeObject]:
    """A caller of the Service that is ready and logs that its connections are refused."""
    top = caller("api:80")
    ready = server(name="web-1", labels={"app": "web"}, meta={"ownerReferences": owned_by(top)})
    return [top, ready, logs(ready, sign("dependency", message, host=host, port=port))]


def test_a_caller_is_refused_while_the_pods_are_ready() -> None:
    [finding] = only(TYPE, service(), *told(PROBED), *refused())
    assert (finding.facts["case"], finding.severity, finding.facts["listensOn"]) == ("refused", Severity.HIGH, "9090 (probe)")
    assert (
        finding.title
        == "Service shop/api is misrouted: port 80 forwards to 8080 of its pods, where connections are refused; they listen on 9090 (probe)"
    )
    assert (finding.since, finding.expires_at is not None) == (when(600), True)


def test_a_caller_names_the_service_by_its_address() -> None:
    report = refused(host="", port="", message="connect ECONNREFUSED 10.0.0.1:80")
    assert [finding.facts["case"] for finding in only(TYPE, service(), *told({}), *report)] == ["refused"]


POLICY = make("NetworkPolicy.networking.k8s.io", name="strict", spec={"podSelector": {"matchLabels": LABELS}, "policyTypes": ["Ingress"]})


@pytest.mark.parametrize(
    "cluster",
    [
        pytest.param(told(PROBED), id="a probe alone: many programs serve their health on a port of its own"),
        pytest.param(told(env(METRICS_PORT="9090") | PROBED), id="the port of its metrics"),
        pytest.param(told(env(PORT="9090", GRPC="0.0.0.0:8080") | PROBED), id="another setting names the target"),
        pytest.param(told(env(PORT="9090") | PROBED, beside=[container("proxy")]), id="a container beside it may listen"),
        pytest.param(told({"args": ["--metrics-bind-address=127.0.0.1:8081"]}), id="another port on localhost"),
        pytest.param(told({"args": ["--listen=127.0.0.1:8080"]}, beside=[container("proxy")]), id="a proxy beside it forwards"),
        pytest.param(told(env(BIND="127.0.0.1") | {"readinessProbe": {"tcpSocket": {"port": 8080}}}), id="a probe passes on the port"),
        pytest.param(told(env(HOST="localhost:8080")), id="how it is called"),
        pytest.param(told({"args": ["--listen=127.0.0.1:8080", "--listen=0.0.0.0:8080"]}), id="on all addresses, too"),
        pytest.param([*told({}), *refused(message="dial tcp api:80: i/o timeout")], id="a time-out is no refusal"),
        pytest.param([*told({}), *refused(host="other")], id="it is refused elsewhere"),
        pytest.param([*told({}), *refused(port="9999")], id="a port that the Service does not have"),
        pytest.param([server(ready=False), *refused()], id="no pod is ready: see ServiceNoEndpoints"),
        pytest.param([server(since=30), *refused()], id="the pods have just become ready"),
        pytest.param([*told({}), *refused(), POLICY], id="some plugins refuse what a policy blocks"),
    ],
)
def test_no_issue_of_pods_that_may_listen_there(cluster: list[KubeObject]) -> None:
    assert only(TYPE, service(), *cluster) == []
