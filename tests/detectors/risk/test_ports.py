import pytest

from optral.kube.objects import KubeObject
from tests.detectors.build import container
from tests.detectors.risk.ask import where, workload


def at_port(name: str, number: int, **more: object) -> dict[str, object]:
    return container(name, ports=[{"containerPort": number} | more])


@pytest.mark.parametrize(
    ("kind", "shown", "names"),
    [
        ("DuplicatePortInPod", workload(at_port("api", 80), at_port("proxy", 80)), ["80/TCP (api, proxy)"]),
        ("DuplicatePortInPod", workload(at_port("api", 80), at_port("proxy", 80, protocol="UDP")), []),
        ("DuplicatePortInPod", workload(at_port("api", 80), spec={"initContainers": [at_port("setup", 80)]}), []),
        ("HostPort", workload(at_port("api", 80, hostPort=8080)), ["api: 8080"]),
        ("HostPort", workload(at_port("api", 80, hostPort=80), spec={"hostNetwork": True}), []),
        ("HostPort", workload(at_port("api", 80)), []),
    ],
)
def test_ports(kind: str, shown: KubeObject, names: list[str]) -> None:
    assert where(kind, shown) == names
