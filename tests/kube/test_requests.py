from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from optral.analysis.reading.snapshot import reservation
from optral.grouping.failure_index import FailureIndex
from optral.kube import objects, placement, requests
from optral.kube.objects import Pod
from tests.detectors.build import container, make, pod, tuned, view_of

Json = dict[str, Any]


def box(cpu: str, memory: str = "0", **more: Any) -> Json:
    return {"name": "a", "resources": {"requests": {"cpu": cpu, "memory": memory}}} | more


def sidecar(cpu: str) -> Json:
    return box(cpu, restartPolicy="Always")


@pytest.mark.parametrize(
    ("spec", "cpu"),
    [
        pytest.param({}, 0, id="nothing"),
        pytest.param({"containers": [box("1"), box("250m")]}, 1250, id="containers run together"),
        pytest.param({"containers": [box("1")], "initContainers": [box("3"), box("2")]}, 3000, id="init containers run one by one"),
        pytest.param({"containers": [box("3")], "initContainers": [sidecar("3")]}, 6000, id="a native sidecar stays"),
        pytest.param({"containers": [box("1")], "initContainers": [sidecar("2"), box("3")]}, 5000, id="an init container after a sidecar"),
        pytest.param({"containers": [box("1")], "initContainers": [box("3"), sidecar("2")]}, 3000, id="an init container before it"),
        pytest.param({"containers": [box("1")], "overhead": {"cpu": "250m"}}, 1250, id="the overhead of a runtime class"),
        pytest.param({"containers": [box("1")], "resources": {"requests": {"cpu": "4"}}}, 4000, id="pod-level requests replace the sum"),
        pytest.param(
            {"containers": [box("1")], "resources": {"requests": {"memory": "1Gi"}}}, 1000, id="pod-level requests of another resource"
        ),
        pytest.param({"containers": [box("1"), box("1 core")]}, 1000, id="what cannot be read is 0"),
    ],
)
def test_what_a_pod_requests(spec: Json, cpu: int) -> None:
    typed = objects.convert("Pod", {"spec": spec})
    assert isinstance(typed, Pod)
    assert requests.of(typed.spec).get("cpu", 0) == cpu
    assert requests.of(placement.scheduling(spec)) == requests.of(typed.spec), "detectors and analysis disagree"
    raw = msgspec.json.encode({"spec": spec | {"nodeName": "n"}, "status": {"phase": "Running"}})
    reserved = reservation(raw)
    assert reserved is not None and reserved.requests == requests.of(typed.spec), "a reservation disagrees"


def test_every_pod_takes_one_of_the_nodes_pods() -> None:
    assert requests.of(placement.scheduling({})) == {"pods": 1}


def node(name: str, cpu: str = "4") -> Any:
    return make("Node", name=name, namespace=None, status={"allocatable": {"cpu": cpu, "memory": "64Gi", "pods": "110"}})


def test_grouping_and_detectors_count_native_sidecars() -> None:
    """3 + 3 cores: too much for every node of 4, and more than what is left when one of two is lost."""
    large = container(resources={"requests": {"cpu": "3"}})
    beside = container("proxy", resources={"requests": {"cpu": "3"}}, restartPolicy="Always")
    of = pod(containers=[large], init=[beside], spec={"nodeName": "n1"})
    assert isinstance(of, Pod)
    scene = FailureIndex([], view_of(node("n1"), of), now=datetime(2026, 3, 1, tzinfo=UTC))
    assert scene.exceeds_every_node(of, "cpu")
    assert [one.part for one in tuned("ClusterOvercommit", node("n1"), node("n2"), of)] == ["cpu"]


@pytest.mark.parametrize("phase", ["Succeeded", "Failed"])
def test_a_pod_that_has_finished_books_nothing(phase: str) -> None:
    assert reservation(msgspec.json.encode({"spec": {"nodeName": "n"}, "status": {"phase": phase}})) is None


def test_a_reservation_survives_fields_of_a_wrong_shape() -> None:
    raw = b'{"spec":{"nodeName":"n","tolerations":null,"containers":[{"ports":[{"hostPort":80}],"resources":{"requests":{"cpu":"1"}}}]}}'
    found = reservation(raw)
    assert found is not None
    assert (found.node, found.requests, found.host_ports) == ("n", {"cpu": 1000, "pods": 1}, frozenset({80}))
