"""`optral ai`: whether the operator's language model may be asked about issues, and what that costs."""

import sys
from typing import Annotated

import typer

from optral.cli import options, output, session
from optral.cli.options import DEFAULT_URL, Format
from optral.terms.errors import Misconfigured, Refused

app = options.group("The language model: whether it may be asked, and what it cost today.")


@app.command()
def show(out: options.Output = Format.TABLE, url: options.Url = DEFAULT_URL, api_key: options.Key = "") -> None:
    """Show whether a model is offered and may be asked, and what it cost today.

    Example: optral ai show
    """
    with session.client(url, api_key) as client:
        output.show_all(client.ai.get().raw, out)


@app.command()
def on(
    destination: Annotated[
        str, typer.Option("--destination", metavar="URL", help="Where evidence may go, and nowhere else; `show` tells.", show_default=False)
    ] = "",
    out: options.Output = Format.TABLE,
    url: options.Url = DEFAULT_URL,
    api_key: options.Key = "",
) -> None:
    """Let the model be asked: redacted evidence of issues is sent to the provider that the operator chose, shown as destination.

    A yes is for that place: in a terminal it is asked for, a script names it. Exit code 1 where evidence would go elsewhere, 2 where a
    script names no place. When the operator chooses another one, say it again.

    Example: optral ai on --destination https://api.openai.com
    """
    with session.client(url, api_key) as client:
        offered = client.ai.get().value.get("destination")
        if offered:
            _consent(output.clean(offered), named=destination)
        output.show_all(client.ai.switch(True, destination=offered).raw, out)


def _consent(offered: str, *, named: str) -> None:
    """Raises `Refused` where another place was named, `Misconfigured` where none was and nobody can be asked."""
    todo = f"if it may, say --destination {offered} (docs/ai.md)"
    if named and named != offered:
        raise Refused("destination_changed", say=f"evidence would go to {offered} and not to {named}; {todo}")
    if not named and not sys.stdin.isatty():
        raise Misconfigured("destination_unnamed", say=f"evidence would go to {offered}; {todo}")
    if not named:
        typer.confirm(f"Let redacted evidence of issues go to {offered}?", abort=True, err=True)


@app.command()
def off(out: options.Output = Format.TABLE, url: options.Url = DEFAULT_URL, api_key: options.Key = "") -> None:
    """Let nothing be sent to a model from now on.

    Example: optral ai off
    """
    with session.client(url, api_key) as client:
        output.show_all(client.ai.switch(False).raw, out)
