"""`optral views`: saved views of the issue list, own and shared."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from optral.cli.base import options, output, session
from optral.cli.base.options import DEFAULT_URL, Format, View
from optral.cli.base.output import Column
from optral.kit.mappings import without_none

if TYPE_CHECKING:
    from optral.client.client import Client

app = options.group("Manage saved views: queries of the issue list under a name.")
COLUMNS = (
    Column("ID", "id", whole=True),
    Column("NAME", "name"),
    Column("OPEN", "openIssues", whole=True),
    Column("SHARED", "shared", whole=True),
    Column("QUERY", "query"),
)
DETAIL = (*COLUMNS, Column("SORT", "sort"), Column("OWNER", "ownerId"), Column("CREATED", "createdAt"), Column("UPDATED", "updatedAt"))
Id = Annotated[str, typer.Argument(metavar="VIEW", help="Id or name of the view.")]
Sort = Annotated[str | None, typer.Option(help="Field to sort by; prefix with - for descending order.")]


@app.command("list")
def list_(out: options.ListOutput = View.TABLE, url: options.Url = DEFAULT_URL, api_key: options.Key = "") -> None:
    """List your own views and the shared ones, with the number of open issues of each.

    Example: optral views list
    """
    with session.client(url, api_key) as client:
        output.show(client.views.list().raw, out, columns=COLUMNS, rows="views")


@app.command()
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the view.")],
    query: Annotated[str, typer.Argument(metavar="QUERY", help="Query such as 'severity:critical ns:shop'; see docs/search.md.")],
    sort: Sort = None,
    shared: Annotated[bool, typer.Option("--shared", help="Show it to everybody in the organization.")] = False,
    out: options.Output = Format.TABLE,
    url: options.Url = DEFAULT_URL,
    api_key: options.Key = "",
) -> None:
    """Save a query under a name.

    Example: optral views create "Critical in shop" 'severity:critical ns:shop'
    """
    with session.client(url, api_key) as client:
        output.show_one(client.views.create(name, query, sort=sort or "-severity", shared=shared).raw, out, columns=DETAIL)


@app.command()
def update(
    view: Id,
    name: Annotated[str | None, typer.Option(help="New name.")] = None,
    query: Annotated[str | None, typer.Option("--query", "-q", help="New query.")] = None,
    sort: Sort = None,
    shared: Annotated[bool | None, typer.Option(help="Whether everybody in the organization sees it.")] = None,
    out: options.Output = Format.TABLE,
    url: options.Url = DEFAULT_URL,
    api_key: options.Key = "",
) -> None:
    """Update the name, the query, the sort order or the sharing of a view.

    Example: optral views update "Critical in shop" --shared
    """
    given: dict[str, Any] = {"name": name, "query": query, "sort": sort, "shared": shared}
    with session.client(url, api_key) as client:
        raw = client.views.update(view, without_none(given)).raw
    output.show_one(raw, out, columns=DETAIL)


@app.command()
def delete(view: Id, out: options.Output = Format.TABLE, url: options.Url = DEFAULT_URL, api_key: options.Key = "") -> None:
    """Delete a view.

    Example: optral views delete "Critical in shop"
    """
    with session.client(url, api_key) as client:
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
