"""`optral contexts`: the servers that this user logged in to. Keys are never printed."""

from dataclasses import replace
from typing import Annotated, Any

import typer

from optral.cli.base import contexts_file, options, output
from optral.cli.base.contexts_file import Context, Contexts
from optral.cli.base.options import Format, View
from optral.cli.base.output import Column
from optral.terms.errors import Misconfigured, Refused

app = options.group("Manage contexts: servers that you logged in to.")
COLUMNS = (
    Column("CURRENT", "current", whole=True),
    Column("NAME", "name", whole=True),
    Column("URL", "url"),
    Column("EMAIL", "email"),
    Column("ORGANIZATION", "organization"),
    Column("EXPIRES", "expires"),
    Column("KEY", "key", wide=True),
)
Name = Annotated[str, typer.Argument(metavar="CONTEXT", help="Name of the context.")]


@app.command("list")
def list_(out: options.ListOutput = View.TABLE) -> None:
    """List the contexts and mark the current one.

    Example: optral contexts list
    """
    contexts = contexts_file.read()
    rows = [_row(one, contexts) for one in sorted(contexts.known.values(), key=lambda one: one.name)]
    output.show(_encoded({"contexts": rows}), out, columns=COLUMNS, rows="contexts")


@app.command()
def show(
    context: Annotated[str, typer.Argument(metavar="CONTEXT", help="Name of the context; defaults to the current one.")] = "",
    out: options.Output = Format.TABLE,
) -> None:
    """Show a context, without its key.

    Example: optral contexts show
    """
    contexts = contexts_file.read()
    if not (context or contexts.current):
        raise Misconfigured("context_unset", say="there is no current context; run `optral login URL`")
    output.show_one(_encoded(_row(contexts.get(context or contexts.current), contexts)), out, columns=COLUMNS)


@app.command()
def use(context: Name) -> None:
    """Make a context the current one.

    Example: optral contexts use production
    """
    contexts = contexts_file.read()
    contexts_file.write(replace(contexts, current=contexts.get(context).name))
    typer.echo(f"context {context} is current", err=True)


@app.command()
def rename(context: Name, name: Annotated[str, typer.Argument(metavar="NAME", help="New name.")]) -> None:
    """Rename a context.

    Example: optral contexts rename optral.example.com production
    """
    contexts = contexts_file.read()
    found = contexts.get(context)
    if not name.strip() or not name.isprintable():
        raise Refused("bad_name", say="NAME must have printable characters")
    if name in contexts.known:
        raise Refused("context_exists", say=f"a context named {name} already exists; delete it first, or choose another name")
    renamed = contexts_file.stored(replace(found, name=name), found.secret(), use_keyring=found.in_keyring)
    contexts_file.write(contexts.without(context).with_one(renamed, is_current=contexts.current == context))
    contexts_file.forget_secret(found)
    typer.echo(f"context {context} is now {name}", err=True)


@app.command()
def delete(context: Name) -> None:
    """Delete a context. Its API key keeps working until it expires; to revoke it, use `optral logout`.

    Example: optral contexts delete production
    """
    contexts = contexts_file.read()
    found = contexts.get(context)
    contexts_file.write(contexts.without(context))
    contexts_file.forget_secret(found)
    typer.echo(f"context {context} deleted; its key was not revoked", err=True)


def _row(one: Context, contexts: Contexts) -> dict[str, Any]:
    row = {
        "id": one.name,
        "name": one.name,
        "current": one.name == contexts.current,
        "url": one.url,
        "email": one.email,
        "organization": one.organization,
        "expires": one.expires,
        "keyId": one.key_id,
        "key": "keyring" if one.in_keyring else "file",
    }
    return {member: value for member, value in row.items() if value != ""}


def _encoded(value: object) -> bytes:
    import msgspec

    return msgspec.json.encode(value)
