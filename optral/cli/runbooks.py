"""`optral runbooks`: what can be done, and doing it with the log in view."""

import difflib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from optral.cli import executions
from optral.cli.base import files, lists, options, output, refs
from optral.cli.base.command import Client
from optral.cli.base.options import Format, View
from optral.cli.base.output import Column
from optral.cli.base.people import named
from optral.cli.text import track_record
from optral.terms.errors import Misconfigured, Refused

if TYPE_CHECKING:
    from optral.client.client import Client

app = options.group("List, create and run runbooks.")
COLUMNS = (
    Column("SLUG", "slug"),
    Column("NAME", "name"),
    Column("RISK", "risk"),
    Column("APPROVAL", "needsApproval"),
    Column("VERSION", "version"),
    Column("BUILT IN", "builtIn"),
    Column("ENABLED", "enabled"),
    Column("RUNS", "trackRecord.runs"),
    Column("VERIFIED", "trackRecord.verified"),
    Column("ID", "id"),
)
DETAIL = (
    Column("ID", "id"),
    Column("SLUG", "slug"),
    Column("NAME", "name"),
    Column("DESCRIPTION", "description"),
    Column("VERSION", "version"),
    Column("RISK", "risk"),
    Column("NEEDS APPROVAL", "needsApproval"),
    Column("ENABLED", "enabled"),
    Column("COOLDOWN", "cooldownSeconds"),
)
PARAMETERS = (
    Column("PARAMETER", "name"),
    Column("TYPE", "type"),
    Column("REQUIRED", "required"),
    Column("DEFAULT", "default"),
    Column("DESCRIPTION", "description"),
)
VERSIONS = (Column("VERSION", "version"), Column("CURRENT", "current"), Column("CREATED BY", "createdBy"), Column("CREATED", "createdAt"))
MISTAKES = (Column("LINE", "line"), Column("FIELD", "field"), Column("MESSAGE", "message", whole=True))
SUGGESTED = (
    Column("ISSUE", "id", whole=True),
    Column("SEVERITY", "severity"),
    Column("CLUSTER", "cluster"),
    Column("NAMESPACE", "namespace"),
    Column("BECAUSE", "because"),
    Column("TITLE", "title", wraps=True),
)
RECORD = (
    Column("CAUSE", "cause"),
    Column("RUNS", "runs"),
    Column("VERIFIED", "verified"),
    Column("FAILED", "failed"),
    Column("INCONCLUSIVE", "inconclusive"),
    Column("MEDIAN SECONDS", "medianSeconds"),
)
Id = Annotated[str, typer.Argument(metavar="RUNBOOK", help="Slug or id.")]
STALE = 412
_WORDS = {"true": True, "yes": True, "false": False, "no": False}

DefinitionFile = Annotated[
    Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, readable=True, help="File with the definition, YAML or JSON.")
]


@app.command("list", cls=lists.Paged)
def list_(
    client: Client,
    match: Annotated[
        str | None, typer.Option(help="Issue types that the runbook applies to, such as OOMKilled; separate several with commas.")
    ] = None,
    risk: Annotated[str | None, typer.Option(help="Risk: readOnly, low, high or destructive; separate several with commas.")] = None,
    out: options.ListOutput = View.TABLE,
) -> None:
    """List runbooks.

    Example: optral runbooks list --match OOMKilled
    """
    raw = lists.read(lambda **at: client.runbooks.list(match=match, risk=risk, **at), "runbooks", out)
    output.show(raw, out, columns=COLUMNS, rows="runbooks")


@app.command()
def get(runbook: Id, client: Client, out: options.Output = Format.TABLE) -> None:
    """Show a runbook, its parameters and its latest executions.

    Example: optral runbooks get raise-memory-limit
    """
    answer = client.runbooks.get(runbook)
    output.show_one(answer.raw, out, columns=DETAIL)
    if out is Format.TABLE:
        _details(answer.value)


