"""The whole scan, from reading objects to the report; `optral scan` calls it.

HTTP and the analysis rules are imported only when needed: they are a fifth of the CPU of scanning ten thousand pods.
"""

import time
from collections.abc import Callable
from pathlib import Path

from optral.kube import names
from optral.kube.objects import Namespace
from optral.scan import dump
from optral.scan.detection import IssueFilter, ScanResult, detect_issues
from optral.scan.intake import Intake
from optral.scan.report import Json, Report

Progress = Callable[[str], None]


def scan_dump(path: Path, issue_filter: IssueFilter, *, explain: bool, progress: Progress) -> Report:
    """Scan a file or directory. Raises `Misconfigured` if there is nothing to read."""
    intake = Intake(keep=explain)
    progress(f"reading {path}")
    dump.read(path, intake)
    now_from = dump.settle(intake)
    result = _detect(intake, issue_filter, progress)
    analyses = explain_roots(intake, result, progress=progress) if explain else {}
    return Report(source=str(path), now_from=now_from, intake=intake, result=result, analyses=analyses, issue_filter=issue_filter)


async def scan_cluster(
    kubeconfig: Path | None, context: str | None, issue_filter: IssueFilter, *, explain: bool, progress: Progress
) -> Report:
    """Scan the cluster of a kubeconfig, or the cluster that this process runs in. Raises `Misconfigured` or `Unavailable`."""
    from optral.kubeapi import credentials
    from optral.kubeapi.client import KubeClient
    from optral.scan import live

    intake, analyses = Intake(keep=explain), {}
    async with KubeClient(credentials.load(kubeconfig, context)) as client:
        progress(f"reading {client.access.name}")
        await live.read(client, intake, namespaces=issue_filter.namespaces, progress=progress)
        result = _detect(intake, issue_filter, progress)
        if explain:
            await live.read_logs(client, intake, result.roots, progress=progress)
            analyses = explain_roots(intake, result, progress=progress)
    return Report(
        source=client.access.name,
        now_from="by the clock of the API server",
        intake=intake,
        result=result,
        analyses=analyses,
        issue_filter=issue_filter,
    )


def explain_roots(intake: Intake, result: ScanResult, *, progress: Progress) -> dict[str, Json]:
    """The analysis of every root issue, by fingerprint."""
    from optral.scan.explanation import Explainer, analysis_shape

    explainer, analyses = Explainer(intake), {}
    for number, root in enumerate(sorted(result.roots, key=lambda root: root.namespace or ""), 1):
        progress(f"analyzing issue {number} of {len(result.roots)}")
        began = time.perf_counter()
        explanation = explainer.explain(root)
        analyses[root.fingerprint] = analysis_shape(explanation, duration_ms=round((time.perf_counter() - began) * 1000))
    return analyses


def _detect(intake: Intake, issue_filter: IssueFilter, progress: Progress) -> ScanResult:
    _report_missing_namespaces(intake, issue_filter)
    progress(f"examining {intake.object_count:,} objects")
    return detect_issues(intake, issue_filter)


def _report_missing_namespaces(intake: Intake, issue_filter: IssueFilter) -> None:
    """A requested namespace that does not exist is a gap: no issue in it does not mean that it is healthy."""
    known = {namespace.metadata.name for namespace in intake.view.all(Namespace.kind)}
    for name in sorted(issue_filter.namespaces - known) if Namespace.kind in intake.listed_kinds else ():
        near = names.nearest(name, known)
        intake.gap(f"namespace {name}", "does not exist" + (f"; did you mean {near}?" if near else ""))
