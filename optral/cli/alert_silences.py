"""`optral alerts silences`: silences of Alertmanager that concern an issue. Mute rules and snoozes silence Optral."""

from typing import Annotated, Any

import typer

from optral.cli.base import options, output, spans
from optral.cli.base.command import Client
from optral.cli.base.options import Format, View
from optral.cli.base.output import Column

app = options.group("Manage the silences of Alertmanager that concern an issue. To silence Optral, use issues snooze or mute-rules.")
COLUMNS = (
    Column("ENDS", "endsAt", whole=True),
    Column("SILENCES", "about"),
    Column("BY", "createdBy"),
    Column("COMMENT", "comment"),
    Column("CREATED HERE", "createdHere"),
    Column("ID", "id", whole=True),
)
CREATED = (*COLUMNS[:1], *COLUMNS[2:])
ALREADY = {
    "extended": "The issue already has this silence; it now ends at",
    "unchanged": "The issue already has this silence, which is not changed; it ends at",
}
Issue = Annotated[str, typer.Argument(metavar="ISSUE", help="Issue id (iss_…).")]


@app.command("list")
def list_(issue: Issue, client: Client, out: options.ListOutput = View.TABLE) -> None:
    """List the silences that concern an issue: who silenced it, until when, and why.

    Example: optral alerts silences list iss_01h455vb4pex5vsknk084sn02q
    """
    answer = client.alerts.silences(issue)
    output.show(answer.raw, out, columns=COLUMNS, rows="silences")
    if out is View.TABLE:
        for one in answer.value["alertmanagers"]:
            if one.get("error"):
                output.note(f"the silences of {one['name']} could not be read: {one['error']}")


@app.command()
def create(
    issue: Issue,
    client: Client,
    alertmanager: Annotated[str, typer.Option(help="Id or name of the webhook that sends to the Alertmanager.")],
    comment: Annotated[str, typer.Option(help="Reason, which Alertmanager shows.")],
    about: Annotated[
        str, typer.Option(help="issue: the alert that Optral sends; alerts: the alerts that are joined to the issue.")
    ] = "issue",
    span: Annotated[str | None, typer.Option("--for", help="Duration, such as 30m, 2h or 7d.")] = None,
    until: Annotated[str | None, typer.Option(help="End time (RFC 3339).")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Skip the confirmation prompt.")] = False,
    out: options.Output = Format.TABLE,
) -> None:
    """Silence the alerts about an issue in Alertmanager, or extend the silence that it has. Shows what the silence matches and asks first.

    Example: optral alerts silences create iss_01h455vb4pex5vsknk084sn02q --alertmanager main --for 2h --comment "replaced tonight"
    """
    if (ends_at := spans.moment(until, span)) is None:
        raise typer.BadParameter("specify when the silence ends: --for or --until")
    matchers = client.alerts.silences(issue).value["matchers"].get(about, [])
    output.note(f"silences until {ends_at}: {', '.join(map(_text, matchers)) or 'nothing'}")
    if not yes:
        typer.confirm("Create it?", abort=True, err=True)
    body = {"webhookId": alertmanager, "about": about, "endsAt": ends_at, "comment": comment}
    answer = client.alerts.create_silence(issue, body)
    output.show_one(answer.raw, out, columns=CREATED)
    if out is Format.TABLE and (said := ALREADY.get(answer.value["outcome"])):
        typer.echo(f"{said} {answer.value['endsAt']}. To end it, run: optral alerts silences end {issue} {answer.value['id']}")


def _text(matcher: dict[str, Any]) -> str:
    sign = ("=~" if matcher["isRegex"] else "=") if matcher["isEqual"] else ("!~" if matcher["isRegex"] else "!=")
    return f'{matcher["name"]}{sign}"{matcher["value"]}"'


@app.command()
def end(
    issue: Issue,
    silence: Annotated[str, typer.Argument(metavar="SILENCE", help="Id of the silence.")],
    client: Client,
    out: options.Output = Format.TABLE,
) -> None:
    """End a silence that was created from the issue.

    Example: optral alerts silences end iss_01h455vb4pex5vsknk084sn02q 8f2c1b5e-6a0e-4c0e-9f0a-0d4f6f0c7a11
    """
    output.done(client.alerts.end_silence(issue, silence).raw, out, f"{silence} ended")