def _details(found: dict[str, Any]) -> None:
    record = found.get("trackRecord")
    output.note(f"in the last 90 days: {track_record.text(record)}")
    if record and record.get("byCause"):
        typer.echo()
        output.table(RECORD, record["byCause"])
    if found.get("parameters"):
        typer.echo()
        output.table(PARAMETERS, found["parameters"])
    if found.get("recentExecutions"):
        typer.echo()
        output.table(executions.COLUMNS, found["recentExecutions"])


@app.command()
def create(file: DefinitionFile, client: Client, out: options.Output = Format.TABLE) -> None:
    """Create a runbook from a file; errors include line numbers.

    Example: optral runbooks create bounce.yaml
    """
    source = files.read_text(file)
    output.show_one(client.runbooks.create(source).raw, out, columns=DETAIL)


@app.command()
def update(
    file: DefinitionFile,
    client: Client,
    if_version: Annotated[
        int | None, typer.Option(metavar="VERSION", min=1, help="Only if this is still the current version; refused otherwise.")
    ] = None,
    out: options.Output = Format.TABLE,
) -> None:
    """Update a runbook: save a file, which contains its slug, as a new version.

    Example: optral runbooks source bounce-frontend > bounce.yaml; optral runbooks update bounce.yaml --if-version 3
    """
    from optral.client.errors import ClientError

    source = files.read_text(file)
    slug = _slug(file, source)
    before = client.runbooks.get(slug)
    _require_version(slug, if_version, int(before.value["version"]))
    try:
        after = client.runbooks.update(slug, source, if_match=before.etag)
    except ClientError as error:
        if error.status != STALE:
            raise
        _require_version(slug, int(before.value["version"]), int(client.runbooks.get(slug).value["version"]))
        raise
    output.show_one(after.raw, out, columns=DETAIL)
    if after.value["version"] == before.value["version"]:
        output.note(f"version {before.value['version']} has the same content; nothing was changed")


def _slug(file: Path, source: str) -> str:
    slug = files.object_of(source, file, members="a runbook").get("slug")
    if not isinstance(slug, str) or not slug:
        raise Misconfigured("no_slug", say=f"{file} has no slug, which names the runbook to update")
    return slug


def _require_version(slug: str, wanted: int | None, current: int) -> None:
    if wanted is not None and wanted != current:
        say = (
            f"{slug} is at version {current}, not {wanted}: it was changed in the meantime. Compare with `optral runbooks diff {slug} "
            f"{wanted} {current}`, merge the changes into the file, then repeat with --if-version {current}"
        )
        raise Refused("stale_version", say=say)


@app.command()
def source(runbook: Id, client: Client) -> None:
    """Print the definition of a runbook, for editing and `optral runbooks update`.

    Example: optral runbooks source bounce-frontend > bounce.yaml
    """
    typer.echo(output.clean_text(client.runbooks.get(runbook).value["source"]), nl=False)


@app.command()
def draft(
    issue: Annotated[str, typer.Argument(metavar="ISSUE", help="Id or KIND/NAME of an issue.")],
    client: Client,
    out: options.Output = Format.TABLE,
) -> None:
    """Let the language model draft a runbook for an issue. The draft is disabled until somebody enables it.

    Example: optral runbooks draft iss_01h455vb4pex5vsknk084sn02q
    """
    answer = client.runbooks.draft(refs.id_of(client, "ISSUE", issue))
    if out is not Format.TABLE:
        return output.as_data(answer.raw, out)
    slug = answer.value["runbook"]["slug"]
    output.fields(answer.value["runbook"], DETAIL)
    for one in answer.value["sentences"]:
        typer.echo(output.clean(f"{one['text']} [{', '.join(one['evidenceIds'])}]"))
    for note in answer.value["notes"]:
        output.remark(note)
    if execution := answer.value.get("dryRun"):
        output.remark(f"Dry run: optral executions get {execution}")
    output.remark(f"Draft by {answer.value['runbook']['draftedBy']}, disabled. Review it: optral runbooks source {slug}")
    output.remark(f"Then enable it: optral runbooks enable {slug}")
    return None


