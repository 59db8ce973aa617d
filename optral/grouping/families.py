"""How severe a family of failures is and what it affects: a root and the symptoms that it explains. Pure; see docs/severity.md."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from optral.detectors import impact
from optral.detectors.impact import Impact
from optral.grouping.model import Failure
from optral.kit.words import plural
from optral.kube.kinds import LONG_RUNNING
from optral.terms.severity import Severity

MANY_WORKLOADS, MANY_NAMESPACES = 10, 5
"""A cause that stops so many workloads, or workloads in so many namespaces, is critical."""


def rate(root: Failure, symptoms: Sequence[Failure]) -> tuple[Severity, Impact]:
    """The severity of a root, at least that of its worst symptom, and what the family affects, with the reason for the severity."""
    affected = impact.union(one.impact for one in (root, *symptoms))
    if not symptoms:
        return root.severity, affected
    if (reason := _stops_many((root, *symptoms))) is not None:
        return Severity.CRITICAL, replace(affected, reason=reason)
    worst = max(symptoms, key=lambda one: (one.severity.rank, one.key))
    if worst.severity.rank <= root.severity.rank:
        return root.severity, affected
    return worst.severity, replace(affected, reason=worst.impact.reason or affected.reason)


def _stops_many(failures: Iterable[Failure]) -> str | None:
    severe = (one for one in failures if one.severity.rank - one.impact.is_raised >= Severity.HIGH.rank)
    stopped = {one.subject[:3] for one in severe if one.subject.kind in LONG_RUNNING}
    namespaces = {namespace for _, namespace, _ in stopped}
    if len(stopped) < MANY_WORKLOADS and len(namespaces) < MANY_NAMESPACES:
        return None
    return f"It stops {len(stopped)} workloads in {len(namespaces)} {plural(len(namespaces), 'namespace')}."


def urgency(severity: Severity, *, is_cluster_wide: bool, workloads: int, pods: int) -> int:
    """The order of issues, the highest first: by severity, then the cluster before applications, then by workloads and pods."""
    return least_urgency(severity.rank) + (is_cluster_wide << 44) + (min(workloads, (1 << 20) - 1) << 24) + min(pods, (1 << 24) - 1)


def least_urgency(rank: int) -> int:
    """The urgency that an issue of this rank of severity has at least."""
    return rank * 2 << 44
