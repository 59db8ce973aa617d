"""`optral completion`: what a shell needs to complete commands and options, and the answers that it asks for."""

import os
from enum import StrEnum
from typing import Annotated

import typer

from optral.cli.commands import COMMANDS, COMPLETION


class Shell(StrEnum):
    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


def completion(shell: Annotated[Shell, typer.Argument(help="Your shell.")]) -> None:
    """Print the script that completes commands and options in your shell.

    Example: source <(optral completion bash)
    """
    from typer._completion_shared import get_completion_script

    typer.echo(get_completion_script(prog_name="optral", complete_var=COMPLETION, shell=shell.value))


def answer() -> None:
    """Answer the shell; the process ends. Only the module of the command that is typed is loaded."""
    from typer._completion_classes import completion_init

    from optral.cli.application import application

    completion_init()
    typed = (os.environ.get("COMP_WORDS") or os.environ.get("_TYPER_COMPLETE_ARGS", "")).split()
    name = typed[1] if len(typed) > 2 and typed[1] in COMMANDS else None
    application(name)(prog_name="optral", complete_var=COMPLETION)
