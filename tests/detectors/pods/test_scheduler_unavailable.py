import pytest

from optral.kube.objects import KubeObject
from optral.terms.severity import Severity
from tests.detectors.build import at, condition, found, make, only, pod, status, when

TYPE = "SchedulerUnavailable"


def ignored(*, ago: float = 90, spec: dict[str, object] | None = None, **more: object) -> KubeObject:
    given = {"phase": "Pending", "conditions": []} | more
    return pod(spec={"nodeName": "", "schedulerName": "default-scheduler"} | (spec or {}), ago=ago, **given)  # type: ignore[arg-type]


def lease(ago: float) -> KubeObject:
    return make("Lease.coordination.k8s.io", name="kube-scheduler", namespace="kube-system", spec={"renewTime": at(ago)})


def test_an_unhandled_pod_is_an_issue_of_the_cluster_after_a_minute() -> None:
    [finding] = found(ignored())
    assert (finding.type, str(finding.subject), finding.part) == (TYPE, "Cluster/cluster", "default-scheduler")
    assert (finding.severity, finding.opens_at) == (Severity.CRITICAL, when(30))


def test_all_ignored_pods_are_one_issue_and_another_scheduler_is_another() -> None:
    one, two = ignored(), ignored(namespace="bank")
    other = ignored(spec={"schedulerName": "my-scheduler"})
    assert {(finding.subject, finding.part) for finding in found(one, two)} == {(found(one)[0].subject, "default-scheduler")}
    assert found(other)[0].part == "my-scheduler"


@pytest.mark.parametrize(
    ("age", "renewed", "opens"),
    [
        pytest.param(90, 3600, 30, id="its Lease has run out"),
        pytest.param(90, 10, -50, id="its Lease is fresh: ask again when it would run out"),
        pytest.param(290, 10, -10, id="its Lease is fresh, but five minutes are enough"),
        pytest.param(20, 50, -40, id="its Lease expires within the minute"),
    ],
)
def test_a_fresh_lease_delays_it(age: float, renewed: float, opens: float) -> None:
    [finding] = only(TYPE, ignored(ago=age), lease(renewed))
    assert finding.opens_at == when(opens)


def test_the_lease_of_the_default_scheduler_does_not_cover_others() -> None:
    [finding] = only(TYPE, ignored(spec={"schedulerName": "my-scheduler"}), lease(10))
    assert (finding.opens_at, finding.severity) == (when(90 - 300), Severity.HIGH)


@pytest.mark.parametrize(
    "shown",
    [
        pytest.param(ignored(conditions=[condition("PodScheduled", "False", reason="Unschedulable")]), id="it was looked at"),
        pytest.param(ignored(conditions=[condition("PodScheduled")]), id="it was scheduled"),
        pytest.param(ignored(spec={"nodeName": "node-1"}), id="it has a node (a static pod, a DaemonSet of old)"),
        pytest.param(ignored(spec={"schedulingGates": [{"name": "example.com/hold"}]}), id="held back on purpose"),
        pytest.param(ignored(meta={"deletionTimestamp": at(9)}), id="being deleted"),
        pytest.param(pod(status()), id="it runs"),
    ],
)
def test_handled_pods_are_no_issue(shown: KubeObject) -> None:
    assert only(TYPE, shown) == []
