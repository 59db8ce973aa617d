"""`optral executions`: runs of runbooks, past and present; deciding on them."""

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from optral.cli import documents, source_patch
from optral.cli.base import lists, options, output, session
from optral.cli.base.command import Client
from optral.cli.base.options import DEFAULT_URL, Format, View
from optral.cli.base.output import Column
from optral.cli.base.people import Names, named
from optral.cli.base.watching import watched
from optral.cli.text.cells import named_object
from optral.terms.errors import Misconfigured

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from optral.client.client import Client
    from optral.client.http import Answer

app = options.group("Inspect and control executions of runbooks.")
WATCHED = watched(
    "execution.updated,runbook.started,runbook.completed,execution.breakGlass,approval.requested,approval.approved,approval.rejected,approval.expired"
)
COLUMNS = (
    Column("RUNBOOK", "runbook.slug"),
    Column("STATUS", "status", whole=True),
    Column("AGE", "createdAt", whole=True, age=True),
    Column("CLUSTER", "cluster", usual=output.SAME),
    Column("TARGET", "target", text=named_object),
    Column("DRY RUN", "dryRun", usual="no"),
    Column("ID", "id", whole=True),
)
DETAIL = (
    Column("ID", "id"),
    Column("RUNBOOK", "runbook.slug"),
    Column("VERSION", "runbook.version"),
    Column("STATUS", "status"),
    Column("CLUSTER", "cluster"),
    Column("KIND", "target.kind"),
    Column("NAMESPACE", "target.namespace"),
    Column("NAME", "target.name"),
    Column("ISSUE", "issueId"),
    Column("REQUESTED BY", "requestedBy"),
    Column("APPROVED BY", "approvedBy"),
    Column("APPROVALS", "approvals"),
    Column("BREAK-GLASS", "breakGlass"),
    Column("REASON", "reason"),
    Column("UNDOES", "undoOf"),
    Column("PULL REQUEST", "pullRequest.url"),
    Column("PULL REQUEST STATE", "pullRequest.state"),
    Column("CREATED", "createdAt"),
    Column("FINISHED", "finishedAt"),
    Column("WAITING FOR", "waiting"),
    Column("VERIFICATION", "verification.status"),
    Column("FAILURE", "failure.code"),
    Column("WHY", "failure.message"),
)
DECISIONS = (
    Column("DECISION", "verdict"),
    Column("BY", "by"),
    Column("ON BEHALF OF", "onBehalfOf"),
    Column("AT", "at"),
    Column("COUNTS", "counts"),
    Column("REASON", "reason"),
)
STEPS = (Column("STEP", "name"), Column("VERB", "verb"), Column("STATE", "state"), Column("CODE", "code"), Column("MESSAGE", "message"))
DIFF = (Column("WOULD CHANGE", "path"), Column("FROM", "from"), Column("TO", "to"))
IMPACT = (
    Column("STEP", "step"),
    Column("PODS REPLACED", "podsReplaced"),
    Column("PODS REMOVED", "podsRemoved"),
    Column("UNAVAILABLE", "unavailable"),
    Column("BUDGETS", "budgets"),
    Column("DEPENDENTS", "dependents"),
)
MISSING = (
    Column("STEP", "step"),
    Column("MISSING PERMISSION", "needs"),
    Column("RULE", "rule", whole=True),
    Column("OR VALUES OF THE CHART", "chartValues", whole=True),
)
MANAGERS = (
    Column("MANAGED BY", "manager"),
    Column("REPOSITORY", "source.repository"),
    Column("FOLDER", "source.path"),
    Column("NOTE", "note"),
)
CHECKS = (Column("CHECK", "name"), Column("RESULT", "status"), Column("SAYS", "message"))
Id = Annotated[str, typer.Argument(metavar="EXECUTION", help="Execution id, or the beginning of one.")]
Reason = Annotated[str, typer.Option(help="Reason, stored with the execution.")]
WAITS = {
    "plan": "the plan",
    "approval": "approval",
    "turn": "its turn in the cluster",
    "freeze": "the end of a freeze",
    "window": "a maintenance window",
    "limit": "the hourly limit on changes",
    "resume": "executions to be resumed",
    "agent": "the agent",
    "time": "the set time",
    "condition": "a condition",
    "retry": "another attempt",
    "merge": "the merge of the pull request",
    "verification": "the verification",
}
HOLDS = frozenset({"freeze", "window", "limit", "resume"})
"""What safeguards make an execution wait for."""
SWITCH = (Column("PAUSED", "paused"), Column("BY", "by"), Column("AT", "at"), Column("REASON", "reason"))
STOPPED = (*SWITCH, Column("CANCELED", "canceled"), Column("HELD", "held"))
FINAL = frozenset({"succeeded", "failed", "timedOut", "canceled", "rejected", "expired", "lost"})
WAIT_S = 15  # one question for news


