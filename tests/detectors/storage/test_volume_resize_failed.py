import pytest

from optral.kube.objects import KubeObject
from optral.terms.severity import Severity
from tests.detectors.build import condition, event, make, only, pod, status, when

TYPE = "VolumeResizeFailed"


def claim(*conditions: dict[str, object], asked: str = "2Gi", has: str = "1Gi", phase: str = "Bound", **told: object) -> KubeObject:
    spec = {"resources": {"requests": {"storage": asked}}, "storageClassName": "fast"}
    return make(
        "PersistentVolumeClaim",
        name="data",
        spec=spec,
        status={"phase": phase, "capacity": {"storage": has}, "conditions": list(conditions)} | told,
    )


USER = pod(status(), spec={"volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "data"}}]})


@pytest.mark.parametrize("kind", ["ControllerResizeError", "NodeResizeError", "ModifyVolumeError"])
def test_a_condition_shows_it(kind: str) -> None:
    [finding] = only(TYPE, claim(condition(kind, message="quota of disks", ago=700)))
    assert (finding.since, finding.opens_at, finding.severity) == (when(700), when(100), Severity.MEDIUM)
    assert finding.title.endswith("cannot be resized: quota of disks")
    assert (finding.facts["requestBytes"], finding.facts["capacityBytes"]) == (2 * 1024**3, 1024**3)


@pytest.mark.parametrize(
    "told",
    [{"allocatedResourceStatuses": {"storage": "ControllerResizeInfeasible"}}, {"modifyVolumeStatus": {"status": "Infeasible"}}],
)
def test_a_resizer_that_has_given_up(told: dict[str, object]) -> None:
    assert len(only(TYPE, claim(**told))) == 1  # type: ignore[arg-type]


def test_a_filesystem_that_waits_while_a_pod_mounts_it_needs_a_restart() -> None:
    [finding] = only(TYPE, claim(condition("FileSystemResizePending", ago=700)), USER)
    assert finding.facts["needsRestart"] is True


def test_an_event_counts_while_the_claim_is_too_small() -> None:
    shown = claim()
    [finding] = only(TYPE, shown, event(shown, "VolumeResizeFailed", "no", ago=30, first=900))
    assert (finding.since, finding.expires_at) == (when(900), when(30 - 600))
    grown = claim(has="2Gi")
    assert only(TYPE, grown, event(grown, "VolumeResizeFailed", "no")) == []


@pytest.mark.parametrize(
    "things",
    [
        pytest.param([claim(condition("FileSystemResizePending"))], id="nobody mounts it: it grows when somebody does"),
        pytest.param([claim(condition("Resizing")), USER], id="resizing"),
        pytest.param([claim(condition("ControllerResizeError", "False"))], id="the error is no longer true"),
        pytest.param([claim(phase="Pending")], id="not bound yet"),
    ],
)
def test_no_issue(things: list[KubeObject]) -> None:
    assert only(TYPE, *things) == []
