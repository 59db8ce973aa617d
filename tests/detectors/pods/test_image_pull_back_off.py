import pytest

from optral.kube.objects import KubeObject
from optral.kube.reports import images
from tests.detectors.build import container, event, make, only, pod, status, waiting, when

TYPE = "ImagePullBackOff"
WAITS = waiting("ImagePullBackOff", 'Back-off pulling image "registry.example/api:1"')
IMAGE = 'Failed to pull image "registry.example/api:1": '


def starting(state: dict[str, object] = WAITS, ago: float = 60) -> KubeObject:
    return pod(status(state=state), phase="Pending", ago=ago)


@pytest.mark.parametrize(
    ("message", "cause", "is_permanent"),
    [
        ("rpc error: code = NotFound desc = failed to resolve reference: registry.example/api:1: not found", "notFound", True),
        ("manifest unknown: manifest tagged by 1 is not found", "notFound", True),
        ("pull access denied, repository does not exist or may require authorization: insufficient_scope", "denied", True),
        ("unexpected status from HEAD request: 401 Unauthorized", "denied", True),
        ("failed to fetch anonymous token: 403 Forbidden", "denied", True),
        ("no match for platform in manifest: not found", "platform", True),
        ("couldn't parse image name: invalid reference format", "invalidName", True),
        ("dial tcp: lookup registry.example: no such host", "hostUnknown", False),
        ("429 Too Many Requests - toomanyrequests: rate limit", "rateLimited", False),
        ("dial tcp 192.0.2.1:443: i/o timeout", "unreachable", False),
        ("dial tcp 192.0.2.1:5000: connect: no route to host", "unreachable", False),
        ("unexpected status from HEAD request to https://r.example/v2/api/manifests/1: 502 Bad Gateway", "unreachable", False),
        (
            "unexpected status from HEAD request to https://r.example/v2/api/manifests/1: 503 Service Temporarily Unavailable",
            "unreachable",
            False,
        ),
        ("failed to copy: httpReadSeeker: failed open: context canceled", "unreachable", False),
        ('short-name "team/api:1" did not resolve to an alias', "invalidName", True),
        ("initializing source docker://r.example/api:1: unable to retrieve auth token: authentication required", "denied", True),
        ("tls: failed to verify certificate: x509: unknown authority", "tls", False),
        ("write /var/lib: no space left on device", "diskFull", False),
        ("something else", "unknown", False),
    ],
)
def test_the_event_names_the_cause_and_decides_how_long_to_wait(message: str, cause: str, is_permanent: bool) -> None:
    shown = starting()
    [finding] = only(TYPE, shown, event(shown, "Failed", IMAGE + message, container="api"))
    assert finding.facts["cause"] == cause
    assert finding.opens_at == (when(60) if is_permanent else when(60 - 120))


@pytest.mark.parametrize("image", ["hub.example/authorization:401", "certificates:1", "hub.example/team/timeout-429:2"])
def test_the_name_of_an_image_is_no_cause(image: str) -> None:
    words = f'Failed to pull image "{image}": failed to resolve reference "{image}": docker.io/library/{image}: not found'
    assert images.pull_failure(words).name == "notFound"


@pytest.mark.parametrize("reason", sorted(images.PULL_REASONS))
def test_every_waiting_reason_is_the_same_type(reason: str) -> None:
    assert [finding.part for finding in only(TYPE, starting(waiting(reason)))] == ["api"]


def test_creating_a_container_is_no_failure() -> None:
    assert only(TYPE, starting(waiting("ContainerCreating"))) == []


def test_an_event_about_an_earlier_pod_of_that_name_or_an_hour_ago_does_not_count() -> None:
    shown = starting()
    namesake = make("Pod", name=shown.name)
    events = [event(namesake, "Failed", IMAGE + "not found"), event(shown, "Failed", IMAGE + "not found", ago=700)]
    [finding] = only(TYPE, shown, *events)
    assert finding.facts["cause"] == "unknown"


def test_the_event_of_another_container_is_not_taken() -> None:
    shown = pod(status(state=WAITS), status("other"), phase="Pending", containers=[container(), container("other", image="x:2")], ago=60)
    [finding] = only(TYPE, shown, event(shown, "Failed", 'Failed to pull image "x:2": not found', container="other"))
    assert finding.facts["cause"] == "unknown"


def test_the_event_that_only_says_err_image_pull_does_not_hide_the_cause() -> None:
    shown = starting()
    told = event(shown, "Failed", IMAGE + "not found", container="api", ago=5)
    echo = event(shown, "Failed", "Error: ErrImagePull", container="api", ago=4)
    [finding] = only(TYPE, shown, told, echo)
    assert (finding.facts["cause"], finding.facts["message"]) == ("notFound", IMAGE + "not found")
