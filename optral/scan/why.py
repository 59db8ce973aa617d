"""Why: the rules' answer for one issue of a look, over the manifests that were taken in.

It sees what the server's analysis would see: the issue's namespace, the system's, what belongs to no namespace and, where a pod found no
node, what all other pods have booked. Log lines are redacted when they are first needed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from optral.analysis import engine, scope
from optral.analysis.model import Explanation, Question
from optral.analysis.snapshot import SYSTEM_NAMESPACE, Booking, LogKey, Snapshot, booking
from optral.kube import logs
from optral.kube.kinds import EVENT
from optral.scan.intake import Intake
from optral.scan.look import CLUSTER, Trouble

CLUSTER_EVENTS = "default"
"""Events about objects without a namespace live there."""


def question_of(trouble: Trouble) -> Question:
    """The issue as the engine is asked about it."""
    return Question(
        type=trouble.type,
        cluster_id=CLUSTER,
        resource=trouble.lead.shown_by,
        owner=trouble.subject,
        container=trouble.lead.part,
        facts=trouble.lead.facts,
        since=trouble.since,
    )


@dataclass(slots=True)
class Why:
    """Explains the issues of one look, which kept its manifests. The snapshot of the last namespace is kept."""

    intake: Intake
    _snapshots: dict[str, Snapshot] = field(default_factory=dict)
    _logs: dict[LogKey, str] = field(default_factory=dict)

    def explain(self, trouble: Trouble) -> Explanation:
        """The cause, or that the evidence does not decide. Never raises for what is in the cluster."""
        question = question_of(trouble)
        namespaces = {"", trouble.namespace or SYSTEM_NAMESPACE, SYSTEM_NAMESPACE}
        snap = self._snapshot(namespaces)
        if question.type in scope.ABOUT_ROOM:
            snap = replace(snap, bookings=self._bookings(namespaces))
        return engine.explain(engine.look(question, snap))

    def _snapshot(self, namespaces: set[str]) -> Snapshot:
        key = ",".join(sorted(namespaces))
        if key not in self._snapshots:
            self._snapshots.clear()  # a namespace of five hundred pods is 15 MB: ask namespace by namespace
            self._snapshots[key] = self._read(namespaces)
        return self._snapshots[key]

    def _read(self, namespaces: set[str]) -> Snapshot:
        intake = self.intake
        assert intake.now is not None
        snap = Snapshot(
            now=intake.now,
            visible=frozenset(intake.seen_kinds),
            logs=self._texts(namespaces),
            log_errors={key: why for key, why in intake.log_errors.items() if key.namespace in namespaces},
        )
        return snap.load(
            (kind, raw)
            for kind, namespace, read in intake.manifests()
            if (namespace in namespaces or (kind == EVENT.id and namespace == CLUSTER_EVENTS)) and (raw := read()) is not None
        )

    def _texts(self, namespaces: set[str]) -> Mapping[LogKey, str]:
        for key, raw in self.intake.logs.items():
            if key.namespace in namespaces and key not in self._logs:
                self._logs[key] = logs.redact(self.intake.redactor, tail(raw))
        return {key: text for key, text in self._logs.items() if key.namespace in namespaces}

    def _bookings(self, namespaces: set[str]) -> list[Booking]:
        pods = (read() for _, namespace, read in self.intake.manifests("Pod") if namespace not in namespaces)
        return [found for raw in pods if raw is not None and (found := booking(raw)) is not None]


def tail(raw: bytes) -> bytes:
    """The end of a log, as much as an analysis reads; what is cut in the middle of a line, maybe of a secret, goes with its line."""
    return raw if len(raw) <= scope.MAX_LOG_BYTES else raw[-scope.MAX_LOG_BYTES :].partition(b"\n")[2]


def analysis_of(found: Explanation, *, duration_ms: int) -> dict[str, Any]:
    """An explanation in the shape of the API's analysis, with the members that only a stored one has left out."""
    return {"status": found.status.value, **found.body, "durationMs": duration_ms}
