"""`optral ask`: a question about an issue or a cluster, answered from the evidence."""

from typing import Annotated

import typer

from optral.cli.base import options, output, refs
from optral.cli.base.command import Client
from optral.cli.base.options import Format


def ask(
    about: Annotated[str, typer.Argument(metavar="ISSUE|CLUSTER", help="Id or KIND/NAME of an issue, or id or name of a cluster.")],
    question: Annotated[str, typer.Argument(help="The question, such as 'What changed?'.")],
    client: Client,
    out: options.Output = Format.TABLE,
) -> None:
    """Ask a question about an issue or a cluster in words; answered from evidence.

    Example: optral ask iss_01h455vb4pex5vsknk084sn02q 'Is it only this node?'

    Each sentence names what it rests on. Answered without a language model: why, what changed, since when, is it only this node, who else
    is affected, what would the fix change, what was looked at. Any other question goes to the model, if the organization allows one. For
    logs and lists it prints the command or query, and runs nothing.
    """
    kind = "ISSUE" if about.startswith("iss_") or "/" in about else "CLUSTER"
    answer = client.issues.ask(refs.id_of(client, kind, about), question)
    if out is not Format.TABLE:
        output.as_data(answer.raw, out)
        return
    for one in answer.value["sentences"]:
        typer.echo(output.clean(f"{one['text']} [{', '.join(one['evidenceIds'])}]"))
    if query := answer.value.get("query"):
        typer.echo(output.clean(query))
    for note in answer.value["notes"]:
        output.remark(note)
    if model := answer.value.get("model"):
        output.remark(f"Asked: the language model {model}.")
