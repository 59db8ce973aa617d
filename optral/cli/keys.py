"""`optral keys`: API keys of the organisation. A key lists and revokes keys; people create them, signed in with `--as` for one command."""

from typing import Annotated

import typer

from optral.cli import options, output, session
from optral.cli.options import DEFAULT_URL, Format
from optral.cli.output import Column

app = options.group("API keys: list, create, revoke.")
COLUMNS = (
    Column("ID", "id", whole=True),
    Column("NAME", "name"),
    Column("PREFIX", "prefix"),
    Column("USED", "lastUsedAt", whole=True, age=True),
    Column("EXPIRES", "expiresAt"),
    Column("REVOKED", "revokedAt"),
    Column("SCOPES", "scopes"),
)


@app.command("list")
def list_(
    page: options.Page = 1,
    page_size: options.PageSize = 20,
    out: options.Output = Format.TABLE,
    url: options.Url = DEFAULT_URL,
    api_key: options.Key = "",
) -> None:
    """List the keys; their secrets are shown only when made.

    Example: optral keys list
    """
    with session.client(url, api_key) as client:
        answer = client.keys.list(page=page, page_size=page_size)
    output.show(answer.raw, out, columns=COLUMNS, rows="apiKeys")


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="What the key is for.")],
    scope: Annotated[list[str] | None, typer.Option("--scope", help="What it may do, such as issues:read; may be repeated.")] = None,
    cluster: Annotated[list[str] | None, typer.Option("--cluster", help="A cluster id it is limited to; may be repeated.")] = None,
    expires_at: Annotated[str | None, typer.Option(help="When it expires (RFC 3339); in 90 days without.")] = None,
    out: options.Output = Format.TABLE,
    url: options.Url = DEFAULT_URL,
    me: options.As = "",
) -> None:
    """Create a key for yourself; it is printed once. A key cannot create another: you sign in for this command.

    Example: optral keys create --as me@example.com ci --scope issues:read --scope clusters:read
    """
    with session.person(url, me) as person:
        answer = person.client.keys.create(name, scopes=scope, clusters=cluster, expires_at=expires_at)
    output.show_one(answer.raw, out, columns=(*COLUMNS, Column("KEY", "key")))


@app.command()
def revoke(
    key: Annotated[str, typer.Argument(metavar="KEY", help="Key id (key_…).")],
    out: options.Output = Format.TABLE,
    url: options.Url = DEFAULT_URL,
    api_key: options.Key = "",
) -> None:
    """Revoke a key; it stops working within a second.

    Example: optral keys revoke key_01h455vb4pex5vsknk084sn02q
    """
    with session.client(url, api_key) as client:
        answer = client.keys.revoke(key)
    if out is not Format.TABLE:
        output.as_data(answer.raw, out)
    else:
        typer.echo(f"{key} revoked")
