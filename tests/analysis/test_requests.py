"""Who is slow and why: what reports of requests prove, and when the answer is that it is not known."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from optral.analysis.model import Explanation
from optral.analysis.rules.requests import UNREAD, ms
from tests.analysis.cases import requests
from tests.analysis.cases.requests import FAST, SLOW, app, chain, on_two_nodes, rolled_out, traffic, why_slow, with_rates
from tests.analysis.cluster import Json, World, container, node

Ask = Callable[[], tuple[World, Explanation]]
A_LITTLE = {"level": 95, "usual": 60}


def explanation(found: Explanation) -> str:
    assert found.root_cause is not None
    return str(found.root_cause["explanation"])


def test_the_way_down_has_the_durations_of_each() -> None:
    _, found = requests.waits_for_what_it_calls_calls()
    text = explanation(found)
    assert "Deployment `web` calls Deployment `api`, whose requests take longer too: at least `900 ms`, usually `60 ms`." in text
    assert "Deployment `api` calls Deployment `db`" in text
    assert found.root_cause is not None and found.root_cause["subject"]["name"] == "db"
    assert found.body["warnings"] == []


def test_what_it_calls_is_named_when_it_is_fast() -> None:
    _, found = requests.is_slow_itself()
    assert "What it calls is as fast as usual: `Deployment api` (`42 ms`)." in explanation(found)
    assert found.body["missingEvidence"] == []


@pytest.mark.parametrize(
    ("world", "missing"),
    [
        pytest.param(
            lambda: chain(SLOW, None, FAST),
            "how long requests to Deployment api take, which Prometheus does not count or which cannot be proven to be its own",
            id="what it calls has no series",
        ),
        pytest.param(
            lambda: chain(SLOW, SLOW, None),
            "how long requests to Deployment db take, which Prometheus does not count or which cannot be proven to be its own",
            id="what its callee calls has none",
        ),
        pytest.param(
            lambda: chain(SLOW, SLOW, FAST, outside="payments.example.com"),
            "how long requests to payments.example.com take, which Prometheus does not count or which cannot be proven to be its own",
            id="a host outside the cluster",
        ),
        pytest.param(
            lambda: chain(SLOW, A_LITTLE, FAST),
            "whether it waits for Deployment api, whose requests take longer than usual too",
            id="what it calls is a little slower",
        ),
        pytest.param(
            lambda: chain({"level": 9000, "usual": 60}, {"level": 170, "usual": 60}, FAST),
            "whether it waits for Deployment api, whose requests take longer than usual too",
            id="what it calls is slower, and not by enough",
        ),
    ],
)
def test_does_not_guess_and_says_what_is_missing(world: Callable[[], World], missing: str) -> None:
    _, found = why_slow(world())
    assert found.root_cause is None
    assert missing in found.body["missingEvidence"]


def test_a_report_about_an_earlier_workload_of_this_name_proves_nothing() -> None:
    world = chain(SLOW, None, FAST)
    about = next(one for one in world.objects if one["kind"] == "Deployment" and one["metadata"]["name"] == "api")
    report = traffic(about, **FAST)
    report["metadata"]["ownerReferences"][0]["uid"] = "another"
    world.objects.append(report)
    assert why_slow(world)[1].root_cause is None


def test_an_old_report_proves_nothing() -> None:
    assert why_slow(chain(SLOW, FAST | {"minutes_ago": 90}, FAST))[1].root_cause is None


def test_two_that_call_each_other_are_not_told_apart() -> None:
    objects = [*app("web", "api"), *app("api", "web")]
    world = World([*objects, traffic(objects[0]), traffic(objects[4]), node()], visible=requests.SEEN)
    _, found = why_slow(world)
    assert found.root_cause is None
    assert any("whether it waits for Deployment" in one for one in found.body["missingEvidence"])


def test_a_sign_of_its_own_counts_although_a_callee_is_unknown() -> None:
    world, known = requests.waits_for_one_that_is_throttled()
    world.objects = [one for one in world.objects if one["metadata"]["name"] != "deployment-db"]
    found = world.again()
    assert found.cause_id == "cpu_limit_too_low"
    assert found.body["confidence"] < known.body["confidence"]
    assert any("Deployment db" in one for one in found.body["missingEvidence"])


def test_nobody_waits_for_where_spans_go() -> None:
    objects = app("web", OTEL_EXPORTER_OTLP_ENDPOINT="http://otel-collector.telemetry.svc:4317", DD_AGENT_HOST="datadog.telemetry.svc")
    world = World([*objects, traffic(objects[0]), node()], visible=requests.SEEN)
    assert why_slow(world)[1].cause_id == "slow_itself"
    assert why_slow(world)[1].body["missingEvidence"] == []


def without(world: World, *causes: str) -> bool:
    _, found = why_slow(world, next(one["metadata"]["name"] for one in world.objects if one["kind"] == "Deployment"))
    return not {one["id"] for one in found.body["hypotheses"]} & set(causes)


@pytest.mark.parametrize(
    ("world", "cause"),
    [
        pytest.param(lambda: on_two_nodes(900, 1400), "slow_on_one_node", id="pods on both nodes are slow"),
        pytest.param(lambda: on_two_nodes(58, 90), "slow_on_one_node", id="hardly slower"),
        pytest.param(lambda: chain(requests.of_nodes(0, 1400), FAST, FAST), "slow_on_one_node", id="nothing known of the other node"),
        pytest.param(lambda: rolled_out("web", "orders", minutes_ago=20, before=900, after=1400), "slow_new_version", id="both versions"),
        pytest.param(lambda: rolled_out("web", "orders", minutes_ago=20, before=1400, after=58), "slow_new_version", id="the old one"),
        pytest.param(lambda: rolled_out("web", "orders", minutes_ago=600, after=900), "slow_new_version", id="hours before"),
        pytest.param(lambda: chain(with_rates(20, 25), FAST, FAST), "more_requests_than_it_can_serve", id="hardly more requests"),
        pytest.param(lambda: chain(with_rates(50, 20), FAST, FAST), "more_requests_than_it_can_serve", id="fewer requests"),
        pytest.param(
            lambda: chain(SLOW | {"nodes": [{"name": "node-1", "retransmitShare": 0.004}]}, FAST, FAST),
            "segments_sent_again",
            id="few segments again",
        ),
        pytest.param(lambda: chain(A_LITTLE | {"level": 61}, FAST, FAST), "slow_itself", id="not slow any more"),
    ],
)
def test_a_near_miss_is_not_named(world: Callable[[], World], cause: str) -> None:
    assert without(world(), cause)


def test_the_new_image_is_named_and_rolled_back() -> None:
    _, found = requests.is_slow_in_its_new_pods()
    text = explanation(found)
    assert "Only its pods of the newest revision are slow, at `1.4 s`; those of the revision before take `58 ms`." in text
    assert "image `registry.test/orders/web:2` instead of `registry.test/orders/web:1`" in text
    assert [action.get("runbook") for action in found.body["recommendedActions"]][:1] == ["rollback-workload"]


def test_replicas_follow_the_number_of_requests() -> None:
    _, found = requests.gets_more_requests()
    assert "rose from `20.0 requests per second` to `50.0 requests per second`" in explanation(found)
    assert found.body["recommendedActions"][0]["title"] == "Scale web to 2"


def test_says_that_prometheus_is_not_read() -> None:
    world, _ = requests.is_slow_itself()
    blind = replace(
        world,
        objects=[one for one in world.objects if one["kind"] != "WorkloadTraffic"],
        visible=world.visible - {"WorkloadTraffic.usage.optral.io"},
    )
    assert UNREAD in blind.again().body["missingEvidence"]


@pytest.mark.parametrize(("value", "text"), [(0.2, "1 ms"), (480.4, "480 ms"), (2390, "2.4 s"), (9960, "10 s"), (12_400, "12 s")])
def test_durations_are_readable(value: float, text: str) -> None:
    assert ms(value) == text


def test_a_broken_report_is_no_report() -> None:
    broken: Json = {"latency": {"levelMs": "many"}}
    assert why_slow(chain(SLOW | broken, FAST, FAST))[1].root_cause is None


def test_a_container_that_calls_many_is_read_to_its_end() -> None:
    hosts = [f"svc-{number}" for number in range(20)]
    objects: list[Any] = [*app("web", *hosts, spec=container("web"))]
    world = World([*objects, traffic(objects[0]), node()], visible=requests.SEEN)
    _, found = why_slow(world)
    assert len(found.body["missingEvidence"]) == 10
