"""`optral webhooks`: webhook endpoints and their deliveries."""

import time
from typing import Annotated, Any

import typer

from optral.cli import lists, options, output, session
from optral.cli.options import DEFAULT_URL, Format, View
from optral.cli.output import Column
from optral.kit.mappings import without_none
from optral.terms.errors import Misconfigured

app = options.group("Manage webhooks and their deliveries.")
COLUMNS = (
    Column("ID", "id", whole=True),
    Column("NAME", "name"),
    Column("FORM", "form"),
    Column("ON", "enabled"),
    Column("EVENTS", "filters.events"),
    Column("URL", "url"),
    Column("FAILING", "failingSince", age=True),
)
DELIVERIES = (
    Column("ID", "id", whole=True),
    Column("EVENT", "event"),
    Column("STATUS", "status"),
    Column("ATTEMPTS", "attempts"),
    Column("ANSWER", "statusCode"),
    Column("ERROR", "error"),
    Column("AGE", "createdAt", age=True),
    Column("NEXT", "nextAttemptAt"),
)
TEST_WAIT_S = 15.0

Webhook = Annotated[str, typer.Argument(metavar="WEBHOOK", help="Webhook name or id.")]


@app.command("list", cls=lists.Paged)
def list_(
    out: options.ListOutput = View.TABLE,
    url: options.Url = DEFAULT_URL,
    api_key: options.Key = "",
) -> None:
    """List webhooks.

    Example: optral webhooks list
    """
    with session.client(url, api_key) as client:
        raw = lists.read(lambda **at: client.webhooks.list(**at), "webhooks", out)
    output.show(raw, out, columns=COLUMNS, rows="webhooks")


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="Name of the webhook.")],
    to: Annotated[str, typer.Option("--to", help="URL of the endpoint: https://…")],
    form: Annotated[str, typer.Option(help="Format: json or slack.")] = "json",
    event: Annotated[list[str] | None, typer.Option("--event", help="Event type, such as issue.created; can be repeated.")] = None,
    cluster: Annotated[list[str] | None, typer.Option("--cluster", help="Cluster id or name; can be repeated. Defaults to all.")] = None,
    namespace: Annotated[list[str] | None, typer.Option("--namespace", "-n", help="Namespace; can be repeated. Defaults to all.")] = None,
    type_: Annotated[list[str] | None, typer.Option("--type", help="Issue type; can be repeated. Defaults to all.")] = None,
    min_severity: Annotated[str | None, typer.Option(help="Minimum severity: critical, high, medium or low.")] = None,
    out: options.Output = Format.TABLE,
    url: options.Url = DEFAULT_URL,
    api_key: options.Key = "",
) -> None:
    """Create a webhook and show its secret once.

    Example: optral webhooks create on-call --to https://example.com/hooks/optral --min-severity high
    """
    filters = {"events": event, "clusters": cluster, "namespaces": namespace, "issueTypes": type_, "minSeverity": min_severity}
    body = {"name": name, "url": to, "form": form, "filters": {key: value for key, value in filters.items() if value}}
    with session.client(url, api_key) as client:
        answer = client.webhooks.create(body)
    output.show_one(answer.raw, out, columns=(*COLUMNS, Column("SECRET", "secret")))


@app.command()
def edit(
    webhook: Webhook,
    name: Annotated[str | None, typer.Option(help="Name of the webhook.")] = None,
    to: Annotated[str | None, typer.Option("--to", help="New URL of the endpoint: https://…")] = None,
    event: Annotated[list[str] | None, typer.Option("--event", help="Event type, such as issue.created; can be repeated.")] = None,
    cluster: Annotated[list[str] | None, typer.Option("--cluster", help="Cluster id or name; can be repeated; '' for all.")] = None,
    namespace: Annotated[list[str] | None, typer.Option("--namespace", "-n", help="Namespace; can be repeated; '' for all.")] = None,
    type_: Annotated[list[str] | None, typer.Option("--type", help="Issue type; can be repeated; '' for all.")] = None,
    min_severity: Annotated[str | None, typer.Option(help="Minimum severity: critical, high, medium or low; '' for all.")] = None,
    out: options.Output = Format.TABLE,
    url: options.Url = DEFAULT_URL,
    api_key: options.Key = "",
) -> None:
    """Update a webhook; omitted options do not change. Exit code 1 if it was changed concurrently; nothing is changed then.

    Example: optral webhooks edit whk_01h455vb4pex5vsknk084sn02q --min-severity critical
    """
    given = {"events": event, "clusters": cluster, "namespaces": namespace, "issueTypes": type_, "minSeverity": min_severity}
    wanted = {key: [one for one in value if one] if isinstance(value, list) else value for key, value in without_none(given).items()}
    change = without_none({"name": name, "url": to})
    if not wanted and not change:
        raise Misconfigured("nothing_to_change", say="nothing to change; use an option such as --min-severity high (see --help)")
    with session.client(url, api_key) as client:
        before = client.webhooks.get(webhook)
        filters = {key: value for key, value in (before.value["filters"] | wanted).items() if value}
        answer = client.webhooks.update(webhook, change | ({"filters": filters} if wanted else {}), if_match=before.etag)
    output.show_one(answer.raw, out, columns=COLUMNS)


