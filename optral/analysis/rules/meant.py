"""Whom a selector plainly means though it fits nobody: by a slip in a label, by a name, by the labels that only one workload has.

A label that every workload of the namespace has says nothing, and names that differ by a number alone are two names, not a slip. Pods that
another Service leads to already were rarely meant.
"""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from optral.analysis.case import WORKLOADS, Case, said
from optral.analysis.model import Sentence
from optral.analysis.snapshot import Thing
from optral.kube import selectors
from optral.kube.names import edits, has_one_more_part

_DIGITS = re.compile(r"\d+")
_SERVED = WORKLOADS[:3]


class Meant(NamedTuple):
    """A pod or workload that was meant, what its labels have instead of what is selected, and how sure that is (0 to 1)."""

    thing: Thing
    differs: dict[str, str | None]
    sure: float


def labels_of(thing: Thing) -> dict[str, str]:
    """The labels of a pod, or those that a workload gives its pods."""
    if thing.kind == "Pod":
        return thing.labels
    return {key: value for key, value in thing.map("spec.template.metadata.labels").items() if isinstance(value, str)}


def workloads(case: Case, namespace: str | None) -> Iterator[Thing]:
    for kind in _SERVED:
        yield from case.snap.all(kind, namespace)


def counts(pod: Thing) -> bool:
    return not pod.is_deleting and pod.text("status.phase") not in ("Succeeded", "Failed")


def by(case: Case, selector: Mapping[str, str], *, owner: Thing) -> Meant | None:
    """The surest of the pods, else of the workloads, in the namespace of whoever selects; None when nobody was plainly meant."""
    pods = [pod for pod in case.snap.all("Pod", owner.namespace) if counts(pod)]
    for candidates in (pods, list(workloads(case, owner.namespace))):
        found = [one for thing in candidates if (one := _judged(case, selector, thing, owner)) is not None]
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


def _judged(case: Case, selector: Mapping[str, str], thing: Thing, owner: Thing) -> Meant | None:
    labels, name = labels_of(thing), owner.name
    differs = selectors.differences(selector, labels)
    if not labels or not differs:
        return None
    nearness = [_nearness(selector[key], has, labels) for key, has in differs.items()]
    above = case.workload(thing).name
    sure = 0.0
    if all(nearness):
        sure = 0.95 if min(nearness) > 1 else 0.76
        if _is_served(case, thing, owner):
            sure = 0.6 if min(nearness) > 1 else 0.0
    if name in labels.values() or above == name:
        sure = max(sure, 0.95 if len(differs) == 1 else 0.85)
    elif above.startswith(name + "-"):
        sure = max(sure, 0.6 if _is_served(case, thing, owner) else 0.85)
    if len(differs) < len(selector) and not _is_served(case, thing, owner):
        sure = max(sure, (0.9 if len(differs) == 1 else 0.8) if _is_told_apart(case, selector, thing) else 0.4)
    return Meant(thing, differs, sure) if sure else None


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


def _is_told_apart(case: Case, selector: Mapping[str, str], thing: Thing) -> bool:
    """Whether one of the pairs that fit is this workload's alone."""
    own = case.workload(thing)
    shared = [(key, value) for key, value in selector.items() if labels_of(thing).get(key) == value]
    others = [labels_of(one) for one in workloads(case, thing.namespace) if one.uid != own.uid]
    return any(all(other.get(key) != value for other in others) for key, value in shared)


def _is_served(case: Case, thing: Thing, owner: Thing) -> bool:
    """Whether another Service leads to it. Of budgets and policies several may hold for the same pods."""
    if owner.kind != "Service":
        return False
    labels = labels_of(thing)
    for service in case.snap.all("Service", thing.namespace):
        selector = {key: value for key, value in service.map("spec.selector").items() if isinstance(value, str)}
        if service.name != owner.name and selectors.matches(selector, labels):
            return True
    return False
