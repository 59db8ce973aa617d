"""Scores detection and analysis against the labels of a folder of cases. Pure; `evaluate` defines what a case is.

*Detection*: the labeled fault is detected if a root issue or one of its symptoms has an expected type and is on the labeled object. A root
issue on an unrelated object is a false issue. *Analysis*: an answer is right if it names the labeled cause on the labeled object; it counts
as first, or as among the first three. The first answer has a `Verdict`.
"""

import math
import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from optral.analysis import causes

BINS = 10
OWN_WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Pod", "Job", "CronJob")
_USED = {"persistentVolumeClaim": ("PersistentVolumeClaim", "claimName"), "configMap": ("ConfigMap", "name")}
Json = dict[str, Any]


class Verdict(StrEnum):
    """What the first answer of a case is."""

    RIGHT = "right"
    PARTLY = "partly"
    """The labeled object with another cause, or the labeled cause on another object."""
    SYMPTOM = "symptom"
    """A cause on another object that says little more than the symptom does (`causes.GENERAL`)."""
    SILENT = "silent"
    """No cause is named."""
    WRONG = "wrong"


class ObjectKey(NamedTuple):
    """An object by kind (without group), namespace ("" without one) and name."""

    kind: str
    namespace: str
    name: str


@dataclass(frozen=True, slots=True)
class Label:
    """The label of a case. `target` is `app/NAME` (a workload with its Service), `node/NAME` or `namespace/NAME`."""

    cause: str
    target: str
    category: str


@dataclass(frozen=True, slots=True)
class Expected:
    """The issue types and causes that match a label. No types: nothing can be detected. No causes: the right answer is to abstain."""

    types: frozenset[str]
    causes: frozenset[str]


class Answer(NamedTuple):
    """A cause for an object. `accepted` tells a verdict of the engine from a possible cause; `is_chronic`: it was there for a day."""

    cause: str
    key: ObjectKey
    confidence: float
    accepted: bool
    is_chronic: bool = False


def ranking(answers: Iterable[Answer]) -> Callable[[Answer], tuple[object, ...]]:
    """The order of all answers to one case: accepted ones first, then new ones, then those that say more than the symptom, then those that
    explain the most issues, then by confidence."""
    reach = Counter((answer.cause, answer.key) for answer in answers if answer.accepted)
    return lambda one: (not one.accepted, one.is_chronic, one.cause in causes.GENERAL, -reach[one.cause, one.key], -one.confidence)


@dataclass(slots=True, kw_only=True)
class Family:
    """A root issue with its symptoms, as (type, subject)."""

    issue: tuple[str, ObjectKey]
    symptoms: list[tuple[str, ObjectKey]] = field(default_factory=list)

    @property
    def members(self) -> list[tuple[str, ObjectKey]]:
        return [self.issue, *self.symptoms]


@dataclass(slots=True, kw_only=True)
class CaseScore:
    """The score of one case. Without analysis (`--no-analysis`), `answers` is empty and the verdict silent."""

    case: str
    label: Label
    families: Sequence[Family]
    detected: bool
    expected_any: bool
    own: int  # root issues that the labeled fault causes
    false: list[tuple[str, ObjectKey]]
    answers: Sequence[Answer] = ()
    verdict: Verdict = Verdict.SILENT
    third: bool = False
    took_ms: Sequence[float] = ()
    apart: str | None = None
    gaps: Sequence[str] = ()

    @property
    def first(self) -> bool:
        return self.verdict is Verdict.RIGHT

    @property
    def abstained(self) -> bool:
        return self.verdict is Verdict.SILENT