@app.command("list", cls=lists.paged(WATCHED))
def list_(
    client: Client,
    cluster: options.Cluster = None,
    status: Annotated[
        str | None, typer.Option(help="Status, such as pendingApproval, running or failed; separate several with commas.")
    ] = None,
    runbook: Annotated[str | None, typer.Option(help="Runbook slug or id; separate several with commas.")] = None,
    issue: Annotated[str | None, typer.Option("--issue", metavar="ISSUE", help="Issue of the execution: its id, or its object.")] = None,
    out: options.ListOutput = View.TABLE,
) -> None:
    """List executions, newest first.

    Example: optral executions list --status pendingApproval
    """
    wanted = {"cluster": cluster, "status": status, "runbook": runbook, "issue": issue}
    raw = lists.read(lambda **at: client.executions.list(**wanted, **at), "executions", out)
    output.show(raw, out, columns=COLUMNS, rows="executions")


@app.command(cls=WATCHED)
def get(execution: Id, client: Client, out: options.Output = Format.TABLE) -> None:
    """Show an execution with its plan, steps and verification.

    Example: optral executions get exe_01h455vb4pex5vsknk084sn02q
    """
    show(client, client.executions.get(execution), out)


@app.command()
def logs(
    execution: Id,
    client: Client,
    follow_: Annotated[bool, typer.Option("--follow", "-f", help="Follow the log until the execution finishes.")] = False,
    out: options.Output = Format.TABLE,
) -> None:
    """Print the log of an execution. With -o json, print one entry per line.

    Example: optral executions logs exe_01h455vb4pex5vsknk084sn02q --follow
    """
    follow(client, execution, out, to_the_end=follow_, loud=True)


@app.command("change-record")
def change_record(execution: Id, client: Client, out: options.Output = Format.TABLE) -> None:
    """Write the change record of an execution as Markdown: request, approvals, targets, preview, result and verification.

    Example: optral executions change-record exe_01h455vb4pex5vsknk084sn02q > change.md
    """
    documents.show(client.executions.change_record(execution), out)


@app.command()
def approve(
    execution: Id,
    reason: Reason = "",
    confirm: Annotated[str, typer.Option(help="The target's name; required if you are the organization's only member.")] = "",
    plan: Annotated[str | None, typer.Option("--plan", help="Hash of the plan that you reviewed; fails if the plan has changed.")] = None,
    break_glass: Annotated[
        str | None,
        typer.Option(metavar="REASON", help="Continue without the missing approvals, for this reason (at least 10 characters)."),
    ] = None,
    on_behalf_of: Annotated[
        str | None,
        typer.Option("--on-behalf-of", metavar="EMAIL", help="Approve on behalf of this member, who delegated approvals to you."),
    ] = None,
    out: options.Output = Format.TABLE,
    url: options.Url = DEFAULT_URL,
    api_key: options.Key = "",
    me: options.As = "",
) -> None:
    """Approve an execution's plan. --break-glass and --on-behalf-of require --as and prompt for the password.

    Example: optral executions approve exe_01h455vb4pex5vsknk084sn02q --reason "it needs more memory" --confirm checkout
    """
    if break_glass is not None and on_behalf_of is not None:
        raise typer.BadParameter("use either --break-glass or --on-behalf-of, not both")
    with session.person_if(url, me, api_key, is_needed=break_glass is not None or on_behalf_of is not None) as client:
        if on_behalf_of is not None:
            show(client, client.executions.approve_on_behalf(execution, on_behalf_of, reason=reason, plan_hash=plan), out)
            return
        answer = client.executions.approve(execution, reason=reason, confirm=confirm, plan_hash=plan, break_glass=break_glass)
        show(client, answer, out)


@app.command()
def reject(execution: Id, client: Client, reason: Reason = "", out: options.Output = Format.TABLE) -> None:
    """Reject an execution.

    Example: optral executions reject exe_01h455vb4pex5vsknk084sn02q --reason "not on a Friday"
    """
    show(client, client.executions.decide(execution, "reject", reason=reason), out)


@app.command()
def cancel(
    execution: Id,
    client: Client,
    reason: Reason = "",
    leave_open: Annotated[bool, typer.Option("--leave-pull-request-open", help="Do not close its pull request.")] = False,
    out: options.Output = Format.TABLE,
) -> None:
    """Cancel an execution; a running step finishes first. Its pull request is closed.

    Example: optral executions cancel exe_01h455vb4pex5vsknk084sn02q
    """
    show(client, client.executions.cancel(execution, reason=reason, leave_open=leave_open), out)


