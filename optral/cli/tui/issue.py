"""One issue: the cause and the best cure first, then the reasons, the evidence, the symptoms and the timeline."""

from typing import Any, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from optral.cli.base.output import age, clean, stale_notice
from optral.cli.text.explain import AnalysisText, Line
from optral.cli.tui import look
from optral.cli.tui.cure import CurePage
from optral.cli.tui.parts import COMMON, SCROLLING, Confirm, Page, TextPage, head, severity_text, sheet
from optral.client.models import Issue
from optral.client.stream import Event
from optral.terms import impacts

ANALYSIS_WAIT_S = 15
MAX_SYMPTOMS = 20


KEYS = (
    Binding("a", "acknowledge", "Acknowledge"),
    Binding("e", "resolve", "Resolve"),
    Binding("r", "cure", "Preview fix"),
)


class IssueKeys(Page):
    """What can be done with the issue that a screen shows or has under its cursor."""

    @property
    def chosen(self) -> Issue | None:
        raise NotImplementedError

    def action_acknowledge(self) -> None:
        if (one := self.chosen) is None:
            return
        if one.status == "acknowledged":
            self.say(f"{one.title}: already acknowledged")
            return
        self.act(lambda client: client.issues.set_status(one.id, "acknowledged"), f"acknowledged: {one.title}")

    def action_cure(self) -> None:
        if (one := self.chosen) is not None:
            self.app.push_screen(CurePage(one))

    def action_resolve(self) -> None:
        if (one := self.chosen) is None:
            return

        def answered(answer: str | None) -> None:
            if answer:
                self.act(lambda client: client.issues.set_status(one.id, "resolved"), f"resolved: {one.title}")

        self.app.push_screen(Confirm(f"Resolve “{one.title}”?", "Nothing changes in the cluster. A new occurrence reopens it."), answered)


class IssuePage(IssueKeys, TextPage, inherit_bindings=False):
    """Opens with what the list knows, and reads the rest."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", key_display="Esc"),
        *KEYS,
        *COMMON,
        *SCROLLING,
    ]

    def __init__(self, issue: Issue) -> None:
        super().__init__()
        self._issue = issue
        self._is_asked = False

    @property
    def chosen(self) -> Issue | None:
        return self._issue

    def body(self) -> ComposeResult:
        with VerticalScroll(id="paper"):
            yield Static(sheet(_head(self._issue)), id="head")
            yield Static(Text("  Reading the cause", style="dim"), id="text")

    def title_text(self) -> str:
        one = self._issue
        return "/".join(part for part in (one.cluster, one.namespace, one.owner.name if one.owner else one.resource) if part)

    def concerns(self, event: Event) -> bool:
        data = event.data if isinstance(event.data, dict) else {}
        return event.type.startswith(("cluster.", "stream.")) or self._issue.id in (
            data.get("id"),
            data.get("issueId"),
            data.get("parentIssueId"),
        )

    async def read(self) -> None:
        one = self._issue = (await self.tui.server.call(lambda client: client.issues.get(self._issue.id))).value
        self._show(one, one.analysis)
        if one.analysis is None and not self._is_asked:
            self._is_asked = True
            answer = await self.tui.server.call(lambda client: client.issues.analyze(one.id, wait_s=ANALYSIS_WAIT_S))
            self._show(one, answer.value)

    def _show(self, one: Issue, analysis: dict[str, Any] | None) -> None:
        self.query_one("#head", Static).update(sheet(_head(one)))
        self.query_one("#text", Static).update(sheet(_lines(one, analysis)))


def _head(one: Issue) -> list[Line]:
    facts = severity_text(one.severity)
    for text in (one.status, one.type, f"{age(one.detected_at)} old", f"seen {one.count} time{'s' if one.count != 1 else ''}"):
        facts.append("  ").append(clean(text), style="dim")
    if one.container:
        facts.append(f"  container {clean(one.container)}", style="dim")
    lines = [Line(Text(clean(one.title), style="bold"), 2), Line(facts, 2)]
    if one.impact:
        lines.append(Line(Text(clean(impacts.sentence(one.impact)), style="dim"), 2))
    if notice := stale_notice({"stale": one.stale, "staleSince": one.stale_since, "cluster": one.cluster}):
        lines.append(Line(Text(notice, style=look.now().careful), 2))
    return [*lines, Line(Text(), 0)]


def _lines(one: Issue, analysis: dict[str, Any] | None) -> list[Line]:
    if analysis is None:
        return [Line(Text("Analyzing", style="dim"), 2), *_symptoms(one)]
    paper = AnalysisText(analysis, max_evidence=None)
    return [head("Cause"), *paper.answer(), *_symptoms(one), *paper.reasons()]


def _symptoms(one: Issue) -> list[Line]:
    found = one.symptoms or []
    if not found:
        return []
    lines = [Line(Text(), 0), head(f"Symptoms ({one.symptom_count})")]
    for each in found[:MAX_SYMPTOMS]:
        said = severity_text(str(each.get("severity") or ""))
        said.append(f"  {clean(each.get('title'))}")
        said.append(f"  {clean(each.get('status'))}", style="dim")
        lines.append(Line(said, 4))
    if len(found) > MAX_SYMPTOMS:
        lines.append(Line(Text(f"and {one.symptom_count - MAX_SYMPTOMS} more", style="dim"), 4))
    return lines
