"""`optral search`: one search over everything that has a name."""

from typing import Annotated, Any

import typer

from optral.cli.base import options, output
from optral.cli.base.command import Client
from optral.cli.base.options import Format
from optral.cli.base.output import Column

COLUMNS = (
    Column("WHAT", "what", whole=True),
    Column("NAME", "name", wraps=True),
    Column("WHERE", "where"),
    Column("STATUS", "status", whole=True),
    output.STALE,
    Column("ID", "id", whole=True, spare=True),
)


def search(
    text: Annotated[str, typer.Argument(help="An id, part of a name or title, or NAMESPACE/NAME of an object.")],
    client: Client,
    limit: Annotated[int, typer.Option(min=1, max=8, help="Maximum number of results of each kind.")] = 8,
    out: options.Output = Format.TABLE,
) -> None:
    """Search issues, resources, clusters, runbooks and executions. The best matches of each type come first.

    Example: optral search api-server
    """
    import msgspec

    raw = client.search(text, limit=limit).raw
    found: dict[str, list[dict[str, Any]]] = msgspec.json.decode(raw)
    rows = [_row(what, one) for what, those in found.items() for one in those]
    if out is not Format.TABLE:
        output.as_data(raw, out)
    else:
        output.show(msgspec.json.encode({"found": rows, "total": len(rows)}), out, columns=COLUMNS, rows="found")
    if full := [what for what, those in found.items() if len(those) >= limit]:
        output.remark(f"the best {limit} of {', '.join(full)}; there may be more: `optral {full[0]} list` lists all")


def _row(what: str, one: dict[str, Any]) -> dict[str, Any]:
    where = "/".join(str(one[name]) for name in ("cluster", "namespace") if one.get(name))
    kept: dict[str, Any] = {name: one[name] for name in ("id", "status", "stale", "staleSince") if name in one}
    return {"what": one.get("kind") or what.removesuffix("s"), "name": _name(one), "where": where} | kept


def _name(one: dict[str, Any]) -> str:
    if "runbook" in one:
        return f"{one['runbook']}: {one['target']}"
    return str(one.get("title") or one["name"])
