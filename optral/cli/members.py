"""`optral members`: who belongs to the organisation, and as what. Nobody is mailed: an invitation is a link to hand over."""

from enum import StrEnum
from typing import Annotated

import typer

from optral.cli import options, output, session
from optral.cli.options import DEFAULT_URL, Format
from optral.cli.output import Column

app = options.group("Members: list, invite by link, change a role, remove.")
COLUMNS = (
    Column("ID", "id"),
    Column("EMAIL", "email"),
    Column("ROLE", "role"),
    Column("LAST SIGN-IN", "signedInAt"),
    Column("SINCE", "createdAt"),
)
INVITE = (
    Column("ID", "id"),
    Column("ROLE", "role"),
    Column("EMAIL", "email"),
    Column("EXPIRES", "expiresAt"),
    Column("LINK", "url"),
)
INVITES = (*INVITE[:-1], Column("BY", "createdBy"))


class Role(StrEnum):
    OWNER = "owner"
    ADMIN = "admin"
    OPERATOR = "operator"
    VIEWER = "viewer"


Member = Annotated[str, typer.Argument(metavar="MEMBER", help="Member id (usr_…).")]


@app.command("list")
def list_(
    page: options.Page = 1,
    page_size: options.PageSize = 20,
    out: options.Output = Format.TABLE,
    url: options.Url = DEFAULT_URL,
    api_key: options.Key = "",
) -> None:
    """List the members.

    Example: optral members list
    """
    with session.client(url, api_key) as client:
        answer = client.members.list(page=page, page_size=page_size)
    output.show(answer.raw, out, columns=COLUMNS, rows="members")


@app.command()
def invite(
    role: Annotated[Role, typer.Option("--role", help="What they may do.")],
    email: Annotated[str | None, typer.Option(help="Only this address may accept; anybody with the link otherwise.")] = None,
    out: options.Output = Format.TABLE,
    url: options.Url = DEFAULT_URL,
    api_key: options.Key = "",
) -> None:
    """Make a link that lets one person in, within seven days; it is printed once.

    Example: optral members invite --role operator --email ops@example.com
    """
    with session.client(url, api_key) as client:
        answer = client.members.invite(role.value, email=email)
    output.show_one(answer.raw, out, columns=INVITE)


@app.command()
def invites(out: options.Output = Format.TABLE, url: options.Url = DEFAULT_URL, api_key: options.Key = "") -> None:
    """List invitations nobody has accepted yet.

    Example: optral members invites
    """
    with session.client(url, api_key) as client:
        answer = client.members.invites()
    output.show(answer.raw, out, columns=INVITES, rows="invites")


@app.command()
def withdraw(
    invite: Annotated[str, typer.Argument(metavar="INVITE", help="Invitation id (inv_…).")],
    out: options.Output = Format.TABLE,
    url: options.Url = DEFAULT_URL,
    api_key: options.Key = "",
) -> None:
    """Withdraw an invitation; its link opens nothing more.

    Example: optral members withdraw inv_01h455vb4pex5vsknk084sn02q
    """
    with session.client(url, api_key) as client:
        answer = client.members.withdraw(invite)
    output.show_one(answer.raw, out, columns=INVITES)


@app.command()
def role(
    member: Member,
    role: Annotated[Role, typer.Argument(help="The new role.")],
    out: options.Output = Format.TABLE,
    url: options.Url = DEFAULT_URL,
    api_key: options.Key = "",
) -> None:
    """Give a member another role, in force at once, also for the keys they made.

    Example: optral members role usr_01h455vb4pex5vsknk084sn02q operator
    """
    with session.client(url, api_key) as client:
        answer = client.members.set_role(member, role.value)
    output.show_one(answer.raw, out, columns=COLUMNS)


@app.command()
def remove(
    member: Member,
    out: options.Output = Format.TABLE,
    url: options.Url = DEFAULT_URL,
    api_key: options.Key = "",
) -> None:
    """Remove a member; their sessions and keys end at once.

    Example: optral members remove usr_01h455vb4pex5vsknk084sn02q
    """
    with session.client(url, api_key) as client:
        answer = client.members.remove(member)
    if out is not Format.TABLE:
        output.as_data(answer.raw, out)
    else:
        typer.echo(f"{member} removed")
