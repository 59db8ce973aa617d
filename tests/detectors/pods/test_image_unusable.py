import pytest

from optral.kube.objects import KubeObject
from optral.terms.severity import Severity
from tests.detectors.build import NOON, at, condition, deployment, event, found, pod, replica_set, status, waiting, when

REASONS = ("InvalidImageName", "ErrImageNeverPull", "ImageInspectError")


def waits(reason: str, **more: object) -> KubeObject:
    return pod(status(state=waiting(reason, "told why")), phase="Pending", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("reason", REASONS)
def test_the_waiting_reason_is_the_type_and_opens_at_once(reason: str) -> None:
    [finding] = found(waits(reason, ago=40))
    assert (finding.type, finding.part, finding.opens_at, finding.expires_at) == (reason, "api", when(40), None)
    assert finding.opens_at <= NOON
    assert "registry.example/api:1" in finding.title
    assert finding.facts["message"] == "told why"


@pytest.mark.parametrize("reason", REASONS)
@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"meta": {"deletionTimestamp": at(9)}}, id="being deleted"),
        pytest.param({"conditions": [condition("DisruptionTarget", reason="EvictionByEvictionAPI")]}, id="drained"),
    ],
)
def test_pods_that_are_being_removed_are_no_issue(reason: str, more: dict[str, object]) -> None:
    assert found(waits(reason, **more)) == []


def test_a_superseded_revision_is_no_issue() -> None:
    top = deployment()
    old = replica_set(top, name="api-old", revision=1, replicas=0, status={"replicas": 1})
    new = replica_set(top, name="api-new", revision=2)
    assert found(waits("InvalidImageName", owner=old), old, new, top) == []


def test_no_replica_left_makes_it_high() -> None:
    top = deployment(available=0)
    between = replica_set(top)
    findings = [finding for finding in found(waits("ErrImageNeverPull", owner=between), between, top) if finding.type in REASONS]
    assert [finding.severity for finding in findings] == [Severity.HIGH]


def test_the_first_event_shows_since_when() -> None:
    shown = waits("InvalidImageName", ago=900)
    said = event(shown, "Failed", "Error: InvalidImageName", ago=10, first=60, times=5, container="api")
    [finding] = [finding for finding in found(shown, said) if finding.type in REASONS]
    assert finding.since == when(60)


def test_only_a_runtime_that_cannot_inspect_an_image_may_be_a_failure_of_the_node() -> None:
    by_type = {finding.type: finding for reason in REASONS for finding in found(waits(reason))}
    assert [bool(by_type[reason].suspects) for reason in REASONS] == [False, False, True]
