from typing import Any

import pytest

from tests.detectors import usage
from tests.detectors.build import NOON, deployment, only, pod, replica_set, running, status, tuned, when

TYPE = "CPUThrottled"


def healthy() -> Any:
    return pod(status(state=running(), ready=True))


def test_a_healthy_pod_that_is_throttled_is_reported_with_its_workload() -> None:
    top = deployment()
    revision = replica_set(top)
    one = pod(status(state=running(), ready=True), owner=revision)
    [finding] = only(TYPE, top, revision, one, usage.of_pod(one, usage.throttled()))
    assert (str(finding.subject), finding.part, finding.shown_by.short_kind) == ("Deployment/shop/api", "api", "Pod")
    assert (finding.since, finding.opens_at <= NOON) == (when(960), True)
    assert finding.facts == {"cpuLimitMillis": 200, "atLeastShare": 0.25}


@pytest.mark.parametrize(
    ("used", "more"),
    [
        pytest.param(usage.throttled(0.2), {}, id="a small share"),
        pytest.param(usage.throttled(window_s=300), {}, id="not for long enough"),
        pytest.param(usage.throttled(periods=200), {}, id="an idle container"),
        pytest.param({"name": "api", "cpu": {"p95Millis": 199}}, {}, id="no limit, so no periods"),
        pytest.param(usage.throttled(), {"ago": 3700}, id="an old report"),
        pytest.param(usage.throttled(), {"uid": "another"}, id="a report of an earlier pod of this name"),
    ],
)
def test_no_issue(used: dict[str, Any], more: dict[str, Any]) -> None:
    one = healthy()
    assert only(TYPE, one, usage.of_pod(one, used, **more)) == []


def test_without_reports_it_is_silent() -> None:
    assert only(TYPE, healthy()) == []


def test_the_share_can_be_set() -> None:
    one = healthy()
    assert len(tuned(TYPE, one, usage.of_pod(one, usage.throttled(0.2)), share=0.15)) == 1
