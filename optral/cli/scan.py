"""`optral scan`: scans a cluster, or a dump of one, once. Needs no server; imports `optral.scan` only when the command runs."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from optral.cli.base import output
from optral.cli.base.options import NAMED, Format
from optral.cli.base.output import Column
from optral.cli.text.cells import affected
from optral.kit import startup
from optral.kit.words import counted
from optral.terms.errors import Misconfigured
from optral.terms.severity import Severity

if TYPE_CHECKING:
    from optral.scan.report import Json, Report

Progress = Callable[[str], None]
COLUMNS = (
    Column("SEVERITY", "severity", whole=True),
    Column("SINCE", "age", whole=True),
    Column("AFFECTS", "affects", whole=True),
    Column("TITLE", "title", wraps=True),
    Column("CAUSE", "analysis.rootCause.title", below="TITLE"),
    Column("TYPE", "type", whole=True, spare=True),
    Column("NAMESPACE", "namespace", spare=True),
    Column("OBJECT", "object", spare=True),
    Column("CONTAINER", "container", spare=True),
)


class ScanFormat(StrEnum):
    TABLE = "table"
    JSON = "json"
    YAML = "yaml"
    MARKDOWN = "markdown"
    SARIF = "sarif"
    JUNIT = "junit"


def scan(
    dump: Annotated[
        Path | None,
        typer.Option(
            "--from", metavar="FILE|DIR", help="Scan a dump instead of a cluster: JSON or YAML, optionally gzipped, or a directory."
        ),
    ] = None,
    kubeconfig: Annotated[Path | None, typer.Option(help="Path of the kubeconfig; defaults to KUBECONFIG or ~/.kube/config.")] = None,
    context: Annotated[str | None, typer.Option(help="Context of the kubeconfig; defaults to the current context.")] = None,
    namespace: Annotated[
        str | None, typer.Option("--namespace", "-n", help="Show only these namespaces; separate several with commas.")
    ] = None,
    type_: Annotated[
        str | None, typer.Option("--type", help="Show only these issue types, such as OOMKilled; separate several with commas.")
    ] = None,
    risk: Annotated[bool, typer.Option("--risk", help="Include risk checks: configurations that work today and can fail later.")] = False,
    min_severity: Annotated[Severity, typer.Option(help="Show only issues of at least this severity.")] = Severity.LOW,
    fail_on: Annotated[Severity | None, typer.Option(help="Exit with code 1 if an issue has at least this severity.")] = None,
    include_pending: Annotated[
        bool, typer.Option("--include-pending", help="Include findings that have not lasted long enough to open an issue.")
    ] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Show the cause, evidence and remedy of each issue.")] = False,
    out: Annotated[ScanFormat, typer.Option("--output", "-o", help="Output format.")] = ScanFormat.TABLE,
) -> None:
    """Scan a cluster or a dump once and print its issues. Read-only; no server is needed.

    Exit code 1: an issue has at least the severity of --fail-on, or the scan is incomplete.

    Example: optral scan --context staging --explain --fail-on high
    """
    startup.begin_without_end()
    from optral.scan import detection, run

    quiet_logs()
    issue_filter = detection.IssueFilter(
        namespaces=words(namespace),
        types=known_types(words(type_)),
        min_severity=min_severity,
        with_risk=risk,
        within_s=float("inf") if include_pending else 0,
    )
    if dump is not None and (kubeconfig is not None or context is not None):
        raise Misconfigured("from", say="use either --from or --kubeconfig and --context, not both")
    with show_progress() as progress:
        if dump is not None:
            report = run.scan_dump(dump, issue_filter, explain=explain, progress=progress)
        else:
            import asyncio

            report = asyncio.run(run.scan_cluster(kubeconfig, context, issue_filter, explain=explain, progress=progress))
    _show(report, out, fail_on)
    is_bad = fail_on is not None and (worst := report.result.worst) is not None and worst.rank >= fail_on.rank
    raise typer.Exit(1 if is_bad or report.incomplete else 0)


# --- printing


def _show(report: "Report", out: ScanFormat, fail_on: Severity | None) -> None:
    if out is ScanFormat.JUNIT:
        from optral.scan import junit

        sys.stdout.write(junit.document(report, fail_on=fail_on))
    elif out is ScanFormat.MARKDOWN:
        from optral.scan.report import markdown

        sys.stdout.write(output.clean_text(markdown(report.shape(), report.footer(), report.missing())))
    elif out is ScanFormat.TABLE:
        _table(report, report.shape())
        if sys.stdout.isatty():
            return  # the table lists the gaps
    else:
        import msgspec

        from optral.scan import sarif

        shape = sarif.shape(report) if out is ScanFormat.SARIF else report.shape()
        output.as_data(msgspec.json.encode(shape), NAMED.get(out.value, Format.JSON))
    for line in report.missing():
        output.error(f"the scan is incomplete: {line}")


def _table(report: "Report", shape: "Json") -> None:
    rows = [row for issue in shape["issues"] for row in _rows(issue, shape["now"])]
    if rows:
        output.table(COLUMNS, rows)
    for issue in shape["issues"]:
        if (analysis := issue.get("analysis")) is not None:
            from optral.cli.text import explain

            explain.render(issue, analysis)
    sys.stdout.write("\n" if rows else "")
    for line in report.footer():
        sys.stdout.write(output.clean(line) + "\n")
    for line in report.missing():
        typer.secho(f"INCOMPLETE  {output.clean(line)}", fg="red" if sys.stdout.isatty() else None)


def _rows(issue: "Json", now: str) -> Iterator[dict[str, Any]]:
    """The row of an issue, followed by the rows of its symptoms."""
    for shape, indent in ((issue, ""), *((symptom, "└ ") for symptom in issue["symptoms"])):
        yield {
            **shape,
            "title": indent + shape["title"],
            "affects": affected(shape.get("impact")) or counted(shape["affectedTotal"], "object"),
            "object": f"{shape['owner']['kind']}/{shape['owner']['name']}",
            "age": output.age(shape["firstSeenAt"], now=_moment(now)) + (", unchanged" if shape is issue and shape["unchanged"] else ""),
        }


def _moment(text: str) -> Any:
    from datetime import datetime

    return datetime.fromisoformat(text)


# --- shared with `optral eval`


@contextmanager
def show_progress() -> Iterator[Progress]:
    """Show the progress on stderr, on a terminal only."""
    if not sys.stderr.isatty():
        yield lambda _text: None
        return
    from rich.console import Console

    with Console(stderr=True).status("starting") as status:
        yield lambda text: status.update(output.clean(text))


def quiet_logs() -> None:
    """Log only warnings, on stderr: the report has the results."""
    from optral.kit import lazy_log

    lazy_log.configure_on_first_use(_log_to_stderr)


def _log_to_stderr() -> None:
    import logging

    import structlog

    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING), logger_factory=structlog.PrintLoggerFactory(sys.stderr)
    )


def words(text: str | None) -> frozenset[str]:
    """The items of a comma-separated list."""
    return frozenset(word.strip() for word in (text or "").split(",") if word.strip())


def known_types(names: frozenset[str]) -> frozenset[str]:
    """The issue types in their exact spelling. Raises `Misconfigured` for an unknown type."""
    from optral import detectors

    known = {name.lower(): name for name in detectors.BY_TYPE}
    if unknown := sorted(name for name in names if name.lower() not in known):
        import difflib

        near = difflib.get_close_matches(unknown[0].lower(), known, n=1)
        hint = f"; did you mean {known[near[0]]}?" if near else ""
        raise Misconfigured("type", say=f"unknown issue type: {', '.join(unknown)}{hint}")
    return frozenset(known[name.lower()] for name in names)
