from typing import Any

import pytest

from optral.kube.objects import KubeObject
from tests.detectors.build import at, make, only, when

TYPE = "IngressClassMissing"
SERVED = {"loadBalancer": {"ingress": [{"hostname": "lb.example"}]}}


def ingress(name: str | None = None, *, told: dict[str, Any] | None = None, **meta: Any) -> KubeObject:
    spec = {"ingressClassName": name} if name else {}
    return make("Ingress.networking.k8s.io", name="web", ago=600, meta=meta, spec=spec, status=told or {})


def ingress_class(name: str, *, default: bool = False) -> KubeObject:
    meta = {"annotations": {"ingressclass.kubernetes.io/is-default-class": str(default).lower()}}
    return make("IngressClass.networking.k8s.io", name=name, namespace=None, meta=meta)


def test_a_class_that_does_not_exist() -> None:
    [finding] = only(TYPE, ingress("ngnix"), ingress_class("nginx"))
    assert (finding.facts["case"], finding.facts["nearest"], finding.opens_at) == ("classMissing", "nginx", when(540))
    assert finding.title == "Ingress shop/web is not served: IngressClass ngnix does not exist"


def test_the_older_annotation_counts() -> None:
    [finding] = only(TYPE, ingress(annotations={"kubernetes.io/ingress.class": "traefik"}))
    assert finding.facts["class"] == "traefik"


def test_no_class_and_no_default() -> None:
    [finding] = only(TYPE, ingress(), ingress_class("nginx"))
    assert (finding.facts["case"], finding.opens_at) == ("noDefault", when(420))


@pytest.mark.parametrize(
    "things",
    [
        pytest.param([ingress("nginx"), ingress_class("nginx")], id="it exists"),
        pytest.param([ingress(), ingress_class("nginx", default=True)], id="the default"),
        pytest.param([ingress("gce")], id="served by the cloud without an object"),
        pytest.param([ingress("old", told=SERVED)], id="it has an address, so somebody serves it"),
        pytest.param([ingress(told=SERVED)], id="served without a class"),
        pytest.param([ingress("gone", deletionTimestamp=at(5))], id="it goes"),
    ],
)
def test_no_issue(things: list[KubeObject]) -> None:
    assert only(TYPE, *things) == []
