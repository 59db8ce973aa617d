"""Risks: what works today and will hurt one day. A quieter list: never pages, off unless an organisation asks for it."""

from optral.detectors.detector import Detector

DETECTORS: tuple[Detector, ...] = ()
