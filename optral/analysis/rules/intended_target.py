"""The workload that a selector with no pods was probably written for: by a typo in a label, by its name, or by a label that only one
workload has.

A label that every workload of the namespace has carries no information, and names that differ only in a number are two names, not a
typo. Pods that another Service selects already are rarely the target. A selector with the owner's own name was
written for the owner: that a neighbor has a similar name (`cart` and `card`, `auth` and `auth-worker`) does not make it the target, unless
one is the plural of the other (`review`, `reviews`) and has no Service of its own.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from optral.analysis.engine.calibration import Level
from optral.analysis.model import Sentence
from optral.analysis.reading.case import Case, cite
from optral.analysis.reading.snapshot import SnapshotObject
from optral.analysis.remedies.edits import Edit, edit
from optral.analysis.rules.decisions import Table, row
from optral.kube import selectors
from optral.kube.kinds import LONG_RUNNING
from optral.kube.names import edits, has_one_more_part
from optral.kube.objects.pods import TERMINAL_PHASES

_DIGITS = re.compile(r"\d+")
CLEAR = Level.LIKELY
"""Below it, it is just as possible that the workload does not exist."""

LEVEL: Table[Level | None] = Table(
    row(Level.PROVEN, "namesake", "single"),
    row(Level.STRONG, "namesake"),
    row(Level.PLAUSIBLE, "asks_own_name", "plural", "related"),
    row(Level.POSSIBLE, "asks_own_name", "related"),
    row(Level.PROVEN, "typo", "not served"),
    row(Level.STRONG, "extends_name", "not served", "not contradicted"),
    row(Level.STRONG, "unique", "single", "not served", "not contradicted"),
    row(Level.LIKELY, "unique", "not served", "not contradicted"),
    row(Level.PLAUSIBLE, "longer", "not served"),
    row(Level.PLAUSIBLE, "typo"),
    row(Level.PLAUSIBLE, "extends_name"),
    row(Level.PLAUSIBLE, "unique", "not served"),
    row(Level.POSSIBLE, "shares", "not served"),
    row(None),
)
"""How well a candidate fits. The signs:

- `namesake`: it has the owner's name, or a label with that name;
- `single`: one label differs;
- `typo`: each label that differs has a typo in its value, or has the value under another key;
- `longer`: each label that differs is near, and one of them has one more part in its name (`db`, `db-main`);
- `plural`: each label that differs is the plural or the singular of what is selected;
- `extends_name`: its name is the owner's with one more part;
- `shares`: one of its labels is as selected; `unique`: and no other workload has that label;
- `contradicted`: it shares a label, and another one has an unrelated value;
- `served`: another Service selects it;
- `asks_own_name`: the selector contains the owner's own name, which is not the candidate's;
- `related`: any of typo, longer, extends_name and, unless it is served, shares.
"""


class Target(NamedTuple):
    """A pod or workload, the labels in which it differs from the selector (with the value it has, None for none), and how well it fits."""

    obj: SnapshotObject
    differs: dict[str, str | None]
    level: Level


def labels_of(obj: SnapshotObject) -> dict[str, str]:
    """The labels of a pod, or those that a workload gives its pods."""
    if obj.kind == "Pod":
        return obj.labels
    return obj.strings("spec.template.metadata.labels")


def workloads(case: Case, namespace: str | None) -> Iterator[SnapshotObject]:
    for kind in LONG_RUNNING:
        yield from case.snap.all(kind, namespace)


def knows_workloads(case: Case, namespace: str | None) -> bool:
    """Whether `workloads` has all of them."""
    return all(case.snap.listed(kind, namespace) is not None for kind in LONG_RUNNING)


def counts(pod: SnapshotObject) -> bool:
    """Whether a Service could send to the pod: it is neither being deleted nor finished."""
    return not pod.is_deleting and pod.text("status.phase") not in TERMINAL_PHASES


def find(case: Case, selector: Mapping[str, str], *, owner: SnapshotObject) -> Target | None:
    """The best target among the pods, else among the workloads, of the owner's namespace; None when nothing fits."""
    around = _look_around(case, selector, owner)
    for candidates in (case.snap.all("Pod", owner.namespace), around.workloads):
        targets = [target for obj in _distinct(case, candidates) if (target := _fit(case, selector, obj, owner, around)) is not None]
        if targets:
            return min(targets, key=lambda target: (-target.level, len(target.differs), target.obj.name))
    return None


