"""Label selectors: does this set of labels fit, and if not, how near is it?"""

from collections.abc import Mapping

from optral.kube.objects import LabelSelector, Requirement


def matches(selector: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    """Tell whether every pair of the selector is in the labels. An empty selector matches nothing here (a Service without one)."""
    for key, value in selector.items():  # asked of every pod of a namespace: a generator would cost twice as much
        if labels.get(key) != value:
            return False
    return bool(selector)


def differences(selector: Mapping[str, str], labels: Mapping[str, str]) -> dict[str, str | None]:
    """The keys on which the labels miss the selector, with the value the labels have instead (None where they have none)."""
    return {key: labels.get(key) for key, value in selector.items() if labels.get(key) != value}


def fits(selector: LabelSelector | None, labels: Mapping[str, str]) -> bool:
    """Tell whether pairs and expressions all hold. An empty selector fits everything, None nothing (Kubernetes API reference)."""
    if selector is None:
        return False
    if any(labels.get(key) != value for key, value in selector.match_labels.items()):
        return False
    return all(_holds(requirement, labels) for requirement in selector.match_expressions)


def _holds(requirement: Requirement, labels: Mapping[str, str]) -> bool:
    """An operator nobody knows holds for nothing: a guess would select too much."""
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
