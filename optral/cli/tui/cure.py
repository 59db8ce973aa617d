"""The cure of an issue: what a dry run would change, then the approval, the steps as they run, and the verification."""

from collections.abc import Callable, Coroutine
from typing import Any, ClassVar

import msgspec
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from optral.cli.base.output import age, clean, words
from optral.cli.base.people import Names
from optral.cli.executions import FINAL, approvals_text, waiting_text
from optral.cli.text import track_record
from optral.cli.text.explain import Line
from optral.cli.tui import look
from optral.cli.tui.parts import COMMON, SCROLLING, Ask, Confirm, TextPage, head, sheet
from optral.client.client import Client
from optral.client.errors import ClientError
from optral.client.http import Answer
from optral.client.models import Issue
from optral.client.stream import Event

PLAN_WAIT_S, PLAN_DEADLINE_S = 15, 30.0
POLL_S = 1.0
"""How often an execution is read that has not ended, if no event says that it moved."""
UNFINISHED = "pendingApproval,queued,running,verifying"
MANAGERS = {"argocd": "Argo CD", "flux": "Flux", "helm": "Helm", "operator": "An operator", "hpa": "A HorizontalPodAutoscaler"}
MIN_REASON, MIN_BREAK_GLASS = 3, 10
"""Characters of a reason that the server asks for."""
FROZEN = "frozen"
VERDICTS = {"approved": "approved", "rejected": "rejected", "breakGlass": "skipped the missing approvals"}
STATUSES = {"pendingApproval": "waiting for approval", "timedOut": "timed out", "lost": "outcome unknown"}