def differences(case: Case, target: Target, selector: Mapping[str, str], chosen: str) -> list[Sentence]:
    """A sentence for each label that differs; `chosen` is the evidence of the selector."""
    obj, workload = target.obj, case.workload(target.obj)
    labels = case.book.object(obj, "metadata.labels" if obj.kind == "Pod" else "spec.template.metadata.labels")
    owner = case.book.fields(obj, "metadata", "name", "ownerReferences[0].name") if obj.kind == "Pod" else labels
    evidence = (chosen, labels, owner, case.book.fields(workload, "metadata", "name"))
    sentences = []
    for key, has in target.differs.items():
        wants = selector[key]
        if has is not None:
            text = f"The selector requires {{label}}, but the pods of `{workload.name}` have `{key}={has}`."
        elif (other := _other_key(wants, labels_of(obj))) is not None:
            text = f"The selector requires {{label}}, but the pods of `{workload.name}` have `{other}={wants}`."
        else:
            text = f"The selector requires {{label}}, but the pods of `{workload.name}` have no label `{key}`."
        sentences.append(cite(text, *evidence, label=f"{key}={wants}"))
    return sentences


def remedy(target: Target, selector: Mapping[str, str], *, owner: SnapshotObject) -> str:
    """The title of the fix: what to select instead."""
    right = []
    for key, has in target.differs.items():
        other = key if has is not None else _other_key(selector[key], labels_of(target.obj))
        if other is None:
            return f"Correct the selector of {owner.short_kind} {owner.name}"
        right.append(f"{other}={has if has is not None else selector[key]}")
    return f"Change the selector of {owner.short_kind} {owner.name} to {', '.join(right[:3])}"


def edit_of(target: Target, owner: SnapshotObject, path: tuple[str, ...]) -> Edit | None:
    """The change of the selector at this path, where one value differs."""
    if len(target.differs) != 1:
        return None
    ((key, has),) = target.differs.items()
    return None if has is None else edit(owner, (*path, key), has)


class _Around(NamedTuple):
    """What every candidate is compared with, read once."""

    workloads: list[SnapshotObject]
    having: dict[str, set[tuple[str, str]]]  # key of the selector → kind and name of the workloads whose pods have its value
    served: list[tuple[str, dict[str, str]]]  # the other Services, by name and selector; a pod may match several budgets and policies


def _look_around(case: Case, selector: Mapping[str, str], owner: SnapshotObject) -> _Around:
    candidates = list(workloads(case, owner.namespace))
    having: dict[str, set[tuple[str, str]]] = {key: set() for key in selector}
    for workload in candidates:
        labels = labels_of(workload)
        for key, value in selector.items():
            if labels.get(key) == value:
                having[key].add((workload.kind, workload.name))
    others = case.snap.all("Service", owner.namespace) if owner.kind == "Service" else ()
    served = [(service.name, service.strings("spec.selector")) for service in others if service.name != owner.name]
    return _Around(candidates, having, served)


def _distinct(case: Case, candidates: Iterable[SnapshotObject]) -> Iterator[SnapshotObject]:
    """One candidate for each workload and set of labels, the first by name that counts: the others get the same level."""
    seen = set()
    for obj in sorted(candidates, key=lambda candidate: candidate.name):
        above = case.workload(obj)
        mark = (above.kind, above.name, frozenset(labels_of(obj).items()))
        if mark not in seen and (obj.kind != "Pod" or counts(obj)):
            seen.add(mark)
            yield obj


def _fit(case: Case, selector: Mapping[str, str], obj: SnapshotObject, owner: SnapshotObject, around: _Around) -> Target | None:
    """The candidate with its level; None when it does not fit, or when it already matches."""
    labels = labels_of(obj)
    differs = selectors.differences(selector, labels)
    if not labels or not differs:
        return None
    level = LEVEL.decide(**_candidate(selector, labels, differs, owner, case.workload(obj), around).signs())
    return None if level is None else Target(obj, differs, level)


