"""What senders post: alerts that are read, and those that are rejected with a reason."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from optral.alerts import payloads
from optral.alerts.model import AlertStatus, FieldMapping, Kind, ReceiverSettings

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ALERTMANAGER = ReceiverSettings(name="platform")
GRAPH = "http://prometheus:9090/graph?g0.expr=kube_pod_container_status_restarts_total%7Bjob%3D%22kube-state-metrics%22%7D+%3E+3&g0.tab=1"


def alert(**more: Any) -> dict[str, Any]:
    return {
        "status": "firing",
        "labels": {"alertname": "KubePodCrashLooping", "namespace": "shop", "pod": "web-1"},
        "annotations": {"summary": "Pod is crash looping."},
        "startsAt": "2026-03-01T11:55:00.123456789Z",
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": GRAPH,
        "fingerprint": "c0ffee0123456789",
        **more,
    }


def body(*alerts: Any, **more: Any) -> bytes:
    return json.dumps({"version": "4", "status": "firing", "receiver": "optral", "alerts": list(alerts), **more}).encode()


def read(raw: bytes, settings: ReceiverSettings = ALERTMANAGER) -> payloads.Read:
    return payloads.read(raw, settings, now=NOW)


def test_an_alert_of_alertmanager_has_its_time_its_labels_and_the_expression_of_its_rule() -> None:
    (one,) = read(body(alert())).alerts
    assert (one.name, one.status, one.fingerprint) == ("KubePodCrashLooping", AlertStatus.FIRING, "c0ffee0123456789")
    assert one.starts_at == datetime(2026, 3, 1, 11, 55, 0, 123456, tzinfo=UTC)
    assert one.ends_at is None
    assert one.expression == 'kube_pod_container_status_restarts_total{job="kube-state-metrics"} > 3'
    assert one.source_url == GRAPH


def test_an_expression_in_an_annotation_is_read_when_the_address_has_none() -> None:
    given = alert(generatorURL="https://grafana.example.com/alerting/grafana/x/view", annotations={"expr": "up == 0"})
    assert read(body(given)).alerts[0].expression == "up == 0"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        pytest.param(alert(labels={}), "invalid_labels", id="no labels"),
        pytest.param(alert(labels={"a": 1}), "no_name", id="no name"),
        pytest.param(alert(labels={"alertname": "A", "x": "y" * 2000}), "invalid_labels", id="a huge label"),
        pytest.param(alert(labels={"alertname": "A", "x\x00": "y"}), "invalid_labels", id="a NUL in the name of a label"),
        pytest.param(alert(labels={str(n): "x" for n in range(100)}), "too_many_labels", id="many labels"),
        pytest.param(alert(startsAt="yesterday"), "invalid_time", id="no time"),
        pytest.param(alert(startsAt="2026-03-01T11:55:00"), "invalid_time", id="a time without a zone"),
        pytest.param(alert(startsAt="2027-03-01T11:55:00Z"), "invalid_time", id="the future"),
        pytest.param(alert(labels={"alertname": "OOMKilled", "optral_issue": "iss_1"}), "own_issue", id="an issue of Optral"),
        pytest.param(alert(status="maybe"), "invalid_status", id="status"),
        pytest.param("text", "invalid_alert", id="no object"),
        pytest.param(None, "invalid_alert", id="null"),
    ],
)
def test_an_alert_that_is_none_is_rejected_and_the_others_count(given: Any, code: str) -> None:
    found = read(body(given, alert(fingerprint="other")))
    assert [one.fingerprint for one in found.alerts] == ["other"]
    assert [problem.code for problem in found.problems] == [code]


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        pytest.param(b"{", "invalid_json", id="cut off"),
        pytest.param(b"\xff\xfe", "invalid_json", id="not UTF-8"),
        pytest.param(b"[" * 100_000, "invalid_json", id="deep"),
        pytest.param(b"[]", "unsupported_version", id="a list"),
        pytest.param(body(alert(), version="3"), "unsupported_version", id="version 3"),
        pytest.param(b'{"version": "4", "alerts": {}}', "no_alerts", id="no list"),
    ],
)
def test_a_body_that_cannot_be_read_has_one_problem_with_its_beginning(raw: bytes, code: str) -> None:
    found = read(raw)
    assert found.alerts == []
    assert [problem.code for problem in found.problems] == [code]
    assert len(found.problems[0].excerpt) <= payloads.MAX_EXCERPT


def test_alerts_beyond_the_limit_and_those_that_alertmanager_left_out_are_reported() -> None:
    found = read(body(*(alert(fingerprint=str(n)) for n in range(1003)), truncatedAlerts=7))
    assert len(found.alerts) == 1000
    assert [problem.code for problem in found.problems] == ["too_many_alerts", "truncated"]


def test_json_of_another_sender_is_read_by_a_field_mapping() -> None:
    mapping = FieldMapping(
        alerts="/data/events", name="/title", status="/state", starts_at="/at", fingerprint="/key", labels="/tags",
        more_labels={"namespace": "/where/ns", "pod": "/where/pods/0"},
    )  # fmt: skip
    settings = ReceiverSettings(name="other", kind=Kind.GENERIC, mapping=mapping)
    event = {
        "title": "5xx",
        "state": "OK",
        "at": 1772365000,
        "key": "k1",
        "tags": {"team": "shop"},
        "where": {"ns": "shop", "pods": ["web-1"]},
    }
    (one,) = read(json.dumps({"data": {"events": [event]}}).encode(), settings).alerts
    assert (one.name, one.status, one.fingerprint) == ("5xx", AlertStatus.RESOLVED, "k1")
    assert one.labels == {"team": "shop", "namespace": "shop", "pod": "web-1", "alertname": "5xx"}
    without_id = read(json.dumps({"data": {"events": [{**event, "key": None}]}}).encode(), settings).alerts[0]
    assert without_id.fingerprint == payloads.fingerprint_of(one.labels)
