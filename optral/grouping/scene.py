"""What grouping looks at: all ailments of one cluster, found by subject and by the objects that show them, and their order in time."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from optral.detectors import CATALOG
from optral.grouping.model import Ailment
from optral.kube import requests
from optral.kube.objects import Node, Pod, condition
from optral.kube.view import ClusterView
from optral.terms.refs import ObjectRef

FIRST_PAUSE_S = 10  # before the first restart; each that follows is twice as long
SLACK = timedelta(minutes=2)  # clocks differ, and a symptom may be noticed before its cause
RISK = "risk"  # what may go wrong one day causes nothing today
MAX_NEIGHBOURS = 50  # ailing workloads of one namespace that are asked about

_PAUSE = re.compile(r"back-off (?:(\d{1,3})m)?(\d{1,4})s")
Place = tuple[str, str, str]


class Charge(NamedTuple):
    """An ailment said to cause another. `is_timeless`: the symptom is nothing but how the cause looks from outside, so that whichever of
    the two was dated earlier says nothing."""

    cause: Ailment
    relation: str
    is_timeless: bool = False


def place(ref: ObjectRef) -> Place:
    """By what an object is found: its short kind, for facts and owners name kinds without groups."""
    return ref.short_kind, ref.namespace or "", ref.name


class Scene:
    """All ailments, by key (what is only a risk stays out), and the view of their cluster."""

    def __init__(self, ailments: Iterable[Ailment], view: ClusterView, *, now: datetime) -> None:
        chosen = [ailment for ailment in ailments if ailment.category != RISK]
        self.ailments = {ailment.key: ailment for ailment in sorted(chosen, key=lambda one: (one.key, one.type))}
        self.view, self.now = view, now
        self._by_subject: defaultdict[Place, list[Ailment]] = defaultdict(list)
        self._by_shown: defaultdict[Place, list[Ailment]] = defaultdict(list)
        self._by_namespace: defaultdict[str, dict[ObjectRef, None]] = defaultdict(dict)
        self._by_type: defaultdict[str, list[Ailment]] = defaultdict(list)
        for ailment in self.ailments.values():
            self._by_subject[place(ailment.subject)].append(ailment)
            self._by_type[ailment.type].append(ailment)
            if ailment.subject.namespace:
                self._by_namespace[ailment.subject.namespace][ailment.subject] = None
            for where in {place(shown.ref) for shown in ailment.shown}:
                self._by_shown[where].append(ailment)
        self._began: dict[str, datetime] = {}
        self._room: dict[str, int] | None = None
        self.memo: dict[tuple[str | None, ...], Any] = {}
        """What rules have worked out already, by what it is about."""

    # --- finding

    def on(self, ref: ObjectRef, types: Collection[str] = ()) -> list[Ailment]:
        """The ailments of this subject; without types, all of them."""
        return [one for one in self._by_subject.get(place(ref), ()) if not types or one.type in types]

    def shown_by(self, ref: ObjectRef, types: Collection[str] = ()) -> list[Ailment]:
        """The ailments that this object shows."""
        return [one for one in self._by_shown.get(place(ref), ()) if not types or one.type in types]

    def of_type(self, *types: str) -> Iterator[Ailment]:
        for name in types:
            yield from self._by_type.get(name, ())

    def has(self, types: Collection[str]) -> bool:
        """Whether any ailment is of one of these types."""
        return any(name in self._by_type for name in types)

    def subjects_in(self, namespace: str) -> list[ObjectRef]:
        """Ailing subjects of a namespace, in the order of their keys; at most fifty."""
        found = self._by_namespace.get(namespace, {})
        return [subject for subject, _ in zip(found, range(MAX_NEIGHBOURS), strict=False)]

    def pod(self, ref: ObjectRef) -> Pod | None:
        """The pod a reference means, while it is there."""
        found = self.view.object_at(ref) if ref.kind == Pod.kind else None
        return found if isinstance(found, Pod) else None

    # --- time and weight

    def began(self, ailment: Ailment) -> datetime:
        """The earliest sign of it. A container that keeps dying is dated from its last death; its pod has been unready for longer."""
        known = self._began.get(ailment.key)
        if known is None:
            known = self._began[ailment.key] = self._look_back(ailment)
        return known

    def _look_back(self, ailment: Ailment) -> datetime:
        moments = [ailment.since]
        if ailment.type in CATALOG.dated_by_exit:
            for shown in ailment.shown:
                if (pod := self.pod(shown.ref)) is not None:
                    moments.extend(_earlier(pod, ailment))
        return min(moments)

    def is_in_order(self, cause: Ailment, symptom: Ailment) -> bool:
        """Whether the symptom began no more than two minutes before the cause, or nobody knows since when the cause has been."""
        return cause.is_onset_unknown or self.began(symptom) - self.began(cause) >= -SLACK

    def weight(self, key: str) -> tuple[int, datetime, str]:
        """Among several causes the least is taken: the deepest type, then the oldest, then the key."""
        ailment = self.ailments[key]
        return CATALOG.stage(ailment.type), self.began(ailment), key

    # --- room

    def is_too_big(self, pod: Pod, resource: str) -> bool:
        """Whether no node could ever hold what the pod asks for of this resource: its own fault, however full the cluster is."""
        if self._room is None:
            self._room = _largest(self.view)
        largest = self._room.get(resource)
        return largest is not None and requests.of(pod.spec).get(resource, 0) > largest


def _earlier(pod: Pod, ailment: Ailment) -> Iterator[datetime]:
    """Signs in a pod that a trouble is older than its last exit: when it stopped being ready, and how long its pause before the next
    start has grown, which doubles with every exit."""
    ready = condition(pod.status.conditions, "Ready")
    if ready is not None and ready.status == "False" and ready.last_transition_time is not None:
        yield ready.last_transition_time
    for status in (*pod.status.init_container_statuses, *pod.status.container_statuses):
        waiting = status.state.waiting
        match = _PAUSE.search(waiting.message) if waiting is not None and status.name == ailment.part else None
        if match is not None:
            yield ailment.since - timedelta(minutes=int(match.group(1) or 0), seconds=int(match.group(2)) - FIRST_PAUSE_S)


def _largest(view: ClusterView) -> dict[str, int]:
    found: dict[str, int] = {}
    for thing in view.all(Node.kind):
        if isinstance(thing, Node):
            for resource in thing.status.allocatable:
                found[resource] = max(found.get(resource, 0), requests.offered(thing, resource))
    return found
