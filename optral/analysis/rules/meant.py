"""Whom a selector plainly means though it fits nobody: by a slip in a label, by a name, by the labels that only one workload has.

A label that every workload of the namespace has says nothing, and names that differ by a number alone are two names, not a slip. Pods that
another Service leads to already were rarely meant. Whoever asks for its own name asks for what it was made for: that a neighbour's name is
like it (`cart` and `card`, `auth` and `auth-worker`) does not make the neighbour the one that was meant. One and many of a word (`review`,
`reviews`) are rather a slip, unless each has a Service.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from optral.analysis.case import WORKLOADS, Case, said
from optral.analysis.model import Sentence
from optral.analysis.snapshot import Thing
from optral.kube import selectors
from optral.kube.names import edits, has_one_more_part

_DIGITS = re.compile(r"\d+")
_SERVED = WORKLOADS[:3]
SURE = 0.8
"""Below it, that there is nobody is just as well possible."""
_MAYBE = 0.5
"""A neighbour of the one that is asked for by name."""
_PLURAL = 0.6
"""One and many of the word that is asked for by name."""
_OTHER = 0.6
"""It shares what a whole has in common, and goes by another name."""


class Meant(NamedTuple):
    """A pod or workload that was meant, what its labels have instead of what is selected, and how sure that is (0 to 1)."""

    thing: Thing
    differs: dict[str, str | None]
    sure: float


def labels_of(thing: Thing) -> dict[str, str]:
    """The labels of a pod, or those that a workload gives its pods."""
    if thing.kind == "Pod":
        return thing.labels
    return thing.strings("spec.template.metadata.labels")


def workloads(case: Case, namespace: str | None) -> Iterator[Thing]:
    for kind in _SERVED:
        yield from case.snap.all(kind, namespace)


def counts(pod: Thing) -> bool:
    return not pod.is_deleting and pod.text("status.phase") not in ("Succeeded", "Failed")


def by(case: Case, selector: Mapping[str, str], *, owner: Thing) -> Meant | None:
    """The surest of the pods, else of the workloads, in the namespace of whoever selects; None when nobody was plainly meant."""
    around = _look_around(case, selector, owner)
    pods = [pod for pod in case.snap.all("Pod", owner.namespace) if counts(pod)]
    for candidates in (pods, around.makers):
        found = [one for thing in _unlike(case, candidates) if (one := _judged(case, selector, thing, owner, around)) is not None]
        if found:
            return min(found, key=lambda one: (-one.sure, len(one.differs), one.thing.name))
    return None


def differences(case: Case, one: Meant, selector: Mapping[str, str], chosen: str) -> list[Sentence]:
    """Each label that differs, in words; `chosen` is the evidence of the selector."""
    thing, workload = one.thing, case.workload(one.thing)
    labels = case.book.object(thing, "metadata.labels" if thing.kind == "Pod" else "spec.template.metadata.labels")
    owner = case.book.fields(thing, "metadata", "name", "ownerReferences[0].name") if thing.kind == "Pod" else labels
    proof = (chosen, labels, owner, case.book.fields(workload, "metadata", "name"))
    found = []
    for key, has in one.differs.items():
        wants = selector[key]
        if has is not None:
            found.append(said(f"It selects `{key}` = `{wants}`; the pods of `{workload.name}` have `{has}`.", *proof))
        elif (other := _moved(wants, labels_of(thing))) is not None:
            found.append(said(f"It selects `{key}` = `{wants}`; the pods of `{workload.name}` have it as `{other}`.", *proof))
        else:
            found.append(said(f"It selects `{key}` = `{wants}`, a label the pods of `{workload.name}` do not have.", *proof))
    return found


def remedy(one: Meant, selector: Mapping[str, str], *, owner: Thing) -> str:
    """What to select instead."""
    right = []
    for key, has in one.differs.items():
        other = key if has is not None else _moved(selector[key], labels_of(one.thing))
        if other is None:
            return f"Correct the selector of {owner.short_kind} {owner.name}"
        right.append(f"{other}={has if has is not None else selector[key]}")
    return f"Let {owner.short_kind} {owner.name} select {', '.join(right[:3])}"


class _Around(NamedTuple):
    """What every candidate is held against, read once."""

    makers: list[Thing]
    having: dict[str, set[tuple[str, str]]]  # key of the selector: kind and name of the workloads whose pods have its value
    served: list[tuple[str, dict[str, str]]]  # the other Services, by name and selector; of budgets and policies several may hold for a pod


def _look_around(case: Case, selector: Mapping[str, str], owner: Thing) -> _Around:
    makers = list(workloads(case, owner.namespace))
    having: dict[str, set[tuple[str, str]]] = {key: set() for key in selector}
    for maker in makers:
        labels = labels_of(maker)
        for key, value in selector.items():
            if labels.get(key) == value:
                having[key].add((maker.kind, maker.name))
    others = [one for one in case.snap.all("Service", owner.namespace) if one.name != owner.name] if owner.kind == "Service" else []
    served = [(one.name, one.strings("spec.selector")) for one in others]
    return _Around(makers, having, served)


def _unlike(case: Case, candidates: Iterable[Thing]) -> Iterator[Thing]:
    """One for each workload and set of labels, the first by name: its copies would be judged the same."""
    seen = set()
    for thing in sorted(candidates, key=lambda one: one.name):
        above = case.workload(thing)
        mark = (above.kind, above.name, frozenset(labels_of(thing).items()))
        if mark not in seen:
            seen.add(mark)
            yield thing


def _judged(case: Case, selector: Mapping[str, str], thing: Thing, owner: Thing, around: _Around) -> Meant | None:
    labels, above, name = labels_of(thing), case.workload(thing), owner.name
    differs = selectors.differences(selector, labels)
    if not labels or not differs:
        return None
    near = {key: _nearness(selector[key], has, labels) for key, has in differs.items()}
    serving = [front for front, chosen in around.served if selectors.matches(chosen, labels)]
    is_served = bool(serving)
    fits = [key for key in selector if key not in differs]
    is_other = bool(fits) and any(has is not None and not near[key] for key, has in differs.items())
    sure = 0.0
    if all(near.values()):
        sure = 0.95 if min(near.values()) > 1 else 0.76
        if is_served:
            sure = 0.6 if min(near.values()) > 1 else 0.0
    if above.name.startswith(name + "-"):
        sure = max(sure, _OTHER if is_served or is_other else 0.85)
    if fits and not is_served:
        is_told_apart = any(around.having[key] <= {(above.kind, above.name)} for key in fits)
        alone = _OTHER if is_other else 0.9 if len(differs) == 1 else 0.8
        sure = max(sure, alone if is_told_apart else 0.4)
    asked = [selector[key] for key, has in differs.items() if has is not None or _moved(selector[key], labels) is None]
    if any(_is_own_name(value, owner) and value != above.name for value in asked):
        is_plural = above.name not in serving and all(has is not None and _is_plural(selector[key], has) for key, has in differs.items())
        sure = min(sure, _PLURAL if is_plural else _MAYBE)
    if above.name == name or any(has == name and not (is_other and key in fits) for key, has in labels.items()):
        sure = max(sure, 0.95 if len(differs) == 1 else 0.85)
    return Meant(thing, differs, sure) if sure else None


def _is_own_name(value: str, owner: Thing) -> bool:
    """`web` of `web`, of `rel-web` and of `web-svc`."""
    return owner.name == value or owner.name.endswith("-" + value) or owner.name.startswith(value + "-")


def _is_plural(wants: str, has: str) -> bool:
    return wants in (has + "s", has + "es") or has in (wants + "s", wants + "es")


def _nearness(wants: str, has: str | None, labels: Mapping[str, str]) -> int:
    """2 for a slip, or the value under another key; 1 for a name with one more part; 0 for another name."""
    if has is None:
        return 2 if _moved(wants, labels) is not None else 0
    if _DIGITS.sub("", wants) == _DIGITS.sub("", has):
        return 2 if wants.lower() == has.lower() else 0
    cost = edits(wants, has, limit=2)
    if cost <= 2 and 2 * cost <= len(wants):
        return 2
    return 1 if has_one_more_part(wants, has) else 0


def _moved(value: str, labels: Mapping[str, str]) -> str | None:
    """The other key that has the value. A short or common word under another key says nothing."""
    return next((key for key, has in labels.items() if has == value and len(value) > 2 and value not in _COMMON), None)


_COMMON = frozenset({"true", "false", "prod", "production", "staging", "dev", "stable", "canary", "default", "helm"})
