"""What the screens share: a bar with the state of the connection, a line that speaks, dialogs, and reading again after events."""

import asyncio
from abc import abstractmethod
from collections.abc import Callable, Coroutine, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, cast

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.css.query import NoMatches
from textual.dom import DOMNode
from textual.screen import ModalScreen, Screen
from textual.widgets import Footer, Input, Static

from optral.cli.base.output import clean
from optral.cli.text.explain import Line
from optral.cli.tui import look
from optral.cli.tui.server import is_passing
from optral.client.stream import Event
from optral.kit.words import counted
from optral.terms.errors import OptralError

if TYPE_CHECKING:
    from optral.cli.tui.app import Tui

GATHER_S = 0.3
"""Events that arrive together lead to one reading."""
RETRY_S = 3.0
LONGEST_WAIT_S = 60.0
"""Without an event, read again after this time."""
SAID_S = 8.0
"""How long the outcome of an action stays; an error stays until something else is said."""
COMMON = (
    Binding("question_mark", "help", "Help", key_display="?"),
    Binding("q", "app.quit", "Quit"),
)
SCROLLING = (
    Binding("j,down", "scroll(1)", show=False),
    Binding("k,up", "scroll(-1)", show=False),
    Binding("space,pagedown", "scroll(15)", show=False),
    Binding("b,pageup", "scroll(-15)", show=False),
    Binding("g,home", "top", show=False),
    Binding("G,end", "bottom", show=False),
)
HELP = (
    ("j, k, down, up", "Move, or scroll"),
    ("Enter", "Open the issue"),
    ("Esc", "Back"),
    ("a", "Acknowledge the issue"),
    ("e", "Resolve the issue, after confirmation"),
    ("r", "Preview the fix; nothing changes"),
    ("Enter", "In a preview: start, or approve the plan"),
    ("d", "Reject the plan"),
    ("b", "Start or approve with break-glass and a reason"),
    ("x", "In a run: cancel it"),
    ("/", "Filter, such as severity:critical ns:shop"),
    ("g, G", "First, last"),
    ("?", "This help"),
    ("q", "Quit"),
)


class Bar(Static):
    """The first line: what is shown, and how current it is."""

    def show(self, title: str, state: Text) -> None:
        left = Text.assemble((" optral ", "bold reverse"), " ", clean(title))
        room = max(0, self.size.width - state.cell_len - 2)
        left.truncate(room, overflow="ellipsis", pad=True)
        self.update(Text.assemble(left, " ", state, " "))


