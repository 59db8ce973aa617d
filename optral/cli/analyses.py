"""`optral analyses`: those of an issue, how people rate them, and what is done when an issue opens."""

import sys
from typing import Annotated, Any

import typer

from optral.cli.base import lists, options, output
from optral.cli.base.command import Client
from optral.cli.base.options import Format, View
from optral.cli.base.output import Column, clean

app = options.group("Show analyses and how people rate them; enable or disable what happens when an issue opens.")
ANALYSES = (
    Column("STATUS", "status", whole=True),
    Column("STARTED BY", "trigger", spare=True),
    Column("CREATED", "createdAt", whole=True, age=True),
    Column("CAUSE", "rootCause.id"),
    Column("CONFIDENCE", "confidenceLabel", whole=True),
    Column("SUMMARY", "summary"),
    Column("ID", "id", whole=True),
)
Issue = Annotated[str, typer.Argument(metavar="ISSUE", help="Issue id or its beginning, or deploy/web, shop/web or web.")]
Switch = Annotated[bool | None, typer.Option("--on/--off", help="Enable or disable it; shows the setting if omitted.", show_default=False)]
COLUMNS = (
    Column("TYPE", "issueType", whole=True),
    Column("CAUSE", "cause", whole=True),
    Column("HELPFUL", "helpful", whole=True),
    Column("NOT HELPFUL", "notHelpful", whole=True),
    Column("REASONS", "reasonText"),
)


@app.command("list", cls=lists.Paged)
def list_(issue: Issue, client: Client, out: options.ListOutput = View.TABLE) -> None:
    """List the analyses of an issue, newest first.

    Example: optral analyses list shop/web
    """
    raw = lists.read(lambda **at: client.issues.analyses(issue, **at), "analyses", out)
    output.show(raw, out, columns=ANALYSES, rows="analyses")


@app.command()
def get(
    analysis: Annotated[str, typer.Argument(metavar="ANALYSIS", help="Analysis id (ana_…).")],
    client: Client,
    out: options.Output = Format.TABLE,
) -> None:
    """Show an analysis, the latest or an earlier one: the cause, evidence and remedy that it found.

    Example: optral analyses get ana_01h455vb4pex5vsknk084sn02q
    """
    import msgspec

    from optral.cli.text import explain

    answer = client.analyses.get(analysis)
    if out is not Format.TABLE:
        return output.as_data(answer.raw, out)
    issue = msgspec.json.decode(client.issues.get(answer.value["issueId"]).raw)
    return explain.render(issue, answer.value)


@app.command()
def automatic(client: Client, on: Switch = None, out: options.Output = Format.TABLE) -> None:
    """Show, enable or disable the analysis of severe issues when they open.

    Example: optral analyses automatic --off
    """
    output.show_all((client.analyses.automatic() if on is None else client.analyses.switch_automatic(on)).raw, out)


@app.command("log-capture")
def log_capture(client: Client, on: Switch = None, out: options.Output = Format.TABLE) -> None:
    """Show, enable or disable the capture of container logs when an issue opens.

    Example: optral analyses log-capture --off
    """
    output.show_all((client.analyses.log_capture() if on is None else client.analyses.switch_log_capture(on)).raw, out)


@app.command()
def feedback(
    client: Client,
    range_: Annotated[str, typer.Option("--range", help="24h, 7d or 30d.")] = "30d",
    cluster: options.Cluster = None,
    out: options.Output = Format.TABLE,
) -> None:
    """Count feedback on analyses by issue type and cause.

    Example: optral analyses feedback --range 7d
    """
    answer = client.analyses.count_feedback(range=range_, cluster=cluster)
    if out is not Format.TABLE:
        return output.as_data(answer.raw, out)
    found = answer.value
    sys.stdout.write(clean(f"{found['helpful']} helpful, {found['notHelpful']} not helpful in {found['range']}") + "\n")
    if found["groups"]:
        sys.stdout.write("\n")
        output.table(COLUMNS, [group | {"reasonText": _reasons(group)} for group in found["groups"]])
    return None


def _reasons(group: dict[str, Any]) -> str:
    """`wrongCause 2, none 1`."""
    return ", ".join(f"{reason['reason']} {reason['number']}" for reason in group["reasons"])
