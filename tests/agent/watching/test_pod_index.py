"""Who is known by which name: followed through watches, inventories and replacements."""

import pytest

from optral.agent.watching.pod_index import PodIndex
from optral.kube.kinds import BY_ID
from optral.kubeapi.reflector import RawObject
from tests.agent.prometheus import known
from tests.agent.prometheus.known import HASH

POD = BY_ID["Pod"]


@pytest.fixture
def pod_index() -> PodIndex:
    pod_index = PodIndex()
    known.deployment(pod_index, "web", "aaaaa", "bbbbb")
    return pod_index


def test_the_workload_of_a_pod_is_the_owner_of_its_replica_set(pod_index: PodIndex) -> None:
    pod = pod_index.named("shop", f"web-{HASH}-aaaaa")
    assert pod is not None
    workload = pod_index.workload_of(pod)
    assert workload is not None
    assert (workload.kind, workload.name, workload.uid) == ("Deployment", "web", "web-uid")
    assert {one.name[-5:] for one in pod_index.pods_of("web-uid")} == {"aaaaa", "bbbbb"}


def test_a_pod_that_takes_the_name_of_another_one_is_the_one_that_is_meant(pod_index: PodIndex) -> None:
    above = known.owner("StatefulSet", "db", "db-uid")
    known.pod(pod_index, "db-0", uid="first", owner=above)
    known.pod(pod_index, "db-0", uid="second", owner=above)
    pod_index.delete(POD, RawObject("first", "shop", "db-0", "2", b""))
    pod = pod_index.named("shop", "db-0")
    assert pod is not None
    assert pod.uid == "second"
    assert pod_index.by_uid("first") is None


def test_what_an_inventory_does_not_name_is_gone(pod_index: PodIndex) -> None:
    pod_index.begin(POD)
    known.deployment(pod_index, "web", "bbbbb")
    pod_index.end(POD)
    assert [pod.name[-5:] for pod in pod_index.running()] == ["bbbbb"]


def test_a_service_of_two_workloads_belongs_to_none(pod_index: PodIndex) -> None:
    known.deployment(pod_index, "api", "ccccc")
    known.service(pod_index, "both", {"pod-template-hash": HASH})
    known.service(pod_index, "web", {"app": "web"})
    web = pod_index.behind("shop", "web")
    assert web is not None
    assert web.name == "web"
    assert pod_index.behind("shop", "both") is None
    assert pod_index.behind("shop", "missing") is None


def test_what_cannot_be_read_is_left_out(pod_index: PodIndex) -> None:
    pod_index.upsert(POD, RawObject("x", "shop", "x", "1", b'{"metadata": 7}'))
    assert pod_index.by_uid("x") is None
