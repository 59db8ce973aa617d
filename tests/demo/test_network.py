"""What probes of the demo find follows from its objects."""

from typing import Any

import msgspec
import pytest

from optral.demo.network import DemoNetwork
from optral.terms.probes import ProbeFailed, Reason


def pod(name: str, address: str, *, ready: bool = True, port: int = 8080) -> Any:
    return {
        "metadata": {"name": name, "namespace": "shop", "labels": {"app": name}},
        "spec": {"containers": [{"name": "app", "ports": [{"containerPort": port}]}]},
        "status": {"podIP": address, "conditions": [{"type": "Ready", "status": "True" if ready else "False"}]},
    }


def service(name: str, address: str, *, app: str = "", target: int = 8080) -> Any:
    spec = {"clusterIP": address, "selector": {"app": app or name}, "ports": [{"port": 80, "targetPort": target}]}
    return {"metadata": {"name": name, "namespace": "shop"}, "spec": spec}


OBJECTS = {
    "/api/v1/pods": [pod("web", "10.244.0.1"), pod("slow", "10.244.0.2", ready=False)],
    "/api/v1/services": [
        service("web", "10.96.0.1"),
        service("slow", "10.96.0.2"),
        service("typo", "10.96.0.3", app="wbe"),
        service("port", "10.96.0.4", app="web", target=9999),
    ],
}


async def read(path: str) -> bytes:
    return msgspec.json.encode({"items": OBJECTS[path]})


@pytest.mark.parametrize(
    ("address", "port", "is_open"),
    [
        ("10.244.0.1", 8080, True), ("10.244.0.1", 9999, False), ("10.244.0.2", 8080, False), ("10.244.0.9", 8080, False),
        ("10.96.0.1", 80, True), ("10.96.0.1", 81, False), ("10.96.0.2", 80, False), ("10.96.0.3", 80, False), ("10.96.0.4", 80, False),
    ],
)  # fmt: skip
async def test_who_accepts_connections(address: str, port: int, *, is_open: bool) -> None:
    network = DemoNetwork(read)
    if is_open:
        await network.connect(address, port)
        assert await network.request(address, port, name="", path="/", is_tls=False) == 200
    else:
        with pytest.raises(ProbeFailed) as failed:
            await network.connect(address, port)
        assert failed.value.reason is Reason.REFUSED


async def test_names_of_services_resolve() -> None:
    network = DemoNetwork(read)
    assert await network.resolve("web.shop.svc") == ["10.96.0.1"]
    with pytest.raises(ProbeFailed) as failed:
        await network.resolve("web.other.svc")
    assert failed.value.reason is Reason.NAME_NOT_FOUND
