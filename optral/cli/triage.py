"""`optral issues snooze|assign|label|comment|…`: triage. Several issues are changed in one request."""

from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from optral.cli.base import lists, options, output, spans
from optral.cli.base.command import Client
from optral.cli.base.options import Format, View
from optral.cli.base.output import Column
from optral.cli.base.people import Names
from optral.cli.issues import DETAIL, Id, app as app, statuses
from optral.cli.mute_rules import DETAIL as RULE
from optral.kit.mappings import without_none
from optral.kit.words import counted

if TYPE_CHECKING:
    from optral.client.client import Client

Ids = Annotated[
    list[str] | None,
    typer.Argument(metavar="[ISSUE...]", help="Issue ids or their beginnings, or objects: deploy/web, shop/web or web."),
]
Query = Annotated[
    str | None, typer.Option("--query", "-q", metavar="QUERY", help="In place of ISSUE: all issues that `optral issues list QUERY` lists.")
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="With --query: skip the confirmation prompt.")]
RESULTS = (
    Column("RESULT", "result", whole=True),
    Column("CODE", "code"),
    Column("REASON", "detail"),
    Column("ID", "id", whole=True),
)
COMMENTS = (
    Column("AUTHOR", "author"),
    Column("AGE", "createdAt", whole=True, age=True),
    Column("COMMENT", "body"),
    Column("ID", "id", whole=True),
)
HISTORY = (
    Column("AT", "at", whole=True),
    Column("ACTION", "action", whole=True),
    Column("BY", "actorKind", whole=True),
    Column("WHO", "actorId", whole=True),
    Column("DETAIL", "detail"),
)
SIMILAR = (
    Column("RELATION", "relation", whole=True),
    Column("CLUSTER", "cluster"),
    Column("WORKLOAD", "owner.name"),
    Column("STATUS", "status", whole=True),
    Column("CAUSE", "cause"),
    Column("AGE", "detectedAt", whole=True, age=True),
    Column("HOW IT ENDED", "endedBy.text"),
    Column("ISSUE", "id", whole=True),
)
GROUPS = (
    Column("GROUP", "group", whole=True),
    Column("NAMESPACE", "namespace"),
    Column("CLUSTER", "cluster"),
    Column("SEVERITY", "severity", whole=True),
    Column("ISSUES", "count", whole=True),
    Column("QUERY", "query", wide=True),
)
COMPUTED = "computed"
FACETS = ("status", "severity", "substatus", "type", "category", "cluster", "namespace", "assignee", "label")


@app.command()
def acknowledge(client: Client, issues: Ids = None, query: Query = None, yes: Yes = False, out: options.Output = Format.TABLE) -> None:
    """Acknowledge issues: somebody is working on them.

    Example: optral issues acknowledge iss_01h455vb4pex5vsknk084sn02q
    """
    change(IssueSelection(issues, query, yes), {"status": "acknowledged"}, out, client)


@app.command()
def resolve(client: Client, issues: Ids = None, query: Query = None, yes: Yes = False, out: options.Output = Format.TABLE) -> None:
    """Resolve issues manually; a new occurrence reopens them.

    Example: optral issues resolve iss_01h455vb4pex5vsknk084sn02q
    """
    change(IssueSelection(issues, query, yes), {"status": "resolved"}, out, client)


@app.command()
def reopen(client: Client, issues: Ids = None, query: Query = None, yes: Yes = False, out: options.Output = Format.TABLE) -> None:
    """Reopen acknowledged or resolved issues.

    Example: optral issues reopen iss_01h455vb4pex5vsknk084sn02q
    """
    change(IssueSelection(issues, query, yes), {"status": "open"}, out, client)


@app.command()
def snooze(
    client: Client,
    issues: Ids = None,
    query: Query = None,
    yes: Yes = False,
    span: Annotated[str | None, typer.Option("--for", help="Duration, such as 30m, 2h or 7d.")] = None,
    until: Annotated[str | None, typer.Option(help="End time (RFC 3339).")] = None,
    occurrences: Annotated[int | None, typer.Option(min=1, help="End after this many more occurrences.")] = None,
    severity_rises: Annotated[bool, typer.Option("--severity-rises", help="End if the severity rises.")] = False,
    out: options.Output = Format.TABLE,
) -> None:
    """Pause notifications for issues until the first of the given conditions is met.

    Example: optral issues snooze iss_01h455vb4pex5vsknk084sn02q --for 2h --severity-rises
    """
    wish: dict[str, Any] = {"until": spans.moment(until, span), "occurrences": occurrences}
    wish = without_none(wish) | ({"severityRises": True} if severity_rises else {})
    if not wish:
        raise typer.BadParameter("specify when the snooze ends: --for, --until, --occurrences or --severity-rises")
    change(IssueSelection(issues, query, yes), {"snooze": wish}, out, client)


