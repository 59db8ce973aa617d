"""`optral webhooks`: webhook endpoints and their deliveries."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from optral.cli.base import files, lists, options, output, settings
from optral.cli.base.command import Client
from optral.cli.base.options import Format, View
from optral.cli.base.output import Column
from optral.cli.base.settings import Setting
from optral.terms.errors import Misconfigured

app = options.group("Manage webhooks and their deliveries.")
_NAME = "Name of the webhook."
_EVENTS = typer.Option("--event", help="Event type, such as issue.created; can be repeated.")


_ESCALATE = typer.Option(help="Minutes after which an issue that nobody has acknowledged is sent; 0 to send at once.")
_QUIET_FROM = typer.Option(help="Start of the quiet hours, such as 22:00; '' removes them.")
_QUIET_TO = typer.Option(help="End of the quiet hours, such as 07:00.")
_QUIET_DAYS = typer.Option(help="Day on which quiet hours start, such as sat; can be repeated. Defaults to every day.")
_ZONE = typer.Option(help="Time zone of the quiet hours, such as Europe/Berlin. Defaults to UTC.")
_PASSING = typer.Option(help="Severity from which issues are sent even in quiet hours.")
_HOLD = typer.Option(help="Hold notifications until this time (RFC 3339), at most seven days; '' ends the hold.")


def _list(path: str, parameter: str, what: str, *flags: str) -> Setting:
    create = typer.Option(*flags, help=f"{what}; can be repeated. Defaults to all.")
    return Setting(path, parameter, create, typer.Option(*flags, help=f"{what}; can be repeated; '' for all."), type=list[str])


SETTINGS = (
    Setting("name", "name", typer.Argument(help=_NAME), typer.Option(help=_NAME), is_required=True),
    Setting(
        "url",
        "to",
        typer.Option(
            "--to",
            help="URL of the endpoint: https://…, or mailto:ADDRESS for email; needed unless the form is pagerduty, jsm or slack-app.",
        ),
        typer.Option("--to", help="New URL of the endpoint: https://…"),
    ),
    Setting(
        "form",
        "form",
        typer.Option(help="Format: json, slack, teams, email, alerts (Alertmanager), pagerduty, jsm, slack-app or ticket."),
        default="json",
    ),
    settings.both("channel", "channel", typer.Option(help="Of slack-app: id of the channel, such as C0123456789.")),
    Setting("filters.events", "event", _EVENTS, _EVENTS, type=list[str]),
    _list("filters.clusters", "cluster", "Cluster id or name", "--cluster"),
    _list("filters.namespaces", "namespace", "Namespace", "--namespace", "-n"),
    _list("filters.issueTypes", "type_", "Issue type", "--type"),
    Setting(
        "filters.minSeverity",
        "min_severity",
        typer.Option(help="Minimum severity: critical, high, medium or low."),
        typer.Option(help="Minimum severity: critical, high, medium or low; '' for all."),
    ),
    Setting(
        "filters.query",
        "query",
        typer.Option(help="Query of the issue list that an issue must match, such as 'label:team=pay -type:Node*'."),
        typer.Option(help="Query of the issue list that an issue must match; '' for all issues."),
    ),
    Setting("escalationMinutes", "escalate_after", _ESCALATE, _ESCALATE, type=int),
    Setting("quietHours.start", "quiet_from", _QUIET_FROM, _QUIET_FROM),
    Setting("quietHours.end", "quiet_to", _QUIET_TO, _QUIET_TO),
    Setting("quietHours.days", "quiet_day", _QUIET_DAYS, _QUIET_DAYS, type=list[str]),
    Setting("quietHours.timeZone", "time_zone", _ZONE, _ZONE),
    Setting("quietHours.passingSeverity", "quiet_but", _PASSING, _PASSING),
    Setting("heldUntil", "hold_until", _HOLD, _HOLD),
    settings.both("credentials.username", "username", typer.Option(help="Username for HTTP basic authentication; '' removes credentials.")),
)
COLUMNS = (
    Column("NAME", "name"),
    Column("FORM", "form"),
    Column("ON", "enabled"),
    Column("EVENTS", "filters.events"),
    Column("QUERY", "filters.query", spare=True),
    Column("HELD UNTIL", "heldUntil", spare=True),
    Column("URL", "url"),
    Column("AUTH", "authentication", spare=True),
    Column("ALERTS SENT", "refreshedAt", age=True, spare=True),
    Column("NOT SENT", "refreshError", spare=True),
    Column("FAILING", "failingSince", age=True),
    Column("HOOK", "hookPath", whole=True, spare=True),
    Column("ID", "id", whole=True, spare=True),
)
DELIVERIES = (
    Column("EVENT", "event"),
    Column("STATUS", "status"),
    Column("ATTEMPTS", "attempts"),
    Column("RESPONSE", "statusCode"),
    Column("ERROR", "error"),
    Column("MESSAGE", "message"),
    Column("AGE", "createdAt", age=True),
    Column("NEXT", "nextAttemptAt"),
    Column("ISSUE", "subjectTitle"),
    Column("ID", "id", whole=True),
)
PREVIEWED = (
    Column("TITLE", "title"),
    Column("SEVERITY", "severity"),
    Column("NAMESPACE", "namespace"),
    Column("OUTCOME", "outcome"),
    Column("DETECTED", "detectedAt", age=True),
    Column("LEAVES", "leavesAt"),
    Column("ID", "id", whole=True),
)
TEST_WAIT_S = 15.0
_ROUTING = ("filters.", "quietHours.", "heldUntil", "escalationMinutes")

_SecretFile = typer.Option(dir_okay=False, exists=True, help="File with the password; needs --username.")
PasswordFile = Annotated[Path | None, _SecretFile]
TokenFile = Annotated[Path | None, typer.Option(dir_okay=False, exists=True, help="File with a token, sent as Authorization: Bearer.")]
AppTokenFile = Annotated[
    Path | None, typer.Option(dir_okay=False, exists=True, help="Of slack-app: file with the app-level token; needs --token-file.")
]
SigningFile = Annotated[
    Path | None,
    typer.Option(dir_okay=False, exists=True, help="File with the secret of the PagerDuty subscription; an empty file removes it."),
]
TicketFile = Annotated[
    Path | None,
    typer.Option(
        dir_okay=False, exists=True, help="Of ticket: YAML file with title, text, labels, assignee, issueType, fields; {} removes them."
    ),
]
Webhook = Annotated[str, typer.Argument(metavar="WEBHOOK", help="Webhook name or id.")]


@app.command("list", cls=lists.Paged)
def list_(client: Client, out: options.ListOutput = View.TABLE) -> None:
    """List webhooks.

    Example: optral webhooks list
    """
    raw = lists.read(lambda **at: client.webhooks.list(**at), "webhooks", out)
    output.show(raw, out, columns=COLUMNS, rows="webhooks")


@app.command()
@settings.creates(SETTINGS)
def create(
    given: settings.Given,
    client: Client,
    password_file: PasswordFile = None,
    token_file: TokenFile = None,
    app_token_file: AppTokenFile = None,
    ticket_file: TicketFile = None,
    out: options.Output = Format.TABLE,
) -> None:
    """Create a webhook and show its secret once.

    Example: optral webhooks create on-call --to https://example.com/hooks/optral --min-severity high
    """
    _authenticate(given, {"password": password_file, "token": token_file, "appToken": app_token_file})
    _add_ticket(given, ticket_file)
    answer = client.webhooks.create(_routing(given, {}) | given)
    output.show_one(answer.raw, out, columns=(*COLUMNS, Column("SECRET", "secret")))


def _authenticate(given: settings.Given, files: Mapping[str, Path | None]) -> None:
    """Put the credentials into the request. Secrets are never options: those are seen by everybody."""
    credentials = settings.inner(given, "credentials")
    credentials |= {name: _text(file) for name, file in files.items() if file is not None}
    if credentials:
        given["credentials"] = credentials


def _add_ticket(given: settings.Given, file: Path | None) -> None:
    if file is not None:
        given["ticket"] = files.object_of(files.read_text(file), file, members="title, text, labels and so on") or None


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise Misconfigured("bad_token_file", say=f"cannot read {file}: not text") from None


def _routing(given: settings.Given, before: dict[str, Any]) -> dict[str, Any]:
    """The filters and quiet hours of the request, taken out of `given`, merged into those that there were."""
    wanted: dict[str, Any] = {}
    if filters := settings.inner(given, "filters"):
        wanted["filters"] = {name: value for name, value in (before.get("filters", {}) | filters).items() if value}
    if quiet := settings.inner(given, "quietHours"):
        hours = {name: value for name, value in ((before.get("quietHours") or {}) | quiet).items() if value}
        wanted["quietHours"] = hours if hours.get("start") else None
    if given.get("heldUntil") == "":
        given["heldUntil"] = None
    return wanted


@app.command()
@settings.edits(SETTINGS)
def edit(
    webhook: Webhook,
    given: settings.Given,
    client: Client,
    password_file: PasswordFile = None,
    token_file: TokenFile = None,
    app_token_file: AppTokenFile = None,
    signing_secret_file: SigningFile = None,
    ticket_file: TicketFile = None,
    out: options.Output = Format.TABLE,
) -> None:
    """Update a webhook; omitted options do not change. Exit code 1 if it was changed concurrently; nothing is changed then.

    Example: optral webhooks edit whk_01h455vb4pex5vsknk084sn02q --min-severity critical
    """
    _authenticate(given, {"password": password_file, "token": token_file, "appToken": app_token_file})
    if signing_secret_file is not None:
        given["signingSecret"] = _text(signing_secret_file)
    _add_ticket(given, ticket_file)
    settings.require_change(given, "--min-severity high")
    before = client.webhooks.get(webhook)
    answer = client.webhooks.update(webhook, _routing(given, before.value) | given, if_match=before.etag)
    output.show_one(answer.raw, out, columns=COLUMNS)


@app.command()
@settings.edits([one for one in SETTINGS if one.path.startswith(_ROUTING)])
def preview(
    given: settings.Given,
    client: Client,
    webhook: Annotated[
        str | None, typer.Argument(metavar="[WEBHOOK]", help="Webhook name or id to preview; options replace its settings.")
    ] = None,
    out: options.Output = Format.TABLE,
) -> None:
    """Preview which issues of the past seven days a webhook would have been notified of.

    Example: optral webhooks preview --query 'severity:critical label:team=pay'
    """
    before = {} if webhook is None else client.webhooks.get(webhook).value
    known = {name: before[name] for name in ("filters", "quietHours", "heldUntil", "escalationMinutes") if name in before}
    answer = client.webhooks.preview(known | _routing(given, before) | given)
    output.show(answer.raw, out, columns=PREVIEWED, rows="issues")
    if out is Format.TABLE and answer.value["total"] > len(answer.value["issues"]):
        output.note(f"{answer.value['total']} issues match; the newest {len(answer.value['issues'])} are shown")


@app.command()
def test(webhook: Webhook, client: Client, out: options.Output = Format.TABLE) -> None:
    """Send a test notification and show the response. Exit code 1 if it was not accepted.

    Example: optral webhooks test whk_01h455vb4pex5vsknk084sn02q
    """
    sent = client.webhooks.test(webhook).value
    ends_at = time.monotonic() + TEST_WAIT_S
    answer = client.webhooks.delivery(webhook, sent["id"])
    while not _is_settled(answer.value) and time.monotonic() < ends_at:
        time.sleep(0.2)
        answer = client.webhooks.delivery(webhook, sent["id"])
    output.show_one(answer.raw, out, columns=DELIVERIES)
    if answer.value["status"] != "delivered":
        raise typer.Exit(1)


def _is_settled(delivery: dict[str, Any]) -> bool:
    return delivery["status"] != "pending" or bool(delivery["attempts"])


@app.command(cls=lists.Paged)
def deliveries(
    webhook: Webhook,
    client: Client,
    status: Annotated[str | None, typer.Option(help="Status: pending, delivered or failed.")] = None,
    out: options.Output = Format.TABLE,
) -> None:
    """List deliveries, newest first.

    Example: optral webhooks deliveries whk_01h455vb4pex5vsknk084sn02q --status failed
    """
    raw = lists.read(lambda **at: client.webhooks.deliveries(webhook, status=status, **at), "deliveries", out)
    output.show(raw, out, columns=DELIVERIES, rows="deliveries")


@app.command()
def redeliver(
    webhook: Webhook,
    delivery: Annotated[str, typer.Argument(metavar="DELIVERY", help="Delivery id (dlv_…).")],
    client: Client,
    out: options.Output = Format.TABLE,
) -> None:
    """Redeliver a notification with the same id.

    Example: optral webhooks redeliver whk_01h455vb4pex5vsknk084sn02q dlv_01h455vb4pex5vsknk084sn02q
    """
    answer = client.webhooks.redeliver(webhook, delivery)
    output.show_one(answer.raw, out, columns=DELIVERIES)


@app.command()
def enable(webhook: Webhook, client: Client, out: options.Output = Format.TABLE) -> None:
    """Enable a webhook; it receives events from now on.

    Example: optral webhooks enable whk_01h455vb4pex5vsknk084sn02q
    """
    _switch(webhook, True, out, client)


@app.command()
def disable(webhook: Webhook, client: Client, out: options.Output = Format.TABLE) -> None:
    """Disable a webhook; pending deliveries are dropped.

    Example: optral webhooks disable whk_01h455vb4pex5vsknk084sn02q
    """
    _switch(webhook, False, out, client)


def _switch(webhook: str, is_on: bool, out: Format, client: Client) -> None:
    answer = client.webhooks.update(webhook, {"enabled": is_on})
    output.show_one(answer.raw, out, columns=COLUMNS)


@app.command()
def roll(webhook: Webhook, client: Client, out: options.Output = Format.TABLE) -> None:
    """Rotate a webhook's secret and show the new one once. Both secrets are valid for 24 hours.

    Example: optral webhooks roll whk_01h455vb4pex5vsknk084sn02q
    """
    answer = client.webhooks.roll(webhook)
    output.show_one(answer.raw, out, columns=(*COLUMNS, Column("SECRET", "secret")))


@app.command()
def delete(webhook: Webhook, client: Client, out: options.Output = Format.TABLE) -> None:
    """Delete a webhook and its deliveries.

    Example: optral webhooks delete whk_01h455vb4pex5vsknk084sn02q
    """
    answer = client.webhooks.delete(webhook)
    output.done(answer.raw, out, f"{webhook} deleted")
