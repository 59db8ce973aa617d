"""`optral members`: who belongs to the organization, and as what. An invitation is a link to pass on, unless the server sends e-mail.

API keys list members; everything else is for people, who sign in with `--as` for one command.
"""

from enum import StrEnum
from typing import Annotated, Any

import typer

from optral.cli.base import lists, options, output, refs, session, spans
from optral.cli.base.command import Client
from optral.cli.base.options import DEFAULT_URL, Format, View
from optral.cli.base.output import Column
from optral.cli.text import removal
from optral.kit.mappings import without_none

app = options.group("Manage members and invitations.")
COLUMNS = (
    Column("EMAIL", "email"),
    Column("ROLE", "role"),
    Column("LIMITED", "limited"),
    Column("LAST SIGN-IN", "signedInAt"),
    Column("SINCE", "createdAt"),
    Column("ID", "id", whole=True, spare=True),
)
INVITE = (
    Column("ROLE", "role"),
    Column("EMAIL", "email"),
    Column("EXPIRES", "expiresAt"),
    Column("ID", "id", whole=True),
    Column("LINK", "url"),
)
INVITES = (*INVITE[:-2], Column("BY", "createdBy"), INVITE[-2])
BINDINGS = (
    Column("ROLE", "role"),
    Column("CLUSTERS", "clusters.name"),
    Column("CLUSTER LABELS", "clusterLabels"),
    Column("NAMESPACES", "namespaces"),
    Column("ENDS", "endsAt"),
    Column("ACTIVE", "active"),
    Column("ID", "id", whole=True),
)


class Role(StrEnum):
    OWNER = "owner"
    ADMIN = "admin"
    OPERATOR = "operator"
    VIEWER = "viewer"


class BoundRole(StrEnum):
    ADMIN = "admin"
    OPERATOR = "operator"
    VIEWER = "viewer"


Member = Annotated[str, typer.Argument(metavar="MEMBER", help="Email address or id of the member.")]


@app.command("list", cls=lists.Paged)
def list_(client: Client, out: options.ListOutput = View.TABLE) -> None:
    """List members.

    Example: optral members list
    """
    raw = lists.read(lambda **at: client.members.list(**at), "members", out)
    output.show(raw, out, columns=COLUMNS, rows="members")


@app.command()
def invite(
    role: Annotated[Role, typer.Option("--role", help="Role of the new member.")],
    email: Annotated[str | None, typer.Option(help="Only this address can accept; otherwise anybody with the link.")] = None,
    out: options.Output = Format.TABLE,
    url: options.Url = DEFAULT_URL,
    me: options.As = "",
) -> None:
    """Create an invitation link for one person, valid for seven days, and print it once.

    Example: optral members invite --as me@example.com --role operator --email ops@example.com
    """
    with session.person(url, me) as person:
        answer = person.client.members.invite(role.value, email=email, password=person.password)
    output.show_one(answer.raw, out, columns=INVITE)


@app.command()
def invites(out: options.Output = Format.TABLE, url: options.Url = DEFAULT_URL, me: options.As = "") -> None:
    """List pending invitations.

    Example: optral members invites --as me@example.com
    """
    with session.person(url, me) as person:
        answer = person.client.members.invites()
    output.show(answer.raw, out, columns=INVITES, rows="invites")


@app.command()
def withdraw(
    invite: Annotated[str, typer.Argument(metavar="INVITE", help="Invitation id, or the email address of the invited person.")],
    out: options.Output = Format.TABLE,
    url: options.Url = DEFAULT_URL,
    me: options.As = "",
) -> None:
    """Withdraw an invitation; its link becomes invalid.

    Example: optral members withdraw --as me@example.com inv_01h455vb4pex5vsknk084sn02q
    """
    with session.person(url, me) as person:
        answer = person.client.members.withdraw(refs.id_of(person.client, "INVITE", invite))
    output.show_one(answer.raw, out, columns=INVITES)


@app.command()
def role(
    member: Member,
    role: Annotated[Role, typer.Argument(help="The new role.")],
    out: options.Output = Format.TABLE,
    url: options.Url = DEFAULT_URL,
    me: options.As = "",
) -> None:
    """Change a member's role. Takes effect immediately, also for their API keys.

    Example: optral members role --as me@example.com usr_01h455vb4pex5vsknk084sn02q operator
    """
    with session.person(url, me) as person:
        answer = person.client.members.set_role(refs.id_of(person.client, "MEMBER", member), role.value, password=person.password)
    output.show_one(answer.raw, out, columns=COLUMNS)


