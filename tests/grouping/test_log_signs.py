"""Workloads that are ready and keep logging that a server fails: the agent reports the lines, and the issue of the server is the root."""

from dataclasses import replace
from datetime import timedelta

import pytest

from optral import detectors
from optral.grouping import model
from optral.grouping.model import Failure
from optral.kube.objects import KubeObject
from optral.terms.refs import ObjectRef
from tests.detectors import build
from tests.detectors.pods.test_log_failures import logs, sign
from tests.grouping.graphs import arranged, failing, roots

REFUSED = "dial tcp: connect to db:5432: connection refused"
OUTSIDE = "dial tcp 10.20.0.4:5432: connect: connection refused"


def caller(name: str, line: str, *, since: float = -600, sign_name: str = "dependency") -> list[KubeObject]:
    owner = build.deployment(name, spec={"template": {"metadata": {"labels": {"app": name}}, "spec": {"containers": [{"name": "api"}]}}})
    between = build.replica_set(owner)
    runs = build.pod(build.status(state=build.running(), ready=True), name=f"{name}-1", owner=between)
    return [owner, between, runs, logs(runs, sign(sign_name, line, since=since))]


def database(*, crashes: bool) -> list[KubeObject]:
    owner = build.deployment("db", spec={"template": {"metadata": {"labels": {"app": "db"}}}})
    between = build.replica_set(owner)
    status = (
        build.status(state=build.waiting("CrashLoopBackOff"), last=build.terminated(ago=290), restarts=9)
        if crashes
        else build.status(state=build.running(), ready=True)
    )
    service = build.make("Service", name="db", spec={"selector": {"app": "db"}, "ports": [{"port": 5432}]})
    return [service, owner, between, build.pod(status, name="db-1", owner=between, labels={"app": "db"})]


def failures(*objects: KubeObject) -> list[Failure]:
    return model.of_findings(detectors.examine_all(build.view_of(*objects), now=build.NOON).findings, "cls_x")


def test_callers_hang_on_the_issue_of_the_server_that_they_name() -> None:
    objects = [*database(crashes=True), *(one for name in ("cart", "mail", "shop") for one in caller(name, REFUSED, since=-300))]
    found = failures(*objects)
    by_key = {one.key: one for one in found}
    parents = {by_key[key].subject.name: by_key[link.key] for key, link in arranged(found, *objects).parent_of.items()}
    for name in ("cart", "mail", "shop"):
        assert parents[name].subject.name == "db", name


@pytest.mark.parametrize("line", [OUTSIDE, REFUSED])
def test_callers_of_one_server_without_an_issue_are_one_issue(line: str) -> None:
    objects = [*database(crashes=False), *(one for name in ("cart", "mail", "shop") for one in caller(name, line))]
    found = [one for one in failures(*objects) if one.type == "DependencyUnreachable"]
    assert len(found) == 3
    assert len(roots(found, *objects)) == 1


def shop_and_store(line: str, **spec: object) -> list[KubeObject]:
    """A workload that is ready, calls Service store by its name, and logs this; and the store, which is healthy."""
    box = {"name": "api", "env": [{"name": "STORE_ADDR", "value": "store:80"}]}
    template = {"metadata": {"labels": {"app": "shop"}}, "spec": {"containers": [box]} | spec}
    owner = build.deployment("shop", spec={"template": template})
    ready = [build.condition("Ready", ago=9000)]
    shop = build.pod(build.status(), name="shop-1", owner=owner, labels={"app": "shop"}, conditions=ready)
    service = build.make("Service", name="store", spec={"selector": {"app": "store"}, "ports": [{"port": 80, "targetPort": 8080}]})
    store = build.pod(build.status(), name="store-1", labels={"app": "store"}, conditions=ready)
    return [owner, shop, logs(shop, sign("dependency", line, since=-300, host="store", port="80")), service, store]


ADMITS = {"podSelector": {"matchLabels": {"app": "store"}}, "ingress": [{"from": [{"podSelector": {"matchLabels": {"role": "client"}}}]}]}


@pytest.mark.parametrize(
    ("line", "spec", "beside", "root"),
    [
        pytest.param("lookup store: no such host", {"dnsPolicy": "Default"}, [], "ServiceNameUnresolvable/shop", id="its DNS settings"),
        pytest.param("dial tcp store:80: connection refused", {}, [], "ServiceTargetPortMismatch/store", id="the port of the Service"),
        pytest.param(
            "dial tcp store:80: i/o timeout",
            {},
            [build.make("NetworkPolicy.networking.k8s.io", name="store-in", spec=ADMITS)],
            "NetworkPolicyBlocks/store-in",
            id="a policy that omits it",
        ),
    ],
)
def test_a_caller_hangs_on_what_keeps_it_from_a_healthy_server(
    line: str, spec: dict[str, object], beside: list[KubeObject], root: str
) -> None:
    objects = [*shop_and_store(line, **spec), *beside]
    found = failures(*objects)
    assert "DependencyUnreachable" in {one.type for one in found}
    by_key = {one.key: f"{one.type}/{one.subject.name}" for one in found}
    assert [by_key[key] for key in roots(found, *objects)] == [root]


