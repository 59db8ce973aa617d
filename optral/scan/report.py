"""The report of a scan: one shape for JSON and YAML, with the field names of the API, and the same as Markdown.

Every issue starts with the same members as an issue in the API. It has no id, since nothing is stored, but the same fingerprint in every
scan.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from optral.detectors.coverage import Coverage
from optral.detectors.finding import Finding
from optral.kit.mappings import without_none
from optral.kit.printable import one_line
from optral.kit.times import rfc3339
from optral.kit.words import counted, plural
from optral.scan import looked_at
from optral.scan.detection import IssueFilter, ScanIssue, ScanResult
from optral.scan.intake import Intake
from optral.terms import impacts
from optral.terms.refs import ObjectRef

MAX_AFFECTED = 20
MAX_LISTED = 8  # gaps with the same reason
Json = dict[str, Any]


@dataclass(slots=True, kw_only=True)
class Report:
    """`source` is the context or path; `now_from` states where the time comes from; `analyses` are analysis shapes by fingerprint."""

    source: str
    now_from: str
    intake: Intake
    result: ScanResult
    analyses: Mapping[str, Json] = field(default_factory=dict)
    issue_filter: IssueFilter = field(default_factory=IssueFilter)

    @property
    def now(self) -> datetime:
        assert self.intake.now is not None
        return self.intake.now

    @property
    def incomplete(self) -> list[Json]:
        """The gaps of the scan, as {what, why}: what should have been examined and was not."""
        gaps = [{"what": gap.what, "why": gap.why} for gap in self.intake.gaps]
        return gaps + [
            {"what": f"detector {name}", "why": f"failed on {counted(count, 'object')}; this is a bug in Optral"}
            for name, count in sorted(self.result.failures.items())
        ]

    @property
    def coverage(self) -> Coverage:
        """What the scan looked at, and what it did not."""
        return looked_at.of(self.intake, self.issue_filter, source=self.source, gaps=self.incomplete)

    def time_text(self) -> str:
        """The time of the scan, in RFC 3339."""
        return time_of(self.now)

    def missing(self) -> list[str]:
        """The gaps as text, one line per reason."""
        by_reason: dict[str, list[str]] = {}
        for gap in self.incomplete:
            by_reason.setdefault(gap["why"], []).append(gap["what"])
        return [f"{_listed(what)}: {reason}" for reason, what in by_reason.items()]

    def shape(self) -> Json:
        """The whole report as JSON values."""
        roots = self.result.roots
        counts = Counter(root.severity.value for root in roots)
        return {
            "source": self.source,
            "now": self.time_text(),
            "nowFrom": self.now_from,
            "objects": self.intake.object_count,
            "issues": [self.issue(root) for root in roots],
            "total": len(roots),
            "severities": {name: counts.get(name, 0) for name in ("critical", "high", "medium", "low")},
            "pending": [_pending(finding) for finding in self.result.pending],
            "incomplete": self.incomplete,
            "coverage": self.coverage.shape(),
            "secretsDropped": self.intake.secrets_dropped,
        }

    def issue(self, issue: ScanIssue) -> Json:
        """One issue with its symptoms and, if it was explained, its analysis."""
        lead, owner = issue.lead, issue.subject
        analysis = self.analyses.get(issue.fingerprint)
        shape: Json = {
            "type": issue.type,
            "severity": issue.severity.value,
            "status": "open",
            "cluster": self.source,
            "resource": lead.shown_by.name,
            "namespace": issue.namespace,
            "detectedAt": time_of(self.now),
            "hasAnalysis": analysis is not None,
            "resourceKind": lead.shown_by.short_kind,
            "owner": {"kind": owner.short_kind, "name": owner.name},
            "container": lead.part,
            "title": lead.title,
            "category": lead.category,
            "firstSeenAt": time_of(issue.since),
            "unchangedSince": time_of(issue.newest),
            "unchanged": issue.is_chronic,
            "impact": impacts.shown(issue.impact.counts.plain()),
            "count": len(issue.findings),
            "affected": [_ref(ref) for ref in issue.affected[:MAX_AFFECTED]],
            "affectedTotal": len(issue.affected),
            "facts": dict(lead.facts),
            "fingerprint": issue.fingerprint,
            "symptoms": [_symptom(symptom) for symptom in issue.symptoms],
        }
        if analysis is not None:
            shape["analysis"] = analysis
        return {name: value for name, value in shape.items() if value is not None or name == "namespace"}

    def footer(self) -> list[str]:
        """The lines below the table."""
        issues, symptoms = len(self.result.roots), sum(len(root.symptoms) for root in self.result.roots)
        with_symptoms = f" and {counted(symptoms, 'symptom')}" if symptoms else ""
        count = self.intake.object_count
        lines = [f"{counted(issues, 'issue')}{with_symptoms} in {count:,} {plural(count, 'object')} of {self.source}"]
        lines.append(self.coverage.summary if self.result.roots else self.coverage.nothing_found("issue"))
        lines.append(f"as of {time_of(self.now)}, {self.now_from}")
        if old := sum(root.is_chronic for root in self.result.roots):
            are = "is" if old == 1 else "are"
            lines.append(f"{counted(old, 'issue')} {are} unchanged for more than a day, and listed after others of the same severity")
        if self.result.pending:
            lines.append(waiting(self.result.pending, now=self.now))
        if self.intake.secrets_dropped:
            lines.append(f"{counted(self.intake.secrets_dropped, 'Secret')} dropped without being read")
        return lines


def waiting(pending: list[Finding], *, now: datetime) -> str:
    """How many findings are pending, and when the last of them opens an issue."""
    last = max((finding.opens_at - now).total_seconds() for finding in pending)
    within = f"{round(last)} s" if last < 120 else f"{-(-last // 60):.0f} min"
    return (
        f"{counted(len(pending), 'issue')} may open within {within}; use --include-pending to show {'it' if len(pending) == 1 else 'them'}"
    )


def place(issue: Json) -> str:
    """The object of an issue or symptom: `shop/Deployment/web`, `Node/worker-1`."""
    return "/".join(part for part in (issue.get("namespace"), issue["owner"]["kind"], issue["owner"]["name"]) if part)


def issue_text(issue: Json) -> str:
    """An issue in a few lines of plain text: its title, cause, actions and symptoms."""
    analysis = issue.get("analysis") or {}
    lines = [issue["title"]]
    if cause := analysis.get("rootCause"):
        lines.append(f"Cause: {cause['title']}")
    elif analysis.get("summary"):
        lines.append(analysis["summary"])
    lines += [f"What to do: {action['title']}" for action in analysis.get("recommendedActions", [])]
    lines += [f"Symptom: {symptom['title']}" for symptom in issue["symptoms"]]
    return "\n".join(one_line(line) for line in lines)


def _symptom(symptom: ScanIssue) -> Json:
    shape: Json = {
        "type": symptom.type,
        "severity": symptom.severity.value,
        "namespace": symptom.namespace,
        "resource": symptom.lead.shown_by.name,
        "owner": {"kind": symptom.subject.short_kind, "name": symptom.subject.name},
        "container": symptom.lead.part,
        "relation": symptom.relation,
        "title": symptom.lead.title,
        "firstSeenAt": time_of(symptom.since),
        "impact": impacts.shown(symptom.impact.counts.plain()),
        "affectedTotal": len(symptom.affected),
        "fingerprint": symptom.fingerprint,
    }
    return without_none(shape)


def _pending(finding: Finding) -> Json:
    return {
        "type": finding.type,
        "namespace": finding.shown_by.namespace,
        "resource": finding.shown_by.name,
        "opensAt": time_of(finding.opens_at),
        "title": finding.title,
    }


def _listed(what: list[str]) -> str:
    left = len(what) - MAX_LISTED
    return ", ".join(what) if left <= 1 else f"{', '.join(what[:MAX_LISTED])} and {left} more (use -o json to list them)"


def _ref(ref: ObjectRef) -> Json:
    shape = {"kind": ref.short_kind, "namespace": ref.namespace, "name": ref.name}
    return without_none(shape)


def time_of(moment: datetime) -> str:
    """RFC 3339 in UTC, to the second."""
    return rfc3339(moment)


# --- Markdown


def markdown(shape: Json, footer: list[str], missing: list[str]) -> str:
    """The report as Markdown: a table, and a section for each explained issue."""
    lines = ["# Optral scan", "", *(f"{line}  " for line in footer), ""]
    lines += [f"> **Incomplete:** {_cell(line)}" for line in missing]
    lines += ["", "| Severity | Type | Namespace | Object | Affects | Title |", "| --- | --- | --- | --- | --- | --- |"]
    for issue in shape["issues"]:
        lines.append(_row(issue, issue["type"]))
        lines += [_row(symptom, f"&rdsh; {symptom['type']}") for symptom in issue["symptoms"]]
    for issue in shape["issues"]:
        if (analysis := issue.get("analysis")) is not None:
            lines += _section(issue, analysis)
    return "\n".join(lines) + "\n"


def _row(issue: Json, name: str) -> str:
    owner = f"{issue['owner']['kind']}/{issue['owner']['name']}" + (f" ({issue['container']})" if issue.get("container") else "")
    cells = (issue["severity"], None, issue.get("namespace") or "", owner, impacts.in_words(issue["impact"]), issue["title"])
    return "| " + " | ".join(name if cell is None else _cell(cell) for cell in cells) + " |"


def _section(issue: Json, analysis: Json) -> list[str]:
    where = "/".join(_cell(part) for part in (issue.get("namespace"), issue["owner"]["name"]) if part)
    lines = ["", f"## {_cell(issue['type'])} {where}", "", _cell(analysis.get("summary", ""))]
    cause = analysis.get("rootCause")
    if cause:
        percent = round(100 * float(analysis.get("confidence") or 0))
        lines += ["", f"**{_cell(cause['title'])}**, {percent}% confidence ({_cell(cause['id'])})", ""]
        lines += [f"- {_claim(claim['text'])}" for claim in cause.get("claims", [])]
    if actions := analysis.get("recommendedActions"):
        lines += ["", "What to do:", "", *(f"{number}. {_cell(action['title'])}" for number, action in enumerate(actions, 1))]
    if evidence := analysis.get("evidence"):
        lines += ["", "Evidence:", ""]
        lines += [f"- {_cell(fact['path'])}: `{_cell(fact['excerpt']).replace('`', '')}`" for fact in evidence[:8]]
    return [*lines, "", *(f"Missing: {_cell(what)}" for what in analysis.get("missingEvidence", []))]


def _claim(text: str) -> str:
    """A sentence with its quoted names as code and all other Markdown escaped."""
    parts = text.split("`")
    return "".join(f"`{' '.join(part.split())}`" if at % 2 else _cell(part) for at, part in enumerate(parts))


_MARKED = str.maketrans({char: f"\\{char}" for char in "\\`*_[]<>|#"})


def _cell(value: Any) -> str:
    """Text from the cluster on one line, with Markdown escaped."""
    return one_line(value).translate(_MARKED)
