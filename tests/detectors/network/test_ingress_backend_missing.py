from typing import Any

import pytest

from optral import detectors
from optral.kube import owners
from optral.kube.objects import KubeObject
from optral.terms.severity import Severity
from tests.detectors.build import NOON, at, make, only, view_of, when
from tests.detectors.network.things import service, written
from tests.kube.test_view import delete

TYPE = "IngressBackendMissing"


def ingress(*backends: dict[str, Any], default: dict[str, Any] | None = None, meta: dict[str, Any] | None = None) -> KubeObject:
    rules = [{"host": "shop.example", "http": {"paths": [{"path": "/", "backend": one} for one in backends]}}]
    spec = {"rules": rules} | ({"defaultBackend": default} if default else {})
    return make("Ingress.networking.k8s.io", name="web", meta=meta, spec=spec)


def to(name: str, /, **port: Any) -> dict[str, Any]:
    return {"service": {"name": name, "port": port or {"number": 80}}}


def test_a_service_that_does_not_exist() -> None:
    [finding] = only(TYPE, ingress(to("apii"), to("api"), meta=written(100)), service())
    assert (finding.severity, finding.since, finding.opens_at) == (Severity.HIGH, when(100), when(40))
    assert finding.title == "Ingress shop/web routes to Service apii, which does not exist"
    assert (finding.facts["missing"], finding.facts["backends"]) == ([{"service": "apii", "port": None, "nearest": "api"}], 2)


@pytest.mark.parametrize("port", [{"number": 8080}, {"name": "web"}])
def test_a_port_that_does_not_exist(port: dict[str, Any]) -> None:
    [finding] = only(TYPE, ingress(to("api", **port)), service())
    assert finding.title == f"Ingress shop/web routes to port {next(iter(port.values()))} of Service api, which has only 80"


def test_the_default_backend_counts_too() -> None:
    assert len(only(TYPE, ingress(default=to("gone")), service())) == 1


def test_a_deleted_service_counts_from_its_deletion() -> None:
    gone = service()
    base = view_of(ingress(to("api")), gone)
    overlay = base.with_changes([delete(gone)])
    [finding] = [f for f in detectors.examine(overlay, [owners.ref(gone)], now=NOON).findings if f.type == TYPE]
    assert (finding.since, finding.opens_at) == (NOON, when(-60))


@pytest.mark.parametrize(
    "things",
    [
        pytest.param([ingress(to("api")), service()], id="it is there"),
        pytest.param([ingress(to("api", name="web")), service("api", {"name": "web", "port": 80})], id="by the name of its port"),
        pytest.param([ingress({"resource": {"kind": "Bucket", "name": "x"}})], id="no Service at all"),
        pytest.param([ingress(to("redirect", name="use-annotation"))], id="a word for an action"),
        pytest.param([ingress(to("out", number=443)), service("out", type="ExternalName", ports=[])], id="external"),
        pytest.param([ingress(to("gone"), meta={"deletionTimestamp": at(3)})], id="it goes"),
    ],
)
def test_no_issue(things: list[KubeObject]) -> None:
    assert only(TYPE, *things) == []
