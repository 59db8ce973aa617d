"""`optral analyses`: how people rate them."""

import sys
from typing import Annotated, Any

import typer

from optral.cli import options, output, session
from optral.cli.options import DEFAULT_URL, Format
from optral.cli.output import Column, clean

app = options.group("Show how people rate analyses.")
COLUMNS = (
    Column("TYPE", "issueType", whole=True),
    Column("CAUSE", "cause", whole=True),
    Column("HELPFUL", "helpful", whole=True),
    Column("NOT HELPFUL", "notHelpful", whole=True),
    Column("REASONS", "reasonText"),
)


@app.command()
def feedback(
    range_: Annotated[str, typer.Option("--range", help="24h, 7d or 30d.")] = "30d",
    cluster: options.Cluster = None,
    out: options.Output = Format.TABLE,
    url: options.Url = DEFAULT_URL,
    api_key: options.Key = "",
) -> None:
    """Count feedback on analyses by issue type and cause.

    Example: optral analyses feedback --range 7d
    """
    with session.client(url, api_key) as client:
        answer = client.analyses.count_feedback(range=range_, cluster=cluster)
    if out is not Format.TABLE:
        return output.as_data(answer.raw, out)
    found = answer.value
    sys.stdout.write(clean(f"{found['helpful']} helpful, {found['notHelpful']} not helpful in {found['range']}") + "\n")
    if found["groups"]:
        sys.stdout.write("\n")
        output.table(COLUMNS, [one | {"reasonText": _reasons(one)} for one in found["groups"]])
    return None


def _reasons(group: dict[str, Any]) -> str:
    """`wrongCause 2, none 1`."""
    return ", ".join(f"{one['reason']} {one['number']}" for one in group["reasons"])
