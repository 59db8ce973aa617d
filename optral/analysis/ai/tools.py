"""What a model may ask: evidence and snapshot of this one analysis, read-only. Nothing here reaches a cluster, a store or a network.

Every answer is fenced, bounded and free of secrets. What a mask hides cannot be guessed: text is looked for as it is shown, names are found
by their tokens, and nothing that was asked is repeated. The same question twice is refused with a hint, which is what ends loops. Where a
person asks, nothing of namespaces that the person may not see is read.
"""

import json
import re
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any, TypeVar

import msgspec

from optral.analysis.ai.fence import CUT, Fence
from optral.analysis.engine import engine
from optral.analysis.model import Hypothesis
from optral.analysis.reading import symptoms
from optral.analysis.reading.case import WORKLOADS, Case, containers
from optral.analysis.reading.snapshot import SnapshotObject
from optral.analysis.rules import RULES
from optral.analysis.veil import Sees
from optral.kube.kinds import KINDS
from optral.terms.refs import ObjectRef

T = TypeVar("T")
MAX_ROWS = 60
MAX_LINES = 200
_BY_NAME = {kind.name.lower(): kind.id for kind in KINDS}
_CONCISE = ("metadata.labels", "metadata.ownerReferences", "spec.replicas", "spec.selector", "status.phase")
_CITABLE = re.compile(r"(ev_[0-9a-f]{16})\b")
_NEVER = ("metadata.managedFields", "metadata.annotations")


