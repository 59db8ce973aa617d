"""`optral triggers`: what starts runbooks without a person, and what each firing led to."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from optral.cli import options, output, session
from optral.cli.options import DEFAULT_URL, Format, View
from optral.cli.output import Column
from optral.cli.people import Names
from optral.cli.watching import watched

if TYPE_CHECKING:
    from optral.client.client import Client
    from optral.client.http import Answer

app = options.group("Manage triggers, which start runbooks by issue, schedule or signed request.")
WATCHED = watched("trigger.updated")
COLUMNS = (
    Column("ID", "id", whole=True),
    Column("NAME", "name"),
    Column("SOURCE", "source"),
    Column("RUNBOOK", "runbook"),
    Column("ON", "enabled"),
    Column("BLOCKED", "blocked.code"),
    Column("NEXT", "nextAt"),
)
DETAIL = (
    *COLUMNS,
    Column("WHY", "blocked.reason"),
    Column("BLOCKED UNTIL", "blocked.nextAllowedAt"),
    Column("CLUSTER", "clusterId"),
    Column("MATCH", "match"),
    Column("SCHEDULE", "schedule"),
    Column("TIME ZONE", "timeZone"),
    Column("PARAMETERS", "parameters"),
    Column("PATH", "path"),
    Column("ACTS FOR", "actsFor"),
    Column("FAILURES", "failures"),
)
FIRINGS = (
    Column("AT", "createdAt"),
    Column("STATE", "state"),
    Column("EXECUTION", "executionId", whole=True),
    Column("OUTCOME", "outcome"),
    Column("CODE", "code"),
    Column("NEXT", "nextAllowedAt"),
    Column("REASON", "reason"),
)
Id = Annotated[str, typer.Argument(metavar="TRIGGER", help="Name or id of the trigger.")]
Name = Annotated[str, typer.Argument(help="Name of the trigger.")]
Runbook = Annotated[str, typer.Option("--runbook", help="Slug of the runbook.")]
Cluster = Annotated[str, typer.Option("--cluster", "-c", metavar="CLUSTER", help="Cluster in which the runbook runs: its id or name.")]
Parameter = Annotated[list[str] | None, typer.Option("--parameter", "-p", help="Parameter as NAME=VALUE; can be repeated.")]


@app.command("list", cls=WATCHED)
def list_(
    page: options.Page = 1,
    page_size: options.PageSize = 20,
    out: options.ListOutput = View.TABLE,
    url: options.Url = DEFAULT_URL,
    api_key: options.Key = "",
) -> None:
    """List triggers.

    Example: optral triggers list
    """
    with session.client(url, api_key) as client:
        answer = client.triggers.list(page=page, page_size=page_size)
    output.show(answer.raw, out, columns=COLUMNS, rows="triggers")


@app.command(cls=WATCHED)
def get(trigger: Id, out: options.Output = Format.TABLE, url: options.Url = DEFAULT_URL, api_key: options.Key = "") -> None:
    """Show a trigger.

    Example: optral triggers get trg_01h455vb4pex5vsknk084sn02q
    """
    with session.client(url, api_key) as client:
        _show(client, client.triggers.get(trigger), out)


@app.command(cls=WATCHED)
def firings(
    trigger: Id,
    state: Annotated[str | None, typer.Option(help="State: waiting, started, refused or skipped.")] = None,
    page: options.Page = 1,
    page_size: options.PageSize = 20,
    out: options.Output = Format.TABLE,
    url: options.Url = DEFAULT_URL,
    api_key: options.Key = "",
) -> None:
    """List the firings of a trigger, newest first: what was started, or why not.

    Example: optral triggers firings trg_01h455vb4pex5vsknk084sn02q --state refused
    """
    with session.client(url, api_key) as client:
        answer = client.triggers.firings(trigger, state=state, page=page, page_size=page_size)
    output.show(answer.raw, out, columns=FIRINGS, rows="firings")


@app.command("on-issue")
def on_issue(
    name: Name,
    runbook: Runbook,
    type_: Annotated[list[str] | None, typer.Option("--type", help="Issue type; can be repeated.")] = None,
    cause: Annotated[list[str] | None, typer.Option("--cause", help="Cause that the analysis found; can be repeated.")] = None,
    min_confidence: Annotated[float | None, typer.Option(help="Minimum confidence of the analysis, 0 to 1.")] = None,
    min_severity: Annotated[str | None, typer.Option(help="Minimum severity: critical, high, medium or low.")] = None,
    cluster: Annotated[list[str] | None, typer.Option("--cluster", "-c", help="Cluster id or name; can be repeated.")] = None,
    namespace: Annotated[list[str] | None, typer.Option("--namespace", "-n", help="Namespace; can be repeated.")] = None,
    label: Annotated[list[str] | None, typer.Option("--label", help="Label of the issue as NAME=VALUE; all must match.")] = None,
    parameter: Parameter = None,
    out: options.Output = Format.TABLE,
    url: options.Url = DEFAULT_URL,
    api_key: options.Key = "",
) -> None:
    """Create a trigger that runs a runbook when an issue matches; requires --type or --cause.

    Example: optral triggers on-issue restart-on-oom --runbook restart-workload --type OOMKilled --namespace shop
    """
    given = {
        "types": type_,
        "causes": cause,
        "minConfidence": min_confidence,
        "minSeverity": min_severity,
        "clusters": cluster,
        "namespaces": namespace,
        "labels": options.pairs(label),
    }
    match = {key: value for key, value in given.items() if value}
    _create({"name": name, "source": "issue", "runbook": runbook, "match": match}, parameter, out, url, api_key)


@app.command("on-schedule")
def on_schedule(
    name: Name,
    runbook: Runbook,
    cluster: Cluster,
    schedule: Annotated[str, typer.Option(help="Cron expression, five fields.")],
    zone: Annotated[str, typer.Option("--time-zone", help="IANA time zone of the schedule.")] = "UTC",
    parameter: Parameter = None,
    out: options.Output = Format.TABLE,
    url: options.Url = DEFAULT_URL,
    api_key: options.Key = "",
) -> None:
    """Create a trigger that runs a runbook by a schedule.

    Example: optral triggers on-schedule nightly --runbook restart-workload --cluster prod --schedule "30 3 * * *" -p name=web
    """
    body = {"name": name, "source": "schedule", "runbook": runbook, "cluster": cluster, "schedule": schedule, "timeZone": zone}
    _create(body, parameter, out, url, api_key)


@app.command("on-request")
def on_request(
    name: Name,
    runbook: Runbook,
    cluster: Cluster,
    accept: Annotated[list[str] | None, typer.Option("--accept", help="Parameter that a request may set; can be repeated.")] = None,
    parameter: Parameter = None,
    out: options.Output = Format.TABLE,
    url: options.Url = DEFAULT_URL,
    api_key: options.Key = "",
) -> None:
    """Create a trigger that runs a runbook for a signed request, and show its secret once.

    Example: optral triggers on-request deployed --runbook restart-workload --cluster prod --accept name
    """
    body = {"name": name, "source": "webhook", "runbook": runbook, "cluster": cluster, "accepts": accept or []}
    _create(body, parameter, out, url, api_key)


def _create(body: dict[str, Any], parameter: list[str] | None, out: Format, url: str, api_key: str) -> None:
    from optral.cli.runbooks import typed

    with session.client(url, api_key) as client:
        parameters = typed(client, body["runbook"], parameter or [])
        answer = client.triggers.create(body | ({"parameters": parameters} if parameters else {}))
        _show(client, answer, out, with_secret=True)


@app.command()
def enable(trigger: Id, out: options.Output = Format.TABLE, url: options.Url = DEFAULT_URL, api_key: options.Key = "") -> None:
    """Enable a trigger; it fires for what happens from now on, with your rights.

    Example: optral triggers enable trg_01h455vb4pex5vsknk084sn02q
    """
    _update(trigger, {"enabled": True}, out, url, api_key)


@app.command()
def disable(trigger: Id, out: options.Output = Format.TABLE, url: options.Url = DEFAULT_URL, api_key: options.Key = "") -> None:
    """Disable a trigger.

    Example: optral triggers disable trg_01h455vb4pex5vsknk084sn02q
    """
    _update(trigger, {"enabled": False}, out, url, api_key)


def _update(trigger: str, change: dict[str, Any], out: Format, url: str, api_key: str) -> None:
    with session.client(url, api_key) as client:
        _show(client, client.triggers.update(trigger, change), out)


@app.command()
def unblock(trigger: Id, out: options.Output = Format.TABLE, url: options.Url = DEFAULT_URL, api_key: options.Key = "") -> None:
    """Unblock a trigger whose executions failed.

    Example: optral triggers unblock trg_01h455vb4pex5vsknk084sn02q
    """
    with session.client(url, api_key) as client:
        _show(client, client.triggers.unblock(trigger), out)


@app.command()
def roll(trigger: Id, out: options.Output = Format.TABLE, url: options.Url = DEFAULT_URL, api_key: options.Key = "") -> None:
    """Rotate the secret of a trigger and show the new one once. Both secrets sign for 24 hours.

    Example: optral triggers roll trg_01h455vb4pex5vsknk084sn02q
    """
    with session.client(url, api_key) as client:
        _show(client, client.triggers.roll(trigger), out, with_secret=True)


@app.command()
def delete(trigger: Id, out: options.Output = Format.TABLE, url: options.Url = DEFAULT_URL, api_key: options.Key = "") -> None:
    """Delete a trigger and its firings; executions that it started are kept.

    Example: optral triggers delete trg_01h455vb4pex5vsknk084sn02q
    """
    with session.client(url, api_key) as client:
        _show(client, client.triggers.delete(trigger), out)


def _show(client: "Client", answer: "Answer[dict[str, Any]]", out: Format, *, with_secret: bool = False) -> None:
    raw = answer.raw if out is not Format.TABLE else Names(client).put_into(answer.raw)
    output.show_one(raw, out, columns=(*DETAIL, Column("SECRET", "secret")) if with_secret else DETAIL)
