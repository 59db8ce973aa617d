"""`optral me` and `optral version`."""

import typer

from optral import __version__
from optral.cli.base import options, output
from optral.cli.base.command import Client
from optral.cli.base.options import Format


def me(client: Client, out: options.Output = Format.TABLE) -> None:
    """Show the identity and the permissions of the API key.

    Example: optral me
    """

    output.show_all(client.me().raw, out)


def version(out: options.Output = Format.TABLE) -> None:
    """Print the version.

    Example: optral version -o json
    """
    if out is Format.TABLE:
        typer.echo(f"optral {__version__}")
    else:
        output.as_data(f'{{"version":"{__version__}"}}'.encode(), out)
