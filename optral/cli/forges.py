"""`optral forges`: connections to GitHub, GitLab, Gitea and Forgejo, in which executions open pull requests."""

import sys
from typing import Annotated

import typer

from optral.cli import options, output, session
from optral.cli.options import DEFAULT_URL, Format, View
from optral.cli.output import Column
from optral.kit.mappings import without_none
from optral.terms.errors import Misconfigured

app = options.group("Connect GitHub, GitLab or Gitea, where executions open pull requests.")
COLUMNS = (
    Column("ID", "id", whole=True),
    Column("NAME", "name"),
    Column("KIND", "kind"),
    Column("URL", "url"),
    Column("REPOSITORIES", "repositories"),
    Column("BRANCHES", "branchPrefix"),
)
TESTED = (Column("REPOSITORY", "repository"), Column("OK", "ok"), Column("DEFAULT BRANCH", "defaultBranch"), Column("MESSAGE", "message"))

Forge = Annotated[str, typer.Argument(metavar="FORGE", help="Name or id of the connection.")]
TokenFile = Annotated[
    str, typer.Option("--token-file", metavar="FILE", help="File with the access token; - reads standard input. A terminal prompts for it.")
]
Repositories = Annotated[
    list[str] | None, typer.Option("--repository", help="Repository as owner/name, or owner/* for all of an owner; can be repeated.")
]


@app.command("list")
def list_(out: options.ListOutput = View.TABLE, url: options.Url = DEFAULT_URL, api_key: options.Key = "") -> None:
    """List connections.

    Example: optral forges list
    """
    with session.client(url, api_key) as client:
        answer = client.forges.list()
    output.show(answer.raw, out, columns=COLUMNS, rows="forges")


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="Name of the connection.")],
    kind: Annotated[str, typer.Option(help="API of the Git provider: github, gitlab or gitea (also for Forgejo).")],
    repository: Repositories = None,
    at: Annotated[str, typer.Option("--at", metavar="URL", help="Web address of the Git provider: https://…")] = "https://github.com",
    branch_prefix: Annotated[str | None, typer.Option(help="Beginning of the names of branches. Defaults to optral/.")] = None,
    token_file: TokenFile = "",
    out: options.Output = Format.TABLE,
    url: options.Url = DEFAULT_URL,
    api_key: options.Key = "",
) -> None:
    """Connect a Git provider. The token needs to read and write code and pull requests of the repositories.

    Example: optral forges create git --kind gitea --at https://git.example.com --repository shop/deploy --token-file token.txt
    """
    if not repository:
        raise Misconfigured("repository_needed", say="name at least one repository with --repository owner/name")
    body = {"name": name, "kind": kind, "url": at, "repositories": repository, "token": _token(token_file)}
    with session.client(url, api_key) as client:
        answer = client.forges.create(body | ({"branchPrefix": branch_prefix} if branch_prefix else {}))
    output.show_one(answer.raw, out, columns=COLUMNS)


@app.command()
def edit(
    forge: Forge,
    name: Annotated[str | None, typer.Option(help="Name of the connection.")] = None,
    repository: Repositories = None,
    at: Annotated[str | None, typer.Option("--at", metavar="URL", help="New address; requires a token.")] = None,
    branch_prefix: Annotated[str | None, typer.Option(help="Beginning of the names of branches.")] = None,
    token_file: TokenFile = "",
    out: options.Output = Format.TABLE,
    url: options.Url = DEFAULT_URL,
    api_key: options.Key = "",
) -> None:
    """Update a connection; omitted options do not change. Repositories replace all of the old ones.

    Example: optral forges edit git --repository shop/deploy --repository shop/charts
    """
    given = {"name": name, "url": at, "repositories": repository, "branchPrefix": branch_prefix}
    change = without_none(given)
    if token_file:
        change["token"] = _token(token_file)
    if not change:
        raise Misconfigured("nothing_to_change", say="nothing to change; use an option such as --repository (see --help)")
    with session.client(url, api_key) as client:
        before = client.forges.get(forge)
        answer = client.forges.update(forge, change, if_match=before.etag)
    output.show_one(answer.raw, out, columns=COLUMNS)


@app.command()
def roll(forge: Forge, out: options.Output = Format.TABLE, url: options.Url = DEFAULT_URL, api_key: options.Key = "") -> None:
    """Create or rotate the secret of the provider's webhook and show it once. With a webhook, executions need not wait for the next poll.

    Example: optral forges roll git
    """
    with session.client(url, api_key) as client:
        answer = client.forges.roll(forge)
    output.show_one(answer.raw, out, columns=(*COLUMNS, Column("WEBHOOK PATH", "webhookPath"), Column("SECRET", "webhookSecret")))


@app.command()
def test(forge: Forge, out: options.Output = Format.TABLE, url: options.Url = DEFAULT_URL, api_key: options.Key = "") -> None:
    """Test the token and its rights in each repository. Writes nothing. Exit code 1 if no pull request could be opened somewhere.

    Example: optral forges test git
    """
    with session.client(url, api_key) as client:
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
def delete(forge: Forge, out: options.Output = Format.TABLE, url: options.Url = DEFAULT_URL, api_key: options.Key = "") -> None:
    """Delete a connection with its token. Pull requests stay open; executions that wait for them fail.

    Example: optral forges delete git
    """
    with session.client(url, api_key) as client:
        answer = client.forges.delete(forge)
    if out is not Format.TABLE:
        output.as_data(answer.raw, out)
    else:
        typer.echo(f"{forge} deleted")


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
