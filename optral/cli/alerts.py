"""`optral alerts`: alerts of other systems, and the issues that explain them."""

from typing import Annotated

import typer

from optral.cli import alert_receivers, alert_silences
from optral.cli.base import lists, options, output
from optral.cli.base.command import Client
from optral.cli.base.options import Format, View
from optral.cli.base.output import Column

app = options.group("List alerts and the issues that explain them; manage receivers, and silences of Alertmanager.")
app.add_typer(alert_receivers.app, name="receivers")
app.add_typer(alert_silences.app, name="silences")
COLUMNS = (
    Column("ALERT", "name"),
    Column("STATUS", "status"),
    Column("OUTCOME", "outcome"),
    Column("NAMESPACE", "namespace"),
    Column("OBJECT", "object.name"),
    Column("ISSUE", "issueId", whole=True),
    Column("AGE", "startsAt", age=True),
    Column("ID", "id", whole=True, spare=True),
)
DETAIL = (
    *COLUMNS,
    Column("KIND", "object.kind"),
    Column("CLUSTER", "clusterId"),
    Column("REASON", "reason"),
    Column("TITLE", "issueTitle"),
    Column("EXPRESSION", "expression"),
    Column("LABELS", "labels"),
    Column("SOURCE", "sourceUrl"),
)
QUALITY = (
    Column("ALERT", "name"),
    Column("FIRED", "fired"),
    Column("FLAPPING", "flapping"),
    Column("NO FAILURE", "withoutFailure"),
    Column("UNRESOLVED", "unresolved"),
    Column("ISSUES", "issues"),
    Column("ACTED ON", "actedOn"),
    Column("REPEATS", "repeats"),
)
RULE_CHANGE = (
    Column("ALERT", "alert"),
    Column("FILE", "file"),
    Column("FROM", "waitBefore"),
    Column("TO", "waitAfter"),
    Column("URL", "url", whole=True),
)
Alert = Annotated[str, typer.Argument(metavar="ALERT", help="Alert name or id (alt_…).")]


@app.command("list", cls=lists.Paged)
def list_(
    client: Client,
    issue: Annotated[str | None, typer.Option(help="Only alerts that this issue (iss_…) explains.")] = None,
    cluster: Annotated[str | None, typer.Option("--cluster", "-c", help="Cluster id or name.")] = None,
    status: Annotated[str | None, typer.Option(help="Status: firing or resolved.")] = None,
    outcome: Annotated[str | None, typer.Option(help="Outcome: joined, waiting, unexplained or unresolved.")] = None,
    name: Annotated[str | None, typer.Option(help="Name of the alert, such as KubePodCrashLooping.")] = None,
    out: options.ListOutput = View.TABLE,
) -> None:
    """List alerts, newest first.

    Example: optral alerts list --outcome unexplained
    """
    if issue is not None:
        raw = lists.read(lambda **at: client.alerts.of_issue(issue, **at), "alerts", out)
    else:
        filters = {"cluster": cluster, "status": status, "outcome": outcome, "name": name}
        raw = lists.read(lambda **at: client.alerts.list(**filters, **at), "alerts", out)
    output.show(raw, out, columns=COLUMNS, rows="alerts")


@app.command()
def quality(
    client: Client,
    within: Annotated[str, typer.Option("--range", help="Time range: 24h, 7d or 30d.")] = "7d",
    out: options.ListOutput = View.TABLE,
) -> None:
    """Show which alerts flap, repeat another, were never acted on or fired without a failure, and which failures had no alert.

    Example: optral alerts quality --range 30d
    """
    answer = client.alerts.quality(within)
    output.show(answer.raw, out, columns=QUALITY, rows="alerts")
    if out is View.TABLE:
        value = answer.value
        output.note(f"{value['failuresWithoutAlert']} of {value['failures']} failures had no alert")


@app.command("change-rule")
def change_rule(
    alert: Annotated[str, typer.Argument(metavar="NAME", help="Name of the alert.")],
    client: Client,
    forge: Annotated[str, typer.Option("--forge", metavar="FORGE", help="Name or id of the connection to the Git provider.")],
    repository: Annotated[str, typer.Option(help="Repository with the rule, as owner/name.")],
    within: Annotated[str, typer.Option("--range", help="Time range: 24h, 7d or 30d.")] = "7d",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Open the pull request without asking.")] = False,
    out: options.Output = Format.TABLE,
) -> None:
    """Propose a longer `for` of a rule that fired without a failure: shows the diff, then opens a pull request if you confirm.

    Example: optral alerts change-rule KubePodNotReady --forge git --repository shop/deploy
    """
    body = {"alert": alert, "forgeId": forge, "repository": repository, "range": within}
    preview = client.alerts.change_rule(body).value
    typer.echo(f"{preview['patch']}\n{preview['reason']}.", err=True)
    if not yes:
        typer.confirm("Open a pull request?", abort=True, err=True)
    output.show_one(client.alerts.change_rule(body | {"digest": preview["digest"]}).raw, out, columns=RULE_CHANGE)


@app.command()
def get(alert: Alert, client: Client, out: options.Output = Format.TABLE) -> None:
    """Show an alert, what it is about, and the issue that explains it.

    Example: optral alerts get alt_01h455vb4pex5vsknk084sn02q
    """
    output.show_one(client.alerts.get(alert).raw, out, columns=DETAIL)
