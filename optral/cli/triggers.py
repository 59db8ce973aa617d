"""`optral triggers`: what starts runbooks without a person, and what each firing led to."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from optral.cli.base import lists, options, output, settings
from optral.cli.base.command import Client
from optral.cli.base.options import Format, View
from optral.cli.base.output import Column
from optral.cli.base.people import Names, named
from optral.cli.base.settings import Given, Setting
from optral.cli.base.watching import watched
from optral.terms.errors import Misconfigured

if TYPE_CHECKING:
    from collections.abc import Mapping

    from optral.client.client import Client
    from optral.client.http import Answer

app = options.group("Manage triggers, which start runbooks by issue, schedule or signed request.")
WATCHED = watched("trigger.updated")
COLUMNS = (
    Column("NAME", "name"),
    Column("SOURCE", "source"),
    Column("RUNBOOK", "runbook"),
    Column("ON", "enabled"),
    Column("BLOCKED", "blocked.code"),
    Column("NEXT", "nextAt"),
    Column("ID", "id", whole=True, spare=True),
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
MATCHING = (
    Column("ISSUE", "id", whole=True),
    Column("SEVERITY", "severity"),
    Column("TYPE", "type"),
    Column("CLUSTER", "clusterId"),
    Column("NAMESPACE", "namespace"),
    Column("TITLE", "title", wraps=True),
)
Id = Annotated[str, typer.Argument(metavar="TRIGGER", help="Name or id of the trigger.")]
_SCHEDULE, _ZONE = "Cron expression, five fields.", "IANA time zone of the schedule."


NAMED = (
    Setting("name", "name", typer.Argument(help="Name of the trigger."), typer.Option(help="New name."), is_required=True),
    Setting(
        "runbook",
        "runbook",
        typer.Option("--runbook", help="Slug of the runbook."),
        typer.Option("--runbook", help="Slug of another runbook."),
        is_required=True,
    ),
)
CONDITIONS = (
    settings.both("match.types", "type_", typer.Option("--type", help="Issue type; can be repeated."), list[str]),
    settings.both("match.causes", "cause", typer.Option("--cause", help="Cause that the analysis found; can be repeated."), list[str]),
    settings.both("match.minConfidence", "min_confidence", typer.Option(help="Minimum confidence of the analysis, 0 to 1."), float),
    settings.both("match.minSeverity", "min_severity", typer.Option(help="Minimum severity: critical, high, medium or low.")),
    settings.both("match.clusters", "cluster", typer.Option("--cluster", "-c", help="Cluster id or name; can be repeated."), list[str]),
    settings.both("match.namespaces", "namespace", typer.Option("--namespace", "-n", help="Namespace; can be repeated."), list[str]),
    settings.both("match.labels", "label", typer.Option("--label", help="Label of the issue as NAME=VALUE; all must match."), list[str]),
)
CLUSTER = typer.Option("--cluster", "-c", metavar="CLUSTER", help="Cluster in which the runbook runs: its id or name.")
PLACE = (Setting("cluster", "cluster", CLUSTER, is_required=True),)
TIMES = (
    Setting("schedule", "schedule", typer.Option(help=_SCHEDULE), typer.Option(help=_SCHEDULE), is_required=True),
    Setting("timeZone", "zone", typer.Option("--time-zone", help=_ZONE), typer.Option("--time-zone", help=_ZONE), default="UTC"),
)
ACCEPTS = (
    settings.both("accepts", "accept", typer.Option("--accept", help="Parameter that a request may set; can be repeated."), list[str]),
)
PARAMETERS = (
    settings.both(
        "parameters", "parameter", typer.Option("--parameter", "-p", help="Parameter as NAME=VALUE; can be repeated."), list[str]
    ),
)


@app.command("list", cls=lists.paged(WATCHED))
def list_(client: Client, out: options.ListOutput = View.TABLE) -> None:
    """List triggers.

    Example: optral triggers list
    """
    raw = lists.read(lambda **at: client.triggers.list(**at), "triggers", out)
    output.show(raw, out, columns=COLUMNS, rows="triggers")


@app.command(cls=WATCHED)
def get(trigger: Id, client: Client, out: options.Output = Format.TABLE) -> None:
    """Show a trigger.

    Example: optral triggers get trg_01h455vb4pex5vsknk084sn02q
    """
    _show(client, client.triggers.get(trigger), out)


@app.command(cls=lists.paged(WATCHED))
def firings(
    trigger: Id,
    client: Client,
    state: Annotated[str | None, typer.Option(help="State: waiting, started, refused or skipped.")] = None,
    out: options.Output = Format.TABLE,
) -> None:
    """List the firings of a trigger, newest first: what was started, or why not.

    Example: optral triggers firings trg_01h455vb4pex5vsknk084sn02q --state refused
    """
    raw = lists.read(lambda **at: client.triggers.firings(trigger, state=state, **at), "firings", out)
    output.show(raw, out, columns=FIRINGS, rows="firings")


@app.command("on-issue")
@settings.creates((*NAMED, *CONDITIONS, *PARAMETERS))
def on_issue(given: Given, client: Client, out: options.Output = Format.TABLE) -> None:
    """Create a trigger that runs a runbook when an issue matches; requires --type or --cause.

    Example: optral triggers on-issue restart-on-oom --runbook restart-workload --type OOMKilled --namespace shop
    """
    _create({"source": "issue", "match": _match({}, _conditions(given)), **given}, out, client)


@app.command("on-schedule")
@settings.creates((*NAMED, *PLACE, *TIMES, *PARAMETERS))
def on_schedule(given: Given, client: Client, out: options.Output = Format.TABLE) -> None:
    """Create a trigger that runs a runbook on a schedule.

    Example: optral triggers on-schedule nightly --runbook restart-workload --cluster prod --schedule "30 3 * * *" -p name=web
    """
    _create({"source": "schedule", **given}, out, client)


@app.command("on-request")
@settings.creates((*NAMED, *PLACE, *ACCEPTS, *PARAMETERS))
def on_request(given: Given, client: Client, out: options.Output = Format.TABLE) -> None:
    """Create a trigger that runs a runbook on a signed request, and show its secret once.

    Example: optral triggers on-request deployed --runbook restart-workload --cluster prod --accept name
    """
    _create({"source": "webhook", "accepts": [], **given}, out, client)


def _create(body: Given, out: Format, client: Client) -> None:
    from optral.cli.runbooks import typed

    if parameters := typed(client, body["runbook"], body.pop("parameters", [])):
        body["parameters"] = parameters
    _show(client, client.triggers.create(body), out, with_secret=True)


def _conditions(given: Given) -> dict[str, Any]:
    """The conditions that were given, which are taken out; an empty one was given to remove it."""
    found = settings.inner(given, "match")
    return found | ({"labels": options.pairs(found["labels"])} if "labels" in found else {})


def _match(before: "Mapping[str, Any]", given: dict[str, Any]) -> dict[str, Any]:
    """The match with the given conditions in place of the earlier ones."""
    return {name: value for name, value in {**before, **given}.items() if value}


@app.command()
@settings.edits((*NAMED, *CONDITIONS, *TIMES, *ACCEPTS, *PARAMETERS))
def update(trigger: Id, given: Given, client: Client, out: options.Output = Format.TABLE) -> None:
    """Update a trigger, which then runs with your permissions; omitted options do not change.

    An option that can be repeated replaces all its earlier values, and an empty value removes it.

    Example: optral triggers update restart-on-oom --namespace shop --namespace payments --min-severity high
    """
    settings.require_change(given, "--name")
    from optral.cli.runbooks import typed

    conditions = _conditions(given)
    change = {name: [one for one in value if one] if isinstance(value, list) else value for name, value in given.items()}
    before = client.triggers.get(trigger)
    change |= _changed_place(before.value, conditions)
    if "parameters" in change:
        change["parameters"] = typed(client, change.get("runbook", before.value["runbook"]), change["parameters"])
    _show(client, client.triggers.update(trigger, change, if_match=before.etag), out)


def _changed_place(before: "Mapping[str, Any]", conditions: dict[str, Any]) -> dict[str, Any]:
    """The conditions of a trigger by issue, or the cluster of another one. Raises `Misconfigured` for what its source does not have."""
    if not conditions:
        return {}
    if before["source"] == "issue":
        return {"match": _match(before["match"], conditions)}
    if conditions.keys() != {"clusters"}:
        say = f"{before['name']} does not fire on issues, so it has no conditions; of these options, it accepts only --cluster"
        raise Misconfigured("no_conditions", say=say)
    if len(conditions["clusters"]) != 1:
        raise Misconfigured("one_cluster", say=f"{before['name']} runs its runbook in one cluster; give one --cluster")
    return {"cluster": conditions["clusters"][0]}


@app.command()
@settings.edits((*CONDITIONS, *TIMES))
def preview(
    client: Client,
    trigger: Annotated[
        str | None,
        typer.Argument(metavar="[TRIGGER]", help="Name or id of a trigger to preview; options replace its conditions and its schedule."),
    ] = None,
    *,
    given: Given,
    out: options.Output = Format.TABLE,
) -> None:
    """Show which open issues a trigger would match, and the next times of a schedule. Changes nothing.

    Example: optral triggers preview --type OOMKilled --namespace shop
    """
    conditions = _conditions(given)
    before = {} if trigger is None else client.triggers.get(trigger).value
    match, times = _match(before.get("match") or {}, conditions), given.get("schedule") or before.get("schedule")
    body: dict[str, Any] = {"match": match} if match else {}
    body |= {"schedule": times, "timeZone": given.get("timeZone") or before.get("timeZone") or "UTC"} if times else {}
    if not body:
        raise Misconfigured("nothing_to_preview", say="nothing to preview; give --type, --cause or --schedule, or a trigger that has one")
    _show_preview(client, client.triggers.preview(body), out)


def _show_preview(client: "Client", answer: "Answer[dict[str, Any]]", out: Format) -> None:
    if out is not Format.TABLE:
        return output.as_data(answer.raw, out)
    import msgspec

    found = msgspec.json.decode(Names(client, with_clusters=True).put_into(answer.raw))
    if "matching" in found:
        typer.echo(f"Open issues that match now: {'' if found['isWhole'] else 'at least '}{found['matching']}")
    if found.get("issues"):
        typer.echo()
        output.table(MATCHING, found["issues"])
        output.note("a trigger fires only for issues that open later")
    for at, time in enumerate(found.get("nextTimes") or ()):
        typer.echo(f"{'Next times:' if at == 0 else '':<12}{output.clean(time)}")
    return None


@app.command()
def enable(trigger: Id, client: Client, out: options.Output = Format.TABLE) -> None:
    """Enable a trigger; it fires for new events only, with your permissions.

    Example: optral triggers enable trg_01h455vb4pex5vsknk084sn02q
    """
    _update(trigger, {"enabled": True}, out, client)


@app.command()
def disable(trigger: Id, client: Client, out: options.Output = Format.TABLE) -> None:
    """Disable a trigger.

    Example: optral triggers disable trg_01h455vb4pex5vsknk084sn02q
    """
    _update(trigger, {"enabled": False}, out, client)


def _update(trigger: str, change: dict[str, Any], out: Format, client: Client) -> None:
    _show(client, client.triggers.update(trigger, change), out)


@app.command()
def unblock(trigger: Id, client: Client, out: options.Output = Format.TABLE) -> None:
    """Unblock a trigger whose executions failed.

    Example: optral triggers unblock trg_01h455vb4pex5vsknk084sn02q
    """
    _show(client, client.triggers.unblock(trigger), out)


@app.command()
def roll(trigger: Id, client: Client, out: options.Output = Format.TABLE) -> None:
    """Rotate the secret of a trigger and show the new one once. Both secrets are valid for 24 hours.

    Example: optral triggers roll trg_01h455vb4pex5vsknk084sn02q
    """
    _show(client, client.triggers.roll(trigger), out, with_secret=True)


@app.command()
def delete(trigger: Id, client: Client, out: options.Output = Format.TABLE) -> None:
    """Delete a trigger and its firings; executions that it started are kept.

    Example: optral triggers delete trg_01h455vb4pex5vsknk084sn02q
    """
    _show(client, client.triggers.delete(trigger), out)


def _show(client: "Client", answer: "Answer[dict[str, Any]]", out: Format, *, with_secret: bool = False) -> None:
    raw = named(client, answer.raw, out, with_clusters=True)
    output.show_one(raw, out, columns=(*DETAIL, Column("SECRET", "secret")) if with_secret else DETAIL)
