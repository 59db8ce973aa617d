"""`optral owners`: the teams that own what fails, and the rules by which they are found."""

from pathlib import Path
from typing import Annotated

import typer

from optral.cli.base import files, options, output
from optral.cli.base.command import Client
from optral.cli.base.options import Format, View
from optral.cli.base.output import Column
from optral.terms.errors import Misconfigured

app = options.group("List the teams that own what fails, and manage the ownership rules.")
rules = options.group("Manage the ownership rules: how the team of an object is found.")
app.add_typer(rules, name="rules")
COLUMNS = (Column("TEAM", "team"), Column("OPEN", "openIssues", whole=True), Column("QUERY", "query"))
_MEMBERS = ("order", "labels", "rules")


@app.command("list")
def list_(client: Client, out: options.ListOutput = View.TABLE) -> None:
    """List teams with their open issues; the row without a team counts what nobody owns.

    Example: optral owners list
    """
    output.show(client.owners.list().raw, out, columns=COLUMNS, rows="owners")


@rules.command()
def get(client: Client, out: options.Output = Format.YAML) -> None:
    """Print the ownership rules, in the form that `set` reads.

    Example: optral owners rules get > owners.yaml
    """
    output.show_all(client.owners.rules().raw, out)


@rules.command("set")
def set_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="YAML or JSON with order, labels and rules; - reads standard input.")],
    client: Client,
    out: options.Output = Format.YAML,
) -> None:
    """Set the ownership rules from a file. Members that the file leaves out do not change; see docs/owners.md.

    Refused if the file has the version of an earlier state: `get` prints the present one.

    Example: optral owners rules set owners.yaml
    """
    given = files.object_of(files.read_text(file), file, members=", ".join(_MEMBERS))
    change = {name: given[name] for name in _MEMBERS if name in given}
    if not change:
        raise Misconfigured("no_owner_rules", say=f"{file} has none of {', '.join(_MEMBERS)}; `optral owners rules get` prints an example")
    version = given.get("version")
    answer = client.owners.update_rules(change, if_match=None if version is None else f'"v{version}"')
    output.show_all(answer.raw, out)