@app.command()
def suggestions(runbook: Id, client: Client, out: options.Output = Format.TABLE) -> None:
    """Show where a runbook is suggested: causes, issue types, and current open issues.

    Example: optral runbooks suggestions raise-memory-limit
    """
    answer = client.runbooks.suggestions(runbook)
    if out is not Format.TABLE:
        return output.as_data(answer.raw, out)
    found = answer.value
    typer.echo(f"Causes: {', '.join(found['causes']) or 'none'}")
    typer.echo(f"Issue types: {', '.join(map(output.clean, found['issueTypes'])) or 'none'}")
    at_least = "" if found["isWhole"] else "at least "
    typer.echo(f"Open issues now: {at_least}{found['matching']}")
    rows = [issue | {"because": issue.get("cause") if issue["by"] == "analysis" else "type"} for issue in found["issues"]]
    if rows:
        typer.echo()
        output.table(SUGGESTED, rows)
    return None


@app.command()
def validate(file: DefinitionFile, client: Client, out: options.Output = Format.TABLE) -> None:
    """Check a runbook without storing it. Exit code 1 if it is invalid.

    Example: optral runbooks validate bounce.yaml
    """
    answer = client.runbooks.validate(files.read_text(file))
    if out is not Format.TABLE:
        output.as_data(answer.raw, out)
    elif answer.value["valid"]:
        output.note(f"{file} is valid")
    else:
        output.table(MISTAKES, answer.value["errors"])
    if not answer.value["valid"]:
        raise typer.Exit(1)


@app.command()
def versions(runbook: Id, client: Client, out: options.ListOutput = View.TABLE) -> None:
    """List the versions of a runbook, the newest first.

    Example: optral runbooks versions bounce-frontend
    """
    raw = client.runbooks.versions(runbook).raw
    raw = named(client, raw, out)
    output.show(raw, out, columns=VERSIONS, rows="versions")


@app.command()
def diff(
    runbook: Id,
    before: Annotated[int, typer.Argument(metavar="VERSION", min=1, help="Version to compare.")],
    client: Client,
    after: Annotated[
        int | None, typer.Argument(metavar="[VERSION]", min=1, help="Version to compare with; the current one if omitted.")
    ] = None,
) -> None:
    """Show what changed between two versions of a runbook.

    Example: optral runbooks diff bounce-frontend 2 3
    """
    to = after or int(client.runbooks.get(runbook).value["version"])
    old, new = (client.runbooks.version(runbook, number).value["source"].splitlines() for number in (before, to))
    for line in difflib.unified_diff(old, new, f"version {before}", f"version {to}", lineterm=""):
        typer.echo(output.clean(line))


@app.command()
def restore(
    runbook: Id,
    version: Annotated[int, typer.Argument(metavar="VERSION", min=1, help="Version to restore.")],
    client: Client,
    out: options.Output = Format.TABLE,
) -> None:
    """Restore an earlier version, as a new version.

    Example: optral runbooks restore bounce-frontend 2
    """
    output.show_one(client.runbooks.restore(runbook, version).raw, out, columns=DETAIL)


@app.command()
def enable(runbook: Id, client: Client, out: options.Output = Format.TABLE) -> None:
    """Enable a runbook.

    Example: optral runbooks enable bounce-frontend
    """
    _switch(runbook, True, out, client)


@app.command()
def disable(runbook: Id, client: Client, out: options.Output = Format.TABLE) -> None:
    """Disable a runbook: it is no longer suggested, and nobody can run it.

    Example: optral runbooks disable bounce-frontend
    """
    _switch(runbook, False, out, client)


def _switch(runbook: str, on: bool, out: Format, client: Client) -> None:
    output.show_one(client.runbooks.enable(runbook, on).raw, out, columns=DETAIL)


