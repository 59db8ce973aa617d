"""`optral ai`: enable or disable the operator's language model, and show its usage."""

import sys
from typing import Annotated

import typer

from optral.cli.base import options, output
from optral.cli.base.command import Client
from optral.cli.base.options import Format
from optral.cli.base.output import Column
from optral.terms.errors import Misconfigured, Refused

_USAGE = (
    Column("MEMBER OR KEY", "actorId", whole=True),
    Column("REQUESTS", "requests"),
    Column("INPUT TOKENS", "inputTokens"),
    Column("OUTPUT TOKENS", "outputTokens"),
    Column("COST (USD)", "costUsd"),
)
app = options.group("Enable or disable the language model and show today's usage.")


@app.command()
def show(client: Client, out: options.Output = Format.TABLE) -> None:
    """Show whether a model is configured and enabled, and today's usage.

    Example: optral ai show
    """
    output.show_all(client.ai.get().raw, out)


@app.command()
def usage(
    client: Client,
    month: Annotated[
        str | None, typer.Option("--month", metavar="YYYY-MM", help="Month in UTC; the present one by default.", show_default=False)
    ] = None,
    out: options.Output = Format.TABLE,
) -> None:
    """Show what questions to the model used in a month, by member or API key; your own without the scope audit:read.

    Example: optral ai usage --month 2026-11
    """
    answer = client.ai.usage(month)
    output.show(answer.raw, out, columns=_USAGE, rows="usage")
    if out is Format.TABLE:
        limit = answer.value.get("monthlyTokens")
        output.remark(f"Limit of each member and API key: {f'{limit:,} tokens a month' if limit else 'none'}.")


@app.command()
def on(
    client: Client,
    destination: Annotated[
        str,
        typer.Option(
            "--destination",
            metavar="URL",
            help="The only destination that evidence may be sent to; see `optral ai show`.",
            show_default=False,
        ),
    ] = "",
    out: options.Output = Format.TABLE,
) -> None:
    """Enable the model. Redacted evidence of issues is then sent to the operator's provider, shown as destination.

    Consent applies to one destination: a terminal prompts for it, a script must pass --destination. Exit code 1 if evidence would be
    sent elsewhere, 2 if a script passes no destination. If the operator changes the destination, consent is required again.

    Example: optral ai on --destination https://api.openai.com
    """
    offered = client.ai.get().value.get("destination")
    if offered:
        _consent(output.clean(offered), named=destination)
    output.show_all(client.ai.switch(True, destination=offered).raw, out)


def _consent(offered: str, *, named: str) -> None:
    """Raises `Refused` where another place was named, `Misconfigured` where none was and nobody can be asked."""
    todo = f"to allow it, use --destination {offered} (see docs/ai.md)"
    if named and named != offered:
        raise Refused("destination_changed", say=f"evidence would be sent to {offered}, not to {named}; {todo}")
    if not named and not sys.stdin.isatty():
        raise Misconfigured("destination_unnamed", say=f"evidence would be sent to {offered}; {todo}")
    if not named:
        typer.confirm(f"Send redacted evidence of issues to {offered}?", abort=True, err=True)


@app.command()
def off(client: Client, out: options.Output = Format.TABLE) -> None:
    """Disable the model: nothing is sent to it from now on.

    Example: optral ai off
    """
    output.show_all(client.ai.switch(False).raw, out)
