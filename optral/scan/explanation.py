"""Explains the issues of a scan with the rules of the server, from the manifests of the intake.

An explanation sees what the server's analysis sees: the namespace of the issue, kube-system, cluster-scoped objects and, for a pod that
cannot be scheduled, the requests of all other pods. Log lines are redacted when they are first needed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from optral.analysis.engine import engine
from optral.analysis.model import Explanation, Question
from optral.analysis.reading import scope
from optral.analysis.reading.snapshot import LogKey, Reservation, Snapshot, reservation
from optral.kube import logs
from optral.kube.kinds import EVENT
from optral.scan.detection import CLUSTER, ScanIssue
from optral.scan.intake import Intake

CLUSTER_EVENTS = "default"
"""The namespace of Events about cluster-scoped objects."""


def question_about(issue: ScanIssue) -> Question:
    """The question that the engine answers for this issue."""
    return Question(
        type=issue.type,
        cluster_id=CLUSTER,
        resource=issue.lead.shown_by,
        owner=issue.subject,
        container=issue.lead.part,
        facts=issue.lead.facts,
        since=issue.since,
    )


@dataclass(slots=True)
class Explainer:
    """Explains the issues of one scan; its intake must keep manifests. Caches the snapshot of the last namespace only."""

    intake: Intake
    _snapshots: dict[str, Snapshot] = field(default_factory=dict)
    _logs: dict[LogKey, str] = field(default_factory=dict)

    def explain(self, issue: ScanIssue) -> Explanation:
        """The cause, or a result that names none if the evidence is insufficient. Never raises for objects of the cluster."""
        return engine.explain(engine.investigate(question_about(issue), self.snapshot_of(issue)))

    def snapshot_of(self, issue: ScanIssue) -> Snapshot:
        """What the explanation of this issue sees."""
        namespaces = {"", *scope.namespaces(issue.namespace, issue.lead.facts)}
        snap = self._snapshot(namespaces)
        return replace(snap, reservations=self._reservations(namespaces)) if issue.type in scope.ABOUT_ROOM else snap

    def _snapshot(self, namespaces: set[str]) -> Snapshot:
        key = ",".join(sorted(namespaces))
        if key not in self._snapshots:
            self._snapshots.clear()  # 15 MB for a namespace of 500 pods; callers explain namespace by namespace
            self._snapshots[key] = self._read(namespaces)
        return self._snapshots[key]

    def _read(self, namespaces: set[str]) -> Snapshot:
        intake = self.intake
        assert intake.now is not None
        snap = Snapshot(
            now=intake.now,
            visible=frozenset(intake.listed_kinds),
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

    def _reservations(self, namespaces: set[str]) -> list[Reservation]:
        pods = (read() for _, namespace, read in self.intake.manifests("Pod") if namespace not in namespaces)
        return [reserved for raw in pods if raw is not None and (reserved := reservation(raw)) is not None]


def tail(raw: bytes) -> bytes:
    """The end of a log, as much as an analysis reads. A line that is cut is dropped, since it may hold part of a secret."""
    return raw if len(raw) <= scope.MAX_LOG_BYTES else raw[-scope.MAX_LOG_BYTES :].partition(b"\n")[2]


def analysis_shape(explanation: Explanation, *, duration_ms: int) -> dict[str, Any]:
    """An explanation in the JSON shape of an analysis in the API, without the members of a stored analysis (id, times)."""
    return {"status": explanation.status.value, **explanation.body, "durationMs": duration_ms}
