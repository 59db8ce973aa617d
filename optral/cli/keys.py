"""`optral keys`: API keys of the organisation. People make keys, in the dashboard; a key, which is all this has, makes none."""

from typing import Annotated

import typer

from optral.cli import options, output, session
from optral.cli.options import DEFAULT_URL, Format
from optral.cli.output import Column

app = options.group("API keys: list, revoke; they are created in the dashboard.")
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
    expires_at: Annotated[str | None, typer.Option(help="When it ends (RFC 3339); never without.")] = None,
    out: options.Output = Format.TABLE,
    url: options.Url = DEFAULT_URL,
    api_key: options.Key = "",
) -> None:
    """Refused: an API key makes no other key. People do, in the dashboard under Settings, API Keys.

    So a key that leaked cannot outlive its own end. `optral setup` prints the first one.

    Example: optral keys create ci --scope issues:read --scope clusters:read
    """
    with session.client(url, api_key) as client:
        answer = client.keys.create(name, scopes=scope, clusters=cluster, expires_at=expires_at)
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
