"""The report of a scan as JUnit XML, as Jenkins and GitLab read it.

The suite `issues` has a failed case for each issue, and a case for each type without issues: it passes if all that its detector needs was
read, and is skipped otherwise. The suite `coverage` has what was not looked at: an error if it is needed, otherwise skipped.
"""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple
from xml.etree import ElementTree as Xml

from optral.detectors.catalog import DETECTORS
from optral.detectors.detector import Detector, Tier
from optral.kit.printable import lines
from optral.scan import looked_at
from optral.scan.report import Report, issue_text, place, waiting
from optral.terms.severity import Severity


class _Case(NamedTuple):
    """One test case. `outcome` is the element that tells it: failure, error or skipped; None if it passed."""

    group: str
    name: str
    outcome: str | None = None
    message: str = ""
    text: str = ""
    kind: str = ""


def document(report: Report, *, fail_on: Severity | None) -> str:
    """The report as XML. With `fail_on`, issues that are less severe are skipped and do not fail."""
    root = Xml.Element("testsuites", name="optral scan")
    totals: Counter[str] = Counter()
    for name, cases in (("issues", [*_issues(report, fail_on), *_types(report)]), ("coverage", [*_coverage(report)])):
        counts = Counter(f"{case.outcome}s" if case.outcome in ("failure", "error") else case.outcome for case in cases)
        numbers = {key: str(counts[key]) for key in ("failures", "errors", "skipped")} | {"tests": str(len(cases)), "time": "0"}
        totals.update({key: int(value) for key, value in numbers.items()})
        suite = Xml.SubElement(root, "testsuite", {"name": f"optral.{name}", "timestamp": report.time_text().rstrip("Z"), **numbers})
        for case in cases:
            _write(suite, case)
    root.attrib.update({key: str(value) for key, value in totals.items()})
    Xml.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{Xml.tostring(root, encoding="unicode")}\n'


def _write(suite: Xml.Element, case: _Case) -> None:
    element = Xml.SubElement(suite, "testcase", classname=lines(case.group), name=lines(case.name), time="0")
    if case.outcome is not None:
        attributes = {"message": lines(case.message)} | ({"type": case.kind} if case.kind else {})
        Xml.SubElement(element, case.outcome, attributes).text = lines(case.text) or None


def _issues(report: Report, fail_on: Severity | None) -> Iterator[_Case]:
    for root in report.result.roots:
        issue = report.issue(root)
        is_failure = fail_on is None or root.severity.rank >= fail_on.rank
        name = place(issue) + (f", container {issue['container']}" if issue.get("container") else "")
        message = issue["title"] if is_failure else f"{issue['severity']}, below --fail-on {fail_on}: {issue['title']}"
        outcome = "failure" if is_failure else "skipped"
        yield _Case(f"optral.issues.{root.type}", name, outcome, message, issue_text(issue), issue["severity"] if is_failure else "")


def _types(report: Report) -> Iterator[_Case]:
    """The issue types of which nothing was found, neither as an issue nor as a symptom."""
    shown = {issue.type for root in report.result.roots for issue in (root, *root.symptoms)}
    selected = report.issue_filter
    name = "no issue" + ("" if selected.min_severity is Severity.LOW else f" of at least {selected.min_severity}")
    for detector in DETECTORS:
        is_on = detector.type in selected.types if selected.types else detector.tier is not Tier.RISK or selected.with_risk
        if is_on and detector.type not in shown:
            why = _not_passed(detector, report)
            yield _Case(f"optral.issues.{detector.type}", name, "skipped" if why else None, why or "")


def _not_passed(detector: Detector, report: Report) -> str | None:
    if detector.type in report.result.failures:
        return "Its detector failed"
    if pending := [finding for finding in report.result.pending if finding.type == detector.type]:
        return waiting(pending, now=report.now)
    return looked_at.unexamined(detector, report.intake)


def _coverage(report: Report) -> Iterator[_Case]:
    record = report.coverage
    if record.is_complete:
        yield _Case("optral.coverage", "everything needed was read")
    for one in record.unread:
        text = "\n".join(one.kinds)
        yield _Case(f"optral.coverage.{one.reason}", one.message, "error" if one.is_needed else "skipped", one.message, text, one.reason)
    if report.result.pending:
        yield _Case("optral.coverage.pending", "all findings are old enough", "skipped", waiting(report.result.pending, now=report.now))
