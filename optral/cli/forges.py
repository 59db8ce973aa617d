"""`optral forges`: connections to GitHub, GitLab, Gitea and Forgejo, in which executions open pull requests."""

import sys
from typing import Annotated

import typer

from optral.cli.base import options, output, settings
from optral.cli.base.command import Client
from optral.cli.base.options import Format, View
from optral.cli.base.output import Column
from optral.cli.base.settings import Setting
from optral.terms.errors import Misconfigured

app = options.group("Connect GitHub, GitLab or Gitea, where executions open pull requests.")
_NAME = "Name of the connection."
_REPOSITORIES = typer.Option("--repository", help="Repository as owner/name, or owner/* for all repositories of an owner; can be repeated.")
SETTINGS = (
    Setting("name", "name", typer.Argument(help=_NAME), typer.Option(help=_NAME), is_required=True),
    Setting("kind", "kind", typer.Option(help="API of the Git provider: github, gitlab or gitea (also for Forgejo)."), is_required=True),
    Setting("repositories", "repository", _REPOSITORIES, _REPOSITORIES, type=list[str]),
    Setting(
        "url",
        "at",
        typer.Option("--at", metavar="URL", help="Web address of the Git provider: https://…"),
        typer.Option("--at", metavar="URL", help="New address; requires a token."),
        default="https://github.com",
    ),
    Setting(
        "branchPrefix",
        "branch_prefix",
        typer.Option(help="Prefix of branch names. Defaults to optral/."),
        typer.Option(help="Prefix of branch names."),
        column=Column("BRANCHES", "branchPrefix"),
    ),
)
COLUMNS = (
    Column("NAME", "name"),
    Column("KIND", "kind"),
    Column("URL", "url"),
    Column("REPOSITORIES", "repositories"),
    *settings.columns(SETTINGS),
    Column("ID", "id", whole=True, spare=True),
)
TESTED = (Column("REPOSITORY", "repository"), Column("OK", "ok"), Column("DEFAULT BRANCH", "defaultBranch"), Column("MESSAGE", "message"))

Forge = Annotated[str, typer.Argument(metavar="FORGE", help="Name or id of the connection.")]
TokenFile = Annotated[
    str, typer.Option("--token-file", metavar="FILE", help="File with the access token; - reads standard input. A terminal prompts for it.")
]


@app.command("list")
def list_(client: Client, out: options.ListOutput = View.TABLE) -> None:
    """List connections.

    Example: optral forges list
    """
    answer = client.forges.list()
    output.show(answer.raw, out, columns=COLUMNS, rows="forges")


@app.command()
@settings.creates(SETTINGS)
def create(given: settings.Given, client: Client, token_file: TokenFile = "", out: options.Output = Format.TABLE) -> None:
    """Connect a Git provider. The token needs read and write access to code and pull requests in the repositories.

    Example: optral forges create git --kind gitea --at https://git.example.com --repository shop/deploy --token-file token.txt
    """
    if not given.get("repositories"):
        raise Misconfigured("repository_needed", say="name at least one repository with --repository owner/name")
    body = given | {"token": _token(token_file)}
    answer = client.forges.create(body)
    output.show_one(answer.raw, out, columns=COLUMNS)


@app.command()
@settings.edits(SETTINGS)
def edit(forge: Forge, given: settings.Given, client: Client, token_file: TokenFile = "", out: options.Output = Format.TABLE) -> None:
    """Update a connection; omitted options do not change. The given repositories replace the current ones.

    Example: optral forges edit git --repository shop/deploy --repository shop/charts
    """
    if token_file:
        given["token"] = _token(token_file)
    settings.require_change(given, "--repository")
    before = client.forges.get(forge)
    answer = client.forges.update(forge, given, if_match=before.etag)
    output.show_one(answer.raw, out, columns=COLUMNS)


@app.command()
def roll(forge: Forge, client: Client, out: options.Output = Format.TABLE) -> None:
    """Create or rotate the secret of the provider's webhook and show it once. With a webhook, executions need not wait for the next poll.

    Example: optral forges roll git
    """
    answer = client.forges.roll(forge)
    output.show_one(answer.raw, out, columns=(*COLUMNS, Column("WEBHOOK PATH", "webhookPath"), Column("SECRET", "webhookSecret")))


@app.command()
def test(forge: Forge, client: Client, out: options.Output = Format.TABLE) -> None:
    """Test the token and its permissions in each repository. Writes nothing. Exit code 1 if a repository is
    not ready for pull requests.

    Example: optral forges test git
    """
    answer = client.forges.test(forge)
    if out is not Format.TABLE:
        output.as_data(answer.raw, out)
    else:
        output.show_one(answer.raw, out, columns=(Column("OK", "ok"), Column("ACCOUNT", "account"), Column("MESSAGE", "message")))
        if answer.value["repositories"]:
            typer.echo()
            output.table(TESTED, answer.value["repositories"])
    if not answer.value["ok"]:
        raise typer.Exit(1)


@app.command()
def delete(forge: Forge, client: Client, out: options.Output = Format.TABLE) -> None:
    """Delete a connection and its token. Pull requests stay open; executions that wait for them fail.

    Example: optral forges delete git
    """
    answer = client.forges.delete(forge)
    output.done(answer.raw, out, f"{forge} deleted")


def _token(file: str) -> str:
    """The token from a file, from standard input, or from a person who types it. Never an option: those are seen by everybody."""
    from pathlib import Path

    if not file and not sys.stdin.isatty():
        raise Misconfigured("token_needed", say="no token was given; use --token-file FILE, or --token-file - for standard input")
    try:
        text = sys.stdin.read(4096) if file == "-" else Path(file).read_text("utf-8") if file else _ask()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not text"
        raise Misconfigured("bad_token_file", say=f"cannot read {file}: {reason}") from None
    return text.strip()


def _ask() -> str:
    return str(typer.prompt("Access token", hide_input=True, err=True))