@app.command()
def unsnooze(client: Client, issues: Ids = None, query: Query = None, yes: Yes = False, out: options.Output = Format.TABLE) -> None:
    """End the snooze of issues.

    Example: optral issues unsnooze iss_01h455vb4pex5vsknk084sn02q
    """
    change(IssueSelection(issues, query, yes), {"snooze": None}, out, client)


@app.command()
def assign(
    client: Client,
    issues: Ids = None,
    query: Query = None,
    yes: Yes = False,
    to: Annotated[str, typer.Option("--to", metavar="MEMBER", help="Email address of a member, me, or nobody to unassign.")] = "me",
    out: options.Output = Format.TABLE,
) -> None:
    """Assign issues to a member.

    Example: optral issues assign iss_01h455vb4pex5vsknk084sn02q --to me
    """
    change(IssueSelection(issues, query, yes), {"assignee": None if to == "nobody" else to}, out, client)


@app.command()
def severity(
    client: Client,
    issues: Ids = None,
    query: Query = None,
    yes: Yes = False,
    to: Annotated[str, typer.Option("--to", help="critical, high, medium, low, or computed to use the computed severity.")] = COMPUTED,
    out: options.Output = Format.TABLE,
) -> None:
    """Set the severity of issues, until it is changed again.

    Example: optral issues severity iss_01h455vb4pex5vsknk084sn02q --to low
    """
    change(IssueSelection(issues, query, yes), {"severity": None if to == COMPUTED else to}, out, client)


@app.command()
def label(
    client: Client,
    issues: Ids = None,
    query: Query = None,
    yes: Yes = False,
    put: Annotated[list[str] | None, typer.Option("--set", help="Label to set, as NAME=VALUE; can be repeated.")] = None,
    remove: Annotated[list[str] | None, typer.Option("--remove", help="Name of a label to remove; can be repeated.")] = None,
    out: options.Output = Format.TABLE,
) -> None:
    """Set or remove labels of issues.

    Example: optral issues label iss_01h455vb4pex5vsknk084sn02q --set team=payments --remove triage
    """
    labels: dict[str, str | None] = dict.fromkeys(remove or [])
    change(IssueSelection(issues, query, yes), {"labels": labels | options.pairs(put)}, out, client)


@app.command()
def comment(
    issue: Id, text: Annotated[str, typer.Argument(help="Text of the comment.")], client: Client, out: options.Output = Format.TABLE
) -> None:
    """Comment on an issue.

    Example: optral issues comment iss_01h455vb4pex5vsknk084sn02q "rolled back, watching"
    """
    output.show_one(client.issues.comment(issue, text).raw, out, columns=COMMENTS)


@app.command(cls=lists.Paged)
def comments(issue: Id, client: Client, out: options.Output = Format.TABLE) -> None:
    """List the comments on an issue, oldest first.

    Example: optral issues comments iss_01h455vb4pex5vsknk084sn02q
    """
    raw = lists.read(lambda **at: client.issues.comments(issue, **at), "comments", out)
    output.show(raw, out, columns=COMMENTS, rows="comments")


@app.command("edit-comment")
def edit_comment(
    issue: Id,
    comment_id: Annotated[str, typer.Argument(metavar="COMMENT", help="Comment id (cmt_…).")],
    text: Annotated[str, typer.Argument(help="New text of the comment.")],
    client: Client,
    out: options.Output = Format.TABLE,
) -> None:
    """Edit your own comment.

    Example: optral issues edit-comment iss_01h455vb4pex5vsknk084sn02q cmt_01h455vb4pex5vsknk084sn02q "recovered after the rollback"
    """
    output.show_one(client.issues.edit_comment(issue, comment_id, text).raw, out, columns=COMMENTS)


