"""`optral identity scim`: users and groups that an identity provider provisions by SCIM 2.0. For owners."""

from typing import Annotated

import typer

from optral.cli.base import options, output, refs, session
from optral.cli.base.options import DEFAULT_URL, Format
from optral.cli.base.output import Column

app = options.group("Let an identity provider provision users and groups (SCIM 2.0).")
COLUMNS = (
    Column("ENABLED", "enabled"),
    Column("TOKEN", "tokenHint"),
    Column("USERS", "users"),
    Column("ACTIVE", "activeUsers"),
    Column("MATCHED", "matchedUsers"),
    Column("GROUPS", "groups"),
    Column("NOT PROVISIONED", "unprovisionedMembers"),
    Column("LAST CALL", "lastUsedAt"),
    Column("BASE URL", "baseUrl"),
)
TOKEN = (Column("TOKEN", "token", whole=True), Column("BASE URL", "baseUrl", whole=True))
Provider = Annotated[str, typer.Argument(metavar="PROVIDER", help="Name or id of the identity provider.")]


@app.command()
def status(provider: Provider, out: options.Output = Format.TABLE, url: options.Url = DEFAULT_URL, me: options.As = "") -> None:
    """Show the last call of the provider, how much it provisioned, and how many members it left out.

    Example: optral identity scim status --as me@example.com corp
    """
    with session.person(url, me) as person:
        answer = person.client.identity.scim(refs.id_of(person.client, "PROVIDER", provider))
    output.show_one(answer.raw, out, columns=COLUMNS)


@app.command()
def create(
    provider: Provider,
    network: Annotated[
        list[str] | None, typer.Option("--network", help="Network (CIDR) that the provider calls from; can be repeated.")
    ] = None,
    out: options.Output = Format.TABLE,
    url: options.Url = DEFAULT_URL,
    me: options.As = "",
) -> None:
    """Create the token with which the provider calls. It is shown once.

    Example: optral identity scim create --as me@example.com corp
    """
    with session.person(url, me) as person:
        answer = person.client.identity.create_scim(refs.id_of(person.client, "PROVIDER", provider), networks=network)
    output.show_one(answer.raw, out, columns=TOKEN)


@app.command()
def rotate(provider: Provider, out: options.Output = Format.TABLE, url: options.Url = DEFAULT_URL, me: options.As = "") -> None:
    """Create a new token. The old one works for 24 hours more.

    Example: optral identity scim rotate --as me@example.com corp
    """
    with session.person(url, me) as person:
        answer = person.client.identity.roll_scim(refs.id_of(person.client, "PROVIDER", provider))
    output.show_one(answer.raw, out, columns=TOKEN)


@app.command()
def remove(provider: Provider, out: options.Output = Format.TABLE, url: options.Url = DEFAULT_URL, me: options.As = "") -> None:
    """Delete the token, and the users and groups that were provisioned. Members stay as they are.

    Example: optral identity scim remove --as me@example.com corp
    """
    with session.person(url, me) as person:
        answer = person.client.identity.delete_scim(refs.id_of(person.client, "PROVIDER", provider))
    output.done(answer.raw, out, f"SCIM of {provider} removed")