class Relations:
    """Owners, used objects and nodes of the workloads of one case, from manifests as JSON values."""

    def __init__(self, manifests: Iterable[Mapping[str, Any]]) -> None:
        self._owner: dict[ObjectKey, ObjectKey] = {}
        self._users: defaultdict[ObjectKey, set[ObjectKey]] = defaultdict(set)
        self._nodes: defaultdict[str, set[ObjectKey]] = defaultdict(set)
        volumes = []
        for manifest in manifests:
            key = key_of(manifest)
            self._read_owner(manifest, key)
            spec = _map(manifest.get("spec"))
            template = spec if key.kind == "Pod" else _map(_map(spec.get("template")).get("spec"))
            self._read_uses(template, key)
            if key.kind == "Pod" and isinstance(spec.get("nodeName"), str):
                self._nodes[spec["nodeName"]].add(key)
            if key.kind == "PersistentVolume":
                volumes.append((key, _map(spec.get("claimRef"))))
        for key, claim in volumes:
            users = self._users.get(ObjectKey("PersistentVolumeClaim", str(claim.get("namespace") or ""), str(claim.get("name") or "")), ())
            self._users[key] |= set(users)

    def _read_owner(self, manifest: Mapping[str, Any], key: ObjectKey) -> None:
        for owner in _map(manifest.get("metadata")).get("ownerReferences") or ():
            if isinstance(owner, dict) and owner.get("name"):
                self._owner[key] = ObjectKey(str(owner.get("kind") or ""), key.namespace, str(owner["name"]))

    def _read_uses(self, template: Mapping[str, Any], key: ObjectKey) -> None:
        for volume in template.get("volumes") or ():
            for member, (kind, name_field) in _USED.items():
                if isinstance(used := _map(volume).get(member), dict) and isinstance(used.get(name_field), str):
                    self._users[ObjectKey(kind, key.namespace, used[name_field])].add(key)
        if isinstance(account := template.get("serviceAccountName"), str):
            self._users[ObjectKey("ServiceAccount", key.namespace, account)].add(key)

    def top(self, key: ObjectKey) -> ObjectKey:
        """The highest owner."""
        for _ in range(5):
            if key not in self._owner:
                return key
            key = self._owner[key]
        return key

    def is_part_of(self, key: ObjectKey, target: str) -> bool:
        """Tell whether this object is the labeled one or a part of it."""
        kind, _, name = target.partition("/")
        if kind == "node":
            return (key.kind == "Node" and key.name == name) or (key.kind == "Cluster" and name == "cluster")
        if kind == "namespace":
            return (key.kind == "Namespace" and key.name == name) or (key.kind in ("ResourceQuota", "LimitRange") and key.namespace == name)
        return self._names(key) & {name, f"{name}-leader", f"{name}-follower"} != set()

    def is_caused_by(self, label: Label, expected: Expected, *, type_: str, key: ObjectKey) -> bool:
        """Tell whether the labeled fault causes an issue: it is on the labeled object or a part of it; on an object that runs on the
        labeled node; or, for a labeled namespace, of an expected type and in that namespace."""
        kind, _, name = label.target.partition("/")
        if self.is_part_of(key, label.target):
            return True
        if kind == "node":
            return key.kind == "Cluster" or any(self.top(pod) == self.top(key) for pod in self._nodes.get(name, ()))
        return kind == "namespace" and key.namespace == name and type_ in expected.types

    def _names(self, key: ObjectKey) -> set[str]:
        """Names of the workloads that this object is a part of."""
        if key.kind in (*OWN_WORKLOADS, "Service", "Endpoints", "EndpointSlice", "Ingress", "HorizontalPodAutoscaler"):
            return {self.top(key).name, key.name}
        users = self._users.get(key, ())
        return {self.top(user).name for user in users} if len(users) < 40 else set()


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def key_of(manifest: Mapping[str, Any]) -> ObjectKey:
    meta = _map(manifest.get("metadata"))
    return ObjectKey(str(manifest.get("kind") or ""), str(meta.get("namespace") or ""), str(meta.get("name") or ""))


def score_case(
    case: str, label: Label, expected: Expected, relations: Relations, families: Sequence[Family], answers: Sequence[Answer], **more: Any
) -> CaseScore:
    """Score one case."""
    own, false, detected = 0, [], False
    for family in families:
        related = [type_ for type_, key in family.members if relations.is_caused_by(label, expected, type_=type_, key=key)]
        detected = detected or any(type_ in expected.types for type_ in related)
        if related:
            own += 1
        else:
            false.append(family.issue)
    verdicts = [_verdict(answer, label, expected, relations) for answer in answers[:3]]
    return CaseScore(
        case=case,
        label=label,
        families=families,
        detected=detected,
        expected_any=bool(expected.types),
        own=own,
        false=false,
        answers=answers[:5],
        verdict=verdicts[0] if answers and answers[0].accepted else Verdict.SILENT,
        third=Verdict.RIGHT in verdicts,
        **more,
    )


def _verdict(answer: Answer, label: Label, expected: Expected, relations: Relations) -> Verdict:
    names_cause, names_object = answer.cause in expected.causes, relations.is_part_of(answer.key, label.target)
    if names_cause and names_object:
        return Verdict.RIGHT
    if names_cause or names_object:
        return Verdict.PARTLY
    return Verdict.SYMPTOM if answer.cause in causes.GENERAL else Verdict.WRONG


# --- sums


