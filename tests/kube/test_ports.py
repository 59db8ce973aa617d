from typing import Any

import pytest

from optral.kube import objects, ports
from optral.kube.objects import Pod, Service

HTTP = {"name": "http", "port": 80, "targetPort": "web"}
ADMIN = {"name": "admin", "port": 81, "targetPort": 9090}


@pytest.mark.parametrize(
    ("of_service", "asked", "reached"),
    [
        pytest.param([HTTP, ADMIN], 81, 9090, id="a number"),
        pytest.param([HTTP, ADMIN], 80, 8080, id="a name that a container declares"),
        pytest.param([{"port": 80, "targetPort": "grpc"}], 80, None, id="a name that none declares"),
        pytest.param([{"port": 80}], 80, 80, id="no target: the same port"),
        pytest.param([HTTP], None, 8080, id="no port given, and a single one"),
        pytest.param([HTTP, ADMIN], None, None, id="no port given, and several"),
        pytest.param([HTTP], 5432, 5432, id="a port that the Service does not have"),
    ],
)
def test_where_a_port_of_a_service_leads(of_service: list[dict[str, Any]], asked: int | None, reached: int | None) -> None:
    service = objects.convert("Service", {"spec": {"ports": of_service}})
    pod = objects.convert("Pod", {"spec": {"containers": [{"name": "a", "ports": [{"name": "web", "containerPort": 8080}]}]}})
    assert isinstance(service, Service) and isinstance(pod, Pod)
    assert ports.target(service, asked, pod) == reached
