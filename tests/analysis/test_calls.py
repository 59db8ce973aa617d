"""Which Service a host means: the same for detectors and for explanations."""

import pytest

from optral.analysis import calls
from optral.analysis.case import Case
from optral.kube import addresses
from tests.analysis.cluster import World, pod, thing

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
    world = World([pod(), *(thing("v1", "Service", name, namespace=namespace) for namespace, name in SERVICES)])
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
