"""`optral eval`: scores detection and analysis on a folder of labeled clusters."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from optral.cli.base import options, output
from optral.cli.base.options import Format
from optral.cli.base.output import Column
from optral.cli.scan import quiet_logs, show_progress

if TYPE_CHECKING:
    from optral.scan.scoring import CaseScore

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
    Column("RIGHT", "right", whole=True),
    Column("PARTLY", "partly", whole=True),
    Column("SYMPTOM", "symptom", whole=True),
    Column("SILENT", "silent", whole=True),
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
    out: options.Output = Format.TABLE,
) -> None:
    """Score detection and analysis on labeled clusters. Read-only; no server is needed.

    Example: optral eval ./labeled --mapping mapping.json --workers 2 --json result.json
    """
    import msgspec

    from optral.scan import evaluate as room, scoring

    quiet_logs()
    cases = room.load(folder, mapping, apart)
    with show_progress() as progress:
        scores = room.run(cases, workers=workers, explain=analysis, within_s=within, progress=progress)
    summary = scoring.summarize(scores)
    whole = msgspec.json.encode({"summary": summary, "cases": [scoring.shape_of(score) for score in scores]})
    if json_ is not None:
        json_.write_bytes(msgspec.json.format(whole, indent=1) + b"\n")
    if out is Format.TABLE:
        _show(summary, scores, analysis=analysis)
    else:
        output.as_data(msgspec.json.encode(summary), out)


def _show(summary: dict[str, Any], scores: "list[CaseScore]", *, analysis: bool) -> None:
    rows = [{"name": "all decidable from objects"} | summary["all"]]
    rows += [{"name": f"  {name}"} | figures for name, figures in summary["categories"].items()]
    rows += [{"name": f"apart: {name}"} | figures for name, figures in summary["apart"].items()]
    output.table((*_DETECTION, *_ANALYSIS) if analysis else _DETECTION, [_dashed(row) for row in rows])
    _misses(scores, analysis=analysis)
    if analysis:
        for name, figures in summary["apart"].items():
            _print(f"apart, {name}: right or silent {figures['rightOrSilent']}")
        calibration = summary["calibration"]
        _print(f"calibration: error {calibration['ece']}, Brier {calibration['brier']}, n {calibration['n']}")
        took = summary["ms"]
        _print(f"ms per explanation: median {took.get('p50')}, p95 {took.get('p95')}, max {took.get('p100')} of {took['n']}")


def _misses(scores: "list[CaseScore]", *, analysis: bool) -> None:
    from optral.scan.scoring import name_of

    _print("")
    for score in scores:
        label = f"{score.case}: {score.label.cause} on {score.label.target}"
        detected = ", ".join(f"{family.issue[0]} {name_of(family.issue[1])}" for family in score.families) or "nothing"
        if (verdict := _verdict(score)) is not None:
            _print(f"{verdict:<8} {label}; detected: {detected}")
        for type_, key in score.false:
            _print(f"FALSE    {label}; detected: {type_} {name_of(key)}")
        if analysis and score.apart is None and not score.first:
            among = " (right one among the first three)" if score.third else ""
            _print(f"UNNAMED  {label}; {score.verdict}: {_answer(score)}{among}")
        for gap in score.gaps:
            _print(f"GAP      {score.case}: {gap}")


def _verdict(score: "CaseScore") -> str | None:
    """What is wrong with the issues of a case."""
    if score.apart is not None:
        return None
    if score.expected_any and not score.detected:
        return "MISSED"
    return "SPLIT" if score.own > 1 else None


def _answer(score: "CaseScore") -> str:
    from optral.scan.scoring import name_of

    first = score.answers[0] if score.answers and not score.abstained else None
    return "none" if first is None else f"{first.cause} on {name_of(first.key)} {first.confidence}"


def _dashed(row: dict[str, Any]) -> dict[str, Any]:
    return {name: "-" if value is None else f"{value:.3f}" if isinstance(value, float) else value for name, value in row.items()}


def _print(line: str) -> None:
    sys.stdout.write(output.clean(line) + "\n")