def summarize(scores: Sequence[CaseScore]) -> Json:
    """All figures: of the cases whose objects show the cause (also by category and cause), and of those reported separately."""
    decidable = [score for score in scores if score.apart is None]
    by_category: defaultdict[str, list[CaseScore]] = defaultdict(list)
    by_cause: defaultdict[str, list[CaseScore]] = defaultdict(list)
    apart: defaultdict[str, list[CaseScore]] = defaultdict(list)
    for score in scores:
        if score.apart is not None:
            apart[score.apart].append(score)
        else:
            by_category[score.label.category].append(score)
            by_cause[score.label.cause].append(score)
    return {
        "all": _figures(decidable),
        "categories": {name: _figures(group) for name, group in sorted(by_category.items())},
        "causes": {name: _figures(group) for name, group in sorted(by_cause.items())},
        "apart": {name: _figures(group) | _abstaining(group) for name, group in sorted(apart.items())},
        "calibration": calibration(decidable),
        "ms": _times([took for score in scores for took in score.took_ms]),
    }


def _figures(scores: Sequence[CaseScore]) -> Json:
    wanted = [score for score in scores if score.expected_any]
    roots = sum(len(score.families) for score in scores)
    hit = [score for score in wanted if score.detected]
    return {
        "cases": len(scores),
        "recall": _share(len(hit), len(wanted)),
        "precision": _share(roots - sum(len(score.false) for score in scores), roots),
        "issuesPerIncident": round(sum(score.own for score in hit) / len(hit), 3) if hit else None,
        "falseIssues": sum(len(score.false) for score in scores),
        "a1": _share(sum(score.first for score in scores), len(scores)),
        "a3": _share(sum(score.third for score in scores), len(scores)),
        **{verdict.value: sum(score.verdict is verdict for score in scores) for verdict in Verdict},
    }


def _abstaining(scores: Sequence[CaseScore]) -> Json:
    """Figures of cases without the evidence: to abstain is right, to name a wrong cause is wrong."""
    right = sum(score.first or score.abstained for score in scores)
    return {"rightOrSilent": _share(right, len(scores))}


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def calibration(scores: Sequence[CaseScore]) -> Json:
    """How well confidence predicts right answers: expected calibration error over ten bins, Brier score, and the bins for a plot."""
    pairs = [(score.answers[0].confidence, score.first) for score in scores if score.answers and not score.abstained]
    if not pairs:
        return {"n": 0, "ece": None, "brier": None, "bins": []}
    bins: defaultdict[int, list[tuple[float, bool]]] = defaultdict(list)
    for confidence, is_right in pairs:
        bins[min(BINS - 1, int(confidence * BINS))].append((confidence, is_right))
    shapes = [
        {
            "from": number / BINS,
            "n": len(group),
            "confidence": round(statistics.mean(confidence for confidence, _ in group), 3),
            "right": round(sum(is_right for _, is_right in group) / len(group), 3),
        }
        for number, group in sorted(bins.items())
    ]
    error = sum(shape["n"] * abs(shape["confidence"] - shape["right"]) for shape in shapes) / len(pairs)
    brier = statistics.mean((confidence - is_right) ** 2 for confidence, is_right in pairs)
    return {"n": len(pairs), "ece": round(error, 4), "brier": round(brier, 4), "bins": shapes}


def _times(times: Sequence[float]) -> Json:
    ordered = sorted(times)
    if not ordered:
        return {"n": 0}
    return {"n": len(ordered)} | {f"p{q}": round(ordered[math.ceil(q / 100 * len(ordered)) - 1], 1) for q in (50, 95, 100)}


# --- shapes


def shape_of(score: CaseScore) -> Json:
    """One case, for the JSON file."""
    first = score.answers[0] if score.answers else None
    return {
        "case": score.case,
        "category": score.label.category,
        "label": {"cause": score.label.cause, "object": score.label.target},
        "apart": score.apart,
        "detected": score.detected,
        "issues": [
            {"type": family.issue[0], "object": name_of(family.issue[1]), "symptoms": [f"{t} {name_of(p)}" for t, p in family.symptoms]}
            for family in score.families
        ],
        "falseIssues": [f"{type_} {name_of(key)}" for type_, key in score.false],
        "a1": score.first,
        "a3": score.third,
        "verdict": score.verdict,
        "answer": None if first is None else {"cause": first.cause, "object": name_of(first.key), "confidence": first.confidence},
        "answers": [{"cause": a.cause, "object": name_of(a.key), "score": a.confidence, "accepted": a.accepted} for a in score.answers],
        "ms": [round(took, 1) for took in score.took_ms],
        "gaps": list(score.gaps),
    }


def name_of(key: ObjectKey) -> str:
    return "/".join(part for part in key if part)
