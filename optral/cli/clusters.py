"""`optral clusters`: what is connected, and how to connect more."""

from typing import TYPE_CHECKING, Annotated

import typer

from optral.cli import options, output, session
from optral.cli.options import DEFAULT_URL, Format
from optral.cli.output import Column
from optral.kit.words import counted
from optral.terms.errors import Misconfigured

if TYPE_CHECKING:
    from optral.client.client import Client

app = options.group("Clusters: list, connect, remove.")
COLUMNS = (
    Column("ID", "id", whole=True),
    Column("NAME", "name"),
    Column("STATUS", "status"),
    Column("VERSION", "kubernetesVersion"),
    Column("AGENT", "agent.version"),
    Column("OPEN ISSUES", "counts.openIssues"),
    Column("HEARTBEAT", "lastHeartbeatAt", whole=True, age=True),
    Column("STALE", "inventory", whole=True, stale=True),
)
DETAIL = (*COLUMNS, Column("REASON", "statusReason"), Column("SYNCED", "inventory.syncedAt"), Column("CREATED", "createdAt"))
Id = Annotated[str, typer.Argument(metavar="CLUSTER", help="Cluster id (cls_…).")]


@app.command("list")
def list_(
    status: Annotated[str | None, typer.Option(help="pending, online, degraded, offline; several with commas.")] = None,
    page: options.Page = 1,
    page_size: options.PageSize = 20,
    out: options.Output = Format.TABLE,
    url: options.Url = DEFAULT_URL,
    api_key: options.Key = "",
) -> None:
    """List the clusters.

    Example: optral clusters list --status online
    """
    with session.client(url, api_key) as client:
        answer = client.clusters.list(status=status, page=page, page_size=page_size)
    output.show(answer.raw, out, columns=COLUMNS, rows="clusters")


@app.command()
def get(cluster: Id, out: options.Output = Format.TABLE, url: options.Url = DEFAULT_URL, api_key: options.Key = "") -> None:
    """Show one cluster.

    Example: optral clusters get cls_01h455vb4pex5vsknk084sn02q
    """
    with session.client(url, api_key) as client:
        output.show_one(client.clusters.get(cluster).raw, out, columns=DETAIL)


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="A name, unique in the organisation.")],
    label: Annotated[list[str] | None, typer.Option("--label", "-l", metavar="KEY=VALUE", help="A label; may be repeated.")] = None,
    method: Annotated[
        str | None, typer.Option(help="kubectl (in the cluster) or local (beside it); by default kubectl where the server supports it.")
    ] = None,
    out: options.Output = Format.TABLE,
    url: options.Url = DEFAULT_URL,
    api_key: options.Key = "",
) -> None:
    """Register a cluster and print the complete command that connects it. With -o json, its one-use token instead.

    Example: optral clusters create production -l team=platform
    """
    labels = dict(_pair(one) for one in label or [])
    with session.client(url, api_key) as client:
        answer = client.clusters.create(name, labels=labels)
        if out is not Format.TABLE:
            return output.as_data(answer.raw, out)
        output.show_one(answer.raw, out, columns=DETAIL)
        command, where = _command(client, answer.value.id, method)
    typer.echo(f"\nTo connect it, run this {where} (the token in it works once, for an hour):\n")
    return typer.echo(output.clean_text(command))


WHERE = {"kubectl": "where kubectl reaches the cluster", "local": "on a machine whose kubeconfig points at the cluster"}
NO_POD = frozenset({"public_address_unreachable", "agent_image_unset"})


def _command(client: "Client", cluster: str, method: str | None) -> tuple[str, str]:
    """The command and where to run it; beside the cluster where the server has no command for pods."""
    from optral.client.errors import ClientError

    try:
        return client.clusters.install(cluster, method=method or "kubectl").value.command, WHERE[method or "kubectl"]
    except ClientError as error:
        if method is not None or error.code not in NO_POD:
            raise
        output.note(error.say)
        return client.clusters.install(cluster, method="local").value.command, WHERE["local"]


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not key or not equals:
        raise Misconfigured("label", say=f"--label takes KEY=VALUE, not {text!r}")
    return key, value


@app.command()
def install(
    cluster: Id,
    method: Annotated[str, typer.Option(help="kubectl (in the cluster) or local (beside it).")] = "kubectl",
    out: options.Output = Format.TABLE,
    url: options.Url = DEFAULT_URL,
    api_key: options.Key = "",
) -> None:
    """Print the complete command that connects the cluster, with a new token.

    Example: optral clusters install cls_01h455vb4pex5vsknk084sn02q --method local
    """
    with session.client(url, api_key) as client:
        answer = client.clusters.install(cluster, method=method)
    if out is Format.TABLE:
        typer.echo(output.clean_text(answer.value.command))
    else:
        output.as_data(answer.raw, out)


@app.command("revoke-credentials")
def revoke_credentials(
    cluster: Id,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    out: options.Output = Format.TABLE,
    url: options.Url = DEFAULT_URL,
    api_key: options.Key = "",
) -> None:
    """Revoke the certificates of a cluster's agent; its tunnel ends within seconds, the cluster and its data stay.

    Example: optral clusters revoke-credentials cls_01h455vb4pex5vsknk084sn02q --yes
    """
    if not yes:
        typer.confirm(
            f"Revoke the credentials of the agent of {cluster}? It stays offline until it gets a new token.", abort=True, err=True
        )
    with session.client(url, api_key) as client:
        answer = client.clusters.revoke_credentials(cluster)
    if out is not Format.TABLE:
        output.as_data(answer.raw, out)
        return
    typer.echo(f"{output.clean(answer.value.name)}: {counted(answer.value.revoked, 'certificate')} revoked")
    output.note(f"to connect it again: optral clusters install {answer.value.id}")


@app.command()
def delete(
    cluster: Id,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    out: options.Output = Format.TABLE,
    url: options.Url = DEFAULT_URL,
    api_key: options.Key = "",
) -> None:
    """Disconnect a cluster and forget its inventory; its issues are resolved.

    Example: optral clusters delete cls_01h455vb4pex5vsknk084sn02q --yes
    """
    if not yes:
        typer.confirm(f"Delete cluster {cluster} and its inventory?", abort=True, err=True)
    with session.client(url, api_key) as client:
        answer = client.clusters.delete(cluster)
    if out is not Format.TABLE:
        output.as_data(answer.raw, out)
    else:
        typer.echo(f"{output.clean(answer.value.name)} deleted; remove its agent with:")
        for command in answer.value.uninstall:
            typer.echo(f"  {output.clean(command)}")
