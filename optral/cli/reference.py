"""The help of every command as one text and as a page: `contracts/cli.txt` and `docs/cli.md` are made here and compared in a test.

`python -m optral.cli.reference` writes both.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
import typer.main
from typer.core import TyperGroup

WIDTH = 100
CONTRACT = Path("contracts/cli.txt")
PAGE = Path("docs/cli.md")
_INTRODUCTION = """# The command line

Made by `python -m optral.cli.reference`; do not edit.

`OPTRAL_URL` and `OPTRAL_API_KEY` say which server to ask, and as whom. Every command that prints an answer takes `-o table|json|yaml`;
progress goes to stderr, and only to a terminal. Exit codes: 0 ok, 1 a finding or a refusal, 2 misuse (and 78 of
`optral agent`: refused, and would be again). Errors are one line on stderr.
"""


def contract() -> str:
    """The help of all commands, one after another."""
    return "".join(f"$ {' '.join(path)} --help\n{text}\n\n" for path, text in pages())


def page() -> str:
    """The same as Markdown, a section per command."""
    return _INTRODUCTION + "".join(f"\n## {' '.join(path)}\n\n```\n{text}\n```\n" for path, text in pages())


def pages() -> Iterator[tuple[tuple[str, ...], str]]:
    """Every command's words and its help at a fixed width, in the order they are listed."""
    from optral.cli.main import app

    yield from _walk(typer.main.get_command(app), ("optral",), None)


def _walk(command: Any, path: tuple[str, ...], parent: typer.Context | None) -> Iterator[tuple[tuple[str, ...], str]]:
    context = typer.Context(command, info_name=path[-1], parent=parent, terminal_width=WIDTH, max_content_width=WIDTH)
    yield path, command.get_help(context).rstrip()
    if isinstance(command, TyperGroup):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            if inner is not None and not inner.hidden:
                yield from _walk(inner, (*path, name), context)


if __name__ == "__main__":
    CONTRACT.write_text(contract())
    PAGE.write_text(page())