@app.command()
def delete(
    runbook: Id,
    client: Client,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Skip the confirmation prompt.")] = False,
    out: options.Output = Format.TABLE,
) -> None:
    """Delete a runbook with all its versions; its executions are kept.

    Example: optral runbooks delete bounce-frontend --yes
    """
    if not yes:
        typer.confirm(f"Delete runbook {runbook} with all its versions?", abort=True, err=True)
    output.show_one(client.runbooks.delete(runbook).raw, out, columns=DETAIL)


@app.command()
def schema(client: Client, out: options.Output = Format.JSON) -> None:
    """Print the JSON Schema of a runbook, for editors.

    Example: optral runbooks schema > runbook.schema.json
    """
    output.as_data(client.runbooks.schema().raw, out)


@app.command()
def run(
    runbook: Id,
    client: Client,
    cluster: Annotated[str | None, typer.Option("--cluster", "-c", help="Cluster id or name; optional with --issue.")] = None,
    issue: Annotated[
        str | None,
        typer.Option(
            "--issue", "-i", metavar="ISSUE", help="Issue to run the runbook for: its id, or its object as shop/web; provides the target."
        ),
    ] = None,
    parameter: Annotated[list[str] | None, typer.Option("--parameter", "-p", help="Parameter as NAME=VALUE; can be repeated.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would change.")] = False,
    allow_drift: Annotated[
        bool,
        typer.Option(
            "--allow-drift", help="Also change what Argo CD or Flux (which will revert it at the next sync), Helm or an operator manages."
        ),
    ] = False,
    reason: Annotated[str, typer.Option(help="Reason, stored with the execution.")] = "",
    break_glass: options.BreakGlass = None,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Follow the log until the execution finishes.")] = True,
    out: options.Output = Format.TABLE,
) -> None:
    """Run a runbook and follow its log. Exit code 1 unless it succeeds.

    Example: optral runbooks run raise-memory-limit --issue shop/checkout -p limit=256Mi --dry-run
    """
    parameters = typed(client, runbook, parameter or [])
    answer = client.runbooks.execute(
        runbook,
        cluster=cluster,
        issue=issue,
        parameters=parameters,
        dry_run=dry_run,
        allow_drift=allow_drift,
        reason=reason,
        break_glass=break_glass,
    )
    execution = str(answer.value["id"])
    if wait:
        output.note(f"following execution {execution}; Ctrl-C stops following, the execution continues")
        executions.follow(client, execution, out)
    else:
        output.note(f"started execution {execution}; `optral executions logs {execution} -f` follows it")
    done = client.executions.get(execution)
    executions.show(client, done, out)
    if wait and out is Format.TABLE:
        _say_when_it_resolves(client, done.value)
    executions.leave(done.value, waited=wait)


def _say_when_it_resolves(client: "Client", execution: dict[str, Any]) -> None:
    """After a verified fix the issue stays open for a while, in case that the failure returns."""
    if execution["status"] != "succeeded" or not execution.get("issueId"):
        return
    fix = client.issues.get(execution["issueId"]).value.fix or {}
    if fix.get("executionId") == execution["id"] and fix.get("resolvesAt"):
        typer.echo(f"\nFixed; the issue resolves at {output.time_of_day(fix['resolvesAt'])} if it stays healthy.")


def typed(client: "Client", runbook: str, given: list[str]) -> dict[str, Any]:
    """NAME=VALUE as the types the runbook declares; what does not fit goes as it is, and the server says so."""
    if not given:
        return {}
    types = {parameter["name"]: parameter["type"] for parameter in client.runbooks.get(runbook).value["parameters"]}
    made: dict[str, Any] = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not equals or not name:
            raise Misconfigured("bad_parameter", say=f"--parameter must be NAME=VALUE, not {one!r}")
        made[name] = _value(types.get(name, "string"), value)
    return made


def _value(kind: str, text: str) -> Any:
    if kind == "integer" and text.removeprefix("-").isdecimal() and len(text) < 17:
        return int(text)
    return _WORDS.get(text.lower(), text) if kind == "boolean" else text