def test_a_denied_list_hangs_on_the_issue_of_the_permission() -> None:
    line = 'pods is forbidden: User "system:serviceaccount:shop:default" cannot list resource "pods" in the namespace "shop"'
    objects = caller("shop", line, sign_name="rights")
    [denied] = [one for one in failures(*objects) if one.type == "KubernetesAccessDenied"]
    role = failing("RBACForbidden", ObjectRef("ServiceAccount", "shop", "default"), asks=str(denied.subject), ago=900)
    assert arranged([denied, role], *objects).parent_of[denied.key].key == role.key


EXPIRED = 'Get "https://store.shop.svc/": x509: certificate has expired or is not yet valid'


def server_with_certificate(*, ends_s: float, secret: str = "store-tls") -> list[KubeObject]:
    """A Service whose pods mount a Secret of cert-manager, the renewal of which is overdue."""
    volume = {"name": "tls", "secret": {"secretName": secret}}
    template = {"metadata": {"labels": {"app": "store"}}, "spec": {"containers": [{"name": "api"}], "volumes": [volume]}}
    end, due = (build.NOON + timedelta(seconds=ends_s)).isoformat(), (build.NOON - timedelta(days=10)).isoformat()
    issued = build.make(
        "Certificate.cert-manager.io", name="store", spec={"secretName": "store-tls"}, status={"notAfter": end, "renewalTime": due}
    )
    service = build.make("Service", name="store", spec={"selector": {"app": "store"}, "ports": [{"port": 443}]})
    return [service, build.deployment("store", spec={"template": template}), issued]


@pytest.mark.parametrize(
    ("line", "server", "hangs"),
    [
        pytest.param(EXPIRED, server_with_certificate(ends_s=-900), True, id="expired before the first line"),
        pytest.param(EXPIRED, server_with_certificate(ends_s=86_400), False, id="not expired yet"),
        pytest.param(EXPIRED, server_with_certificate(ends_s=-900, secret="other"), False, id="another Secret is mounted"),
        pytest.param(EXPIRED.replace("store", "cart"), server_with_certificate(ends_s=-900), False, id="another host"),
        pytest.param(
            'Get "https://store.shop.svc/": x509: certificate signed by unknown authority',
            server_with_certificate(ends_s=-900),
            False,
            id="the CA is what is refused",
        ),
    ],
)
def test_a_refused_certificate_hangs_on_the_issue_of_the_expired_one(line: str, server: list[KubeObject], hangs: bool) -> None:
    objects = [*caller("mail", line, sign_name="certificate"), *server]
    found = failures(*objects)
    [refused] = [one for one in found if one.type == "CertificateRejected"]
    parent = arranged(found, *objects).parent_of.get(refused.key)
    expiring = next(one.key for one in found if one.type == "CertificateExpiring")
    assert (parent is not None and parent.key == expiring) is hangs


def test_without_a_report_nothing_joins_them() -> None:
    objects = [*database(crashes=False), *(one for name in ("cart", "mail", "shop") for one in caller(name, OUTSIDE))]
    found = [one for one in failures(*objects) if one.type == "DependencyUnreachable"]
    silent = [one for one in objects if one.kind != "LogSigns.logs.optral.io"]
    assert len(roots(found, *silent)) == 3


@pytest.mark.parametrize(("line", "is_one"), [("dial tcp: lookup db on 10.96.0.10:53: i/o timeout", True), (OUTSIDE, False)])
def test_containers_of_one_pod_that_resolve_nothing_are_one_issue(line: str, is_one: bool) -> None:
    """The pod's DNS settings are the same for all of its containers."""
    crashes = build.status("main", state=build.waiting("CrashLoopBackOff"), last=build.terminated(ago=290), restarts=9)
    one = build.pod(crashes, build.status(), containers=[build.container("main"), build.container()])
    objects = [one, logs(one, sign("dependency", line))]
    found = [replace(each, log_lines=(line,)) if each.type == "CrashLoopBackOff" else each for each in failures(*objects)]
    assert {each.type for each in found} >= {"CrashLoopBackOff", "DependencyUnreachable"}
    by_key = {each.key: each for each in found}
    parents = {by_key[key].type: by_key[link.key].type for key, link in arranged(found, *objects).parent_of.items()}
    assert (parents.get("DependencyUnreachable") == "CrashLoopBackOff") is is_one
