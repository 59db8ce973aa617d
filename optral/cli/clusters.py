"""`optral clusters`: list, connect and delete clusters."""

from typing import Annotated, Any

import typer

from optral.cli import connect
from optral.cli.base import lists, options, output
from optral.cli.base.command import Client
from optral.cli.base.options import Format, View
from optral.cli.base.output import Column
from optral.cli.base.watching import watched
from optral.cli.connect import Method
from optral.kit.words import counted
from optral.terms.errors import Misconfigured

app = options.group("Manage clusters and their agents.")
WATCHED = watched("cluster.online,cluster.offline,cluster.updated")
COLUMNS = (
    Column("NAME", "name"),
    Column("STATUS", "status"),
    Column("VERSION", "kubernetesVersion", spare=True),
    Column("AGENT", "agent.version", spare=True),
    Column("SKEW", "agent.versionSkew", spare=True),
    Column("NODES READY", "nodesReady", whole=True),
    Column("PODS NOT READY", "podsNotReady", whole=True),
    Column("OPEN ISSUES", "counts.openIssues"),
    Column("WORST", "worst", whole=True),
    Column("HEARTBEAT", "lastHeartbeatAt", whole=True, age=True),
    Column("STALE", "inventory", whole=True, stale=True),
    Column("NOT LOOKED AT", "unread", wraps=True, text=lambda found: "; ".join(found or ())),
    Column("ID", "id", whole=True, spare=True),
)
DETAIL = (
    *COLUMNS,
    Column("LABELS", "labels"),
    Column("CAPABILITIES", "agent.capabilities"),
    Column("REASON", "statusReason"),
    Column("SYNCED", "inventory.syncedAt"),
    Column("CREATED", "createdAt"),
)
MAP_COLUMNS = (
    Column("NODE", "name"),
    Column("STATUS", "status", whole=True),
    Column("ROLES", "roles"),
    Column("PODS", "pods", whole=True),
    Column("NOT HEALTHY", "notHealthy", whole=True),
    Column("CPU REQUESTED", "cpuRequested", whole=True),
    Column("CPU USED", "cpuUsed", whole=True),
    Column("MEMORY REQUESTED", "memoryRequested", whole=True),
    Column("MEMORY USED", "memoryUsed", whole=True),
)
Id = Annotated[str, typer.Argument(metavar="CLUSTER", help="Cluster name or id.")]


@app.command("list", cls=lists.paged(WATCHED))
def list_(
    client: Client,
    status: Annotated[str | None, typer.Option(help="Status: pending, online, degraded or offline; separate several with commas.")] = None,
    out: options.ListOutput = View.TABLE,
) -> None:
    """List clusters.

    Example: optral clusters list --status online
    """
    raw = lists.read(lambda **at: client.clusters.list(status=status, **at), "clusters", out)
    output.show(raw if out.is_data else _in_words(raw), out, columns=COLUMNS, rows="clusters")


def _in_words(raw: bytes) -> bytes:
    """A cluster, or a page of clusters, whose numbers are text as in the tables."""
    import msgspec

    answer = msgspec.json.decode(raw)
    for one in answer.get("clusters", [answer]):
        one |= _numbers(one["counts"])
    return msgspec.json.encode(answer)


def _numbers(counts: dict[str, Any]) -> dict[str, str]:
    """What the server does not tell this key is left out."""
    pods, worst = counts.get("pods"), counts.get("worst")
    return {
        "nodesReady": nodes_ready(counts.get("nodes")),
        "podsNotReady": f"{pods['notReady']}/{pods['total']}" if pods else "",
        "worst": f"{worst['count']} {worst['severity']}" if worst else "",
    }


def nodes_ready(nodes: dict[str, int] | None) -> str:
    """`5/7`."""
    return f"{nodes['ready']}/{nodes['total']}" if nodes else ""


@app.command(cls=WATCHED)
def get(cluster: Id, client: Client, out: options.Output = Format.TABLE) -> None:
    """Show a cluster.

    Example: optral clusters get cls_01h455vb4pex5vsknk084sn02q
    """
    raw = client.clusters.get(cluster).raw
    output.show_one(_in_words(raw) if out is Format.TABLE else raw, out, columns=DETAIL)


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="Name of the cluster, unique in the organization.")],
    client: Client,
    label: Annotated[list[str] | None, typer.Option("--label", "-l", metavar="KEY=VALUE", help="Label; can be repeated.")] = None,
    method: Annotated[
        Method | None,
        typer.Option(help="How to install the agent; local runs it outside the cluster. Defaults to kubectl if the server supports it."),
    ] = None,
    out: options.Output = Format.TABLE,
) -> None:
    """Create a cluster and print the command that connects it. With -o json, print its enrollment token instead.

    Example: optral clusters create production -l team=platform
    """
    labels = dict(_pair(one) for one in label or [])
    answer = client.clusters.create(name, labels=labels)
    if out is not Format.TABLE:
        return output.as_data(answer.raw, out)
    output.show_one(answer.raw, out, columns=DETAIL)
    typer.echo("")
    return connect.show_command(client, answer.value.id, None if method is None else method.value)