@app.command()
def retry(
    execution: Id, client: Client, reason: Reason = "", break_glass: options.BreakGlass = None, out: options.Output = Format.TABLE
) -> None:
    """Retry an execution from the step that did not succeed.

    Example: optral executions retry exe_01h455vb4pex5vsknk084sn02q
    """
    show(client, client.executions.decide(execution, "retry", reason=reason, break_glass=break_glass), out)


app.command()(source_patch.patch)


@app.command()
def undo(
    execution: Id, client: Client, reason: Reason = "", break_glass: options.BreakGlass = None, out: options.Output = Format.TABLE
) -> None:
    """Undo an execution: start another one that restores the previous values. Refused if an object has changed since.

    Example: optral executions undo exe_01h455vb4pex5vsknk084sn02q --reason "it was not the cause"
    """
    show(client, client.executions.decide(execution, "undo", reason=reason, break_glass=break_glass), out)


@app.command()
def again(
    execution: Id, client: Client, reason: Reason = "", break_glass: options.BreakGlass = None, out: options.Output = Format.TABLE
) -> None:
    """Run the same runbook again with the same parameters.

    Example: optral executions again exe_01h455vb4pex5vsknk084sn02q
    """
    show(client, client.executions.decide(execution, "again", reason=reason, break_glass=break_glass), out)


@app.command()
def stop(
    client: Client,
    every: Annotated[bool, typer.Option("--all", help="Stop every execution of the organization; required.")] = False,
    reason: Annotated[str, typer.Option(help="Reason, at least 3 characters; every canceled execution shows it.")] = "",
    out: options.Output = Format.TABLE,
) -> None:
    """Stop all executions: pause them and cancel those that have not made their last change.

    Example: optral executions stop --all --reason "the rollout breaks checkout"
    """
    if not every:
        raise Misconfigured(say="give --all to stop every execution, or cancel one with: optral executions cancel EXECUTION")
    _show_switch(client, client.executions.switch("stop", reason=reason), out, STOPPED)


@app.command()
def pause(
    client: Client,
    reason: Annotated[str, typer.Option(help="Reason; shown to those who start an execution.")] = "",
    out: options.Output = Format.TABLE,
) -> None:
    """Pause all executions before their next change.

    Example: optral executions pause --reason "investigating"
    """
    _show_switch(client, client.executions.switch("pause", reason=reason), out, SWITCH)


@app.command()
def paused(client: Client, out: options.Output = Format.TABLE) -> None:
    """Show whether executions are paused, since when, by whom and why.

    Example: optral executions paused
    """
    _show_switch(client, client.executions.paused(), out, SWITCH)


@app.command()
def resume(client: Client, reason: Reason = "", out: options.Output = Format.TABLE) -> None:
    """Resume executions after a pause or a stop. Canceled executions stay canceled.

    Example: optral executions resume
    """
    _show_switch(client, client.executions.switch("resume", reason=reason), out, SWITCH)


def _show_switch(client: "Client", answer: "Answer[dict[str, Any]]", out: Format, columns: tuple[Column, ...]) -> None:
    raw = named(client, answer.raw, out)
    output.show_one(raw, out, columns=columns)


@app.command()
def propose(execution: Id, client: Client, reason: Reason = "", out: options.Output = Format.TABLE) -> None:
    """Open a pull request with the change of an execution, such as a dry run, in the repository that Argo CD or Flux applies.

    Example: optral executions propose exe_01h455vb4pex5vsknk084sn02q
    """
    show(client, client.executions.decide(execution, "propose", reason=reason), out)


def show(client: "Client", answer: "Answer[dict[str, Any]]", out: Format) -> None:
    """One execution, its plan, steps and checks."""
    if out is not Format.TABLE:
        return output.as_data(answer.raw, out)
    import msgspec

    raw = Names(client).put_into(answer.raw)
    found = msgspec.json.decode(raw)
    approval = found.get("approval") or {}
    said = {"waiting": waiting_text(found.get("waitingFor"), approval), "approvals": approvals_text(approval)}
    output.show_one(msgspec.json.encode(found | said), out, columns=DETAIL)
    if summaries := [output.clean(step["summary"]) for step in (found.get("plan") or {}).get("steps") or () if step.get("summary")]:
        typer.echo("\n" + "\n".join(summaries))
    for columns, rows in _parts(found):
        if rows:
            typer.echo()
            output.table(columns, rows)
    for step in found.get("steps") or ():
        if step["verb"] == "report" and (step.get("result") or {}).get("text"):
            typer.echo(f"\n{output.clean_text(step['result']['text'])}")
    return None


