"""A look: from objects to issues, exactly as the server would open them, but at one moment.

A server waits until a finding has lasted; a look cannot wait, so a finding counts when its time has come at `now` already, and the others
are told as pending. What time has ended is no finding at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from optral import detectors
from optral.analysis.snapshot import LogKey
from optral.detectors import fingerprint, tuning
from optral.detectors.finding import Finding
from optral.grouping import callers, graph, model
from optral.kube import owners, selectors
from optral.kube.objects import Pod
from optral.kube.view import ClusterView
from optral.scan.intake import Intake
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity

_NOT_READY = frozenset(
    {
        "ReadinessProbeFailed",
        "StartupProbeFailed",
        "PodNotReady",
        "DeploymentReplicasUnavailable",
        "DeploymentProgressDeadlineExceeded",
        "StatefulSetReplicasUnavailable",
        "DaemonSetUnavailable",
        "ServiceNoEndpoints",
    }
)
COMES_UP_WITHIN_S = 600
MIN_CROWD = 4  # workloads
CLUSTER = "scan"
"""Fingerprints hold the cluster's id; a look knows one cluster only."""


@dataclass(slots=True)
class Trouble:
    """One issue: all findings with one fingerprint, the loudest first. `parent` is the fingerprint of the issue that explains it."""

    fingerprint: str
    findings: Sequence[Finding]
    parent: str | None = None
    relation: str | None = None
    symptoms: list["Trouble"] = field(default_factory=list)

    @property
    def lead(self) -> Finding:
        """The finding that speaks for all."""
        return self.findings[0]

    @property
    def type(self) -> str:
        return self.lead.type

    @property
    def severity(self) -> Severity:
        """As severe as its worst finding, or its worst symptom's."""
        found = [*(finding.severity for finding in self.findings), *(symptom.severity for symptom in self.symptoms)]
        return max(found, key=lambda severity: severity.rank)

    @property
    def since(self) -> datetime:
        return min(finding.since for finding in self.findings)

    @property
    def subject(self) -> ObjectRef:
        return self.lead.subject

    @property
    def namespace(self) -> str | None:
        return self.lead.shown_by.namespace or self.lead.subject.namespace

    @property
    def affected(self) -> list[ObjectRef]:
        """The objects that show it, each once."""
        return list({finding.shown_by: None for finding in self.findings})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be shown. Empty sets do not filter. `within_s`: also what opens so many seconds from now if nothing changes."""

    namespaces: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()
    min_severity: Severity = Severity.LOW
    with_risk: bool = False
    within_s: float = 0

    def fits(self, trouble: Trouble) -> bool:
        """Who asks for a namespace or a type is also told of the cause elsewhere that explains what they ask for."""
        return trouble.severity.rank >= self.min_severity.rank and any(self._means(one) for one in (trouble, *trouble.symptoms))

    def _means(self, trouble: Trouble) -> bool:
        return (not self.namespaces or trouble.namespace in self.namespaces) and (not self.types or trouble.type in self.types)


@dataclass(slots=True, kw_only=True)
class Seen:
    """What a look found: root issues, the most severe first, each with its symptoms. `failures` counts detectors that raised, by type."""

    roots: list[Trouble]
    pending: list[Finding] = field(default_factory=list)
    failures: dict[str, int] = field(default_factory=dict)

    @property
    def worst(self) -> Severity | None:
        return max((root.severity for root in self.roots), key=lambda severity: severity.rank, default=None)


def look(intake: Intake, wanted: Wanted) -> Seen:
    """Judge everything that was taken in; `intake` must be settled."""
    if intake.now is None:
        raise ValueError("the intake is not settled")
    limits = tuning.limits(tuning.DEFAULT, intake.view, cluster_id=CLUSTER)
    examination = detectors.examine_all(intake.view, now=intake.now, include_risk=wanted.with_risk, limits=limits)
    examination = tuning.apply(examination, tuning.DEFAULT, intake.view, cluster_id=CLUSTER)  # what annotations say holds here too
    coming = _coming_up(intake.view, now=intake.now) if wanted.within_s else frozenset()
    counts = [one for one in examination.findings if _opens_within(one, 0 if _is_of(one, coming) else wanted.within_s, now=intake.now)]
    waits = [one for one in examination.findings if one not in counts]
    roots = [one for one in _arranged(counts, intake, now=intake.now) if wanted.fits(one)]
    return Seen(
        roots=sorted(roots, key=_urgency),
        pending=[finding for finding in waits if wanted.fits(Trouble("", [finding]))],
        failures=dict(examination.failures),
    )


def _opens_within(finding: Finding, seconds: float, *, now: datetime) -> bool:
    """Its time has come, or will have come by then, with the finding still true."""
    return (finding.opens_at - now).total_seconds() <= seconds and (finding.expires_at is None or finding.expires_at > finding.opens_at)


def _coming_up(view: ClusterView, *, now: datetime) -> frozenset[ObjectRef]:
    """Workloads that come up together with others, and the Services before them: that they are not ready may not be taken to last.

    Who starts for the first time is late only beside others of its age: where several of a namespace are as far as it is, nobody is late.
    """
    found: set[ObjectRef] = set()
    spaces: dict[str, list[Pod]] = {}
    for thing in view.all(Pod.kind):
        if isinstance(thing, Pod) and (now - thing.created_at).total_seconds() < COMES_UP_WITHIN_S and _is_starting(thing):
            spaces.setdefault(thing.metadata.namespace, []).append(thing)
    for namespace, starting in spaces.items():
        workloads = {view.workload_of(pod) for pod in starting}
        if len(workloads) < MIN_CROWD:
            continue
        found |= workloads
        for service in view.services_in(namespace):
            if service.spec.selector and any(selectors.matches(service.spec.selector, pod.labels) for pod in starting):
                found.add(owners.ref(service))
    return frozenset(found)


def _is_starting(pod: Pod) -> bool:
    """Its containers run, or have ended once and are started again."""
    statuses = pod.status.container_statuses
    waits = [status.state.waiting for status in statuses]
    is_early = bool(statuses) and all(status.restart_count <= 1 for status in statuses)
    return is_early and not pod.is_ready and all(wait is None or wait.reason == "CrashLoopBackOff" for wait in waits)


def _is_of(finding: Finding, coming: frozenset[ObjectRef]) -> bool:
    """Whether it says no more than that something is not ready yet."""
    return finding.type in _NOT_READY and finding.subject in coming


def _arranged(findings: Sequence[Finding], intake: Intake, *, now: datetime) -> list[Trouble]:
    """Root issues, each with its symptoms, by the server's own cause graph."""
    troubles = _grouped(findings)
    found = callers.with_log_lines(model.of_findings(findings, CLUSTER), lambda *place: _logs(intake, *place))
    arrangement = graph.arrange(found, intake.view, now=now)
    for mark, link in arrangement.parent_of.items():
        troubles[mark].parent, troubles[mark].relation = link.key, link.relation
        troubles[link.key].symptoms.append(troubles[mark])
    for trouble in troubles.values():
        trouble.symptoms.sort(key=_urgency)
    return [trouble for trouble in troubles.values() if trouble.parent is None]


def _logs(intake: Intake, namespace: str, pod: str, container: str) -> list[str]:
    """What there is of a container's logs: of the run before and of this one."""
    found = (intake.logs.get(LogKey(namespace, pod, container, previous)) for previous in (True, False))
    return [raw.decode("utf-8", "replace") for raw in found if raw is not None]


def _grouped(findings: Sequence[Finding]) -> dict[str, Trouble]:
    """One issue per fingerprint; the most severe, then the newest, speaks for all."""
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(fingerprint.compute(CLUSTER, finding), []).append(finding)
    ordered = {mark: sorted(found, key=_loudness, reverse=True) for mark, found in groups.items()}
    return {mark: Trouble(mark, found) for mark, found in ordered.items()}


def _loudness(finding: Finding) -> tuple[int, datetime, ObjectRef]:
    return (finding.severity.rank, finding.since, ObjectRef(*(part or "" for part in finding.shown_by)))


def _urgency(trouble: Trouble) -> tuple[int, int, str, str, str]:
    reach = len(trouble.findings) + sum(len(symptom.findings) for symptom in trouble.symptoms)
    return (-trouble.severity.rank, -reach, trouble.namespace or "", trouble.subject.name, trouble.type)
