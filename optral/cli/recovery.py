"""`optral reset-password`: a way back for a member who forgot the password, from the host of the server."""

import secrets
from typing import Annotated

import typer

from optral.cli.base import output
from optral.cli.processes import DataDir, run

GENERATED_BYTES = 18


def reset_password(
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="Email address of the member.")],
    org: Annotated[str, typer.Option("--org", metavar="NAME", help="Organization, if several have a member with this address.")] = "",
    generate: Annotated[bool, typer.Option("--generate", help="Generate a password and print it once, instead of asking for one.")] = False,
    any_network: Annotated[
        bool, typer.Option("--any-network", help="Also remove the networks that people can sign in from (`optral identity policy`).")
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Set the password of a member who forgot it, and end their sign-in sessions. Runs on the server's host.

    Works on the data folder or database, even while a server is running, and needs the server's secrets. API keys stay valid.

    Example: optral reset-password owner@example.com --data-dir /var/lib/optral
    """
    from optral.server import settings
    from optral.up import recovery as room

    loaded = settings.load(data_dir=data_dir)
    password = secrets.token_urlsafe(GENERATED_BYTES) if generate else _ask(email)
    ended = run(room.reset_password(loaded, email=email, organisation=org, password=password, is_any_network=any_network))
    if generate:
        typer.echo(password)
    output.note(f"the password of {email} was set; ended {ended} sign-in session{'' if ended == 1 else 's'}")


def _ask(email: str) -> str:
    return str(typer.prompt(f"New password of {email}", hide_input=True, confirmation_prompt=True, err=True))
