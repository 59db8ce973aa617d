"""Options that many commands share, so that they are called the same everywhere."""

from enum import StrEnum
from typing import Annotated

import typer


class Format(StrEnum):
    TABLE = "table"
    JSON = "json"
    YAML = "yaml"


Output = Annotated[Format, typer.Option("--output", "-o", help="How to print the answer.")]
Url = Annotated[str, typer.Option("--url", envvar="OPTRAL_URL", help="Address of the server.", show_default=True)]
Key = Annotated[
    str, typer.Option("--api-key", envvar="OPTRAL_API_KEY", help="API key (mht_…); better kept in the environment.", show_default=False)
]
As = Annotated[
    str,
    typer.Option("--as", envvar="OPTRAL_EMAIL", metavar="EMAIL", help="E-mail address to sign in with.", show_default=False),
]
Page = Annotated[int, typer.Option("--page", min=1, help="Page number, from 1.")]
PageSize = Annotated[int, typer.Option("--page-size", min=1, max=100, help="Rows on a page.")]
Cluster = Annotated[str | None, typer.Option("--cluster", "-c", help="Cluster id or name; several with commas.")]
Namespace = Annotated[str | None, typer.Option("--namespace", "-n", help="Namespace; several with commas.")]

DEFAULT_URL = "http://127.0.0.1:8080"


def group(help_: str) -> typer.Typer:
    """A group of commands: plain help text, and help when nothing is asked."""
    return typer.Typer(help=help_, no_args_is_help=True, rich_markup_mode=None, add_completion=False)
