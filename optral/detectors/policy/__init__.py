"""Quotas, autoscaling, admission and other objects of the API."""

from optral.detectors.detector import Detector
from optral.detectors.policy import (
    autoscalers,
    budgets,
    custom_resources,
    definitions,
    drains,
    finalizers,
    namespaces,
    permissions,
    quotas,
    references,
    webhooks,
)

DETECTORS: tuple[Detector, ...] = (
    autoscalers.UNABLE,
    autoscalers.INACTIVE,
    autoscalers.MAXED_OUT,
    autoscalers.MISMATCH,
    quotas.DETECTOR,
    webhooks.DETECTOR,
    namespaces.DETECTOR,
    finalizers.DETECTOR,
    definitions.DETECTOR,
    custom_resources.DETECTOR,
    references.ACCOUNT,
    references.MISSING,
    permissions.DETECTOR,
    budgets.DETECTOR,
    drains.DETECTOR,
)
