"""The command. Textual takes 0.2 s to load, so it is loaded when the screen is about to open."""

import sys
from importlib.util import find_spec
from typing import Annotated, Literal, cast

import typer

from optral.cli.base import options
from optral.cli.base.options import DEFAULT_URL
from optral.terms.errors import Misconfigured


def tui(
    query: Annotated[
        str, typer.Argument(metavar="[QUERY]", help="Query such as 'severity:critical ns:shop'; see docs/search.md.", show_default=False)
    ] = "",
    theme: Annotated[
        str, typer.Option("--theme", metavar="THEME", help="auto (light if the terminal reports a light background), light or dark.")
    ] = "auto",
    url: options.Url = DEFAULT_URL,
    api_key: options.Key = "",
) -> None:
    """Work on open issues in the terminal, live: cause, evidence and fix, by keyboard.

    Press ? for the keys. Install it with: pip install 'optral[tui]'

    Example: optral tui 'severity:critical,high ns:shop'
    """
    from optral.cli.base import session

    if theme not in ("auto", "light", "dark"):
        raise typer.BadParameter("choose auto, light or dark", param_hint="--theme")
    chosen = cast('Literal["auto", "light", "dark"]', theme)
    with session.client(url, api_key) as client:
        if find_spec("textual") is None:
            raise Misconfigured("tui_not_installed", say="optral tui needs the package Textual; install it with: pip install 'optral[tui]'")
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            raise Misconfigured("no_terminal", say="optral tui needs a terminal; use `optral issues list --watch` in scripts")
        from optral.cli.tui.app import Tui
        from optral.cli.tui.server import Server

        ended = Tui(Server(client, url, api_key), query=query, theme=chosen).run()
    if ended is not None:
        raise ended