class CurePage(TextPage, inherit_bindings=False):
    """The best runbook of one issue. An execution that has not ended is shown in place of a preview."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", key_display="Esc"),
        Binding("enter", "go", "Start or approve"),
        Binding("r", "plan", "Preview again"),
        Binding("d", "reject", "Reject"),
        Binding("b", "break_glass", "Break-glass"),
        Binding("x", "cancel", "Cancel run"),
        *COMMON,
        *SCROLLING,
    ]

    def __init__(self, issue: Issue) -> None:
        super().__init__()
        self._issue, self._cure, self._is_known = issue, None, False
        self._runbook: dict[str, Any] = {}
        self._plan: dict[str, Any] | None = None
        self._run: dict[str, Any] | None = None
        self._refusal: ClientError | None = None
        self._allows_drift, self._is_busy, self._is_frozen = False, False, False
        self._names: Names | None = None

    _cure: dict[str, Any] | None

    def body(self) -> ComposeResult:
        with VerticalScroll(id="paper"):
            yield Static(Text("  Looking for a fix", style="dim"), id="text")

    def title_text(self) -> str:
        one = self._issue
        return "Cure of " + "/".join(part for part in (one.cluster, one.namespace, one.owner.name if one.owner else one.resource) if part)

    def concerns(self, event: Event) -> bool:
        data = event.data if isinstance(event.data, dict) else {}
        mine = {self._issue.id, (self._run or {}).get("id"), (self._plan or {}).get("id")} - {None}
        return bool(mine & {data.get("id"), data.get("executionId"), data.get("issueId")})

    async def read(self) -> None:
        call = self.tui.server.call
        if not self._is_known:
            await self._look_up()
        if self._run is not None:
            run = self._run
            self._run = await call(lambda client: self._named(client, client.executions.get(run["id"])))
        elif self._cure is not None and self._refusal is None:
            await self._preview()
        self._show()
        if self._is_moving():
            self.set_timer(POLL_S, self.again)

    async def _look_up(self) -> None:
        call, issue_id = self.tui.server.call, self._issue.id
        self._issue = (await call(lambda client: client.issues.get(issue_id))).value
        self._cure = cure_of(self._issue)
        found = (await call(lambda client: client.executions.list(issue=issue_id, status=UNFINISHED, page_size=5))).value["executions"]
        self._run = next((one for one in found if not one.get("dryRun")), None)
        if slug := self._run["runbook"]["slug"] if self._run else self._cure and self._cure["runbook"]:
            self._runbook = (await call(lambda client: client.runbooks.get(slug))).value
        self._is_known = True

    async def _preview(self) -> None:
        plan = self._plan
        if plan is None:
            self._show()
            try:
                self._plan = await self._execute(dry_run=True)
            except ClientError as error:
                if not error.status or error.status == 429 or error.status >= 500:
                    raise
                self._refusal = error
        elif plan["status"] not in FINAL:
            self._plan = (await self.tui.server.call(lambda client: client.executions.get(plan["id"]))).value

    def _named(self, client: Client, answer: Answer[dict[str, Any]]) -> dict[str, Any]:
        """An execution with the names of the people who decided."""
        self._names = self._names or Names(client)
        found: dict[str, Any] = msgspec.json.decode(self._names.put_into(answer.raw))
        return found

    async def _execute(self, *, dry_run: bool, break_glass: str | None = None) -> dict[str, Any]:
        assert self._cure is not None
        cure, issue, drift = self._cure, self._issue.id, self._allows_drift
        wait = PLAN_WAIT_S if dry_run else 0

        def work(client: Client) -> dict[str, Any]:
            answer = client.runbooks.execute(
                cure["runbook"],
                issue=issue,
                parameters=cure.get("parameters"),
                dry_run=dry_run,
                allow_drift=drift,
                break_glass=break_glass,
                wait=wait,
            )
            return self._named(client, answer)

        return await self.tui.server.call(work, deadline_s=PLAN_DEADLINE_S)

    def _is_moving(self) -> bool:
        moving = self._run or self._plan
        return moving is not None and moving["status"] not in FINAL

    def _show(self) -> None:
        self.query_one("#text", Static).update(sheet(self._lines()))
        self.refresh_bindings()

    def _lines(self) -> list[Line]:
        if self._cure is None and self._run is None:
            return [Line(Text("No runbook does what the analysis of this issue recommends; Enter in the list shows what to do."), 2)]
        lines = _head(self._cure, self._runbook)
        if self._run is not None:
            return [*lines, *_plan_lines(self._run, ""), *_approval_lines(self._run), *_run_lines(self._run), *_next(self._next_text())]
        if self._refusal is not None:
            return [*lines, *_refusal_lines(self._refusal, self._cure, self._issue), *_next(self._next_text())]
        if self._plan is None or self._plan["status"] not in FINAL:
            return [
                *lines,
                Line(Text(f"Planning: the API server of {clean(self._issue.cluster)} computes what would change", style="dim"), 2),
            ]
        return [*lines, *_plan_lines(self._plan, "From a dry run. Nothing has been changed."), *_next(self._next_text())]

    def _step(self) -> str:
        """What Enter does now: "" for nothing."""
        if self._is_busy:
            return ""
        if self._run is not None:
            approval = self._run.get("approval") or {}
            return "approve" if self._run["status"] == "pendingApproval" and approval.get("ready") else ""
        if self._refusal is not None:
            return "drift" if self._refusal.code == "managed_object" else ""
        return "start" if self._plan is not None and self._plan["status"] == "succeeded" else ""

    def _next_text(self) -> str:
        needs = "requests approval; nothing changes before that" if self._runbook.get("needsApproval") else "runs it"
        approves = "approves this plan and runs it" if _is_last_approval(self._run) else "approves this plan; others must approve it, too"
        says = {"start": needs, "approve": approves, "drift": "previews it anyway"}
        return says.get(self._step(), "")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys that do nothing now are not shown."""
        if action == "go":
            return bool(self._step())
        if action == "plan":
            return self._cure is not None and self._run is None and not self._is_busy
        if action == "reject":
            return self._step() == "approve"
        if action == "break_glass":
            return self._step() == "approve" or (self._step() == "start" and self._is_frozen)
        if action == "cancel":
            return self._run is not None and self._run["status"] not in FINAL and not self._run.get("canceling")
        return True

    def action_plan(self) -> None:
        self._plan = self._refusal = None
        self._show()
        self.again()

    def action_cancel(self) -> None:
        run = self._run
        if run is None:
            return

        def answered(answer: str | None) -> None:
            if answer:
                self.act(lambda client: client.executions.decide(run["id"], "cancel"), "canceling")

        self.app.push_screen(Confirm("Cancel the run?", "A step that is running finishes first."), answered)

    def action_go(self) -> None:
        step = self._step()
        if step == "drift" or (step == "start" and ((self._plan or {}).get("plan") or {}).get("managers") and not self._allows_drift):
            self._ask_drift()
        elif step == "start" and self._runbook.get("risk") == "destructive":
            name = str(((self._plan or {}).get("target") or {}).get("name"))
            self.app.push_screen(
                Ask(f"Type {name} to confirm", hint="This is a destructive change."), lambda typed: self._typed(name, typed)
            )
        elif step == "start":
            self.do(self._start)
        elif step == "approve":
            self._ask("Approve this plan?", "Enter approves. A reason is optional, and is stored with the execution.", self._approve)

    def action_reject(self) -> None:
        self._ask("Reject this plan?", "Enter rejects. A reason is optional, and is stored with the execution.", self._reject)

    def action_break_glass(self) -> None:
        hint = f"Why? At least {MIN_BREAK_GLASS} characters; recorded in the audit log and sent to webhooks."
        if self._step() == "start":
            self._ask("Start despite the freeze?", hint, self._start, least=MIN_BREAK_GLASS)
        else:
            self.app.push_screen(Ask("Continue without the missing approvals?", hint=hint, least=MIN_BREAK_GLASS), self._ask_who)

    def _ask(self, question: str, hint: str, work: Callable[[str], Coroutine[Any, Any, None]], *, least: int = 0) -> None:
        """Do it with the text that is typed."""

        def answered(reason: str | None) -> None:
            if reason is not None:
                self.do(lambda: work(reason))

        self.app.push_screen(Ask(question, hint=hint, least=least), answered)

    def _ask_who(self, reason: str | None) -> None:
        """Skipping approvals requires a person: an API key has no password."""
        if reason is None:
            return

        def named(email: str | None) -> None:
            if email is not None:
                ask = Ask(f"Password of {email}", hint="You are signed in for this decision only.", least=1, is_secret=True)
                self.app.push_screen(ask, lambda password: self._typed_password(reason, email, password))

        self.app.push_screen(Ask("Your email address", hint="API keys cannot skip approvals: sign in.", least=1), named)

    def _typed_password(self, reason: str, email: str, password: str | None) -> None:
        if password is not None:
            self.do(lambda: self._break_glass(reason, email, password))

    async def _break_glass(self, reason: str, email: str, password: str) -> None:
        run = self._run or {}
        plan_hash = (run.get("plan") or {}).get("hash")

        def work(person: Client) -> dict[str, Any]:
            return self._named(person, person.executions.approve(run["id"], plan_hash=plan_hash, break_glass=reason))

        self._run = await self.tui.server.call_as_person(email, password, work)

    async def _reject(self, reason: str) -> None:
        run = self._run or {}
        self._run = await self.tui.server.call(
            lambda client: self._named(client, client.executions.decide(run["id"], "reject", reason=reason))
        )

    def _ask_drift(self) -> None:
        def answered(answer: str | None) -> None:
            if answer:
                self._allows_drift = True
                self.action_plan()

        self.app.push_screen(
            Confirm("Change it even though another tool or controller manages it?", "The change may be reverted."), answered
        )

    def _typed(self, name: str, typed: str | None) -> None:
        if typed == name:
            self.do(self._start)
        elif typed is not None:
            self.say(f"not started: type {name} to confirm", is_error=True)

    async def _start(self, break_glass: str = "") -> None:
        try:
            self._run = await self._execute(dry_run=False, break_glass=break_glass or None)
        except ClientError as error:
            self._is_frozen = error.code == FROZEN
            self._show()
            raise

    async def _approve(self, reason: str, confirm: str = "") -> None:
        run = self._run or {}
        plan_hash = (run.get("plan") or {}).get("hash")

        def work(client: Client) -> dict[str, Any]:
            return self._named(client, client.executions.approve(run["id"], confirm=confirm, reason=reason, plan_hash=plan_hash))

        try:
            self._run = await self.tui.server.call(work)
        except ClientError as error:
            if error.code != "confirmation_needed" or confirm:
                raise
            self._ask_confirmation(str((run.get("target") or {}).get("name")), reason)

    def _ask_confirmation(self, name: str, reason: str) -> None:
        """The only member approves the own request: with the name of the object and a reason."""

        def named(typed: str | None) -> None:
            if typed is not None and typed != name:
                self.say(f"not approved: type {name} to confirm", is_error=True)
            elif typed is not None and len(reason) >= MIN_REASON:
                self.do(lambda: self._approve(reason, name))
            elif typed is not None:
                hint = f"At least {MIN_REASON} characters, stored with the execution."
                self._ask("Reason for the approval", hint, lambda given: self._approve(given, name), least=MIN_REASON)

        hint = "You are the only member, so nobody else can approve it."
        self.app.push_screen(Ask(f"Type {name} to approve your own request", hint=hint), named)


