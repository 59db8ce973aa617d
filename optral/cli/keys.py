"""`optral keys`: API keys of the organization. A key lists and revokes keys; people create them, signed in with `--as` for one command."""

from typing import Annotated

import typer

from optral.cli.base import lists, options, output, refs, session
from optral.cli.base.command import Client
from optral.cli.base.options import DEFAULT_URL, Format, View
from optral.cli.base.output import Column
from optral.cli.base.people import named

app = options.group("Manage API keys.")
COLUMNS = (
    Column("NAME", "name"),
    Column("PREFIX", "prefix"),
    Column("USED", "lastUsedAt", whole=True, age=True),
    Column("EXPIRES", "expiresAt"),
    Column("REVOKED", "revokedAt"),
    Column("SCOPES", "scopes"),
    Column("ID", "id", whole=True, spare=True),
)
DETAIL = (
    *COLUMNS,
    Column("CLUSTERS", "clusters"),
    Column("REQUESTS A MINUTE", "limitPerMinute"),
    Column("CREATED BY", "createdBy"),
    Column("CREATED", "createdAt"),
)
Id = Annotated[str, typer.Argument(metavar="KEY", help="Key name or id.")]


@app.command("list", cls=lists.Paged)
def list_(
    client: Client,
    revoked: Annotated[bool, typer.Option("--revoked", help="Include revoked keys.")] = False,
    out: options.ListOutput = View.TABLE,
) -> None:
    """List API keys, without their secrets.

    Example: optral keys list
    """
    with_revoked = "true" if revoked else None
    raw = lists.read(lambda **at: client.keys.list(withRevoked=with_revoked, **at), "apiKeys", out)
    output.show(raw, out, columns=COLUMNS, rows="apiKeys")


@app.command()
def get(key: Id, client: Client, out: options.Output = Format.TABLE) -> None:
    """Show an API key, without its secret.

    Example: optral keys get ci
    """
    raw = client.keys.get(key).raw
    output.show_one(named(client, raw, out, with_clusters=True), out, columns=DETAIL)


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="Name of the key.")],
    scope: Annotated[list[str] | None, typer.Option("--scope", help="Scope, such as issues:read; can be repeated.")] = None,
    cluster: Annotated[list[str] | None, typer.Option("--cluster", help="Id of a cluster to limit the key to; can be repeated.")] = None,
    network: Annotated[
        list[str] | None, typer.Option("--network", help="Network (CIDR) that the key can be used from; can be repeated. Default: any.")
    ] = None,
    expires_at: Annotated[str | None, typer.Option(help="When the key expires (RFC 3339); defaults to 90 days.")] = None,
    out: options.Output = Format.TABLE,
    url: options.Url = DEFAULT_URL,
    me: options.As = "",
) -> None:
    """Create an API key for yourself and print it once. You sign in for this command, since keys cannot create keys.

    Example: optral keys create --as me@example.com ci --scope issues:read --scope clusters:read
    """
    with session.person(url, me) as person:
        answer = person.client.keys.create(name, scopes=scope, clusters=cluster, networks=network, expires_at=expires_at)
    output.show_one(answer.raw, out, columns=(*COLUMNS, Column("KEY", "key")))


@app.command()
def roll(
    key: Id,
    overlap_days: Annotated[int, typer.Option(min=0, max=7, help="Days until the old key stops working; 0 revokes it immediately.")] = 0,
    out: options.Output = Format.TABLE,
    url: options.Url = DEFAULT_URL,
    me: options.As = "",
) -> None:
    """Rotate an API key: print a new key with the same name, scopes and clusters once. You sign in for this command.

    Example: optral keys roll --as me@example.com ci --overlap-days 2
    """
    with session.person(url, me) as person:
        key_id = refs.id_of(person.client, "KEY", key)
        answer = person.client.keys.roll(key_id, overlap_days=overlap_days)
    output.show_one(answer.raw, out, columns=(*COLUMNS, Column("KEY", "key")))


@app.command()
def revoke(key: Id, client: Client, out: options.Output = Format.TABLE) -> None:
    """Revoke an API key; it stops working within a second.

    Example: optral keys revoke key_01h455vb4pex5vsknk084sn02q
    """
    answer = client.keys.revoke(key)
    output.done(answer.raw, out, f"{key} revoked")
