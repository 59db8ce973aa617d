"""What a look shows of what it found."""

from datetime import UTC, datetime

import pytest

from optral.detectors.finding import Finding
from optral.scan.look import Trouble, Wanted
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
