"""The list of open issues, most severe first, with the cause and the cure of the one under the cursor below it."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, ClassVar

from rich.console import Group
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.coordinate import Coordinate
from textual.widgets import DataTable, Input, Static

from optral.cli.base.output import age, clean, stale_notice
from optral.cli.issues import statuses
from optral.cli.tui import look
from optral.cli.tui.issue import KEYS, IssueKeys, IssuePage
from optral.cli.tui.parts import COMMON, is_ending, severity_text, work_on
from optral.client.models import Issue
from optral.client.stream import Event
from optral.terms.errors import OptralError

PAGE_ROWS, MAX_PAGES = 100, 10
WHERE, NAMESPACE = "WHERE", "NAMESPACE"
PANE_WAIT_S = 0.15
"""How long the cursor rests on an issue before its cause is read."""
AGES_S = 10.0
Shape = tuple[tuple[tuple[str, int], ...], tuple[str, ...]]
"""The columns with their widths, and the ids of the rows."""
NO_SHAPE: Shape = ((), ())
GAP = 2  # cells between columns
MAX_KNOWN = 200


class Rows(DataTable[Text]):
    """A table that moves by the keys of vi too."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select_cursor", "Open"),
        Binding("j", "cursor_down", show=False),
        Binding("k", "cursor_up", show=False),
        Binding("g,home", "scroll_top", show=False),
        Binding("G,end", "scroll_bottom", show=False),
    ]