def _parts(found: dict[str, Any]) -> "Iterator[tuple[Sequence[output.Column], Sequence[Any] | None]]":
    """The tables of an execution and their rows."""
    plan = found.get("plan") or {}
    yield DECISIONS, (found.get("approval") or {}).get("decisions")
    yield DIFF, plan.get("diff")
    yield MISSING, [missing_row(permission) for permission in plan.get("missingPermissions") or ()]
    yield MANAGERS, [_manager_row(manager) for manager in plan.get("managers") or ()]
    yield IMPACT, [impact_row(step) for step in (plan.get("impact") or {}).get("steps", ())]
    yield STEPS, found.get("steps")
    yield CHECKS, (found.get("verification") or {}).get("checks")


_CALLED = {"argocd": "Argo CD", "flux": "Flux", "helm": "Helm", "operator": "Operator", "hpa": "HorizontalPodAutoscaler"}


def _manager_row(one: dict[str, Any]) -> dict[str, Any]:
    """Who else manages an object, and what that means for a change."""
    is_synced = one["kind"] in ("argocd", "flux")
    note = "A change in the cluster will be reverted at the next sync" if is_synced else "May revert the change"
    return one | {"manager": f"{_CALLED.get(one['kind'], one['kind'])} {one['name']}".strip(), "note": note}


def impact_row(one: dict[str, Any]) -> dict[str, Any]:
    """A step with its estimate in words: `1 at once, for about 12 s`."""
    at_once, seconds = one.get("unavailableAtOnce"), one.get("unavailableSeconds")
    lasts = "for an unknown time" if seconds is None else f"for about {seconds} s"
    words = "unknown" if at_once is None else "none" if at_once == 0 else f"{at_once} at once, {lasts}"
    return one | {"unavailable": words, "budgets": ", ".join(one["budgets"]), "dependents": ", ".join(one["dependents"])}


def missing_row(one: dict[str, Any]) -> dict[str, Any]:
    """A permission that the agent does not have, with what grants it: `patch deployments.apps in shop`."""
    from optral.kit.yamls import on_one_line

    where = f" in {one['namespace']}" if one.get("namespace") else " in the whole cluster"
    grants = {"rule": on_one_line(one["rule"]), "chartValues": on_one_line(one["chartValues"])}
    return one | grants | {"needs": f"{one['verb']} {one['resource']}{where}"}


def approvals_text(approval: dict[str, Any]) -> str:
    """`1 of 2`; empty without a requested approval."""
    return f"{approval['given']} of {approval['needed']}" if "needed" in approval else ""


def waiting_text(one: dict[str, Any] | None, approval: dict[str, Any] | None = None) -> str:
    """What an execution waits for: `approval of step 3 (Look), 1 of 2, until 2026-05-01T14:05:00Z`."""
    if one is None:
        return ""
    kind = one["kind"]
    joint = {"approval": "of", "retry": "at"}.get(kind, "in")
    where = f" {joint} step {one['position']} ({one['step']})" if one.get("step") else ""
    count = approvals_text(approval or {}) if kind == "approval" else ""
    where += f", {count}," if count else ""
    until = f" until {one['until']}" if one.get("until") else ""
    return f"{one.get('what') or WAITS[kind]}{where}{until}"


def follow(client: "Client", execution: str, out: Format, *, to_the_end: bool = True, loud: bool = False) -> None:
    """Print the log as it grows: as a table, or in any format with `loud`, when the log is the output of the command."""
    offset, announced, names = 0, "", Names(client)
    while True:
        answer = client.executions.logs(execution, offset=offset, wait=WAIT_S if to_the_end else 0).value
        for entry in answer["logs"]:
            if loud or out is Format.TABLE:
                _print(entry, out, names)
        is_complete = answer["completed"] or (not to_the_end and not answer["logs"])
        offset = int(answer["nextOffset"])
        if is_complete:
            return
        if to_the_end and (news := _long_wait(client, execution)) not in ("", announced):
            output.note(announced := news)


def _long_wait(client: "Client", execution: str) -> str:
    """What an execution waits for if that may take long and nothing is logged meanwhile; empty otherwise."""
    found = client.executions.get(execution).value
    if found["status"] == "pendingApproval" and found["approval"]["ready"]:
        return f"waiting for approval: optral executions approve {execution}"
    waiting = found.get("waitingFor") or {}
    return f"waiting for {waiting_text(waiting)}" if waiting.get("kind") in HOLDS else ""


def _print(entry: dict[str, Any], out: Format, names: Names) -> None:
    if out is Format.TABLE:
        step = f" [{entry['step']}]" if entry.get("step") else ""
        text = f"{str(entry['at'])[11:19]} {entry['level']:<7}{step} {entry['message']}"
        sys.stdout.write(output.clean(names.put_into(text.encode()).decode()) + "\n")
    else:
        sys.stdout.write(output.clean_text(output.document(entry, out)) + "\n")
    sys.stdout.flush()


def leave(found: dict[str, Any], *, waited: bool) -> None:
    """End with 1 when it was waited for and did not succeed."""
    if waited and found["status"] != "succeeded":
        raise typer.Exit(1)
