import pytest

from optral.kube.objects import KubeObject
from optral.terms.severity import Severity
from tests.detectors.build import at, condition, container, event, found, make, only, pod, running, status, terminated, tuned, waiting, when

TYPE = "FrequentRestarts"
DAY = 86400


def restarted(*, restarts: int = 3, age: float = 3600, ago: float = 300, ran: float = 900, **more: object) -> KubeObject:
    given = {"state": running(ago), "last": terminated(ago=ago, ran=ran, ident="containerd://e3"), "restarts": restarts} | more
    return pod(status(**given), ago=age, conditions=[condition("Ready")])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        pytest.param(restarted(), "3 in an hour", id="three in the pod's one hour of life"),
        pytest.param(restarted(restarts=5, age=20 * 3600, ran=4 * 3600), "5 in a day", id="five in its one day of life"),
        pytest.param(restarted(restarts=90, age=DAY, ran=900), "3 in an hour", id="ninety in a day, a quarter of an hour each"),
        pytest.param(restarted(restarts=60, age=10 * DAY, ran=3 * 3600), "5 in a day", id="six a day for ten days"),
        pytest.param(restarted(restarts=2), None, id="two are not three"),
        pytest.param(restarted(restarts=99, age=90 * DAY), None, id="about one a day for three months, as reboots leave"),
        pytest.param(restarted(restarts=99, age=10 * DAY, ran=6 * 3600), None, id="many once, but the last run was long"),
        pytest.param(restarted(ran=300), None, id="short runs are a crash loop"),
        pytest.param(restarted(ago=3700, age=7200), None, id="none for an hour"),
        pytest.param(restarted(state=waiting("CrashLoopBackOff")), None, id="in back-off"),
    ],
)
def test_three_in_an_hour_or_five_in_a_day_must_be_proven(shown: KubeObject, expected: str | None) -> None:
    assert [finding.facts["atLeast"] for finding in only(TYPE, shown)] == ([expected] if expected else [])


def test_it_is_true_for_an_hour_and_each_restart_counts_once() -> None:
    [finding] = found(restarted())
    assert (finding.type, finding.part, finding.severity) == (TYPE, "api", Severity.MEDIUM)
    assert (finding.since, finding.expires_at, finding.occurrence) == (when(300), when(300 - 3600), "containerd://e3")


def test_its_events_prove_what_the_lifetime_count_does_not() -> None:
    shown = restarted(restarts=40, age=90 * DAY)
    assert [f.type for f in found(shown, event(shown, "Started", "Started container api", first=3000, times=3, container="api"))] == [TYPE]
    assert found(shown, event(shown, "Started", "Started container api", first=DAY * 9, times=40, container="api")) == []
    assert found(shown, event(shown, "Started", "Started container b", first=3000, times=3, container="b")) == []


def test_a_rebooted_node_restarts_every_container_at_once() -> None:
    shown = restarted()
    node = make("Node", name="node-1", namespace=None)
    rebooted = {"kind": "Node", "name": "node-1", "uid": "node-1"}
    assert found(shown, event(shown, "SandboxChanged", "Pod sandbox changed", ago=400)) == []
    assert found(shown, node, make("Event", name="n.1", involvedObject=rebooted, reason="Rebooted", lastTimestamp=at(400))) == []


@pytest.mark.parametrize(
    ("last", "more"),
    [
        pytest.param({"reason": "OOMKilled", "code": 137}, [], id="memory"),
        pytest.param({"reason": "ContainerStatusUnknown", "code": 137}, [], id="the node lost sight of it"),
    ],
)
def test_other_types_report_their_own_restarts(last: dict[str, object], more: list[KubeObject]) -> None:
    assert only(TYPE, restarted(last=terminated(ago=300, ran=900, **last)), *more) == []  # type: ignore[arg-type]


def test_kills_by_a_probe_and_init_containers_do_not_count() -> None:
    shown = restarted()
    killed = event(shown, "Killing", "Container api failed liveness probe, will be restarted", ago=300, container="api")
    assert only(TYPE, shown, killed) == []
    init = status("i", last=terminated(ago=300, ran=900), restarts=4)
    assert only(TYPE, pod(status(), init=[container("i")], init_statuses=[init])) == []


def test_pods_that_are_being_removed_are_no_issue() -> None:
    last = terminated(ago=300, ran=900)
    for more in ({"meta": {"deletionTimestamp": at(9)}}, {"conditions": [condition("DisruptionTarget")]}):
        assert found(pod(status(last=last, restarts=3), **more)) == []  # type: ignore[arg-type]


def test_its_thresholds_can_be_set() -> None:
    shown = restarted(restarts=4)
    assert tuned(TYPE, shown, restartsPerHour=5) == []
    [finding] = tuned(TYPE, shown, restartsPerHour=5, restartsPerDay=4)
    assert finding.facts["atLeast"] == "4 in a day"
    assert finding.facts["longRunSeconds"] == 600
    assert tuned(TYPE, shown, longRunSeconds=1000) == []
    [finding] = tuned(TYPE, shown, longRunSeconds=800)
    assert finding.facts["longRunSeconds"] == 800