class IssuesPage(IssueKeys, inherit_bindings=False):
    """Open and acknowledged root issues, unless the query names a status or a parent."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *KEYS,
        Binding("slash", "filter", "Filter", key_display="/"),
        *COMMON,
        Binding("escape", "clear", show=False),
    ]

    def __init__(self, query: str = "") -> None:
        super().__init__()
        self._query, self._pages = query, 1
        self._issues: list[Issue] = []
        self._total, self._is_capped, self._is_read = 0, False, False
        self._coverage: Mapping[str, Any] = {}
        self._shape = NO_SHAPE
        self._causes: dict[tuple[str, int], dict[str, Any]] = {}

    def body(self) -> ComposeResult:
        yield Input(id="filter", value=self._query, placeholder="severity:critical ns:shop -type:Node*    Enter applies, Esc leaves it")
        yield Static(id="summary")
        yield Rows(id="list", cursor_type="row", cell_padding=0, header_height=1)
        yield Static(id="empty")
        yield Static(id="pane")

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one(Rows).focus()
        self.set_interval(AGES_S, self._fill)
        self._summarize()

    def concerns(self, event: Event) -> bool:
        return event.type.partition(".")[0] in ("issue", "cluster", "stream", "analysis")

    async def read(self) -> None:
        query, pages = self._query, self._pages
        filters: dict[str, Any] = {"q": query or None, "status": statuses(None, query), "sort": "-severity", "page_size": PAGE_ROWS}
        found: list[Issue] = []
        for page in range(1, pages + 1):
            answer = (await self.tui.server.call(lambda client, page=page: client.issues.list(**filters, page=page))).value  # type: ignore[misc]
            found += answer.issues
            self._total, self._is_capped = answer.total, bool(answer.total_capped)
            self._coverage = answer.coverage
            if len(answer.issues) < PAGE_ROWS:
                break
        if query == self._query:
            self._issues, self._is_read = list({one.id: one for one in found}.values()), True
            self._fill()

    @property
    def chosen(self) -> Issue | None:
        table = self.query_one(Rows)
        return self._issues[table.cursor_row] if 0 <= table.cursor_row < len(self._issues) and table.row_count else None

    def on_resize(self) -> None:
        super().on_resize()
        self._shape = NO_SHAPE
        self.call_after_refresh(self._fill)

    def _fill(self) -> None:
        """Show the rows; the cursor stays on its issue, and what is unchanged is not drawn again."""
        if is_ending(self):
            return
        table = self.query_one(Rows)
        self.query_one("#pane").display = self.size.height >= 16
        self._summarize()
        widths = self._widths(self.size.width)
        shape = (widths, tuple(issue.id for issue in self._issues))
        rows = [_row(issue, widths) for issue in self._issues]
        if shape == self._shape:
            for at, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if table.get_cell_at(Coordinate(at, column)) != cell:
                        table.update_cell_at(Coordinate(at, column), cell)
        else:
            self._rebuild(table, shape, rows)
        self._show_pane()

    def _rebuild(self, table: DataTable[Text], shape: Shape, rows: Sequence[Sequence[Text]]) -> None:
        known = self._shape[1]
        under = known[table.cursor_row] if table.cursor_row < len(known) else None
        at, top = table.cursor_row, table.scroll_y
        self._shape = shape
        table.clear(columns=True)
        for name, width in shape[0]:
            table.add_column(Text(name), width=width + GAP)
        for row in rows:
            table.add_row(*row)
        ids = shape[1]
        at = ids.index(under) if under is not None and under in ids else min(at, len(ids) - 1)
        if ids:
            table.move_cursor(row=max(0, at), scroll=False)
            table.scroll_to(y=top, animate=False)
            self.call_after_refresh(lambda: table.move_cursor(row=table.cursor_row))

    def _widths(self, width: int) -> tuple[tuple[str, int], ...]:
        """The columns with their widths: the title gets what is left."""
        has_clusters = len({issue.cluster for issue in self._issues}) > 1
        where = max((len(_where(issue, has_clusters=has_clusters)) for issue in self._issues), default=0)
        where = max(9, min(where, 18 if width < 110 else 36))
        columns = [("SEVERITY", 8), ("SINCE", 5), ("COUNT", 5), (WHERE if has_clusters else NAMESPACE, where)]
        if width >= 120:
            columns.append(("STATUS", 12))
        taken = sum(size + GAP for _, size in columns)
        return (*columns, ("TITLE", max(12, width - taken - GAP - 1)))

    def _summarize(self) -> None:
        count = Counter(issue.severity for issue in self._issues)
        said = Text()
        if not self._is_read:
            said.append("Reading issues")
        else:
            shown = f"{len(self._issues)} of " if self._total > len(self._issues) else ""
            said.append(f"{shown}{self._total}{'+' if self._is_capped else ''} issue{'s' if self._total != 1 else ''}")
            for severity in look.now().severity:
                if count[severity]:
                    said.append("  ").append(f"{count[severity]} {severity}", style=look.now().severity[severity])
        if self._query:
            said.append("   filter ").append(clean(self._query), style="bold")
        said.no_wrap, said.overflow = True, "ellipsis"
        self.query_one("#summary", Static).update(said)
        is_empty = self._is_read and not self._issues
        self.query_one("#empty").display = is_empty
        self.query_one("#list").display = not is_empty
        if is_empty:
            self.query_one("#empty", Static).update(Text(_nothing(self._query, self._coverage)))

    @on(DataTable.RowHighlighted)
    def _moved(self) -> None:
        table = self.query_one(Rows)
        if table.cursor_row == len(self._issues) - 1 and self._total > len(self._issues) and self._pages < MAX_PAGES:
            self._pages = min(MAX_PAGES, len(self._issues) // PAGE_ROWS + 1)
            self.again()
        self._show_pane()

    def _show_pane(self) -> None:
        pane, one = self.query_one("#pane", Static), self.chosen
        if one is None:
            pane.update(Text())
            return
        answer = self._causes.get((one.id, one.version))
        pane.update(_pane(one, answer))
        if answer is None and one.has_analysis:
            work_on(self, partial(self._read_cause, one), group="cause", exclusive=True)

    async def _read_cause(self, one: Issue) -> None:
        await asyncio.sleep(PANE_WAIT_S)
        try:
            found = (await self.tui.server.call(lambda client: client.issues.get(one.id))).value
        except OptralError:
            return  # the list says what is wrong with the server
        if len(self._causes) >= MAX_KNOWN:
            self._causes.clear()
        self._causes[one.id, one.version] = found.analysis or {}
        if self.chosen is not None and self.chosen.id == one.id:
            self.query_one("#pane", Static).update(_pane(one, found.analysis))

    @on(DataTable.RowSelected)
    def _open(self) -> None:
        if (one := self.chosen) is not None:
            self.app.push_screen(IssuePage(one))

    def action_filter(self) -> None:
        box = self.query_one("#filter", Input)
        box.value = self._query
        box.add_class("open")
        box.focus()

    @on(Input.Submitted, "#filter")
    def _filtered(self, event: Input.Submitted) -> None:
        self._find(event.value.strip())
        self._close_filter()

    def action_clear(self) -> None:
        """Leave the filter box; with the box closed, show all issues again."""
        if self.query_one("#filter").has_class("open"):
            self._close_filter()
        elif self._query:
            self._find("")

    def _find(self, query: str) -> None:
        if query != self._query:
            self._query, self._pages = query, 1
            self.say("")
            self.again()
            self._summarize()

    def _close_filter(self) -> None:
        self.query_one("#filter").remove_class("open")
        self.query_one(Rows).focus()


def _where(one: Issue, *, has_clusters: bool) -> str:
    """The namespace, with the cluster where the list has issues of several."""
    return clean("/".join(part for part in (one.cluster if has_clusters else "", one.namespace) if part))


def _row(one: Issue, widths: tuple[tuple[str, int], ...]) -> list[Text]:
    is_taken = one.status == "acknowledged"
    title = Text(clean(one.title or one.type), style="dim" if one.status != "open" else "")
    if is_taken:
        title = Text.assemble("✓ ", title)
    cells = {
        "SEVERITY": severity_text(one.severity),
        "SINCE": Text(age(one.first_seen_at)),
        "COUNT": Text(str(one.count)),
        WHERE: Text(_where(one, has_clusters=True), style=look.now().quiet),
        NAMESPACE: Text(_where(one, has_clusters=False), style=look.now().quiet),
        "STATUS": Text(clean(one.status)),
        "TITLE": title,
    }
    return [_cut(cells[name], width) for name, width in widths]


def _cut(text: Text, width: int) -> Text:
    text.truncate(width, overflow="ellipsis")
    return text


def _pane(one: Issue, analysis: dict[str, Any] | None) -> Group:
    """What is wrong, why, and what to do, of one issue in a few lines."""
    lines = [_line(clean(one.title), style="bold")]
    if notice := stale_notice({"stale": one.stale, "staleSince": one.stale_since, "cluster": one.cluster}):
        lines.append(_line(notice, style=look.now().careful))
    if one.status != "open":
        lines.append(_line(clean(one.status)))
    if analysis is None:
        lines.append(_line("Reading the cause" if one.has_analysis else "Not analyzed yet; Enter starts an analysis", style="dim"))
        return Group(*lines)
    cause = analysis.get("rootCause")
    said = Text.assemble(("Cause  ", "dim"))
    if cause:
        said.append(clean(cause.get("title")), style=f"bold {look.now().good}")
        said.append(f"  {round(100 * float(analysis.get('confidence') or 0))} % {clean(analysis.get('confidenceLabel'))}")
    else:
        said.append(clean(analysis.get("summary") or "unknown"))
    lines.append(said)
    actions = (analysis.get("recommendedActions") or [])[:1]
    lines += [
        Text.assemble(("Cure   ", "dim"), clean(each.get("title")), ("  r previews it" if each.get("runbook") else "", "dim"))
        for each in actions
    ]
    return Group(*lines)


def _line(text: str, *, style: str = "") -> Text:
    return Text(text, style=style)


def _nothing(query: str, coverage: Mapping[str, Any]) -> str:
    """Says that nothing is open only if everything that is needed was read."""
    if coverage.get("complete", True):
        return "No issue matches this filter. Esc shows all open issues." if query else "No open issues."
    found = "No issue in what could be read matches this filter. Esc shows all open issues."
    return f"{found if query else 'No open issues in what could be read.'} {clean(coverage['summary'])}"
