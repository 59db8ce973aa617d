"""Options that many commands share, so that they are called the same everywhere."""

from enum import StrEnum
from typing import Annotated

import typer

from optral.cli.command import Typer


class Format(StrEnum):
    TABLE = "table"
    JSON = "json"
    YAML = "yaml"


class View(StrEnum):
    """Formats of a list: those of every answer, and two more."""

    TABLE = "table"
    WIDE = "wide"
    NAME = "name"
    JSON = "json"
    YAML = "yaml"


Output = Annotated[Format, typer.Option("--output", "-o", help="Output format.")]
ListOutput = Annotated[
    View, typer.Option("--output", "-o", help="Output format; wide is a table with more columns, name prints one id per line.")
]
Url = Annotated[str, typer.Option("--url", envvar="OPTRAL_URL", help="URL of the server.", show_default=True)]
Key = Annotated[
    str, typer.Option("--api-key", envvar="OPTRAL_API_KEY", help="API key (mht_…); prefer the environment variable.", show_default=False)
]
As = Annotated[
    str,
    typer.Option("--as", envvar="OPTRAL_EMAIL", metavar="EMAIL", help="Email address to sign in with.", show_default=False),
]
Page = Annotated[int, typer.Option("--page", min=1, help="Page number, starting at 1.")]
PageSize = Annotated[int, typer.Option("--page-size", min=1, max=100, help="Items per page.")]
Cluster = Annotated[str | None, typer.Option("--cluster", "-c", help="Cluster id or name; separate several with commas.")]
Namespace = Annotated[str | None, typer.Option("--namespace", "-n", help="Namespace; separate several with commas.")]

DEFAULT_URL = "http://127.0.0.1:8080"


def group(help_: str) -> typer.Typer:
    """A group of commands: plain help text, and help when nothing is asked."""
    return Typer(help=help_, no_args_is_help=True, rich_markup_mode=None, add_completion=False)


def pairs(given: list[str] | None) -> dict[str, str]:
    """Options of the form NAME=VALUE as names and values. Raises `typer.BadParameter`."""
    found = {}
    for one in given or []:
        name, sign, value = one.partition("=")
        if not sign or not name:
            raise typer.BadParameter(f"{one!r} is not NAME=VALUE")
        found[name] = value
    return found
