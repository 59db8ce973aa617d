"""What two resources or two revisions differ in, for people: each path with what stands there on both sides."""

from typing import Any

import msgspec
import typer

from optral.cli.base import output
from optral.kit import yamls


def show(answer: dict[str, Any]) -> None:
    """Print the differences, and what was not compared. Says how old a side is whose agent is not connected."""
    for sign, side in (("-", answer["left"]), ("+", answer["right"])):
        typer.echo(output.clean(f"{sign * 3} {_name(side)}"))
        if notice := output.stale_notice(side):
            typer.echo(f"# {notice}")
    for difference in answer["differences"]:
        typer.echo(output.clean(difference["path"]))
        _side("-", difference, "from")
        _side("+", difference, "to")
    if not answer["differences"]:
        output.note("no difference")
    if answer["truncated"]:
        typer.echo(f"More than {len(answer['differences'])} differences; the rest is not shown.")
    if answer["incomplete"]:
        typer.echo("The history of a revision is incomplete; some differences may be missing.")
    if answer["ignored"]:
        output.note(f"not compared: {', '.join(answer['ignored'])}")


def _name(side: dict[str, Any]) -> str:
    name = f"{side['cluster']} {side['kind']} {side.get('namespace') or ''}/{side['name']}"
    return f"{name} revision {side['revision']}, {side.get('at', '')}" if "revision" in side else name


def _side(sign: str, one: dict[str, Any], member: str) -> None:
    if member not in one:
        return
    value = one[member]
    text = (
        value if isinstance(value, str) else yamls.dumped(value) if isinstance(value, dict | list) else msgspec.json.encode(value).decode()
    )
    for line in output.clean_text(text).rstrip("\n").split("\n"):
        typer.echo(f"{sign} {line}")
