"""The values that grouping reads and returns: failures, and which of them is a symptom of which other.

A failure is an open issue of the server, or the findings of one scan that share a fingerprint. Grouping treats both alike.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from optral.detectors import fingerprint, impact
from optral.detectors.finding import Finding, Suspect
from optral.detectors.impact import NONE, Impact
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity

MAX_OBJECTS = 20  # objects of one failure that are compared; forty replicas show no more than twenty


@dataclass(frozen=True, slots=True)
class AffectedObject:
    """One object that shows the failure, and the candidate causes that its detector names."""

    ref: ObjectRef
    suspects: tuple[Suspect, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One failure of one subject. `key` identifies it (its fingerprint); `since` is its onset, in the same clock as the view's objects.

    `facts` are those of its most severe finding. `objects` has at least one object that shows it. `log_lines` are error lines from the logs
    of its containers, if they were read: such a line may name the dependency that does not answer.
    `is_onset_unknown`: `since` is the first time it was seen, not when it began.
    """

    key: str
    type: str
    subject: ObjectRef
    part: str | None = None
    objects: tuple[AffectedObject, ...]
    since: datetime
    severity: Severity
    category: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    log_lines: tuple[str, ...] = ()
    is_onset_unknown: bool = False
    impact: Impact = NONE


class Link(NamedTuple):
    """The root of a symptom. `via` is its direct cause, which is often the root itself.

    `relation` reads between the names of the symptom's object and of the root's: "runs on".
    """

    key: str
    relation: str
    via: str


@dataclass(frozen=True, slots=True)
class Arrangement:
    """`parent_of` has every symptom, by key; all other failures are roots. A parent is always a root: families are one level deep."""

    parent_of: Mapping[str, Link]

    def roots(self, failures: Iterable[Failure]) -> list[Failure]:
        """The failures that are not symptoms, in their order."""
        return [failure for failure in failures if failure.key not in self.parent_of]

    def symptoms_of(self, key: str) -> list[str]:
        """Keys of the symptoms of a root, sorted."""
        return sorted(symptom for symptom, link in self.parent_of.items() if link.key == key)


def of_findings(findings: Iterable[Finding], cluster_id: str) -> list[Failure]:
    """Group findings with the same fingerprint into failures. The most severe, then the newest finding provides the facts.

    Pass only findings whose `opens_at` has passed.
    """
    together: defaultdict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        together[fingerprint.compute(cluster_id, finding)].append(finding)
    return [_of(key, group) for key, group in together.items()]


def _of(key: str, findings: list[Finding]) -> Failure:
    ordered = sorted(findings, key=lambda finding: (finding.severity.rank, finding.since, finding.shown_by), reverse=True)
    lead = ordered[0]
    return Failure(
        key=key,
        type=lead.type,
        subject=lead.subject,
        part=lead.part,
        objects=tuple(AffectedObject(finding.shown_by, finding.suspects) for finding in ordered[:MAX_OBJECTS]),
        since=min(finding.since for finding in findings),
        severity=lead.severity,
        category=lead.category,
        facts=lead.facts,
        is_onset_unknown=all(finding.is_onset_unknown for finding in findings),
        impact=impact.total(finding.impact for finding in ordered),
    )