@app.command()
def remove(
    member: Member,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Skip the confirmation prompt.")] = False,
    out: options.Output = Format.TABLE,
    url: options.Url = DEFAULT_URL,
    me: options.As = "",
) -> None:
    """Remove a member, after printing what ends with the membership: sessions, keys, tokens, and triggers whose secret they know.

    Example: optral members remove --as me@example.com usr_01h455vb4pex5vsknk084sn02q
    """
    with session.person(url, me) as person:
        member_id = refs.id_of(person.client, "MEMBER", member)
        found = person.client.members.removal(member_id).value
        for line in removal.lines(found["email"], found["ends"]):
            typer.echo(line, err=True)
        if not yes:
            typer.confirm(f"Remove {output.clean(found['email'])}?", abort=True, err=True)
        answer = person.client.members.remove(member_id)
    output.done(answer.raw, out, f"{member} removed")


@app.command()
def bindings(member: Member, out: options.Output = Format.TABLE, url: options.Url = DEFAULT_URL, me: options.As = "") -> None:
    """List the roles of a limited member, by cluster and namespace.

    Example: optral members bindings --as me@example.com dev@example.com
    """
    with session.person(url, me) as person:
        answer = person.client.members.bindings(refs.id_of(person.client, "MEMBER", member))
    output.show(answer.raw, out, columns=BINDINGS, rows="bindings")


@app.command()
def bind(
    member: Member,
    role: Annotated[BoundRole, typer.Argument(help="The role in these places.")],
    cluster: Annotated[list[str] | None, typer.Option("--cluster", "-c", help="Cluster id or name; can be repeated. Default: all.")] = None,
    namespace: Annotated[
        list[str] | None, typer.Option("--namespace", "-n", help="Namespace; can be repeated. Default: whole clusters.")
    ] = None,
    label: Annotated[
        list[str] | None, typer.Option("--cluster-label", help="Only clusters with this label, as name=value; can be repeated.")
    ] = None,
    until: Annotated[str | None, typer.Option(help="End of the access (RFC 3339).")] = None,
    span: Annotated[str | None, typer.Option("--for", help="Duration of the access, such as 12h or 7d.")] = None,
    out: options.Output = Format.TABLE,
    url: options.Url = DEFAULT_URL,
    me: options.As = "",
) -> None:
    """Give a member a role in some clusters and namespaces; from then on, the member has access to nothing else.

    Example: optral members bind --as me@example.com dev@example.com operator --cluster production --namespace shop --for 7d
    """
    body: dict[str, Any] = {"role": role.value, "clusters": cluster, "namespaces": namespace, "endsAt": spans.moment(until, span)}
    body["clusterLabels"] = dict(_label(one) for one in label) if label else None
    with session.person(url, me) as person:
        body["password"] = person.password if role is BoundRole.ADMIN else None
        given = without_none(body)
        answer = person.client.members.bind(refs.id_of(person.client, "MEMBER", member), given)
    output.show_one(answer.raw, out, columns=BINDINGS)


@app.command()
def unbind(
    member: Member,
    binding: Annotated[str, typer.Argument(metavar="BINDING", help="Binding id, as `optral members bindings` lists it.")],
    out: options.Output = Format.TABLE,
    url: options.Url = DEFAULT_URL,
    me: options.As = "",
) -> None:
    """Remove a binding. The member stays limited, and without bindings has access to nothing.

    Example: optral members unbind --as me@example.com dev@example.com bnd_01h455vb4pex5vsknk084sn02q
    """
    with session.person(url, me) as person:
        member_id = refs.id_of(person.client, "MEMBER", member)
        typed = refs.Typed(binding, parents={"MEMBER": member_id})
        answer = person.client.members.unbind(member_id, refs.resolve(person.client, refs.KINDS["BINDING"], typed))
    output.show_one(answer.raw, out, columns=BINDINGS)


@app.command()
def lift(
    member: Member,
    out: options.Output = Format.TABLE,
    url: options.Url = DEFAULT_URL,
    me: options.As = "",
) -> None:
    """Remove all bindings of a member, whose role then applies to the whole organization again.

    Example: optral members lift --as me@example.com dev@example.com
    """
    with session.person(url, me) as person:
        answer = person.client.members.set_limited(refs.id_of(person.client, "MEMBER", member), limited=False, password=person.password)
    output.show_one(answer.raw, out, columns=COLUMNS)


def _label(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not name or not separator:
        raise typer.BadParameter(f"{text!r} is not a label; use name=value", param_hint="--cluster-label")
    return name, value
