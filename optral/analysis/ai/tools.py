"""What a model may ask: evidence and snapshot of this one analysis, read-only. Nothing here reaches a cluster, a store or a network.

Every answer is fenced, bounded and free of secrets. The same question twice is refused with a hint, which is what ends loops.
"""

import json
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any

import msgspec

from optral.analysis.ai.fence import Fence
from optral.analysis.engine import engine
from optral.analysis.model import Hypothesis
from optral.analysis.reading import symptoms
from optral.analysis.reading.case import WORKLOADS, Case, containers
from optral.analysis.reading.snapshot import SnapshotObject
from optral.analysis.rules import RULES
from optral.kube.kinds import KINDS
from optral.terms.refs import ObjectRef

MAX_ROWS = 60
MAX_LINES = 200
_BY_NAME = {kind.name.lower(): kind.id for kind in KINDS}
_CONCISE = ("metadata.labels", "metadata.ownerReferences", "spec.replicas", "spec.selector", "status.conditions", "status.phase")
_NEVER = ("metadata.managedFields", "metadata.annotations")


class Reader:
    """The tools of one run, as plain functions of text. `asked` names each call, for the record."""

    def __init__(self, case: Case, found: Sequence[Hypothesis], fence: Fence) -> None:
        self._case, self._found, self._fence = case, found, fence
        self._known: set[str] = set()
        self.asked: list[str] = []

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
        wanted = containing.casefold()
        facts = [fact for fact in self._case.book.all() if wanted in fact.haystack.casefold()]
        rows = [
            f"{fact.id} [{fact.kind}, {fact.trust}] {fact.ref.short_kind} {fact.ref.name} {fact.path}: {fact.excerpt}" for fact in facts
        ]
        return self._say("list_evidence", {"containing": containing}, rows[:MAX_ROWS])

    def get_object(self, kind: str, name: str, namespace: str = "", detailed: bool = False) -> str:
        """One Kubernetes object of the issue's namespace, the system's, or without one; `detailed` gives all of spec and status."""
        arguments = {"kind": kind, "name": name, "namespace": namespace, "detailed": detailed}
        obj = self._find(kind, name, namespace)
        if obj is None:
            return self._say("get_object", arguments, [f"there is no {kind} {name} here"])
        if not detailed:
            return self._say("get_object", arguments, [f"{path}: {_json(value)}" for path in _CONCISE if (value := obj.get(path))])
        whole = {key: value for key, value in obj.raw.items() if key in ("spec", "status", "data", "metadata", "rules", "webhooks")}
        meta = {key: value for key, value in obj.map("metadata").items() if f"metadata.{key}" not in _NEVER}
        return self._say("get_object", arguments, [_json(whole | {"metadata": meta})])

    def get_events(self, kind: str, name: str, namespace: str = "") -> str:
        """The Kubernetes Events about an object, newest first, each with its evidence id."""
        arguments = {"kind": kind, "name": name, "namespace": namespace}
        obj = self._find(kind, name, namespace)
        events = [] if obj is None else self._case.events(obj)
        rows = [self._row(self._case.event_id(event, obj)) for event in islice(events, 20)] if obj is not None else []
        return self._say("get_events", arguments, rows or ["none"])

    def get_logs(self, pod: str, container: str, containing: str = "", previous: bool = False) -> str:
        """Captured lines of a container, each with an evidence id that a claim can cite; at most 200, from the end."""
        arguments = {"pod": pod, "container": container, "containing": containing, "previous": previous}
        rows = []
        for key, text in self._case.snap.logs.items():
            if key.pod == pod and key.container == container and key.previous == previous:
                lines = [line for line in text.splitlines() if containing.casefold() in line.casefold()][-MAX_LINES:]
                rows = [self._row(self._case.book.log(key, line)) for line in lines if line.strip()]
        return self._say("get_logs", arguments, rows or ["no such lines were captured"])

    def get_changes(self, kind: str, name: str, namespace: str = "") -> str:
        """What somebody changed on a workload in the last day, newest first, each with its evidence id."""
        arguments = {"kind": kind, "name": name, "namespace": namespace}
        obj = self._find(kind, name, namespace)
        changes = [] if obj is None else self._case.changes(self._case.workload(obj))
        return self._say("get_changes", arguments, [self._row(change.evidence_id) for change in changes[:20]] or ["none"])

    def neighbours(self, kind: str, name: str, namespace: str = "") -> str:
        """What an object hangs together with: its owner, its pods, what it mounts and names."""
        arguments = {"kind": kind, "name": name, "namespace": namespace}
        obj = self._find(kind, name, namespace)
        return self._say("neighbours", arguments, ["no object of this name was found"] if obj is None else _around(self._case, obj))

    def check_hypothesis(self, cause: str) -> str:
        """Run the rules that know a cause of the list and say what they found for it."""
        found = {(one.cause, one.subject): one for one in self._found if one.cause == cause}
        for focus in symptoms.foci(self._case):
            for rule in RULES:
                if cause in rule.causes and focus.symptom in rule.symptoms:
                    found |= {(one.cause, one.subject): one for one in engine.judged(rule, self._case, focus) if one.cause == cause}
        rows = [
            f"{one.cause} on {one.subject.short_kind} {one.subject.name}, {one.level.name.lower()}: {_summary(one)}"
            for one in found.values()
        ]
        return self._say("check_hypothesis", {"cause": cause}, rows or [f"no rule finds {cause}"])

    def _find(self, kind: str, name: str, namespace: str) -> SnapshotObject | None:
        id_ = _BY_NAME.get(kind.lower().partition(".")[0], kind)
        for home in (namespace or None, self._case.question.owner.namespace, None):
            if (found := self._case.snap.find(id_, home, name)) is not None:
                return found
        return None

    def _row(self, evidence_id: str) -> str:
        return f"{evidence_id}: {self._case.book[evidence_id].excerpt}"

    def _say(self, tool: str, arguments: dict[str, Any], rows: Sequence[str]) -> str:
        call = f"{tool}({json.dumps(arguments, sort_keys=True)})"
        self.asked.append(call)
        if call in self._known:
            return "You asked this before and the answer is the same. Ask something else, or give your answer."
        self._known.add(call)
        if self._fence.is_full:
            return "You have read all that one analysis may read. Give your answer."
        return self._fence.around("\n".join(rows))


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
