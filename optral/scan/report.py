"""The report of a scan: one shape for JSON and YAML, with the names of the API, and the same as Markdown.

Every issue begins with the members that an issue of the API begins with; there is no id, since nothing is stored, but the fingerprint is
the same in every scan.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from optral.detectors.finding import Finding
from optral.kit.times import rfc3339
from optral.kit.words import counted, plural
from optral.scan.intake import Intake
from optral.scan.look import Seen, Trouble
from optral.terms.refs import ObjectRef

MAX_AFFECTED = 20
MAX_LISTED = 8  # of what is missing for one reason
Json = dict[str, Any]


@dataclass(slots=True, kw_only=True)
class Report:
    """What was looked at (`source`), of when it is and how that is known, what was found, and answers to why by fingerprint."""

    source: str
    now_from: str
    intake: Intake
    seen: Seen
    answers: Mapping[str, Json] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        assert self.intake.now is not None
        return self.intake.now

    @property
    def incomplete(self) -> list[Json]:
        """What should have been examined and was not."""
        gaps = [{"what": gap.what, "why": gap.why} for gap in self.intake.gaps]
        return gaps + [
            {"what": f"detector {name}", "why": f"failed on {counted(count, 'object')}; this is a bug in Optral"}
            for name, count in sorted(self.seen.failures.items())
        ]

    def missing(self) -> list[str]:
        """What is incomplete, for people: one line per reason."""
        why: dict[str, list[str]] = {}
        for gap in self.incomplete:
            why.setdefault(gap["why"], []).append(gap["what"])
        return [f"{_listed(what)}: {reason}" for reason, what in why.items()]

    def shape(self) -> Json:
        """The whole report as JSON values."""
        roots = self.seen.roots
        counts = Counter(root.severity.value for root in roots)
        return {
            "source": self.source,
            "now": time_of(self.now),
            "nowFrom": self.now_from,
            "objects": self.intake.taken,
            "issues": [self.issue(root) for root in roots],
            "total": len(roots),
            "severities": {name: counts.get(name, 0) for name in ("critical", "high", "medium", "low")},
            "pending": [_pending(finding) for finding in self.seen.pending],
            "incomplete": self.incomplete,
            "secretsDropped": self.intake.secrets_dropped,
        }

    def issue(self, trouble: Trouble) -> Json:
        """One issue and what it explains."""
        lead, owner = trouble.lead, trouble.subject
        answer = self.answers.get(trouble.fingerprint)
        shape: Json = {
            "type": trouble.type,
            "severity": trouble.severity.value,
            "status": "open",
            "cluster": self.source,
            "resource": lead.shown_by.name,
            "namespace": trouble.namespace,
            "detectedAt": time_of(self.now),
            "hasAnalysis": answer is not None,
            "resourceKind": lead.shown_by.short_kind,
            "owner": {"kind": owner.short_kind, "name": owner.name},
            "container": lead.part,
            "title": lead.title,
            "category": lead.category,
            "firstSeenAt": time_of(trouble.since),
            "count": len(trouble.findings),
            "affected": [_ref(ref) for ref in trouble.affected[:MAX_AFFECTED]],
            "affectedTotal": len(trouble.affected),
            "facts": dict(lead.facts),
            "fingerprint": trouble.fingerprint,
            "symptoms": [_symptom(symptom) for symptom in trouble.symptoms],
        }
        if answer is not None:
            shape["analysis"] = answer
        return {name: value for name, value in shape.items() if value is not None or name == "namespace"}

    def footer(self) -> list[str]:
        """The lines below the table."""
        issues, symptoms = len(self.seen.roots), sum(len(root.symptoms) for root in self.seen.roots)
        beside = f" and {counted(symptoms, 'symptom')}" if symptoms else ""
        lines = [f"{counted(issues, 'issue')}{beside} in {self.intake.taken:,} {plural(self.intake.taken, 'object')} of {self.source}"]
        lines.append(f"as of {time_of(self.now)}, {self.now_from}")
        if self.seen.pending:
            lines.append(waiting(self.seen.pending, now=self.now))
        if self.intake.secrets_dropped:
            lines.append(f"{counted(self.intake.secrets_dropped, 'Secret')} dropped without being read")
        return lines


def waiting(pending: list[Finding], *, now: datetime) -> str:
    """How many findings have not lasted long enough, and until when the last of them is decided."""
    last = max((finding.opens_at - now).total_seconds() for finding in pending)
    within = f"{round(last)} s" if last < 120 else f"{-(-last // 60):.0f} min"
    return (
        f"{counted(len(pending), 'issue')} may open within {within}; use --include-pending to show {'it' if len(pending) == 1 else 'them'}"
    )


def _symptom(symptom: Trouble) -> Json:
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
        "affectedTotal": len(symptom.affected),
        "fingerprint": symptom.fingerprint,
    }
    return {name: value for name, value in shape.items() if value is not None}


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
    return {name: value for name, value in shape.items() if value is not None}


def time_of(moment: datetime) -> str:
    """RFC 3339 in UTC, to the second."""
    return rfc3339(moment)


# --- Markdown


def markdown(shape: Json, footer: list[str], missing: list[str]) -> str:
    """The report as a page: a table, and a section for each issue that was explained."""
    lines = ["# Optral scan", "", *(f"{line}  " for line in footer), ""]
    lines += [f"> **Incomplete:** {_cell(line)}" for line in missing]
    lines += ["", "| Severity | Type | Namespace | Object | Affected | Title |", "| --- | --- | --- | --- | ---: | --- |"]
    for issue in shape["issues"]:
        lines.append(_row(issue, issue["type"]))
        lines += [_row(symptom, f"&rdsh; {symptom['type']}") for symptom in issue["symptoms"]]
    for issue in shape["issues"]:
        if (analysis := issue.get("analysis")) is not None:
            lines += _section(issue, analysis)
    return "\n".join(lines) + "\n"


def _row(issue: Json, name: str) -> str:
    owner = f"{issue['owner']['kind']}/{issue['owner']['name']}" + (f" ({issue['container']})" if issue.get("container") else "")
    cells = (issue["severity"], None, issue.get("namespace") or "", owner, issue["affectedTotal"], issue["title"])
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
    """A sentence with its names and quotes as code; what is outside of them cannot mark anything up."""
    parts = text.split("`")
    return "".join(f"`{' '.join(part.split())}`" if at % 2 else _cell(part) for at, part in enumerate(parts))


_MARKED = str.maketrans({char: f"\\{char}" for char in "\\`*_[]<>|#"})


def _cell(value: Any) -> str:
    """Text of a cluster as plain words: on one line, and nothing of it is markup."""
    return "".join(char if char.isprintable() else " " for char in str(value)).translate(_MARKED)
