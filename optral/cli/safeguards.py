"""`optral safeguards`: the limits of executions; freezes and maintenance windows."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from optral.cli.base import options, output, refs, session, settings, spans
from optral.cli.base.command import Client
from optral.cli.base.options import DEFAULT_URL, Format
from optral.cli.base.output import Column
from optral.cli.base.people import named
from optral.cli.base.settings import Given, Setting
from optral.kit.mappings import without_none
from optral.terms.errors import Misconfigured

if TYPE_CHECKING:
    from optral.client.client import Client
    from optral.client.http import Answer

app = options.group("Manage what executions may change, and when: limits, freezes and maintenance windows.")
COLUMNS = (
    Column("UNATTENDED RISK", "unattendedRisk"),
    Column("LIMITS", "limits"),
    Column("DEFAULT PER HOUR", "defaultChangesPerHour"),
    Column("APPROVALS", "approvals"),
    Column("BREAK-GLASS", "breakGlassRoles"),
    Column("UPDATED", "updatedAt"),
)
WINDOWS = (
    Column("KIND", "kind"),
    Column("NAME", "name"),
    Column("CLUSTER", "clusterId"),
    Column("NAMESPACE", "namespace"),
    Column("ACTIVE UNTIL", "activeUntil"),
    Column("NEXT START", "nextStartAt"),
    Column("ID", "id", whole=True, spare=True),
)
WINDOW = (
    *WINDOWS,
    Column("STARTS", "startsAt"),
    Column("ENDS", "endsAt"),
    Column("SCHEDULE", "schedule"),
    Column("TIME ZONE", "timeZone"),
    Column("MINUTES", "durationMinutes"),
    Column("REASON", "reason"),
)
DELEGATIONS = (
    Column("DELEGATOR", "delegator.email"),
    Column("DELEGATE", "delegate.email"),
    Column("ENDS", "endsAt"),
    Column("ACTIVE", "active"),
    Column("REASON", "reason"),
    Column("ID", "id", whole=True),
)
Id = Annotated[str, typer.Argument(metavar="WINDOW", help="Name or id of the window.")]
_CLUSTER = typer.Option("--cluster", "-c", metavar="CLUSTER", help="Cluster id or name. Defaults to all.")
_NAMESPACE = typer.Option("--namespace", "-n", help="Namespace. Defaults to all.")
Cluster = Annotated[str | None, _CLUSTER]
Namespace = Annotated[str | None, _NAMESPACE]
_ZONE = typer.Option("--time-zone", help="IANA time zone of the schedule.")
_REASON = typer.Option(help="Reason, shown to those whose execution is refused.")
SETTINGS = (
    Setting("name", "name", typer.Argument(help="Name of the window."), typer.Option(help="New name."), is_required=True),
    settings.both("startsAt", "start", typer.Option("--from", help="Start time (RFC 3339).")),
    settings.both("endsAt", "until", typer.Option("--until", help="End time (RFC 3339).")),
    settings.both("schedule", "schedule", typer.Option(help="Cron expression for the start times, with five fields.")),
    settings.both("durationMinutes", "minutes", typer.Option(help="Duration of each recurrence in minutes."), int),
    Setting("timeZone", "zone", _ZONE, _ZONE, default="UTC"),
    Setting("cluster", "cluster", _CLUSTER),
    Setting("namespace", "namespace", _NAMESPACE),
    Setting("reason", "reason", _REASON, _REASON, default=""),
)
"""Of a freeze and of a maintenance window."""


@app.command()
def get(client: Client, out: options.Output = Format.TABLE) -> None:
    """Show the limits of executions.

    Example: optral safeguards get
    """
    _show(client, client.safeguards.get(), out)


@app.command("set-limit")
def set_limit(
    changes: Annotated[int, typer.Argument(metavar="CHANGES", help="Changes per hour, 1 to 1000; 0 removes the limit.")],
    client: Client,
    cluster: Cluster = None,
    namespace: Namespace = None,
    out: options.Output = Format.TABLE,
) -> None:
    """Limit the changes per hour by all runbooks in the organization, a cluster or a namespace.

    Example: optral safeguards set-limit 5 --cluster prod --namespace shop
    """
    before = client.safeguards.get()
    place = (cluster, namespace)
    kept = [limit for limit in before.value["limits"] if (limit.get("clusterId"), limit.get("namespace")) != place]
    limits = [_limit(one.get("clusterId"), one.get("namespace"), one["changesPerHour"]) for one in kept]
    limits += [_limit(*place, changes)] if changes else []
    _show(client, client.safeguards.update({"limits": limits}, if_match=before.etag), out)


def _show(client: "Client", answer: "Answer[dict[str, Any]]", out: Format) -> None:
    raw = named(client, answer.raw, out, with_clusters=True)
    output.show_one(raw, out, columns=COLUMNS)


def _limit(cluster: str | None, namespace: str | None, changes: int) -> dict[str, Any]:
    return without_none({"cluster": cluster, "namespace": namespace, "changesPerHour": changes})


@app.command("set-risk")
def set_risk(
    risk: Annotated[str, typer.Argument(metavar="RISK", help="none, low or high.")],
    out: options.Output = Format.TABLE,
    url: options.Url = DEFAULT_URL,
    me: options.As = "",
) -> None:
    """Set the highest risk that triggers may run without approval. Prompts for the password.

    Example: optral safeguards set-risk low --as me@example.com
    """
    with session.person(url, me) as person:
        answer = person.client.safeguards.update({"unattendedRisk": risk, "password": person.password})
        _show(person.client, answer, out)


@app.command("set-approvals")
def set_approvals(
    risk: Annotated[str, typer.Argument(metavar="RISK", help="low, high or destructive.")],
    approvals: Annotated[int, typer.Argument(metavar="APPROVALS", help="Members who must approve, 1 to 5; 0 removes the rule.")],
    cluster: Annotated[str | None, typer.Option("--cluster", "-c", metavar="NAME", help="Cluster id or name. Defaults to all.")] = None,
    namespace: Namespace = None,
    role: Annotated[
        list[str] | None, typer.Option("--role", help="Only approvals of this role count: owner or admin; can be repeated.")
    ] = None,
    member: Annotated[
        list[str] | None, typer.Option("--member", metavar="EMAIL", help="Approvals of this member count; can be repeated.")
    ] = None,
    out: options.Output = Format.TABLE,
    url: options.Url = DEFAULT_URL,
    me: options.As = "",
) -> None:
    """Set how many members must approve plans of a risk, and whose approvals count. Prompts for the password.

    Example: optral safeguards set-approvals high 2 --cluster prod --as me@example.com
    """
    with session.person(url, me) as person:
        cluster_id = None if cluster is None else refs.id_of(person.client, "CLUSTER", cluster)
        before = person.client.safeguards.get()
        place = (risk, cluster_id, namespace)
        rules = [
            _rule(approval)
            for approval in before.value["approvals"]
            if (approval["risk"], approval.get("clusterId"), approval.get("namespace")) != place
        ]
        if approvals:
            made = {"risk": risk, "clusterId": cluster_id, "namespace": namespace, "approvals": approvals, "roles": role}
            rules.append(_rule(made | {"members": [refs.id_of(person.client, "MEMBER", one) for one in member or ()]}))
        body = {"approvals": rules, "password": person.password}
        answer = person.client.safeguards.update(body, if_match=before.etag)
        _show(person.client, answer, out)


def _rule(one: dict[str, Any]) -> dict[str, Any]:
    return {"cluster" if name == "clusterId" else name: value for name, value in without_none(one).items()}


@app.command("set-break-glass")
def set_break_glass(
    roles: Annotated[str, typer.Argument(metavar="ROLES", help="owner, admin, both separated with a comma, or none.")],
    out: options.Output = Format.TABLE,
    url: options.Url = DEFAULT_URL,
    me: options.As = "",
) -> None:
    """Set which roles may skip missing approvals with a reason. Prompts for the password.

    Example: optral safeguards set-break-glass owner,admin --as me@example.com
    """
    given = [] if roles == "none" else [one.strip() for one in roles.split(",") if one.strip()]
    with session.person(url, me) as person:
        answer = person.client.safeguards.update({"breakGlassRoles": given, "password": person.password})
        _show(person.client, answer, out)


@app.command()
def delegate(
    delegate: Annotated[str, typer.Argument(metavar="EMAIL", help="Email address or id of the member who can approve on your behalf.")],
    until: Annotated[str | None, typer.Option(help="End time (RFC 3339), at most 30 days from now.")] = None,
    span: Annotated[str | None, typer.Option("--for", metavar="DURATION", help="Or a duration, such as 8h or 7d.")] = None,
    reason: Annotated[str, typer.Option(help="Reason, shown in the list and in the audit log.")] = "",
    out: options.Output = Format.TABLE,
    url: options.Url = DEFAULT_URL,
    me: options.As = "",
) -> None:
    """Let another member approve on your behalf, for a limited time. Prompts for the password.

    Example: optral safeguards delegate ops@example.com --for 7d --reason "on leave" --as me@example.com
    """
    ends_at = spans.moment(until, span)
    if ends_at is None:
        raise Misconfigured(say="specify when the delegation ends: --until or --for")
    with session.person(url, me) as person:
        output.show_one(person.client.delegations.create(delegate, ends_at, reason=reason).raw, out, columns=DELEGATIONS)


@app.command()
def delegations(client: Client, out: options.Output = Format.TABLE) -> None:
    """List delegations of approvals: those that you gave or received; owners and admins see all.

    Example: optral safeguards delegations
    """
    output.show(client.delegations.list().raw, out, columns=DELEGATIONS, rows="delegations")


@app.command()
def undelegate(
    delegation: Annotated[str, typer.Argument(metavar="DELEGATION", help="Delegation id, or the beginning of one.")],
    out: options.Output = Format.TABLE,
    url: options.Url = DEFAULT_URL,
    me: options.As = "",
) -> None:
    """End one of your delegations; owners can end any delegation. Prompts for the password.

    Example: optral safeguards undelegate dlg_01h455vb4pex5vsknk084sn02q --as me@example.com
    """
    with session.person(url, me) as person:
        answer = person.client.delegations.end(refs.id_of(person.client, "DELEGATION", delegation))
    output.show_one(answer.raw, out, columns=DELEGATIONS)


@app.command()
def windows(client: Client, out: options.Output = Format.TABLE) -> None:
    """List freezes and maintenance windows.

    Example: optral safeguards windows
    """
    raw = client.change_windows.list().raw
    output.show(named(client, raw, out, with_clusters=True), out, columns=WINDOWS, rows="windows")


@app.command()
@settings.creates(SETTINGS)
def freeze(given: Given, client: Client, out: options.Output = Format.TABLE) -> None:
    """Create a freeze, during which executions cannot change anything.

    Example: optral safeguards freeze "Black Friday" --from 2026-11-27T00:00:00Z --until 2026-11-28T00:00:00Z
    """
    _create_window("freeze", given, out, client)


@app.command()
@settings.creates(SETTINGS)
def maintenance(given: Given, client: Client, out: options.Output = Format.TABLE) -> None:
    """Create a maintenance window; triggers change objects only during maintenance windows.

    Example: optral safeguards maintenance "Nights" --schedule "0 1 * * *" --minutes 120 --time-zone Europe/Berlin --cluster prod
    """
    _create_window("maintenance", given, out, client)


def _create_window(kind: str, given: Given, out: Format, client: Client) -> None:
    if ("schedule" in given) == ("endsAt" in given):
        raise Misconfigured(say="specify when: either --from and --until, or --schedule and --minutes")
    _show_window(client, client.change_windows.create({"kind": kind, **given}), out)


@app.command("get-window")
def get_window(window: Id, client: Client, out: options.Output = Format.TABLE) -> None:
    """Show a freeze or a maintenance window.

    Example: optral safeguards get-window "Black Friday"
    """
    _show_window(client, client.change_windows.get(window), out)


@app.command("update-window")
@settings.edits(SETTINGS)
def update_window(window: Id, given: Given, client: Client, out: options.Output = Format.TABLE) -> None:
    """Update a freeze or a maintenance window; omitted options do not change. Its cluster and namespace do not change.

    Example: optral safeguards update-window "Black Friday" --until 2026-11-29T00:00:00Z
    """
    settings.require_change(given, "--until")
    before = client.change_windows.get(window)
    _show_window(client, client.change_windows.update(window, given, if_match=before.etag), out)


def _show_window(client: "Client", answer: "Answer[dict[str, Any]]", out: Format) -> None:
    raw = named(client, answer.raw, out, with_clusters=True)
    output.show_one(raw, out, columns=WINDOW)


@app.command("delete-window")
def delete_window(window: Id, client: Client, out: options.Output = Format.TABLE) -> None:
    """Delete a freeze or a maintenance window.

    Example: optral safeguards delete-window "Black Friday"
    """
    _show_window(client, client.change_windows.delete(window), out)
