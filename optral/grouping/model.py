"""What grouping reads and says: ailments that stand now, and which of them is only the symptom of which other.

An ailment is an open issue of the server or the findings of one look that share a fingerprint; grouping cannot tell them apart, so both
are grouped alike.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from optral.detectors import fingerprint
from optral.detectors.finding import Finding, Suspect
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity

MAX_SHOWN = 20  # objects of one ailment that are asked for causes; forty replicas tell no more than twenty


@dataclass(frozen=True, slots=True)
class Shown:
    """One object that shows the ailment, and whom its detector suspects."""

    ref: ObjectRef
    suspects: tuple[Suspect, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ailment:
    """Something wrong with one subject. `key` names it (its fingerprint); `since` is its onset, on one clock with the view's objects.

    `facts` are those of the finding that speaks for it. `shown` names at least one object. `heard` are telling lines of its containers'
    logs, where somebody has them: a log may name what is called and does not answer.
    With `is_onset_unknown` nobody knows since when, and `since` is the first look.
    """

    key: str
    type: str
    subject: ObjectRef
    part: str | None = None
    shown: tuple[Shown, ...]
    since: datetime
    severity: Severity
    category: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    heard: tuple[str, ...] = ()
    is_onset_unknown: bool = False


class Link(NamedTuple):
    """To the root of a symptom. `relation` says how it hangs together with `via`, its nearest cause; often `via` is the root itself."""

    key: str
    relation: str
    via: str


@dataclass(frozen=True, slots=True)
class Arrangement:
    """`parent_of` has every symptom, by key; whatever is not in it is a root. A parent is always a root: families are one deep."""

    parent_of: Mapping[str, Link]

    def roots(self, ailments: Iterable[Ailment]) -> list[Ailment]:
        """The ailments that are nobody's symptom, in their order."""
        return [ailment for ailment in ailments if ailment.key not in self.parent_of]

    def symptoms_of(self, key: str) -> list[str]:
        """Keys of the symptoms of a root, sorted."""
        return sorted(symptom for symptom, link in self.parent_of.items() if link.key == key)


def of_findings(findings: Iterable[Finding], cluster_id: str) -> list[Ailment]:
    """Findings of one look as ailments: those with the same fingerprint are one. The most severe, then the newest, speaks for all.

    Give only findings that count now (`opens_at` has passed).
    """
    together: defaultdict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        together[fingerprint.compute(cluster_id, finding)].append(finding)
    return [_of(key, group) for key, group in together.items()]


def _of(key: str, findings: list[Finding]) -> Ailment:
    ordered = sorted(findings, key=lambda one: (one.severity.rank, one.since, one.shown_by), reverse=True)
    lead = ordered[0]
    return Ailment(
        key=key,
        type=lead.type,
        subject=lead.subject,
        part=lead.part,
        shown=tuple(Shown(one.shown_by, one.suspects) for one in ordered[:MAX_SHOWN]),
        since=min(one.since for one in findings),
        severity=lead.severity,
        category=lead.category,
        facts=lead.facts,
        is_onset_unknown=all(one.is_onset_unknown for one in findings),
    )
