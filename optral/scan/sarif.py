"""The report of a scan as SARIF 2.1.0, the format of code-scanning tools. Source: OASIS SARIF 2.1.0 (errata 01).

A result is a root issue; its symptoms are related locations. What the scan did not look at is a notification, and with one that is needed
`executionSuccessful` is false: a run without results then does not mean that nothing is wrong. Objects of a cluster have no file: each gets
the relative URI `namespace/Kind/name`, since some readers refuse a result without one.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import optral
from optral import detectors
from optral.detectors.coverage import Coverage
from optral.kit.mappings import without_none
from optral.kit.words import counted
from optral.scan.report import Json, Report, issue_text, place, waiting
from optral.terms.severity import Severity

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note"}
_PENDING = "pending"


def shape(report: Report) -> Json:
    """The report as a SARIF log of one run."""
    issues = [report.issue(root) for root in report.result.roots]
    types = sorted({issue["type"] for issue in issues})
    notifications = [*_unread(report.coverage), *_pending(report)]
    driver = {
        "name": "Optral",
        "semanticVersion": optral.__version__,
        "rules": [_rule(issue_type) for issue_type in types],
        "notifications": [{"id": name} for name in sorted({one["descriptor"]["id"] for one in notifications})],
    }
    invocation = {
        "executionSuccessful": report.coverage.is_complete,
        "endTimeUtc": report.time_text(),
        "toolExecutionNotifications": notifications,
    }
    run = {
        "tool": {"driver": driver},
        "invocations": [invocation],
        "results": [_result(issue, types.index(issue["type"])) for issue in issues],
        "columnKind": "unicodeCodePoints",
        "properties": {"source": report.source, "summary": " ".join(f"{line}." for line in report.footer())},
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(issue_type: str) -> Json:
    detector = detectors.BY_TYPE[issue_type]
    return {
        "id": issue_type,
        "name": issue_type,
        "shortDescription": {"text": detector.title},
        "defaultConfiguration": {"level": _LEVELS[detector.severity]},
        "properties": {"tags": ["kubernetes", detector.category]},
    }


def _result(issue: Json, rule_index: int) -> Json:
    return {
        "ruleId": issue["type"],
        "ruleIndex": rule_index,
        "level": _LEVELS[Severity(issue["severity"])],
        "message": {"text": issue_text(issue)},
        "locations": [_location(issue)],
        "relatedLocations": [
            {"id": number, **_location(symptom), "message": {"text": symptom["title"]}}
            for number, symptom in enumerate(issue["symptoms"], 1)
        ],
        # GitHub tracks results by the first name only.
        "partialFingerprints": {"primaryLocationLineHash": issue["fingerprint"], "optralIssue/v1": issue["fingerprint"]},
        "provenance": {"firstDetectionTimeUtc": issue["firstSeenAt"]},
        "properties": without_none(
            {
                "severity": issue["severity"],
                "container": issue.get("container"),
                "affectedTotal": issue["affectedTotal"],
                "impact": issue["impact"],
                "rootCause": ((issue.get("analysis") or {}).get("rootCause") or {}).get("id"),
            }
        ),
    }


def _location(issue: Json) -> Json:
    name = place(issue)
    return {
        "physicalLocation": {"artifactLocation": {"uri": quote(name)}, "region": {"startLine": 1}},
        "logicalLocations": [{"name": issue["owner"]["name"], "fullyQualifiedName": name, "kind": "resource"}],
    }


def _unread(coverage: Coverage) -> Iterator[Json]:
    for one in coverage.unread:
        yield _notification(one.reason.value, one.message, "error" if one.is_needed else "note", kinds=list(one.kinds))


def _pending(report: Report) -> Iterator[Json]:
    if report.result.pending:
        yield _notification(_PENDING, waiting(report.result.pending, now=report.now), "note")
    if report.intake.secrets_dropped:
        yield _notification("neverRead", f"{counted(report.intake.secrets_dropped, 'Secret')} dropped without being read", "note")


def _notification(name: str, text: str, level: str, **properties: Any) -> Json:
    return {"descriptor": {"id": name}, "level": level, "message": {"text": text}, "properties": properties}
