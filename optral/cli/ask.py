"""`optral ask`: a common question about an issue, answered from its evidence."""

from typing import Annotated

import typer

from optral.cli.base import options, output
from optral.cli.base.command import Client
from optral.cli.base.options import Format


def ask(
    issue: Annotated[str, typer.Argument(metavar="ISSUE", help="Id of the issue.")],
    question: Annotated[str, typer.Argument(help="The question, such as 'What changed?'.")],
    client: Client,
    out: options.Output = Format.TABLE,
) -> None:
    """Ask a common question about an issue in words; answered from its evidence, without a language model.

    Example: optral ask iss_01h455vb4pex5vsknk084sn02q 'Is it only this node?'

    Each sentence names what it rests on. Known questions: why, what changed, since when, is it only this node, who else is affected, what
    would the fix change, what was looked at. For logs and lists it prints the command or query, and runs nothing.
    """
    answer = client.issues.ask(issue, question)
    if out is not Format.TABLE:
        output.as_data(answer.raw, out)
        return
    for one in answer.value["sentences"]:
        typer.echo(output.clean(f"{one['text']} [{', '.join(one['evidenceIds'])}]"))
    if query := answer.value.get("query"):
        typer.echo(output.clean(query))
    for note in answer.value["notes"]:
        output.remark(note)
