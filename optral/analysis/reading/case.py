"""The case a rule judges: the question, the snapshot, the notebook, and the traversals that rules share.

A *focus* is one symptom on one object. An issue gives the first; looking below it (a rollout's pods, a Service's backends) and above it
(the dependency a log line names) gives others, so that a symptom is explained by its origin.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar, TypeVarTuple, cast

from optral.analysis.engine.calibration import Level
from optral.analysis.engine.probing import Ask
from optral.analysis.model import Action, Hypothesis, Question, Sentence
from optral.analysis.reading.evidence import Change, Notebook
from optral.analysis.reading.snapshot import LogKey, Snapshot, SnapshotObject, last_seen, moment
from optral.kube import diff, kinds, owners, revisions, rollouts
from optral.terms.refs import ObjectRef

Parts = TypeVarTuple("Parts")
Answer = TypeVar("Answer")

MAX_CHANGES = 40  # of one template
FRESH_S = 3600.0  # Events older than this prove nothing about now
WORKLOADS = (*kinds.WORKLOADS, "ReplicaSet.apps")
TEMPLATES = {"Pod": "spec", "CronJob.batch": "spec.jobTemplate.spec.template.spec"}
MAX_REPLICA_LOGS = 4
MAX_PODS = 20  # looked at for one workload: more of them say the same


def template_path(kind: str) -> str:
    """Path of the pod spec in an object of this kind."""
    return TEMPLATES.get(kind, "spec.template.spec")


@dataclass(frozen=True, slots=True)
class Container:
    """One container of a pod: its spec and the status that the kubelet reports."""

    pod: SnapshotObject
    name: str
    spec_path: str
    status_path: str
    kind: str  # main, init or sidecar

    @property
    def spec(self) -> dict[str, Any]:
        return self.pod.map(self.spec_path)

    @property
    def status(self) -> dict[str, Any]:
        return self.pod.map(self.status_path) if self.status_path else {}

    @property
    def image(self) -> str:
        return self.pod.text(f"{self.spec_path}.image")

    @property
    def waiting(self) -> dict[str, Any]:
        return self.pod.map(f"{self.status_path}.state.waiting") if self.status_path else {}

    @property
    def restarts(self) -> int:
        return self.pod.number(f"{self.status_path}.restartCount") if self.status_path else 0

    @property
    def is_ready(self) -> bool:
        return bool(self.status.get("ready"))

    @property
    def exit_path(self) -> str:
        """Path of its last termination; "" when it has not terminated."""
        if not self.status_path:
            return ""
        for path in (f"{self.status_path}.state.terminated", f"{self.status_path}.lastState.terminated"):
            if self.pod.map(path):
                return path
        return ""

    @property
    def exit(self) -> dict[str, Any]:
        return self.pod.map(self.exit_path) if self.exit_path else {}

    @property
    def started_at(self) -> datetime | None:
        """When its present run began; None while it does not run."""
        return moment(self.pod.get(f"{self.status_path}.state.running.startedAt")) if self.status_path else None

    @property
    def ran_s(self) -> float | None:
        """How long the last run took."""
        began, ended = moment(self.exit.get("startedAt")), moment(self.exit.get("finishedAt"))
        return None if began is None or ended is None else (ended - began).total_seconds()


def containers(pod: SnapshotObject) -> list[Container]:
    """Every container of a pod, those that start first, first."""
    found = []
    for field_, states in (("initContainers", "initContainerStatuses"), ("containers", "containerStatuses")):
        reported = {str(status.get("name")): f"status.{states}[{index}]" for index, status in pod.indexed(f"status.{states}")}
        for index, spec in pod.indexed(f"spec.{field_}"):
            name = str(spec.get("name") or "")
            kind = "main" if field_ == "containers" else "sidecar" if spec.get("restartPolicy") == "Always" else "init"
            found.append(Container(pod, name, f"spec.{field_}[{index}]", reported.get(name, ""), kind))
    return found


_PLACE = re.compile(r"\{([a-z_]+)\}")
_BRACKET = re.compile(r"\[[^\]]*\]")
_STEP = re.compile(r"\[([^\]]*)\]|([^.\[\]]+)")


@dataclass(frozen=True, slots=True)
class Focus:
    """One symptom on one object.

    `via` are the sentences that lead here from the issue, `steps` how many objects were passed on the way, and `lower` by how many
    levels everything found here is less certain, because the way itself is uncertain.
    """

    case: "Case" = field(repr=False, compare=False)
    symptom: str
    obj: SnapshotObject
    container: Container | None = None
    via: tuple[Sentence, ...] = ()
    steps: int = 0
    lower: int = 0

    def next(
        self, symptom: str, obj: SnapshotObject, *via: Sentence, container: Container | None = None, steps: int = 1, lower: int = 0
    ) -> "Focus":
        """The focus on an object that this one leads to."""
        return Focus(self.case, symptom, obj, container, (*self.via, *via), self.steps + steps, self.lower + lower)

    def hypothesis(
        self,
        cause: str,
        subject: SnapshotObject | ObjectRef,
        level: Level,
        *sentences: Sentence,
        against: Sequence[Sentence] = (),
        actions: Sequence[Action | None] = (),
        missing: Sequence[str] = (),
        asks: Sequence[Ask] = (),
    ) -> Hypothesis:
        """A hypothesis; its level is lowered, and its sentences start, with the way that led to the focus."""
        return Hypothesis(
            cause=cause,
            subject=subject.ref if isinstance(subject, SnapshotObject) else subject,
            level=level.lowered(self.lower),
            sentences=(*self.via, *sentences),
            against=tuple(against),
            actions=tuple(action for action in actions if action is not None),
            missing=tuple(missing),
            steps=self.steps,
            asks=tuple(asks),
        )


def cite(text: str, *evidence_ids: str, **facts: object) -> Sentence:
    """A sentence with its evidence. `{name}` in the text is that fact, shown between backquotes (names: `causes/facts.py`)."""
    named = {name: str(value) for name, value in facts.items()}
    text = _PLACE.sub(lambda place: f"`{named[place[1]]}`" if place[1] in named else place[0], text) if named else text
    return Sentence(text, tuple(dict.fromkeys(evidence_ids)), tuple(named.items()))


@dataclass(slots=True)
class Case:
    """One question over one snapshot. Rules read it and write evidence into `book`, which changes no answer."""

    question: Question
    snap: Snapshot
    book: Notebook = field(default_factory=Notebook)
    _changes: dict[str, list[Change]] = field(default_factory=dict)
    _answers: dict[tuple[object, ...], Any] = field(default_factory=dict)

    def once(self, ask: "Callable[[Case, *Parts], Answer]", *parts: *Parts) -> Answer:
        """`ask(case, *parts)`, computed once: for what several rules want to know. All get the same answer, so nobody may change it."""
        key = (ask, *parts)
        if key not in self._answers:
            self._answers[key] = ask(self, *parts)
        return cast(Answer, self._answers[key])

    # --- who

    @property
    def now(self) -> datetime:
        return self.snap.now

    def workload(self, obj: SnapshotObject) -> SnapshotObject:
        return self.snap.workload_of(obj)

    def live_pods(self, workload: SnapshotObject) -> list[SnapshotObject]:
        """Pods that count, of the newest revision before others, newest first, at most 20."""
        pods = [pod for pod in self.snap.pods_of(workload) if not pod.is_deleting]
        newest, update = self.newest_revision(workload), workload.text("status.updateRevision")
        if newest is not None:
            pods.sort(key=lambda pod: not is_owned_by(pod, newest))
        elif update:
            pods.sort(key=lambda pod: revisions.of_pod(pod.labels) != update)
        return pods[:MAX_PODS]

    def newest_revision(self, workload: SnapshotObject) -> SnapshotObject | None:
        sets = self.snap.replica_sets(workload) if workload.kind == "Deployment.apps" else []
        return sets[0] if sets else None

    def earlier_revision(self, workload: SnapshotObject) -> SnapshotObject | None:
        """The ReplicaSet of the revision before the newest."""
        sets = self.snap.replica_sets(workload) if workload.kind == "Deployment.apps" else []
        return sets[1] if len(sets) > 1 else None

    # --- events and logs

    def events(self, obj: SnapshotObject, *reasons: str) -> list[SnapshotObject]:
        """Fresh Events about an object, newest first."""
        return [event for event in self.snap.events(obj, *reasons) if self.is_fresh(last_seen(event))]

    def event_id(self, event: SnapshotObject, obj: SnapshotObject) -> str:
        return self.book.event(event, obj.ref)

    def is_fresh(self, at: datetime | None, within_s: float = FRESH_S) -> bool:
        return at is not None and (self.now - at).total_seconds() <= within_s

    def logs(self, container: Container) -> Iterator[tuple[LogKey, str]]:
        """What the container wrote: the run that failed before the present one, and its termination message.

        Without a log of its own, what the same container of another replica wrote: it fails in the same way.
        """
        own = [LogKey(container.pod.namespace or "", container.pod.name, container.name, previous) for previous in (True, False)]
        held = [key for key in own if self.snap.logs.get(key)] or self.once(_logs_of_replicas, container)
        yield from ((key, self.snap.logs[key]) for key in held)
        if isinstance(message := container.exit.get("message"), str) and message:
            yield LogKey(container.pod.namespace or "", container.pod.name, container.name, True), message

    def has_logs(self, container: Container) -> bool:
        return any(True for _ in self.logs(container))

    # --- what changed

    def named(self) -> Iterator[tuple[str, str]]:
        """The kind, in lower case, and the name of all that the case names: objects, namespaces and the cluster."""
        yield "cluster", self.question.cluster
        for ref in (self.question.owner, self.question.resource, *self.snap.refs(), *(fact.ref for fact in self.book.all())):
            yield "namespace", ref.namespace or ""
            yield ref.short_kind.lower(), ref.name

    def changes(self, workload: SnapshotObject) -> list[Change]:
        """What the newest revision of a workload has that the one before had not, and what the inventory recorded of it."""
        if workload.uid not in self._changes:
            of_template = self.template_changes(workload)
            self._changes[workload.uid] = [*of_template, *self._recorded(workload, known=[steps_of(one.path) for one in of_template])]
        return self._changes[workload.uid]

    def changed(self, workload: SnapshotObject, part: str) -> Change | None:
        """The newest change whose path contains this."""
        return next((change for change in self.changes(workload) if part in change.path), None)

    def template_changes(self, workload: SnapshotObject) -> list[Change]:
        """What the newest ReplicaSet of a Deployment has that the one before had not."""
        newest, earlier = self.newest_revision(workload), self.earlier_revision(workload)
        if newest is None or earlier is None:
            return []
        before, after = (revisions.template_of(one.map("spec.template")) for one in (earlier, newest))
        at = moment(workload.condition(rollouts.PROGRESSING)[1].get("lastUpdateTime")) if newest.created_at is None else newest.created_at
        manager = last_manager(workload)
        return [
            self.book.change(
                workload.ref, diff.pointer(one.path)[1:], diff.present(one.before), diff.present(one.after), at=at, manager=manager
            )
            for one in diff.walk(before, after, path=("spec", "template"), limit=MAX_CHANGES)
        ]

    def _recorded(self, workload: SnapshotObject, *, known: list[tuple[str, ...]]) -> list[Change]:
        """What the inventory recorded, each place once: the newest change of it, unless the revisions show it already (`known`)."""
        found = []
        for revision in self.snap.history:
            if revision.ref.kind != workload.kind or revision.ref.name != workload.name or revision.ref.namespace != workload.namespace:
                continue
            for entry in revision.diff:
                path = str(entry.get("path") or "").lstrip("/")
                steps = steps_of(path)
                if steps and not any(steps[: len(one)] == one for one in known):
                    known.append(steps)
                    found.append(
                        self.book.change(workload.ref, path, entry.get("from"), entry.get("to"), at=revision.at, manager=revision.manager)
                    )
        return found

    def fails_only_in_newest_revision(self, workload: SnapshotObject) -> bool:
        """Whether only pods of the newest revision have it, while an earlier revision exists."""
        if workload.kind != "Deployment.apps":
            return self._fails_since_template_changed(workload)
        newest = self.newest_revision(workload)
        if newest is None or self.earlier_revision(workload) is None:
            return False
        return all(is_owned_by(pod, newest) or is_ready(pod) for pod in self.live_pods(workload))

    def template_change(self, workload: SnapshotObject) -> Change | None:
        """The newest change of the pod template that is known."""
        return next((change for change in self.changes(workload) if change.path.startswith("spec/template/")), None)

    def _fails_since_template_changed(self, workload: SnapshotObject) -> bool:
        """Of a StatefulSet or DaemonSet, whose revisions only the labels of its pods show: whether its template changed, and every pod that
        is not ready is of the newest revision."""
        if self.template_change(workload) is None:
            return False
        pods = self.live_pods(workload)
        newest = workload.text("status.updateRevision") or _newest_revision_of(pods)
        return bool(newest) and all(revisions.of_pod(pod.labels) == newest or is_ready(pod) for pod in pods)

    def previous_revision_number(self, workload: SnapshotObject) -> int | None:
        earlier = self.earlier_revision(workload)
        return revisions.number(earlier.map("metadata.annotations").get(revisions.ANNOTATION)) or None if earlier is not None else None


def _logs_by_container(case: Case) -> dict[tuple[str, str], list[LogKey]]:
    found: dict[tuple[str, str], list[LogKey]] = {}
    for key in sorted(case.snap.logs, key=lambda key: not key.previous):
        if case.snap.logs[key]:
            found.setdefault((key.namespace, key.container), []).append(key)
    return found


def _logs_of_replicas(case: Case, container: Container) -> list[LogKey]:
    """The logs of the same container of other failing pods of the same revision, previous runs first; none if it does not fail itself."""
    keys = case.once(_logs_by_container).get((container.pod.namespace or "", container.name), ())
    if not keys or not _is_failing(container):
        return []
    replicas = {pod: _is_failing_replica(case, container, pod) for pod in {key.pod for key in keys}}
    return [key for key in keys if replicas[key.pod]][:MAX_REPLICA_LOGS]


def _is_failing(container: Container) -> bool:
    return bool(container.restarts) or not container.is_ready


def _is_failing_replica(case: Case, container: Container, name: str) -> bool:
    """Whether the container of this pod fails, or its log is all that is left of the pod. A healthy one says nothing about a failure."""
    owner, pod = container.pod.owner(), case.snap.find("Pod", container.pod.namespace, name)
    if owner is None:
        return False
    if pod is None:
        return owner.kind in owners.STEPPING_STONES and name.startswith(f"{owner.name}-")
    is_same = pod.owner() == owner and revisions.of_pod(pod.labels) == revisions.of_pod(container.pod.labels)
    return is_same and any(one.name == container.name and _is_failing(one) for one in containers(pod))


def steps_of(path: str) -> tuple[str, ...]:
    """The members on the way to a place: of `spec/template/spec/containers/api` and of `spec.template.spec.containers[api]` the same."""
    if "/" in path and not _BRACKET.search(path):
        return tuple(path.split("/"))
    return tuple(inside or plain for inside, plain in _STEP.findall(path))


def last_manager(obj: SnapshotObject) -> str | None:
    """Who wrote the object last, status aside."""
    writers = [one for one in obj.many("metadata.managedFields") if one.get("subresource") != "status" and one.get("manager")]
    newest: Mapping[str, Any] = max(writers, key=lambda one: str(one.get("time") or ""), default={})
    return str(newest["manager"]) if newest else None


def _newest_revision_of(pods: Sequence[SnapshotObject]) -> str:
    """The revision of the pod that was created last; "" where no pod shows one."""
    known = [pod for pod in pods if pod.created_at is not None and revisions.of_pod(pod.labels)]
    return revisions.of_pod(max(known, key=lambda pod: (pod.created_at, pod.name)).labels) if known else ""


def is_owned_by(pod: SnapshotObject, owner: SnapshotObject) -> bool:
    above = pod.owner()
    return above is not None and above.uid == owner.uid


def is_ready(pod: SnapshotObject) -> bool:
    return bool(pod.condition("Ready")[1].get("status") == "True")
