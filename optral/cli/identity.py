"""`optral identity`: identity providers, with which people sign in. For owners, who sign in with `--as` for one command.

A provider is written as a file, since its rules are nested: the members of `NewProvider` in the contract, as YAML or JSON. The client
secret is never in it.
"""

from pathlib import Path
from typing import Annotated, Any

import typer

from optral.cli import identity_scim
from optral.cli.base import files, options, output, refs, session
from optral.cli.base.options import DEFAULT_URL, Format, View
from optral.cli.base.output import Column

app = options.group("Manage identity providers (OpenID Connect), with which people sign in.")
app.add_typer(identity_scim.app, name="scim")
COLUMNS = (
    Column("NAME", "name"),
    Column("ENABLED", "enabled"),
    Column("ISSUER", "issuer"),
    Column("DOMAINS", "domains"),
    Column("CREATES MEMBERS", "createsMembers"),
    Column("REDIRECT URI", "redirectUri"),
    Column("ID", "id", whole=True, spare=True),
)

TESTED = (Column("OK", "ok"), Column("REASON", "reason"), Column("MESSAGE", "message"))

POLICY = (
    Column("PROVIDER ONLY", "providerOnly"),
    Column("SESSION HOURS", "sessionHours"),
    Column("IDLE MINUTES", "idleMinutes"),
    Column("NETWORKS", "sessionNetworks"),
    Column("OWNERS WITH PASSWORD", "passwordOwners"),
)

Provider = Annotated[str, typer.Argument(metavar="PROVIDER", help="Name or id of the identity provider.")]
File = Annotated[Path, typer.Option("--file", "-f", dir_okay=False, exists=True, help="File with the settings, as YAML or JSON.")]
SecretFile = Annotated[
    Path | None, typer.Option("--secret-file", dir_okay=False, exists=True, help="File with the client secret; not for public clients.")
]


@app.command("list")
def list_(out: options.ListOutput = View.TABLE, url: options.Url = DEFAULT_URL, me: options.As = "") -> None:
    """List identity providers.

    Example: optral identity list --as me@example.com
    """
    with session.person(url, me) as person:
        answer = person.client.identity.list()
    output.show(answer.raw, out, columns=COLUMNS, rows="identityProviders")


@app.command()
def get(provider: Provider, out: options.Output = Format.TABLE, url: options.Url = DEFAULT_URL, me: options.As = "") -> None:
    """Show an identity provider; -o yaml shows its rules too, in the form that --file reads.

    Example: optral identity get --as me@example.com corp -o yaml
    """
    with session.person(url, me) as person:
        answer = person.client.identity.get(refs.id_of(person.client, "PROVIDER", provider))
    output.show_one(answer.raw, out, columns=COLUMNS)


@app.command()
def create(
    file: File,
    secret_file: SecretFile = None,
    out: options.Output = Format.TABLE,
    url: options.Url = DEFAULT_URL,
    me: options.As = "",
) -> None:
    """Add an identity provider. Register the redirect URI that it prints at the provider.

    Example: optral identity create --as me@example.com --file corp.yaml --secret-file secret.txt
    """
    body = _settings(file, secret_file)
    with session.person(url, me) as person:
        answer = person.client.identity.create(body)
    output.show_one(answer.raw, out, columns=COLUMNS)


@app.command()
def edit(
    provider: Provider,
    file: File,
    secret_file: SecretFile = None,
    out: options.Output = Format.TABLE,
    url: options.Url = DEFAULT_URL,
    me: options.As = "",
) -> None:
    """Change what the file names; rules replace all rules, and apply from each person's next sign-in.

    Example: optral identity edit --as me@example.com corp --file rules.yaml
    """
    _change(provider, _settings(file, secret_file), out, url, me)


@app.command()
def enable(provider: Provider, out: options.Output = Format.TABLE, url: options.Url = DEFAULT_URL, me: options.As = "") -> None:
    """Let people sign in with an identity provider again.

    Example: optral identity enable --as me@example.com corp
    """
    _change(provider, {"enabled": True}, out, url, me)


@app.command()
def disable(provider: Provider, out: options.Output = Format.TABLE, url: options.Url = DEFAULT_URL, me: options.As = "") -> None:
    """Let nobody sign in with an identity provider. Open sessions stay.

    Example: optral identity disable --as me@example.com corp
    """
    _change(provider, {"enabled": False}, out, url, me)


@app.command()
def test(provider: Provider, out: options.Output = Format.TABLE, url: options.Url = DEFAULT_URL, me: options.As = "") -> None:
    """Test the discovery document and the keys of an identity provider. Changes nothing. Exit code 1 if nobody can sign in with it.

    Example: optral identity test --as me@example.com corp
    """
    with session.person(url, me) as person:
        answer = person.client.identity.test(refs.id_of(person.client, "PROVIDER", provider))
    output.show_one(answer.raw, out, columns=TESTED)
    if not answer.value["ok"]:
        raise typer.Exit(1)


@app.command()
def delete(provider: Provider, out: options.Output = Format.TABLE, url: options.Url = DEFAULT_URL, me: options.As = "") -> None:
    """Delete an identity provider. Members, their rights and their open sessions stay.

    Example: optral identity delete --as me@example.com corp
    """
    with session.person(url, me) as person:
        answer = person.client.identity.delete(refs.id_of(person.client, "PROVIDER", provider))
    output.done(answer.raw, out, f"{provider} deleted")


@app.command()
def policy(
    provider_only: Annotated[
        bool | None, typer.Option("--provider-only/--passwords", help="Only owners can sign in with a password; or everybody can.")
    ] = None,
    session_hours: Annotated[int | None, typer.Option(help="Longest sign-in session, 1 to 168; 0 for 168.")] = None,
    idle_minutes: Annotated[int | None, typer.Option(help="End of a session without a request, 5 to 720; 0 for 720.")] = None,
    network: Annotated[
        list[str] | None, typer.Option("--network", help="Network (CIDR) that people can use Optral from; can be repeated; '' for any.")
    ] = None,
    out: options.Output = Format.TABLE,
    url: options.Url = DEFAULT_URL,
    me: options.As = "",
) -> None:
    """Show how people sign in, or change it: passwords, length of sessions, networks. Owners can always use their password.

    Example: optral identity policy --as me@example.com --provider-only --idle-minutes 60
    """
    change: dict[str, Any] = {} if provider_only is None else {"providerOnly": provider_only}
    change |= {} if session_hours is None else {"sessionHours": session_hours or None}
    change |= {} if idle_minutes is None else {"idleMinutes": idle_minutes or None}
    change |= {"sessionNetworks": [one for one in network if one]} if network else {}
    with session.person(url, me) as person:
        answer = person.client.identity.set_policy(change) if change else person.client.identity.policy()
    output.show_one(answer.raw, out, columns=POLICY)


def _change(provider: str, change: dict[str, Any], out: Format, url: str, me: str) -> None:
    with session.person(url, me) as person:
        provider_id = refs.id_of(person.client, "PROVIDER", provider)
        before = person.client.identity.get(provider_id)
        answer = person.client.identity.update(provider_id, change, if_match=before.etag)
    output.show_one(answer.raw, out, columns=COLUMNS)


def _settings(file: Path, secret_file: Path | None) -> dict[str, Any]:
    found = files.object_of(files.read_text(file), file, members="name, issuer, clientId and so on")
    secret = None if secret_file is None else files.read_text(secret_file).strip()
    return found if secret is None else found | {"clientSecret": secret}
