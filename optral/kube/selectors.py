"""Label selectors: does this set of labels fit, and if not, how near is it?"""

from collections.abc import Mapping


def matches(selector: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    """Tell whether every pair of the selector is in the labels. An empty selector matches nothing here (a Service without one)."""
    return bool(selector) and all(labels.get(key) == value for key, value in selector.items())


def differences(selector: Mapping[str, str], labels: Mapping[str, str]) -> dict[str, str | None]:
    """The keys on which the labels miss the selector, with the value the labels have instead (None where they have none)."""
    return {key: labels.get(key) for key, value in selector.items() if labels.get(key) != value}
