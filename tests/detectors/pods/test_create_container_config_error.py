import pytest

from tests.detectors.build import event, only, pod, status, waiting, when

TYPE = "CreateContainerConfigError"


@pytest.mark.parametrize(
    ("message", "facts", "says"),
    [
        (
            'secret "db" not found',
            {"missingKind": "Secret", "missingName": "db"},
            "Secret db does not exist",
        ),
        (
            'configmap "settings" not found',
            {"missingKind": "ConfigMap", "missingName": "settings"},
            "ConfigMap settings does not exist",
        ),
        (
            "couldn't find key password in Secret shop/db",
            {"missingKind": "Secret", "missingName": "db", "missingKey": "password"},
            "Secret db has no key password",
        ),
        ("container has runAsNonRoot and image will run as root", {}, "it must run as non-root, but its image runs as root"),
        ("container's runAsUser breaks non-root policy", {}, "it must run as non-root, but its runAsUser is 0"),
    ],
)
def test_names_the_missing_object(message: str, facts: dict[str, str], says: str) -> None:
    [finding] = only(TYPE, pod(status(state=waiting(TYPE, message)), phase="Pending", ago=60))
    assert facts.items() <= finding.facts.items()
    assert finding.title == f"Pod shop/api-5d4f9c-x1 cannot start container api: {says}"


def test_waits_thirty_seconds_from_the_first_event_of_the_failure() -> None:
    shown = pod(status(state=waiting(TYPE, 'secret "db" not found')), phase="Pending", ago=300)
    [finding] = only(TYPE, shown, event(shown, "Failed", 'Error: secret "db" not found', ago=5, first=20, container="api"))
    assert (finding.since, finding.opens_at) == (when(20), when(20 - 30))


def test_a_created_container_is_no_issue() -> None:
    assert only(TYPE, pod(status())) == []
