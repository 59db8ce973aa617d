"""`optral executions patch`: the plan of an execution as a change of the files that Argo CD or Flux applies."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from optral.cli.base import output
from optral.cli.base.command import Client


def patch(
    execution: Annotated[str, typer.Argument(metavar="EXECUTION", help="Execution id (exe_…); a dry run is enough.")],
    client: Client,
    checkout: Annotated[
        Path, typer.Argument(metavar="[CHECKOUT]", help="Root of a checkout of the repository.", exists=True, file_okay=False)
    ] = Path(),
    path: Annotated[
        str, typer.Option("--path", metavar="FOLDER", help="Folder that Argo CD or Flux applies; by default the one that the plan names.")
    ] = "",
    value: Annotated[
        str, typer.Option("--value", metavar="NAME", help="Value of a Helm release to change, such as image.tag, if more than one matches.")
    ] = "",
    chart: Annotated[
        Path | None,
        typer.Option(
            "--chart", metavar="CHART", help="Helm chart that is not in the repository: a folder or a .tgz from helm pull.", exists=True
        ),
    ] = None,
    write: Annotated[bool, typer.Option("--write", help="Edit the files instead of printing a patch.")] = False,
) -> None:
    """Print the plan of an execution as a patch of its source files.

    Example: optral executions patch exe_01h455vb4pex5vsknk084sn02q . --path overlays/prod | git apply
    """
    from optral.gitops import checkout as files, edits as sources, patch as patches
    from optral.gitops.model import CannotEdit
    from optral.terms.errors import Refused

    plan = client.executions.get(execution).value.get("plan")
    if not plan:
        raise Refused("no_plan", say="this execution has no plan yet; wait until its status is no longer planning")
    try:
        given = None if chart is None else _chart(chart)
        edits = sources.of_plan(files.Checkout(checkout), path or patches.folder(plan), plan, value=value, chart=given)
        if write:
            files.write(checkout, edits)
    except CannotEdit as error:
        raise Refused("cannot_edit", say=str(error)) from None
    for note in dict.fromkeys(note for edit in edits for note in edit.notes):
        typer.echo(output.clean(f"note: {note}"), err=True)
    if write:
        for edit in edits:
            typer.echo(output.clean(edit.path))
    else:
        typer.echo(patches.unified(edits), nl=False)


def _chart(path: Path) -> Mapping[str, bytes]:
    """The files of a chart."""
    from optral.gitops.archive import Archive
    from optral.gitops.checkout import Checkout

    if path.is_dir():
        return Checkout(path).folder("")
    return Archive(path.read_bytes(), unreadable=f"{path} is not a packaged chart (.tgz)").folder("")