@app.command("delete-comment")
def delete_comment(
    issue: Id,
    comment_id: Annotated[str, typer.Argument(metavar="COMMENT", help="Comment id (cmt_…).")],
    client: Client,
    out: options.Output = Format.TABLE,
) -> None:
    """Delete your own comment; owners and admins can delete any comment.

    Example: optral issues delete-comment iss_01h455vb4pex5vsknk084sn02q cmt_01h455vb4pex5vsknk084sn02q
    """
    output.show_one(client.issues.delete_comment(issue, comment_id).raw, out, columns=COMMENTS)


@app.command(cls=lists.Paged)
def history(issue: Id, client: Client, out: options.Output = Format.TABLE) -> None:
    """List the activity of an issue, newest first.

    Example: optral issues history iss_01h455vb4pex5vsknk084sn02q
    """
    raw = lists.read(lambda **at: client.issues.activity(issue, sort="-at", **at), "activity", out)
    if out is Format.TABLE:
        raw = _in_words(Names(client).put_into(raw))
    output.show(raw, out, columns=HISTORY, rows="activity")


def _in_words(raw: bytes) -> bytes:
    """A page of activity whose details are text: `status: open -> resolved`."""
    import msgspec

    page = msgspec.json.decode(raw)
    for entry in page["activity"]:
        entry["detail"] = "; ".join(f"{name}: {_change(value)}" for name, value in entry["detail"].items())
    return msgspec.json.encode(page)


def _change(value: object) -> str:
    if isinstance(value, list) and len(value) == 2:
        return " -> ".join(output.words(one) or "none" for one in value)
    return output.words(value) or "none"


@app.command()
def similar(issue: Id, client: Client, out: options.Output = Format.TABLE) -> None:
    """Show how often an issue opened recently, and how similar issues ended.

    Example: optral issues similar iss_01h455vb4pex5vsknk084sn02q
    """
    answer = client.issues.similar(issue)
    if out is not Format.TABLE:
        return output.as_data(answer.raw, out)
    typer.echo(output.clean(answer.value["summary"]))
    return output.table(SIMILAR, answer.value["similar"]) if answer.value["similar"] else None


@app.command()
def facets(
    client: Client,
    cluster: options.Cluster = None,
    status: Annotated[
        str | None, typer.Option(help="Status: open, acknowledged or resolved; separate several with commas.")
    ] = "open,acknowledged",
    namespace: options.Namespace = None,
    out: options.Output = Format.TABLE,
) -> None:
    """Count issues by severity, type, cluster, assignee and more.

    Example: optral issues facets --cluster production
    """
    answer = client.issues.facets(cluster=cluster, status=status, namespace=namespace)
    if out is not Format.TABLE:
        return output.as_data(answer.raw, out)
    rows = [{"facet": name, **one} for name in FACETS for one in answer.value.get(name, [])]
    return output.table((Column("FACET", "facet"), Column("VALUE", "value"), Column("ISSUES", "count")), rows)


@app.command(cls=lists.Paged)
def groups(
    client: Client,
    search: Annotated[
        str | None, typer.Argument(metavar="QUERY", help="Query such as 'severity:critical ns:shop -type:Node*'; see docs/search.md.")
    ] = None,
    by: Annotated[str, typer.Option(help="What the issues of a group have in common: workload, type, cluster or namespace.")] = "workload",
    cluster: options.Cluster = None,
    status: Annotated[
        str | None,
        typer.Option(help="Status; separate several with commas. Default: open and acknowledged, unless the query contains status:"),
    ] = None,
    namespace: options.Namespace = None,
    out: options.ListOutput = View.TABLE,
) -> None:
    """Count issues by workload, type, cluster or namespace, the largest group first.

    Example: optral issues groups 'severity:critical,high' --by workload
    """
    import msgspec

    wanted = {"q": search, "by": by, "cluster": cluster, "status": statuses(status, search), "namespace": namespace}
    raw = lists.read(lambda **at: client.issues.groups(**wanted, **at), "groups", out)
    answer = msgspec.json.decode(raw)
    if not out.is_data:
        raw = msgspec.json.encode(answer | {"groups": [group | {"group": _group_name(group)} for group in answer["groups"]]})
    output.show(raw, out, columns=GROUPS, rows="groups")
    if answer["issuesCapped"]:
        output.remark(f"only the newest {answer['issues']:,} matching issues are counted; narrow the query for exact numbers")


