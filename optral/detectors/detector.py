"""What a detector is: a pure function from one object and the view of its cluster to the findings that are true now."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from optral.detectors import thresholds
from optral.detectors.finding import Finding, Watch
from optral.detectors.thresholds import Limits, Threshold
from optral.kube.objects import KubeObject
from optral.kube.view import ClusterView

RESOLVE_AFTER_S = 120  # a single good look is not yet health; two minutes of them are

Reach = Callable[[ClusterView, Any], Iterable[KubeObject]]
"""From a changed object to those whose answer it may alter. Bounded: at most a few hundred."""
AskLimits = Callable[["Detector", KubeObject], Limits]
"""The thresholds of a type as they hold for an object; asked only of types that have some."""


class Tier(StrEnum):
    """`core` must never be missed; `extended` is rarer or softer; `risk` works today: its own list, never pages."""

    CORE = "core"
    EXTENDED = "extended"
    RISK = "risk"


@dataclass(frozen=True, slots=True, kw_only=True)
class Detector:
    """One type of issue.

    `detect(thing, view, now=)` gets an object of one of the kinds in `looks_at` (by `Kind.id`) and yields every finding that is true,
    or a `Watch` where nothing is wrong yet but time alone will make it so.
    `event_reasons` names the Kubernetes Events that can change its answer: an Event with another reason examines nothing.
    Gates G1, G2, G5 and G10 of pods are passed before any detector sees the pod (`gates.is_out_of_play`), except those that are about
    leaving itself (`sees_leaving`): they also get pods that are deleted, evicted, preempted, finished or superseded.
    Titles and facts say what stays the same from look to look: a count that grows with every Event would change the issue with every Event.
    `resolve_after_s` is how long the finding must be absent before its issue ends. Types about kills keep the finding itself true for ten
    minutes after the last kill (`expires_at`), so theirs is no longer than the others'.
    Pods in which all is well (`gates.is_quiet`) only see types of tier `risk`, and those that look below that (`sees_well`).
    `open_after_s` is the usual debounce, for people and for tuning; the finding's own `opens_at` decides. `reached_from` says, by
    `Kind.id`, which other objects' changes alter the answer, and for whom (beside what `reach` knows for all). From a pod that stays well
    (`reach.stays_well`) its step is followed only if `asks_well_pods`. `needs` names what it sees by, beside objects: `events`, `logs`,
    `leases`, `metrics`. `thresholds` are the numbers of this type that people may set; where there are some, `detect` also gets `limits=`,
    and its facts tell the values that it judged by.
    """

    type: str
    category: str
    looks_at: frozenset[str]
    detect: Callable[..., Iterable[Finding | Watch]]
    event_reasons: frozenset[str] = frozenset()
    resolve_after_s: int = RESOLVE_AFTER_S
    open_after_s: int = 0
    tier: Tier = Tier.CORE
    reached_from: Mapping[str, Reach] = field(default_factory=dict)
    asks_well_pods: bool = False
    needs: frozenset[str] = frozenset()
    sees_leaving: bool = False
    sees_well: bool = False
    thresholds: Mapping[str, Threshold] = field(default_factory=dict)

    @property
    def page(self) -> str:
        """Where it is explained to a user."""
        return f"docs/detectors/{self.type}.md"

    def run(self, thing: Any, view: ClusterView, *, now: datetime, limits: AskLimits | None = None) -> list[Finding | Watch]:
        """All findings and watches, as a list, so that a failure half-way leaves none behind. Without `limits` the defaults hold."""
        if not self.thresholds:
            return list(self.detect(thing, view, now=now))
        here = thresholds.defaults(self.thresholds) if limits is None else limits(self, thing)
        return list(self.detect(thing, view, now=now, limits=here))
