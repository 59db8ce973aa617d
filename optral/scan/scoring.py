"""Scoring: how well looks and explanations meet the labels of a folder of cases. Pure; what a case is, see `evaluate`.

Two questions. *Detection*: is the labelled trouble told, as an issue of an expected type on the labelled object (or as a symptom in the
family of one), and what else is told? A root issue on an object that has nothing to do with the labelled one is a false issue. *Analysis*:
is the labelled cause named first, or among the first three, on the labelled object? An answer needs both to be right.
"""

import math
import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

BINS = 10
OWN_WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Pod", "Job", "CronJob")
_USED = {"persistentVolumeClaim": ("PersistentVolumeClaim", "claimName"), "configMap": ("ConfigMap", "name")}
Json = dict[str, Any]


class Place(NamedTuple):
    """An object by kind (without group), namespace ("" without one) and name."""

    kind: str
    namespace: str
    name: str


@dataclass(frozen=True, slots=True)
class Label:
    """What a case's answer says. `target` is `app/NAME` (a workload with its Service), `node/NAME` or `namespace/NAME`."""

    cause: str
    target: str
    category: str


@dataclass(frozen=True, slots=True)
class Expected:
    """What a label's cause is called by us. Without types nothing can be detected, without causes nothing can be named: abstain."""

    types: frozenset[str]
    causes: frozenset[str]


class Answer(NamedTuple):
    """A cause named for an object. `accepted`: the engine stands by it."""

    cause: str
    place: Place
    confidence: float
    accepted: bool


@dataclass(slots=True, kw_only=True)
class Family:
    """A root issue with the symptoms folded into it, as (type, subject)."""

    issue: tuple[str, Place]
    symptoms: list[tuple[str, Place]] = field(default_factory=list)

    @property
    def members(self) -> list[tuple[str, Place]]:
        return [self.issue, *self.symptoms]


@dataclass(slots=True, kw_only=True)
class Mark:
    """What one case came to. `answered` is None where nothing was asked (`--no-analysis`)."""

    case: str
    label: Label
    families: Sequence[Family]
    detected: bool
    expected_any: bool
    own: int  # root issues on what belongs to the labelled object
    false: list[tuple[str, Place]]
    answers: Sequence[Answer] = ()
    first: bool = False
    third: bool = False
    abstained: bool = True
    took_ms: Sequence[float] = ()
    apart: str | None = None
    gaps: Sequence[str] = ()


class Relations:
    """Who belongs to whom in one case: owners, what a workload uses, and the Services in front of it. From manifests as JSON values."""

    def __init__(self, manifests: Iterable[Mapping[str, Any]]) -> None:
        self._owner: dict[Place, Place] = {}
        self._users: defaultdict[Place, set[Place]] = defaultdict(set)
        self._nodes: defaultdict[str, set[Place]] = defaultdict(set)
        volumes = []
        for one in manifests:
            place = place_of(one)
            self._read_owner(one, place)
            spec = _map(one.get("spec"))
            template = spec if place.kind == "Pod" else _map(_map(spec.get("template")).get("spec"))
            self._read_uses(template, place)
            if place.kind == "Pod" and isinstance(spec.get("nodeName"), str):
                self._nodes[spec["nodeName"]].add(place)
            if place.kind == "PersistentVolume":
                volumes.append((place, _map(spec.get("claimRef"))))
        for place, claim in volumes:
            users = self._users.get(Place("PersistentVolumeClaim", str(claim.get("namespace") or ""), str(claim.get("name") or "")), ())
            self._users[place] |= set(users)

    def _read_owner(self, one: Mapping[str, Any], place: Place) -> None:
        for owner in _map(one.get("metadata")).get("ownerReferences") or ():
            if isinstance(owner, dict) and owner.get("name"):
                self._owner[place] = Place(str(owner.get("kind") or ""), place.namespace, str(owner["name"]))

    def _read_uses(self, template: Mapping[str, Any], place: Place) -> None:
        for volume in template.get("volumes") or ():
            for member, (kind, key) in _USED.items():
                if isinstance(used := _map(volume).get(member), dict) and isinstance(used.get(key), str):
                    self._users[Place(kind, place.namespace, used[key])].add(place)
        if isinstance(account := template.get("serviceAccountName"), str):
            self._users[Place("ServiceAccount", place.namespace, account)].add(place)

    def top(self, place: Place) -> Place:
        """The highest owner."""
        for _ in range(5):
            if place not in self._owner:
                return place
            place = self._owner[place]
        return place

    def is_of(self, place: Place, target: str) -> bool:
        """Tell whether this object is the labelled one or a part of it."""
        kind, _, name = target.partition("/")
        if kind == "node":
            return (place.kind == "Node" and place.name == name) or (place.kind == "Cluster" and name == "cluster")
        if kind == "namespace":
            return (place.kind == "Namespace" and place.name == name) or (
                place.kind in ("ResourceQuota", "LimitRange") and place.namespace == name
            )
        return self._names(place) & {name, f"{name}-leader", f"{name}-follower"} != set()

    def is_about(self, type_: str, place: Place, label: Label, expected: Expected) -> bool:
        """Tell whether an issue comes from the labelled fault: it is on the labelled object or a part of it; on something that stands on
        the labelled node; or, where a namespace is labelled, it is of an expected type and in there."""
        kind, _, name = label.target.partition("/")
        if self.is_of(place, label.target):
            return True
        if kind == "node":
            return place.kind == "Cluster" or any(self.top(pod) == self.top(place) for pod in self._nodes.get(name, ()))
        return kind == "namespace" and place.namespace == name and type_ in expected.types

    def _names(self, place: Place) -> set[str]:
        """Names of the workloads that this object may speak for."""
        if place.kind in (*OWN_WORKLOADS, "Service", "Endpoints", "EndpointSlice", "Ingress", "HorizontalPodAutoscaler"):
            return {self.top(place).name, place.name}
        users = self._users.get(place, ())
        return {self.top(user).name for user in users} if len(users) < 40 else set()


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def place_of(manifest: Mapping[str, Any]) -> Place:
    meta = _map(manifest.get("metadata"))
    return Place(str(manifest.get("kind") or ""), str(meta.get("namespace") or ""), str(meta.get("name") or ""))


