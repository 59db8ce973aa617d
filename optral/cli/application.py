"""Puts the commands together: all of them, or the one that is called, whose module alone is then loaded."""

import importlib
from functools import cache
from typing import Annotated

import typer

from optral.cli import commands
from optral.cli.base.command import Typer
from optral.cli.commands import COMMANDS


@cache
def application(name: str | None = None) -> typer.Typer:
    """The command line with the command or group of this name; with all of them for None."""
    app = Typer(
        name="optral",
        help=commands.HELP,
        no_args_is_help=True,
        rich_markup_mode=None,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"max_content_width": 100},
    )
    app.callback()(_root)
    names = COMMANDS if name is None else (name,)
    for each in sorted(names, key=lambda each: COMMANDS[each].is_group):
        command = COMMANDS[each]
        found = getattr(importlib.import_module(f"optral.cli.{command.module}"), command.attribute)
        if command.is_group:
            app.add_typer(found, name=each)
        else:
            app.command(each)(found)
    return app


def _root(
    version: Annotated[bool, typer.Option("--version", help=commands.OPTIONS["--version"], is_eager=True)] = False,
) -> None:
    if version:
        from optral.cli import about
        from optral.cli.base import options

        about.version(options.Format.TABLE)
        raise typer.Exit
