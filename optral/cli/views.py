"""`optral views`: saved views of the issue list, own and shared."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from optral.cli.base import options, output, settings
from optral.cli.base.command import Client
from optral.cli.base.options import Format, View
from optral.cli.base.output import Column
from optral.cli.base.settings import Given, Setting

if TYPE_CHECKING:
    from optral.client.client import Client

app = options.group("Manage saved views, which are named queries of the issue list.")
COLUMNS = (
    Column("NAME", "name"),
    Column("OPEN", "openIssues", whole=True),
    Column("SHARED", "shared", whole=True),
    Column("QUERY", "query"),
    Column("ID", "id", whole=True, spare=True),
)
DETAIL = (*COLUMNS, Column("SORT", "sort"), Column("OWNER", "ownerId"), Column("CREATED", "createdAt"), Column("UPDATED", "updatedAt"))
Id = Annotated[str, typer.Argument(metavar="VIEW", help="Id or name of the view.")]
_SORT = typer.Option(help="Field to sort by; prefix with - for descending order.")
_QUERY = typer.Argument(metavar="QUERY", help="Query such as 'severity:critical ns:shop'; see docs/search.md.")
SETTINGS = (
    Setting("name", "name", typer.Argument(metavar="NAME", help="Name of the view."), typer.Option(help="New name."), is_required=True),
    Setting("query", "query", _QUERY, typer.Option("--query", "-q", help="New query."), is_required=True),
    settings.both("sort", "sort", _SORT),
    Setting(
        "shared",
        "shared",
        typer.Option("--shared", help="Share it with everyone in the organization."),
        typer.Option(help="Whether to share it with everyone in the organization."),
        type=bool,
        default=False,
    ),
)


@app.command("list")
def list_(client: Client, out: options.ListOutput = View.TABLE) -> None:
    """List your own views and the shared ones, with the number of open issues of each.

    Example: optral views list
    """
    output.show(client.views.list().raw, out, columns=COLUMNS, rows="views")


@app.command()
@settings.creates(SETTINGS)
def create(given: Given, client: Client, out: options.Output = Format.TABLE) -> None:
    """Save a query under a name.

    Example: optral views create "Critical in shop" 'severity:critical ns:shop'
    """
    output.show_one(client.views.create(**given).raw, out, columns=DETAIL)


@app.command()
@settings.edits(SETTINGS)
def update(view: Id, given: Given, client: Client, out: options.Output = Format.TABLE) -> None:
    """Update the name, the query, the sort order or the sharing of a view.

    Example: optral views update "Critical in shop" --shared
    """
    raw = client.views.update(view, given).raw
    output.show_one(raw, out, columns=DETAIL)


@app.command()
def delete(view: Id, client: Client, out: options.Output = Format.TABLE) -> None:
    """Delete a view.

    Example: optral views delete "Critical in shop"
    """
    output.show_one(client.views.delete(view).raw, out, columns=DETAIL)


def named(client: "Client", name: str) -> dict[str, Any]:
    """The view with this name or id; an own view comes before a shared one. Raises `Refused`, `ClientError`."""
    import msgspec

    from optral.terms.errors import Refused

    found: list[dict[str, Any]] = msgspec.json.decode(client.views.list().raw)["views"]
    for one in found:
        if name.casefold() in (one["name"].casefold(), one["id"]):
            return one
    raise Refused("view_not_found", say=f"no saved view has the name {name!r}; `optral views list` lists them")
