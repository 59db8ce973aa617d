"""`optral mute-rules`: rules that suppress notifications of known issues, with a reason and an expiry."""

from typing import Annotated, Any

import typer

from optral.cli.base import options, output, spans
from optral.cli.base.command import Client
from optral.cli.base.options import Format
from optral.cli.base.output import Column

app = options.group("Manage mute rules, which suppress notifications of known issues.")
COLUMNS = (
    Column("MUTES", "mutedIssues"),
    Column("EXPIRES", "expiresAt", whole=True),
    Column("REASON", "reason"),
    Column("MATCH", "match"),
    Column("ID", "id", whole=True),
)
DETAIL = (*COLUMNS, Column("CREATED BY", "createdBy"), Column("CREATED", "createdAt"), Column("ENDED", "endedAt"))
Id = Annotated[str, typer.Argument(metavar="RULE", help="Mute rule id (mut_…).")]
Reason = Annotated[str | None, typer.Option(help="Reason for muting.")]
Span = Annotated[str | None, typer.Option("--for", help="Duration, such as 12h or 7d.")]
Until = Annotated[str | None, typer.Option(help="End time (RFC 3339).")]


@app.command("list")
def list_(client: Client, out: options.Output = Format.TABLE) -> None:
    """List active mute rules, oldest first.

    Example: optral mute-rules list
    """
    output.show(client.mute_rules.list().raw, out, columns=COLUMNS, rows="muteRules")


@app.command()
def get(rule: Id, client: Client, out: options.Output = Format.TABLE) -> None:
    """Show a mute rule, active or ended.

    Example: optral mute-rules get mut_01h455vb4pex5vsknk084sn02q
    """
    output.show_one(client.mute_rules.get(rule).raw, out, columns=DETAIL)


@app.command()
def create(
    reason: Annotated[str, typer.Option(help="Reason for muting.")],
    client: Client,
    span: Span = None,
    until: Until = None,
    type_: Annotated[list[str] | None, typer.Option("--type", help="Issue type; can be repeated.")] = None,
    cluster: Annotated[list[str] | None, typer.Option("--cluster", "-c", help="Cluster id or name; can be repeated.")] = None,
    namespace: Annotated[
        list[str] | None, typer.Option("--namespace", "-n", help="Namespace, with * for any characters; can be repeated.")
    ] = None,
    kind: Annotated[list[str] | None, typer.Option("--kind", help="Kind of the workload; can be repeated.")] = None,
    name: Annotated[
        list[str] | None, typer.Option("--name", help="Name of the workload, with * for any characters; can be repeated.")
    ] = None,
    container: Annotated[
        list[str] | None, typer.Option("--container", help="Container, with * for any characters; can be repeated.")
    ] = None,
    label: Annotated[
        list[str] | None, typer.Option("--label", help="Label of the issue as NAME=VALUE; can be repeated, all must match.")
    ] = None,
    out: options.Output = Format.TABLE,
) -> None:
    """Create a mute rule. Matching issues are listed and counted but send no notifications.

    Example: optral mute-rules create --type OOMKilled --namespace "dev-*" --reason "dev is small" --for 30d
    """
    expires_at = spans.moment(until, span)
    if expires_at is None:
        raise typer.BadParameter("specify how long: --for or --until")
    lists = {"types": type_, "clusters": cluster, "namespaces": namespace, "kinds": kind, "names": name, "containers": container}
    match: dict[str, Any] = {key: value for key, value in lists.items() if value} | ({"labels": options.pairs(label)} if label else {})
    output.show_one(client.mute_rules.create(match, reason=reason, expires_at=expires_at).raw, out, columns=DETAIL)


@app.command()
def update(
    rule: Id, client: Client, reason: Reason = None, span: Span = None, until: Until = None, out: options.Output = Format.TABLE
) -> None:
    """Update the reason or the expiry of a mute rule.

    Example: optral mute-rules update mut_01h455vb4pex5vsknk084sn02q --for 30d
    """
    answer = client.mute_rules.update(rule, reason=reason, expires_at=spans.moment(until, span))
    output.show_one(answer.raw, out, columns=DETAIL)


@app.command()
def delete(rule: Id, client: Client, out: options.Output = Format.TABLE) -> None:
    """End a mute rule; its issues send notifications again.

    Example: optral mute-rules delete mut_01h455vb4pex5vsknk084sn02q
    """
    output.show_one(client.mute_rules.delete(rule).raw, out, columns=DETAIL)
