"""All failures of one cluster, indexed by subject, type, namespace and the objects that show them, and their order in time."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from optral.detectors import CATALOG
from optral.grouping.model import Failure
from optral.kube import requests
from optral.kube.fits import Fits
from optral.kube.objects import Node, Pod, condition
from optral.kube.view import ClusterView
from optral.terms.refs import ObjectRef

FIRST_BACK_OFF_S = 10  # before the first restart; it doubles with each restart
SLACK = timedelta(minutes=2)  # clocks differ, and a symptom may be detected before its cause
RISK = "risk"  # a risk works today, so it causes nothing
MAX_FAILING = 50  # subjects of one namespace that are matched against a selector

_BACK_OFF = re.compile(r"back-off (?:(\d{1,3})m)?(\d{1,4})s")
Place = tuple[str, str, str]


class Candidate(NamedTuple):
    """A candidate cause. `relation` is how the symptom is related to it. `is_same_failure`: both are one failure seen from two objects, so
    their order in time is not checked."""

    cause: Failure
    relation: str
    is_same_failure: bool = False


def place(ref: ObjectRef) -> Place:
    """The key of an object: by its kind without group, since facts and owner references name kinds that way."""
    return ref.short_kind, ref.namespace or "", ref.name


class FailureIndex:
    """All failures except risks, by key, and the view of their cluster."""

    def __init__(self, failures: Iterable[Failure], view: ClusterView, *, now: datetime) -> None:
        chosen = [failure for failure in failures if failure.category != RISK]
        self.failures = {failure.key: failure for failure in sorted(chosen, key=lambda failure: (failure.key, failure.type))}
        self.view, self.now = view, now
        self._by_subject: defaultdict[Place, list[Failure]] = defaultdict(list)
        self._by_shown: defaultdict[Place, list[Failure]] = defaultdict(list)
        self._by_namespace: defaultdict[str, dict[ObjectRef, None]] = defaultdict(dict)
        self._by_type: defaultdict[str, list[Failure]] = defaultdict(list)
        for failure in self.failures.values():
            self._by_subject[place(failure.subject)].append(failure)
            self._by_type[failure.type].append(failure)
            if failure.subject.namespace:
                self._by_namespace[failure.subject.namespace][failure.subject] = None
            for where in {place(affected.ref) for affected in failure.objects}:
                self._by_shown[where].append(failure)
        self._began: dict[str, datetime] = {}
        self._allocatable: dict[str, int] | None = None
        self.fits = Fits(view)
        self.memo: dict[tuple[str | None, ...], Any] = {}
        """Results of rules that several failures need, by what they are about."""

    # --- lookups

    def on(self, ref: ObjectRef, types: Collection[str] = ()) -> list[Failure]:
        """The failures of this subject; without types, all of them."""
        return [failure for failure in self._by_subject.get(place(ref), ()) if not types or failure.type in types]

    def shown_by(self, ref: ObjectRef, types: Collection[str] = ()) -> list[Failure]:
        """The failures that this object shows."""
        return [failure for failure in self._by_shown.get(place(ref), ()) if not types or failure.type in types]

    def of_type(self, *types: str) -> Iterator[Failure]:
        """All failures of these types."""
        for name in types:
            yield from self._by_type.get(name, ())

    def has(self, types: Collection[str]) -> bool:
        """Whether any failure is of one of these types."""
        return any(name in self._by_type for name in types)

    def failing_in(self, namespace: str) -> list[ObjectRef]:
        """Subjects of a namespace that have a failure, in the order of their keys; at most fifty."""
        found = self._by_namespace.get(namespace, {})
        return [subject for subject, _ in zip(found, range(MAX_FAILING), strict=False)]

    def pod(self, ref: ObjectRef) -> Pod | None:
        """The pod that a reference names, if it exists."""
        found = self.view.object_at(ref) if ref.kind == Pod.kind else None
        return found if isinstance(found, Pod) else None

    # --- time and weight

    def began(self, failure: Failure) -> datetime:
        """When the failure began. A crashing container is dated by its last exit; its pod has been unready for longer."""
        known = self._began.get(failure.key)
        if known is None:
            known = self._began[failure.key] = self._earliest_sign(failure)
        return known

    def _earliest_sign(self, failure: Failure) -> datetime:
        moments = [failure.since]
        if failure.type in CATALOG.dated_by_exit:
            for affected in failure.objects:
                if (pod := self.pod(affected.ref)) is not None:
                    moments.extend(_earlier(pod, failure))
        return min(moments)

    def is_in_order(self, cause: Failure, symptom: Failure) -> bool:
        """Whether the symptom began no more than two minutes before the cause, or the onset of the cause is unknown."""
        return cause.is_onset_unknown or self.began(symptom) - self.began(cause) >= -SLACK

    def weight(self, key: str) -> tuple[int, datetime, str]:
        """The sort key among several causes; the lowest is taken: by stage, then by age, then by key."""
        failure = self.failures[key]
        return CATALOG.stage(failure.type), self.began(failure), key

    # --- requests

    def exceeds_every_node(self, pod: Pod, resource: str) -> bool:
        """Whether the pod requests more of this resource than any node has, so that it does not fit even into an empty cluster."""
        if self._allocatable is None:
            self._allocatable = _largest(self.view)
        largest = self._allocatable.get(resource)
        return largest is not None and requests.of(pod.spec).get(resource, 0) > largest


def _earlier(pod: Pod, failure: Failure) -> Iterator[datetime]:
    """Signs in a pod that a failure is older than the last exit: when the pod stopped being ready, and its back-off, which doubles with
    every exit."""
    ready = condition(pod.status.conditions, "Ready")
    if ready is not None and ready.status == "False" and ready.last_transition_time is not None:
        yield ready.last_transition_time
    for status in (*pod.status.init_container_statuses, *pod.status.container_statuses):
        waiting = status.state.waiting
        match = _BACK_OFF.search(waiting.message) if waiting is not None and status.name == failure.part else None
        if match is not None:
            yield failure.since - timedelta(minutes=int(match.group(1) or 0), seconds=int(match.group(2)) - FIRST_BACK_OFF_S)


def _largest(view: ClusterView) -> dict[str, int]:
    """The most that any node offers of each resource."""
    found: dict[str, int] = {}
    for node in view.all(Node.kind):
        if isinstance(node, Node):
            for resource in node.status.allocatable:
                found[resource] = max(found.get(resource, 0), requests.offered(node, resource))
    return found