def mark(
    case: str, label: Label, expected: Expected, relations: Relations, families: Sequence[Family], answers: Sequence[Answer], **more: Any
) -> Mark:
    """Judge one case."""
    own, false, detected = 0, [], False
    for family in families:
        related = [type_ for type_, place in family.members if relations.is_about(type_, place, label, expected)]
        detected = detected or any(type_ in expected.types for type_ in related)
        if related:
            own += 1
        else:
            false.append(family.issue)
    hits = [one.cause in expected.causes and relations.is_of(one.place, label.target) for one in answers[:3]]
    accepted = bool(answers) and answers[0].accepted
    return Mark(
        case=case,
        label=label,
        families=families,
        detected=detected,
        expected_any=bool(expected.types),
        own=own,
        false=false,
        answers=answers[:5],
        first=accepted and hits[0],
        third=any(hits),
        abstained=not accepted,
        **more,
    )


# --- sums


def summarise(marks: Sequence[Mark]) -> Json:
    """All figures: of everything that objects decide, by category, and of what was set apart."""
    told = [one for one in marks if one.apart is None]
    by_category: defaultdict[str, list[Mark]] = defaultdict(list)
    by_cause: defaultdict[str, list[Mark]] = defaultdict(list)
    apart: defaultdict[str, list[Mark]] = defaultdict(list)
    for one in marks:
        if one.apart is not None:
            apart[one.apart].append(one)
        else:
            by_category[one.label.category].append(one)
            by_cause[one.label.cause].append(one)
    return {
        "all": _figures(told),
        "categories": {name: _figures(group) for name, group in sorted(by_category.items())},
        "causes": {name: _figures(group) for name, group in sorted(by_cause.items())},
        "apart": {name: _figures(group) | _abstaining(group) for name, group in sorted(apart.items())},
        "calibration": calibration(told),
        "ms": _times([took for one in marks for took in one.took_ms]),
    }


def _figures(marks: Sequence[Mark]) -> Json:
    wanted = [one for one in marks if one.expected_any]
    roots = sum(len(one.families) for one in marks)
    hit = [one for one in wanted if one.detected]
    return {
        "cases": len(marks),
        "recall": _share(len(hit), len(wanted)),
        "precision": _share(roots - sum(len(one.false) for one in marks), roots),
        "issuesPerIncident": round(sum(one.own for one in hit) / len(hit), 3) if hit else None,
        "falseIssues": sum(len(one.false) for one in marks),
        "a1": _share(sum(one.first for one in marks), len(marks)),
        "a3": _share(sum(one.third for one in marks), len(marks)),
        "abstained": sum(one.abstained for one in marks),
        "wrong": sum(not one.abstained and not one.first for one in marks),
    }


def _abstaining(marks: Sequence[Mark]) -> Json:
    """Where the evidence is not in the case, saying nothing is right and naming a wrong cause is wrong."""
    right = sum(one.first or one.abstained for one in marks)
    return {"rightOrAbstained": _share(right, len(marks))}


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def calibration(marks: Sequence[Mark]) -> Json:
    """How far confidence is from being right: expected calibration error over ten bins, Brier score, and the bins for a picture."""
    pairs = [(one.answers[0].confidence, one.first) for one in marks if one.answers and not one.abstained]
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


def shape_of(one: Mark) -> Json:
    """One case, for the JSON file."""
    first = one.answers[0] if one.answers else None
    return {
        "case": one.case,
        "category": one.label.category,
        "label": {"cause": one.label.cause, "object": one.label.target},
        "apart": one.apart,
        "detected": one.detected,
        "issues": [
            {"type": family.issue[0], "object": name_of(family.issue[1]), "symptoms": [f"{t} {name_of(p)}" for t, p in family.symptoms]}
            for family in one.families
        ],
        "falseIssues": [f"{type_} {name_of(place)}" for type_, place in one.false],
        "a1": one.first,
        "a3": one.third,
        "abstained": one.abstained,
        "answer": None if first is None else {"cause": first.cause, "object": name_of(first.place), "confidence": first.confidence},
        "answers": [{"cause": a.cause, "object": name_of(a.place), "score": a.confidence, "accepted": a.accepted} for a in one.answers],
        "ms": [round(took, 1) for took in one.took_ms],
        "gaps": list(one.gaps),
    }


def name_of(place: Place) -> str:
    return "/".join(part for part in place if part)
