"""What a scan looked at and what it did not, as the record that the server's answers have too (`detectors/coverage.py`).

A cluster is listed kind by kind, so that a kind without objects was read. A dump does not tell which kinds were exported: a kind without an
object in it is named, and is needed only if every cluster has such objects.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from optral.detectors import coverage
from optral.detectors.coverage import ClusterRead, Coverage, Phases, Reason, Unread
from optral.detectors.detector import Detector
from optral.detectors.tuning import Settings
from optral.kube.kinds import BY_ID, EVENT, KINDS
from optral.scan.detection import IssueFilter
from optral.scan.intake import Intake

IN_EVERY_CLUSTER = frozenset({"ConfigMap", "Namespace", "Node", "Pod", "Service"})
MAX_GAPS = 20  # in the record; `incomplete` of the report has all


def of(intake: Intake, issue_filter: IssueFilter, *, source: str, gaps: Sequence[Mapping[str, Any]]) -> Coverage:
    """The record of a settled intake; `gaps` are those of the report."""
    assert intake.now is not None
    phases = Phases(dict.fromkeys(intake.listed_kinds, "live"))
    cluster = ClusterRead(id="", name=source, seen_at=intake.now, synced_at=intake.now, phases=phases)
    rules = coverage.rules(Settings(has_risk=issue_filter.with_risk))
    if issue_filter.types:
        rules = replace(rules, on=len(issue_filter.types))
    unread = [*_gaps(gaps), *_absent(intake, gaps), coverage.SECRETS]
    return Coverage(
        at=intake.now,
        clusters=[cluster],
        total=1,
        rules=rules,
        unread=coverage.needed_first(unread),
        namespaces=issue_filter.namespaces or None,
    )


def _gaps(gaps: Sequence[Mapping[str, Any]]) -> Iterator[Unread]:
    by_reason: dict[str, list[str]] = {}
    for gap in gaps:
        by_reason.setdefault(gap["why"], []).append(gap["what"])
    for why, what in list(by_reason.items())[:MAX_GAPS]:
        reason = Reason.FORBIDDEN if "may not be listed" in why else Reason.UNREADABLE
        yield Unread(reason=reason, message=f"{coverage.listed(what, 'part')}: {why}")


def _absent(intake: Intake, gaps: Sequence[Mapping[str, Any]]) -> Iterator[Unread]:
    named = {gap["what"] for gap in gaps}
    absent = [kind.id for kind in KINDS if not kind.optional and kind.id not in intake.listed_kinds and kind.plural not in named]
    for is_needed in (True, False):
        kinds = tuple(kind for kind in absent if (kind in IN_EVERY_CLUSTER) is is_needed)
        if kinds:
            names = coverage.listed([kind.partition(".")[0] for kind in kinds], "kind")
            yield Unread(
                reason=Reason.NO_OBJECTS,
                is_needed=is_needed,
                kinds=kinds,
                message=f"No object of {names} was given: they may not be exported",
            )


def unexamined(detector: Detector, intake: Intake) -> str | None:
    """Why the absence of issues of this type means nothing; None if the scan read all that the detector needs."""
    needed = [kind for kind in detector.looks_at if kind not in BY_ID or not BY_ID[kind].optional]
    missing = {*needed} - intake.listed_kinds
    if not needed and not detector.looks_at & intake.listed_kinds:
        missing = {*detector.looks_at}
    if "events" in detector.needs and EVENT.id not in intake.listed_kinds:
        missing.add(EVENT.id)
    names = sorted(kind.partition(".")[0] for kind in missing)
    if "logs" in detector.needs and not (intake.are_logs_sampled or intake.logs):
        names.append("logs")
    if detector.needs & {"metrics", "prometheus"} and not intake.series.by_name:
        names.append("usage")
    return f"No {coverage.listed(names, 'kind')} was read" if names else None
