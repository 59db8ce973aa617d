"""Label selectors: whether labels fit, and where they differ. Source: Kubernetes API reference, LabelSelector."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from optral.kube import lenient
from optral.kube.objects import LabelSelector, Requirement


def parse(selector: Any) -> LabelSelector | None:
    """A label selector out of a manifest; None for what is not a map. Fields of a wrong shape keep their defaults."""
    if not isinstance(selector, Mapping):
        return None
    try:
        return msgspec.convert(selector, LabelSelector)
    except (msgspec.MsgspecError, RecursionError):
        return lenient.from_tree(LabelSelector, selector)


def matches(selector: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    """Tell whether every pair of the selector is in the labels. An empty selector matches nothing here (a Service without one)."""
    for key, value in selector.items():  # asked of every pod of a namespace: a generator would cost twice as much
        if labels.get(key) != value:
            return False
    return bool(selector)


def may_overlap(pairs: Mapping[str, str], selector: LabelSelector) -> bool:
    """Whether the same object may fit both: no label that both name differs."""
    return all(pairs.get(key, value) == value for key, value in selector.match_labels.items())


def differences(selector: Mapping[str, str], labels: Mapping[str, str]) -> dict[str, str | None]:
    """The keys on which the labels miss the selector, with the value the labels have instead (None where they have none)."""
    return {key: labels.get(key) for key, value in selector.items() if labels.get(key) != value}


def fits(selector: LabelSelector | None, labels: Mapping[str, str]) -> bool:
    """Tell whether pairs and expressions all hold. An empty selector fits everything, None nothing (Kubernetes API reference)."""
    if selector is None:
        return False
    if any(labels.get(key) != value for key, value in selector.match_labels.items()):
        return False
    return all(holds(requirement, labels) for requirement in selector.match_expressions)


def holds(requirement: Requirement, labels: Mapping[str, str]) -> bool:
    """Whether one expression holds; one with an unknown operator does not, since a guess would select too much."""
    value = labels.get(requirement.key)
    match requirement.operator:
        case "In":
            return value is not None and value in requirement.values
        case "NotIn":
            return value is None or value not in requirement.values
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
    return False


def unmet(selector: LabelSelector, labels: Mapping[str, str]) -> Iterator[str]:
    """The pairs and expressions that do not hold, as kubectl writes them: `app=web`, `tier in (a, b)`, `!canary`."""
    yield from (f"{key}={value}" for key, value in selector.match_labels.items() if labels.get(key) != value)
    for requirement in selector.match_expressions:
        if not holds(requirement, labels):
            values = ", ".join(requirement.values)
            shown = {"In": f" in ({values})", "NotIn": f" notin ({values})"}.get(requirement.operator, "")
            yield f"{'!' if requirement.operator == 'DoesNotExist' else ''}{requirement.key}{shown}"