def _candidate(
    selector: Mapping[str, str],
    labels: Mapping[str, str],
    differs: Mapping[str, str | None],
    owner: SnapshotObject,
    workload: SnapshotObject,
    around: "_Around",
) -> "_Candidate":
    near = {key: _nearness(selector[key], has, labels) for key, has in differs.items()}
    served_by = [name for name, chosen in around.served if selectors.matches(chosen, labels)]
    return _Candidate(selector, labels, differs, owner, workload, around, near, served_by)


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A pod or workload beside a selector.

    `differs`: each label that differs, with the candidate's value, None for none; `near`: how similar that value is (`_nearness`);
    `served_by`: the other Services that select the candidate.
    """

    selector: Mapping[str, str]
    labels: Mapping[str, str]
    differs: Mapping[str, str | None]
    owner: SnapshotObject
    workload: SnapshotObject
    around: _Around
    near: Mapping[str, int]
    served_by: list[str]

    def signs(self) -> dict[str, bool]:
        """The signs of `LEVEL`."""
        is_typo, is_near, is_served = min(self.near.values()) > 1, all(self.near.values()), bool(self.served_by)
        shared, extends_name = self._shared(), self.workload.name.startswith(self.owner.name + "-")
        return {
            "namesake": self.workload.name == self.owner.name or self._has_label_of_owner(),
            "single": len(self.differs) == 1,
            "typo": is_typo,
            "longer": is_near and not is_typo,
            "plural": self.workload.name not in self.served_by and self._are_plurals(),
            "extends_name": extends_name,
            "shares": bool(shared),
            "unique": any(self.around.having[key] <= {(self.workload.kind, self.workload.name)} for key in shared),
            "contradicted": self._is_contradicted(),
            "served": is_served,
            "asks_own_name": self._asks_own_name(),
            "related": is_typo or extends_name or (not is_served and (is_near or bool(shared))),
        }

    def _shared(self) -> list[str]:
        return [key for key in self.selector if key not in self.differs]

    def _is_contradicted(self) -> bool:
        return bool(self._shared()) and any(has is not None and not self.near[key] for key, has in self.differs.items())

    def _has_label_of_owner(self) -> bool:
        ignored = self._shared() if self._is_contradicted() else []
        return any(has == self.owner.name and key not in ignored for key, has in self.labels.items())

    def _are_plurals(self) -> bool:
        return all(has is not None and _is_plural(self.selector[key], has) for key, has in self.differs.items())

    def _asks_own_name(self) -> bool:
        wanted = [
            self.selector[key]
            for key, has in self.differs.items()
            if has is not None or _other_key(self.selector[key], self.labels) is None
        ]
        return any(_is_own_name(value, self.owner) and value != self.workload.name for value in wanted)


def _is_own_name(value: str, owner: SnapshotObject) -> bool:
    """`web` of `web`, of `rel-web` and of `web-svc`."""
    return owner.name == value or owner.name.endswith("-" + value) or owner.name.startswith(value + "-")


def _is_plural(wants: str, has: str) -> bool:
    return wants in (has + "s", has + "es") or has in (wants + "s", wants + "es")


def _nearness(wants: str, has: str | None, labels: Mapping[str, str]) -> int:
    """2 for a typo, or the value under another key; 1 for a name with one more part; 0 for another name."""
    if has is None:
        return 2 if _other_key(wants, labels) is not None else 0
    if _DIGITS.sub("", wants) == _DIGITS.sub("", has):
        return 2 if wants.lower() == has.lower() else 0
    cost = edits(wants, has, limit=2)
    if cost <= 2 and 2 * cost <= len(wants):
        return 2
    return 1 if has_one_more_part(wants, has) else 0


def _other_key(value: str, labels: Mapping[str, str]) -> str | None:
    """The other key that has the value. A short or common word under another key means nothing."""
    return next((key for key, has in labels.items() if has == value and len(value) > 2 and value not in _COMMON), None)


_COMMON = frozenset({"true", "false", "prod", "production", "staging", "dev", "stable", "canary", "default", "helm"})