def _group_name(group: dict[str, Any]) -> str:
    owner = group.get("owner")
    return f"{owner['kind']}/{owner['name']}" if owner else group.get("type") or group.get("namespace") or group.get("cluster") or "none"


@app.command()
def mute(
    issue: Id,
    reason: Annotated[str, typer.Option(help="Reason for muting.")],
    client: Client,
    span: Annotated[str | None, typer.Option("--for", help="Duration, such as 12h or 7d.")] = None,
    until: Annotated[str | None, typer.Option(help="End time (RFC 3339).")] = None,
    out: options.Output = Format.TABLE,
) -> None:
    """Create a mute rule for this issue type and workload. `optral mute-rules create` creates broader rules.

    Example: optral issues mute iss_01h455vb4pex5vsknk084sn02q --reason "replaced next week" --for 7d
    """
    expires_at = spans.moment(until, span)
    if expires_at is None:
        raise typer.BadParameter("specify how long: --for or --until")
    one = client.issues.get(issue).value
    match: dict[str, Any] = {"types": [one.type], "clusters": [one.cluster_id]}
    match |= {"namespaces": [one.namespace]} if one.namespace else {}
    match |= {"kinds": [one.owner.kind], "names": [one.owner.name]} if one.owner else {}
    match |= {"containers": [one.container]} if one.container else {}
    made = client.mute_rules.create(match, reason=reason, expires_at=expires_at)
    output.show_one(made.raw, out, columns=RULE)


class IssueSelection(NamedTuple):
    """The issues of a command: named one by one, or those that a query lists, which are confirmed unless `yes`."""

    issues: list[str] | None
    query: str | None
    yes: bool


def change(chosen: IssueSelection, wanted: dict[str, Any], out: Format, client: Client) -> None:
    """Change one issue and show it, or several and show each outcome; exit code 1 if one of several was refused."""
    if bool(chosen.issues) == bool(chosen.query):
        raise typer.BadParameter("specify issues or --query, not both" if chosen.query else "specify issues or --query")
    if chosen.query:
        return _change_matching(client, chosen.query, chosen.yes, wanted, out)
    issues = chosen.issues or []
    if len(issues) == 1:
        return output.show_one(client.issues.change(issues[0], wanted).raw, out, columns=DETAIL)
    answer = client.issues.change_many(issues, wanted)
    output.show(answer.raw, out, columns=RESULTS, rows="results")
    if answer.value["refused"]:
        raise typer.Exit(1)
    return None


def _change_matching(client: "Client", query: str, yes: bool, wanted: dict[str, Any], out: Format) -> None:
    """Change what `optral issues list QUERY` lists, as many as are confirmed, and show what was refused."""
    import msgspec

    if (status := statuses(None, query)) is not None:
        query = f"{query} status:{status}"
    matching = client.issues.list(q=query, page_size=1).value.total
    if matching and not yes:
        typer.confirm(f"Change {counted(matching, 'issue')}?", abort=True, err=True)
    done = _changed(client, query, wanted, matching)
    refused = [result for result in done["results"] if result["result"] == "refused"]
    if out is not Format.TABLE:
        output.as_data(msgspec.json.encode(done), out)
    else:
        typer.echo(f"{done['changed']} changed, {done['unchanged']} unchanged, {done['refused']} refused")
        if refused:
            output.table(RESULTS, refused)
    if refused:
        raise typer.Exit(1)


def _changed(client: "Client", query: str, wanted: dict[str, Any], matching: int) -> dict[str, Any]:
    """The results of all requests that it takes to change this many issues."""
    done: dict[str, Any] = {"results": [], "changed": 0, "unchanged": 0, "refused": 0, "matching": matching}
    expected: int | None = matching
    cursor: str | None = None
    while matching:
        part = client.issues.change_matching(query, wanted, expected=expected, cursor=cursor).value
        for name in ("results", "changed", "unchanged", "refused"):
            done[name] += part[name]
        expected, cursor = None, part.get("nextCursor")
        if cursor is None:
            break
        output.note(f"{len(done['results'])} of {matching}")
    return done
