"""`optral handover` and `optral digest`, and how documents are printed: as Markdown, unless another format is wanted."""

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from optral.cli.base import options, output
from optral.cli.base.command import Client
from optral.cli.base.options import Format

if TYPE_CHECKING:
    from optral.client.http import Answer


def handover(
    client: Client,
    hours: Annotated[int, typer.Option(min=1, max=168, help="Hours to look back, and ahead for what ends.")] = 8,
    out: options.Output = Format.TABLE,
) -> None:
    """Write the handover of a shift as Markdown: what is open, happened, waits and ends, and what is not covered.

    Example: optral handover --hours 12 > handover.md
    """
    show(client.handover(hours=hours), out)


def digest(
    client: Client,
    days: Annotated[int, typer.Option(min=1, max=30, help="Days to look back.")] = 7,
    query: Annotated[str, typer.Option(help="Only issues that match this query of the issue list, such as team:pay.")] = "",
    out: options.Output = Format.TABLE,
) -> None:
    """Write the digest of the last days as Markdown: new causes, returned failures, time to resolve, noisiest alerts.

    Example: optral digest --query team:pay
    """
    show(client.digest(days=days, query=query), out)


def show(document: "Answer[dict[str, Any]]", out: Format) -> None:
    """Print a document."""
    if out is not Format.TABLE:
        return output.as_data(document.raw, out)
    sys.stdout.write("".join(f"{output.clean(line)}\n" for line in document.value["markdown"].splitlines()))
    return None
