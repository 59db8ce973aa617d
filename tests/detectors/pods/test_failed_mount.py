import pytest

from optral.kube.objects import KubeObject
from tests.detectors.build import (
    condition,
    container,
    deployment,
    event,
    found,
    make,
    only,
    pod,
    replica_set,
    status,
    terminated,
    waiting,
    when,
)

TYPE = "FailedMount"
SECRET = 'MountVolume.SetUp failed for volume "certs" : secret "tls" not found'


def creating(ago: float = 300, **more: object) -> KubeObject:
    return pod(status(state=waiting("ContainerCreating")), phase="Pending", ago=ago, **more)  # type: ignore[arg-type]


def test_two_recent_events_of_a_waiting_pod_are_an_issue_after_a_minute() -> None:
    shown = creating()
    [finding] = only(TYPE, shown, event(shown, "FailedMount", SECRET, ago=20, first=100, times=5))
    assert (finding.since, finding.opens_at, finding.expires_at) == (when(100), when(40), when(20 - 600))
    assert finding.facts["missingName"] == "tls"
    assert finding.part == "certs"
    assert finding.title.endswith("Secret tls does not exist")


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


def test_a_pod_with_its_volumes_is_no_issue_whatever_events_are_left() -> None:
    for shown in (creating(conditions=[condition("PodReadyToStartContainers")]), pod(status())):
        assert only(TYPE, shown, event(shown, "FailedMount", SECRET, times=9)) == []


def test_unmounted_volumes_are_named_too() -> None:
    shown = creating()
    said = "Unable to attach or mount volumes: unmounted volumes=[data certs], unattached volumes=[]: timed out waiting for the condition"
    timed_out = event(shown, "FailedMount", said, times=2)
    assert [finding.part for finding in only(TYPE, shown, timed_out)] == ["data", "certs"]
    assert [finding.part for finding in only(TYPE, shown, timed_out, event(shown, "FailedMount", SECRET, times=2))] == ["certs"]


def test_a_volume_of_a_claim_goes_by_its_name_in_the_pod() -> None:
    volumes = [{"name": "data", "persistentVolumeClaim": {"claimName": "data-db-0"}}]
    claim = make("PersistentVolumeClaim", name="data-db-0", spec={"volumeName": "pvc-1"}, status={"phase": "Bound"})
    shown = creating(spec={"volumes": volumes})
    said = 'MountVolume.MountDevice failed for volume "pvc-1" : rpc error: code = DeadlineExceeded'
    [finding] = only(TYPE, shown, claim, event(shown, "FailedMount", said, times=3))
    assert (finding.part, finding.title) == ("data", "Pod shop/api-5d4f9c-x1 cannot mount volume data")


def test_a_missing_key_is_named() -> None:
    shown = creating()
    said = 'MountVolume.SetUp failed for volume "conf" : references non-existent secret key: tls.key'
    [finding] = only(TYPE, shown, event(shown, "FailedMount", said, times=3))
    assert finding.title.endswith("Secret has no key tls.key")
    assert finding.facts["missingKey"] == "tls.key"


def test_a_missing_key_of_a_config_map_is_named_with_it() -> None:
    mounts = {"volumes": [{"name": "conf", "configMap": {"name": "loader-config"}}]}
    top = deployment(spec={"template": {"spec": {"containers": [container()]} | mounts}})
    revision = replica_set(top)
    shown = creating(owner=revision)
    said = 'MountVolume.SetUp failed for volume "conf" : references non-existent config key: loader.yml'
    [finding] = only(TYPE, top, revision, shown, event(shown, "FailedMount", said, times=3))
    assert finding.title == "Deployment shop/api cannot mount volume conf: ConfigMap loader-config has no key loader.yml"
    assert finding.facts["missingName"] == "loader-config"


def test_waiting_for_a_volume_to_be_attached_is_reported_once() -> None:
    shown = creating()
    said = "Unable to attach or mount volumes: unmounted volumes=[data], unattached volumes=[]: timed out waiting for the condition"
    timed_out = event(shown, "FailedMount", said, times=2)
    attach = event(shown, "FailedAttachVolume", 'AttachVolume.Attach failed for volume "pvc-1" : disk not found', times=2)
    assert [finding.type for finding in found(shown, timed_out)] == [TYPE]
    assert [finding.type for finding in found(shown, timed_out, attach) if finding.type == TYPE] == []


def test_an_init_container_that_has_run_had_its_volumes() -> None:
    ran = [status("prepare", state=terminated(ago=50, reason="Completed", code=0))]
    shown = creating(init=[container("prepare")], init_statuses=ran)
    assert only(TYPE, shown, event(shown, "FailedMount", SECRET, ago=60, times=3)) == []
