"""`optral webhooks`: webhook endpoints and their deliveries."""

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from optral.cli.base import lists, options, output, settings
from optral.cli.base.command import Client
from optral.cli.base.options import Format, View
from optral.cli.base.output import Column
from optral.cli.base.settings import Setting
from optral.terms.errors import Misconfigured

app = options.group("Manage webhooks and their deliveries.")
_NAME = "Name of the webhook."
_EVENTS = typer.Option("--event", help="Event type, such as issue.created; can be repeated.")


def _list(path: str, parameter: str, what: str, *flags: str) -> Setting:
    create = typer.Option(*flags, help=f"{what}; can be repeated. Defaults to all.")
    return Setting(path, parameter, create, typer.Option(*flags, help=f"{what}; can be repeated; '' for all."), type=list[str])


SETTINGS = (
    Setting("name", "name", typer.Argument(help=_NAME), typer.Option(help=_NAME), is_required=True),
    Setting(
        "url",
        "to",
        typer.Option("--to", help="URL of the endpoint: https://…"),
        typer.Option("--to", help="New URL of the endpoint: https://…"),
        is_required=True,
    ),
    Setting("form", "form", typer.Option(help="Format: json, slack or alerts (Alertmanager)."), default="json"),
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
    settings.both("credentials.username", "username", typer.Option(help="Username for HTTP basic authentication; '' removes credentials.")),
)
COLUMNS = (
    Column("NAME", "name"),
    Column("FORM", "form"),
    Column("ON", "enabled"),
    Column("EVENTS", "filters.events"),
    Column("URL", "url"),
    Column("AUTH", "authentication", spare=True),
    Column("ALERTS SENT", "refreshedAt", age=True, spare=True),
    Column("NOT SENT", "refreshError", spare=True),
    Column("FAILING", "failingSince", age=True),
    Column("ID", "id", whole=True, spare=True),
)
DELIVERIES = (
    Column("EVENT", "event"),
    Column("STATUS", "status"),
    Column("ATTEMPTS", "attempts"),
    Column("ANSWER", "statusCode"),
    Column("ERROR", "error"),
    Column("AGE", "createdAt", age=True),
    Column("NEXT", "nextAttemptAt"),
    Column("ID", "id", whole=True),
)
TEST_WAIT_S = 15.0

_SecretFile = typer.Option(dir_okay=False, exists=True, help="File with the password; needs --username.")
PasswordFile = Annotated[Path | None, _SecretFile]
TokenFile = Annotated[Path | None, typer.Option(dir_okay=False, exists=True, help="File with a token, sent as Authorization: Bearer.")]
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
    out: options.Output = Format.TABLE,
) -> None:
    """Create a webhook and show its secret once.

    Example: optral webhooks create on-call --to https://example.com/hooks/optral --min-severity high
    """
    _authenticate(given, password_file, token_file)
    body = {"filters": _filtering(settings.inner(given, "filters")), **given}
    answer = client.webhooks.create(body)
    output.show_one(answer.raw, out, columns=(*COLUMNS, Column("SECRET", "secret")))


def _authenticate(given: settings.Given, password_file: Path | None, token_file: Path | None) -> None:
    """Put the credentials into the request. Secrets are never options: those are seen by everybody."""
    credentials = settings.inner(given, "credentials")
    for name, file in (("password", password_file), ("token", token_file)):
        if file is not None:
            try:
                credentials[name] = file.read_text("utf-8").strip()
            except (OSError, UnicodeDecodeError):
                raise Misconfigured("bad_token_file", say=f"cannot read {file}: not text") from None
    if credentials:
        given["credentials"] = credentials


def _filtering(filters: dict[str, Any]) -> dict[str, Any]:
    """The filters without those that let everything through."""
    return {name: value for name, value in filters.items() if value}


@app.command()
@settings.edits(SETTINGS)
def edit(
    webhook: Webhook,
    given: settings.Given,
    client: Client,
    password_file: PasswordFile = None,
    token_file: TokenFile = None,
    out: options.Output = Format.TABLE,
) -> None:
    """Update a webhook; omitted options do not change. Exit code 1 if it was changed concurrently; nothing is changed then.

    Example: optral webhooks edit whk_01h455vb4pex5vsknk084sn02q --min-severity critical
    """
    _authenticate(given, password_file, token_file)
    settings.require_change(given, "--min-severity high")
    wanted = settings.inner(given, "filters")
    before = client.webhooks.get(webhook)
    filters = {"filters": _filtering(before.value["filters"] | wanted)} if wanted else {}
    answer = client.webhooks.update(webhook, given | filters, if_match=before.etag)
    output.show_one(answer.raw, out, columns=COLUMNS)


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
