"""`optral events`: what happened, and what happens now."""

from typing import Annotated

import typer

from optral.cli.base import lists, options, output
from optral.cli.base.command import Client
from optral.cli.base.options import Format
from optral.cli.base.output import Column
from optral.cli.base.people import named

app = options.group("List or follow events.")
COLUMNS = (Column("ID", "id"), Column("AT", "at"), Column("TYPE", "type"), Column("CLUSTER", "clusterId"), Column("SUBJECT", "subjectId"))
Types = Annotated[str | None, typer.Option("--types", help="Event types, such as issue.created; separate several with commas.")]


@app.command("list", cls=lists.Paged)
def list_(client: Client, types: Types = None, cluster: options.Cluster = None, out: options.Output = Format.TABLE) -> None:
    """List past events.

    Example: optral events list --types issue.created,issue.resolved
    """
    raw = lists.read(lambda **at: client.events.list(types=types, cluster=cluster, **at), "events", out)
    output.show(named(client, raw, out, with_clusters=True), out, columns=COLUMNS, rows="events")


@app.command()
def watch(
    client: Client,
    types: Types = None,
    cluster: options.Cluster = None,
    after: Annotated[str, typer.Option(help="Continue after this event id.")] = "",
    out: options.Output = Format.TABLE,
) -> None:
    """Follow events until Ctrl-C. With -o json, print one event per line.

    Example: optral events watch --types cluster.online,cluster.offline -o json
    """
    for event in client.events.follow(types=types or "", cluster=cluster or "", after=after):
        output.event(event, out, line=f"{event.id!s:<8} {event.type:<18} {output.summary(event.data)}")
