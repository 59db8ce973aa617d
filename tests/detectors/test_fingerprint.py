from dataclasses import replace

import pytest

from optral.detectors import fingerprint
from optral.detectors.finding import Finding
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity
from tests.detectors.build import NOON, deployment, only, pod, replica_set, status, terminated, waiting

FINDING = Finding(
    type="OOMKilled",
    subject=ObjectRef("Deployment.apps", "shop", "api", "uid-1"),
    part="api",
    shown_by=ObjectRef("Pod", "shop", "api-1", "uid-2"),
    severity=Severity.HIGH,
    title="t",
    category="memory",
    since=NOON,
    opens_at=NOON,
)


def test_version_1_never_changes() -> None:
    assert fingerprint.compute("cls_1", FINDING, 1) == "1:24283f90b23a07a290208ef95de1a8baf4b55340"


@pytest.mark.parametrize(
    "other",
    [
        replace(FINDING, shown_by=ObjectRef("Pod", "shop", "api-2", "uid-9")),
        replace(FINDING, subject=FINDING.subject._replace(uid="")),
        replace(FINDING, title="other", severity=Severity.LOW, occurrence="x", facts={"restarts": 9}),
    ],
)
def test_changing_facts_are_not_part_of_it(other: Finding) -> None:
    assert fingerprint.compute("cls_1", other) == fingerprint.compute("cls_1", FINDING)


@pytest.mark.parametrize(
    "other",
    [
        replace(FINDING, type="CrashLoopBackOff"),
        replace(FINDING, part="proxy"),
        replace(FINDING, part=None),
        replace(FINDING, subject=FINDING.subject._replace(name="web")),
        replace(FINDING, subject=FINDING.subject._replace(namespace="stage")),
        replace(FINDING, subject=FINDING.subject._replace(kind="StatefulSet.apps")),
    ],
)
def test_another_failure_or_workload_is_another_issue(other: Finding) -> None:
    assert fingerprint.compute("cls_1", other) != fingerprint.compute("cls_1", FINDING)


def test_another_cluster_is_another_issue() -> None:
    assert fingerprint.compute("cls_2", FINDING) != fingerprint.compute("cls_1", FINDING)


def test_the_newest_version_comes_first_of_all() -> None:
    assert fingerprint.all_of("cls_1", FINDING)[0] == fingerprint.compute("cls_1", FINDING)
    assert len(fingerprint.all_of("cls_1", FINDING)) == len(fingerprint.VERSIONS)


def test_it_stays_when_the_owners_of_a_pod_arrive_later() -> None:
    top = deployment()
    between = replica_set(top)
    shown = pod(
        status(state=waiting("CrashLoopBackOff"), last=terminated(ago=9), restarts=3),
        owner=between,
        labels={"app": "api", "pod-template-hash": "5d4f9c"},
    )
    seen = [only("CrashLoopBackOff", shown), only("CrashLoopBackOff", shown, between), only("CrashLoopBackOff", shown, between, top)]
    assert len({fingerprint.compute("cls_1", findings[0]) for findings in seen}) == 1
