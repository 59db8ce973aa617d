import pytest

from optral.kube.objects import KubeObject
from optral.terms.severity import Severity
from tests.detectors.build import at, event, only, when
from tests.detectors.network.things import service, written

TYPE = "LoadBalancerPending"
GIVEN = {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}


def balanced(name: str = "api", ago: float = 3600, **more: object) -> KubeObject:
    return service(name, ago=ago, type="LoadBalancer", **more)  # type: ignore[arg-type]


def test_failures_open_it_at_once() -> None:
    shown = balanced(ago=100)
    [finding] = only(TYPE, shown, event(shown, "SyncLoadBalancerFailed", "quota of addresses", ago=20, first=80, times=3))
    assert (finding.severity, finding.opens_at) == (Severity.HIGH, when(80))
    assert finding.title == "Service shop/api has no load balancer: quota of addresses"


def test_a_single_failure_does_not_open_it_at_once() -> None:
    shown = balanced(ago=100)
    [finding] = only(TYPE, shown, event(shown, "SyncLoadBalancerFailed", ago=20))
    assert finding.opens_at == when(100 - 300)


def test_if_no_service_has_an_address_it_is_low() -> None:
    [finding] = only(TYPE, balanced())
    assert (finding.severity, finding.opens_at) == (Severity.LOW, when(3300))
    assert finding.facts["othersHaveAddresses"] is False


def test_if_other_services_have_an_address_it_is_high() -> None:
    [finding] = only(TYPE, balanced(), balanced("web", told=GIVEN))
    assert finding.severity is Severity.HIGH


def test_it_counts_from_the_last_change() -> None:
    [finding] = only(TYPE, balanced(meta=written(60)))
    assert finding.since == when(60)


@pytest.mark.parametrize(
    "shown",
    [
        pytest.param(balanced(told=GIVEN), id="it has one"),
        pytest.param(service(type="NodePort"), id="it does not ask for one"),
        pytest.param(balanced(externalIPs=["192.0.2.9"]), id="it brings its own"),
        pytest.param(balanced(meta={"deletionTimestamp": at(9)}), id="it goes"),
    ],
)
def test_no_issue(shown: KubeObject) -> None:
    assert only(TYPE, shown) == []
