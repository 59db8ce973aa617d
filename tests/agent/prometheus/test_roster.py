"""Who is known by which name: followed through watches, inventories and replacements."""

import pytest

from optral.agent.prometheus.roster import Roster
from optral.kube.kinds import BY_ID
from optral.kubeapi.reflector import Seen
from tests.agent.prometheus import known
from tests.agent.prometheus.known import HASH

POD = BY_ID["Pod"]


@pytest.fixture
def roster() -> Roster:
    roster = Roster()
    known.deployment(roster, "web", "aaaaa", "bbbbb")
    return roster


def test_the_workload_of_a_pod_is_the_owner_of_its_replica_set(roster: Roster) -> None:
    pod = roster.named("shop", f"web-{HASH}-aaaaa")
    assert pod is not None
    workload = roster.workload_of(pod)
    assert workload is not None
    assert (workload.kind, workload.name, workload.uid) == ("Deployment", "web", "web-uid")
    assert {one.name[-5:] for one in roster.pods_of("web-uid")} == {"aaaaa", "bbbbb"}


def test_a_pod_that_takes_the_name_of_another_one_is_the_one_that_is_meant(roster: Roster) -> None:
    above = known.owner("StatefulSet", "db", "db-uid")
    known.pod(roster, "db-0", uid="first", owner=above)
    known.pod(roster, "db-0", uid="second", owner=above)
    roster.delete(POD, Seen("first", "shop", "db-0", "2", b""))
    pod = roster.named("shop", "db-0")
    assert pod is not None
    assert pod.uid == "second"
    assert roster.by_uid("first") is None


def test_what_an_inventory_does_not_name_is_gone(roster: Roster) -> None:
    roster.begin(POD)
    known.deployment(roster, "web", "bbbbb")
    roster.end(POD)
    assert [pod.name[-5:] for pod in roster.running()] == ["bbbbb"]


def test_a_service_of_two_workloads_belongs_to_none(roster: Roster) -> None:
    known.deployment(roster, "api", "ccccc")
    known.service(roster, "both", {"pod-template-hash": HASH})
    known.service(roster, "web", {"app": "web"})
    web = roster.behind("shop", "web")
    assert web is not None
    assert web.name == "web"
    assert roster.behind("shop", "both") is None
    assert roster.behind("shop", "missing") is None


def test_what_cannot_be_read_is_left_out(roster: Roster) -> None:
    roster.upsert(POD, Seen("x", "shop", "x", "1", b'{"metadata": 7}'))
    assert roster.by_uid("x") is None
