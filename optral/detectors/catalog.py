"""The catalog of issue types: every `Detector`, and all that follows from what they declare.

A new detector is one file with a `Detector` in the package of its area, one test, one page under docs/detectors/, and one line in the
area's `DETECTORS`. Precedence, the index of pages, defaults and the groups of types that grouping works with are derived here.
"""

from collections.abc import Iterable
from functools import cached_property

from optral.detectors import network, nodes, pods, policy, risk, storage, workloads
from optral.detectors.detector import Detector, Effect, Stage

AREAS = (pods, workloads, nodes, storage, network, policy, risk)
DETECTORS: tuple[Detector, ...] = tuple(detector for area in AREAS for detector in area.DETECTORS)


class Catalog:
    """What follows from a set of detectors. Built once per process; lookups are dictionary reads."""

    def __init__(self, detectors: Iterable[Detector]) -> None:
        self.detectors = tuple(detectors)
        self.by_type = {detector.type: detector for detector in self.detectors}
        self._expanded: dict[frozenset[str], frozenset[str]] = {}

    @cached_property
    def ranks(self) -> dict[str, int]:
        """The types that compete for one container, and their rank: the lowest is reported."""
        return {detector.type: detector.rank for detector in self.detectors if detector.rank is not None}

    @cached_property
    def catch_alls(self) -> frozenset[str]:
        """Types whose finding is dropped when another type reports something about the same object."""
        return frozenset(detector.type for detector in self.detectors if detector.is_catch_all)

    @cached_property
    def dependents(self) -> frozenset[str]:
        """Types that a broken dependency can cause."""
        return frozenset(detector.type for detector in self.detectors if detector.follows_dependencies)

    @cached_property
    def warnings(self) -> frozenset[str]:
        """Types that report a mistake before a pod fails because of it."""
        return frozenset(detector.type for detector in self.detectors if detector.is_warning)

    @cached_property
    def dated_by_exit(self) -> frozenset[str]:
        """Types whose findings carry the time of the last exit; the failure began earlier."""
        return frozenset(detector.type for detector in self.detectors if detector.is_dated_by_exit)

    def with_effect(self, *effects: Effect) -> frozenset[str]:
        """The types that have one of these effects."""
        return frozenset(detector.type for detector in self.detectors if detector.effect in effects)

    def expand(self, types: frozenset[str]) -> frozenset[str]:
        """The types named, and for an `Effect` among them all types that have it."""
        known = self._expanded.get(types)
        if known is None:
            effects = [effect for effect in Effect if effect in types]
            known = self._expanded[types] = (types - frozenset(effects)) | self.with_effect(*effects)
        return known

    def stage(self, issue_type: str) -> Stage:
        """How early the type takes effect; `Stage.NONE` for a type that no detector reports any more."""
        detector = self.by_type.get(issue_type)
        return detector.stage if detector is not None else Stage.NONE


CATALOG = Catalog(DETECTORS)
BY_TYPE = CATALOG.by_type