def cure_of(issue: Issue) -> dict[str, Any] | None:
    """The best recommended action that a runbook does. Where the analysis recommends nothing, a runbook that fits the type."""
    actions = (issue.analysis or {}).get("recommendedActions") or []
    if actions:
        return next((dict(action) for action in actions if action.get("runbook")), None)
    return next(
        (
            {"title": runbook.get("name"), "runbook": runbook["slug"], "risk": runbook.get("risk")}
            for runbook in issue.suggested_runbooks or []
        ),
        None,
    )


def _head(cure: dict[str, Any] | None, runbook: dict[str, Any]) -> list[Line]:
    given = cure or {}
    title = Text.assemble((clean(given.get("title") or runbook.get("name")), "bold"))
    about = Text.assemble((f"runbook {clean(runbook.get('slug') or given.get('runbook'))}", look.now().good))
    if risk := clean(given.get("risk") or runbook.get("risk")):
        about.append(
            f"  {'read-only' if risk == 'readOnly' else risk + ' risk'}",
            style=look.now().careful if risk in ("high", "destructive") else "",
        )
    if record := given.get("trackRecord") or runbook.get("trackRecord"):
        about.append(f"  {track_record.text(record)}", style="dim")
    return [Line(title, 2), Line(about, 2), Line(Text(), 0)]


