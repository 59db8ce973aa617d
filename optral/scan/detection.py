"""Turns the objects of a scan into issues: the ones that the server would open, at one moment.

A server waits until a finding has lasted long enough. A scan cannot wait: a finding becomes an issue if its delay has passed at `now`,
and is pending otherwise. A finding that expires before it opens is dropped.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from optral import detectors
from optral.analysis.reading.snapshot import LogKey
from optral.detectors import fingerprint, tuning
from optral.detectors.finding import Finding
from optral.detectors.impact import NONE, Impact
from optral.grouping import callers, families, graph, model
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
STARTUP_S = 600
MIN_STARTING_WORKLOADS = 4  # in one namespace
CLUSTER = "scan"
"""The cluster id in fingerprints; a scan covers exactly one cluster."""
CHRONIC_S = 86_400.0
"""What has not changed for so long is no part of an incident of now."""


@dataclass(slots=True)
class ScanIssue:
    """All findings with one fingerprint, the most severe and newest first. `parent` is the fingerprint of the issue that explains it.
    `is_chronic`: nothing of a root or its symptoms is new. `impact` is that of the issue and its symptoms (`families.rate`)."""

    fingerprint: str
    findings: Sequence[Finding]
    parent: str | None = None
    relation: str | None = None
    symptoms: list["ScanIssue"] = field(default_factory=list)
    is_chronic: bool = False
    family_severity: Severity | None = None
    impact: Impact = NONE

    @property
    def lead(self) -> Finding:
        """The finding that gives the issue its title, facts and object."""
        return self.findings[0]

    @property
    def type(self) -> str:
        return self.lead.type

    @property
    def severity(self) -> Severity:
        """The severity of its family, otherwise the highest of its findings."""
        return self.family_severity or max((finding.severity for finding in self.findings), key=lambda severity: severity.rank)

    @property
    def since(self) -> datetime:
        return min(finding.since for finding in self.findings)

    @property
    def newest(self) -> datetime:
        """When the last of its findings, or of those of its symptoms, began."""
        return max(finding.since for one in (self, *self.symptoms) for finding in one.findings)

    @property
    def subject(self) -> ObjectRef:
        return self.lead.subject

    @property
    def namespace(self) -> str | None:
        return self.lead.shown_by.namespace or self.lead.subject.namespace

    @property
    def affected(self) -> list[ObjectRef]:
        """The distinct objects that show the failure."""
        return list({finding.shown_by: None for finding in self.findings})


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueFilter:
    """Which issues to show. An empty set does not filter. `within_s` includes findings that open within so many seconds from now."""

    namespaces: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()
    min_severity: Severity = Severity.LOW
    with_risk: bool = False
    within_s: float = 0

    def matches(self, issue: ScanIssue) -> bool:
        """Whether to show the issue: a root also matches if one of its symptoms does, wherever the root itself is."""
        return issue.severity.rank >= self.min_severity.rank and any(self._selects(one) for one in (issue, *issue.symptoms))

    def _selects(self, issue: ScanIssue) -> bool:
        return (not self.namespaces or issue.namespace in self.namespaces) and (not self.types or issue.type in self.types)


@dataclass(slots=True, kw_only=True)
class ScanResult:
    """Root issues, the most severe first, each with its symptoms. `failures` counts objects on which a detector raised, by issue type."""

    roots: list[ScanIssue]
    pending: list[Finding] = field(default_factory=list)
    failures: dict[str, int] = field(default_factory=dict)

    @property
    def worst(self) -> Severity | None:
        return max((root.severity for root in self.roots), key=lambda severity: severity.rank, default=None)


def detect_issues(intake: Intake, issue_filter: IssueFilter) -> ScanResult:
    """Run the detectors on all objects and group their findings. Raises `ValueError` if `intake` is not settled."""
    if intake.now is None:
        raise ValueError("the intake is not settled")
    limits = tuning.limits(tuning.DEFAULT, intake.view, cluster_id=CLUSTER)
    examination = detectors.examine_all(intake.view, now=intake.now, include_risk=issue_filter.with_risk, limits=limits)
    examination = tuning.apply(examination, tuning.DEFAULT, intake.view, cluster_id=CLUSTER)  # annotations apply to a scan too
    starting = _starting_together(intake.view, now=intake.now) if issue_filter.within_s else frozenset()
    is_open = [
        _opens_within(finding, 0 if _is_only_starting(finding, starting) else issue_filter.within_s, now=intake.now)
        for finding in examination.findings
    ]
    opened = [finding for finding, opens in zip(examination.findings, is_open, strict=True) if opens]
    pending = [finding for finding, opens in zip(examination.findings, is_open, strict=True) if not opens]
    roots = [root for root in _roots(opened, intake, now=intake.now) if issue_filter.matches(root)]
    for root in roots:
        root.is_chronic = (intake.now - root.newest).total_seconds() > CHRONIC_S
    return ScanResult(
        roots=sorted(roots, key=_urgency),
        pending=[finding for finding in pending if issue_filter.matches(ScanIssue("", [finding]))],
        failures=dict(examination.failures),
    )


def _opens_within(finding: Finding, seconds: float, *, now: datetime) -> bool:
    """Whether its delay passes within so many seconds from `now`, before it expires."""
    return (finding.opens_at - now).total_seconds() <= seconds and (finding.expires_at is None or finding.expires_at > finding.opens_at)


def _starting_together(view: ClusterView, *, now: datetime) -> frozenset[ObjectRef]:
    """Workloads that start at the same time as others in their namespace, and their Services.

    They are not assumed to stay unready: if several workloads of a namespace are equally far in their first start, none of them is late.
    """
    starting: set[ObjectRef] = set()
    pods_by_namespace: dict[str, list[Pod]] = {}
    for obj in view.all(Pod.kind):
        if isinstance(obj, Pod) and (now - obj.created_at).total_seconds() < STARTUP_S and _is_starting(obj):
            pods_by_namespace.setdefault(obj.metadata.namespace, []).append(obj)
    for namespace, pods in pods_by_namespace.items():
        workloads = {view.workload_of(pod) for pod in pods}
        if len(workloads) < MIN_STARTING_WORKLOADS:
            continue
        starting |= workloads
        for service in view.services_in(namespace):
            if service.spec.selector and any(selectors.matches(service.spec.selector, pod.labels) for pod in pods):
                starting.add(owners.ref(service))
    return frozenset(starting)


def _is_starting(pod: Pod) -> bool:
    """Whether an unready pod is in its first start: its containers run, or have exited at most once and restart."""
    statuses = pod.status.container_statuses
    waiting = [status.state.waiting for status in statuses]
    is_early = bool(statuses) and all(status.restart_count <= 1 for status in statuses)
    return is_early and not pod.is_ready and all(state is None or state.reason == "CrashLoopBackOff" for state in waiting)


def _is_only_starting(finding: Finding, starting: frozenset[ObjectRef]) -> bool:
    """Whether the finding states no more than that a starting workload is not ready yet."""
    return finding.type in _NOT_READY and finding.subject in starting


def _roots(findings: Sequence[Finding], intake: Intake, *, now: datetime) -> list[ScanIssue]:
    """Root issues, each with its symptoms, grouped by the rules of the server."""
    issues = _issues_by_fingerprint(findings)
    failures = callers.with_log_lines(model.of_findings(findings, CLUSTER), lambda *container: _logs(intake, *container))
    arrangement = graph.arrange(failures, intake.view, now=now)
    for symptom, link in arrangement.parent_of.items():
        issues[symptom].parent, issues[symptom].relation = link.key, link.relation
        issues[link.key].symptoms.append(issues[symptom])
    of_key = {failure.key: failure for failure in failures}
    for key, issue in issues.items():
        symptoms = [of_key[symptom.fingerprint] for symptom in issue.symptoms]
        issue.family_severity, issue.impact = families.rate(of_key[key], symptoms)
    for issue in issues.values():
        issue.symptoms.sort(key=_urgency)
    return [issue for issue in issues.values() if issue.parent is None]


def _logs(intake: Intake, namespace: str, pod: str, container: str) -> list[str]:
    """The available logs of a container: of its previous run and of its current one."""
    raws = (intake.logs.get(LogKey(namespace, pod, container, previous)) for previous in (True, False))
    return [raw.decode("utf-8", "replace") for raw in raws if raw is not None]


def _issues_by_fingerprint(findings: Sequence[Finding]) -> dict[str, ScanIssue]:
    """One issue per fingerprint, with the most severe finding first, then the newest."""
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(fingerprint.compute(CLUSTER, finding), []).append(finding)
    return {key: ScanIssue(key, sorted(group, key=_prominence, reverse=True)) for key, group in groups.items()}


def _prominence(finding: Finding) -> tuple[int, datetime, ObjectRef]:
    return (finding.severity.rank, finding.since, ObjectRef(*(part or "" for part in finding.shown_by)))


def _urgency(issue: ScanIssue) -> tuple[int, bool, int, float, str]:
    """The order of the server: by severity, what concerns the cluster first, then by impact, the newest first.

    What has not changed for a day comes after what is new and counts as one severity less, unless it concerns the cluster.
    """
    counts = issue.impact.counts
    is_old = issue.is_chronic and not counts.is_cluster_wide
    urgency = families.urgency(issue.severity, is_cluster_wide=counts.is_cluster_wide, workloads=counts.workloads, pods=counts.pods)
    return is_old - issue.severity.rank, is_old, -urgency, -issue.newest.timestamp(), issue.fingerprint
