"""A scan judges by what the server would see: each object as it is after the redaction of its whole manifest."""

import json
from typing import Any

import pytest

from optral.kube import objects
from optral.kube.kinds import BY_ID, EVENT, Kind
from optral.kube.objects import KubeObject, kind_id_of
from optral.scan.detection import IssueFilter, ScanIssue, detect_issues
from optral.scan.intake import Intake
from tests.analysis.cases import CASES
from tests.analysis.cluster import NOON

Manifest = dict[str, Any]
WITH_RISK = IssueFilter(with_risk=True, within_s=float("inf"))


def as_on_the_server(manifests: list[Manifest], intake: Intake) -> Intake:
    """The same objects, each redacted whole before it is decoded."""
    server = Intake(redactor=intake.redactor)
    for manifest in manifests:
        kind, meta = kind_of(manifest), manifest["metadata"]
        assert kind is not None
        raw = server.redactor.redact(kind, json.dumps(manifest).encode())
        uid = meta.get("uid") or f"{kind.id}/{meta.get('namespace', '')}/{meta['name']}"
        obj = objects.decode(kind.id, raw, uid=uid, namespace=meta.get("namespace", ""), name=meta["name"])
        server.view.load(((kind.id, obj),))
    server.now = NOON
    return server


def kind_of(manifest: Manifest) -> Kind | None:
    return BY_ID.get(kind_id_of(manifest["apiVersion"], manifest["kind"]))


def watched(manifests: list[Manifest]) -> list[Manifest]:
    """Without what a scan drops: Secrets, other kinds, and namespaces that a kind is not read in."""
    return [one for one in manifests if (kind := kind_of(one)) and (not kind.only_in or one["metadata"].get("namespace") in kind.only_in)]


def by_uid(intake: Intake, kind: Kind) -> dict[str, KubeObject]:
    return {obj.uid: obj for obj in intake.view.all(kind.id)}


def shape(issue: ScanIssue) -> tuple[Any, ...]:
    return (issue.fingerprint, issue.parent, issue.relation, list(issue.findings), [shape(symptom) for symptom in issue.symptoms])


@pytest.mark.parametrize("name", sorted(CASES))
def test_finds_the_issues_that_whole_redacted_manifests_show(name: str) -> None:
    manifests = watched(CASES[name][2]()[0].objects)
    intake = Intake()
    for manifest in manifests:
        intake.take(json.dumps(manifest).encode())
    intake.settle(NOON)
    server = as_on_the_server(manifests, intake)
    for kind in BY_ID.values():
        if kind is not EVENT:
            assert by_uid(intake, kind) == by_uid(server, kind), kind.id
    found, wanted = (detect_issues(one, WITH_RISK) for one in (intake, server))
    assert [shape(root) for root in found.roots] == [shape(root) for root in wanted.roots]
    assert found.pending == wanted.pending
    assert not intake.gaps