def _refusal_lines(refusal: ClientError, cure: dict[str, Any] | None, issue: Issue) -> list[Line]:
    lines = [Line(Text(clean(refusal.say), style=look.now().bad), 2), Line(Text(), 0)]
    if refusal.fields and cure:
        command = f"optral runbooks run {clean(cure['runbook'])} --issue {clean(issue.id)} --dry-run -p NAME=VALUE"
        lines += [Line(Text("To preview it with other values:", style="dim"), 2), Line(Text(command), 4)]
    return lines


def _plan_lines(execution: dict[str, Any], note: str) -> list[Line]:
    """What changes, object by object, or why there is no plan."""
    plan = execution.get("plan")
    if not plan:
        failure = execution.get("failure") or {}
        return [Line(Text(clean(failure.get("message") or "There is no plan yet."), style=look.now().bad if failure else "dim"), 2)]
    lines = [head("What changes")]
    for step in plan.get("steps") or []:
        if step.get("isWrite"):
            lines += _write_lines(step, [one for one in plan.get("diff") or [] if one.get("step") == step.get("name")])
    if len(lines) == 1:
        lines.append(Line(Text("Nothing: this runbook only reads."), 4))
    lines += [Line(Text(_manager_text(manager), style=look.now().careful), 4) for manager in plan.get("managers") or []]
    return [*lines, *([Line(Text(note, style="dim"), 4)] if note else []), Line(Text(), 0)]


def _manager_text(manager: dict[str, Any]) -> str:
    name = MANAGERS.get(str(manager.get("kind")), clean(manager.get("kind")))
    called = f" ({clean(manager['name'])})" if manager.get("name") else ""
    is_synced = manager.get("kind") in ("argocd", "flux")
    says = "; a change in the cluster will be reverted at the next sync." if is_synced else " and may revert the change."
    return f"{name}{called} manages this object{says}"


def _write_lines(step: dict[str, Any], diff: list[dict[str, Any]]) -> list[Line]:
    target = step.get("object") or {}
    place = "/".join(clean(target[name]) for name in ("kind", "namespace", "name") if target.get(name))
    lines = [Line(Text.assemble(clean(step.get("name")), "  ", (place, look.now().quiet)), 4)]
    for one in diff:
        lines.append(Line(Text(clean(one.get("path"))), 6))
        lines.append(Line(Text(f"- {clean(words(one.get('from'))) or 'none'}", style=look.now().bad), 6))
        lines.append(Line(Text(f"+ {clean(words(one.get('to'))) or 'none'}", style=look.now().good), 6))
    if not diff:
        lines.append(Line(Text("The pod is deleted." if step.get("verb") == "deletePod" else "No changes.", style="dim"), 6))
    return lines