class Reader:
    """The tools of one run, as plain functions of text. `asked` names each call, for the record; `read` is the evidence they have shown."""

    def __init__(self, case: Case, found: Sequence[Hypothesis], fence: Fence, *, sees: Sees = lambda _namespace: True) -> None:
        self.case, self.fence, self._sees = case, fence, sees
        self._found = [one for one in found if self._may_show(one)]
        self._known: set[str] = set()
        self.asked: list[str] = []
        self.read: set[str] = set()

    @property
    def found(self) -> Sequence[Hypothesis]:
        """What the rules found, as far as the reader may see it."""
        return self._found

    def functions(self) -> list[Callable[..., str]]:
        """All of them; their docstrings are what the model reads."""
        return [
            self.list_evidence,
            self.get_object,
            self.get_events,
            self.get_logs,
            self.get_changes,
            self.neighbours,
            self.check_hypothesis,
        ]

    def list_evidence(self, containing: str = "") -> str:
        """List the evidence ids with what each says; only those that contain this text, when given."""
        seen = [fact for fact in self.case.book.all() if self._sees(fact.ref.namespace)]
        facts = self._containing(containing, seen, lambda fact: fact.haystack)
        rows = [
            f"{fact.id} [{fact.kind}, {fact.trust}] {fact.ref.short_kind} {fact.ref.name} {fact.path}: {fact.excerpt}" for fact in facts
        ]
        return self._say("list_evidence", {"containing": containing}, rows[:MAX_ROWS])

    def get_object(self, kind: str, name: str, namespace: str = "", detailed: bool = False) -> str:
        """One Kubernetes object of the issue's namespace, the system's, or without one; `detailed` gives all of spec and status."""
        arguments = {"kind": kind, "name": name, "namespace": namespace, "detailed": detailed}
        obj = self._find(kind, name, namespace)
        if obj is None:
            return self._say("get_object", arguments, ["no object of this name was found"])
        if not detailed:
            rows = [
                *(self._row(self.case.book.object(obj, path)) for path in _CONCISE if obj.get(path)),
                *(self._row(self._condition(obj, index)) for index in range(len(obj.many("status.conditions")))),
            ]
            return self._say("get_object", arguments, rows)
        whole = {key: value for key, value in obj.raw.items() if key in ("spec", "status", "data", "metadata", "rules", "webhooks")}
        meta = {key: value for key, value in obj.map("metadata").items() if f"metadata.{key}" not in _NEVER}
        return self._say("get_object", arguments, [_json(whole | {"metadata": meta})])

    def get_events(self, kind: str, name: str, namespace: str = "") -> str:
        """The Kubernetes Events about an object, newest first, each with its evidence id."""
        arguments = {"kind": kind, "name": name, "namespace": namespace}
        obj = self._find(kind, name, namespace)
        events = [] if obj is None else self.case.events(obj)
        rows = [self._row(self.case.event_id(event, obj)) for event in islice(events, 20)] if obj is not None else []
        return self._say("get_events", arguments, rows or ["none"])

    def get_logs(self, pod: str, container: str, containing: str = "", previous: bool = False) -> str:
        """Captured lines of a container, each with an evidence id that a claim can cite; at most 200, from the end."""
        arguments = {"pod": pod, "container": container, "containing": containing, "previous": previous}
        rows = []
        pod, container = self.fence.masks.original(pod), self.fence.masks.unmask(container)
        for key, text in self.case.snap.logs.items():
            if key.pod == pod and key.container == container and key.previous == previous and self._sees(key.namespace):
                lines = self._containing(containing, text.splitlines(), str)[-MAX_LINES:]
                rows = [self._row(self.case.book.log(key, line)) for line in lines if line.strip()]
        return self._say("get_logs", arguments, rows or ["no such lines were captured"])

    def get_changes(self, kind: str, name: str, namespace: str = "") -> str:
        """What somebody changed on a workload in the last day, newest first, each with its evidence id."""
        arguments = {"kind": kind, "name": name, "namespace": namespace}
        obj = self._find(kind, name, namespace)
        changes = [] if obj is None else self.case.changes(self.case.workload(obj))
        rows = [self._row(change.evidence_id) for change in changes if self._sees(change.ref.namespace)]
        return self._say("get_changes", arguments, rows[:20] or ["none"])

    def neighbours(self, kind: str, name: str, namespace: str = "") -> str:
        """What an object is connected to: its owner, its pods, what it mounts and names."""
        arguments = {"kind": kind, "name": name, "namespace": namespace}
        obj = self._find(kind, name, namespace)
        return self._say("neighbours", arguments, ["no object of this name was found"] if obj is None else _around(self.case, obj))

    def check_hypothesis(self, cause: str) -> str:
        """Run the rules that know a cause of the list and say what they found for it."""
        found = {(one.cause, one.subject): one for one in self._found if one.cause == cause}
        for focus in symptoms.foci(self.case):
            for rule in RULES:
                if cause in rule.causes and focus.symptom in rule.symptoms:
                    found |= {(one.cause, one.subject): one for one in engine.judged(rule, self.case, focus) if one.cause == cause}
        rows = [
            f"{one.cause} on {one.subject.short_kind} {one.subject.name}, {one.level.name.lower()}: {_summary(one)}"
            for one in found.values()
            if self._may_show(one)
        ]
        return self._say("check_hypothesis", {"cause": cause}, rows or ["no rule finds this cause"])

    def _find(self, kind: str, name: str, namespace: str) -> SnapshotObject | None:
        name, namespace = self.fence.masks.original(name), self.fence.masks.original(namespace)
        id_ = _BY_NAME.get(kind.lower().partition(".")[0], kind)
        for home in (namespace or None, self.case.question.owner.namespace, None):
            if self._sees(home) and (found := self.case.snap.find(id_, home, name)) is not None:
                return found
        return None

    def _containing(self, wanted: str, of: Sequence[T], text_of: Callable[[T], str]) -> list[T]:
        """Those whose text, as it is shown, contains this; of the last that may, which is bounded because masks take time."""
        masks = self.fence.masks
        known, wanted = masks.unmask(wanted).casefold(), wanted.casefold()
        found = [one for one in of if known in text_of(one).casefold()]
        if not wanted or not masks.is_on:
            return found
        return [one for one in found[-MAX_LINES:] if wanted in masks.mask(text_of(one)).casefold()]

    def _may_show(self, one: Hypothesis) -> bool:
        known = (self.case.book[id_].ref.namespace for id_ in one.evidence_ids if id_ in self.case.book)
        return all(map(self._sees, (one.subject.namespace, *known)))

    def _condition(self, obj: SnapshotObject, index: int) -> str:
        return self.case.book.fields(obj, f"status.conditions[{index}]", "type", "status", "reason", "message")

    def _row(self, evidence_id: str) -> str:
        fact = self.case.book[evidence_id]
        return f"{evidence_id}: {fact.path}: {fact.excerpt}" if fact.kind == "object" else f"{evidence_id}: {fact.excerpt}"

    def shown(self, text: str) -> str:
        """Note the evidence that this text, as it is sent, shows in whole lines."""
        self.read.update(found[1] for line in text.splitlines() if (found := _CITABLE.match(line)) and not line.endswith(CUT))
        return text

    def _say(self, tool: str, arguments: dict[str, Any], rows: Sequence[str]) -> str:
        call = f"{tool}({json.dumps(arguments, sort_keys=True)})"
        self.asked.append(call)
        if call in self._known:
            return "You asked this before and the answer is the same. Ask something else, or give your answer."
        self._known.add(call)
        if self.fence.is_full:
            return "You have read all that one analysis may read. Give your answer."
        return self.shown(self.fence.around("\n".join(rows)))


def _around(case: Case, obj: SnapshotObject) -> list[str]:
    rows = [f"workload: {_name(case.workload(obj).ref)}"]
    if obj.kind in WORKLOADS:
        rows += [f"pod: {_name(pod.ref)} {pod.text('status.phase')}" for pod in case.live_pods(obj)[:MAX_ROWS]]
    if obj.kind == "Pod":
        rows.append(f"node: {obj.text('spec.nodeName') or 'none'}")
        rows += [
            f"container: {container.name} ({container.kind}), image {container.image}, restarts {container.restarts}"
            for container in containers(obj)
        ]
        rows += [f"volume: {_json(volume)}" for volume in obj.many("spec.volumes")]
    return rows


def _name(ref: ObjectRef) -> str:
    return f"{ref.short_kind} {ref.namespace or ''}/{ref.name}"


def _summary(one: Hypothesis) -> str:
    return " ".join(f"{sentence.text} ({', '.join(sentence.evidence_ids)})" for sentence in one.sentences)


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
