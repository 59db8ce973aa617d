"""What a look shows of what it found."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from optral.detectors.finding import Finding
from optral.scan.intake import Intake
from optral.scan.look import Trouble, Wanted, look
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def trouble(type_: str, kind: str, namespace: str | None, severity: Severity, *symptoms: Trouble) -> Trouble:
    ref = ObjectRef(kind, namespace, "one", "uid-1")
    finding = Finding(
        type=type_, subject=ref, shown_by=ref, since=NOON, opens_at=NOON, severity=severity, title=type_, category="nodes", facts={}
    )
    return Trouble(type_, [finding], symptoms=list(symptoms))


@pytest.mark.parametrize(
    ("wanted", "is_shown"),
    [
        (Wanted(), True),
        (Wanted(namespaces=frozenset({"shop"})), True),
        (Wanted(types=frozenset({"PodNotReady"})), True),
        (Wanted(namespaces=frozenset({"shop"}), types=frozenset({"PodNotReady"}), min_severity=Severity.CRITICAL), True),
        (Wanted(namespaces=frozenset({"billing"})), False),
        (Wanted(types=frozenset({"OOMKilled"})), False),
        (Wanted(namespaces=frozenset({"billing"}), types=frozenset({"PodNotReady"})), False),
    ],
)
def test_a_cause_elsewhere_is_shown_with_what_it_explains(wanted: Wanted, is_shown: bool) -> None:
    pod = trouble("PodNotReady", "Pod", "shop", Severity.MEDIUM)
    assert wanted.fits(trouble("NodeNotReady", "Node", None, Severity.CRITICAL, pod)) is is_shown


def test_what_is_milder_than_wanted_is_not_shown() -> None:
    pod = trouble("PodNotReady", "Pod", "shop", Severity.MEDIUM)
    assert not Wanted(min_severity=Severity.HIGH).fits(trouble("NodeNotReady", "Node", None, Severity.MEDIUM, pod))


def starting(name: str, *, restarts: int = 0, ready: bool = False, ago_s: float = 100) -> list[dict[str, Any]]:
    """A Deployment whose one pod has been running for a while, and what the kubelet says of its probe."""
    made = (NOON - timedelta(seconds=ago_s)).isoformat().replace("+00:00", "Z")
    now = NOON.isoformat().replace("+00:00", "Z")
    box = {"name": "app", "image": "app:1", "readinessProbe": {"tcpSocket": {"port": 80}}}
    body = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [box]}}

    def meta(kind: str, uid: str, **more: Any) -> dict[str, Any]:
        return {"name": f"{name}{kind}", "namespace": "shop", "uid": f"{uid}-{name}", "creationTimestamp": made} | more

    owner = [{"apiVersion": "apps/v1", "kind": "Deployment", "name": name, "uid": f"d-{name}", "controller": True}]
    ran = {"name": "app", "ready": ready, "started": True, "restartCount": restarts, "state": {"running": {"startedAt": made}}}
    unready = {"type": "Ready", "status": str(ready), "lastTransitionTime": made}
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
    ("count", "told", "more"),
    [
        pytest.param(3, 3, {}, id="three that are late"),
        pytest.param(4, 0, {}, id="all come up"),
        pytest.param(4, 4, {"restarts": 3}, id="they have ended again and again"),
        pytest.param(4, 4, {"ago_s": 900}, id="they had time enough"),
    ],
)
def test_what_comes_up_together_is_not_taken_to_stay_unready(count: int, told: int, more: dict[str, Any]) -> None:
    taken = Intake()
    for number in range(count):
        for one in starting(f"app-{'abcd'[number]}", **more):
            taken.take(msgspec.Raw(msgspec.json.encode(one)))
    taken.settle(NOON)
    seen = look(taken, Wanted(types=frozenset({"ReadinessProbeFailed"}), within_s=600))
    assert len(seen.roots) == told