@app.command()
def update(
    cluster: Id,
    client: Client,
    name: Annotated[str | None, typer.Option(help="New name, unique in the organization.")] = None,
    label: Annotated[list[str] | None, typer.Option("--label", "-l", metavar="KEY=VALUE", help="Label to set; can be repeated.")] = None,
    remove_label: Annotated[
        list[str] | None, typer.Option("--remove-label", metavar="LABEL", help="Label to remove; can be repeated.")
    ] = None,
    out: options.Output = Format.TABLE,
) -> None:
    """Update the name or the labels of a cluster.

    Example: optral clusters update production --label tier=edge --remove-label trial
    """
    if name is None and not label and not remove_label:
        raise Misconfigured("nothing_to_change", say="nothing to change; use --name, --label or --remove-label")
    before = client.clusters.get(cluster)
    labels = {key: value for key, value in before.value.labels.items() if key not in (remove_label or ())}
    labels |= dict(_pair(one) for one in label or [])
    answer = client.clusters.update(cluster, name=name, labels=labels if label or remove_label else None, if_match=before.etag)
    output.show_one(_in_words(answer.raw) if out is Format.TABLE else answer.raw, out, columns=DETAIL)


app.command("connect")(connect.connect)


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not key or not equals:
        raise Misconfigured("label", say=f"--label must be KEY=VALUE, not {text!r}")
    return key, value


@app.command()
def install(
    cluster: Id,
    client: Client,
    method: Annotated[Method, typer.Option(help="How to install the agent; local runs it outside the cluster.")] = Method.KUBECTL,
    replace: Annotated[
        bool, typer.Option("--replace", help="Allow another Kubernetes cluster to take the place of the one that was connected.")
    ] = False,
    out: options.Output = Format.TABLE,
) -> None:
    """Print the command that connects a cluster, with a new enrollment token.

    Example: optral clusters install cls_01h455vb4pex5vsknk084sn02q --method local
    """
    answer = client.clusters.install(cluster, method=method.value, replace=replace)
    for warning in answer.value.warnings:
        output.note(f"warning: {warning.message}")
    if out is Format.TABLE:
        typer.echo(output.clean_text(answer.value.command))
    else:
        output.as_data(answer.raw, out)


@app.command("revoke-credentials")
def revoke_credentials(
    cluster: Id,
    client: Client,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Skip the confirmation prompt.")] = False,
    out: options.Output = Format.TABLE,
) -> None:
    """Revoke the credentials of a cluster's agent and end its connection. The cluster and its data are kept.

    Example: optral clusters revoke-credentials cls_01h455vb4pex5vsknk084sn02q --yes
    """
    if not yes:
        typer.confirm(
            f"Revoke the credentials of the agent of {cluster}? It stays offline until it enrolls with a new token.", abort=True, err=True
        )
    answer = client.clusters.revoke_credentials(cluster)
    if out is not Format.TABLE:
        output.as_data(answer.raw, out)
        return
    typer.echo(f"{output.clean(answer.value.name)}: {counted(answer.value.revoked, 'certificate')} revoked")
    output.note(f"to reconnect it, run: optral clusters install {answer.value.id}")


@app.command()
def delete(
    cluster: Id,
    client: Client,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Skip the confirmation prompt.")] = False,
    out: options.Output = Format.TABLE,
) -> None:
    """Delete a cluster and its inventory, and resolve its issues.

    Example: optral clusters delete cls_01h455vb4pex5vsknk084sn02q --yes
    """
    if not yes:
        typer.confirm(f"Delete cluster {cluster} and its inventory?", abort=True, err=True)
    answer = client.clusters.delete(cluster)
    if out is not Format.TABLE:
        output.as_data(answer.raw, out)
    else:
        typer.echo(f"{output.clean(answer.value.name)} deleted. To remove its agent, and nothing else, run:")
        for command in answer.value.uninstall:
            typer.echo(f"  {output.clean(command)}")
        if answer.value.uninstall_note:
            typer.echo(output.clean(answer.value.uninstall_note))


@app.command("map")
def map_(
    cluster: Id,
    client: Client,
    pods: Annotated[bool, typer.Option("--pods", help="Also list the pods that are not healthy, by node.")] = False,
    out: options.Output = Format.TABLE,
) -> None:
    """Show the nodes of a cluster, failing ones first: pods, and how much of the allocatable CPU and memory is requested and used.

    Example: optral clusters map production --pods

    Usage is shown only for nodes that the agent reports. With -o json or -o yaml, the response contains every pod.
    """
    from optral.cli.text import cluster_map

    answer = client.clusters.map(cluster)
    if out.is_data:
        output.as_data(answer.raw, out)
        return
    if notice := output.stale_notice(answer.value):
        output.note(notice)
    output.table(MAP_COLUMNS, cluster_map.rows(answer.value))
    if pods:
        cluster_map.show_pods(answer.value)
    for what in ("nodes", "pods"):
        if left_out := answer.value[f"{what}LeftOut"]:
            output.note(f"{left_out} more {what} are not shown")
