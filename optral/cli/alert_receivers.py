"""`optral alerts receivers`: what takes alerts of Alertmanager and other systems."""

from typing import Annotated, Any

import typer

from optral.cli.base import lists, options, output, people
from optral.cli.base.command import Client
from optral.cli.base.options import Format, View
from optral.cli.base.output import Column

app = options.group("Manage the receivers of alerts.")


def _cluster_rule(rule: dict[str, Any]) -> str:
    return rule.get("clusterId") or f"by label {rule.get('label')}"


COLUMNS = (
    Column("NAME", "name"),
    Column("KIND", "kind"),
    Column("AUTH", "auth"),
    Column("ON", "enabled"),
    Column("CLUSTER", "clusterRule", text=_cluster_rule),
    Column("RECEIVED", "lastReceivedAt", age=True),
    Column("ID", "id", whole=True, spare=True),
)
DETAIL = (*COLUMNS, Column("PATH", "path", whole=True))
REJECTED = (
    Column("AGE", "at", age=True),
    Column("CODE", "code"),
    Column("REASON", "reason"),
    Column("EXCERPT", "excerpt"),
)
Receiver = Annotated[str, typer.Argument(metavar="RECEIVER", help="Receiver name or id (alr_…).")]
Cluster = Annotated[str | None, typer.Option("--cluster", "-c", help="Cluster id or name that all alerts are about.")]
Label = Annotated[str | None, typer.Option("--cluster-label", help="Label whose value names the cluster.")]
Values = Annotated[
    list[str] | None, typer.Option("--map", help="A value of the label and the cluster it means, as VALUE=CLUSTER; can be repeated.")
]
Fields = Annotated[
    list[str] | None,
    typer.Option("--field", help="Where a member of a generic alert is, as MEMBER=POINTER (name=/title, labels=/tags); can be repeated."),
]
Labels = Annotated[list[str] | None, typer.Option("--label-from", help="A label of a generic alert, as LABEL=POINTER; can be repeated.")]


@app.command("list", cls=lists.Paged)
def list_(client: Client, out: options.ListOutput = View.TABLE) -> None:
    """List receivers.

    Example: optral alerts receivers list
    """
    raw = lists.read(lambda **at: client.alerts.receivers(**at), "receivers", out)
    output.show(people.named(client, raw, out, with_clusters=True), out, columns=COLUMNS, rows="receivers")


@app.command()
def get(receiver: Receiver, client: Client, out: options.Output = Format.TABLE) -> None:
    """Show a receiver.

    Example: optral alerts receivers get alr_01h455vb4pex5vsknk084sn02q
    """
    _show(client, client.alerts.receiver(receiver).raw, out)


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="Name of the receiver.")],
    client: Client,
    kind: Annotated[str, typer.Option(help="Sender: alertmanager or generic.")] = "alertmanager",
    auth: Annotated[str, typer.Option(help="How senders prove the secret: bearer or hmac.")] = "bearer",
    cluster: Cluster = None,
    cluster_label: Label = None,
    map_: Values = None,
    field: Fields = None,
    label_from: Labels = None,
    out: options.Output = Format.TABLE,
) -> None:
    """Create a receiver and show its secret once. Without --cluster, the label `cluster` names the cluster of each alert.

    Example: optral alerts receivers create platform --cluster prod
    """
    body: dict[str, Any] = {"name": name, "kind": kind, "auth": auth}
    if rule := _rule(cluster, cluster_label, map_):
        body["clusterRule"] = rule
    if kind == "generic" or field or label_from:
        body["mapping"] = _mapping(field, label_from)
    _show(client, client.alerts.create_receiver(body).raw, out, Column("SECRET", "secret"))


def _show(client: Client, raw: bytes, out: Format, *more: Column) -> None:
    output.show_one(people.named(client, raw, out, with_clusters=True), out, columns=(*DETAIL, *more))


def _rule(cluster: str | None, label: str | None, values: list[str] | None) -> dict[str, Any]:
    if cluster is not None:
        return {"cluster": cluster} | ({"label": label} if label else {})
    if label is None and not values:
        return {}
    return {"label": label or "cluster"} | ({"clusters": options.pairs(values)} if values else {})


def _mapping(fields: list[str] | None, labels: list[str] | None) -> dict[str, Any]:
    return {**options.pairs(fields), **({"moreLabels": options.pairs(labels)} if labels else {})}


@app.command()
def update(
    receiver: Receiver,
    client: Client,
    name: Annotated[str | None, typer.Option(help="New name.")] = None,
    auth: Annotated[str | None, typer.Option(help="How senders prove the secret: bearer or hmac.")] = None,
    cluster: Cluster = None,
    cluster_label: Label = None,
    map_: Values = None,
    field: Fields = None,
    label_from: Labels = None,
    out: options.Output = Format.TABLE,
) -> None:
    """Update a receiver; omitted options do not change.

    Example: optral alerts receivers update alr_01h455vb4pex5vsknk084sn02q --cluster-label cluster_name
    """
    change: dict[str, Any] = {name_: value for name_, value in (("name", name), ("auth", auth)) if value is not None}
    if rule := _rule(cluster, cluster_label, map_):
        change["clusterRule"] = rule
    if field or label_from:
        change["mapping"] = _mapping(field, label_from)
    if not change:
        raise typer.BadParameter("specify what to change, such as --cluster prod")
    _show(client, client.alerts.update_receiver(receiver, change).raw, out)


@app.command()
def enable(receiver: Receiver, client: Client, out: options.Output = Format.TABLE) -> None:
    """Enable a receiver.

    Example: optral alerts receivers enable alr_01h455vb4pex5vsknk084sn02q
    """
    _show(client, client.alerts.update_receiver(receiver, {"enabled": True}).raw, out)


@app.command()
def disable(receiver: Receiver, client: Client, out: options.Output = Format.TABLE) -> None:
    """Disable a receiver; its requests are refused.

    Example: optral alerts receivers disable alr_01h455vb4pex5vsknk084sn02q
    """
    _show(client, client.alerts.update_receiver(receiver, {"enabled": False}).raw, out)


@app.command()
def roll(receiver: Receiver, client: Client, out: options.Output = Format.TABLE) -> None:
    """Rotate the secret of a receiver and show the new one once. The old one is accepted for 24 hours.

    Example: optral alerts receivers roll alr_01h455vb4pex5vsknk084sn02q
    """
    _show(client, client.alerts.roll_receiver(receiver).raw, out, Column("SECRET", "secret"))


@app.command()
def delete(receiver: Receiver, client: Client, out: options.Output = Format.TABLE) -> None:
    """Delete a receiver and its alerts.

    Example: optral alerts receivers delete alr_01h455vb4pex5vsknk084sn02q
    """
    output.done(client.alerts.delete_receiver(receiver).raw, out, f"{receiver} deleted")


@app.command(cls=lists.Paged)
def rejected(receiver: Receiver, client: Client, out: options.ListOutput = View.TABLE) -> None:
    """List what a receiver could not read, newest first.

    Example: optral alerts receivers rejected alr_01h455vb4pex5vsknk084sn02q
    """
    raw = lists.read(lambda **at: client.alerts.rejected(receiver, **at), "rejected", out)
    output.show(raw, out, columns=REJECTED, rows="rejected")
