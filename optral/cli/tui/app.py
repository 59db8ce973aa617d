"""The program: the screens, the event stream behind them, and what is known of the connection."""

import asyncio
from datetime import datetime

from rich.text import Text
from textual.app import App

from optral.cli.tui import look
from optral.cli.tui.issues import IssuesPage
from optral.cli.tui.parts import Page, work_on
from optral.cli.tui.server import UNAUTHENTICATED, Server
from optral.terms.errors import OptralError

REFUSED_WAIT_S = 15.0


class Tui(App[OptralError]):
    """Ends with the error that makes it useless to go on, or None."""

    CSS_PATH = "look.tcss"
    TITLE = "optral"
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, server: Server, *, query: str = "", theme: look.Theme = "auto") -> None:
        look.choose(theme)  # before the style sheet is read
        super().__init__()
        self.server, self._query = server, query
        self._is_open: bool | None = None
        self._is_answering = True
        self._read_at: datetime | None = None

    def get_css_variables(self) -> dict[str, str]:
        return super().get_css_variables() | look.now().variables() | look.now().of_footer()

    def on_mount(self) -> None:
        self.push_screen(IssuesPage(self._query))
        work_on(self, self._follow, group="events")

    def pages(self) -> list[Page]:
        return [screen for screen in self.screen_stack if isinstance(screen, Page)]

    def state_text(self) -> Text:
        """Live or not, and how old what is shown is."""
        at = f"{self._read_at:%H:%M:%S}" if self._read_at else ""
        if self._is_open and self._is_answering:
            return Text(f"● Live {at}".rstrip(), style=look.now().good)
        if self._is_open is None and self._is_answering:
            return Text("○ Connecting", style=look.now().careful)
        return Text(f"○ Reconnecting, data of {at}" if at else "○ Reconnecting, no data yet", style=f"bold {look.now().careful}")

    def was_read(self) -> None:
        if not self._is_answering:
            self._say("connected again")
        self._is_answering, self._read_at = True, datetime.now().astimezone()

    def failed(self, error: OptralError) -> None:
        """Say what went wrong; end where the key is no longer valid."""
        status = getattr(error, "status", 1)
        if status == UNAUTHENTICATED:
            self.exit(error)
            return
        self._is_answering = self._is_answering and status != 0
        self._say(error.say, is_error=True)

    def _say(self, text: str, *, is_error: bool = False) -> None:
        if pages := self.pages():
            pages[-1].say(text, is_error=is_error)

    async def _follow(self) -> None:
        while True:
            try:
                async for event in self.server.events(self._on_stream):
                    for page in self.pages():
                        if page.concerns(event):
                            page.again()
            except OptralError as error:
                self._on_stream(False)
                self.failed(error)
            await asyncio.sleep(REFUSED_WAIT_S)

    def _on_stream(self, is_open: bool) -> None:
        """What happened before the stream was open is read now."""
        self._is_open = is_open
        for page in self.pages():
            page.show_bar()
            if is_open:
                page.again()
