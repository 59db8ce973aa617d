import pytest

from optral import detectors
from optral.kube import owners
from optral.kube.objects import KubeObject
from optral.terms.severity import Severity
from tests.detectors.build import (
    NOON,
    at,
    condition,
    deployment,
    found,
    make,
    only,
    owned_by,
    pod,
    replica_set,
    status,
    terminated,
    view_of,
    when,
)

TYPE = "Evicted"
PRESSURE = (
    "The node was low on resource: memory. Threshold quantity: 100Mi, available: 12Mi. Container api was using 900Mi, request is 64Mi."
)
CONDITION = "The node had condition: [DiskPressure]. "
EMPTY_DIR = 'Usage of EmptyDir volume "cache" exceeds the limit "1Gi". '
EPHEMERAL = "Pod ephemeral local storage usage exceeds the total limit of containers 1Gi. "
LOCAL = 'Container api exceeded its local ephemeral storage limit "1Gi". '


def evicted(message: str = PRESSURE, *, ago: float = 60, **more: object) -> KubeObject:
    told = condition("DisruptionTarget", reason="TerminationByKubelet", ago=ago)
    given = {"pod_status": {"reason": TYPE, "message": message}, "conditions": [told]} | more
    return pod(phase="Failed", **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("message", "subject", "cause", "resource"),
    [
        (PRESSURE, "Node/node-1", "nodePressure", "MemoryPressure"),
        (CONDITION, "Node/node-1", "nodePressure", "DiskPressure"),
        ("The node was low on resource: inodes.", "Node/node-1", "nodePressure", "DiskPressure"),
        ("", "Node/node-1", "nodePressure", None),
        (EMPTY_DIR, "Pod/shop/api-5d4f9c-x1", "ownLimit", None),
        (EPHEMERAL, "Pod/shop/api-5d4f9c-x1", "ownLimit", None),
        (LOCAL, "Pod/shop/api-5d4f9c-x1", "ownLimit", None),
    ],
)
def test_pressure_is_an_issue_of_the_node_and_an_own_limit_one_of_the_workload(
    message: str, subject: str, cause: str, resource: str | None
) -> None:
    [finding] = found(evicted(message))
    assert (finding.type, str(finding.subject), finding.facts["cause"], finding.facts["resource"]) == (TYPE, subject, cause, resource)
    assert finding.since == finding.opens_at == when(60)


def test_the_volume_that_grew_too_large_is_named() -> None:
    [finding] = found(evicted(EMPTY_DIR))
    assert finding.facts["volume"] == "cache"


@pytest.mark.parametrize(
    ("available", "since", "ago", "expected"),
    [
        pytest.param(1, 3600, 86400, 1, id="its owner lacks pods, however old the tombstone"),
        pytest.param(2, 3600, 86400, 0, id="its owner has long been whole again"),
        pytest.param(2, 300, 86400, 1, id="its owner has been whole for five minutes"),
        pytest.param(2, 3600, 300, 1, id="evicted five minutes ago, its owner kept its count"),
    ],
)
def test_an_evicted_pod_counts_until_its_owner_has_had_all_pods_for_ten_minutes(
    available: int, since: float, ago: float, expected: int
) -> None:
    top = deployment(available=available, status={"conditions": [condition("Available", ago=since)]})
    between = replica_set(top)
    assert len(only(TYPE, evicted(ago=ago, owner=between), between, top)) == expected


def test_an_owner_that_lacks_pods_is_examined_every_ten_minutes() -> None:
    top = deployment(available=1)
    between = replica_set(top)
    [finding] = only(TYPE, evicted(ago=3000, owner=between), between, top)
    assert finding.expires_at == when(3000 - 6 * 600)


@pytest.mark.parametrize(("others", "expected"), [(1, Severity.MEDIUM), (2, Severity.HIGH)])
def test_three_within_an_hour_raise_the_severity(others: int, expected: Severity) -> None:
    more = [evicted(name=f"web-{n}", labels={"app": "web"}) for n in range(others)]
    assert {finding.severity for finding in found(evicted(), *more)} == {expected}
    old = [evicted(name=f"old-{n}", ago=9000) for n in range(9)]
    assert [finding.severity for finding in found(evicted(), *old) if finding.since == when(60)] == [Severity.MEDIUM]


def test_the_third_eviction_examines_the_others_again() -> None:
    shown, other, healthy = evicted(), evicted(name="web-1"), pod(status(), name="web-2")
    examined = detectors.examine(view_of(shown, other, healthy), [owners.ref(shown)], now=NOON).examined
    assert examined == {shown.uid, other.uid}


@pytest.mark.parametrize(
    "shown",
    [
        pytest.param(evicted(meta={"deletionTimestamp": at(9)}), id="being deleted"),
        pytest.param(pod(status(), conditions=[condition("DisruptionTarget", reason="EvictionByEvictionAPI")]), id="drained by the API"),
        pytest.param(evicted(pod_status={"reason": "Shutdown"}), id="its node was shut down in order"),
    ],
)
def test_other_ways_to_fail_are_not_evictions(shown: KubeObject) -> None:
    assert only(TYPE, shown) == []


def test_a_failed_run_that_a_later_one_repeated_resolves() -> None:
    job = make("Job.batch", name="report", status={"conditions": [condition("Complete")]})
    owner = {"ownerReferences": owned_by(job)}
    assert only(TYPE, evicted(meta=owner), job) == []
    assert len(only(TYPE, evicted(meta=owner))) == 1


def test_an_evicted_pod_is_no_restart_and_no_crash() -> None:
    ended = terminated(ago=60, code=137)
    shown = pod(status(state=ended, last=ended, restarts=9), phase="Failed", pod_status={"reason": TYPE, "message": PRESSURE})
    assert [finding.type for finding in found(shown)] == [TYPE]
