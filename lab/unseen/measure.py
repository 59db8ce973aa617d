"""Scans and explains the cases, and counts: the right cause first, confidence against accuracy, facts that the explanation names."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from lab.unseen.cluster import Cluster
from lab.unseen.fault import Case, Truth
from optral.analysis import causes
from optral.analysis.engine import engine
from optral.analysis.model import Explanation, Question
from optral.analysis.reading.snapshot import Snapshot
from optral.scan import dump
from optral.scan.detection import IssueFilter, ScanResult, detect_issues
from optral.scan.explanation import Explainer, question_about
from optral.scan.intake import Intake
from optral.scan.scoring import Answer, ObjectKey, Relations, Verdict, ranking

WITHIN_S = 600.0  # a case is one moment of a fault that lasts
BINS = 10


@dataclass(frozen=True, kw_only=True)
class Result:
    """The answer to one case. `facts` and `slots` are (named, required).

    A control is right without an issue at its moment, silent with one that names no cause. `noise_first`: what is out of order for weeks
    is listed before the fault.
    """

    case: Case
    is_right: bool
    is_third: bool
    cause: str
    subject: str
    confidence: float
    facts: tuple[int, int]
    slots: tuple[int, int]
    roots: int
    text: str
    others: Sequence[str]
    verdict: Verdict
    noise_first: bool = False


def scan(cluster: Cluster, *, within_s: float = WITHIN_S) -> tuple[Intake, ScanResult]:
    intake = Intake(keep=True)
    dump.take_document(json.dumps(cluster.bundle()).encode(), intake, name="case")
    dump.settle(intake)
    return intake, detect_issues(intake, IssueFilter(within_s=within_s))


def answers(case: Case) -> Iterator[tuple[Question, Snapshot, Explanation]]:
    """The question about each root issue of a case, what its answer reads, and the answer."""
    cluster, _ = case.build()
    intake, found = scan(cluster)
    explainer = Explainer(intake)
    for root in found.roots:
        question, snap = question_about(root), explainer.snapshot_of(root)
        yield question, snap, engine.explain(engine.investigate(question, snap))


def run(case: Case) -> Result:
    cluster, truth = case.build()
    is_control = not case.fault.causes
    intake, found = scan(cluster, within_s=0 if is_control else WITHIN_S)
    explainer = Explainer(intake)
    relations = Relations(cluster.objects.values())
    apart = {*truth.beside, *(getattr(cluster, "noise", set()) - {truth.app})}
    roots = [root for root in found.roots if not _is_apart(root.subject.name, apart)]
    named: list[tuple[Answer, dict[str, Any]]] = []
    for root in roots:
        explanation = explainer.explain(root)
        is_chronic = case.is_blind and root.is_chronic
        if explanation.root_cause is not None and not _is_apart(_key(explanation.root_cause).name, apart):
            cause = explanation.root_cause
            named.append((Answer(cause["id"], _key(cause), explanation.confidence, True, is_chronic), cause))
        named += [(Answer(one["id"], _key(one), one["score"], False, is_chronic), one) for one in explanation.body.get("hypotheses", ())]
    order = ranking([answer for answer, _ in named])
    named.sort(key=lambda one: order(one[0]))
    unique = {(answer.cause, answer.key): (answer.confidence, cause, answer.accepted) for answer, cause in reversed(named)}
    ranked = [unique[key] for key in dict.fromkeys((answer.cause, answer.key) for answer, _ in named)]
    hits = [cause["id"] in case.fault.causes and is_at_fault(_key(cause), truth, relations) for _, cause, _ in ranked[:3]]
    accepted = bool(ranked) and ranked[0][2]
    confidence, first, _ = ranked[0] if accepted else (0.0, {}, False)
    text = str(first.get("explanation", "")) + json.dumps(first.get("facts", ()))
    required = len(causes.BY_ID[first["id"]].facts) if first else 0
    return Result(
        case=case,
        is_right=accepted and hits[0],
        is_third=any(hits),
        cause=str(first.get("id", "")),
        subject="/".join(_key(first)) if first else "",
        confidence=confidence,
        facts=(sum(" ".join(fact.split()) in text for fact in truth.facts), len(truth.facts)),
        slots=(required - len(first.get("missingFacts", ())), required),
        roots=len(roots),
        verdict=_verdict(case, truth, relations, first, bool(roots)),
        noise_first=bool(roots) and _is_apart(found.roots[0].subject.name, apart - set(truth.beside)),
        text=str(first.get("explanation", "")),
        others=[f"{cause['id']} {'/'.join(_key(cause))} {score}" for score, cause, _ in ranked[1:5]]
        + [f"[{one.type} {one.subject.name}]" for one in found.roots],
    )


def _verdict(case: Case, truth: Truth, relations: Relations, first: dict[str, Any], has_issue: bool) -> Verdict:
    """What an answer is worth, as `optral eval` judges it."""
    if not case.fault.causes:
        return Verdict.WRONG if first else Verdict.SILENT if has_issue else Verdict.RIGHT
    if not first:
        return Verdict.SILENT
    names_object, names_cause = is_at_fault(_key(first), truth, relations), first["id"] in case.fault.causes
    if names_object or names_cause:
        return Verdict.RIGHT if names_object and names_cause else Verdict.PARTLY
    return Verdict.SYMPTOM if first["id"] in causes.GENERAL else Verdict.WRONG


def _is_apart(name: str, apart: set[str]) -> bool:
    return any(name == one or name.startswith(f"{one}-") for one in apart)


def _key(cause: dict[str, Any]) -> ObjectKey:
    subject = cause["subject"]
    return ObjectKey(*(str(subject.get(part) or "") for part in ("kind", "namespace", "name")))


def is_at_fault(key: ObjectKey, truth: Truth, relations: Relations) -> bool:
    """Whether a cause is about an object that the fault broke."""
    return (key.kind, key.name) in truth.objects or bool(truth.app and relations.is_part_of(key, f"app/{truth.app}"))


def figures(results: Iterable[Result]) -> dict[str, float]:
    """A@1, A@3, answers that are wrong, calibration error (ten bins) and the part of it that promises too much.

    `facts` counts right answers, `slots` all answers: the share of what has to be named that is named.
    """
    results = list(results)
    answered = [one for one in results if one.cause]
    right = [one for one in results if one.is_right]
    return {
        "cases": len(results),
        "a1": len(right) / len(results),
        "a3": sum(one.is_third for one in results) / len(results),
        "silent": sum(not one.cause for one in results),
        "wrong": sum(not one.is_right for one in answered),
        "calibrationError": sum(map(abs, _gaps(answered))) / max(1, len(answered)),
        "overconfidence": sum(max(0.0, gap) for gap in _gaps(answered)) / max(1, len(answered)),
        "facts": _share(one.facts for one in right),
        "slots": _share(one.slots for one in answered),
        "issuesPerFault": sum(one.roots for one in results) / len(results),
    }


def verdicts(results: Iterable[Result]) -> dict[str, Counter[Verdict]]:
    """How many cases of each class have which verdict; the controls are a class of their own."""
    rows: dict[str, Counter[Verdict]] = {}
    for one in results:
        rows.setdefault(one.case.fault.group if one.case.fault.causes else "control", Counter())[one.verdict] += 1
    return {name: rows[name] for name in sorted(rows, key=lambda name: (len(name), name))}


def _gaps(answered: Sequence[Result]) -> Iterator[float]:
    """For each bin of confidence, the confidence of its answers less those that are right; above 0, the answers promise too much."""
    bins: dict[int, list[Result]] = {}
    for one in answered:
        bins.setdefault(min(BINS - 1, int(one.confidence * BINS)), []).append(one)
    yield from (sum(one.confidence - one.is_right for one in inside) for inside in bins.values())


def _share(parts: Iterable[tuple[int, int]]) -> float:
    named, required = (sum(column) for column in zip(*parts, strict=True))
    return named / required if required else 1.0
