"""Which of its issues a scan shows."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from optral.detectors.finding import Finding
from optral.scan.detection import IssueFilter, ScanIssue, detect_issues
from optral.scan.intake import Intake
from optral.scan.report import Report
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def issue(type_: str, kind: str, namespace: str | None, severity: Severity, *symptoms: ScanIssue) -> ScanIssue:
    ref = ObjectRef(kind, namespace, "one", "uid-1")
    finding = Finding(
        type=type_, subject=ref, shown_by=ref, since=NOON, opens_at=NOON, severity=severity, title=type_, category="nodes", facts={}
    )
    return ScanIssue(type_, [finding], symptoms=list(symptoms))


@pytest.mark.parametrize(
    ("issue_filter", "is_shown"),
    [
        (IssueFilter(), True),
        (IssueFilter(namespaces=frozenset({"shop"})), True),
        (IssueFilter(types=frozenset({"PodNotReady"})), True),
        (IssueFilter(namespaces=frozenset({"shop"}), types=frozenset({"PodNotReady"}), min_severity=Severity.CRITICAL), True),
        (IssueFilter(namespaces=frozenset({"billing"})), False),
        (IssueFilter(types=frozenset({"OOMKilled"})), False),
        (IssueFilter(namespaces=frozenset({"billing"}), types=frozenset({"PodNotReady"})), False),
    ],
)
def test_shows_a_root_in_another_namespace_with_the_symptom_that_matches(issue_filter: IssueFilter, is_shown: bool) -> None:
    pod = issue("PodNotReady", "Pod", "shop", Severity.MEDIUM)
    assert issue_filter.matches(issue("NodeNotReady", "Node", None, Severity.CRITICAL, pod)) is is_shown


def test_hides_issues_below_the_minimum_severity() -> None:
    pod = issue("PodNotReady", "Pod", "shop", Severity.MEDIUM)
    assert not IssueFilter(min_severity=Severity.HIGH).matches(issue("NodeNotReady", "Node", None, Severity.MEDIUM, pod))


def starting(name: str, *, restarts: int = 0, ready: bool = False, ago_s: float = 100) -> list[dict[str, Any]]:
    """A Deployment with one pod that started `ago_s` ago, and the Event of its failing readiness probe."""
    started = (NOON - timedelta(seconds=ago_s)).isoformat().replace("+00:00", "Z")
    now = NOON.isoformat().replace("+00:00", "Z")
    box = {"name": "app", "image": "app:1", "readinessProbe": {"tcpSocket": {"port": 80}}}
    body = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [box]}}

    def meta(kind: str, uid: str, **more: Any) -> dict[str, Any]:
        return {"name": f"{name}{kind}", "namespace": "shop", "uid": f"{uid}-{name}", "creationTimestamp": started} | more

    owner = [{"apiVersion": "apps/v1", "kind": "Deployment", "name": name, "uid": f"d-{name}", "controller": True}]
    ran = {"name": "app", "ready": ready, "started": True, "restartCount": restarts, "state": {"running": {"startedAt": started}}}
    unready = {"type": "Ready", "status": str(ready), "lastTransitionTime": started}
    about = {"kind": "Pod", "name": f"{name}-1", "namespace": "shop", "uid": f"p-{name}"}
    return [
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta("", "d"), "spec": {"replicas": 1, "template": body}},
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": meta("-1", "p", ownerReferences=owner, labels={"app": name}),
            "spec": {"containers": [box], "nodeName": "n"},
            "status": {"phase": "Running", "conditions": [unready], "containerStatuses": [ran]},
        },
        {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": meta(".e", "e"),
            "involvedObject": about,
            "reason": "Unhealthy",
            "message": "Readiness probe failed: connection refused",
            "type": "Warning",
            "count": 3,
            "lastTimestamp": now,
        },
    ]


@pytest.mark.parametrize(
    ("count", "issues", "more"),
    [
        pytest.param(3, 3, {}, id="too few workloads start"),
        pytest.param(4, 0, {}, id="all start together"),
        pytest.param(4, 4, {"restarts": 3}, id="they restart repeatedly"),
        pytest.param(4, 4, {"ago_s": 900}, id="they started too long ago"),
    ],
)
def test_workloads_that_start_together_are_not_expected_to_stay_unready(count: int, issues: int, more: dict[str, Any]) -> None:
    intake = Intake()
    for number in range(count):
        for manifest in starting(f"app-{'abcd'[number]}", **more):
            intake.take(msgspec.Raw(msgspec.json.encode(manifest)))
    intake.settle(NOON)
    result = detect_issues(intake, IssueFilter(types=frozenset({"ReadinessProbeFailed"}), within_s=600))
    assert len(result.roots) == issues


def test_what_is_new_comes_before_what_was_there_for_days() -> None:
    intake = Intake()
    for name, seconds in (("days", 5 * 86_400), ("new", 3600), *((f"node-{number}", 60) for number in range(8))):
        ready = {
            "type": "Ready",
            "status": str(name.startswith("node")),
            "lastTransitionTime": f"{NOON - timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%SZ}",
        }
        metadata = {"name": name, "uid": name, "creationTimestamp": "2026-01-01T00:00:00Z"}
        node = {"apiVersion": "v1", "kind": "Node", "metadata": metadata, "spec": {}, "status": {"conditions": [ready]}}
        intake.take(msgspec.Raw(msgspec.json.encode(node)))
    intake.settle(NOON)
    result = detect_issues(intake, IssueFilter())
    assert [(root.subject.name, root.is_chronic) for root in result.roots] == [("new", False), ("days", True)]
    shape = Report(source="dump", now_from="given", intake=intake, result=result).shape()
    assert [(one["unchanged"], one["unchangedSince"]) for one in shape["issues"]] == [
        (False, f"{NOON - timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"),
        (True, f"{NOON - timedelta(days=5):%Y-%m-%dT%H:%M:%SZ}"),
    ]
