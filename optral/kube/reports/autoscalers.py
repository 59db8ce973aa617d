"""What the controller of HorizontalPodAutoscalers reports in their conditions.

Sources: pkg/controller/podautoscaler/horizontal.go, replica_calculator.go and metrics/client.go. "unable to fetch metrics" means that the
metrics API does not answer; "no metrics returned" and "did not receive metrics" mean that it answers and has none for the target's pods.
"""

import re
from enum import StrEnum
from typing import NamedTuple

ABLE_TO_SCALE = "AbleToScale"
SCALING_ACTIVE = "ScalingActive"
RESOURCE_METRICS_API = "v1beta1.metrics.k8s.io"
_CUSTOM_METRICS_API = "v1beta1.custom.metrics.k8s.io"
METRICS_APIS = {
    "FailedGetResourceMetric": RESOURCE_METRICS_API,
    "FailedGetContainerResourceMetric": RESOURCE_METRICS_API,
    "FailedGetPodsMetric": _CUSTOM_METRICS_API,
    "FailedGetObjectMetric": _CUSTOM_METRICS_API,
    "FailedGetExternalMetric": "v1beta1.external.metrics.k8s.io",
}
"""Reason of `ScalingActive` → the APIService that has to answer."""
_OF_ANOTHER_OBJECT = frozenset({"FailedGetObjectMetric", "FailedGetExternalMetric"})


class Cause(StrEnum):
    """Why `ScalingActive` is false. The values are facts of issues."""

    SELECTOR_SHARED = "selectorShared"
    INVALID = "invalid"
    REQUESTS_MISSING = "requestsMissing"
    METRICS_UNAVAILABLE = "metricsUnavailable"
    """The metrics API does not answer."""
    METRICS_MISSING = "metricsMissing"
    """The metrics API answers, and has no such metrics."""
    UNKNOWN = "unknown"


class Inactive(NamedTuple):
    """Why it does not scale. `is_of_pods`: because of the pods of its target, which lack metrics or requests.

    For missing requests also of which resource and, if reported, of which container.
    """

    cause: Cause
    is_of_pods: bool = False
    resource: str = ""
    container: str = ""


_REASONS = {
    "AmbiguousSelector": Cause.SELECTOR_SHARED,
    "InvalidSelector": Cause.INVALID,
    "InvalidMetricSourceType": Cause.INVALID,
}
_REQUESTS_MISSING = re.compile(r"missing request for (\S+)(?: in container (\S+))?")
_MESSAGES = (
    (
        Cause.METRICS_UNAVAILABLE,
        re.compile(r"unable to fetch metrics|the server could not find|currently unable to handle|metrics\.k8s\.io"),
    ),
    (Cause.METRICS_MISSING, re.compile(r"no metrics|did not receive metrics")),
)
"""The first match counts."""


def inactive(reason: str, message: str) -> Inactive:
    """What the reason and the message of a `ScalingActive` that is false report."""
    if (cause := _REASONS.get(reason)) is not None:
        return Inactive(cause)
    if (missing := _REQUESTS_MISSING.search(message)) is not None:
        return Inactive(Cause.REQUESTS_MISSING, True, missing.group(1), missing.group(2) or "")
    found = next((cause for cause, pattern in _MESSAGES if pattern.search(message)), Cause.UNKNOWN)
    return Inactive(found, found is Cause.METRICS_MISSING and reason not in _OF_ANOTHER_OBJECT)
