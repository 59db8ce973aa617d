import pytest

from optral.kube.objects import KubeObject
from tests.detectors.build import condition, event, only, pod, status, waiting, when

TYPE = "FailedMount"
SECRET = 'MountVolume.SetUp failed for volume "certs" : secret "tls" not found'


def creating(ago: float = 300, **more: object) -> KubeObject:
    return pod(status(state=waiting("ContainerCreating")), phase="Pending", ago=ago, **more)  # type: ignore[arg-type]


def test_two_recent_events_of_a_waiting_pod_are_an_issue_after_a_minute() -> None:
    shown = creating()
    [finding] = only(TYPE, shown, event(shown, "FailedMount", SECRET, ago=20, first=100, times=5))
    assert (finding.since, finding.opens_at, finding.expires_at) == (when(100), when(40), when(20 - 600))
    assert finding.facts["volumes"] == ["certs"]
    assert finding.facts["missingName"] == "tls"
    assert finding.part is None


@pytest.mark.parametrize(
    ("message", "times", "ago"),
    [
        pytest.param(SECRET, 1, 20, id="one event may be a bad moment"),
        pytest.param(SECRET, 5, 700, id="no longer recent"),
        pytest.param('MountVolume.SetUp failed for volume "kube-api-access-x1" : timed out', 5, 20, id="the token at boot"),
        pytest.param(
            'MountVolume.SetUp failed for volume "kube-root-ca.crt" : configmap "kube-root-ca.crt" not found', 5, 20, id="CA bundle"
        ),
    ],
)
def test_noise_is_no_issue(message: str, times: int, ago: float) -> None:
    shown = creating()
    assert only(TYPE, shown, event(shown, "FailedMount", message, ago=ago, first=ago + 60, times=times)) == []


def test_a_pod_that_has_its_volumes_is_well_whatever_events_are_left() -> None:
    for shown in (creating(conditions=[condition("PodReadyToStartContainers")]), pod(status())):
        assert only(TYPE, shown, event(shown, "FailedMount", SECRET, times=9)) == []


def test_unmounted_volumes_are_named_too() -> None:
    shown = creating()
    said = "Unable to attach or mount volumes: unmounted volumes=[data certs], unattached volumes=[]: timed out waiting for the condition"
    [finding] = only(TYPE, shown, event(shown, "FailedMount", said, times=2))
    assert finding.facts["volumes"] == ["data", "certs"]
