"""Quotas, autoscaling, admission and other objects of the API."""

from optral.detectors.detector import Detector

DETECTORS: tuple[Detector, ...] = ()
