"""`optral eval`: how well detection and analysis do on a folder of labelled clusters."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from optral.cli import output
from optral.cli.options import Format
from optral.cli.output import Column
from optral.cli.scan import progress, quiet_logs

if TYPE_CHECKING:
    from optral.scan.scoring import Mark

_DETECTION = (
    Column("", "name", whole=True),
    Column("CASES", "cases", whole=True),
    Column("RECALL", "recall", whole=True),
    Column("PRECISION", "precision", whole=True),
    Column("ISSUES/INCIDENT", "issuesPerIncident", whole=True),
    Column("FALSE", "falseIssues", whole=True),
)
_ANALYSIS = (
    Column("A@1", "a1", whole=True),
    Column("A@3", "a3", whole=True),
    Column("ABSTAINED", "abstained", whole=True),
    Column("WRONG", "wrong", whole=True),
)


def evaluate(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Directory with answers.json and cases/*.json.gz.")],
    mapping: Annotated[
        Path, typer.Option("--mapping", metavar="FILE", help="JSON file that maps the labels of the answers to issue types and causes.")
    ],
    apart: Annotated[
        Path | None, typer.Option("--apart", metavar="FILE", help="Cases to report separately; defaults to FOLDER/beyond_objects.json.")
    ] = None,
    workers: Annotated[int, typer.Option("--workers", min=1, max=64, help="Number of worker processes.")] = 1,
    within: Annotated[
        float, typer.Option("--within", metavar="SECONDS", min=0, help="Count issues that would open within this time.")
    ] = 600,
    analysis: Annotated[bool, typer.Option("--analysis/--no-analysis", help="Also score the analysis of each issue.")] = True,
    json_: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write the scores and all cases to this file.")] = None,
    out: Annotated[Format, typer.Option("--output", "-o", help="How to print the figures.")] = Format.TABLE,
) -> None:
    """Score detection and analysis on labeled clusters. Read-only; no server is needed.

    Example: optral eval ./labelled --mapping mapping.json --workers 2 --json result.json
    """
    import msgspec

    from optral.scan import evaluate as room, scoring

    quiet_logs()
    cases = room.load(folder, mapping, apart)
    with progress() as tell:
        marks = room.run(cases, workers=workers, explain=analysis, within_s=within, tell=tell)
    summary = scoring.summarise(marks)
    whole = msgspec.json.encode({"summary": summary, "cases": [scoring.shape_of(mark) for mark in marks]})
    if json_ is not None:
        json_.write_bytes(msgspec.json.format(whole, indent=1) + b"\n")
    if out is Format.TABLE:
        _show(summary, marks, analysis=analysis)
    else:
        output.as_data(msgspec.json.encode(summary), out)


def _show(summary: dict[str, Any], marks: "list[Mark]", *, analysis: bool) -> None:
    rows = [{"name": "all that objects show"} | summary["all"]]
    rows += [{"name": f"  {name}"} | figures for name, figures in summary["categories"].items()]
    rows += [{"name": f"apart: {name}"} | figures for name, figures in summary["apart"].items()]
    output.table((*_DETECTION, *_ANALYSIS) if analysis else _DETECTION, [_dashed(row) for row in rows])
    _misses(marks, analysis=analysis)
    if analysis:
        for name, figures in summary["apart"].items():
            _say(f"apart, {name}: right or silent {figures['rightOrAbstained']}")
        told = summary["calibration"]
        _say(f"calibration: error {told['ece']}, Brier {told['brier']}, n {told['n']}")
        took = summary["ms"]
        _say(f"ms per explanation: median {took.get('p50')}, p95 {took.get('p95')}, most {took.get('p100')} of {took['n']}")


def _misses(marks: "list[Mark]", *, analysis: bool) -> None:
    from optral.scan.scoring import name_of

    _say("")
    for mark in marks:
        label = f"{mark.case}: {mark.label.cause} on {mark.label.target}"
        told = ", ".join(f"{family.issue[0]} {name_of(family.issue[1])}" for family in mark.families) or "nothing"
        if mark.apart is None and mark.expected_any and not mark.detected:
            _say(f"MISSED   {label}; told: {told}")
        elif mark.apart is None and mark.own > 1:
            _say(f"SPLIT    {label}; told: {told}")
        for type_, place in mark.false:
            _say(f"FALSE    {label}; told: {type_} {name_of(place)}")
        if analysis and mark.apart is None and not mark.first:
            first = mark.answers[0] if mark.answers else None
            said = "nothing" if first is None or mark.abstained else f"{first.cause} on {name_of(first.place)} {first.confidence}"
            _say(f"UNNAMED  {label}; named: {said}{' (among the first three)' if mark.third else ''}")
        for gap in mark.gaps:
            _say(f"GAP      {mark.case}: {gap}")


def _dashed(row: dict[str, Any]) -> dict[str, Any]:
    return {name: "-" if value is None else f"{value:.3f}" if isinstance(value, float) else value for name, value in row.items()}


def _say(line: str) -> None:
    sys.stdout.write(output.clean(line) + "\n")
