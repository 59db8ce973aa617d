"""A detector: a pure function from one object and the view of its cluster to the findings that are true now."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import IntEnum, StrEnum
from functools import partial
from typing import Any

from optral.detectors import impact, severity, thresholds, wording
from optral.detectors.effects import Effect as Effect
from optral.detectors.finding import FROM_TYPE, Finding, Watch
from optral.detectors.impact import Impact
from optral.detectors.severity import Rating
from optral.detectors.thresholds import Limits, Threshold
from optral.kube import owners, times
from optral.kube.objects import KubeObject, Node, Pod
from optral.kube.view import ClusterView
from optral.terms.severity import Severity
from optral.terms.template import Title

RESOLVE_AFTER_S = 120  # one good examination does not mean recovery; two minutes of them do

Reach = Callable[[ClusterView, Any], Iterable[KubeObject]]
"""From a changed object to those whose answer it may alter. Bounded: at most a few hundred."""
Covers = Callable[..., bool]
"""From a view, an object and `now=`: whether a finding that is not true now is known to have ended."""
AskLimits = Callable[["Detector", KubeObject], Limits]
"""The thresholds of a type as they hold for an object; asked only of types that have some."""


class Tier(StrEnum):
    """`core` must never be missed; `extended` is rarer or softer; `risk` works today: its own list, never pages."""

    CORE = "core"
    EXTENDED = "extended"
    RISK = "risk"


class About(StrEnum):
    """What a type is about. Only types about a container have a `rank`, and only their findings name one (`Finding.part`)."""

    CONTAINER = "container"
    POD = "pod"
    WORKLOAD = "workload"
    JOB = "job"
    NODE = "node"
    VOLUME = "volume"
    SERVICE = "service"
    ROUTE = "route"
    POLICY = "policy"
    OBJECT = "object"
    CLUSTER = "cluster"


_OF_CLUSTER = frozenset({About.NODE, About.CLUSTER})
_OF_ONE = frozenset({About.VOLUME, About.ROUTE})
"""What may start as critical and concerns one application: lost data, an expired certificate."""


class Stage(IntEnum):
    """How early in a pod's life a failure takes effect. Of several causes grouping takes the one with the earliest stage."""

    NODE = 1
    NODE_NETWORK = 2
    CONTROL_PLANE = 3
    SCHEDULER = 4
    QUOTA = 5
    ADMISSION = 6
    CREATION = 7
    CLAIM_LOST = 8
    CLAIM_MISSING = 9
    CLAIM_PENDING = 10
    SCHEDULING = 11
    IMAGE = 12
    CONTAINER = 13
    ATTACH = 14
    MOUNT = 15
    SANDBOX = 16
    INIT = 17
    MEMORY = 18
    PROBE = 19
    CRASH = 20
    READINESS = 21
    RESTARTS = 22
    POD = 23
    NONE = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Detector:
    """One type of issue: everything that the rest of Optral knows about the type is declared here (see `catalog.py`).

    `title` says in one sentence what broke. `severity` is the one that a finding starts with; `severity.py` decides.
    `gates` names the gates against false alarms (G1 to G16, see `gates.py`) that the type respects.
    `detect(thing, view, now=)` gets an object of one of the kinds in `looks_at` (by `Kind.id`) and yields every finding that is true,
    or a `Watch` where nothing is wrong yet but time alone will change that.
    `event_reasons` names the Kubernetes Events that can change its answer: an Event with another reason examines nothing.
    Gates G1, G2, G5 and G10 of pods are checked before any detector sees the pod (`gates.is_excluded`), except for types that are about
    leaving itself (`examines_leaving`): they also get pods that are deleted, evicted, preempted, finished or superseded.
    Titles and facts of findings are stable from one examination to the next: a count that grows with every Event would change the issue
    with every Event.

    For types about a container, `rank` decides which one is reported when several are true of one container: the lowest. `is_catch_all`:
    the finding is dropped when any other type reports something about the same object.
    For grouping: `effect` and `stage` define what the failure can explain and how early it takes effect; `is_dated_by_exit`: findings have
    the time of the last exit, so the failure began earlier; `follows_dependencies`: a broken dependency can cause it; `is_warning`: it
    reports a mistake before a pod fails because of it.

    `resolve_after_s` is how long the finding must be absent before its issue resolves. Types about kills keep the finding itself true for
    ten minutes after the last kill (`expires_at`), so theirs is no longer than the others'.
    Healthy pods (`gates.is_quiet`) are examined only by types of tier `risk`, and by those that read the Events or the usage of healthy
    pods, if there are any (`examines_healthy`). `examines_custom`: custom resources of every kind are examined, beside the kinds in
    `looks_at`.
    `open_after_s` is the usual debounce, for people and for tuning; the finding's own `opens_at` decides.
    `reached_from` maps a `Kind.id` to the step from a changed object of that kind to the objects whose answer it alters (in addition to the
    table of `reach`). From a pod that stays healthy (`reach.stays_healthy`) its step is followed only if `reached_from_healthy_pods`.
    `rests_on` names the kinds of reports that `detect` concludes from, and `covers` tells whether they cover an object now: where they do
    not, a finding that is no longer true has not ended.
    `needs` names the data that it needs in addition to objects: `events`, `logs`, `leases`, `metrics`, `prometheus`. `thresholds` are the
    numbers of this type that people may set; if there are any, `detect` also gets `limits=`, and its facts contain the values that it used.
    """

    type: str
    title: str
    category: str
    about: About
    severity: Severity
    gates: tuple[str, ...]
    looks_at: frozenset[str]
    detect: Callable[..., Iterable[Finding | Watch]]
    rank: int | None = None
    effect: Effect | None = None
    stage: Stage = Stage.NONE
    is_catch_all: bool = False
    is_dated_by_exit: bool = False
    follows_dependencies: bool = False
    is_warning: bool = False
    event_reasons: frozenset[str] = frozenset()
    resolve_after_s: int = RESOLVE_AFTER_S
    open_after_s: int = 0
    tier: Tier = Tier.CORE
    reached_from: Mapping[str, Reach] = field(default_factory=dict)
    reached_from_healthy_pods: bool = False
    rests_on: frozenset[str] = frozenset()
    covers: Covers | None = None
    needs: frozenset[str] = frozenset()
    examines_leaving: bool = False
    examines_healthy: bool = False
    examines_custom: bool = False
    thresholds: Mapping[str, Threshold] = field(default_factory=dict)

    @property
    def page(self) -> str:
        """Where it is explained to a user."""
        return f"docs/detectors/{self.type}.md"

    def _rated(self, finding: Finding, obj: KubeObject, view: ClusterView, now: datetime) -> tuple[Rating, Impact]:
        """The severity of a finding, and what it affects."""
        base, subject = finding.base or self.severity, finding.user or finding.subject
        if self.tier is Tier.RISK:
            return Rating(base, ""), impact.NONE
        pod = obj if isinstance(obj, Pod) else None
        rating = severity.rate(base, effect=self.effect, subject=subject, view=view, pod=pod, now=now)
        workloads, callers = impact.of(finding.subject, obj, view)
        stops_cluster = base is Severity.CRITICAL and self.about not in _OF_ONE
        is_cluster_wide = self.about in _OF_CLUSTER or stops_cluster or severity.is_essential(subject, view)
        return rating, Impact(workloads, callers, rating.reason, is_cluster_wide)

    def run(self, obj: Any, view: ClusterView, *, now: datetime, limits: AskLimits | None = None) -> list[Finding | Watch]:
        """All findings and watches, as a list, so that a failure half-way leaves none behind. Without `limits` the defaults hold."""
        if not self.thresholds:
            found = list(self.detect(obj, view, now=now))
        else:
            here = thresholds.defaults(self.thresholds) if limits is None else limits(self, obj)
            found = list(self.detect(obj, view, now=now, limits=here))
        return [self._of(result, obj, view, now) if isinstance(result, Finding) else result for result in found] if found else found

    def _of(self, finding: Finding, obj: KubeObject, view: ClusterView, now: datetime) -> Finding:
        """The finding with what this type and the examined object say."""
        opens_at = times.after(finding.since, self.open_after_s) if finding.opens_at is FROM_TYPE else finding.opens_at
        title, category = Title(wording.clip(finding.title, wording.MAX_TITLE)), finding.category or self.category
        rated, affected = self._rated(finding, obj, view, now)
        return replace(
            finding,
            type=self.type,
            severity=rated.severity,
            unlabeled=rated.unlabeled,
            impact=affected,
            title=title,
            category=category,
            shown_by=owners.ref(obj),
            opens_at=opens_at,
        )


of_container = partial(Detector, about=About.CONTAINER, looks_at=frozenset({Pod.kind}), effect=Effect.POD_DOWN)
of_pod = partial(Detector, about=About.POD, looks_at=frozenset({Pod.kind}), effect=Effect.POD_DOWN)
of_node = partial(Detector, about=About.NODE, category="node", looks_at=frozenset({Node.kind}))
of_volume = partial(Detector, about=About.VOLUME, category="storage")
of_service = partial(Detector, about=About.SERVICE, category="network")
of_route = partial(Detector, about=About.ROUTE, category="network", gates=("G1",))
of_job = partial(Detector, about=About.JOB, category="job")
"""What most types about such an object have in common; a declaration that differs says so."""
