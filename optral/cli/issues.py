"""`optral issues`: what is wrong, live or as a list, and what people say about it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from optral.cli import documents, views
from optral.cli.base import files, lists, options, output
from optral.cli.base.command import Client
from optral.cli.base.options import Format, View
from optral.cli.base.output import Column
from optral.cli.base.people import named
from optral.cli.base.watching import watched
from optral.cli.text.cells import affected, cause, resolves
from optral.kit.mappings import without_none

if TYPE_CHECKING:
    from optral.client.stream import Event

app = options.group("List, explain and triage issues.")
WATCHED = watched("issue.created,issue.updated,issue.resolved")
OPEN = "open,acknowledged"
SORT = "-severity"
AFFECTS = Column("AFFECTS", "impact", whole=True, text=affected)
COLUMNS = (
    Column("SEVERITY", "severity", whole=True),
    Column("STATUS", "status", whole=True, usual="open"),
    Column("SINCE", "firstSeenAt", whole=True, age=True),
    AFFECTS,
    Column("CLUSTER", "cluster", usual=output.SAME),
    Column("TYPE", "type", whole=True, wide=True),
    Column("NAMESPACE", "namespace", wide=True),
    Column("RESOURCE", "resource", wide=True),
    Column("COUNT", "count", wide=True),
    Column("TITLE", "title", wraps=True),
    Column("CAUSE", "", below="TITLE", text=cause),
    Column("RESOLVES", "resolvesAt", below="TITLE", text=resolves),
    output.STALE,
    Column("ID", "id", whole=True, spare=True),  # last: the object's name serves as well, and titles need the width
)
DETAIL = (
    Column("ID", "id", whole=True),
    Column("TITLE", "title"),
    Column("TYPE", "type"),
    Column("SEVERITY", "severity"),
    Column("BECAUSE", "impact.reason"),
    AFFECTS,
    Column("CAUSE", "analysis.rootCause.title"),
    Column("STATUS", "status"),
    Column("SUBSTATUS", "substatus"),
    Column("CLUSTER", "cluster"),
    Column("NAMESPACE", "namespace"),
    Column("OWNER", "owner.kind"),
    Column("OWNER NAME", "owner.name"),
    Column("CONTAINER", "container"),
    Column("RESOURCE", "resource"),
    Column("UNCHANGED", "unchangedSince", age=True),
    Column("TEAM", "team"),
    Column("TEAM FROM", "teamReason"),
    Column("LINKS", "links.url", whole=True),
    Column("TICKETS", "tickets.url", whole=True),
    Column("ASSIGNEE", "assignee"),
    Column("LABELS", "labels"),
    Column("SNOOZED UNTIL", "snooze.until"),
    Column("SNOOZED FOR", "snooze.occurrencesLeft"),
    Column("MUTED BY", "muteRuleId"),
    Column("COMMENTS", "commentCount"),
    Column("COUNT", "count"),
    Column("SINCE", "firstSeenAt"),
    Column("DETECTED", "detectedAt"),
    Column("LAST SEEN", "lastSeenAt"),
    Column("FIXED BY", "fix.by"),
    Column("FIX", "fix.executionId"),
    Column("DID NOT HELP", "failedFix.text"),
    Column("RESOLVES", "resolvesAt"),
    Column("RESOLVED", "resolvedAt"),
    Column("RESOLUTION", "resolution"),
    output.STALE,
)
TICKET = (
    Column("STATUS", "status"),
    Column("ID", "id"),
    Column("URL", "url", whole=True),
    Column("ERROR", "error"),
    Column("WEBHOOK", "webhookId"),
    Column("OUTCOME", "outcome"),
)
Id = Annotated[str, typer.Argument(metavar="ISSUE", help="Issue id or its beginning, or the object: deploy/web, shop/web or web.")]
Status = Annotated[
    str | None,
    typer.Option(
        help="Status: open, acknowledged or resolved; separate several with commas. `all` lists every issue. "
        "Default: open and acknowledged, unless the query contains status:"
    ),
]
Severity = Annotated[str | None, typer.Option(help="Severity: critical, high, medium or low; separate several with commas.")]
Type = Annotated[str | None, typer.Option("--type", help="Issue type, such as OOMKilled; separate several with commas.")]
Substatus = Annotated[str | None, typer.Option(help="Substatus, such as new, ongoing or escalating; separate several with commas.")]


@app.command("list", cls=lists.paged(WATCHED))
def list_(
    client: Client,
    search: Annotated[
        str | None, typer.Argument(metavar="QUERY", help="Query such as 'severity:critical ns:shop -type:Node*'; see docs/search.md.")
    ] = None,
    cluster: options.Cluster = None,
    status: Status = None,
    severity: Severity = None,
    type_: Type = None,
    namespace: options.Namespace = None,
    query: Annotated[str | None, typer.Option("--query", "-q", help="The same as QUERY.")] = None,
    category: Annotated[str | None, typer.Option(help="Category; separate several with commas.")] = None,
    substatus: Substatus = None,
    kind: Annotated[str | None, typer.Option(help="Kind of the workload; separate several with commas.")] = None,
    assignee: Annotated[str | None, typer.Option(metavar="MEMBER", help="Email address, me or none; separate several with commas.")] = None,
    team: Annotated[str | None, typer.Option(help="Team that owns what fails, or none; separate several with commas.")] = None,
    label: Annotated[str | None, typer.Option(help="Labels as name:value, separated by commas; all must match.")] = None,
    parent: Annotated[str | None, typer.Option(metavar="ISSUE", help="Root issue, to list its symptoms; none (default) or any.")] = None,
    snoozed: Annotated[bool | None, typer.Option(help="Only snoozed issues, or no snoozed issues.")] = None,
    muted: Annotated[bool | None, typer.Option(help="Only muted issues, or no muted issues.")] = None,
    since: Annotated[str | None, typer.Option(help="Detected at or after this time (RFC 3339).")] = None,
    until: Annotated[str | None, typer.Option(help="Detected before this time (RFC 3339).")] = None,
    view: Annotated[str | None, typer.Option("--view", metavar="NAME", help="Saved view, in place of QUERY.")] = None,
    sort: Annotated[
        str | None, typer.Option(help="Field to sort by; prefix with - for descending order. Default: -severity, or the order of the view")
    ] = None,
    out: options.ListOutput = View.TABLE,
) -> None:
    """List open issues, most severe first. Symptoms of another issue are not listed; see --parent.

    Example: optral issues list 'severity:critical,high ns:shop -type:Node*'
    """
    text = " ".join(one for one in (search, query) if one) or None
    if view is not None:
        text, sort = _of_view(view, text, sort, client=client)
    filters: dict[str, Any] = {
        "cluster": cluster,
        "status": statuses(status, text),
        "severity": severity,
        "type": type_,
        "namespace": namespace,
        "q": text,
        "category": category,
        "substatus": substatus,
        "kind": kind,
        "assignee": assignee,
        "team": team,
        "label": label,
        "parent": parent,
        "snoozed": None if snoozed is None else str(snoozed).lower(),
        "muted": None if muted is None else str(muted).lower(),
        "since": since,
        "until": until,
        "sort": sort or SORT,
    }
    raw = lists.read(lambda **at: client.issues.list(**filters, **at), "issues", out)
    output.show(raw, out, columns=COLUMNS, rows="issues")


def _of_view(view: str, text: str | None, sort: str | None, client: Client) -> tuple[str, str]:
    """The query of a saved view and its order, unless another one is given."""
    if text:
        raise typer.BadParameter("specify a query or --view, not both")
    saved = views.named(client, view)
    return saved["query"], sort or saved["sort"]


def statuses(given: str | None, text: str | None) -> str | None:
    """The statuses to list: as given, or those that need work unless the query itself names some."""
    from optral.kit.search_terms import names_key

    if given is None:
        return None if names_key(text or "", "status") else OPEN
    return None if given == "all" else given


@app.command(cls=WATCHED)
def get(issue: Id, client: Client, out: options.Output = Format.TABLE) -> None:
    """Show an issue.

    Example: optral issues get iss_01h455vb4pex5vsknk084sn02q -o yaml
    """
    raw = client.issues.get(issue).raw
    output.show_one(named(client, raw, out), out, columns=DETAIL)


@app.command()
def explain(
    issue: Id,
    client: Client,
    again: Annotated[bool, typer.Option("--again", help="Run a new analysis and wait for it.")] = False,
    wait: Annotated[int, typer.Option(min=0, max=25, help="Seconds to wait for the analysis.")] = 20,
    out: options.Output = Format.TABLE,
) -> None:
    """Show the cause, evidence and remedy of an issue. Starts an analysis if there is none.

    Example: optral issues explain iss_01h455vb4pex5vsknk084sn02q
    """
    import msgspec

    from optral.cli.text import explain as rendering

    found: dict[str, Any] = msgspec.json.decode(client.issues.get(issue).raw)
    analysis = found.get("analysis")
    if again or analysis is None or analysis.get("status") in ("queued", "running"):
        with output.waiting("analyzing"):
            analysis = msgspec.json.decode(client.issues.analyze(issue, force=again, wait_s=wait).raw)
        if "weakerThan" in analysis:
            analysis = msgspec.json.decode(client.issues.get(issue).raw).get("analysis")
    if out is not Format.TABLE:
        return output.as_data(msgspec.json.encode(analysis), out)
    return rendering.render(found, analysis)


@app.command()
def captured(issue: Id, client: Client, out: options.Output = Format.TABLE) -> None:
    """Print the logs, Kubernetes Events and changes captured when an issue opened.

    Example: optral issues captured iss_01h455vb4pex5vsknk084sn02q
    """
    import msgspec

    from optral.cli.text import captured as rendering

    raw = client.issues.captured(issue).raw
    if out is not Format.TABLE:
        return output.as_data(raw, out)
    return rendering.render(msgspec.json.decode(raw))


@app.command()
def topology(issue: Id, client: Client, out: options.Output = Format.TABLE) -> None:
    """Print the objects related to an issue as a tree: what calls, serves, runs and uses what, and what is broken.

    Example: optral issues topology iss_01h455vb4pex5vsknk084sn02q
    """
    import msgspec

    from optral.cli.text import topology as rendering

    raw = client.issues.topology(issue).raw
    if out is not Format.TABLE:
        return output.as_data(raw, out)
    return rendering.render(msgspec.json.decode(raw))


@app.command("post-mortem")
def post_mortem(issue: Id, client: Client, out: options.Output = Format.TABLE) -> None:
    """Write the post-mortem of an issue as Markdown: impact, timeline, cause with evidence, fix and preceding changes.

    Example: optral issues post-mortem iss_01h455vb4pex5vsknk084sn02q > post-mortem.md
    """
    documents.show(client.issues.post_mortem(issue), out)


@app.command()
def ticket(
    issue: Id,
    client: Client,
    to: Annotated[str | None, typer.Option(metavar="NAME", help="Id or name of a webhook for tickets. Default: the only one.")] = None,
    out: options.Output = Format.TABLE,
) -> None:
    """Create a ticket of an issue in GitHub, GitLab, Gitea or Jira, unless it has one. It is closed when the issue resolves.

    Example: optral issues ticket iss_01h455vb4pex5vsknk084sn02q --to ops-tickets
    """
    if to is None:
        names = [one["name"] for one in client.issues.tickets(issue).value["webhooks"]]
        if len(names) != 1:
            raise typer.BadParameter(f"specify --to: {', '.join(names) or 'no webhook creates tickets of this issue; see docs/tickets.md'}")
        to = names[0]
    output.show_one(client.issues.create_ticket(issue, to).raw, out, columns=TICKET)


@app.command()
def bundle(
    issue: Id,
    client: Client,
    file: Annotated[Path | None, typer.Option("--file", "-f", help="File to create; defaults to ISSUE.zip in this directory.")] = None,
) -> None:
    """Write everything about an issue to a zip file, for a ticket: analyses, objects, Events, changes, captured logs.

    Example: optral issues bundle iss_01h455vb4pex5vsknk084sn02q --file oom.zip
    """
    from optral.client import bundle as bundles

    target = file or Path(f"{issue.replace('/', '-')}.zip")
    files.check_new(target)
    with output.waiting("reading"):
        archive, found = bundles.collect(client, issue)
    files.write_new(target, archive)
    missing = [one for one in found if one.missing]
    output.note(
        f"{target}: {len(found) - len(missing)} files" + (f", {len(missing)} missing (its README.md explains why)" if missing else "")
    )


@app.command()
def trends(
    client: Client,
    range_: Annotated[str, typer.Option("--range", help="24h, 7d or 30d.")] = "24h",
    cluster: options.Cluster = None,
    out: options.Output = Format.TABLE,
) -> None:
    """Show issues opened and resolved over time, how long they took, and the noisiest types and owners.

    Example: optral issues trends --range 7d
    """
    from optral.cli import trends as rendering

    answer = client.issues.trends(range=range_, cluster=cluster)
    if out is not Format.TABLE:
        return output.as_data(answer.raw, out)
    return rendering.render(answer.value)


@app.command()
def feedback(
    issue: Id,
    client: Client,
    helpful: Annotated[bool | None, typer.Option("--helpful/--not-helpful", help="Whether the analysis helped.")] = None,
    reason: Annotated[
        str | None, typer.Option(help="Why it did not help: wrongCause, incomplete, wrongRemedy, notAProblem or other.")
    ] = None,
    cause: Annotated[str | None, typer.Option(help="Id of the actual cause (docs/causes.md).")] = None,
    comment: Annotated[str | None, typer.Option(help="Text; at most 2000 characters.")] = None,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Withdraw your feedback.")] = False,
    out: options.Output = Format.TABLE,
) -> None:
    """Rate whether the latest analysis of an issue helped. It replaces your earlier feedback on that analysis.

    Example: optral issues feedback iss_01h455vb4pex5vsknk084sn02q --not-helpful --reason wrongCause --cause bad_credentials
    """
    import msgspec

    from optral.terms.errors import Refused

    if (helpful is None) is not withdraw:
        raise typer.BadParameter("specify one of --helpful, --not-helpful and --withdraw")
    said = {"helpful": helpful, "reason": reason, "cause": cause, "comment": comment}
    analysis = msgspec.json.decode(client.issues.get(issue).raw).get("analysis")
    if analysis is None:
        raise Refused("analysis_not_finished", say="the issue has no analysis yet; `optral issues explain` starts one")
    if withdraw:
        answer = client.analyses.withdraw_feedback(analysis["id"])
    else:
        answer = client.analyses.put_feedback(analysis["id"], without_none(said))
    if out is not Format.TABLE:
        return output.as_data(answer.raw, out)
    return output.note("feedback withdrawn" if withdraw else "feedback saved")


@app.command()
def watch(
    client: Client, cluster: options.Cluster = None, severity: Severity = None, type_: Type = None, out: options.Output = Format.TABLE
) -> None:
    """Follow issues as they open, change and resolve, until Ctrl-C. With -o json, print one event per line.

    Example: optral issues watch --severity critical
    """
    wanted = {"severity": severity, "type": type_}
    output.note("waiting for issues; press Ctrl-C to stop")
    for event in client.events.follow(types="issue.created,issue.updated,issue.resolved", cluster=cluster or ""):
        if is_wanted(event.data, wanted):
            output.event(event, out, line=line_of(event))


def is_wanted(data: Any, wanted: dict[str, str | None]) -> bool:
    """Tell whether an issue passes filters of comma lists."""
    issue = issue_in(data)
    return all(not value or str(issue.get(name)) in value.split(",") for name, value in wanted.items())


def issue_in(data: Any) -> dict[str, Any]:
    """The issue that is an event's data; empty for anything else."""
    return data if isinstance(data, dict) else {}


def line_of(event: "Event") -> str:
    """An issue event as a line: what happened, how bad, what, where."""
    issue = issue_in(event.data)
    what = {"issue.created": "opened", "issue.updated": "changed", "issue.resolved": "resolved"}.get(event.type, event.type)
    where = "/".join(str(issue[name]) for name in ("cluster", "namespace", "resource") if issue.get(name))
    age = output.staleness(issue)
    note = f" (out of date: {age})" if age else ""
    return f"{what:<9} {issue.get('severity', ''):<9} {issue.get('type', ''):<34} {where}{note}"