def _is_last_approval(run: dict[str, Any] | None) -> bool:
    approval = (run or {}).get("approval") or {}
    return int(approval.get("needed", 1)) - int(approval.get("given", 0)) <= 1


def _approval_lines(run: dict[str, Any]) -> list[Line]:
    """How many have approved, whose approvals count, and who decided what."""
    approval = run.get("approval") or {}
    if not (count := approvals_text(approval)):
        return []
    until = f" until {clean(approval['expiresAt'])}" if run["status"] == "pendingApproval" and approval.get("expiresAt") else ""
    lines = [head("Approvals"), Line(Text(f"{count}{until}", style="bold"), 4)]
    for approver in approval.get("approvers") or ():
        who = [f"the role {role}" for role in approver.get("roles") or ()] + [clean(member) for member in approver.get("members") or ()]
        lines.append(Line(Text(f"Approvals that count: {', '.join(who)}", style="dim"), 4))
    lines += [_decision(decision) for decision in approval.get("decisions") or ()]
    return [*lines, Line(Text(), 0)]


def _decision(one: dict[str, Any]) -> Line:
    mark, style = ("✗", look.now().bad) if one["verdict"] == "rejected" or not one["counts"] else ("✓", look.now().good)
    on_behalf = f" on behalf of {clean(one['onBehalfOf'])}" if one.get("onBehalfOf") else ""
    said = Text.assemble(
        (f"{mark} ", style), f"{clean(one['by'])}{on_behalf} {VERDICTS[one['verdict']]}", (f"  {age(one['at'])} ago", "dim")
    )
    if reason := clean(one.get("reason")):
        said.append(f"  {reason}", style="dim")
    if not one["counts"] and one["verdict"] != "rejected":
        said.append("  no longer counts", style=look.now().careful)
    return Line(said, 4)


def _run_lines(run: dict[str, Any]) -> list[Line]:
    """How far it has come, and how it ended."""
    lines = [head("Progress"), Line(_status(run), 4)]
    if run["status"] != "pendingApproval" and (waits := waiting_text(run.get("waitingFor"))):
        lines.append(Line(Text(f"Waiting for {clean(waits)}", style="dim"), 4))
    if glass := clean(run.get("breakGlass")):
        lines.append(Line(Text(f"Break-glass: {glass}", style=look.now().careful), 4))
    lines += [_marked(step.get("state"), step.get("name"), step.get("message")) for step in run.get("steps") or []]
    verification = run.get("verification") or {}
    lines += [
        _marked(check.get("status"), f"Verification: {check.get('name')}", check.get("message"))
        for check in verification.get("checks") or []
    ]
    if failure := run.get("failure"):
        lines.append(Line(Text(clean(failure.get("message")), style=look.now().bad), 4))
    return [*lines, Line(Text(), 0)]


def _status(run: dict[str, Any]) -> Text:
    status, verified = str(run["status"]), (run.get("verification") or {}).get("status")
    if run.get("canceling") and status not in FINAL:
        return Text("canceling", style=look.now().careful)
    if status == "succeeded":
        said = {"passed": "succeeded, verified", "inconclusive": "succeeded; the verification was inconclusive"}
        return Text(said.get(str(verified), "succeeded"), style=f"bold {look.now().good}")
    if status == "pendingApproval" and not (run.get("approval") or {}).get("ready"):
        return Text("planning", style=look.now().careful)
    return Text(STATUSES.get(status, clean(status)), style=look.now().bad if status in FINAL else f"bold {look.now().careful}")


def _mark(state: str) -> tuple[str, str]:
    """The mark of a step or check, and its style."""
    if state in ("succeeded", "passed"):
        return "✓", look.now().good
    if state == "failed":
        return "✗", look.now().bad
    return ("●", look.now().careful) if state in ("running", "checking") else ("○", "dim")


def _marked(state: object, name: object, message: object) -> Line:
    mark, style = _mark(str(state))
    said = Text.assemble((f"{mark} ", style), clean(name), (f"  {clean(state)}", style))
    if message:
        said.append(f"  {clean(message)}", style="dim")
    return Line(said, 4)


def _next(text: str) -> list[Line]:
    return [Line(Text.assemble(("Enter", "bold reverse"), f" {text}"), 2)] if text else []
