from typing import Any

import pytest

from optral.kube.objects import KubeObject
from tests.detectors import traffic
from tests.detectors.build import NOON, deployment, make, only, tuned, when

TYPE = "WorkloadSlow"


def test_a_workload_that_takes_longer_than_usual_is_reported() -> None:
    web = deployment("web")
    [finding] = only(TYPE, web, traffic.of(web))
    assert (str(finding.subject), finding.title) == ("Deployment/shop/web", "Deployment shop/web is slow: requests take longer than usual")
    assert (finding.since, finding.opens_at <= NOON) == (when(660), True)
    assert finding.facts == {"usualMs": 50, "source": "istio", "atLeastTimes": 2.0, "atLeastMoreMs": 100, "atLeastRequests": 200}


def test_few_requests_are_enough_where_half_of_them_are_slow() -> None:
    web = deployment("web")
    assert len(only(TYPE, web, traffic.of(web, requests=40, half=380))) == 1


@pytest.mark.parametrize(
    "one",
    [
        pytest.param(make("StatefulSet.apps", name="web", spec={"replicas": 1}, status={"readyReplicas": 1}), id="StatefulSet"),
        pytest.param(make("DaemonSet.apps", name="web", status={"numberReady": 1}), id="DaemonSet"),
    ],
)
def test_so_are_other_workloads_that_serve(one: KubeObject) -> None:
    assert len(only(TYPE, one, traffic.of(one))) == 1


@pytest.mark.parametrize(
    "report",
    [
        pytest.param({"level": 95, "usual": 50}, id="less than twice the usual"),
        pytest.param({"level": 90, "usual": 5}, id="many times the usual, and still fast"),
        pytest.param({"requests": 150}, id="few requests"),
        pytest.param({"requests": 25, "half": 380}, id="hardly any requests"),
        pytest.param({"requests": 150, "half": 60}, id="few requests, and half of them as fast as usual"),
        pytest.param({"usual": None}, id="the usual level is not known"),
        pytest.param({"level": None, "now": 400}, id="not for ten minutes"),
        pytest.param({"level": 4000, "usual": 3000}, id="slow by nature"),
        pytest.param({"ago": 3700}, id="an old report"),
        pytest.param({"uid": "another"}, id="a report of an earlier workload of this name"),
    ],
)
def test_no_issue(report: dict[str, Any]) -> None:
    web = deployment("web")
    assert only(TYPE, web, traffic.of(web, **report)) == []


def test_without_reports_it_is_silent() -> None:
    assert only(TYPE, deployment("web")) == []


def test_another_kind_of_this_name_is_another_workload() -> None:
    web, other = deployment("web"), make("StatefulSet.apps", name="web", spec={"replicas": 1}, status={"readyReplicas": 1})
    assert [str(finding.subject) for finding in only(TYPE, web, other, traffic.of(other))] == ["StatefulSet/shop/web"]


@pytest.mark.parametrize(
    ("report", "limits"),
    [
        ({"level": 160, "usual": 60}, {"times": 3.0}),
        ({"level": 240, "usual": 60}, {"moreMs": 200}),
        ({"requests": 900}, {"requests": 1000}),
    ],
)
def test_what_is_too_slow_can_be_set(report: dict[str, Any], limits: dict[str, float]) -> None:
    web = deployment("web")
    assert len(only(TYPE, web, traffic.of(web, **report))) == 1
    assert tuned(TYPE, web, traffic.of(web, **report), **limits) == []