@app.command()
def test(webhook: Webhook, out: options.Output = Format.TABLE, url: options.Url = DEFAULT_URL, api_key: options.Key = "") -> None:
    """Send a test notification and show the response. Exit code 1 if it was not accepted.

    Example: optral webhooks test whk_01h455vb4pex5vsknk084sn02q
    """
    with session.client(url, api_key) as client:
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
    status: Annotated[str | None, typer.Option(help="Status: pending, delivered or failed.")] = None,
    out: options.Output = Format.TABLE,
    url: options.Url = DEFAULT_URL,
    api_key: options.Key = "",
) -> None:
    """List deliveries, newest first.

    Example: optral webhooks deliveries whk_01h455vb4pex5vsknk084sn02q --status failed
    """
    with session.client(url, api_key) as client:
        raw = lists.read(lambda **at: client.webhooks.deliveries(webhook, status=status, **at), "deliveries", out)
    output.show(raw, out, columns=DELIVERIES, rows="deliveries")


@app.command()
def redeliver(
    webhook: Webhook,
    delivery: Annotated[str, typer.Argument(metavar="DELIVERY", help="Delivery id (dlv_…).")],
    out: options.Output = Format.TABLE,
    url: options.Url = DEFAULT_URL,
    api_key: options.Key = "",
) -> None:
    """Redeliver a notification with the same id.

    Example: optral webhooks redeliver whk_01h455vb4pex5vsknk084sn02q dlv_01h455vb4pex5vsknk084sn02q
    """
    with session.client(url, api_key) as client:
        answer = client.webhooks.redeliver(webhook, delivery)
    output.show_one(answer.raw, out, columns=DELIVERIES)


@app.command()
def enable(webhook: Webhook, out: options.Output = Format.TABLE, url: options.Url = DEFAULT_URL, api_key: options.Key = "") -> None:
    """Enable a webhook; it receives events from now on.

    Example: optral webhooks enable whk_01h455vb4pex5vsknk084sn02q
    """
    _switch(webhook, True, out, url, api_key)


@app.command()
def disable(webhook: Webhook, out: options.Output = Format.TABLE, url: options.Url = DEFAULT_URL, api_key: options.Key = "") -> None:
    """Disable a webhook; pending deliveries are dropped.

    Example: optral webhooks disable whk_01h455vb4pex5vsknk084sn02q
    """
    _switch(webhook, False, out, url, api_key)


def _switch(webhook: str, is_on: bool, out: Format, url: str, api_key: str) -> None:
    with session.client(url, api_key) as client:
        answer = client.webhooks.update(webhook, {"enabled": is_on})
    output.show_one(answer.raw, out, columns=COLUMNS)


@app.command()
def roll(webhook: Webhook, out: options.Output = Format.TABLE, url: options.Url = DEFAULT_URL, api_key: options.Key = "") -> None:
    """Rotate a webhook's secret and show the new one once. Both secrets sign for 24 hours.

    Example: optral webhooks roll whk_01h455vb4pex5vsknk084sn02q
    """
    with session.client(url, api_key) as client:
        answer = client.webhooks.roll(webhook)
    output.show_one(answer.raw, out, columns=(*COLUMNS, Column("SECRET", "secret")))


@app.command()
def delete(webhook: Webhook, out: options.Output = Format.TABLE, url: options.Url = DEFAULT_URL, api_key: options.Key = "") -> None:
    """Delete a webhook and its deliveries.

    Example: optral webhooks delete whk_01h455vb4pex5vsknk084sn02q
    """
    with session.client(url, api_key) as client:
        answer = client.webhooks.delete(webhook)
    if out is not Format.TABLE:
        output.as_data(answer.raw, out)
    else:
        typer.echo(f"{webhook} deleted")
