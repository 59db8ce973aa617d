"""Explains the issues of a scan with the rules of the server, from the manifests of the intake.

An explanation sees what the server's analysis sees: the namespace of the issue, kube-system, cluster-scoped objects and, for a pod that
cannot be scheduled, the requests of all other pods. Log lines are redacted when they are first needed.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from optral.analysis.engine import engine
from optral.analysis.model import Explanation, Question
from optral.analysis.reading import scope
from optral.analysis.reading.snapshot import LogKey, Reservation, Snapshot, SnapshotObject, reservation
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


Rows = Iterable[tuple[str, bytes]]


@dataclass(slots=True)
class ScanSnapshot(Snapshot):
    """A snapshot that reads the kinds that may be looked up in any namespace (`anywhere`) when they are, one namespace at a time.

    `scanned`: the namespaces that were scanned, None for all.
    """

    scanned: frozenset[str] | None = None
    elsewhere: Callable[[str, str], Rows] = lambda *_: ()
    _read: set[tuple[str, str]] = field(default_factory=set)

    def holds(self, kind: str, namespace: str | None = None) -> bool:
        return Snapshot.holds(self, kind, namespace) and (not namespace or self.scanned is None or namespace in self.scanned)

    def find(self, kind: str, namespace: str | None, name: str) -> SnapshotObject | None:
        self._load_elsewhere(kind, namespace)
        return Snapshot.find(self, kind, namespace, name)

    def all(self, kind: str, namespace: str | None = None) -> Iterator[SnapshotObject]:
        self._load_elsewhere(kind, namespace)
        return Snapshot.all(self, kind, namespace)

    def _load_elsewhere(self, kind: str, namespace: str | None) -> None:
        if kind not in self.anywhere or not namespace or namespace in (self.namespaces or ()) or (kind, namespace) in self._read:
            return
        self._read.add((kind, namespace))
        self.load(self.elsewhere(kind, namespace))


@dataclass(slots=True)
class Explainer:
    """Explains the issues of one scan; its intake must keep manifests. Caches the snapshot of the last namespace only."""

    intake: Intake
    _snapshots: dict[str, Snapshot] = field(default_factory=dict)
    _logs: dict[LogKey, str] = field(default_factory=dict)
    _anywhere: dict[tuple[str, str], list[Callable[[], bytes | None]]] | None = None

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
        snap = ScanSnapshot(
            now=intake.now,
            visible=frozenset(() if intake.is_cut else intake.listed_kinds),
            namespaces=frozenset(namespaces),
            anywhere=scope.ANYWHERE,
            scanned=intake.namespaces,
            elsewhere=self._elsewhere,
            logs=self._texts(namespaces),
            log_errors={key: why for key, why in intake.log_errors.items() if key.namespace in namespaces},
        )
        return snap.load(
            (kind, raw)
            for kind, namespace, read in intake.manifests()
            if (namespace in namespaces or (kind == EVENT.id and namespace == CLUSTER_EVENTS)) and (raw := read()) is not None
        )

    def _elsewhere(self, kind: str, namespace: str) -> Rows:
        if self._anywhere is None:
            self._anywhere = {}
            for kind_id, place, read in self.intake.manifests(*scope.ANYWHERE):
                self._anywhere.setdefault((kind_id, place), []).append(read)
        return ((kind, raw) for read in self._anywhere.get((kind, namespace), ()) if (raw := read()) is not None)

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