class Page(Screen[None]):
    """A screen that shows what the server says, and reads it again when an event, the time or a lost connection asks for it."""

    def __init__(self) -> None:
        super().__init__()
        self._due = asyncio.Event()
        self._has_failed = False
        self._said = 0

    @property
    def tui(self) -> "Tui":
        return self.app  # type: ignore[return-value]

    def compose(self) -> ComposeResult:
        yield Bar(id="bar")
        yield from self.body()
        yield Static(id="said")
        yield Footer(compact=True, show_command_palette=False)

    @abstractmethod
    def body(self) -> ComposeResult:
        """The widgets between the bar and the line that speaks."""

    @abstractmethod
    async def read(self) -> None:
        """Read and show. Raises `OptralError`."""

    def title_text(self) -> str:
        return self.tui.server.url

    def concerns(self, event: Event) -> bool:
        """Whether the screen shows what the event is about."""
        return True

    def on_mount(self) -> None:
        work_on(self, self._reading, group="reading")
        self.set_interval(LONGEST_WAIT_S, self.again)
        self.set_interval(1.0, self.show_bar)
        self.again()

    def on_resize(self) -> None:
        self.call_after_refresh(self.show_bar)

    def again(self) -> None:
        """Read again soon."""
        self._due.set()

    def show_bar(self) -> None:
        for bar in self.query("#bar").results(Bar):
            bar.show(self.title_text(), self.tui.state_text())

    def say(self, text: str, *, is_error: bool = False) -> None:
        style = look.now().bad if is_error else look.now().good
        for line in self.query("#said").results(Static):  # there is none while the screen begins or ends
            line.update(Text(clean(text), style=style, no_wrap=True, overflow="ellipsis"))
        self._said += 1
        if text and not is_error:
            self.set_timer(SAID_S, partial(self._forget, self._said))

    def _forget(self, number: int) -> None:
        if number == self._said:
            self.say("")

    async def _reading(self) -> None:
        while True:
            await self._due.wait()
            self._due.clear()
            try:
                await self.read()
            except OptralError as error:
                self._has_failed = True
                self.tui.failed(error)
                if is_passing(error):
                    self.set_timer(RETRY_S, self.again)
            else:
                if self._has_failed:
                    self.say("")
                self._has_failed = False
                self.tui.was_read()
            self.show_bar()
            await asyncio.sleep(GATHER_S)

    def act(self, work: Callable[[Any], Any], done: str) -> None:
        """Change something and say so; a refusal is said too."""

        async def run() -> None:
            try:
                await self.tui.server.call(work)
            except OptralError as error:
                self.tui.failed(error)
            else:
                self.say(done)
                self.again()

        work_on(self.app, run, group="act")  # leaving the screen must not end it

    def do(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """The same for several calls, one work at a time."""

        async def run() -> None:
            self.say("")
            try:
                await work()
            except OptralError as error:
                self.tui.failed(error)
            self.again()

        work_on(self, run, group="do", exclusive=True)

    def action_back(self) -> None:
        if len(self.app.screen_stack) > 2:
            self.dismiss()

    def action_help(self) -> None:
        self.app.push_screen(Help())


class TextPage(Page):
    """A page that is one long text in `#paper`."""

    def action_scroll(self, lines: int) -> None:
        self.query_one("#paper").scroll_relative(y=lines, animate=False)

    def action_top(self) -> None:
        self.query_one("#paper").scroll_home(animate=False)

    def action_bottom(self) -> None:
        self.query_one("#paper").scroll_end(animate=False)


class Dialog(ModalScreen[str | None]):
    """A question in the middle of the screen; the answer is None when it was left with Esc."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "Cancel")]

    def action_leave(self) -> None:
        self.dismiss(None)


class Help(Dialog):
    """The keys."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("question_mark,q,enter", "leave", "Close")]

    def compose(self) -> ComposeResult:
        lines = [Text.assemble((keys.ljust(17), "bold"), says) for keys, says in HELP]
        with Vertical(classes="dialog"):
            yield Static(Group(Text("Keys", style="bold"), Text(), *lines, Text(), Text("Esc closes this", style="dim")))


class Confirm(Dialog):
    """Yes or no."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("y,enter", "yes", "Yes"), Binding("n", "leave", "No")]

    def __init__(self, question: str, consequence: str) -> None:
        super().__init__()
        self._question, self._consequence = question, consequence

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            keys = Text.assemble(("y", "bold"), " yes    ", ("Esc", "bold"), " no")
            yield Static(Group(Text(clean(self._question), style="bold"), Text(clean(self._consequence)), Text(), keys))

    def action_yes(self) -> None:
        self.dismiss("yes")


class Ask(Dialog):
    """A text, as typed, of `least` characters or more; a shorter one is refused here. `is_secret`: what is typed is not shown."""

    def __init__(self, question: str, *, hint: str = "", least: int = 0, is_secret: bool = False) -> None:
        super().__init__()
        self._question, self._hint, self._least, self._is_secret = question, hint, least, is_secret

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(Group(Text(clean(self._question), style="bold"), Text(clean(self._hint), style="dim")))
            yield Input(id="answer", password=self._is_secret)
            yield Static(id="missing")

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        answer = event.value if self._is_secret else event.value.strip()
        if len(answer) >= self._least:
            self.dismiss(answer)
            return
        missing = f"Type at least {counted(self._least, 'character')}." if self._least > 1 else "This cannot be empty."
        self.query_one("#missing", Static).update(Text(missing, style=look.now().bad))


def work_on(node: DOMNode, work: Callable[[], Coroutine[Any, Any, None]], *, group: str, exclusive: bool = False) -> None:
    """Run in the background until the work or the node ends; `exclusive` ends what the group did before."""

    async def run() -> None:
        try:
            await work()
        except NoMatches:  # the widgets of a node end before what works for it
            if not is_ending(node):
                raise

    node.run_worker(cast("Any", run), group=group, exclusive=exclusive)


def is_ending(node: DOMNode) -> bool:
    """Whether the node or the program is about to end, so that widgets may be gone already."""
    return not (node.app.is_running and node.is_running and node.display)  # a node that is being removed is not displayed


def sheet(lines: Iterable[Line]) -> RenderableType:
    """Paragraphs with their indents."""
    return Group(*(Padding(line.text, (0, 1, 0, line.indent)) for line in lines))


def head(title: str) -> Line:
    return Line(Text(title.upper(), style="bold dim"), 2)


def severity_text(severity: str) -> Text:
    return Text.assemble((clean(severity), look.now().severity.get(severity, "")))
