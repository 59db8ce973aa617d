"""A scan also reads the logs of running containers, so that it finds what fails while every pod is ready."""

from collections.abc import AsyncIterator
from datetime import UTC, timedelta

import msgspec
import pytest

from optral.kube.kinds import BY_ID
from optral.kube.objects import KubeObject, Pod
from optral.kubeapi.client import KubeClient
from optral.scan import log_samples
from optral.scan.detection import IssueFilter, detect_issues
from optral.scan.explanation import Explainer
from optral.scan.intake import Intake
from tests.detectors.build import NOON, at, pod, running, status
from tests.support import kubedouble
from tests.support.kubedouble import KubeDouble

READY = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "web", "namespace": "shop", "uid": "uid-web", "creationTimestamp": at(7200)},
    "spec": {"containers": [{"name": "api"}], "nodeName": "node-1"},
    "status": {
        "phase": "Running",
        "conditions": [{"type": "Ready", "status": "True"}],
        "containerStatuses": [{"name": "api", "ready": True, "restartCount": 0, "state": {"running": {"startedAt": at(3600)}}}],
    },
}
NO_NAME = b"ERROR dial tcp: lookup store on 10.96.0.10:53: no such host"


def ready(name: str, *, restarts: int = 0, owner: KubeObject | None = None) -> Pod:
    found = pod(status(state=running(), ready=True, restarts=restarts), name=name, owner=owner)
    assert isinstance(found, Pod)
    return found


def write(double: KubeDouble, name: str, line: bytes, *, times: int = 20) -> None:
    stamps = ((NOON - timedelta(seconds=600 - 30 * number)).astimezone(UTC).isoformat()[:19] + ".5Z" for number in range(times))
    double.stamped_logs[name, "api", False] = [(stamp, line) for stamp in stamps]


@pytest.fixture
async def api() -> AsyncIterator[tuple[KubeDouble, KubeClient]]:
    async with kubedouble.serving() as double, KubeClient(double.access) as client:
        yield double, client


async def sampled(client: KubeClient, *pods: Pod) -> Intake:
    intake = Intake(keep=False)
    await log_samples.sample(client, intake, pods, now=NOON.timestamp())
    return intake


async def test_a_sign_that_keeps_coming_is_an_issue(api: tuple[KubeDouble, KubeClient]) -> None:
    write(api[0], "web", NO_NAME)
    write(api[0], "quiet", b"INFO GET /healthz 200")
    intake = Intake(keep=False)
    pods = [ready("web"), ready("quiet")]
    for one in pods:
        intake._put(BY_ID["Pod"], one)
    await log_samples.sample(api[1], intake, pods, now=NOON.timestamp())
    intake.settle(NOON)
    assert [root.type for root in detect_issues(intake, IssueFilter()).roots] == ["DependencyUnreachable"]


async def test_what_is_sampled_explains_the_issue(api: tuple[KubeDouble, KubeClient]) -> None:
    write(api[0], "web", b'FATAL: password authentication failed for user "shop"')
    intake = Intake(keep=True)
    intake.take_known(BY_ID["Pod"], msgspec.Raw(msgspec.json.encode(READY)))
    await log_samples.sample(api[1], intake, intake.pods(frozenset()), now=NOON.timestamp())
    intake.settle(NOON)
    [root] = detect_issues(intake, IssueFilter()).roots
    assert Explainer(intake).explain(root).cause_id == "bad_credentials"


async def test_without_permission_the_scan_says_so(api: tuple[KubeDouble, KubeClient]) -> None:
    api[0].log_errors.update(a=(403, "forbidden"), b=(403, "forbidden"))
    intake = await sampled(api[1], ready("a"), ready("b"))
    assert [(gap.what, gap.why) for gap in intake.gaps] == [("logs", "may not be read with these credentials")]


async def test_a_log_that_cannot_be_read_is_left_out(api: tuple[KubeDouble, KubeClient]) -> None:
    write(api[0], "web", NO_NAME)
    intake = await sampled(api[1], ready("gone"), ready("web"))
    assert (intake.gaps, intake.object_count) == ([], 1)


async def test_a_silent_node_ends_the_sampling_in_time(api: tuple[KubeDouble, KubeClient], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_samples, "WITHIN_S", 0.2)
    write(api[0], "web", NO_NAME)
    api[0].silent.add("silent")
    intake = await sampled(api[1], ready("web"), ready("silent"))
    assert [gap.what for gap in intake.gaps] == ["logs"]
    assert intake.object_count == 1, "what was read counts"


def test_one_container_of_each_workload_and_suspicious_ones_first() -> None:
    owner = pod(name="owner")
    pods = [ready("a-1", owner=owner), ready("a-2", owner=owner), ready("b-1"), ready("c-1", restarts=3)]
    assert [source.pod.name for source in log_samples.sources(pods, now=NOON.timestamp())] == ["c-1", "a-1", "b-1", "a-2"]


def test_the_number_of_logs_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_samples, "MAX_LOGS", 2)
    assert len(log_samples.sources([ready(f"p-{number}") for number in range(5)], now=NOON.timestamp())) == 2
