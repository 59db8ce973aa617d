"""`optral fleet`: tokens that enroll many clusters, and agents that wait for approval."""

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from optral.cli.base import lists, options, output
from optral.cli.base.command import Client
from optral.cli.base.options import Format, View
from optral.cli.base.output import Column
from optral.terms.errors import Refused

if TYPE_CHECKING:
    from optral.client.client import Client

KEY_DIGITS = 8
app = options.group("Enroll many clusters with one token, and approve agents.")
COLUMNS = (
    Column("NAME", "name"),
    Column("STATUS", "status"),
    Column("USES", "uses"),
    Column("OF", "maxUses"),
    Column("PATTERN", "namePattern"),
    Column("APPROVAL", "needsApproval"),
    Column("EXPIRES", "expiresAt", whole=True),
    Column("ID", "id", whole=True, spare=True),
)
WAITING = (
    Column("CLUSTER", "clusterId", whole=True),
    Column("NAME", "clusterName"),
    Column("ADDRESS", "address"),
    Column("KUBE-SYSTEM UID", "kubeSystemUid", whole=True),
    Column("KEY", "keyFingerprint"),
    Column("SINCE", "since", whole=True, age=True),
)
Token = Annotated[str, typer.Argument(metavar="TOKEN", help="Name or id of the token, not the token itself.")]
Cluster = Annotated[str, typer.Argument(metavar="CLUSTER", help="Cluster name or id.")]


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="Descriptive name of the token.")],
    uses: Annotated[int, typer.Option(min=1, max=1000, help="Number of clusters that it can enroll.")],
    client: Client,
    pattern: Annotated[str, typer.Option(help="Name of each cluster, with {name} (proposed by the agent), {number} or {uid}.")] = "{name}",
    label: Annotated[list[str] | None, typer.Option("--label", "-l", metavar="KEY=VALUE", help="Label; can be repeated.")] = None,
    hours: Annotated[int, typer.Option(min=1, max=2160, help="Hours until it expires.")] = 24,
    source: Annotated[list[str] | None, typer.Option(metavar="CIDR", help="Network that it can be used from; can be repeated.")] = None,
    approval: Annotated[bool, typer.Option("--approval", help="Each agent waits until a person approves it.")] = False,
    out: options.Output = Format.TABLE,
) -> None:
    """Create a fleet token and print it once, with the CA pin that agents need.

    Example: optral fleet create edge --uses 200 --pattern "edge-{number}" --source 10.0.0.0/8
    """
    wish = {
        "name": name,
        "namePattern": pattern,
        "labels": options.pairs(label),
        "maxUses": uses,
        "expiresInSeconds": int(timedelta(hours=hours).total_seconds()),
        "sources": source or [],
        "needsApproval": approval,
    }
    answer = client.clusters.create_fleet_token(wish)
    if out is not Format.TABLE:
        return output.as_data(answer.raw, out)
    output.show_one(answer.raw, out, columns=COLUMNS)
    typer.echo(f"\nToken (shown once): {output.clean(answer.value['token'])}\nCA pin: {output.clean(answer.value['caPin'])}")
    if (install := answer.value.get("install")) is None:
        return typer.echo(f"No install command: {output.clean(answer.value.get('installProblem', ''))}")
    for warning in install["warnings"]:
        typer.echo(f"Warning: {output.clean(warning['message'])}", err=True)
    return typer.echo(f"\nRun this in each cluster (-o json also has the chart's values and an ApplicationSet):\n{install['command']}")


@app.command("list", cls=lists.Paged)
def list_(client: Client, out: options.ListOutput = View.TABLE) -> None:
    """List fleet tokens, newest first.

    Example: optral fleet list
    """
    raw = lists.read(lambda **at: client.clusters.fleet_tokens(**at), "fleetTokens", out)
    output.show(raw, out, columns=COLUMNS, rows="fleetTokens")


@app.command()
def get(token: Token, client: Client, out: options.Output = Format.TABLE) -> None:
    """Show a fleet token and the refused attempts to use it.

    Example: optral fleet get flt_01h455vb4pex5vsknk084sn02q
    """
    answer = client.clusters.fleet_token(token)
    output.show_one(answer.raw, out, columns=COLUMNS)
    if out is Format.TABLE:
        for attempt in answer.value["attempts"]:
            typer.echo(
                output.clean(
                    f"{attempt['count']} x {attempt['code']}, last from {attempt.get('address', '?')} "
                    f"at {attempt['lastAt']}: {attempt['fix']}"
                )
            )


@app.command()
def revoke(token: Token, client: Client, out: options.Output = Format.TABLE) -> None:
    """Revoke a fleet token. Clusters that it enrolled stay connected.

    Example: optral fleet revoke flt_01h455vb4pex5vsknk084sn02q
    """
    answer = client.clusters.revoke_fleet_token(token)
    output.show_one(answer.raw, out, columns=COLUMNS)


@app.command()
def waiting(client: Client, out: options.Output = Format.TABLE) -> None:
    """List agents waiting for approval.

    Example: optral fleet waiting
    """
    answer = client.clusters.waiting()
    output.show(answer.raw, out, columns=WAITING, rows="waiting")


@app.command()
def approve(
    cluster: Cluster,
    client: Client,
    key: Annotated[
        str | None,
        typer.Option(metavar="SHA256", help="First 8 or more digits of the agent's key; fails if another key is waiting."),
    ] = None,
    out: options.Output = Format.TABLE,
) -> None:
    """Approve the agent that is waiting to enroll; it enrolls within a minute.

    Example: optral fleet approve cls_01h455vb4pex5vsknk084sn02q --key 4f2a91c07d3b
    """
    tag = None if key is None else _tag_of(client, cluster, key)
    output.show_one(client.clusters.decide(cluster, is_approved=True, if_match=tag).raw, out, columns=COLUMNS[:2])


@app.command()
def reject(cluster: Cluster, client: Client, out: options.Output = Format.TABLE) -> None:
    """Reject the agent that is waiting to enroll, and delete its cluster.

    Example: optral fleet reject cls_01h455vb4pex5vsknk084sn02q
    """
    output.show_one(client.clusters.decide(cluster, is_approved=False).raw, out, columns=COLUMNS[:2])


def _tag_of(client: "Client", cluster: str, key: str) -> str:
    """The version under which an agent with this key waits. Raises `Refused` when another one does, or none."""
    found = next((one for one in client.clusters.waiting().value["waiting"] if one["clusterId"] == cluster), None)
    if found is None:
        raise Refused("not_waiting", say="no agent is waiting for approval for this cluster")
    if len(key) < KEY_DIGITS or not found["keyFingerprint"].startswith(key.lower()):
        raise Refused("key_mismatch", say=f"the waiting agent has the key {found['keyFingerprint']}; nothing was approved")
    return f'"v{found["version"]}"'
